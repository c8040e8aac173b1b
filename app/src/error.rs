//! What a console user may know of a failure.

use model::ErrorCode;
use serde::{Deserialize, Serialize};
use server_fn::codec::JsonEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

/// A failed call: code and message of [`model::Error`], the request it happened in, and the fields it concerns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsoleError {
    pub code: ErrorCode,
    pub message: String,
    /// Empty when the server was never reached.
    #[serde(default)]
    pub request_id: String,
    /// Form fields that have to be changed, in the form's order.
    #[serde(default)]
    pub fields: Vec<FieldError>,
}

/// What is wrong with one field of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The field's name in the form.
    pub name: String,
    pub message: String,
}

/// Name of the field with the tag of what a form was made from.
pub const ETAG: &str = "etag";

/// Result of every server function.
pub type Result<T> = std::result::Result<T, ConsoleError>;

impl ConsoleError {
    /// An error without fields; on the server it carries the id of the request at hand.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), request_id: request_id(), fields: Vec::new() }
    }

    /// One field is wrong.
    pub fn field(name: &str, message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidArgument, "").with_field(name, message)
    }

    /// Somebody changed it meanwhile (C-85): beside each field that now has another value than the user's stands that value, and the form
    /// gets the new tag, so that sending it again is a decision. Of each field its name, the user's value and the current one.
    #[cfg(feature = "ssr")]
    pub fn changed(code: ErrorCode, message: &str, etag: String, fields: Vec<(&'static str, String, String)>) -> Self {
        let mut error = Self::new(code, message).with_field(ETAG, etag);
        for (name, yours, now) in fields {
            if yours != now {
                let words = if now.is_empty() { t!("Now empty").to_owned() } else { t!("Now: {value}", value = now.replace('\n', ", ")) };
                error = error.with_field(name, words);
            }
        }
        error
    }

    /// The same error, laid at a field's door.
    pub fn with_field(mut self, name: &str, message: impl Into<String>) -> Self {
        self.fields.push(FieldError { name: name.to_owned(), message: message.into() });
        self
    }

    /// The error as it concerns one field: its message moves there.
    pub fn at_field(mut self, name: &str) -> Self {
        let message = std::mem::take(&mut self.message);
        self.with_field(name, message)
    }

    /// What is wrong with this field, if anything.
    pub fn of_field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|field| field.name == name).map(|field| field.message.as_str())
    }

    /// The message as a sentence: the engine's begin like log lines do. In another language a name may stand first, and stays as it is.
    pub fn sentence(&self) -> String {
        let mut text = self.message.clone();
        let stop = t!(".");
        if stop == "."
            && let Some(first) = text.get_mut(..1)
        {
            first.make_ascii_uppercase();
        }
        if text.ends_with(|c: char| c.is_alphanumeric() || matches!(c, ')' | '）' | '”')) {
            text.push_str(stop);
        }
        text
    }

    /// True when trying again may help without changing anything.
    pub fn is_transient(&self) -> bool {
        self.code.status() >= 500
    }
}

impl From<model::Error> for ConsoleError {
    fn from(error: model::Error) -> Self {
        Self::new(error.code, crate::language::message(error.message.into()))
    }
}

impl FromServerFnError for ConsoleError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(value: ServerFnErrorErr) -> Self {
        match value {
            ServerFnErrorErr::Request(_) => {
                Self::new(ErrorCode::ServiceUnavailable, t!("The server did not answer. Check the connection and try again."))
            }
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Serialization(_) => {
                Self::new(ErrorCode::InvalidArgument, t!("The form is not complete. Reload the page and try again."))
            }
            _ => model::Error::internal().into(),
        }
    }
}

#[cfg(feature = "ssr")]
fn request_id() -> String {
    crate::server::request_id()
}

#[cfg(not(feature = "ssr"))]
fn request_id() -> String {
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_become_sentences() {
        let check = |message: &str, sentence: &str| {
            let error = ConsoleError {
                code: ErrorCode::InvalidArgument,
                message: message.to_owned(),
                request_id: String::new(),
                fields: Vec::new(),
            };
            assert_eq!(error.sentence(), sentence);
        };
        check("service demo does not exist in cn-hangzhou", "Service demo does not exist in cn-hangzhou.");
        check("Enter 1 to 86400 seconds.", "Enter 1 to 86400 seconds.");
        check("", "");
    }
}
