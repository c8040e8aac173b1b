//! Who asks, and with which settings: read from cookies once for each request.

use super::audited::{Audited, Who};
use super::router::Web;
use app::bootstrap::Theme;
use app::language::{self, LANGUAGE_PARAMETER, Language};
use app::routes;
use app::server::{self, Console, KEYS_COOKIE, LANGUAGE_COOKIE, SESSION_COOKIE, THEME_COOKIE, WRAP_COOKIE, ZONE_COOKIE};
use app::zone::{ZONE_PARAMETER, Zone};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use model::{RequestId, SessionOrigin};
use std::net::SocketAddr;
use std::sync::Arc;

/// Puts a [`Console`] into the request, and the request's id into the answer.
pub(super) async fn attach(State(web): State<Arc<Web>>, mut request: Request, next: Next) -> Response {
    let request_id = RequestId::generate();
    let headers = request.headers();
    let session_token = cookie(headers, SESSION_COOKIE).map(str::to_owned);
    let user = match &session_token {
        None => None,
        Some(token) => match web.state.identity.session(token).await {
            Ok(user) => user,
            Err(error) => {
                tracing::error!(request.id = %request_id, code = error.code.as_str(), "a session could not be read");
                let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                return (status, format!("Something went wrong. Try again. Request {request_id}\n")).into_response();
            }
        },
    };
    let who = Who {
        user: user.clone(),
        address: request.extensions().get::<ConnectInfo<SocketAddr>>().map_or_else(String::new, |info| info.0.ip().to_string()),
        request_id: request_id.to_string(),
    };
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let origin = SessionOrigin { address: who.address.clone(), agent: agent.to_owned() };
    let audited = Arc::new(Audited::new(&web.state, who));
    let (language, chosen) = language_of(&request);
    let console = Console {
        control: audited.clone(),
        identity: audited.clone(),
        keys: audited.clone(),
        users: audited.clone(),
        audit: audited,
        account_id: web.state.account_id.clone(),
        flags: web.state.flags.clone(),
        request_id: request_id.clone(),
        user,
        origin,
        session_token,
        theme: cookie(headers, THEME_COOKIE).map(Theme::parse).unwrap_or_default(),
        language,
        zone: zone_of(&request),
        single_keys: cookie(headers, KEYS_COOKIE) != Some("off"),
        wraps_lines: cookie(headers, WRAP_COOKIE) != Some("off"),
        secure: headers.get("x-forwarded-proto").is_some_and(|proto| proto == "https"),
        asset_version: web.assets.version(),
        read_fields: Arc::default(),
    };
    let kept = chosen.then(|| server::cookie(&console, LANGUAGE_COOKIE, language.as_str(), Some(server::FAR)));
    request.extensions_mut().insert(console);
    let mut response = language::within(language, next.run(request)).await;
    if let Some(Ok(cookie)) = kept.map(|cookie| HeaderValue::from_str(&cookie)) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    if let Ok(id) = HeaderValue::from_str(request_id.as_str()) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), id);
    }
    response
}

/// The language that the address, else the cookie, else the browser asks for; true when the address did.
fn language_of(request: &Request) -> (Language, bool) {
    let pairs = routes::pairs(request.uri().query().unwrap_or_default());
    let named = pairs.iter().find(|(name, _)| name == LANGUAGE_PARAMETER).and_then(|(_, tag)| Language::parse(tag));
    let headers = request.headers();
    let remembered = || cookie(headers, LANGUAGE_COOKIE).and_then(Language::parse);
    (named.or_else(remembered).unwrap_or_else(|| spoken(headers)), named.is_some())
}

/// The time zone that the address, else the cookie asks for.
fn zone_of(request: &Request) -> Zone {
    let pairs = routes::pairs(request.uri().query().unwrap_or_default());
    let named = pairs.iter().find(|(name, _)| name == ZONE_PARAMETER).and_then(|(_, zone)| Zone::parse(zone));
    named.or_else(|| cookie(request.headers(), ZONE_COOKIE).and_then(Zone::parse)).unwrap_or_default()
}

/// The first language of `Accept-Language` that there is; browsers list the best first.
fn spoken(headers: &HeaderMap) -> Language {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let tags = accepted.split(',').map(|offer| offer.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
    let known = tags.filter_map(|tag| match tag.split('-').next() {
        Some("en") => Some(Language::English),
        Some("zh") => Some(Language::SimplifiedChinese),
        _ => None,
    });
    known.into_iter().next().unwrap_or_default()
}

/// The value of a cookie, if the browser sent it.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_by_their_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; taskyard_session=x=y; b=2"));
        headers.append(header::COOKIE, HeaderValue::from_static("c=3"));
        assert_eq!(cookie(&headers, "taskyard_session"), Some("x=y"));
        assert_eq!(cookie(&headers, "c"), Some("3"));
        assert_eq!(cookie(&headers, "session"), None);
    }

    #[test]
    fn b20_the_address_names_the_time_zone_before_the_cookie() {
        let check = |address: &str, cookie: &'static str, expected: &str| {
            let request = Request::get(address).header(header::COOKIE, cookie).body(axum::body::Body::empty()).unwrap();
            assert_eq!(zone_of(&request).as_str(), expected, "{address} {cookie}");
        };
        check("/r1/tasks", "", "browser");
        check("/r1/tasks", "taskyard_zone=Asia/Shanghai", "Asia/Shanghai");
        check("/r1/tasks?tz=utc", "taskyard_zone=Asia/Shanghai", "UTC");
        check("/r1/tasks?tz=Mars/Olympus", "taskyard_zone=Asia/Shanghai", "Asia/Shanghai");
        check("/r1/tasks", "taskyard_zone=../../etc/passwd", "browser");
    }

    #[test]
    fn b25_the_address_names_the_language_before_the_cookie_and_that_before_the_browser() {
        let check = |address: &str, cookie: &'static str, accepted: &'static str, expected| {
            let request = Request::get(address).header(header::COOKIE, cookie).header(header::ACCEPT_LANGUAGE, accepted);
            assert_eq!(language_of(&request.body(axum::body::Body::empty()).unwrap()), expected, "{address} {cookie} {accepted}");
        };
        let (english, chinese) = (Language::English, Language::SimplifiedChinese);
        check("/r1/tasks", "", "", (english, false));
        check("/r1/tasks", "", "fr, zh-TW;q=0.8, en;q=0.5", (chinese, false));
        check("/r1/tasks", "", "en-GB,zh;q=0.9", (english, false));
        check("/r1/tasks", "taskyard_language=zh-CN", "en", (chinese, false));
        check("/r1/tasks?lang=en", "taskyard_language=zh-CN", "zh", (english, true));
        check("/r1/tasks?lang=xx", "taskyard_language=zh-CN", "", (chinese, false));
    }
}
