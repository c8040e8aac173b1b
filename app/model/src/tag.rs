//! Tags: names with values that users put on services to find them again (`fc-api.md` 3.6).

use crate::{Error, ErrorCode, Result, ServiceRef, limits};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Tags by name; a value may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tags(pub BTreeMap<String, String>);

impl Tags {
    /// Checks tags that somebody wants to set. Errors: `LimitExceededError` for more than a service may have.
    pub fn validate(&self) -> Result<()> {
        if self.0.is_empty() {
            return Err(Error::invalid(format!("Tags is set to an invalid value (allowed: 1 to {} tags, actual: none)", limits::TAGS_MAX)));
        }
        self.check_count()?;
        self.0.iter().try_for_each(|(name, value)| check_name(name).and_then(|()| check_value(name, value)))
    }

    /// The tag that says production, if there is one: `env` or `environment` with the value `prod` or `production`, in capitals or not. Tasks of
    /// such a service are not stopped without being asked again.
    pub fn production(&self) -> Option<(&str, &str)> {
        let is = |text: &str, words: [&str; 2]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
        let says = |(name, value): &(&String, &String)| is(name, ["env", "environment"]) && is(value, ["prod", "production"]);
        self.0.iter().find(says).map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Fails when one service can't have so many. Errors: `LimitExceededError`.
    pub fn check_count(&self) -> Result<()> {
        if self.0.len() <= limits::TAGS_MAX {
            return Ok(());
        }
        let text = format!("a service can't have more than {} tags (asked for: {})", limits::TAGS_MAX, self.0.len());
        Err(Error::new(ErrorCode::LimitExceededError, text))
    }
}

fn check_name(name: &str) -> Result<()> {
    if name.chars().any(char::is_control) {
        return Err(Error::invalid("the name of a tag is set to an invalid value (control characters are not allowed)"));
    }
    let length = name.chars().count();
    if (1..=limits::TAG_NAME_CHARS_MAX).contains(&length) {
        return Ok(());
    }
    let allowed = limits::TAG_NAME_CHARS_MAX;
    Err(Error::invalid(format!("the name of a tag is set to an invalid value (allowed: 1 to {allowed} characters, actual: {length})")))
}

fn check_value(name: &str, value: &str) -> Result<()> {
    let length = value.chars().count();
    if length <= limits::TAG_VALUE_CHARS_MAX {
        return Ok(());
    }
    let allowed = limits::TAG_VALUE_CHARS_MAX;
    Err(Error::invalid(format!("tag '{name}' is set to an invalid value (allowed: up to {allowed} characters, actual: {length})")))
}

/// Which tags to take off a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Untag {
    All,
    /// Those of these names; names that are not there are no error.
    Named(Vec<String>),
}

/// A service that has tags.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaggedService {
    pub service: ServiceRef,
    pub tags: Tags,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b08_which_tag_says_production() {
        let check = |name: &str, value: &str, expected: bool| {
            let tags = Tags([("team".to_owned(), "production".to_owned()), (name.to_owned(), value.to_owned())].into());
            assert_eq!(tags.production(), expected.then_some((name, value)), "{name}={value}");
        };
        check("env", "prod", true);
        check("Environment", "PRODUCTION", true);
        check("env", "preprod", false);
        check("env", "", false);
        check("production", "env", false);
        check("environments", "prod", false);
    }

    #[test]
    fn i5_tags_have_limits() {
        let check = |names: usize, name: &str, value: &str, expected: std::result::Result<(), ErrorCode>| {
            let mut tags: BTreeMap<String, String> = (1..names).map(|n| (format!("k{n}"), String::new())).collect();
            if names > 0 {
                tags.insert(name.to_owned(), value.to_owned());
            }
            assert_eq!(Tags(tags).validate().map_err(|error| error.code), expected, "{names} {name} {value}");
        };
        check(1, "k", "", Ok(()));
        check(20, &"ä".repeat(64), &"ä".repeat(128), Ok(()));
        check(0, "", "", Err(ErrorCode::InvalidArgument));
        check(21, "k", "v", Err(ErrorCode::LimitExceededError));
        check(1, "", "v", Err(ErrorCode::InvalidArgument));
        check(1, &"k".repeat(65), "v", Err(ErrorCode::InvalidArgument));
        check(1, "a\0", "v", Err(ErrorCode::InvalidArgument));
        check(1, "k", &"v".repeat(129), Err(ErrorCode::InvalidArgument));
    }
}
