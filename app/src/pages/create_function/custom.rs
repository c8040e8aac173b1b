//! What custom runtimes need: how the program is started, and where it listens; and the image of those that run one.

use crate::ui::{Erase, NumberField, TextField};
use leptos::prelude::*;

/// `Startup Command` and `Listening Port` (C-55).
#[component]
pub(crate) fn CustomFields(#[prop(into)] command: String, port: u16) -> impl IntoView {
    view! {
        <TextField
            name="command"
            label=t!("Startup Command")
            value=command
            mono=true
            placeholder="python3 server.py"
            help=t!("Program and arguments, those with spaces in double quotes. Empty runs the file bootstrap of the package, or what the image itself says.")
        />
        <NumberField
            name="port"
            label=t!("Listening Port")
            value=port.to_string()
            min=1
            max=65_535
            help=t!("Where the program takes HTTP requests. It finds the number in FC_SERVER_PORT too.")
        />
    }
    .erase()
}

/// `Image` and `Arguments` (C-55).
#[component]
pub(crate) fn ImageFields(#[prop(into)] image: String, #[prop(into)] args: String) -> impl IntoView {
    view! {
        <TextField
            name="image"
            label=t!("Image")
            value=image
            mono=true
            placeholder="registry.example.org/team/app:1"
            help=t!("As podman or Docker names it on this server.")
        />
        <TextField name="args" label=t!("Arguments") value=args mono=true help=t!("Of the image's program, instead of its own.")/>
    }
    .erase()
}

/// Words as the field has them.
#[cfg(any(feature = "ssr", test))]
pub(crate) fn print_command(words: &[String]) -> String {
    let quoted = |word: &String| {
        if !word.is_empty() && word.chars().all(|c| !c.is_whitespace() && c != '"' && c != '\\') {
            return word.clone();
        }
        format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\""))
    };
    words.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

/// Reads the words: spaces part them, except within double quotes; a backslash takes the next character as it is. `None` when a quote is open.
#[cfg(any(feature = "ssr", test))]
pub(crate) fn parse_command(text: &str) -> Option<Vec<String>> {
    let (mut words, mut word, mut quoted) = (Vec::new(), None::<String>, false);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => word.get_or_insert_default().push(chars.next()?),
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            c if c.is_whitespace() && !quoted => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    (!quoted).then_some(words)
}

/// Members of a spec that the two fields make.
#[cfg(feature = "ssr")]
pub(crate) fn read_custom(command: &str, port: &str, checks: &mut crate::forms::Checks) -> serde_json::Map<String, serde_json::Value> {
    use serde_json::{Value, json};
    let port = checks.number("port", port, 1, 65_535, t!("Enter a port from 1 to 65535."));
    let words = checks.take("command", parse_command(command).ok_or(()), t!("Close the double quotes."));
    let custom = match words.split_first() {
        None => Value::Null,
        Some((program, rest)) => json!({ "command": [program], "args": rest }),
    };
    [("caPort".to_owned(), json!(port)), ("customRuntimeConfig".to_owned(), custom)].into_iter().collect()
}

/// Members of a spec that the fields make of the runtime of images; `before` are those of its image that no field has.
#[cfg(feature = "ssr")]
pub(crate) fn read_image(
    (image, args): (&str, &str),
    (command, port): (&str, &str),
    before: serde_json::Map<String, serde_json::Value>,
    checks: &mut crate::forms::Checks,
) -> serde_json::Map<String, serde_json::Value> {
    use serde_json::{Value, json};
    let port = checks.number("port", port, 1, 65_535, t!("Enter a port from 1 to 65535."));
    let mut list = |name: &'static str, text: &str| {
        let words = checks.take(name, parse_command(text).ok_or(()), t!("Close the double quotes."));
        // The vendor keeps the text of an array.
        if words.is_empty() { Value::Null } else { json!(json!(words).to_string()) }
    };
    let (command, args) = (list("command", command), list("args", args));
    if image.trim().is_empty() {
        checks.fail("image", t!("Enter an image reference."));
    }
    let mut config = before;
    for (name, value) in [("image", json!(image.trim())), ("command", command), ("args", args)] {
        config.insert(name.to_owned(), value);
    }
    [("caPort".to_owned(), json!(port)), ("customContainerConfig".to_owned(), config.into())].into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c55_commands_are_read_and_printed() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let check = |text: &str, expected: &[&str]| assert_eq!(parse_command(text), Some(words(expected)), "{text}");
        check("", &[]);
        check("  python3  server.py ", &["python3", "server.py"]);
        check(r#"sh -c "exec ./run \"now\"" "" a\ b"#, &["sh", "-c", "exec ./run \"now\"", "", "a b"]);
        assert_eq!(parse_command("sh -c \"open"), None);
        for list in [vec!["python3", "server.py"], vec!["sh", "-c", "a \"b\" \\c", ""]] {
            assert_eq!(parse_command(&print_command(&words(&list))), Some(words(&list)));
        }
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn c55_the_fields_of_an_image_make_what_the_vendor_keeps() {
        use serde_json::{Map, Value, json};
        let mut checks = crate::forms::Checks::default();
        let before: Map<_, _> =
            [("accelerationType".to_owned(), json!("None")), ("args".to_owned(), json!("[\"old\"]"))].into_iter().collect();
        let made = read_image((" localhost/a:1 ", ""), ("node \"a b.js\"", "8080"), before, &mut checks);
        assert!(checks.finish().is_ok());
        let config = json!({ "accelerationType": "None", "image": "localhost/a:1", "command": r#"["node","a b.js"]"#, "args": null });
        assert_eq!(Value::Object(made), json!({ "caPort": 8080, "customContainerConfig": config }));
        let mut checks = crate::forms::Checks::default();
        read_image(("", "\"open"), ("", "9000"), Map::new(), &mut checks);
        assert!(checks.finish().is_err());
    }
}
