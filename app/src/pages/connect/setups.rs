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

    /// A text with what is known of the server in the place of its names.
    pub(super) fn fill(&self, text: &str) -> String {
        text.replace("{endpoint}", &self.endpoint())
            .replace("{scheme}", self.scheme())
            .replace("{host}", &self.host)
            .replace("{region}", &self.region)
            .replace("{account}", &self.account_id)
    }
}

/// One for each client.
pub(super) fn setups(target: &Target) -> Vec<Setup> {
    let setup =
        |title: &str, install: &str, code: &str| Setup { title: title.to_owned(), install: install.to_owned(), code: target.fill(code) };
    let curl = format!("{}{CURL}", signed("GET", "/2021-04-06/services", ""));
    vec![
        setup(t!("Command line"), "", &format!("{COMMAND_LINE}taskyard service list")),
        setup("curl", "", &curl),
        setup("Python – alibabacloud_fc_open20210406", PYTHON_INSTALL, &format!("import os\n\n{PYTHON}{PYTHON_SERVICES}")),
        setup("Python – aliyun-fc2", "pip install aliyun-fc2", PYTHON_LEGACY),
        setup("Node.js – @alicloud/fc-open20210406", NODE_INSTALL, &format!("{NODE}{NODE_SERVICES}")),
        setup("Node.js – @alicloud/fc2", "npm install @alicloud/fc2", NODE_LEGACY),
        setup("Go – fc-go-sdk", GO_INSTALL, &format!("{GO_HEAD}{GO_CLIENT}{GO_SERVICES}")),
    ]
}

/// What the vendor's newer Python SDK is installed with.
pub(super) const PYTHON_INSTALL: &str = "pip install alibabacloud_fc_open20210406";
/// What the vendor's newer Node.js SDK is installed with.
pub(super) const NODE_INSTALL: &str = "npm install @alicloud/fc-open20210406 @alicloud/openapi-client";

/// Where the command line finds the server and the key.
pub(super) const COMMAND_LINE: &str = r#"export TASKYARD_ENDPOINT={endpoint}
export TASKYARD_REGION={region}
export TASKYARD_ACCESS_KEY_ID="$ALIBABA_CLOUD_ACCESS_KEY_ID"
export TASKYARD_ACCESS_KEY_SECRET="$ALIBABA_CLOUD_ACCESS_KEY_SECRET"
"#;

/// The signature of a call without content type, for a shell. `headers` are the signed ones that come before the region's, a line each,
/// as `printf` writes them.
pub(super) fn signed(method: &str, path: &str, headers: &str) -> String {
    SIGNED.replace("{method}", method).replace("{path}", path).replace("{headers}", headers)
}

const SIGNED: &str = r#"path={path}
date=$(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S GMT')
signature=$(printf '{method}\n\n\n%s\n{headers}x-fc-region:{region}\n%s' "$date" "$path" |
  openssl dgst -sha256 -hmac "$ALIBABA_CLOUD_ACCESS_KEY_SECRET" -binary | base64)
"#;

const CURL: &str = r#"curl -fsS "{endpoint}$path" -H "Date: $date" -H 'X-Fc-Region: {region}' \
  -H "Authorization: FC $ALIBABA_CLOUD_ACCESS_KEY_ID:$signature""#;

/// A client of the vendor's newer Python SDK; `os` has to be imported.
pub(super) const PYTHON: &str = r#"from alibabacloud_fc_open20210406 import models as fc
from alibabacloud_fc_open20210406.client import Client
from alibabacloud_tea_openapi.models import Config

client = Client(Config(
    endpoint="{host}",
    protocol="{scheme}",
    region_id="{region}",
    access_key_id=os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
    access_key_secret=os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
))
"#;

const PYTHON_SERVICES: &str = "print([service.service_name for service in client.list_services(fc.ListServicesRequest()).body.services])";

const PYTHON_LEGACY: &str = r#"import os

import fc2

client = fc2.Client(
    endpoint="{endpoint}",
    accessKeyID=os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
    accessKeySecret=os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
)
print([service["serviceName"] for service in client.list_services().data["services"]])"#;

/// A client of the vendor's newer Node.js SDK.
pub(super) const NODE: &str = r#"import fc from '@alicloud/fc-open20210406';
import openApi from '@alicloud/openapi-client';

const client = new fc.default(new openApi.Config({
  endpoint: '{host}',
  protocol: '{scheme}',
  regionId: '{region}',
  accessKeyId: process.env.ALIBABA_CLOUD_ACCESS_KEY_ID,
  accessKeySecret: process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
}));
"#;

const NODE_SERVICES: &str = r#"const { body } = await client.listServices(new fc.ListServicesRequest({}));
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

/// What the vendor's Go SDK is installed with.
pub(super) const GO_INSTALL: &str = "go mod init example && go get github.com/aliyun/fc-go-sdk";

/// The beginning of a Go program.
pub(super) const GO_HEAD: &str = r#"package main

import (
	"fmt"
	"log"
	"os"

	fc "github.com/aliyun/fc-go-sdk"
)

func main() {
"#;

/// A client of the vendor's Go SDK.
pub(super) const GO_CLIENT: &str = r#"	id, secret := os.Getenv("ALIBABA_CLOUD_ACCESS_KEY_ID"), os.Getenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET")
	client, err := fc.NewClient("{endpoint}", "2016-08-15", id, secret)
	if err != nil {
		log.Fatal(err)
	}
"#;

const GO_SERVICES: &str = r#"	answer, err := client.ListServices(fc.NewListServicesInput())
	if err != nil {
		log.Fatal(err)
	}
	for _, service := range answer.Services {
		fmt.Println(*service.ServiceName)
	}
}"#;

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
