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
use ::acs3::{DATE, Request, canonical_query};
use axum::http::request::Parts;
use model::{ErrorCode, UnixMillis};
use subtle::ConstantTimeEq;

pub(super) use ::acs3::{ALGORITHM, CONTENT_HASH};

const NONCE: &str = "x-acs-signature-nonce";
const DATE_FORM: Form = Form { shown: "YYYY-MM-DDThh:mm:ssZ", read: |text| text.parse().ok() };

/// Headers without which a signature would not cover what matters.
const ALWAYS_SIGNED: [&str; 3] = ["host", DATE, CONTENT_HASH];

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

    /// The text that was signed; the error names a signed header that the request does not have.
    fn string_to_sign(&self, parts: &Parts, claimed_hash: &str) -> Result<String, &str> {
        let names = self.signed_headers.split(';');
        let headers = names.map(|name| header_values(parts, name).map(|value| (name, value)).ok_or(name));
        let headers: Vec<(&str, Vec<u8>)> = headers.collect::<Result<_, &str>>()?;
        let query = canonical_query(query::decode(parts.uri.query().unwrap_or_default()));
        let (method, path) = (parts.method.as_str(), parts.uri.path());
        Ok(Request { method, path, query: &query, headers: &headers, body_hash: claimed_hash }.string_to_sign())
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
        let text = self.string_to_sign(parts, hash).map_err(|name| mismatch(&format!("signed header {name} is missing")))?;
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

/// Reads 64 hex digits.
fn digest(text: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    hex::decode_to_slice(text, &mut digest).ok()?;
    Some(digest)
}

#[cfg(test)]
#[path = "acs3_tests.rs"]
mod tests;
