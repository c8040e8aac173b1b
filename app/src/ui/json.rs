//! Help with JSON that people write: where it is broken, and the same text on more lines.

use serde::de::IgnoredAny;

/// What is wrong with a text that was meant to be JSON: `Line 2, column 5: expected value`; `None` when nothing is.
pub fn problem(text: &str) -> Option<String> {
    let error = serde_json::from_str::<IgnoredAny>(text).err()?;
    let words = error.to_string();
    let problem = in_words(words.split(" at line ").next().unwrap_or_default());
    Some(t!("Line {line}, column {column}: {problem}", line = error.line(), column = error.column(), problem))
}

/// What the parser says, in the user's words where it is known.
fn in_words(problem: &str) -> &str {
    match problem {
        "EOF while parsing a list" => t!("EOF while parsing a list"),
        "EOF while parsing an object" => t!("EOF while parsing an object"),
        "EOF while parsing a string" => t!("EOF while parsing a string"),
        "EOF while parsing a value" => t!("EOF while parsing a value"),
        "expected `:`" => t!("expected `:`"),
        "expected `,` or `]`" => t!("expected `,` or `]`"),
        "expected `,` or `}`" => t!("expected `,` or `}`"),
        "expected ident" => t!("expected ident"),
        "expected value" => t!("expected value"),
        "key must be a string" => t!("key must be a string"),
        "invalid escape" => t!("invalid escape"),
        "invalid number" => t!("invalid number"),
        "control character (\\u0000-\\u001F) found while parsing a string" => {
            t!("control character (\\u0000-\\u001F) found while parsing a string")
        }
        "trailing comma" => t!("trailing comma"),
        "trailing characters" => t!("trailing characters"),
        _ => problem,
    }
}

/// Valid JSON with each member on its own line. Only white space changes: numbers, order and repeated names stay as they were written.
pub fn indent(json: &str) -> String {
    let mut text = String::with_capacity(json.len() * 2);
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for c in json.chars() {
        if in_string {
            text.push(c);
            in_string = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            continue;
        }
        if c.is_ascii_whitespace() {
            continue;
        }
        let closes = matches!(c, '}' | ']');
        let is_first = text.ends_with(['{', '[']);
        if closes {
            depth = depth.saturating_sub(1);
        }
        if closes != is_first {
            new_line(depth, &mut text);
        }
        match c {
            '{' | '[' => depth += 1,
            '"' => in_string = true,
            _ => {}
        }
        text.push(c);
        match c {
            ':' => text.push(' '),
            ',' => new_line(depth, &mut text),
            _ => {}
        }
    }
    text
}

fn new_line(depth: usize, text: &mut String) {
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sc14_problems_name_line_and_column() {
        let check = |text: &str, expected: Option<&str>| assert_eq!(problem(text).as_deref(), expected, "{text:?}");
        check("{}", None);
        check("{\n  \"a\": \n}", Some("Line 3, column 1: expected value"));
        check("{\"a\":1}x", Some("Line 1, column 8: trailing characters"));
        check("", Some("Line 1, column 0: EOF while parsing a value"));
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn b25_problems_are_said_in_chinese() {
        use crate::language::{Language, within};
        use std::task::{Context, Poll, Waker};
        let texts = [
            "[1",
            "{\"a\":1",
            "\"x",
            "",
            "{\"a\" 1}",
            "[1 2]",
            "{\"a\":1 \"b\"}",
            "{\"a\":1,}",
            "{a:1}",
            "nulx",
            "01",
            "x",
            "[1,]",
            "{} x",
            "\"\\q\"",
            "-",
            "\"\u{1}\"",
        ];
        for text in texts {
            let said =
                std::pin::pin!(within(Language::SimplifiedChinese, async { problem(text) })).poll(&mut Context::from_waker(Waker::noop()));
            let Poll::Ready(Some(said)) = said else { panic!("{text:?} is right") };
            let is_english = said.split(|c: char| !c.is_ascii_alphabetic()).any(|word| word.len() > 2);
            assert!(!is_english, "{text:?}: {said}");
        }
    }

    #[test]
    fn sc14_formatting_changes_white_space_only() {
        let check = |text: &str, expected: &str| {
            assert_eq!(indent(text), expected);
            assert_eq!(indent(expected), expected, "twice");
        };
        check("{}", "{}");
        check(" [ ] ", "[]");
        check(
            r#"{"b":1.50,"a":[{"x":{}},2],"b":"{ \"[,: \\"}"#,
            "{\n  \"b\": 1.50,\n  \"a\": [\n    {\n      \"x\": {}\n    },\n    2\n  ],\n  \"b\": \"{ \\\"[,: \\\\\"\n}",
        );
        check("12", "12");
    }
}
