//! What can go wrong, what the user is told of it, and the exit code that it ends with.

use serde_json::{Value, json};

/// Exit code: done.
pub const EXIT_OK: u8 = 0;
/// Exit code: the request was refused or failed.
pub const EXIT_REFUSED: u8 = 1;
/// Exit code: a mistake in arguments, variables or the profile file.
pub const EXIT_USAGE: u8 = 2;
/// Exit code: the function failed, or the task ended in another state than `Succeeded`.
pub const EXIT_FAILED: u8 = 3;
/// Exit code: the server can't be reached.
pub const EXIT_UNREACHABLE: u8 = 4;

/// The exit codes as `--help` shows them.
pub(crate) const EXIT_CODES: &str = "Exit codes:
  0  done
  1  the request was refused or failed
  2  a mistake in arguments, variables or the profile file
  3  the function failed, or the task ended in another state than Succeeded
  4  the server can't be reached";

/// Why a verb did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    /// The server refused (`fc-api.md` 1.5).
    Refused(Refusal),
    /// Something on this machine, or an answer that can't be read.
    Failed(String),
    /// A mistake of the caller.
    Usage(String),
    /// The function failed; its error has been printed.
    Function(String),
    /// No connection, or one that broke off.
    Unreachable(String),
    /// Whoever read the output has gone; there is nobody to tell.
    Closed,
}

/// An error that the server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// Code of the API's table, or the status where the answer had none.
    pub code: String,
    pub message: String,
    /// Empty when the answer had none.
    pub request_id: String,
}

impl From<std::io::Error> for Problem {
    /// A failure to write the output.
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Problem::Closed,
            _ => Problem::Failed(format!("the output can't be written: {error}")),
        }
    }
}

/// What every verb returns.
pub(crate) type Outcome<T> = Result<T, Problem>;

impl Problem {
    /// The exit code that the process ends with.
    pub fn exit_code(&self) -> u8 {
        match self {
            Problem::Refused(_) | Problem::Failed(_) | Problem::Closed => EXIT_REFUSED,
            Problem::Usage(_) => EXIT_USAGE,
            Problem::Function(_) => EXIT_FAILED,
            Problem::Unreachable(_) => EXIT_UNREACHABLE,
        }
    }

    fn message(&self) -> &str {
        match self {
            Problem::Refused(refusal) => &refusal.message,
            Problem::Failed(text) | Problem::Usage(text) | Problem::Function(text) | Problem::Unreachable(text) => text,
            Problem::Closed => "the output was closed",
        }
    }

    /// What to do about it; empty when the message says it all.
    fn hint(&self) -> &'static str {
        match self {
            Problem::Refused(refusal) => hint_for(&refusal.code),
            Problem::Unreachable(_) => {
                "is the server running there? name another one with --endpoint, TASKYARD_ENDPOINT or taskyard configure"
            }
            Problem::Failed(_) | Problem::Usage(_) | Problem::Function(_) | Problem::Closed => "",
        }
    }

    /// Lines for people.
    pub fn text(&self) -> String {
        let mut text = match self {
            Problem::Refused(Refusal { code, message, .. }) => format!("taskyard: {code}: {message}"),
            _ => format!("taskyard: {}", self.message()),
        };
        if !self.hint().is_empty() {
            text.push_str("\n  what to do: ");
            text.push_str(self.hint());
        }
        if let Problem::Refused(Refusal { request_id, .. }) = self
            && !request_id.is_empty()
        {
            text.push_str("\n  request id: ");
            text.push_str(request_id);
        }
        text
    }

    /// One line for programs; `code` is the API's where it has one.
    pub fn json(&self) -> Value {
        let mut out = json!({"message": self.message(), "exitCode": self.exit_code()});
        if let (Value::Object(members), Problem::Refused(refusal)) = (&mut out, self) {
            members.insert("code".to_owned(), json!(refusal.code));
            members.insert("status".to_owned(), json!(refusal.status));
            members.insert("requestId".to_owned(), json!(refusal.request_id));
        }
        out
    }
}

/// What to do about a code of `fc-api.md` 1.5.
fn hint_for(code: &str) -> &'static str {
    match code {
        "InvalidAccessKeyID" => "check the access key id; the server printed one at its first start, taskyard configure stores it",
        "SignatureNotMatch" => "check the access key secret, and that no proxy in between changes the host or the body",
        "AccessDenied" => "check that the key may do this, and that this machine's clock is right",
        "ServiceNotFound" => "taskyard service list shows what there is; services belong to a region (--region)",
        "FunctionNotFound" => "taskyard function list SERVICE shows what there is",
        "StatefulAsyncInvocationNotFound" => "taskyard task list SERVICE/FUNCTION shows what there is; records are kept for some days only",
        "StatefulAsyncInvocationAlreadyExists" => "nothing was run; choose another --id, or look at the task that has it",
        "ServiceAlreadyExists" | "FunctionAlreadyExists" => "choose another name, or change the one that exists",
        "ServiceNotEmpty" => "delete its functions and versions first",
        "FunctionNotEmpty" => "delete its triggers first",
        "PreconditionFailed" | "ConcurrentUpdateError" => "somebody changed it meanwhile; look at it and try again",
        "EntityTooLarge" => "an event is at most 128 KB asynchronously and 32 MB otherwise, a code package 100 MB",
        "ResourceExhausted" | "ResourceThrottled" | "ServiceUnavailable" => "try again in a moment",
        "RequestTimeout" => "the connection was too slow; try again",
        "InternalServerError" => "try again; the server's log has the cause under the request id",
        _ => "",
    }
}
