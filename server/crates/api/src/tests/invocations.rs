use super::wire::{Call, Wire};
use base64::{Engine, prelude::BASE64_STANDARD};
use insta::assert_snapshot;
use model::{InvocationResult, Origin, limits};

const INVOKE: &str = "/services/demo/functions/f1/invocations";
const TASK_ID: &str = "x-fc-stateful-async-invocation-id";

fn result() -> InvocationResult {
    InvocationResult {
        body: b"result".to_vec(),
        http: None,
        error: None,
        duration_ms: 2,
        instance_id: None,
        log_tail: "hello\nDuration: 1.54 ms, Billed Duration: 2 ms, Memory Size: 128 MB, Max Memory Used: 14.74 MB\n".to_owned(),
        code_checksum: "11051210869376104954".to_owned(),
        runtime_note: None,
    }
}

async fn sync_wire(result: InvocationResult) -> Wire {
    let wire = Wire::with_function().await;
    wire.double.kept().result = Some(result);
    wire
}

fn asynchronous(wire: &Wire) -> Call<'_> {
    wire.call("POST", INVOKE).header("x-fc-invocation-type", "Async").body("event")
}

#[tokio::test]
async fn invoke_function() {
    let wire = sync_wire(result()).await;
    assert_snapshot!(wire.call("POST", INVOKE).body(b"\xff\x00").send().await.text());
    let kept = wire.double.kept();
    assert_eq!(kept.invoked[0].payload, b"\xff\x00");
    assert!(kept.invoked[0].qualifier.is_latest() && kept.submitted.is_empty());
}

#[tokio::test]
async fn results_that_are_not_text_come_back_as_they_are() {
    let wire = sync_wire(InvocationResult { body: b"\x00\xff".to_vec(), ..result() }).await;
    assert_eq!(&wire.call("POST", INVOKE).ok().await.body[..], b"\x00\xff");
}

#[tokio::test]
async fn the_answers_request_id_is_the_invocations() {
    let wire = sync_wire(result()).await;
    let answer = wire.call("POST", INVOKE).ok().await;
    assert_eq!(answer.header("x-fc-request-id"), Some(wire.double.kept().invoked[0].request_id.as_str()));
    let answer = asynchronous(&wire).ok().await;
    assert_eq!(answer.header("x-fc-request-id"), Some(wire.double.kept().submitted[0].request_id.as_str()));
}

#[tokio::test]
async fn a_failed_function_is_a_200_with_its_error_type() {
    let error = Some("UnhandledInvocationError".to_owned());
    let body = br#"{"errorMessage":"x","errorType":"ValueError","stackTrace":[]}"#.to_vec();
    let note = Some("python3 runs on 3.11.7".to_owned());
    let wire = sync_wire(InvocationResult { body, error, runtime_note: note, ..result() }).await;
    assert_snapshot!(wire.call("POST", INVOKE).send().await.text());
}

#[tokio::test]
async fn tail_returns_the_log() {
    let wire = sync_wire(result()).await;
    let answer = wire.call("POST", INVOKE).header("x-fc-log-type", "Tail").ok().await;
    let log = BASE64_STANDARD.decode(answer.header("x-fc-log-result").unwrap()).unwrap();
    assert_eq!(String::from_utf8(log).unwrap(), result().log_tail);
    assert_eq!(wire.call("POST", INVOKE).header("x-fc-log-type", "None").ok().await.header("x-fc-log-result"), None);
}

#[tokio::test]
async fn invoke_function_asynchronously() {
    let wire = Wire::with_function().await;
    assert_snapshot!("async_without_task_mode", asynchronous(&wire).header(TASK_ID, "ignored").send().await.text());
    let wire = Wire::with_task_mode().await;
    assert_snapshot!("async_with_generated_id", asynchronous(&wire).send().await.text());
    assert_snapshot!("async_with_id", asynchronous(&wire).header(TASK_ID, "job-1").send().await.text());
    assert_snapshot!("async_with_the_same_id", asynchronous(&wire).header(TASK_ID, "job-1").send().await.text());
}

#[tokio::test]
async fn what_a_submission_says_reaches_the_engine() {
    let wire = Wire::with_function().await;
    let call = asynchronous(&wire).header("x-fc-async-delay", "3600").header("x-fc-stateful-async-invocation-enable", "True");
    let answer = call.header(TASK_ID, "job-1").header("x-fc-log-type", "None").ok().await;
    assert_eq!(answer.header(TASK_ID), Some("job-1"));
    let kept = wire.double.kept();
    let submitted = &kept.submitted[0];
    assert_eq!((submitted.delay_s, submitted.force_task, submitted.task_id.as_deref()), (3600, true, Some("job-1")));
    assert_eq!((&submitted.payload[..], &submitted.origin, submitted.qualifier.as_str()), (&b"event"[..], &Origin::Api, "LATEST"));
}

#[tokio::test]
async fn other_spellings_of_the_task_id_are_read_and_never_written() {
    let wire = Wire::with_task_mode().await;
    for (name, id) in [("stateful-async-invocation-id", "a"), ("x-fc-async-task-id", "b")] {
        let answer = asynchronous(&wire).header(name, id).ok().await;
        assert_eq!((answer.header(TASK_ID), answer.header(name)), (Some(id), None));
    }
    let both = asynchronous(&wire).header("x-fc-async-task-id", "other").header(TASK_ID, "official").ok().await;
    assert_eq!(both.header(TASK_ID), Some("official"));
}

#[tokio::test]
async fn header_values_outside_their_rule_are_refused() {
    let wire = Wire::with_function().await;
    let check = async |call: Call<'_>, message: &str| assert_eq!(call.refused(400, "InvalidArgument").await, message);
    let call = || wire.call("POST", INVOKE);
    let kinds = "InvocationType is set to an invalid value (allowed: Async or Sync, actual: 'async')";
    check(call().header("x-fc-invocation-type", "async"), kinds).await;
    let logs = "LogType is set to an invalid value (allowed: Tail or None, actual: 'X')";
    check(call().header("x-fc-log-type", "X"), logs).await;
    let tail = "LogType is set to an invalid value (allowed for asynchronous invocations: None, actual: 'Tail')";
    check(asynchronous(&wire).header("x-fc-log-type", "Tail"), tail).await;
    for delay in ["3601", "-1", "1.5", "soon"] {
        let text = format!("AsyncDelay is set to an invalid value (allowed: 0 to 3600 seconds, actual: '{delay}')");
        check(asynchronous(&wire).header("x-fc-async-delay", delay), &text).await;
    }
    let flag = "StatefulAsyncInvocationEnable is set to an invalid value (allowed: true or false, actual: 'yes')";
    check(asynchronous(&wire).header("x-fc-stateful-async-invocation-enable", "yes"), flag).await;
    assert!(wire.double.kept().submitted.is_empty());
}

#[tokio::test]
async fn asynchronous_events_over_their_limit_are_refused() {
    let wire = Wire::with_function().await;
    let most = limits::ASYNC_PAYLOAD_BYTES_MAX;
    asynchronous(&wire).body(vec![b'x'; most]).ok().await;
    let message = asynchronous(&wire).body(vec![b'x'; most + 1]).refused(400, "EntityTooLarge").await;
    assert_eq!(message, "payload size exceeds maximum allowed size (131072 bytes)");
    assert_eq!(wire.double.kept().submitted.len(), 1);
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let wire = Wire::new();
    wire.call("POST", INVOKE).refused(404, "ServiceNotFound").await;
    let wire = Wire::with_function().await;
    let message = wire.call("POST", "/services/demo/functions/none/invocations").refused(404, "FunctionNotFound").await;
    assert_eq!(message, "function 'none' does not exist in service 'demo'");
    let message = wire.call("POST", &format!("{INVOKE}?qualifier=7")).refused(404, "VersionNotFound").await;
    assert_eq!(message, "version '7' of service 'demo' does not exist");
    wire.call("POST", &format!("{INVOKE}?qualifier=prod")).refused(404, "AliasNotFound").await;
}
