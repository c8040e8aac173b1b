//! What server functions and pages find in their context on the server.

use crate::bootstrap::Theme;
use crate::error::{ConsoleError, Result};
use crate::language::Language;
use crate::pages::{
    CreateAccessKeyFn, CreateFunctionFn, CreateTriggerFn, CreateUserFn, DeploySourceFn, ModifyTriggerFn, ResetPasswordFn, SetTimeZone,
    TestFunctionFn, TestHttpFunctionFn, UploadCodeFn,
};
use crate::zone::Zone;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use model::{
    AccessKeys, AccountId, Audit, ControlPlane, ErrorCode, Identity, RequestId, SessionOrigin, SessionUser, TaskFilter, UnixMillis, Users,
};
use server_fn::ServerFn;
use std::sync::{Arc, Mutex};

/// Name of the cookie that holds the session's secret token.
pub const SESSION_COOKIE: &str = "taskyard_session";
/// Name of the cookie that holds the chosen language.
pub const LANGUAGE_COOKIE: &str = "taskyard_language";
/// Name of the cookie that holds the chosen time zone.
pub const ZONE_COOKIE: &str = "taskyard_zone";
/// Name of the cookie that says `off` where single-key shortcuts are.
pub const KEYS_COOKIE: &str = "taskyard_keys";
/// Name of the cookie that says `off` where lines of logs are not wrapped.
pub const WRAP_COOKIE: &str = "taskyard_wrap";
/// Name of the cookie that holds the chosen theme.
pub const THEME_COOKIE: &str = "taskyard_theme";

/// Paths of the server functions that take a multipart form; the HTTP side refuses other bodies for them.
pub const MULTIPART_FNS: [&str; 5] = [
    <CreateFunctionFn as ServerFn>::PATH,
    <UploadCodeFn as ServerFn>::PATH,
    <DeploySourceFn as ServerFn>::PATH,
    <CreateTriggerFn as ServerFn>::PATH,
    <ModifyTriggerFn as ServerFn>::PATH,
];

/// Path of the server function that remembers the time zone.
pub const SET_TIME_ZONE: &str = <SetTimeZone as ServerFn>::PATH;

/// Paths of the server functions whose value is shown on the page of their form, unless they lead to another one.
pub const SHOWN_FNS: [&str; 6] = [
    <DeploySourceFn as ServerFn>::PATH,
    <TestFunctionFn as ServerFn>::PATH,
    <TestHttpFunctionFn as ServerFn>::PATH,
    <CreateAccessKeyFn as ServerFn>::PATH,
    <CreateUserFn as ServerFn>::PATH,
    <ResetPasswordFn as ServerFn>::PATH,
];

/// The ports and the request at hand; the server puts one into the context of every render and server function.
#[derive(Clone)]
pub struct Console {
    /// Does what the user's role includes; what is changed through it is written into the audit. So do those after it.
    pub control: Arc<dyn ControlPlane>,
    pub identity: Arc<dyn Identity>,
    pub keys: Arc<dyn AccessKeys>,
    pub users: Arc<dyn Users>,
    pub audit: Arc<dyn Audit>,
    pub account_id: AccountId,
    /// Flags of the server and what they are set to, for the page of the settings.
    pub flags: Arc<[(&'static str, String)]>,
    pub request_id: RequestId,
    pub user: Option<SessionUser>,
    /// Where the request comes from.
    pub origin: SessionOrigin,
    /// The session's token as the browser sent it.
    pub session_token: Option<String>,
    pub theme: Theme,
    pub language: Language,
    pub zone: Zone,
    /// False where the user has switched the single-key shortcuts off.
    pub single_keys: bool,
    /// False where the user wants lines of logs as long as they are.
    pub wraps_lines: bool,
    /// True when the browser came over TLS: cookies are `Secure` then.
    pub secure: bool,
    /// Stands in the addresses of script, wasm and style so that they can be cached for ever.
    pub asset_version: Arc<str>,
    /// Text fields of a multipart form as far as they were read, for showing a rejected form again.
    pub read_fields: Arc<Mutex<Vec<(String, String)>>>,
}

/// The context and the name of the signed-in user: what every server function asks for first. Errors: `Unauthenticated`.
pub fn signed_in() -> Result<(Console, String)> {
    let console = console()?;
    match console.user.clone() {
        Some(user) => Ok((console, user.name)),
        None => Err(ConsoleError::new(ErrorCode::Unauthenticated, t!("Your session has ended. Sign in again."))),
    }
}

/// The context alone, for what needs no session.
pub fn console() -> Result<Console> {
    use_context::<Console>().ok_or_else(|| model::Error::internal().into())
}

/// The filter that a query string of the task list asks for. Errors: `InvalidArgument` where the list would show none because of it.
pub fn task_filter(query: &str) -> model::Result<TaskFilter> {
    crate::pages::task_filter(query)
}

pub(crate) fn request_id() -> String {
    use_context::<Console>().map_or_else(String::new, |console| console.request_id.to_string())
}

/// Host and port that the request at hand came to; empty when its header can't stand in a program.
pub(crate) fn host() -> String {
    let host = use_context::<Parts>().and_then(|parts| Some(parts.headers.get(header::HOST)?.to_str().ok()?.to_owned()));
    host.filter(|host| host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".:-[]".contains(&byte))).unwrap_or_default()
}

/// Scheme, host and port that the request at hand came to.
pub(crate) fn endpoint(console: &Console) -> String {
    format!("{}://{}", if console.secure { "https" } else { "http" }, host())
}

/// Gives the answer this status.
pub fn set_status(status: u16) {
    if let (Some(response), Ok(status)) = (use_context::<ResponseOptions>(), StatusCode::from_u16(status)) {
        response.set_status(status);
    }
}

/// Sends the browser to this address.
pub fn redirect(to: &str) {
    if HeaderValue::from_str(to).is_ok() {
        leptos_axum::redirect(to);
    }
}

/// Sets a header of the answer.
pub(crate) fn set_header(name: HeaderName, value: &str) {
    if let (Some(response), Ok(value)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(value)) {
        response.insert_header(name, value);
    }
}

/// Years ahead of any clock: a cookie may not live for ever.
pub const FAR: UnixMillis = UnixMillis(4_102_444_800_000);

/// A cookie that scripts can't read, as its header has it; `expires` `None` deletes it.
pub fn cookie(console: &Console, name: &str, value: &str, expires: Option<UnixMillis>) -> String {
    let expires = http_date(expires.unwrap_or_default());
    let secure = if console.secure { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Expires={expires}{secure}")
}

/// Sets a [`cookie`].
pub fn set_cookie(console: &Console, name: &str, value: &str, expires: Option<UnixMillis>) {
    if let (Some(response), Ok(cookie)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(&cookie(console, name, value, expires)))
    {
        response.append_header(header::SET_COOKIE, cookie);
    }
}

/// An instant as HTTP headers have it: `Tue, 24 Nov 2026 12:01:05 GMT`.
fn http_date(at: UnixMillis) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = model::format::rfc3339(at);
    let part = |range| text.get(range).unwrap_or_default();
    let weekday = usize::try_from(at.0.div_euclid(86_400_000).rem_euclid(7)).ok().and_then(|day| DAYS.get(day));
    let month = part(5..7).parse::<usize>().ok().and_then(|month| MONTHS.get(month.wrapping_sub(1)));
    format!("{}, {} {} {} {} GMT", weekday.unwrap_or(&""), part(8..10), month.unwrap_or(&""), part(0..4), part(11..19))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_expire_at_an_http_date() {
        let check = |ms, text| assert_eq!(http_date(UnixMillis(ms)), text);
        check(0, "Thu, 01 Jan 1970 00:00:00 GMT");
        check(1_795_521_665_002, "Tue, 24 Nov 2026 12:01:05 GMT");
    }
}
