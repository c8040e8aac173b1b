//! What travels between a caller and an HTTP function, bodies apart (`fc-api.md` 3.3, 4.7).

use crate::{Error, Result, limits};
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

/// A request to an HTTP function as a user makes it up (`console.md` C-22).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpParameters {
    /// One of [`METHODS`].
    pub method: String,
    /// Begins with a slash; percent-encoded where it has to be.
    pub path: String,
    /// Names and values, decoded; a name may come twice.
    pub query: Vec<(String, String)>,
    /// A name may come twice.
    pub headers: Vec<(String, String)>,
    /// The header `Content-Type`; empty for none.
    pub content_type: String,
    pub body: String,
}

/// Methods of requests to HTTP functions.
pub const METHODS: [&str; 7] = ["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"];

/// Headers that the platform makes from the request itself.
const MADE: [&str; 3] = ["content-length", "host", "transfer-encoding"];

impl Default for HttpParameters {
    fn default() -> Self {
        Self {
            method: "GET".to_owned(),
            path: "/".to_owned(),
            query: Vec::new(),
            headers: Vec::new(),
            content_type: String::new(),
            body: String::new(),
        }
    }
}

impl HttpParameters {
    /// What is wrong, by the member that it is wrong with: `method`, `path`, `query`, `headers`, `content_type`.
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        let mut check = |member: &'static str, fits: bool, text: &str| {
            if !fits {
                problems.push((member, text.to_owned()));
            }
        };
        check("method", METHODS.contains(&self.method.as_str()), "Choose a method.");
        check("path", self.path.starts_with('/'), "The path must start with /.");
        let is_plain = self.path.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#".contains(&byte));
        check(
            "path",
            is_plain,
            "Write spaces and other special characters of the path as %20 and so on; the query has a field of its own.",
        );
        let is_name = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        check("headers", self.headers.iter().all(|(name, _)| is_name(name)), "Header names may use letters, digits and -.");
        let is_free = |name: &str| is_for_function(name) && !MADE.contains(&name);
        let set = self.headers.iter().find(|(name, _)| !is_free(&name.to_ascii_lowercase()));
        check("headers", set.is_none(), &set.map_or_else(String::new, |(name, _)| format!("This header is set by the platform: {name}.")));
        let is_value = |value: &str| value.chars().all(|c| c == '\t' || !c.is_control());
        check("headers", self.headers.iter().all(|(_, value)| is_value(value)), "Header values have no control characters.");
        check("content_type", is_value(&self.content_type), "Header values have no control characters.");
        let request = self.request("");
        let bytes: usize = request.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        check("headers", bytes <= limits::HTTP_HEADERS_BYTES_MAX, "All headers together have at most 8 KB.");
        check("query", request.uri().len() <= limits::HTTP_URI_BYTES_MAX, "Path and query together have at most 4 KB.");
        problems
    }

    /// Fails with the first of [`Self::problems`].
    pub fn validate(&self) -> Result<()> {
        self.problems().into_iter().next().map_or(Ok(()), |(_, text)| Err(Error::invalid(text)))
    }

    /// The head of the request, as the function gets it below this address.
    pub fn request(&self, base_path: &str) -> HttpRequest {
        let lower = |(name, value): &(String, String)| (name.to_ascii_lowercase(), value.clone());
        let content_type = Some(("content-type".to_owned(), self.content_type.clone())).filter(|(_, value)| !value.is_empty());
        HttpRequest {
            method: self.method.clone(),
            base_path: base_path.to_owned(),
            path: self.path.clone(),
            query: self.query_string(),
            headers: self.headers.iter().map(lower).chain(content_type).collect(),
            client_ip: String::new(),
        }
    }

    fn query_string(&self) -> String {
        let mut text = String::new();
        for (name, value) in &self.query {
            if !text.is_empty() {
                text.push('&');
            }
            encode(name, &mut text);
            text.push('=');
            encode(value, &mut text);
        }
        text
    }
}

/// Percent-encodes everything but the unreserved characters of RFC 3986.
fn encode(text: &str, into: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            into.push(char::from(byte));
        } else {
            into.push_str(&format!("%{byte:02X}"));
        }
    }
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
    fn c22_a_request_is_made_of_its_parameters() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let parameters = HttpParameters {
            method: "POST".to_owned(),
            path: "/a%20b".to_owned(),
            query: vec![pair("q", "1 &"), pair("q", "ü"), pair("empty", "")],
            headers: vec![pair("X-Twice", "1"), pair("x-twice", "2")],
            content_type: "text/plain".to_owned(),
            body: "hello".to_owned(),
        };
        assert_eq!(parameters.validate(), Ok(()));
        let request = parameters.request("/2016-08-15/proxy/s/f");
        assert_eq!(request.uri(), "/2016-08-15/proxy/s/f/a%20b?q=1%20%26&q=%C3%BC&empty=");
        assert_eq!(request.headers, [pair("x-twice", "1"), pair("x-twice", "2"), pair("content-type", "text/plain")]);
        assert_eq!(HttpParameters::default().request("").uri(), "/");
    }

    #[test]
    fn c22_what_can_t_be_sent_is_named_by_member() {
        let check = |change: fn(&mut HttpParameters), member: &str, text: &str| {
            let mut parameters = HttpParameters::default();
            change(&mut parameters);
            let problems = parameters.problems();
            assert!(problems.iter().any(|(found, problem)| *found == member && problem.contains(text)), "{problems:?}");
            assert!(parameters.validate().is_err());
        };
        check(|p| p.method = "GRAB".to_owned(), "method", "Choose a method.");
        check(|p| p.path = "a".to_owned(), "path", "The path must start with /.");
        check(|p| p.path = "/a b".to_owned(), "path", "%20");
        check(|p| p.path = "/a?b=1".to_owned(), "path", "the query has a field of its own");
        check(|p| p.headers = vec![("a b".to_owned(), String::new())], "headers", "Header names may use letters, digits and -.");
        for set in ["X-Fc-Request-Id", "Connection", "host", "Content-Length"] {
            let problems = HttpParameters { headers: vec![(set.to_owned(), "1".to_owned())], ..HttpParameters::default() }.problems();
            assert_eq!(problems, [("headers", format!("This header is set by the platform: {set}."))]);
        }
        check(|p| p.headers = vec![("a".to_owned(), "1\n2".to_owned())], "headers", "control characters");
        check(|p| p.headers = vec![("a".to_owned(), "1".repeat(8_192))], "headers", "at most 8 KB");
        check(|p| p.query = vec![("a".to_owned(), "1".repeat(4_096))], "query", "at most 4 KB");
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
