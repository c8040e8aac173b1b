//! The `FC` signature of the legacy SDKs, in a header or in a presigned address (`fc-api.md` 2.1, 2.4). Pure: text and bytes in, verdict out.
//!
//! The SDKs do not agree on what exactly they sign, so a signature is compared with each of the few texts that one of them would have
//! signed for this request. The body is not signed by this scheme.

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
use axum::http::{HeaderMap, HeaderName, header, request::Parts};
use base64::{Engine, prelude::BASE64_STANDARD};
use model::{ErrorCode, UnixMillis};
use percent_encoding::percent_decode_str;
use std::collections::HashMap;
use subtle::{Choice, ConstantTimeEq};

/// First token of the `Authorization` header.
pub(super) const ALGORITHM: &str = "FC";

/// Every header whose name begins so is signed.
const SIGNED_PREFIX: &str = "x-fc-";

/// The date of callers that may not set `Date`, such as browsers; it goes before `Date`.
const FC_DATE: &str = "x-fc-date";

const CONTENT_MD5: HeaderName = HeaderName::from_static("content-md5");

/// Members of a presigned address.
const KEY_ID: &str = "x-fc-access-key-id";
const EXPIRES: &str = "x-fc-expires";
const SIGNATURE: &str = "x-fc-signature";

const DATE_FORM: Form = Form { shown: "EEE, d MMM yyyy HH:mm:ss GMT", read: instant };

fn instant(text: &str) -> Option<jiff::Timestamp> {
    static PARSER: jiff::fmt::rfc2822::DateTimeParser = jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true);
    PARSER.parse_timestamp(text).ok()
}

/// How much of the target is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Covers {
    /// Management calls.
    Path,
    /// Calls of HTTP functions.
    PathAndQuery,
}

/// A signature of this scheme.
#[derive(Debug)]
pub(super) struct Fc {
    key_id: String,
    /// `None` when what was sent can be no signature; it fits nothing then.
    signature: Option<[u8; 32]>,
    covers: Covers,
    /// Of a presigned address: the Unix second until which it holds, as text and as number. It is signed in the date's place.
    expires: Option<(String, i64)>,
}

impl Fc {
    /// Reads `{key id}:{signature in base64}`.
    pub fn parse(rest: &str, covers: Covers) -> ApiResult<Self> {
        let (key_id, signature) = rest.trim().split_once(':').filter(|(key_id, _)| !key_id.is_empty()).ok_or_else(|| {
            ApiError::invalid(format!("the Authorization header is malformed (expected: {ALGORITHM} access key id:signature)"))
        })?;
        Ok(Self { key_id: key_id.to_owned(), signature: digest(signature), covers, expires: None })
    }

    /// The signature in the query of a presigned address; `None` when there is none.
    pub fn presigned(query: &[(String, String)]) -> ApiResult<Option<Self>> {
        let Some(signature) = query::value(query, SIGNATURE) else { return Ok(None) };
        let part = |name: &str| query::value(query, name).ok_or_else(|| ApiError::invalid(format!("the signed address lacks {name}")));
        let (key_id, expires) = (part(KEY_ID)?, part(EXPIRES)?);
        let expires_s = expires.parse().map_err(|_| {
            ApiError::invalid(format!("{EXPIRES} is set to an invalid value (allowed: seconds since 1970, actual: '{expires}')"))
        })?;
        let expires = Some((expires.to_owned(), expires_s));
        Ok(Some(Self { key_id: key_id.to_owned(), signature: digest(signature), covers: Covers::PathAndQuery, expires }))
    }

    /// Everything that one of the SDKs would have signed for this request, the most likely first.
    fn texts_to_sign(&self, parts: &Parts) -> Vec<Vec<u8>> {
        let line = |name: HeaderName| values(&parts.headers, &name);
        let head = [parts.method.as_str().as_bytes().to_vec(), line(CONTENT_MD5), line(header::CONTENT_TYPE)].join(&b'\n');
        let headers = signed_headers(&parts.headers);
        let resources = self.resources(parts);
        let text = |date: &Vec<u8>, resource: &Vec<u8>| {
            let block = [headers.as_slice(), resource.as_slice()].concat();
            [head.as_slice(), date.as_slice(), block.as_slice()].join(&b'\n')
        };
        self.dates(&parts.headers).iter().flat_map(|date| resources.iter().map(move |resource| text(date, resource))).collect()
    }

    fn dates(&self, headers: &HeaderMap) -> Vec<Vec<u8>> {
        if let Some((expires, _)) = &self.expires {
            return vec![expires.clone().into_bytes()];
        }
        let date = values(headers, &header::DATE);
        // One SDK puts the other date in the place of this one, the rest leave it where it is.
        match header_text(headers, FC_DATE) {
            Some(other) => vec![other.as_bytes().to_vec(), date],
            None => vec![date],
        }
    }

    fn resources(&self, parts: &Parts) -> Vec<Vec<u8>> {
        let raw = parts.uri.path();
        let mut paths = vec![percent_decode_str(raw).collect::<Vec<u8>>()];
        if paths.iter().all(|decoded| decoded != raw.as_bytes()) {
            paths.push(raw.as_bytes().to_vec());
        }
        if self.covers == Covers::Path {
            return paths;
        }
        let queries = self.queries(parts.uri.query().unwrap_or_default());
        paths.iter().flat_map(|path| queries.iter().map(move |query| [path.as_slice(), query.as_slice()].join(&b'\n'))).collect()
    }

    /// The query as lines: sorted; sorted without numbers and booleans, which one SDK sends but signs only in lists; in wire order, as
    /// another one does it.
    fn queries(&self, raw: &str) -> Vec<Vec<u8>> {
        let mut pairs = query::decode(raw);
        pairs.retain(|(name, _)| self.expires.is_none() || name != SIGNATURE);
        let mut counts: HashMap<&str, usize> = HashMap::new();
        pairs.iter().for_each(|(name, _)| *counts.entry(name).or_default() += 1);
        let is_list = |name: &str| counts.get(name).is_some_and(|count| *count > 1);
        let lines = |all: bool| {
            let kept = pairs.iter().filter(|(name, value)| all || !is_scalar(value) || is_list(name));
            let mut lines: Vec<String> = kept.map(|(name, value)| format!("{name}={value}")).collect();
            lines.sort();
            lines.join("\n").into_bytes()
        };
        let sorted = lines(true);
        if self.expires.is_some() {
            return vec![sorted];
        }
        let in_wire_order = percent_decode_str(raw).map(|byte| if byte == b'&' { b'\n' } else { byte }).collect();
        let mut queries = vec![sorted, lines(false), in_wire_order];
        queries.dedup();
        queries
    }
}

impl Authorization for Fc {
    fn key_id(&self) -> &str {
        &self.key_id
    }

    fn check_date(&self, parts: &Parts, now: UnixMillis, skew_ms: Option<i64>) -> ApiResult<()> {
        if let Some((expires, expires_s)) = &self.expires {
            let has_expired = now.0.div_euclid(1000) > *expires_s;
            let message = format!("the signed address has expired ({EXPIRES} is {expires}); ask for a new one");
            return if has_expired { Err(ApiError::new(ErrorCode::AccessDenied, message)) } else { Ok(()) };
        }
        let Some(skew_ms) = skew_ms else { return Ok(()) };
        let given = |name| header_text(&parts.headers, name).map(|text| (name, text));
        let (name, text) = given(FC_DATE).or_else(|| given("date")).ok_or_else(|| ApiError::missing_header("Date"))?;
        date::check(name, text, &DATE_FORM, now, skew_ms)
    }

    fn verify(&self, parts: &Parts, secret: &str) -> ApiResult<Option<[u8; 32]>> {
        let texts = self.texts_to_sign(parts);
        let given = self.signature.unwrap_or_default();
        // None is left out once one has fitted: the time tells nothing.
        let fits = |text: &Vec<u8>| hmac_sha256(secret.as_bytes(), text).ct_eq(&given);
        let fits_one = texts.iter().fold(Choice::from(0), |found, text| found | fits(text));
        if self.signature.is_some() && bool::from(fits_one) {
            return Ok(None);
        }
        let text = texts.first().map(|text| String::from_utf8_lossy(text)).unwrap_or_default();
        Err(mismatch(&format!("string to sign: {text:?}")))
    }
}

/// The values of a header, joined; nothing when there are none.
fn values(headers: &HeaderMap, name: &HeaderName) -> Vec<u8> {
    headers.get_all(name).iter().map(|value| value.as_bytes().trim_ascii()).collect::<Vec<_>>().join(&b',')
}

/// The headers of the vendor's own, by name, each with its line end. Names in a request of ours are small letters.
fn signed_headers(headers: &HeaderMap) -> Vec<u8> {
    let mut names: Vec<&HeaderName> = headers.keys().filter(|name| name.as_str().starts_with(SIGNED_PREFIX)).collect();
    names.sort_by_key(|name| name.as_str());
    let mut block = Vec::new();
    for name in names {
        for part in [name.as_str().as_bytes(), b":", values(headers, name).as_slice(), b"\n"] {
            block.extend_from_slice(part);
        }
    }
    block
}

/// True for a query value that was a number or a boolean before it became text.
fn is_scalar(value: &str) -> bool {
    matches!(value, "true" | "false") || serde_json::from_str::<serde_json::Number>(value).is_ok()
}

/// Reads base64 of 32 bytes.
fn digest(text: &str) -> Option<[u8; 32]> {
    BASE64_STANDARD.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
#[path = "fc_tests.rs"]
mod tests;
