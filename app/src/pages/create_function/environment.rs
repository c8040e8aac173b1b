use std::collections::BTreeMap;

/// What helps to fill the field in.
pub(crate) fn environment_help() -> &'static str {
    t!("One KEY=VALUE a line, or one JSON object. Keys start with a letter; 4 KB in all.")
}

/// The variables as the form takes them.
pub(crate) fn print_environment(variables: &BTreeMap<String, String>) -> String {
    let needs_json = |(key, value): (&String, &String)| {
        let is_odd_key = key.contains(['=', '\n']) || key.starts_with('{') || key.trim() != key;
        is_odd_key || value.contains('\n') || value.trim() != value
    };
    if variables.iter().any(needs_json) {
        return serde_json::to_string_pretty(variables).unwrap_or_default();
    }
    variables.iter().map(|(key, value)| format!("{key}={value}\n")).collect()
}

/// Reads what the form was given; the error is the field's message.
#[cfg(any(feature = "ssr", test))]
pub(crate) fn parse_environment(text: &str) -> Result<BTreeMap<String, String>, String> {
    let text = text.trim();
    if text.starts_with('{') {
        return serde_json::from_str(text).map_err(|error| {
            t!("Line {line}, column {column}: not a JSON object of texts.", line = error.line(), column = error.column())
        });
    }
    let mut variables = BTreeMap::new();
    for (n, line) in text.lines().map(str::trim).enumerate().filter(|(_, line)| !line.is_empty()) {
        let (key, value) = line.split_once('=').ok_or_else(|| t!("Line {line}: write KEY=VALUE.", line = n + 1))?;
        if variables.insert(key.trim().to_owned(), value.trim().to_owned()).is_some() {
            return Err(t!("Line {line}: the key {key} is used twice.", line = n + 1, key = key.trim()));
        }
    }
    Ok(variables)
}

/// Which field of the form a message of `FunctionSpec::validate` is about.
#[cfg(any(feature = "ssr", test))]
pub(crate) fn spec_error_field(message: &str) -> Option<&'static str> {
    const FIELDS: [(&str, &str); 9] = [
        ("Description", "description"),
        ("Handler", "handler"),
        ("Timeout", "timeout"),
        ("MemorySize", "memory"),
        ("CPU", "cpu"),
        ("InstanceConcurrency", "concurrency"),
        ("customContainerConfig", "image"),
        ("environment", "environment"),
        ("all environment", "environment"),
    ];
    FIELDS.into_iter().find(|(start, _)| message.starts_with(start)).map(|(_, field)| field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c57_variables_are_read_from_lines_and_from_json() {
        let check = |text: &str, pairs: &[(&str, &str)]| {
            let wanted: BTreeMap<String, String> = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
            assert_eq!(parse_environment(text), Ok(wanted), "{text:?}");
        };
        check("", &[]);
        check("A=1\n\n B = x=y \n", &[("A", "1"), ("B", "x=y")]);
        check(r#"{"A":"1\n2"}"#, &[("A", "1\n2")]);
        assert_eq!(parse_environment("A=1\nA=2"), Err("Line 2: the key A is used twice.".to_owned()));
        assert_eq!(parse_environment("A"), Err("Line 1: write KEY=VALUE.".to_owned()));
        assert!(parse_environment(r#"{"A":1}"#).is_err_and(|message| message.starts_with("Line 1")));
    }

    #[test]
    fn printed_variables_read_back() {
        for pairs in [vec![("A", "1"), ("B", "")], vec![("A", "1\n2")], vec![("A", " x ")]] {
            let variables: BTreeMap<String, String> = pairs.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
            assert_eq!(parse_environment(&print_environment(&variables)), Ok(variables));
        }
    }

    #[test]
    fn every_limit_of_a_spec_has_its_field() {
        let check = |change: fn(&mut model::FunctionSpec), field| {
            let mut spec = model::FunctionSpec::new(model::RuntimeName::from_stored("python3"), "index.handler");
            change(&mut spec);
            let error = spec.validate().expect_err("outside its limits");
            assert_eq!(spec_error_field(&error.message), Some(field), "{}", error.message);
        };
        check(|s| s.handler.clear(), "handler");
        check(|s| s.description = "x".repeat(257), "description");
        check(|s| s.timeout_s = 0, "timeout");
        check(|s| s.memory_mb = 100, "memory");
        check(|s| s.memory_mb = 0, "memory");
        check(|s| s.cpu = 17.0, "cpu");
        check(|s| drop(s.environment.insert("1".to_owned(), String::new())), "environment");
        check(|s| drop(s.environment.insert("A".to_owned(), "x".repeat(5_000))), "environment");
    }
}
