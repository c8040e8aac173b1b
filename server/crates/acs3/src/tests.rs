//! The recorded requests of the vendor's SDK, signed again.

use super::*;
use base64::{Engine, prelude::BASE64_STANDARD};
use percent_encoding::percent_decode_str;
use serde::Deserialize;

#[derive(Deserialize)]
struct Vectors {
    key: String,
    secret: String,
    vectors: Vec<Vector>,
}

/// A request as it came over the wire; made by `vectors.py` beside the file.
#[derive(Deserialize)]
struct Vector {
    name: String,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    /// Base64.
    body: String,
}

impl Vector {
    fn header(&self, name: &str) -> Vec<u8> {
        let mut values: Vec<&str> =
            self.headers.iter().filter(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).collect();
        values.sort_unstable();
        values.join(",").into_bytes()
    }
}

/// Decoded pairs; one of the SDKs writes a space as `+`.
fn pairs(query: &str) -> Vec<(String, String)> {
    let text = |raw: &str| percent_decode_str(&raw.replace('+', " ")).decode_utf8().unwrap().into_owned();
    let pair = |pair: &str| pair.split_once('=').map_or_else(|| (text(pair), String::new()), |(name, value)| (text(name), text(value)));
    query.split('&').filter(|pair| !pair.is_empty()).map(pair).collect()
}

#[test]
fn i5_signs_as_the_vendors_sdk_does() {
    let Vectors { key, secret, vectors } = serde_json::from_str(include_str!("../../api/src/auth/vectors.json")).unwrap();
    assert_eq!(vectors.len(), 11);
    for vector in &vectors {
        let expected = String::from_utf8(vector.header("authorization")).unwrap();
        let signed = expected.split("SignedHeaders=").nth(1).unwrap().split(',').next().unwrap();
        let headers: Vec<(&str, Vec<u8>)> = signed.split(';').map(|name| (name, vector.header(name))).collect();
        let (path, query) = vector.target.split_once('?').unwrap_or((&vector.target, ""));
        let request = Request {
            method: &vector.method,
            path,
            query: &canonical_query(pairs(query)),
            headers: &headers,
            body_hash: &body_hash(&BASE64_STANDARD.decode(&vector.body).unwrap()),
        };
        // The recordings write a space after some commas.
        assert_eq!(authorization(&key, &secret, &request), expected.replace(", ", ","), "{}", vector.name);
    }
}
