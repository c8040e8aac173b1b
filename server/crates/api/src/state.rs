//! What the API is given at start.

use crate::{auth::Replays, uploads::Uploads};
use axum::http::{HeaderMap, Uri, header};
use model::{AccountId, Audit, ControlPlane, Identity, Policy, Region, RequestId, Role, UnixMillis};
use std::sync::Arc;

/// The time now; handed in so that tests choose it.
pub type Now = Arc<dyn Fn() -> UnixMillis + Send + Sync>;

/// Milliseconds that a request's date may lie off the server's clock when nothing is configured (`fc-api.md` 2).
pub const SKEW_MS_DEFAULT: i64 = 15 * 60 * 1000;

/// [`ApiParts`] as the router hands them on: each request takes several copies.
pub type ApiState = Arc<ApiParts>;

/// Everything that the API needs.
pub struct ApiParts {
    /// What the operations call.
    pub control: Arc<dyn ControlPlane>,
    /// Where access keys are found.
    pub identity: Arc<dyn Identity>,
    /// Where what was changed is written down.
    pub audit: Arc<dyn Audit>,
    pub now: Now,
    /// The account that every access key of the install belongs to.
    pub account_id: AccountId,
    /// Region of calls whose host and headers name none.
    pub default_region: Region,
    /// Milliseconds that a request's date may lie off `now`, both ways; `None` accepts any date.
    pub skew_ms: Option<i64>,
    /// Refuses signatures that this server has seen; `None` takes them again.
    pub replays: Option<Arc<Replays>>,
    /// The port that the server listens on, for links in answers to callers that leave it out of the host; `None` when it is not known.
    pub port: Option<u16>,
    /// Memory for the bodies of requests.
    pub uploads: Uploads,
}

impl ApiParts {
    /// Parts with the default window for dates and the default memory for bodies, replays let in and no known port.
    pub fn new(
        control: Arc<dyn ControlPlane>,
        identity: Arc<dyn Identity>,
        audit: Arc<dyn Audit>,
        now: Now,
        account_id: AccountId,
        default_region: Region,
    ) -> Self {
        Self {
            control,
            identity,
            audit,
            now,
            account_id,
            default_region,
            skew_ms: Some(SKEW_MS_DEFAULT),
            replays: None,
            port: None,
            uploads: Uploads::default(),
        }
    }
}

/// Who calls, by which request, in which region: known once the signature is verified.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub request_id: RequestId,
    pub access_key_id: String,
    /// What the key may do.
    pub policy: Policy,
    /// What the key's user may do: a call has to be allowed by both.
    pub role: Role,
    pub region: Region,
}

/// Host that the request was sent to, with its port; the scheme that one SDK puts in front is taken off (`fc-api.md` 2.5).
pub(crate) fn host<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> &'a str {
    let given = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    let host = given.or(uri.authority().map(|authority| authority.as_str())).unwrap_or_default();
    host.strip_prefix("http://").or(host.strip_prefix("https://")).unwrap_or(host)
}

/// Account and region in a host of the vendor's form `{account}.{region}.fc…` (`fc-api.md` 1.1).
pub(crate) fn vendor_host(host: &str) -> Option<(&str, &str)> {
    let mut labels = host.split('.');
    let (account, region, product) = (labels.next()?, labels.next()?, labels.next()?);
    let is_account = !account.is_empty() && account.bytes().all(|byte| byte.is_ascii_digit());
    let is_product = product == "fc" || product.starts_with("fc:");
    (is_account && is_product).then(|| (account, region.strip_suffix("-internal").unwrap_or(region)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vendors_hosts_name_account_and_region() {
        let check = |host: &str, expected: Option<(&str, &str)>| assert_eq!(vendor_host(host), expected, "{host}");
        check("123.cn-shanghai.fc.aliyuncs.com", Some(("123", "cn-shanghai")));
        check("123.cn-shanghai-internal.fc.aliyuncs.com", Some(("123", "cn-shanghai")));
        check("123.cn-shanghai.fc:3000", Some(("123", "cn-shanghai")));
        check("123.cn-shanghai.fc.localhost:3000", Some(("123", "cn-shanghai")));
        check("127.0.0.1:3000", None);
        check("tasks.example.fc.org", None);
        check("123.cn-shanghai.fcx.org", None);
        check("localhost", None);
    }

    #[test]
    fn a_scheme_in_the_host_header_is_taken_off() {
        let mut headers = HeaderMap::new();
        let uri = Uri::from_static("/x");
        assert_eq!(host(&headers, &uri), "");
        headers.insert(header::HOST, "http://127.0.0.1:3000".parse().unwrap());
        assert_eq!(host(&headers, &uri), "127.0.0.1:3000");
    }
}
