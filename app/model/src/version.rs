//! Versions and aliases of services: what a qualifier other than `LATEST` leads to (`fc-api.md` 3.4).

use crate::{AliasName, Error, ErrorCode, Qualifier, Result, ServiceRef, UnixMillis, limits};
use serde::{Deserialize, Serialize};

/// Number of a published version: 1 for a service's first one, then always one more, and never given twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VersionId(u64);

impl VersionId {
    /// Checks a number given by a user as text; `LATEST` is none.
    pub fn parse(value: &str) -> Result<Self> {
        Self::read(value).ok_or_else(|| {
            Error::invalid(format!("VersionId is set to an invalid value (allowed: the number of a published version; actual: '{value}')"))
        })
    }

    /// The number, if the text is one in its only form.
    fn read(value: &str) -> Option<Self> {
        let number = value.parse().ok().filter(|number: &u64| *number > 0 && *number <= i64::MAX as u64)?;
        (number.to_string() == value).then_some(Self(number))
    }

    /// Takes back a number that this system stored.
    pub fn from_stored(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub fn number(self) -> u64 {
        self.0
    }
}

impl std::fmt::Display for VersionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A snapshot of a service and of every function that it had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    pub service: ServiceRef,
    pub id: VersionId,
    pub description: String,
    /// When it was published; nothing of it changes later.
    pub created_at: UnixMillis,
}

/// Which page of a service's versions is wanted, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct VersionQuery {
    pub direction: Direction,
    /// First number to return, inclusive; `None` begins at the end that the direction begins at.
    pub start: Option<VersionId>,
    /// Rows wanted; 0 means the default. Clamped to the most allowed.
    pub limit: u32,
}

/// Order of a list of versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Direction {
    /// The oldest first.
    Forward,
    /// The newest first.
    #[default]
    Backward,
}

impl Direction {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Forward => "FORWARD",
            Self::Backward => "BACKWARD",
        }
    }

    /// Reads the word in any case.
    pub fn parse(word: &str) -> Result<Self> {
        let found = [Self::Forward, Self::Backward].into_iter().find(|direction| direction.as_str().eq_ignore_ascii_case(word));
        found
            .ok_or_else(|| Error::invalid(format!("Direction is set to an invalid value (allowed: FORWARD or BACKWARD, actual: '{word}')")))
    }
}

/// A second version that an alias leads some of the invocations to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct WeightedVersion {
    pub version: VersionId,
    /// Share of the invocations, from 0 to 1.
    pub weight: f64,
}

/// What a user sets on an alias.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AliasSpec {
    /// What the alias leads to; reads by the alias show this one.
    pub version: VersionId,
    pub description: String,
    pub additional: Option<WeightedVersion>,
}

impl AliasSpec {
    /// Checks every member that can be checked without the versions. Errors: `AdditionalVersionContainsMajorVersion`.
    pub fn validate(&self) -> Result<()> {
        if self.description.chars().count() > limits::DESCRIPTION_CHARS_MAX {
            return Err(Error::invalid(format!("Description is longer than {} characters", limits::DESCRIPTION_CHARS_MAX)));
        }
        let Some(additional) = self.additional else { return Ok(()) };
        if !(0.0..=1.0).contains(&additional.weight) {
            return Err(Error::invalid(format!(
                "AdditionalVersionWeight is set to an invalid value (allowed: 0 to 1, actual: '{}')",
                additional.weight
            )));
        }
        if additional.version == self.version {
            let text = format!("the additional version is '{}', which the alias leads to already", self.version);
            return Err(Error::new(ErrorCode::AdditionalVersionContainsMajorVersion, text));
        }
        Ok(())
    }

    /// Every version that it names.
    pub fn versions(&self) -> impl Iterator<Item = VersionId> {
        std::iter::once(self.version).chain(self.additional.map(|additional| additional.version))
    }

    /// The version for one invocation. `random` gives a number from 0 to the one given, each as likely as the others.
    pub fn choose(&self, random: impl FnOnce(i64) -> i64) -> VersionId {
        const STEPS: f64 = 1_000_000.0;
        match self.additional {
            // A weight of 0 never leads there, and one of 1 always does.
            Some(additional) if (random(STEPS as i64 - 1) as f64) < (additional.weight * STEPS).round() => additional.version,
            _ => self.version,
        }
    }
}

/// A name for a version that can be moved to another one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alias {
    pub service: ServiceRef,
    pub name: AliasName,
    pub spec: AliasSpec,
    pub created_at: UnixMillis,
    pub modified_at: UnixMillis,
    /// Changes with every successful mutation; compared with If-Match.
    pub etag: String,
}

/// Members to change; `None` keeps the stored value.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct AliasPatch {
    pub version: Option<VersionId>,
    pub description: Option<String>,
    /// `Some(None)` removes the additional version.
    pub additional: Option<Option<WeightedVersion>>,
}

impl AliasPatch {
    /// The spec with the patch applied.
    pub fn apply(self, mut spec: AliasSpec) -> AliasSpec {
        spec.version = self.version.unwrap_or(spec.version);
        spec.description = self.description.unwrap_or(spec.description);
        spec.additional = self.additional.unwrap_or(spec.additional);
        spec
    }
}

/// What a qualifier names: digits name a version, anything else but `LATEST` an alias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    Latest,
    Version(VersionId),
    Alias(AliasName),
    /// Digits that are no version's number.
    Nothing,
}

impl Qualifier {
    /// What it names, whether there is such a thing or not.
    pub fn named(&self) -> Named {
        let text = self.as_str();
        if self.is_latest() {
            return Named::Latest;
        }
        if is_number(text) {
            return VersionId::read(text).map_or(Named::Nothing, Named::Version);
        }
        Named::Alias(AliasName::from_stored(text))
    }

    /// 404 for a qualifier that the service does not have.
    pub fn missing_in(&self, service: &ServiceRef) -> Error {
        let (code, kind) = match is_number(self.as_str()) {
            true => (ErrorCode::VersionNotFound, "version"),
            false => (ErrorCode::AliasNotFound, "alias"),
        };
        Error::new(code, format!("{kind} '{self}' of service '{}' does not exist", service.service))
    }
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

impl From<VersionId> for Qualifier {
    fn from(version: VersionId) -> Self {
        Self::from_stored(version.to_string())
    }
}

impl From<&AliasName> for Qualifier {
    fn from(alias: &AliasName) -> Self {
        Self::from_stored(alias.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(number: u64) -> VersionId {
        VersionId::from_stored(number)
    }

    fn spec(weight: f64) -> AliasSpec {
        AliasSpec { version: version(1), description: String::new(), additional: Some(WeightedVersion { version: version(2), weight }) }
    }

    #[test]
    fn a_qualifier_names_one_kind_of_thing() {
        let check = |text: &str, expected: Named| assert_eq!(Qualifier::parse(text).unwrap().named(), expected, "{text}");
        check("", Named::Latest);
        check("LATEST", Named::Latest);
        check("17", Named::Version(version(17)));
        check("9223372036854775807", Named::Version(version(i64::MAX as u64)));
        check("9223372036854775808", Named::Nothing);
        check("0", Named::Nothing);
        check("017", Named::Nothing);
        check("prod", Named::Alias(AliasName::from_stored("prod")));
        check("17a", Named::Alias(AliasName::from_stored("17a")));
    }

    #[test]
    fn alias_names_are_told_from_versions_and_from_latest() {
        let check = |text: &str, fits: bool| assert_eq!(AliasName::parse(text).is_ok(), fits, "{text:?}");
        check("prod", true);
        check("_1", true);
        check(&"a".repeat(128), true);
        check(&"a".repeat(129), false);
        check("LATEST", false);
        check("latest", true);
        check("1", false);
        check("", false);
        check("a.b", false);
    }

    #[test]
    fn weights_are_shares_of_the_invocations() {
        let share = |weight: f64| (0..1_000).filter(|n| spec(weight).choose(|most| n * (most + 1) / 1_000) == version(2)).count();
        assert_eq!([0.0, 0.05, 0.5, 1.0].map(share), [0, 50, 500, 1_000]);
        assert_eq!(AliasSpec { additional: None, ..spec(1.0) }.choose(|_| unreachable!()), version(1));
    }

    #[test]
    fn specs_are_checked() {
        let check = |spec: AliasSpec, code: Option<ErrorCode>| assert_eq!(spec.validate().err().map(|e| e.code), code, "{spec:?}");
        check(spec(0.0), None);
        check(spec(1.0), None);
        check(spec(1.01), Some(ErrorCode::InvalidArgument));
        check(spec(-0.1), Some(ErrorCode::InvalidArgument));
        check(spec(f64::NAN), Some(ErrorCode::InvalidArgument));
        check(AliasSpec { version: version(2), ..spec(0.5) }, Some(ErrorCode::AdditionalVersionContainsMajorVersion));
        check(AliasSpec { description: "x".repeat(257), ..spec(0.5) }, Some(ErrorCode::InvalidArgument));
    }
}
