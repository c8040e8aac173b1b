//! What travels between a caller and an HTTP function, bodies apart (`fc-api.md` 3.3, 4.7).

use serde::{Deserialize, Serialize};

/// Head of a request to an HTTP function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpRequest {
    /// Such as `GET`.
    pub method: String,
    /// What stood in front of `path` and led to the function, such as `/2016-08-15/proxy/demo/page`; empty when nothing did.
    pub base_path: String,
    /// As it was sent, percent-encoded; begins with a slash.
    pub path: String,
    /// As it was sent, without the question mark.
    pub query: String,
    /// Names in lower case, in the order in which they came; a name may come twice.
    pub headers: Vec<(String, String)>,
    /// Address of the caller, without a port.
    pub client_ip: String,
}

impl HttpRequest {
    /// The path and query that the caller sent.
    pub fn uri(&self) -> String {
        let Self { base_path, path, query, .. } = self;
        if query.is_empty() { format!("{base_path}{path}") } else { format!("{base_path}{path}?{query}") }
    }

    /// The first value of a header by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }
}

/// Head of an HTTP function's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpResponse {
    pub status: u16,
    /// As the function set them; a name may come twice.
    pub headers: Vec<(String, String)>,
}

/// Headers of a request that are not for the function.
const REQUEST_ONLY: [&str; 2] = ["connection", "keep-alive"];
/// Headers of an answer that are not the function's to set.
const RESPONSE_ONLY: [&str; 6] = ["connection", "content-length", "date", "keep-alive", "server", "upgrade"];
/// Names of the platform's own headers begin so.
const PLATFORM: &str = "x-fc-";

/// Names of the console's cookies begin so. A browser sends them to HTTP functions too, which have the same origin.
pub const CONSOLE_COOKIES: &str = "taskyard_";

/// The value of a `Cookie` header without the console's cookies; `None` when nothing is left.
pub fn cookies_for_function(value: &str) -> Option<String> {
    let left: Vec<&str> = value.split(';').map(str::trim).filter(|cookie| !cookie.starts_with(CONSOLE_COOKIES)).collect();
    (!left.is_empty()).then(|| left.join("; "))
}

/// True for the value of a `Set-Cookie` header that would set a cookie of the console.
pub fn sets_console_cookie(value: &str) -> bool {
    // A cookie without a name is sent back as its value alone.
    value.trim_start_matches(|c: char| c == '=' || c.is_whitespace()).starts_with(CONSOLE_COOKIES)
}

/// True for a header, its name in lower case, that reaches the function.
pub fn is_for_function(name: &str) -> bool {
    !REQUEST_ONLY.contains(&name) && !name.starts_with(PLATFORM)
}

/// True for a header, its name in any case, that reaches the caller.
pub fn is_for_caller(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    !RESPONSE_ONLY.contains(&name.as_str()) && !name.starts_with(PLATFORM) && name != "transfer-encoding"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i4_the_uri_is_what_the_caller_sent() {
        let check = |base_path: &str, query: &str, expected: &str| {
            let request = HttpRequest {
                method: "GET".to_owned(),
                base_path: base_path.to_owned(),
                path: "/a%20b".to_owned(),
                query: query.to_owned(),
                headers: Vec::new(),
                client_ip: String::new(),
            };
            assert_eq!(request.uri(), expected);
        };
        check("", "", "/a%20b");
        check("/2016-08-15/proxy/s/f", "q=1&q=2", "/2016-08-15/proxy/s/f/a%20b?q=1&q=2");
    }

    #[test]
    fn i4_the_console_s_cookies_are_neither_shown_to_functions_nor_set_by_them() {
        let check = |given: &str, expected: Option<&str>| assert_eq!(cookies_for_function(given).as_deref(), expected, "{given}");
        check("a=1; taskyard_session=secret; b=2", Some("a=1; b=2"));
        check("taskyard_session=secret;taskyard_theme=dark", None);
        check("a=taskyard_session", Some("a=taskyard_session"));
        assert!(sets_console_cookie("taskyard_session=mine; Path=/") && sets_console_cookie(" =taskyard_session=mine"));
        assert!(!sets_console_cookie("a=taskyard_session"));
    }

    #[test]
    fn i4_headers_of_the_platform_and_of_the_connection_pass_neither_way() {
        assert!(is_for_function("accept") && !is_for_function("x-fc-request-id") && !is_for_function("keep-alive"));
        assert!(is_for_caller("Content-Type") && !is_for_caller("Server") && !is_for_caller("X-Fc-Status"));
    }
}
