//! Runtime names and what is installed (`fc-api.md` 5.1, `product.md` 3).

use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// A runtime by its vendor name, such as `python3.10`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RuntimeName(String);

/// The language family of a runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    Python,
    Nodejs,
    Custom,
}

/// Every accepted name.
const KNOWN: [&str; 20] = [
    "python3",
    "python3.6",
    "python3.9",
    "python3.10",
    "python3.11",
    "python3.12",
    "nodejs8",
    "nodejs10",
    "nodejs12",
    "nodejs14",
    "nodejs16",
    "nodejs18",
    "nodejs20",
    "nodejs22",
    "custom",
    "custom.debian10",
    "custom.debian11",
    "custom.debian12",
    RuntimeName::GO,
    RuntimeName::CONTAINER,
];

impl RuntimeName {
    /// The runtime of compiled programs; of the family of those that the function brings.
    pub const GO: &'static str = "go1";
    /// The runtime of container images.
    pub const CONTAINER: &'static str = "custom-container";

    /// Checks a name given by a user.
    pub fn parse(value: &str) -> Result<Self> {
        if KNOWN.contains(&value) {
            return Ok(Self(value.to_owned()));
        }
        Err(Error::invalid(format!("Runtime is set to an invalid value (allowed: {}; actual: '{value}')", KNOWN.join(", "))))
    }

    /// Takes back a stored name.
    pub fn from_stored(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The vendor's name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The language family.
    pub fn language(&self) -> Language {
        if self.0.starts_with("python") {
            Language::Python
        } else if self.0.starts_with("nodejs") {
            Language::Nodejs
        } else {
            Language::Custom
        }
    }

    /// True when a function gets the body of an HTTP request as it comes; others have it whole when they begin.
    pub fn reads_bit_by_bit(&self) -> bool {
        self.language() == Language::Custom && self.0 != Self::GO
    }

    /// True for container images.
    pub fn is_container(&self) -> bool {
        self.0 == Self::CONTAINER
    }

    /// The version asked for as (major, minor); `python3` asks for the least, 3.6, `nodejs20` for (20, 0).
    pub fn version(&self) -> (u32, u32) {
        let digits = self.0.trim_start_matches(|c: char| !c.is_ascii_digit());
        let mut parts = digits.split('.').map(|part| part.parse().unwrap_or(0));
        match (self.language(), parts.next().unwrap_or(0), parts.next()) {
            (Language::Python, 3, None) => (3, 6),
            (_, major, minor) => (major, minor.unwrap_or(0)),
        }
    }
}

impl std::fmt::Display for RuntimeName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A runtime of the vendor's list and what this install runs it on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstalledRuntime {
    pub name: RuntimeName,
    pub language: Language,
    /// Version of the interpreter that runs it, such as `3.11.7`; `None` when nothing on the machine can.
    pub interpreter: Option<String>,
    /// False when a nearest newer version stands in for the one asked for.
    pub exact: bool,
}

impl InstalledRuntime {
    /// True when functions of this runtime can run here.
    pub fn is_installed(&self) -> bool {
        self.interpreter.is_some()
    }
}

/// Every accepted name, newest first within a language.
pub fn known_runtimes() -> Vec<RuntimeName> {
    let mut names: Vec<RuntimeName> = KNOWN.iter().map(|name| RuntimeName::from_stored(*name)).collect();
    names.sort_by_key(|name| (name.language() as u8, std::cmp::Reverse(name.version())));
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_and_languages() {
        let check = |name: &str, language, version| {
            let name = RuntimeName::from_stored(name);
            assert_eq!((name.language(), name.version()), (language, version), "{name}");
        };
        check("python3", Language::Python, (3, 6));
        check("python3.10", Language::Python, (3, 10));
        check("nodejs20", Language::Nodejs, (20, 0));
        check("custom.debian10", Language::Custom, (10, 0));
        check("custom-container", Language::Custom, (0, 0));
        assert!(RuntimeName::parse("cobol").is_err_and(|e| e.message.starts_with("Runtime is set to an invalid value")));
    }
}
