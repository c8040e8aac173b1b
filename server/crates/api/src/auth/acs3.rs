//! The ACS3-HMAC-SHA256 signature of the open SDKs (`fc-api.md` 2.2). Pure: text and bytes in, verdict out.

use super::{
    Authorization,
    date::{self, Form},
    hmac_sha256, mismatch,
};
use crate::{
    error::{ApiError, ApiResult},
    extract::header_text,
    query,
};
use axum::http::request::Parts;
use model::{ErrorCode, UnixMillis};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// First token of the `Authorization` header.
pub(super) const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// Hex SHA-256 of the body, as the client sends it.
pub(super) const CONTENT_HASH: &str = "x-acs-content-sha256";

const DATE: &str = "x-acs-date";
const NONCE: &str = "x-acs-signature-nonce";
const DATE_FORM: Form = Form { shown: "YYYY-MM-DDThh:mm:ssZ", read: |text| text.parse().ok() };

/// Headers without which a signature would not cover what matters.
const ALWAYS_SIGNED: [&str; 3] = ["host", DATE, CONTENT_HASH];

/// Everything but the unreserved characters of RFC 3986.
pub(crate) const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The parts of an `Authorization` header of this scheme.
#[derive(Debug)]
pub(super) struct Acs3 {
    key_id: String,
    signed_headers: String,
    signature: [u8; 32],
}

impl Acs3 {
    /// Reads `Credential=…,SignedHeaders=…,Signature=…`.
    pub fn parse(parts: &str) -> ApiResult<Self> {
        let part = |name: &str| parts.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
        let found = (part("Credential"), part("SignedHeaders"), part("Signature").and_then(digest));
        let (Some(key_id), Some(signed_headers), Some(signature)) = found else {
            return Err(ApiError::invalid(format!(
                "the Authorization header is malformed (expected: {ALGORITHM} Credential=…,SignedHeaders=…,Signature=…)"
            )));
        };
        if let Some(missing) = ALWAYS_SIGNED.into_iter().find(|name| !signed_headers.split(';').any(|signed| signed == *name)) {
            return Err(ApiError::new(ErrorCode::SignatureNotMatch, format!("SignedHeaders must name the header {missing}")));
        }
        Ok(Self { key_id: key_id.to_owned(), signed_headers: signed_headers.to_owned(), signature })
    }

    /// The text whose hash is signed; the error names a signed header that the request does not have.
    fn canonical_request(&self, parts: &Parts, claimed_hash: &str) -> Result<Vec<u8>, &str> {
        let mut text = Vec::with_capacity(1024);
        for line in [parts.method.as_str(), parts.uri.path(), &canonical_query(parts.uri.query().unwrap_or_default())] {
            text.extend_from_slice(line.as_bytes());
            text.push(b'\n');
        }
        for name in self.signed_headers.split(';') {
            text.extend_from_slice(name.as_bytes());
            text.push(b':');
            text.extend_from_slice(&header_values(parts, name).ok_or(name)?);
            text.push(b'\n');
        }
        for line in ["\n", &self.signed_headers, "\n", claimed_hash] {
            text.extend_from_slice(line.as_bytes());
        }
        Ok(text)
    }
}

impl Authorization for Acs3 {
    fn key_id(&self) -> &str {
        &self.key_id
    }

    fn check_date(&self, parts: &Parts, now: UnixMillis, skew_ms: Option<i64>) -> ApiResult<()> {
        let Some(skew_ms) = skew_ms else { return Ok(()) };
        match header_text(&parts.headers, DATE) {
            Some(given) => date::check(DATE, given, &DATE_FORM, now, skew_ms),
            None => Err(date::denied(&format!("the request has no {DATE} header"), now, skew_ms)),
        }
    }

    /// The body enters by the hash that the client claims for it.
    fn verify(&self, parts: &Parts, secret: &str) -> ApiResult<Option<[u8; 32]>> {
        let hash = header_text(&parts.headers, CONTENT_HASH).ok_or_else(|| ApiError::missing_header(CONTENT_HASH))?;
        let claimed = digest(hash).ok_or_else(|| ApiError::invalid(format!("{CONTENT_HASH} must be 64 hex digits")))?;
        let canonical = self.canonical_request(parts, hash).map_err(|name| mismatch(&format!("signed header {name} is missing")))?;
        let text = format!("{ALGORITHM}\n{}", hex::encode(Sha256::digest(&canonical)));
        let ours = hmac_sha256(secret.as_bytes(), text.as_bytes());
        if bool::from(ours.ct_eq(&self.signature)) { Ok(Some(claimed)) } else { Err(mismatch(&format!("string to sign: {text:?}"))) }
    }

    /// One that is not signed could be exchanged.
    fn nonce<'a>(&self, parts: &'a Parts) -> ApiResult<Option<&'a str>> {
        if !self.signed_headers.split(';').any(|signed| signed == NONCE) {
            return Err(ApiError::new(ErrorCode::SignatureNotMatch, format!("SignedHeaders must name the header {NONCE}")));
        }
        header_text(&parts.headers, NONCE).map(Some).ok_or_else(|| ApiError::missing_header(NONCE))
    }
}

/// Values of a header, trimmed, sorted and joined; HTTP/2 keeps the host in the target.
fn header_values(parts: &Parts, name: &str) -> Option<Vec<u8>> {
    let mut values: Vec<&[u8]> = parts.headers.get_all(name).iter().map(|value| value.as_bytes().trim_ascii()).collect();
    if values.is_empty() && name == "host" {
        values.extend(parts.uri.authority().map(|authority| authority.as_str().as_bytes()));
    }
    values.sort_unstable();
    if values.is_empty() { None } else { Some(values.join(&b","[..])) }
}

/// The query decoded, sorted and encoded again. Names are encoded too: no SDK has one that this changes, and without it two queries
/// of different meaning could have one canonical form.
fn canonical_query(raw: &str) -> String {
    let encode = |text: &str| utf8_percent_encode(text, ENCODED).to_string();
    let mut pairs = query::decode(raw);
    pairs.sort();
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}

/// Reads 64 hex digits.
fn digest(text: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    hex::decode_to_slice(text, &mut digest).ok()?;
    Some(digest)
}

#[cfg(test)]
#[path = "acs3_tests.rs"]
mod tests;
