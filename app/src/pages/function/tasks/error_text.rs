//! The error of an attempt, read from the object that its runtime wrote (`fc-api.md` 5.4).

use serde::{Deserialize, Serialize};

/// Characters of an error in one line.
#[cfg(feature = "ssr")]
const LINE_CHARS_MAX: usize = 160;
/// Characters of a message or trace that are shown.
#[cfg(feature = "ssr")]
const TEXT_CHARS_MAX: usize = 32_000;

/// An error in readable parts; each is empty when it is not known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ErrorText {
    /// `UnhandledInvocationError` and its like.
    pub kind: String,
    /// The exception's class.
    pub class: String,
    pub message: String,
    /// The stack trace, a frame or source line each.
    pub trace: Vec<String>,
}

#[cfg(feature = "ssr")]
impl ErrorText {
    /// Reads kind and body of an error; a body that is no error object is the message itself.
    pub(crate) fn read(kind: &str, body: &str) -> Self {
        let mut error = Self { kind: kind.to_owned(), ..Self::default() };
        match serde_json::from_str::<serde_json::Value>(body) {
            Ok(serde_json::Value::Object(object)) if object.contains_key("errorMessage") => {
                error.message = object.get("errorMessage").map(plain).unwrap_or_default();
                error.class = object.get("errorType").map(plain).unwrap_or_default();
                error.trace = object.get("stackTrace").map(frames).unwrap_or_default();
            }
            // Without an object they are the engine's own words.
            _ => error.message = cut_message(body).unwrap_or_else(|| crate::language::message(body.into())),
        }
        error.message = cut(&error.message, TEXT_CHARS_MAX);
        error
    }

    /// Class and message in one line.
    pub(crate) fn line(&self) -> String {
        let message = self.message.lines().next().unwrap_or_default();
        let class = if self.class.is_empty() { &self.kind } else { &self.class };
        let text = match (class.is_empty(), message.is_empty()) {
            (false, false) => format!("{class}: {message}"),
            _ => format!("{class}{message}"),
        };
        cut(&text, LINE_CHARS_MAX)
    }
}

#[cfg(feature = "ssr")]
fn cut(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The message of an error object whose text was cut.
#[cfg(feature = "ssr")]
fn cut_message(body: &str) -> Option<String> {
    let (_, rest) = body.split_once(r#""errorMessage":"#)?;
    let rest = rest.trim_start().strip_prefix('"')?;
    let mut escaped = false;
    let end = rest.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    let text = end.map_or(rest, |end| rest.get(..end).unwrap_or_default());
    // A cut may have split an escape.
    let text = text.trim_end_matches('\\');
    Some(serde_json::from_str(&format!("\"{text}\"")).unwrap_or_else(|_| text.to_owned()))
}

#[cfg(feature = "ssr")]
fn plain(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Node.js writes texts, Python lists of texts, Go objects with path, line and label.
#[cfg(feature = "ssr")]
fn frames(trace: &serde_json::Value) -> Vec<String> {
    use serde_json::Value;
    const FRAMES_MAX: usize = 200;
    let frame = |value: &Value| match value {
        Value::Array(parts) => {
            let parts: Vec<String> = parts.iter().map(plain).collect();
            parts.join(", ")
        }
        Value::Object(object) => {
            let part = |name: &str| object.get(name).map(plain).unwrap_or_default();
            format!("{} ({}:{})", part("label"), part("path"), part("line"))
        }
        other => plain(other),
    };
    let texts: Vec<String> = match trace {
        Value::Array(items) => items.iter().map(frame).collect(),
        other => vec![plain(other)],
    };
    let lines = texts.iter().flat_map(|text| text.trim_end().lines());
    lines.take(FRAMES_MAX).map(|line| cut(line, TEXT_CHARS_MAX / 8)).collect()
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn c41_errors_of_every_runtime_are_read() {
        let check = |body: &str, class: &str, message: &str, trace: &[&str]| {
            let error = ErrorText::read("UnhandledInvocationError", body);
            assert_eq!((error.class.as_str(), error.message.as_str()), (class, message), "{body}");
            assert_eq!(error.trace, trace, "{body}");
        };
        let python =
            r#"{"errorMessage":"boom","errorType":"ValueError","stackTrace":[["File \"/code/index.py\"","line 2","in handler","raise"]]}"#;
        check(python, "ValueError", "boom", &["File \"/code/index.py\", line 2, in handler, raise"]);
        check(
            r#"{"errorMessage":"no","errorType":"Error","stackTrace":["Error: no","    at x"]}"#,
            "Error",
            "no",
            &["Error: no", "    at x"],
        );
        check(r#"{"errorMessage":"n","stackTrace":[{"path":"a.go","line":3,"label":"main"}]}"#, "", "n", &["main (a.go:3)"]);
        check("Task timed out after 3 seconds", "", "Task timed out after 3 seconds", &[]);
        check(r#"{"errorMessage":"a \"b\" c","errorType":"Val"#, "", "a \"b\" c", &[]);
        check(r#"{"errorMessage":"cut in an escape \"#, "", "cut in an escape ", &[]);
        check(r#"{"other":1}"#, "", r#"{"other":1}"#, &[]);
    }

    #[test]
    fn the_line_names_the_class_and_is_short() {
        let check = |kind: &str, body: &str, line: &str| assert_eq!(ErrorText::read(kind, body).line(), line);
        check("UnhandledInvocationError", r#"{"errorMessage":"boom\nmore","errorType":"ValueError"}"#, "ValueError: boom");
        check("FunctionNotFound", "the function was deleted", "FunctionNotFound: the function was deleted");
        check("", "", "");
        assert_eq!(ErrorText::read("", &"ü".repeat(1_000)).line().chars().count(), LINE_CHARS_MAX + 1);
    }
}
