//! The ACS3-HMAC-SHA256 signature (`fc-api.md` 2.2): what is signed and how, for who verifies it (the API) and for who makes it (the
//! command line). Pure: text and bytes in, text out; it knows neither HTTP types nor keys.
//!
//! Entry points: [`Request::string_to_sign`] and [`authorization`].

use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

/// First token of the `Authorization` header.
pub const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// Header with the hex SHA-256 of the body.
pub const CONTENT_HASH: &str = "x-acs-content-sha256";

/// Header with the instant of the request, `YYYY-MM-DDThh:mm:ssZ`.
pub const DATE: &str = "x-acs-date";

/// Everything but the unreserved characters of RFC 3986.
pub const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What of a request is signed.
#[derive(Debug)]
pub struct Request<'a> {
    /// Upper case.
    pub method: &'a str,
    /// As on the wire, percent-encoded.
    pub path: &'a str,
    /// As [`canonical_query`] gives it.
    pub query: &'a str,
    /// Name in lower case and trimmed value of every signed header, in the order in which they are named.
    pub headers: &'a [(&'a str, Vec<u8>)],
    /// Hex SHA-256 of the body.
    pub body_hash: &'a str,
}

impl Request<'_> {
    /// Names of the signed headers, joined by `;`.
    fn signed_headers(&self) -> String {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| *name).collect();
        names.join(";")
    }

    /// The text that the secret signs.
    pub fn string_to_sign(&self) -> String {
        let mut text = Vec::with_capacity(1024);
        for line in [self.method, self.path, self.query] {
            text.extend_from_slice(line.as_bytes());
            text.push(b'\n');
        }
        for (name, value) in self.headers {
            text.extend_from_slice(name.as_bytes());
            text.push(b':');
            text.extend_from_slice(value);
            text.push(b'\n');
        }
        for part in ["\n", &self.signed_headers(), "\n", self.body_hash] {
            text.extend_from_slice(part.as_bytes());
        }
        format!("{ALGORITHM}\n{}", body_hash(&text))
    }
}

/// The `Authorization` header of a request.
pub fn authorization(key_id: &str, secret: &str, request: &Request<'_>) -> String {
    let signature = hex::encode(hmac_sha256(secret.as_bytes(), request.string_to_sign().as_bytes()));
    format!("{ALGORITHM} Credential={key_id},SignedHeaders={},Signature={signature}", request.signed_headers())
}

/// A decoded query sorted and encoded again. Names are encoded too: no SDK has one that this changes, and without it two queries of
/// different meaning could have one canonical form.
pub fn canonical_query(mut pairs: Vec<(String, String)>) -> String {
    let encode = |text: &str| utf8_percent_encode(text, ENCODED).to_string();
    pairs.sort();
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}

/// Hex SHA-256 of a body.
pub fn body_hash(body: &[u8]) -> String {
    hex::encode(Sha256::digest(body))
}

/// HMAC-SHA256 of a message.
pub fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    // A key of any length is accepted, so the fallback is never taken.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    mac.update(message);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests;
