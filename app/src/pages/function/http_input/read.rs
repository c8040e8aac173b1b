//! Reads the form of a request, and what is saved of it.

use super::RequestSetup;
use super::text::parse;
use crate::error::Result;
use crate::forms::Checks;
use crate::server::{self, Console};
use model::{FunctionRef, HttpParameters, HttpRequest, ListQuery, Qualifier, limits};

/// The path below which a function is called under a qualifier (`fc-api.md` 3.3).
pub fn base_path(function: &FunctionRef, qualifier: &Qualifier) -> String {
    let FunctionRef { service, function, .. } = function;
    let at = if qualifier.is_latest() { String::new() } else { format!(".{qualifier}") };
    format!("/2016-08-15/proxy/{service}{at}/{function}")
}

/// What the console sends to an HTTP function while nothing else is chosen; `None` for an event function.
pub async fn saved(console: &Console, function: &FunctionRef) -> Result<Option<RequestSetup>> {
    let query = ListQuery { limit: limits::TRIGGERS_MAX, ..ListQuery::default() };
    let triggers = console.control.list_triggers(function, &query).await?.items;
    let of_http = |latest: bool| {
        let mut found = triggers.iter().filter(|trigger| !latest || trigger.spec.qualifier.is_latest());
        found.find_map(|trigger| trigger.spec.config.http())
    };
    let Some(http) = of_http(true).or_else(|| of_http(false)) else { return Ok(None) };
    let methods = http.methods.clone();
    let request = match console.control.get_http_parameters(function).await? {
        Some(request) => request,
        None => {
            let new = HttpParameters::default();
            let method = methods.iter().find(|method| **method == new.method).or(methods.first()).cloned();
            HttpParameters { method: method.unwrap_or_default(), ..new }
        }
    };
    Ok(Some(RequestSetup { request, methods }))
}

/// The head of a request to a function, as one that a browser sends to its address.
pub fn request(parameters: &HttpParameters, function: &FunctionRef, qualifier: &Qualifier) -> HttpRequest {
    let mut request = parameters.request(&base_path(function, qualifier));
    let host = server::host();
    if !host.is_empty() {
        request.headers.insert(0, ("host".to_owned(), host));
    }
    request
}

/// Reads the fields; the error names every wrong one.
pub fn parameters([method, path, query, headers, content_type, body]: [String; 6]) -> Result<HttpParameters> {
    let mut checks = Checks::default();
    let mut pairs = |field: &'static str, text: &str, separator, form: &str| {
        parse(text, separator).unwrap_or_else(|line| {
            checks.fail(field, t!("Line {line}: write {form}.", line, form));
            Vec::new()
        })
    };
    let parameters = HttpParameters {
        method,
        path: path.trim().to_owned(),
        query: pairs("query", &query, '=', "name=value"),
        headers: pairs("headers", &headers, ':', "Name: value"),
        content_type: content_type.trim().to_owned(),
        // Browsers send line ends of forms as two bytes.
        body: body.replace("\r\n", "\n"),
    };
    for (field, problem) in parameters.problems() {
        checks.fail(field, crate::language::message(problem.into()));
    }
    let (bytes, most) = (parameters.body.len(), limits::ASYNC_PAYLOAD_BYTES_MAX);
    if bytes > most {
        let text = t!("The body is {bytes} bytes. The limit for asynchronous invocations is {most} bytes.", bytes, most);
        checks.fail("body", text);
    }
    checks.finish()?;
    Ok(parameters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(fields: [&str; 6]) -> std::result::Result<HttpParameters, Vec<String>> {
        parameters(fields.map(str::to_owned)).map_err(|error| error.fields.into_iter().map(|field| field.name).collect())
    }

    #[test]
    fn c22_fields_become_a_request() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let expected = HttpParameters {
            method: "POST".to_owned(),
            path: "/orders".to_owned(),
            query: vec![pair("a", "1"), pair("a", "ü")],
            headers: vec![pair("X-Twice", "1"), pair("X-Twice", "2")],
            content_type: "text/plain".to_owned(),
            body: "one\ntwo".to_owned(),
        };
        assert_eq!(read(["POST", " /orders", "a=1\r\na=ü", "X-Twice: 1\nX-Twice: 2", "text/plain", "one\r\ntwo"]), Ok(expected));
    }

    #[test]
    fn c22_every_wrong_field_is_named() {
        let check =
            |fields: [&str; 6], wrong: &[&str]| assert_eq!(read(fields), Err(wrong.iter().map(|field| (*field).to_owned()).collect()));
        check(["GRAB", "orders", "a", "no colon", "", ""], &["query", "headers", "method", "path"]);
        check(["GET", "/", "", "X-Fc-Request-Id: 1", "", &"x".repeat(limits::ASYNC_PAYLOAD_BYTES_MAX + 1)], &["headers", "body"]);
    }

    #[test]
    fn c63_a_function_s_path_names_its_qualifier() {
        let function = FunctionRef {
            region: model::Region::from_stored("r"),
            service: model::ServiceName::from_stored("s"),
            function: model::FunctionName::from_stored("f"),
        };
        assert_eq!(base_path(&function, &Qualifier::latest()), "/2016-08-15/proxy/s/f");
        assert_eq!(base_path(&function, &Qualifier::from_stored("prod")), "/2016-08-15/proxy/s.prod/f");
    }
}
