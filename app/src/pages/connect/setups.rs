//! The texts. Keys are never in them: every client here reads the two variables that the vendor's tools read.

use super::api::Setup;

/// What a client has to know.
pub(super) struct Target {
    pub is_secure: bool,
    /// With its port.
    pub host: String,
    pub region: String,
    pub account_id: String,
}

impl Target {
    fn scheme(&self) -> &'static str {
        if self.is_secure { "https" } else { "http" }
    }

    /// The whole address.
    pub(super) fn endpoint(&self) -> String {
        format!("{}://{}", self.scheme(), self.host)
    }
}

/// One for each client.
pub(super) fn setups(target: &Target) -> Vec<Setup> {
    let setup = |title: &str, install: &str, code: &str| Setup {
        title: title.to_owned(),
        install: install.to_owned(),
        code: code
            .replace("{endpoint}", &target.endpoint())
            .replace("{scheme}", target.scheme())
            .replace("{host}", &target.host)
            .replace("{region}", &target.region)
            .replace("{account}", &target.account_id),
    };
    vec![
        setup("Command line", "", COMMAND_LINE),
        setup("curl", "", CURL),
        setup("Python – alibabacloud_fc_open20210406", "pip install alibabacloud_fc_open20210406", PYTHON),
        setup("Python – aliyun-fc2", "pip install aliyun-fc2", PYTHON_LEGACY),
        setup("Node.js – @alicloud/fc-open20210406", "npm install @alicloud/fc-open20210406 @alicloud/openapi-client", NODE),
        setup("Node.js – @alicloud/fc2", "npm install @alicloud/fc2", NODE_LEGACY),
    ]
}

const COMMAND_LINE: &str = r#"export TASKYARD_ENDPOINT={endpoint}
export TASKYARD_REGION={region}
export TASKYARD_ACCESS_KEY_ID="$ALIBABA_CLOUD_ACCESS_KEY_ID"
export TASKYARD_ACCESS_KEY_SECRET="$ALIBABA_CLOUD_ACCESS_KEY_SECRET"
taskyard service list"#;

const CURL: &str = r#"path=/2021-04-06/services
date=$(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S GMT')
signature=$(printf 'GET\n\n\n%s\nx-fc-region:{region}\n%s' "$date" "$path" |
  openssl dgst -sha256 -hmac "$ALIBABA_CLOUD_ACCESS_KEY_SECRET" -binary | base64)
curl -fsS "{endpoint}$path" -H "Date: $date" -H 'X-Fc-Region: {region}' \
  -H "Authorization: FC $ALIBABA_CLOUD_ACCESS_KEY_ID:$signature""#;

const PYTHON: &str = r#"import os

from alibabacloud_fc_open20210406 import models as fc
from alibabacloud_fc_open20210406.client import Client
from alibabacloud_tea_openapi.models import Config

client = Client(Config(
    endpoint="{host}",
    protocol="{scheme}",
    region_id="{region}",
    access_key_id=os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
    access_key_secret=os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
))
print([service.service_name for service in client.list_services(fc.ListServicesRequest()).body.services])"#;

const PYTHON_LEGACY: &str = r#"import os

import fc2

client = fc2.Client(
    endpoint="{endpoint}",
    accessKeyID=os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
    accessKeySecret=os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
)
print([service["serviceName"] for service in client.list_services().data["services"]])"#;

const NODE: &str = r#"import fc from '@alicloud/fc-open20210406';
import openApi from '@alicloud/openapi-client';

const client = new fc.default(new openApi.Config({
  endpoint: '{host}',
  protocol: '{scheme}',
  regionId: '{region}',
  accessKeyId: process.env.ALIBABA_CLOUD_ACCESS_KEY_ID,
  accessKeySecret: process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
}));
const { body } = await client.listServices(new fc.ListServicesRequest({}));
console.log(body.services.map((service) => service.serviceName));"#;

const NODE_LEGACY: &str = r#"import FC from '@alicloud/fc2';

const client = new FC('{account}', {
  endpoint: '{endpoint}',
  region: '{region}',
  accessKeyID: process.env.ALIBABA_CLOUD_ACCESS_KEY_ID,
  accessKeySecret: process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
});
const { data } = await client.listServices();
console.log(data.services.map((service) => service.serviceName));"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i5_every_client_is_told_where_the_server_is() {
        let target = Target {
            is_secure: true,
            host: "fc.example.org:8443".to_owned(),
            region: "cn-shanghai".to_owned(),
            account_id: "42".to_owned(),
        };
        assert_eq!(target.endpoint(), "https://fc.example.org:8443");
        for setup in setups(&target) {
            let Setup { title, code, .. } = setup;
            let names_all_of_it = code.contains("https://fc.example.org:8443") || (code.contains("'https'") || code.contains("\"https\""));
            assert!(names_all_of_it && code.contains("fc.example.org:8443"), "{title}: {code}");
            assert!(
                !code.contains("{host}") && !code.contains("{endpoint}") && !code.contains("{region}") && !code.contains("{account}"),
                "{title}"
            );
            assert!(code.contains("ALIBABA_CLOUD_ACCESS_KEY_SECRET"), "{title}");
        }
    }
}
