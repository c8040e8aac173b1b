//! Every code of `fc-api.md` 1.5: an answer that carries it, or where it shows instead.

use super::{
    double::SECRET,
    exchanges::world,
    wire::{Answer, Wire, function, send},
};
use crate::{openapi, with_targets};
use axum::{body::Body, http::Request};
use model::{Error, ErrorCode, HttpResponse, InvocationResult, limits};
use serde_json::{Value, json};

const F1: &str = "/services/demo/functions/f1";

/// A call that is refused with the code. A code without an arm does not compile.
async fn refused(wire: &Wire, code: ErrorCode) -> Option<Answer> {
    let of = |path: &str| format!("{F1}{path}");
    let get = |path: &str| wire.call("GET", path);
    let call = match code {
        ErrorCode::InvalidArgument => wire.call("POST", "/services").json(json!({"serviceName": "-"})),
        ErrorCode::MissingRequiredHeader => {
            let unsigned = Request::get("/2021-04-06/services").body(Body::empty()).unwrap();
            return Some(send(wire.router.clone(), unsigned).await);
        }
        ErrorCode::PathNotSupported => get("/services/demo/none"),
        ErrorCode::EntityTooLarge => {
            let async_call = wire.call("POST", &of("/invocations")).header("x-fc-invocation-type", "Async");
            async_call.body(vec![b'x'; limits::ASYNC_PAYLOAD_BYTES_MAX + 1])
        }
        ErrorCode::LimitExceededError => {
            let tags: serde_json::Map<String, Value> = (0..=limits::TAGS_MAX).map(|n| (format!("k{n}"), json!("v"))).collect();
            wire.call("POST", "/tag").json(json!({"resourceArn": "services/demo", "tags": tags}))
        }
        ErrorCode::AdditionalVersionContainsMajorVersion => {
            let weights = json!({"aliasName": "a", "versionId": "1", "additionalVersionWeight": {"1": 0.5}});
            wire.call("POST", "/services/demo/aliases").json(weights)
        }
        ErrorCode::AccessDenied => get("/services").header("x-fc-account-id", "2"),
        ErrorCode::SignatureNotMatch => get("/services").key(super::double::KEY, "wrong"),
        ErrorCode::InvalidAccessKeyID => get("/services").key("nobody", SECRET),
        ErrorCode::ServiceNotFound => get("/services/none"),
        ErrorCode::FunctionNotFound => get("/services/demo/functions/none"),
        ErrorCode::VersionNotFound => get(&of("?qualifier=7")),
        ErrorCode::AliasNotFound => get("/services/demo/aliases/none"),
        ErrorCode::TriggerNotFound => get(&of("/triggers/none")),
        ErrorCode::AsyncConfigNotExists => get(&of("/async-invoke-config?qualifier=1")),
        ErrorCode::OnDemandConfigNotFound => get(&of("/on-demand-config?qualifier=1")),
        ErrorCode::ProvisionConfigNotFound => get(&of("/provision-config?qualifier=1")),
        ErrorCode::StatefulAsyncInvocationNotFound => get(&of("/stateful-async-invocations/none")),
        ErrorCode::InstanceNotFound => {
            let handshake = wire.legacy("GET", &of("/instances/none/exec")).handshake();
            return Some(upgraded(wire, handshake).await);
        }
        ErrorCode::LayerVersionNotFound => get("/layers/none/versions/1"),
        ErrorCode::DomainNameNotFound => get("/custom-domains/none.example.org"),
        ErrorCode::DomainNameAlreadyExists => wire.call("POST", "/custom-domains").json(json!({"domainName": "shop.example.org"})),
        ErrorCode::DomainRouteNotFound => {
            let request = Request::get("/nowhere").header("host", "shop.example.org").body(Body::empty()).unwrap();
            return Some(send(with_targets(wire.state.clone(), wire.router.clone()), request).await);
        }
        ErrorCode::RegionNotFound => get("/services").header("x-fc-region", "mars"),
        ErrorCode::StatefulAsyncInvocationAlreadyExists => {
            let submit = || {
                let call = wire.call("POST", &of("/invocations")).header("x-fc-invocation-type", "Async");
                call.header("x-fc-stateful-async-invocation-id", "twice")
            };
            submit().ok().await;
            submit()
        }
        ErrorCode::ServiceAlreadyExists => wire.call("POST", "/services").json(json!({"serviceName": "demo"})),
        ErrorCode::FunctionAlreadyExists => wire.call("POST", "/services/demo/functions").json(function("f1")),
        ErrorCode::TriggerAlreadyExists => {
            let timer = json!({"triggerName": "t1", "triggerType": "timer", "triggerConfig": {"cronExpression": "@every 5m"}});
            wire.call("POST", &of("/triggers")).json(timer)
        }
        ErrorCode::AliasAlreadyExists => wire.call("POST", "/services/demo/aliases").json(json!({"aliasName": "prod", "versionId": "1"})),
        ErrorCode::QualifierInUse => wire.call("DELETE", "/services/demo/versions/1"),
        ErrorCode::ServiceNotEmpty => wire.call("DELETE", "/services/demo"),
        ErrorCode::PreconditionFailed => wire.call("DELETE", F1).header("if-match", "another"),
        ErrorCode::BadResponse => {
            let trigger =
                json!({"triggerName": "web", "triggerType": "http", "triggerConfig": {"authType": "anonymous", "methods": ["GET"]}});
            wire.call("POST", &of("/triggers")).json(trigger).ok().await;
            let head = HttpResponse { status: 200, headers: vec![("a".to_owned(), "x".repeat(limits::HTTP_HEADERS_BYTES_MAX))] };
            let result = wire.double.kept().result.take().map(|result| InvocationResult { http: Some(head), ..result });
            wire.double.kept().result = result;
            wire.raw("GET", "/2016-08-15/proxy/demo/f1/")
        }
        // Decided behind the port, where the tests of engine and runtime bring them about; what the API makes of them is seen here.
        ErrorCode::FunctionNotEmpty
        | ErrorCode::ConcurrentUpdateError
        | ErrorCode::CAFileNotFound
        | ErrorCode::CAFilePermission
        | ErrorCode::CAExited
        | ErrorCode::RequestTimeout
        | ErrorCode::ResourceThrottled
        | ErrorCode::ResourceExhausted
        | ErrorCode::ClientClosedRequest
        | ErrorCode::InternalServerError
        | ErrorCode::ServiceUnavailable => {
            wire.double.kept().failure = Some(Error::new(code, "as the engine says"));
            match code {
                ErrorCode::FunctionNotEmpty | ErrorCode::ConcurrentUpdateError => wire.call("DELETE", F1),
                _ => wire.call("POST", &of("/invocations")),
            }
        }
        // Of the console's sign-in, its keys and its bulk actions.
        ErrorCode::Unauthenticated | ErrorCode::AccountEntityNotFound | ErrorCode::BulkActionNotFound => return None,
        // Conditions in what is sent to a destination, and in the record of a delivery.
        ErrorCode::AsyncInvocationStopped | ErrorCode::DestinationDeliveryFailed => return None,
    };
    Some(call.send().await)
}

/// A handshake over a real connection: without one there is nothing to upgrade.
async fn upgraded(wire: &Wire, request: Request<()>) -> Answer {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(axum::serve(listener, wire.router.clone()).into_future());
    let stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let (parts, ()) = request.into_parts();
    let target = format!("ws://127.0.0.1:3000{}", parts.uri);
    let mut request = Request::builder().uri(target);
    request.headers_mut().unwrap().extend(parts.headers);
    let refusal = tokio_tungstenite::client_async(request.body(()).unwrap(), stream).await.unwrap_err();
    serving.abort();
    let tokio_tungstenite::tungstenite::Error::Http(response) = refusal else { panic!("{refusal}") };
    let (parts, body) = response.into_parts();
    Answer { status: parts.status, headers: parts.headers, body: body.unwrap_or_default().into() }
}

/// Codes that the document names.
fn documented() -> String {
    openapi()["paths"].to_string()
}

#[tokio::test]
async fn i5_every_code_is_answered_with_and_documented() {
    let documented = documented();
    for code in ErrorCode::ALL {
        let wire = world().await;
        let named = documented.contains(&format!("\"{code}\""));
        match refused(&wire, *code).await {
            Some(answer) => {
                answer.assert_refusal(code.status(), code.as_str(), code.as_str());
                // These belong to no single operation: a path that leads nowhere, there or on a custom domain, and the answer of an HTTP function.
                let is_anywhere = matches!(code, ErrorCode::PathNotSupported | ErrorCode::DomainRouteNotFound | ErrorCode::BadResponse);
                assert!(named || is_anywhere, "{code} is not documented");
            }
            None => assert!(!named, "{code} is documented and never answered with"),
        }
    }
}
