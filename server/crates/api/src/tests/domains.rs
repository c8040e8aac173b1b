//! Custom domains on the wire (`fc-api.md` 3.9), and requests that are sent to them.

use super::{
    double::{KEY, SECRET},
    wire::{Answer, Wire, function, send},
};
use crate::with_targets;
use axum::{Router, body::Body, http::Request, routing::get};
use model::{Error, ErrorCode, HttpResponse, InvocationResult, Policy};
use serde_json::{Value, json};

const DOMAINS: &str = "/custom-domains";
const SHOP: &str = "/custom-domains/shop.example.org";

fn route(path: &str) -> Value {
    json!({"path": path, "serviceName": "demo", "functionName": "f1"})
}

fn domain(name: &str, routes: &[Value]) -> Value {
    json!({"domainName": name, "routeConfig": {"routes": routes}})
}

/// A function that is called by HTTP, and this domain.
async fn wire_with(auth_type: &str, body: Value) -> Wire {
    let wire = Wire::with_function().await;
    let config = json!({"authType": auth_type, "methods": ["GET", "POST"]});
    let trigger = json!({"triggerName": "web", "triggerType": "http", "triggerConfig": config.to_string()});
    wire.call("POST", "/services/demo/functions/f1/triggers").json(trigger).ok().await;
    wire.call("POST", DOMAINS).json(body).ok().await;
    wire.double.kept().result = Some(InvocationResult {
        body: b"function".to_vec(),
        http: Some(HttpResponse { status: 200, headers: Vec::new() }),
        error: None,
        duration_ms: 2,
        instance_id: None,
        log_tail: String::new(),
        code_checksum: "1".to_owned(),
        runtime_note: None,
    });
    wire
}

/// The server: the API and a console around it.
fn server(wire: &Wire) -> Router {
    let console = Router::new().route("/healthz", get(|| async { "alive" })).fallback(|| async { "console" });
    with_targets(wire.state.clone(), wire.router.clone().merge(console))
}

async fn ask(wire: &Wire, host: &str, path: &str) -> Answer {
    send(server(wire), Request::get(path).header("host", host).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn i5_1_domains_are_made_read_listed_changed_and_deleted() {
    let wire = Wire::with_function().await;
    let made = wire.call("POST", DOMAINS).json(domain("Shop.Example.org", &[route("/*")])).ok().await;
    let (etag, made) = (made.header("etag").unwrap().to_owned(), made.json());
    assert_eq!(
        (&made["domainName"], &made["protocol"], &made["accountId"]),
        (&json!("shop.example.org"), &json!("HTTP"), &json!("1000000000000001"))
    );
    assert_eq!(made["routeConfig"]["routes"][0]["qualifier"], "LATEST");
    assert_eq!(wire.legacy("GET", SHOP).ok().await.json()["apiVersion"], "2016-08-15");
    wire.legacy("POST", DOMAINS).json(domain("shop.example.org", &[])).refused(409, "DomainNameAlreadyExists").await;
    wire.call("POST", DOMAINS).json(domain("a.example.org", &[])).ok().await;
    let page = wire.call("GET", "/custom-domains?limit=1").ok().await.json();
    assert_eq!((&page["customDomains"][0]["domainName"], &page["nextToken"]), (&json!("a.example.org"), &json!("shop.example.org")));
    let named = wire.legacy("GET", "/custom-domains?prefix=sh").ok().await.json();
    assert_eq!(named["customDomains"].as_array().unwrap().len(), 1);

    let change = || wire.call("PUT", SHOP).json(json!({"protocol": "HTTP,HTTPS", "domainName": "ignored"}));
    change().header("if-match", "another").refused(412, "PreconditionFailed").await;
    let changed = change().header("if-match", &etag).ok().await;
    assert_ne!(changed.header("etag"), Some(etag.as_str()));
    let changed = changed.json();
    assert_eq!((&changed["protocol"], &changed["routeConfig"]), (&json!("HTTP,HTTPS"), &made["routeConfig"]));
    let emptied = wire.call("PUT", SHOP).json(json!({"routeConfig": {"routes": []}})).ok().await.json();
    assert_eq!(emptied["routeConfig"]["routes"], json!([]));
    wire.call("GET", SHOP).header("x-fc-region", "cn-shanghai").refused(404, "DomainNameNotFound").await;
    assert_eq!(wire.legacy("DELETE", SHOP).ok().await.status.as_u16(), 204);
    let gone = wire.call("GET", SHOP).refused(404, "DomainNameNotFound").await;
    assert_eq!(gone, "domain name 'shop.example.org' does not exist");
    wire.call("PUT", SHOP).refused(404, "DomainNameNotFound").await;
}

#[tokio::test]
async fn i5_1_a_private_key_is_neither_kept_nor_shown() {
    let wire = Wire::with_function().await;
    let certificate = json!({"certName": "mine", "certificate": "PEM", "privateKey": "a secret"});
    let body =
        json!({"domainName": "shop.example.org", "certConfig": certificate, "tlsConfig": {"minVersion": "TLSv1.2", "cipherSuites": ["A"]}});
    let made = wire.call("POST", DOMAINS).json(body).ok().await.json();
    assert_eq!(made["certConfig"], json!({"certName": "mine", "certificate": "PEM"}));
    assert_eq!(made["tlsConfig"], json!({"minVersion": "TLSv1.2", "maxVersion": null, "cipherSuites": ["A"]}));
    let kept = format!("{:?}", wire.double.kept().domains);
    assert!(kept.contains("mine") && !kept.contains("a secret"), "{kept}");
}

#[tokio::test]
async fn i5_1_domains_that_cannot_be_made() {
    let wire = Wire::with_function().await;
    let check = async |body: Value, status: u16, code: &str, part: &str| {
        let message = wire.call("POST", DOMAINS).json(body).refused(status, code).await;
        assert!(message.contains(part), "{message}");
    };
    check(json!({}), 400, "InvalidArgument", "member 'domainName' is required").await;
    for name in ["localhost", "127.0.0.1", "*.org", "a b.org", "a.org:80"] {
        check(domain(name, &[]), 400, "InvalidArgument", name).await;
    }
    let of = |route: Value| domain("a.example.org", &[route]);
    check(of(route("a")), 400, "InvalidArgument", "begins with a slash").await;
    check(of(route("/*/b")), 400, "InvalidArgument", "/*/b").await;
    check(domain("a.example.org", &[route("/a"), route("/a")]), 400, "InvalidArgument", "named twice").await;
    check(of(json!({"path": "/", "serviceName": "demo"})), 400, "InvalidArgument", "functionName' is required").await;
    let with = |member: &str, value: Value| {
        let mut route = route("/");
        route[member] = value;
        of(route)
    };
    check(with("methods", json!(["TRACE"])), 400, "InvalidArgument", "TRACE").await;
    check(
        with("rewriteConfig", json!({"equalRules": [{"match": "/a", "replacement": "/b"}]})),
        400,
        "InvalidArgument",
        "not rewritten here",
    )
    .await;
    check(with("serviceName", json!("none")), 404, "ServiceNotFound", "none").await;
    check(with("functionName", json!("none")), 404, "FunctionNotFound", "none").await;
    check(with("qualifier", json!("prod")), 404, "AliasNotFound", "prod").await;
    check(json!({"domainName": "a.example.org", "protocol": "FTP"}), 400, "InvalidArgument", "FTP").await;
    check(json!({"domainName": "a.example.org", "tlsConfig": {"minVersion": "SSLv3"}}), 400, "InvalidArgument", "SSLv3").await;
    wire.call("POST", DOMAINS).json(with("rewriteConfig", json!({"equalRules": []}))).ok().await;
    // Who takes the server's own name for a function leaves nobody a console.
    for name in ["fc.example.org", "*.example.org"] {
        let call = wire.call("POST", DOMAINS).json(domain(name, &[])).header("host", "fc.example.org:3000");
        assert!(call.refused(400, "InvalidArgument").await.contains("this server itself"));
    }
}

#[tokio::test]
async fn i5_1_a_request_to_a_domain_goes_by_its_longest_route() {
    let routes = [route("/*"), json!({"path": "/api/*", "serviceName": "demo", "functionName": "f2"}), route("/api/one")];
    let wire = wire_with("anonymous", domain("shop.example.org", &routes[..1])).await;
    wire.call("POST", "/services/demo/functions").json(function("f2")).ok().await;
    wire.call("PUT", SHOP).json(json!({"routeConfig": {"routes": routes}})).ok().await;
    for (path, function) in
        [("/", "f1"), ("/api", "f1"), ("/api/two?a=1", "f2"), ("/api/one", "f1"), ("/2021-04-06/services", "f1"), ("/healthz", "f1")]
    {
        let answer = ask(&wire, "Shop.example.org:3000", path).await;
        assert_eq!((&answer.body[..], answer.header("x-fc-request-id").is_some()), (b"function".as_slice(), true), "{path}");
        assert_eq!(answer.header("content-security-policy"), None, "an origin of its own");
        let invoked = wire.double.kept().invoked.remove(0);
        assert_eq!(invoked.function.function.as_str(), function, "{path}");
        let http = invoked.http.unwrap();
        assert_eq!((http.uri().as_str(), http.base_path.as_str(), http.header("host")), (path, "", Some("Shop.example.org:3000")));
    }
    for host in ["127.0.0.1:3000", "localhost", "other.example.org"] {
        assert_eq!(&ask(&wire, host, "/api/one").await.body[..], b"console", "{host}");
    }
}

#[tokio::test]
async fn i5_1_what_a_domain_does_not_take() {
    let only_post = json!({"path": "/post", "serviceName": "demo", "functionName": "f1", "methods": ["POST"]});
    let wire = wire_with("anonymous", domain("*.example.org", &[route("/a/*"), only_post])).await;
    let host = "shop.example.org";
    let message = ask(&wire, host, "/b").await.assert_refusal(404, "DomainRouteNotFound", "no route");
    assert_eq!(message, "no route found in domain '*.example.org' for path '/b'");
    ask(&wire, host, "/post").await.assert_refusal(400, "PathNotSupported", "another method");
    assert_eq!(&ask(&wire, host, "/a/x").await.body[..], b"function");
    assert_eq!(&ask(&wire, "two.labels.example.org", "/a/x").await.body[..], b"console");
    // The domain decides, not what the caller names.
    let request = Request::get("/b").header("host", host).header("x-fc-invocation-target", "2016-08-15/proxy/demo/f1");
    send(server(&wire), request.body(Body::empty()).unwrap()).await.assert_refusal(404, "DomainRouteNotFound", "a target");

    wire.call("PUT", "/custom-domains/*.example.org").json(json!({"protocol": "HTTPS"})).ok().await;
    ask(&wire, host, "/a/x").await.assert_refusal(403, "AccessDenied", "plain HTTP");
    let secure = Request::get("/a/x").header("host", host).header("x-forwarded-proto", "https").body(Body::empty()).unwrap();
    assert_eq!(&send(server(&wire), secure).await.body[..], b"function");
}

#[tokio::test]
async fn i5_1_a_domain_asks_for_a_signature_where_its_function_does() {
    let wire = wire_with("function", domain("shop.example.org", &[route("/*")])).await;
    ask(&wire, "shop.example.org", "/x").await.assert_refusal(400, "MissingRequiredHeader", "unsigned");
    wire.double.kept().policies.insert("other".to_owned(), Policy::parse("invoke-only", "elsewhere").unwrap());
    wire.double.kept().policies.insert("demo".to_owned(), Policy::parse("invoke-only", "demo").unwrap());
    let signed = async |key: &str| {
        let call = wire.raw("GET", "/x").header("host", "shop.example.org").key(key, SECRET);
        send(server(&wire), call.signed().map(Body::from)).await
    };
    for key in [KEY, "demo"] {
        assert_eq!(&signed(key).await.body[..], b"function", "{key}");
    }
    signed("other").await.assert_refusal(403, "AccessDenied", "a key for another service");
}

#[tokio::test]
async fn i5_1_domains_that_cannot_be_read() {
    let wire = wire_with("anonymous", domain("shop.example.org", &[route("/*")])).await;
    wire.double.kept().failure = Some(Error::new(ErrorCode::ServiceUnavailable, "the store is away"));
    ask(&wire, "shop.example.org", "/x").await.assert_refusal(503, "ServiceUnavailable", "a name");
    assert_eq!(&ask(&wire, "shop.example.org", "/healthz").await.body[..], b"alive");
    assert_eq!(&ask(&wire, "127.0.0.1", "/x").await.body[..], b"console");
}
