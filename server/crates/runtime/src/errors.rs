//! Error objects that callers get when a function fails without an error of its own (`fc-api.md` 5.4).

use std::{os::unix::process::ExitStatusExt, process::ExitStatus};

/// The function reported the error through its callback.
pub(crate) const HANDLED: &str = "HandledInvocationError";
/// Every other failure of a function.
pub(crate) const UNHANDLED: &str = "UnhandledInvocationError";

/// A custom runtime has no file to start.
pub(crate) const FILE_NOT_FOUND: &str = "CAFileNotFound";
/// The file that starts a custom runtime may not be executed.
pub(crate) const FILE_PERMISSION: &str = "CAFilePermission";
/// A custom runtime ended before it listened on its port.
pub(crate) const EXITED_EARLY: &str = "CAExited";

/// An error object with a message and a type.
pub(crate) fn typed_body(message: &str, kind: &str) -> Vec<u8> {
    serde_json::json!({ "errorMessage": message, "errorType": kind }).to_string().into_bytes()
}

/// A custom runtime did not listen on its port in time.
pub(crate) fn not_listening(port: u16, seconds: u64) -> Vec<u8> {
    body(&format!(
        "the custom runtime did not listen on port {port} within {seconds} seconds (FC_SERVER_PORT names the port: the configured one only \
         where the service has no internet access)"
    ))
}

/// An error object with a message only.
pub(crate) fn body(message: &str) -> Vec<u8> {
    serde_json::json!({ "errorMessage": message }).to_string().into_bytes()
}

/// The time limit was reached.
pub(crate) fn timed_out(seconds: u64) -> Vec<u8> {
    body(&format!("Task timed out after {seconds} seconds"))
}

/// The initializer's time limit was reached.
pub(crate) fn initializer_timed_out(seconds: u64) -> Vec<u8> {
    body(&format!("Function initializer timed out after {seconds} seconds"))
}

/// The process did not become ready in time.
pub(crate) fn start_timed_out(seconds: u64) -> Vec<u8> {
    body(&format!("Function instance was not ready after {seconds} seconds"))
}

/// The process ended before it answered. Where nobody can tell whether memory ran out, a SIGKILL that the executor did not send is taken
/// for the kernel's for that reason.
pub(crate) fn exited(status: Option<ExitStatus>, ran_out_of_memory: Option<bool>) -> Vec<u8> {
    if status.and_then(|s| s.signal()) == Some(nix::libc::SIGKILL) && ran_out_of_memory.unwrap_or(true) {
        return body("Function instance exited unexpectedly (OOM)");
    }
    body("Process exited unexpectedly before completing request")
}

/// The result is larger than an answer may be.
pub(crate) fn result_too_large(bytes: usize) -> Vec<u8> {
    body(&format!("the result has {bytes} bytes; the limit is {}", model::limits::SYNC_PAYLOAD_BYTES_MAX))
}

/// How a process ended, in words for the log.
pub(crate) fn describe(status: Option<ExitStatus>) -> String {
    match status {
        None => "process ended".to_owned(),
        Some(status) => match (status.code(), status.signal()) {
            (Some(code), _) => format!("process ended with exit code {code}"),
            (None, Some(signal)) => format!("process ended by signal {signal}"),
            (None, None) => "process ended".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_foreign_sigkill_reads_as_out_of_memory() {
        let check = |raw, oom: Option<bool>, text: &str, described: &str| {
            let status = Some(ExitStatus::from_raw(raw));
            assert!(String::from_utf8_lossy(&exited(status, oom)).contains(text), "{raw} {oom:?}");
            assert_eq!(describe(status), described);
        };
        let unexpected = "Process exited unexpectedly before completing request";
        check(9, None, "(OOM)", "process ended by signal 9");
        check(9, Some(true), "(OOM)", "process ended by signal 9");
        check(9, Some(false), unexpected, "process ended by signal 9");
        check(11, None, unexpected, "process ended by signal 11");
        // Memory ran out for a child; the process itself ended for another reason.
        check(3 << 8, Some(true), unexpected, "process ended with exit code 3");
    }
}
