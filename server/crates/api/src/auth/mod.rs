//! Who calls: signatures over whole requests and over download links.
//!
//! A scheme is an [`Authorization`]; [`of_header`] and [`of_http_call`] find out which one a request carries.

mod access;
pub(crate) mod acs3;
mod date;
mod fc;
mod middleware;
mod replay;
#[cfg(test)]
mod vector;

use crate::{
    error::{ApiError, ApiResult},
    extract::header_text,
    query,
};
use axum::http::{header, request::Parts};
use fc::{Covers, Fc};
use model::{ErrorCode, UnixMillis};

pub(crate) use ::acs3::hmac_sha256;
pub(crate) use middleware::{Admitted, Gate, addressed, admit_http_call, authenticate, verified_body};
pub use replay::Replays;

/// A signature that came with a request. Nothing of the request is believed before both checks have passed.
pub(crate) trait Authorization: Send + Sync {
    /// The access key that it claims to be made with.
    fn key_id(&self) -> &str;

    /// Refuses a request that was not made within `skew_ms` milliseconds of now, or whose signature holds no longer; `None` accepts any
    /// date.
    fn check_date(&self, parts: &Parts, now: UnixMillis, skew_ms: Option<i64>) -> ApiResult<()>;

    /// Compares the signature with the one that the secret gives for this request. Returns the SHA-256 that the body must have; `None`
    /// when the scheme does not sign the body.
    fn verify(&self, parts: &Parts, secret: &str) -> ApiResult<Option<[u8; 32]>>;

    /// The text by which a verified request is told from its replays; `None` when the scheme has none. Only asked where replays are refused.
    fn nonce<'a>(&self, _parts: &'a Parts) -> ApiResult<Option<&'a str>> {
        Ok(None)
    }
}

/// The signature of a management call.
pub(crate) fn of_header(parts: &Parts) -> ApiResult<Box<dyn Authorization>> {
    read(parts, Covers::Path)
}

/// The signature of a call of an HTTP function: the query's, else the header's, which here covers the query too (`fc-api.md` 2.1, 2.4).
pub(crate) fn of_http_call(parts: &Parts) -> ApiResult<Box<dyn Authorization>> {
    let pairs = query::decode(parts.uri.query().unwrap_or_default());
    match Fc::presigned(&pairs)? {
        Some(presigned) => Ok(Box::new(presigned)),
        None => read(parts, Covers::PathAndQuery),
    }
}

fn read(parts: &Parts, covers: Covers) -> ApiResult<Box<dyn Authorization>> {
    let given = header_text(&parts.headers, header::AUTHORIZATION.as_str()).ok_or_else(|| ApiError::missing_header("Authorization"))?;
    let (algorithm, rest) = given.split_once(' ').unwrap_or((given, ""));
    match algorithm {
        acs3::ALGORITHM => Ok(Box::new(acs3::Acs3::parse(rest)?)),
        fc::ALGORITHM => Ok(Box::new(Fc::parse(rest, covers)?)),
        other => {
            let supported = [acs3::ALGORITHM, fc::ALGORITHM].join(", ");
            let message = format!("signature algorithm '{other}' is not supported here (supported: {supported})");
            Err(ApiError::new(ErrorCode::AccessDenied, message))
        }
    }
}

/// The refusal of a signature that does not fit; `detail` says what was signed here.
fn mismatch(detail: &str) -> ApiError {
    let reason = "the signature computed from the request differs from the one sent; check the access key secret";
    ApiError::new(ErrorCode::SignatureNotMatch, format!("{reason} ({detail})"))
}
