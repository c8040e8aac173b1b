//! Help with JSON that people write: where it is broken, and the same text on more lines.

use serde::de::IgnoredAny;

/// What is wrong with a text that was meant to be JSON: `Line 2, column 5: expected value`; `None` when nothing is.
pub fn problem(text: &str) -> Option<String> {
    let error = serde_json::from_str::<IgnoredAny>(text).err()?;
    let words = error.to_string();
    let words = words.split(" at line ").next().unwrap_or_default();
    Some(t!("Line {line}, column {column}: {problem}", line = error.line(), column = error.column(), problem = words))
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
