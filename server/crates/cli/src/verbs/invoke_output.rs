//! What is printed of an invocation.

use super::invoke::TASK_ID;
use crate::call::Answer;
use crate::output::{Cell, Output};
use crate::problem::{Outcome, Problem};
use crate::target::FunctionTarget;
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

/// A synchronous one: the result exactly as it is on standard output, everything else beside it.
pub(super) fn finished(output: &mut Output, answer: &Answer) -> Outcome<()> {
    let log = answer.header("x-fc-log-result").and_then(|log| BASE64_STANDARD.decode(log).ok());
    let log = log.map(|log| String::from_utf8_lossy(&log).into_owned());
    if output.is_json {
        output.document(&document(answer, log.as_deref()))?;
    } else {
        if let Some(note) = answer.header("x-fc-runtime-note") {
            output.note(&format!("note: {note}"))?;
        }
        if let Some(log) = log {
            log.trim_end().lines().try_for_each(|line| output.note(&Cell::plain(line).paint(false)))?;
        }
        output.raw(&answer.body)?;
        if output.is_terminal && !answer.body.is_empty() && !answer.body.ends_with(b"\n") {
            output.raw(b"\n")?;
        }
    }
    match answer.header("x-fc-error-type") {
        Some(kind) => Err(Problem::Function(format!("the function failed: {kind}"))),
        None => Ok(()),
    }
}

/// The API has no document for it: what stands in the answer's headers, and the result.
fn document(answer: &Answer, log: Option<&str>) -> Value {
    let text = std::str::from_utf8(&answer.body);
    let mut out = json!({
        "statusCode": answer.status,
        "requestId": answer.header("x-fc-request-id"),
        "errorType": answer.header("x-fc-error-type"),
        "payload": text.ok(),
    });
    if let Value::Object(members) = &mut out {
        // Bytes that are no text.
        members.extend(text.is_err().then(|| ("payloadBase64".to_owned(), json!(BASE64_STANDARD.encode(&answer.body)))));
        members.extend(log.map(|log| ("log".to_owned(), json!(log))));
        members.extend(answer.header("x-fc-runtime-note").map(|note| ("runtimeNote".to_owned(), json!(note))));
    }
    out
}

/// An accepted task: its id on standard output, and with a hint how to follow it beside that.
pub(super) fn accepted(output: &mut Output, answer: &Answer, function: &FunctionTarget, with_hint: bool) -> Outcome<String> {
    let Some(id) = answer.header(TASK_ID) else {
        return Err(Problem::Failed("the server accepted the call but named no task".to_owned()));
    };
    if output.is_json {
        output.item(&json!({"invocationId": id, "requestId": answer.header("x-fc-request-id")}))?;
    } else {
        output.line(id)?;
        if with_hint {
            output.note(&format!("accepted; follow it with: taskyard task watch {function} {id}"))?;
        }
    }
    Ok(id.to_owned())
}
