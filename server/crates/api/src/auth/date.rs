//! The window around the server's time in which a request must have been made.

use crate::error::{ApiError, ApiResult};
use model::{ErrorCode, UnixMillis};

/// How a scheme writes the instant of a request.
pub(super) struct Form {
    /// What to tell a caller who writes it otherwise.
    pub shown: &'static str,
    pub read: fn(&str) -> Option<jiff::Timestamp>,
}

/// Refuses a request whose header `name` says a time further from `now` than `skew_ms`, both ways.
pub(super) fn check(name: &str, given: &str, form: &Form, now: UnixMillis, skew_ms: i64) -> ApiResult<()> {
    let Some(at) = (form.read)(given) else {
        return Err(denied(&format!("{name} '{given}' is not of the form {}", form.shown), now, skew_ms));
    };
    if now.since(UnixMillis(at.as_millisecond())).abs() > skew_ms {
        return Err(denied(&format!("the request's date {given} is too far off"), now, skew_ms));
    }
    Ok(())
}

/// The refusal with the window that a caller has to hit.
pub(super) fn denied(what: &str, now: UnixMillis, skew_ms: i64) -> ApiError {
    let window = format!("the window is {} seconds either way of the server's time, {}", skew_ms / 1000, model::format::rfc3339(now));
    ApiError::new(ErrorCode::AccessDenied, format!("{what}; {window}"))
}
