//! The document that a destination gets of a task's end (`fc-api.md` 4.6).

use crate::ports::TaskOutcome;
use model::{ErrorCode, TaskStatus};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// Condition of every stopped task, whoever recorded its end (`product.md` 3).
const STOPPED: &str = "AsyncInvocationStopped";

/// HTTP status of a condition that stands in no table: the event waited longer than allowed.
const EXPIRED_STATUS: u16 = 408;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    timestamp: i64,
    request_context: RequestContext<'a>,
    request_payload: &'a str,
    response_context: ResponseContext<'a>,
    response_payload: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext<'a> {
    request_id: &'a str,
    function_arn: String,
    condition: &'a str,
    approximate_invoke_count: u32,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ResponseContext<'a> {
    status_code: u16,
    function_error: &'a str,
}

/// The document as JSON. It depends on the record alone, so every try sends the same bytes; its time is that of the end.
pub(crate) fn document(outcome: &TaskOutcome) -> Vec<u8> {
    let condition = condition(outcome);
    let is_function_error = condition.ends_with("InvocationError");
    let function = &outcome.task.function;
    let payload = String::from_utf8_lossy(&outcome.payload);
    let result = outcome.result.as_deref().map(String::from_utf8_lossy);
    let response = match result {
        Some(result) if condition.is_empty() => result.into_owned(),
        _ if condition.is_empty() => String::new(),
        // A function's own error object; everything else gets one of the same form.
        _ if is_function_error => outcome.error_message.clone(),
        _ => serde_json::json!({ "errorMessage": outcome.error_message, "errorType": condition }).to_string(),
    };
    let document = Document {
        timestamp: outcome.ended_at.0,
        request_context: RequestContext {
            request_id: outcome.request_id.as_str(),
            function_arn: format!("acs:fc:::services/{}.{}/functions/{}", function.service, outcome.qualifier, function.function),
            condition,
            approximate_invoke_count: outcome.attempt,
        },
        request_payload: &payload,
        response_context: ResponseContext {
            status_code: if condition.is_empty() || is_function_error { 200 } else { status_of(condition) },
            function_error: if is_function_error { condition } else { "" },
        },
        response_payload: &response,
    };
    // Texts and numbers can always be written.
    serde_json::to_vec(&document).unwrap_or_default()
}

/// The error code of the invocation; empty on success.
fn condition(outcome: &TaskOutcome) -> &str {
    match outcome.status {
        TaskStatus::Succeeded => "",
        TaskStatus::Stopped => STOPPED,
        _ => &outcome.error_kind,
    }
}

fn status_of(condition: &str) -> u16 {
    match ErrorCode::ALL.iter().find(|code| code.as_str() == condition) {
        Some(code) => code.status(),
        None if condition == "AsyncEventExpired" => EXPIRED_STATUS,
        None => ErrorCode::InternalServerError.status(),
    }
}

/// Names the delivery: the same for every try, and another one for every task. A function that is the target gets it as its request id, and
/// so takes one delivery once however often it is sent.
pub(crate) fn delivery_id(outcome: &TaskOutcome) -> String {
    let function = &outcome.task.function;
    let mut hash = Sha256::new();
    let parts = [
        function.region.as_str(),
        function.service.as_str(),
        function.function.as_str(),
        outcome.task.id.as_str(),
        outcome.request_id.as_str(),
    ];
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(hash.finalize()) {
        *to = from;
    }
    uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{FunctionName, FunctionRef, Qualifier, Region, RequestId, ServiceName, TaskId, UnixMillis};

    fn outcome(status: TaskStatus) -> TaskOutcome {
        let function = FunctionRef {
            region: Region::from_stored("r"),
            service: ServiceName::from_stored("s"),
            function: FunctionName::from_stored("f"),
        };
        TaskOutcome {
            task: function.task(TaskId::from_stored("job-1")),
            qualifier: Qualifier::latest(),
            request_id: RequestId::from_stored("req-1"),
            listed: true,
            status,
            ended_at: UnixMillis(1_660_120_276_975),
            attempt: 2,
            error_kind: String::new(),
            error_message: String::new(),
            payload: b"{\"n\":1}".to_vec(),
            result: None,
        }
    }

    fn check(outcome: &TaskOutcome, text: &str) {
        assert_eq!(String::from_utf8(document(outcome)).unwrap(), text);
    }

    #[test]
    fn i3_4_the_document_of_a_success() {
        let task = TaskOutcome { result: Some(b"\"ok\"".to_vec()), ..outcome(TaskStatus::Succeeded) };
        check(
            &task,
            r#"{"timestamp":1660120276975,"requestContext":{"requestId":"req-1","functionArn":"acs:fc:::services/s.LATEST/functions/f","condition":"","approximateInvokeCount":2},"requestPayload":"{\"n\":1}","responseContext":{"statusCode":200,"functionError":""},"responsePayload":"\"ok\""}"#,
        );
        let earlier_error = TaskOutcome { error_kind: "UnhandledInvocationError".to_owned(), ..task.clone() };
        assert_eq!(document(&earlier_error), document(&task), "the error of an attempt before the last one");
    }

    #[test]
    fn i3_4_the_document_of_a_function_error() {
        let (error_kind, error_message) = ("UnhandledInvocationError".to_owned(), r#"{"errorMessage":"no"}"#.to_owned());
        check(
            &TaskOutcome { error_kind, error_message, ..outcome(TaskStatus::Failed) },
            r#"{"timestamp":1660120276975,"requestContext":{"requestId":"req-1","functionArn":"acs:fc:::services/s.LATEST/functions/f","condition":"UnhandledInvocationError","approximateInvokeCount":2},"requestPayload":"{\"n\":1}","responseContext":{"statusCode":200,"functionError":"UnhandledInvocationError"},"responsePayload":"{\"errorMessage\":\"no\"}"}"#,
        );
    }

    #[test]
    fn i3_4_condition_and_status_of_ends_that_are_no_function_error() {
        let check = |status, kind: &str, condition: &str, code: u16| {
            let task = TaskOutcome { error_kind: kind.to_owned(), error_message: "why".to_owned(), ..outcome(status) };
            let document: serde_json::Value = serde_json::from_slice(&document(&task)).unwrap();
            assert_eq!(document["requestContext"]["condition"], condition);
            assert_eq!(document["responseContext"], serde_json::json!({ "statusCode": code, "functionError": "" }));
            let response: serde_json::Value = serde_json::from_str(document["responsePayload"].as_str().unwrap()).unwrap();
            assert_eq!(response, serde_json::json!({ "errorMessage": "why", "errorType": condition }));
        };
        check(TaskStatus::Expired, "AsyncEventExpired", "AsyncEventExpired", 408);
        check(TaskStatus::Invalid, "FunctionNotFound", "FunctionNotFound", 404);
        check(TaskStatus::Stopped, "AsyncInvocationStopped", "AsyncInvocationStopped", 412);
        // Ended by whoever took over from the server that was stopping it.
        check(TaskStatus::Stopped, "UnhandledInvocationError", "AsyncInvocationStopped", 412);
        check(TaskStatus::Failed, "SomethingElse", "SomethingElse", 500);
    }

    #[test]
    fn i3_4_a_delivery_has_one_id_and_no_other_has_it() {
        let one = outcome(TaskStatus::Failed);
        assert_eq!(delivery_id(&one), delivery_id(&TaskOutcome { attempt: 5, ..one.clone() }));
        assert_eq!(delivery_id(&one).len(), 36);
        assert_ne!(delivery_id(&one), delivery_id(&TaskOutcome { request_id: RequestId::from_stored("req-2"), ..one.clone() }));
    }
}
