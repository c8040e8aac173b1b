use super::*;
use crate::auth::{of_header, vector::Vector};
use model::Error;
use proptest::prelude::*;
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// Made by `vectors.py`: requests of the vendor's SDK as they came over the wire, and some signed by independent code.
#[derive(Deserialize)]
struct Vectors {
    key: String,
    secret: String,
    vectors: Vec<Vector>,
}

/// The check that the middleware makes, the body's hash included.
fn verify(vector: &Vector, secret: &str) -> Result<String, Error> {
    let parts = vector.parts();
    let authorization = of_header(&parts).map_err(|e| e.0)?;
    let hash = authorization.verify(&parts, secret).map_err(|e| e.0)?;
    assert_eq!(hash, Some(Sha256::digest(vector.body()).into()), "{}", vector.name);
    Ok(authorization.key_id().to_owned())
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("vectors.json")).unwrap()
}

fn vector(name: &str) -> Vector {
    vectors().vectors.into_iter().find(|vector| vector.name == name).unwrap()
}

#[test]
fn requests_of_the_vendors_sdk_are_accepted() {
    let Vectors { key, secret, vectors } = vectors();
    assert_eq!(vectors.len(), 11);
    for vector in vectors {
        assert_eq!(verify(&vector, &secret), Ok(key.clone()), "{}", vector.name);
    }
}

#[test]
fn a_changed_request_is_refused() {
    let secret = vectors().secret;
    let check = |what: &str, name: &str, change: fn(&mut Vector), code| {
        let mut vector = vector(name);
        change(&mut vector);
        assert_eq!(verify(&vector, &secret).map_err(|e| e.code), Err(code), "{what}");
    };
    check("method", "stop", |v| v.method = "DELETE".to_owned(), ErrorCode::SignatureNotMatch);
    check("path", "stop", |v| v.target = v.target.replace("job-1", "job-2"), ErrorCode::SignatureNotMatch);
    check("query", "a query with spaces", |v| v.target = v.target.replace("limit=3", "limit=4"), ErrorCode::SignatureNotMatch);
    check("added query", "stop", |v| v.target.push_str("?qualifier=x"), ErrorCode::SignatureNotMatch);
    check(
        "smuggled query",
        "a repeated query key",
        |v| v.target = v.target.replace("b&status=a", "a%26status%3Db"),
        ErrorCode::SignatureNotMatch,
    );
    let delay: fn(&mut Vector) = |v| v.headers.iter_mut().filter(|(n, _)| n == "X-Fc-Async-Delay").for_each(|h| h.1 = "31".to_owned());
    check("signed header", "asynchronous invocation", delay, ErrorCode::SignatureNotMatch);
    check("lost header", "create service", |v| v.headers.retain(|(n, _)| n != "accept"), ErrorCode::SignatureNotMatch);
    let algorithm: fn(&mut Vector) = |v| v.headers.iter_mut().for_each(|h| h.1 = h.1.replace("ACS3-HMAC-SHA256", "ACS3-HMAC-SM3"));
    check("algorithm", "stop", algorithm, ErrorCode::AccessDenied);
    let unsigned: fn(&mut Vector) = |v| v.headers.iter_mut().for_each(|h| h.1 = h.1.replace("host;", ""));
    check("host not signed", "stop", unsigned, ErrorCode::SignatureNotMatch);
    let short: fn(&mut Vector) = |v| v.headers.iter_mut().filter(|(n, _)| n == "Authorization").for_each(|h| h.1.truncate(h.1.len() - 1));
    check("signature of odd length", "stop", short, ErrorCode::InvalidArgument);
    assert!(verify(&vector("stop"), "another secret").is_err());
}

#[test]
fn unsigned_headers_may_change() {
    let mut vector = vector("an unsigned header");
    vector.headers.retain(|(name, _)| name != "X-Fc-Invocation-Type");
    assert!(verify(&vector, &vectors().secret).is_ok());
}

#[test]
fn dates_outside_the_window_are_refused() {
    let now = UnixMillis(1_795_521_600_000); // 2026-11-24T12:00:00Z
    let check = |date: Option<&str>, skew_ms, fits: bool| {
        let mut vector = vector("stop");
        vector.lose(DATE);
        vector.headers.extend(date.map(|date| (DATE.to_owned(), date.to_owned())));
        let parts = vector.parts();
        assert_eq!(of_header(&parts).unwrap().check_date(&parts, now, skew_ms).is_ok(), fits, "{date:?} {skew_ms:?}");
    };
    let quarter = Some(15 * 60 * 1000);
    check(Some("2026-11-24T12:00:00Z"), quarter, true);
    check(Some("2026-11-24T11:45:00Z"), quarter, true);
    check(Some("2026-11-24T11:44:59Z"), quarter, false);
    check(Some("2026-11-24T12:15:01Z"), quarter, false);
    check(Some("yesterday"), quarter, false);
    check(None, quarter, false);
    check(Some("2001-01-01T00:00:00Z"), None, true);
    check(None, None, true);
}

#[test]
fn canonical_query_is_sorted_and_encoded() {
    let check = |raw: &str, expected: &str| assert_eq!(canonical_query(query::decode(raw)), expected, "{raw}");
    check("", "");
    check("b=2&a=1", "a=1&b=2");
    check("prefix=a+b%2Bc~", "prefix=a%20b%2Bc~");
    check("nextToken=&prefix", "nextToken=&prefix=");
    check("a%3D1%26b=2", "a%3D1%26b=2");
}

proptest! {
    #[test]
    fn i5_any_header_is_read_or_refused(key in "[A-Za-z0-9+/=]{0,9}", signed in "[a-z0-9;-]{0,60}", signature in "[0-9a-fg]{60,66}", rest in ".*") {
        let header = format!("Credential={key},SignedHeaders=host;x-acs-date;x-acs-content-sha256;{signed},Signature={signature}");
        if let Ok(read) = Acs3::parse(&header) {
            prop_assert_eq!((read.key_id, hex::encode(read.signature)), (key, signature.to_lowercase()));
        }
        prop_assert!(Acs3::parse(&rest).is_err());
    }
}
