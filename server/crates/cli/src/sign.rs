//! The headers of a signed request (`fc-api.md` 2.2).

use crate::call::Call;
use crate::settings::Settings;
use acs3::{CONTENT_HASH, DATE, Request, authorization, body_hash, canonical_query};
use model::{UnixMillis, format};

/// The headers of a call, each of them signed, and last the one with the signature.
pub(crate) fn headers(call: &Call, settings: &Settings, now: UnixMillis, nonce: &str) -> Vec<(&'static str, String)> {
    let hash = body_hash(&call.body);
    let date = format!("{}Z", format::rfc3339(now).get(..19).unwrap_or_default());
    let mut headers = vec![
        ("host", settings.endpoint.authority.clone()),
        ("x-acs-action", call.action.to_owned()),
        (CONTENT_HASH, hash.clone()),
        (DATE, date),
        ("x-acs-signature-nonce", nonce.to_owned()),
        ("x-acs-version", "2021-04-06".to_owned()),
    ];
    headers.extend(call.headers.iter().cloned());
    if !settings.region.is_empty() {
        headers.push(("x-fc-region", settings.region.clone()));
    }
    headers.sort();
    let signed: Vec<(&str, Vec<u8>)> = headers.iter().map(|(name, value)| (*name, value.trim().as_bytes().to_vec())).collect();
    let query = canonical_query(call.query.clone());
    let request = Request { method: call.method, path: &call.path, query: &query, headers: &signed, body_hash: &hash };
    let proof = authorization(&settings.key.id, &settings.key.secret, &request);
    headers.push(("authorization", proof));
    headers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Endpoint, Key};

    #[test]
    fn i5_a_call_is_signed_over_its_target_headers_and_body() {
        let key = Key { id: "LTAItest0001".to_owned(), secret: "s3cret/with+signs=".to_owned() };
        let settings = Settings { endpoint: Endpoint::parse("127.0.0.1:3000").unwrap(), region: "cn-shanghai".to_owned(), key };
        let call = Call::new("InvokeFunction", "POST", &["services", "demo", "functions", "a b/c", "invocations"])
            .with_query("qualifier", "LATEST")
            .with_header("x-fc-invocation-type", Some("Async"));
        let lines = |call: &Call| {
            let headers = headers(call, &settings, UnixMillis(1_795_521_600_000), "n");
            headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect::<String>()
        };
        insta::assert_snapshot!(lines(&call));
        let proof = |call: &Call| lines(call).lines().last().unwrap().to_owned();
        let changed = [
            Call { method: "PUT", ..call.clone() },
            Call { path: call.path.replace("demo", "demo2"), ..call.clone() },
            call.clone().with_query("x", "y"),
            call.clone().with_header("x-fc-log-type", Some("Tail")),
            Call { body: bytes::Bytes::from("x"), ..call.clone() },
        ];
        for changed in changed {
            assert_ne!(proof(&changed), proof(&call), "{changed:?}");
        }
    }
}
