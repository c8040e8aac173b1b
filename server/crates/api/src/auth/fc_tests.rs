use super::*;
use crate::auth::{of_header, of_http_call, vector::Vector};
use model::Error;
use proptest::prelude::*;
use serde::Deserialize;

/// Made by `fc_vectors.py`: requests of the vendor's SDKs as they came over the wire, what the vendor publishes, and some signed by
/// independent code.
#[derive(Clone, Deserialize)]
struct Signed {
    key: String,
    secret: String,
    #[serde(flatten)]
    request: Vector,
}

/// 2026-11-24T12:00:00Z
const NOW: UnixMillis = UnixMillis(1_795_521_600_000);
const QUARTER: Option<i64> = Some(15 * 60 * 1000);

impl Signed {
    fn authorization(&self, parts: &Parts) -> Result<Box<dyn Authorization>, Error> {
        let is_management = ["/2021-04-06/", "/2016-08-15/services"].iter().any(|prefix| self.request.target.starts_with(prefix));
        if is_management { of_header(parts) } else { of_http_call(parts) }.map_err(|e| e.0)
    }

    fn verify(&self) -> Result<String, Error> {
        let parts = self.request.parts();
        let authorization = self.authorization(&parts)?;
        assert_eq!(authorization.verify(&parts, &self.secret).map_err(|e| e.0)?, None, "the body is not signed");
        Ok(authorization.key_id().to_owned())
    }

    fn check_date(&self, now: UnixMillis, skew_ms: Option<i64>) -> Result<(), Error> {
        let parts = self.request.parts();
        self.authorization(&parts)?.check_date(&parts, now, skew_ms).map_err(|e| e.0)
    }
}

fn vectors() -> Vec<Signed> {
    serde_json::from_str(include_str!("fc_vectors.json")).unwrap()
}

fn vector(name: &str) -> Signed {
    vectors().into_iter().find(|vector| vector.request.name == name).unwrap()
}

#[test]
fn i5_requests_of_the_vendors_sdks_are_accepted() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 22);
    for vector in vectors {
        assert_eq!(vector.verify(), Ok(vector.key.clone()), "{}", vector.request.name);
    }
}

#[test]
fn i5_a_changed_request_is_refused() {
    let check = |what: &str, name: &str, change: fn(&mut Vector), code| {
        let mut vector = vector(name);
        change(&mut vector.request);
        assert_eq!(vector.verify().map_err(|e| e.code), Err(code), "{what}");
    };
    let mismatch = ErrorCode::SignatureNotMatch;
    check("method", "py: create service", |v| v.method = "PUT".to_owned(), mismatch);
    check("path", "py: with a token", |v| v.target = v.target.replace("demo", "demo2"), mismatch);
    check("qualifier", "js: submit", |v| v.target = v.target.replace(".LATEST", ".1"), mismatch);
    check("date", "py: create service", |v| v.edit("date", |date| date.replace("2026", "2027")), mismatch);
    check("content type", "py: create service", |v| v.edit("content-type", |_| "text/plain".to_owned()), mismatch);
    check("digest of the body", "js: create service", |v| v.edit("content-md5", |md5| md5.to_lowercase()), mismatch);
    check("signed header", "py: submit", |v| v.edit("x-fc-stateful-async-invocation-id", |_| "job-2".to_owned()), mismatch);
    check("lost header", "py: with a token", |v| v.lose("x-fc-security-token"), mismatch);
    let added: fn(&mut Vector) = |v| v.headers.push(("x-fc-region".to_owned(), "cn-shanghai".to_owned()));
    check("added header", "js: create service", added, mismatch);
    let twice: fn(&mut Vector) = |v| v.headers.push(("x-fc-account-id".to_owned(), "2".to_owned()));
    check("a header's second value", "js: create service", twice, mismatch);
    check("query of an HTTP call", "py: HTTP function", |v| v.target = v.target.replace("z=3", "z=4"), mismatch);
    check("added query of an HTTP call", "js: HTTP function", |v| v.target.push_str("&c=x"), mismatch);
    check("query of a presigned address", "presigned", |v| v.target = v.target.replace("n=5", "n=6"), mismatch);
    check("added query of a presigned address", "presigned", |v| v.target.push_str("&more=1"), mismatch);
    let later: fn(&mut Vector) = |v| v.target = v.target.replace("1795521600", "1795521601");
    check("expiry", "presigned", later, mismatch);
    check("token", "published with a token", |v| v.target = v.target.replace("stsToken", "another"), mismatch);
    check("no base64", "py: create service", |v| v.edit("authorization", |_| format!("FC k:{}", "%".repeat(44))), mismatch);
    check("no signature", "py: create service", |v| v.edit("authorization", |_| "FC LTAItest0001:".to_owned()), mismatch);
    let zeros: fn(&mut Vector) = |v| v.edit("authorization", |_| format!("FC k:{}=", "A".repeat(43)));
    check("zeros", "py: create service", zeros, mismatch);
    check("no colon", "py: create service", |v| v.edit("authorization", |_| "FC abc".to_owned()), ErrorCode::InvalidArgument);
    check("no key", "py: create service", |v| v.edit("authorization", |_| "FC :abc=".to_owned()), ErrorCode::InvalidArgument);
    check("scheme", "py: create service", |v| v.edit("authorization", |_| "acs a:b".to_owned()), ErrorCode::AccessDenied);
    check("no header", "py: create service", |v| v.lose("authorization"), ErrorCode::MissingRequiredHeader);
    let no_key: fn(&mut Vector) = |v| v.target = v.target.replace("x-fc-access-key-id", "x");
    check("presigned by nobody", "presigned", no_key, ErrorCode::InvalidArgument);
    let no_number: fn(&mut Vector) = |v| v.target = v.target.replace("1795521600", "soon");
    check("presigned for no time", "presigned", no_number, ErrorCode::InvalidArgument);
    let mut other = vector("py: create service");
    other.secret.push('x');
    assert_eq!(other.verify().map_err(|e| e.code), Err(mismatch));
}

#[test]
fn i5_a_presigned_address_is_no_signature_of_a_management_call() {
    let mut vector = vector("presigned");
    vector.request.target = vector.request.target.replace("/2016-08-15/proxy/demo/f1/a%20b", "/2016-08-15/services");
    assert_eq!(vector.verify().map_err(|e| e.code), Err(ErrorCode::MissingRequiredHeader));
}

#[test]
fn i5_what_no_sdk_signs_may_change() {
    let mut vector = vector("py: list services");
    vector.request.target = vector.request.target.replace("limit=3", "limit=4");
    vector.request.lose("host");
    vector.request.lose("user-agent");
    assert!(vector.verify().is_ok());
}

#[test]
fn i5_dates_outside_the_window_are_refused() {
    let check = |date: Option<&str>, fc_date: Option<&str>, skew_ms, expected: Result<(), (ErrorCode, &str)>| {
        let mut vector = vector("py: create service");
        vector.request.lose("date");
        let headers = [("Date", date), ("X-Fc-Date", fc_date)];
        vector.request.headers.extend(headers.iter().filter_map(|(name, value)| Some(((*name).to_owned(), (*value)?.to_owned()))));
        let actual = vector.check_date(NOW, skew_ms).map_err(|e| (e.code, e.message));
        match (&actual, expected) {
            (Ok(()), Ok(())) => {}
            (Err((code, message)), Err((expected, part))) if *code == expected && message.contains(part) => {}
            _ => panic!("{date:?} {fc_date:?}: {actual:?} {expected:?}"),
        }
    };
    let stale =
        Err((ErrorCode::AccessDenied, "is too far off; the window is 900 seconds either way of the server's time, 2026-11-24T12:00:00"));
    check(Some("Tue, 24 Nov 2026 12:00:00 GMT"), None, QUARTER, Ok(()));
    check(Some("Tue, 24 Nov 2026 11:45:00 GMT"), None, QUARTER, Ok(()));
    check(Some("Tue, 24 Nov 2026 11:44:59 GMT"), None, QUARTER, stale);
    check(Some("Tue, 24 Nov 2026 12:15:01 GMT"), None, QUARTER, stale);
    // The other date goes before; its day may have one digit.
    check(Some("Tue, 24 Nov 2026 12:00:00 GMT"), Some("Sun, 1 Nov 2026 12:00:00 GMT"), QUARTER, stale);
    check(Some("Sun, 1 Nov 2026 12:00:00 GMT"), Some("Tue, 24 Nov 2026 12:00:00 GMT"), QUARTER, Ok(()));
    check(None, Some("Tue, 24 Nov 2026 12:00:00 GMT"), QUARTER, Ok(()));
    check(Some("2026-11-24T12:00:00Z"), None, QUARTER, Err((ErrorCode::AccessDenied, "is not of the form EEE, d MMM yyyy HH:mm:ss GMT")));
    check(None, None, QUARTER, Err((ErrorCode::MissingRequiredHeader, "required HTTP header Date was not specified")));
    check(Some("Mon, 1 Jan 2001 00:00:00 GMT"), None, None, Ok(()));
    check(None, None, None, Ok(()));
}

#[test]
fn i5_a_presigned_address_expires_whatever_the_window() {
    let check = |now_ms: i64, skew_ms, fits: bool| {
        let actual = vector("presigned").check_date(UnixMillis(now_ms), skew_ms).map_err(|e| e.code);
        assert_eq!(actual, if fits { Ok(()) } else { Err(ErrorCode::AccessDenied) }, "{now_ms} {skew_ms:?}");
    };
    check(NOW.0, QUARTER, true);
    check(NOW.0 + 999, QUARTER, true);
    check(NOW.0 + 1_000, QUARTER, false);
    check(NOW.0 + 1_000, None, false);
    check(0, QUARTER, true);
}

#[test]
fn i5_values_that_were_no_text() {
    let check = |value: &str, expected: bool| assert_eq!(is_scalar(value), expected, "{value}");
    ["5", "-5", "0.5", "1e21", "true", "false"].iter().for_each(|value| check(value, true));
    ["", "x", "True", "null", "[1]", "\"5\"", "Infinity", "NaN", "5x"].iter().for_each(|value| check(value, false));
}

proptest! {
    #[test]
    fn i5_any_header_is_read_or_refused(text in ".*") {
        if let Ok(read) = Fc::parse(&text, Covers::Path) {
            prop_assert!(!read.key_id.is_empty() && !read.key_id.contains(':'));
        }
    }

    #[test]
    fn i5_any_request_is_compared_with_a_few_texts(
        path in "(/[a-zA-Z0-9._~%-]{0,8}){1,4}",
        query in "[a-z0-9=&%+.-]{0,24}",
        date in "[ -~]{0,40}",
        signature in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let authorization = format!("FC key:{}", BASE64_STANDARD.encode(signature));
        let request = axum::http::Request::builder().uri(format!("{path}?{query}")).header("x-fc-date", &date).header("date", "x");
        let parts = request.header("authorization", authorization).body(()).unwrap().into_parts().0;
        for covers in [Covers::Path, Covers::PathAndQuery] {
            let fc = Fc::parse(parts.headers["authorization"].to_str().unwrap().strip_prefix("FC ").unwrap(), covers).unwrap();
            let texts = fc.texts_to_sign(&parts);
            prop_assert!((1..=12).contains(&texts.len()), "{} texts", texts.len());
            prop_assert!(fc.verify(&parts, "secret").is_err());
            // Whatever it is that was signed, it is signed with the secret.
            for text in texts {
                let signed = Fc { signature: Some(hmac_sha256(b"secret", &text)), ..Fc::parse("key:", covers).unwrap() };
                prop_assert!(signed.verify(&parts, "secret").is_ok());
                prop_assert!(signed.verify(&parts, "secret2").is_err());
            }
        }
        let _ = of_http_call(&parts).map(|fc| fc.check_date(&parts, NOW, QUARTER).is_ok());
    }
}
