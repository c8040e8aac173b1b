//! The ACS3-HMAC-SHA256 signature of the open SDKs (`fc-api.md` 2.2). Pure: text and bytes in, verdict out.

use crate::{
    error::{ApiError, ApiResult},
    query,
};
use axum::http::{HeaderMap, request::Parts};
use hmac::{Hmac, KeyInit, Mac};
use model::{ErrorCode, UnixMillis};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// First token of the `Authorization` header.
const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// Hex SHA-256 of the body, as the client sends it.
pub(super) const CONTENT_HASH: &str = "x-acs-content-sha256";

const DATE: &str = "x-acs-date";

/// Headers without which a signature would not cover what matters.
const ALWAYS_SIGNED: [&str; 3] = ["host", DATE, CONTENT_HASH];

/// Everything but the unreserved characters of RFC 3986.
pub(crate) const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The parts of an `Authorization` header.
#[derive(Debug)]
pub(super) struct Authorization<'a> {
    pub key_id: &'a str,
    signed_headers: &'a str,
    signature: [u8; 32],
}

impl<'a> Authorization<'a> {
    /// Reads `ACS3-HMAC-SHA256 Credential=…,SignedHeaders=…,Signature=…`; every other algorithm is refused.
    pub fn parse(header: &'a str) -> ApiResult<Self> {
        let (algorithm, rest) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
        if algorithm != ALGORITHM {
            let message = format!("signature algorithm '{algorithm}' is not supported here (supported: {ALGORITHM})");
            return Err(ApiError::new(ErrorCode::AccessDenied, message));
        }
        let part = |name: &str| rest.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
        let parts = (part("Credential"), part("SignedHeaders"), part("Signature").and_then(digest));
        let (Some(key_id), Some(signed_headers), Some(signature)) = parts else {
            return Err(ApiError::invalid(format!(
                "the Authorization header is malformed (expected: {ALGORITHM} Credential=…,SignedHeaders=…,Signature=…)"
            )));
        };
        if let Some(missing) = ALWAYS_SIGNED.into_iter().find(|name| !signed_headers.split(';').any(|signed| signed == *name)) {
            return Err(ApiError::new(ErrorCode::SignatureNotMatch, format!("SignedHeaders must name the header {missing}")));
        }
        Ok(Self { key_id, signed_headers, signature })
    }

    /// Compares the signature with the one of this request. The body enters by the hash that the client claims for it; the caller
    /// compares that with the body.
    pub fn verify(&self, parts: &Parts, secret: &str, claimed_hash: &str) -> ApiResult<()> {
        let mismatch = |detail: String| {
            let reason = "the signature computed from the request differs from the one sent; check the access key secret";
            ApiError::new(ErrorCode::SignatureNotMatch, format!("{reason} ({detail})"))
        };
        let canonical = self.canonical_request(parts, claimed_hash).map_err(|name| mismatch(format!("signed header {name} is missing")))?;
        let text = format!("{ALGORITHM}\n{}", hex::encode(Sha256::digest(&canonical)));
        let ours = hmac_sha256(secret.as_bytes(), text.as_bytes());
        if bool::from(ours.ct_eq(&self.signature)) { Ok(()) } else { Err(mismatch(format!("string to sign: {text:?}"))) }
    }

    /// The text whose hash is signed; the error names a signed header that the request does not have.
    fn canonical_request(&self, parts: &Parts, claimed_hash: &str) -> Result<Vec<u8>, &'a str> {
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
        for line in ["\n", self.signed_headers, "\n", claimed_hash] {
            text.extend_from_slice(line.as_bytes());
        }
        Ok(text)
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

/// Refuses a request whose date lies further from `now` than the window, or that has none.
pub(super) fn check_date(headers: &HeaderMap, now: UnixMillis, skew_ms: Option<i64>) -> ApiResult<()> {
    let Some(skew_ms) = skew_ms else { return Ok(()) };
    let denied = |what: String| {
        let window = format!("the window is {} seconds either way of the server's time, {}", skew_ms / 1000, model::format::rfc3339(now));
        Err(ApiError::new(ErrorCode::AccessDenied, format!("{what}; {window}")))
    };
    let Some(given) = headers.get(DATE).and_then(|value| value.to_str().ok()) else {
        return denied(format!("the request has no {DATE} header"));
    };
    let Ok(at) = given.parse::<jiff::Timestamp>() else {
        return denied(format!("{DATE} '{given}' is not of the form YYYY-MM-DDThh:mm:ssZ"));
    };
    if now.since(UnixMillis(at.as_millisecond())).abs() > skew_ms {
        return denied(format!("the request's date {given} is too far off"));
    }
    Ok(())
}

/// Reads 64 hex digits.
pub(super) fn digest(text: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    hex::decode_to_slice(text, &mut digest).ok()?;
    Some(digest)
}

/// HMAC-SHA256 of a message.
pub(crate) fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    // A key of any length is accepted, so the fallback is never taken.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    mac.update(message);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
#[path = "acs3_tests.rs"]
mod tests;
