//! How functions and services are named on the command line.

use std::str::FromStr;

/// `SERVICE/FUNCTION[:QUALIFIER]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FunctionTarget {
    pub service: String,
    pub function: String,
    /// Version or alias; empty means `LATEST`.
    pub qualifier: String,
}

/// `SERVICE[:QUALIFIER]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServiceTarget {
    pub service: String,
    /// Version or alias; empty means `LATEST`.
    pub qualifier: String,
}

/// The text before the colon, and what stands behind it; a colon with nothing behind it is a mistake.
fn qualified(text: &str) -> Result<(&str, &str), String> {
    match text.split_once(':') {
        None => Ok((text, "")),
        Some((_, "")) => Err("there is no qualifier behind the colon".to_owned()),
        Some(parts) => Ok(parts),
    }
}

impl FromStr for FunctionTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (path, qualifier) = qualified(text)?;
        match path.split_once('/') {
            Some((service, function)) if !service.is_empty() && !function.is_empty() && !function.contains('/') => {
                Ok(Self { service: service.to_owned(), function: function.to_owned(), qualifier: qualifier.to_owned() })
            }
            _ => Err("expected SERVICE/FUNCTION or SERVICE/FUNCTION:QUALIFIER, for example demo/ev-hello".to_owned()),
        }
    }
}

impl FromStr for ServiceTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (service, qualifier) = qualified(text)?;
        if service.is_empty() || service.contains('/') {
            return Err("expected SERVICE or SERVICE:QUALIFIER, for example demo".to_owned());
        }
        Ok(Self { service: service.to_owned(), qualifier: qualifier.to_owned() })
    }
}

impl std::fmt::Display for FunctionTarget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.service, self.function)?;
        if self.qualifier.is_empty() { Ok(()) } else { write!(f, ":{}", self.qualifier) }
    }
}

impl FunctionTarget {
    /// Refuses a qualifier where only the function itself can be meant.
    pub fn unqualified(&self) -> Result<&Self, crate::problem::Problem> {
        if self.qualifier.is_empty() {
            return Ok(self);
        }
        Err(crate::problem::Problem::Usage(format!(
            "only {}/{} itself can be changed, not one of its versions",
            self.service, self.function
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i5_names_of_functions() {
        let check = |text: &str, expected: Option<(&str, &str, &str)>| {
            let found = text.parse::<FunctionTarget>().ok();
            assert_eq!(found.as_ref().map(|t| (t.service.as_str(), t.function.as_str(), t.qualifier.as_str())), expected, "{text}");
            assert!(found.is_none_or(|target| target.to_string() == text), "{text}");
        };
        check("demo/hello", Some(("demo", "hello", "")));
        check("demo/hello:2", Some(("demo", "hello", "2")));
        check("demo/hello:prod", Some(("demo", "hello", "prod")));
        for bad in ["demo", "demo/", "/hello", "demo/hello/x", "demo/hello:", "", ":1", "demo:1"] {
            check(bad, None);
        }
    }

    #[test]
    fn i5_names_of_services() {
        let check = |text: &str, expected: Option<(&str, &str)>| {
            let found = text.parse::<ServiceTarget>().ok();
            assert_eq!(found.as_ref().map(|t| (t.service.as_str(), t.qualifier.as_str())), expected, "{text}");
        };
        check("demo", Some(("demo", "")));
        check("demo:prod", Some(("demo", "prod")));
        for bad in ["", "demo/hello", "demo:", ":prod"] {
            check(bad, None);
        }
    }
}
