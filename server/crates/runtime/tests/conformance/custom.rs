//! What only custom runtimes have: a command, a port, errors of their start (`fc-api.md` 5.5).

use crate::harness::{Bench, CUSTOM, OFFLINE, again, invocation, marked_processes, survivors};
use engine::ports::{AcquireError, End, Executor, Invocation};
use model::ServiceName;
use runtime::Piece;
use serde_json::json;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

fn custom(handler: &str, extra: serde_json::Value) -> Invocation {
    let mut call = invocation(CUSTOM, "basic", handler, "ü");
    call.function.spec.extra = extra.as_object().cloned().unwrap();
    call
}

fn offline(mut call: Invocation, id: &str) -> Invocation {
    call.function.service = ServiceName::from_stored(OFFLINE);
    call.function.id = id.to_owned();
    call
}

/// Kind and text of the error of an instance that does not start, and the log's tail.
async fn refusal(bench: &Bench, call: &Invocation) -> (&'static str, String, String) {
    match bench.executor.acquire(call, &CancellationToken::new()).await {
        Err(AcquireError::FunctionError { kind, body, log_tail }) => {
            let error: serde_json::Value = serde_json::from_slice(&body).unwrap();
            (kind, error["errorMessage"].as_str().unwrap().to_owned(), log_tail)
        }
        Err(error) => panic!("{error:?}"),
        Ok(_) => panic!("the instance started"),
    }
}

#[tokio::test]
async fn i4_instances_without_internet_have_the_configured_port_each() {
    let bench = Bench::new().await;
    if !bench.has(Piece::Network) {
        return;
    }
    let mut held = Vec::new();
    for (port, id) in [(9_000, "a"), (9_000, "b"), (8_123, "c")] {
        let call = offline(custom("environment", json!({ "caPort": port })), id);
        let seen: serde_json::Value = serde_json::from_str(&bench.result(call.clone()).await).unwrap();
        assert_eq!((&seen["FC_SERVER_PORT"], &seen["FC_CUSTOM_LISTEN_PORT"]), (&json!(port.to_string()), &json!(port.to_string())));
        held.push(bench.executor.acquire(&again(&call, ""), &CancellationToken::new()).await.unwrap());
    }
    let reached = tokio::net::TcpStream::connect(("127.0.0.1", 8_123)).await;
    assert!(reached.is_err(), "nobody else gets in");
}

#[tokio::test]
async fn i4_instances_that_share_the_servers_network_get_ports_of_their_own() {
    let bench = Bench::new().await;
    let port = async |id: &str| {
        let mut call = custom("environment", json!({}));
        call.function.id = id.to_owned();
        let seen: serde_json::Value = serde_json::from_str(&bench.result(call).await).unwrap();
        seen["FC_SERVER_PORT"].as_str().unwrap().to_owned()
    };
    assert_ne!(port("a").await, port("b").await);
}

#[tokio::test]
async fn i4_a_command_with_arguments_starts_the_runtime() {
    let bench = Bench::new().await;
    for command in ["python3", "/usr/bin/python3"] {
        let config = json!({ "customRuntimeConfig": { "command": [command], "args": ["-X", "utf8", "bootstrap"] } });
        let mut call = custom("hello", config);
        call.function.id = command.to_owned();
        assert_eq!(bench.result(call).await, "hello ü");
    }
}

#[tokio::test]
async fn i4_what_can_t_be_started_is_named() {
    let bench = Bench::new().await;
    let command = |program: &str| custom("hello", json!({ "customRuntimeConfig": { "command": [program] } }));
    let check = async |call: Invocation, code: &str, text: &str| {
        let (kind, message, tail) = refusal(&bench, &call).await;
        assert_eq!(kind, code, "{message}");
        assert!(message.contains(text), "{message}");
        tail
    };
    check(command("./nothere"), "CAFileNotFound", "/code/nothere").await;
    check(command("no-such-program"), "CAFileNotFound", "there is no program 'no-such-program'").await;
    check(command("./index.py"), "CAFilePermission", "is not executable").await;
    let tail = check(custom("nothere", json!({})), "CAExited", "exit code 1").await;
    assert!(tail.contains("Handler 'nothere' missing"), "the log says why: {tail}");
    let mut none = invocation(CUSTOM, "basic", "hello", "");
    none.function.package_id = "python-basic".to_owned();
    check(none, "CAFileNotFound", "/code/bootstrap").await;
    let owner = std::fs::read_to_string(bench.data_dir.path().join("owner")).unwrap();
    assert_eq!(marked_processes(&format!("TASKYARD_OWNER={owner}")), [0; 0]);
}

#[tokio::test]
async fn i4_a_program_that_never_listens_is_given_up() {
    let bench = Bench::with(|config| config.start_timeout = Duration::from_millis(300)).await;
    let call = custom("hello", json!({ "caPort": 9_123, "customRuntimeConfig": { "command": ["sleep"], "args": ["1000"] } }));
    let (kind, message, _) = refusal(&bench, &offline(call, "never")).await;
    assert_eq!(kind, "UnhandledInvocationError");
    assert!(message.contains("did not listen on port 9123"), "{message}");
}

// A server of HTTP/1.0 closes each connection: more requests than sockets are made in one go.
#[tokio::test]
async fn i4_one_instance_serves_many_requests_also_without_keep_alive() {
    let bench = Bench::new().await;
    for protocol in ["HTTP/1.0", "HTTP/1.1"] {
        for is_offline in [false, true] {
            let mut call = custom("count", json!({}));
            call.function.spec.environment.insert("PROTOCOL".to_owned(), protocol.to_owned());
            call.function.id = format!("{protocol} {is_offline}");
            if is_offline {
                call.function.service = ServiceName::from_stored(OFFLINE);
            }
            let (first, _) = bench.invoke(call.clone()).await;
            for n in 2..=11 {
                let (id, outcome) = bench.invoke(again(&call, "")).await;
                assert_eq!((id, outcome.end), (first.clone(), End::Succeeded { result: n.to_string().into_bytes() }), "{protocol} {n}");
            }
        }
    }
}

#[tokio::test]
async fn i4_an_offline_instance_is_stopped_with_everything_it_started() {
    let bench = Bench::new().await;
    for mode in ["sleeper", "deaf", "daemon"] {
        let running = bench.begin(offline(invocation(CUSTOM, "stop", "handler", mode), mode)).await;
        running.stop.cancel();
        assert_eq!(running.outcome.await.unwrap().end, End::Stopped { ended_by_itself: false }, "{mode}");
        assert_eq!(survivors(&running.id), [0; 0], "{mode}");
    }
}
