//! Typed ids, cheap to clone. Each has one constructor that validates; what is stored already is taken back by `from_stored`.

use crate::{Error, Result, limits};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

macro_rules! text_id {
    ($(#[doc = $doc:literal])* $name:ident) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes back a value that this system stored or generated, without checking it again.
            pub fn from_stored(value: impl Into<Arc<str>>) -> Self {
                Self(value.into())
            }

            /// The text of the id.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}

text_id!(
    /// The account that owns everything of an install, such as `1000000000000001`.
    AccountId
);
text_id!(
    /// A region of the install, such as `cn-hangzhou`: the outermost scope of every resource.
    Region
);
text_id!(
    /// Name of a service: 1–128 letters, digits, `_`, `-`; first a letter or `_` (`fc-api.md` 3.1).
    ServiceName
);
text_id!(
    /// Name of a function: 1–128 letters, digits, `_`, `-`; first a letter or `_` (`product.md` 3).
    FunctionName
);
text_id!(
    /// Id of a task, unique per region, service and function while its record is kept (`fc-api.md` 4.2).
    TaskId
);
text_id!(
    /// A UUID in its 36-character form that names one request or invocation.
    RequestId
);
text_id!(
    /// Name of a trigger within its function: 1–128 letters, digits, `_`, `-`; first a letter or `_` (`console.md` C-61).
    TriggerName
);
text_id!(
    /// Name of an alias of a service: 1–128 letters, digits, `_`, `-`; first a letter or `_`; not `LATEST` (`fc-api.md` 3.4).
    AliasName
);
text_id!(
    /// Name of a layer: 1–64 letters, digits, `_`, `-`; first a letter or `_` (`fc-api.md` 3.9).
    LayerName
);
text_id!(
    /// Version or alias that a call addresses; `LATEST` unless said otherwise.
    Qualifier
);
text_id!(
    /// One running process set of a function, such as `c-65f1…-0123456789abcdef0123`.
    InstanceId
);

#[cfg(not(target_family = "wasm"))]
impl RequestId {
    /// One that nothing has yet. Of version 7: tasks are found by these ids, and those of one time lie on one page of the store's index then.
    pub fn generate() -> Self {
        Self::from_stored(uuid::Uuid::now_v7().to_string())
    }
}

/// True for `^[A-Za-z_][A-Za-z0-9_-]{0,max-1}$`, the rule shared by service, function and task names.
fn is_name(value: &str, max: usize) -> bool {
    let mut chars = value.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
        && value.len() <= max
}

fn parse_name(kind: &str, value: &str, max: usize) -> Result<Arc<str>> {
    if is_name(value, max) {
        return Ok(value.into());
    }
    Err(Error::invalid(format!(
        "{kind} is set to an invalid value (allowed: 1 to {max} letters, digits, _ or -, starting with a letter or _; actual: '{value}')"
    )))
}

/// Refuses a name of another kind that breaks the rule.
pub(crate) fn check_name(kind: &str, value: &str, max: usize) -> Result<()> {
    parse_name(kind, value, max).map(drop)
}

impl ServiceName {
    /// Checks a name given by a user.
    pub fn parse(value: &str) -> Result<Self> {
        parse_name("ServiceName", value, limits::NAME_CHARS_MAX).map(Self)
    }
}

impl FunctionName {
    /// Checks a name given by a user.
    pub fn parse(value: &str) -> Result<Self> {
        parse_name("FunctionName", value, limits::NAME_CHARS_MAX).map(Self)
    }
}

impl TriggerName {
    /// Checks a name given by a user.
    pub fn parse(value: &str) -> Result<Self> {
        parse_name("TriggerName", value, limits::NAME_CHARS_MAX).map(Self)
    }
}

impl LayerName {
    /// Checks a name given by a user.
    pub fn parse(value: &str) -> Result<Self> {
        parse_name("LayerName", value, limits::LAYER_NAME_CHARS_MAX).map(Self)
    }
}

impl AliasName {
    /// Checks a name given by a user.
    pub fn parse(value: &str) -> Result<Self> {
        if value == Qualifier::LATEST {
            return Err(Error::invalid("AliasName is set to an invalid value: 'LATEST' always names the current code"));
        }
        parse_name("AliasName", value, limits::NAME_CHARS_MAX).map(Self)
    }
}

impl TaskId {
    /// Checks an id chosen by a user; ids made by the system may start with a digit and come by `from_stored`.
    pub fn parse_custom(value: &str) -> Result<Self> {
        parse_name("StatefulAsyncInvocationId", value, limits::TASK_ID_CHARS_MAX).map(Self)
    }
}

impl Qualifier {
    /// The qualifier that always exists: the current code and configuration.
    pub const LATEST: &'static str = "LATEST";

    /// The current code and configuration.
    pub fn latest() -> Self {
        Self(Self::LATEST.into())
    }

    /// Checks a qualifier given by a user; empty means `LATEST`.
    pub fn parse(value: &str) -> Result<Self> {
        if value.is_empty() {
            return Ok(Self::latest());
        }
        let fits = value.len() <= limits::NAME_CHARS_MAX && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        if fits {
            return Ok(Self(value.into()));
        }
        Err(Error::invalid(format!("Qualifier is set to an invalid value (allowed: LATEST, a version or an alias; actual: '{value}')")))
    }

    /// True for `LATEST`.
    pub fn is_latest(&self) -> bool {
        self.as_str() == Self::LATEST
    }
}

/// A service by its full name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ServiceRef {
    pub region: Region,
    pub service: ServiceName,
}

/// A function by its full name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FunctionRef {
    pub region: Region,
    pub service: ServiceName,
    pub function: FunctionName,
}

impl FunctionRef {
    /// The service that holds the function.
    pub fn service_ref(&self) -> ServiceRef {
        ServiceRef { region: self.region.clone(), service: self.service.clone() }
    }

    /// A task of the function.
    pub fn task(&self, id: TaskId) -> TaskRef {
        TaskRef { function: self.clone(), id }
    }

    /// A trigger of the function.
    pub fn trigger(&self, name: TriggerName) -> TriggerRef {
        TriggerRef { function: self.clone(), name }
    }
}

impl std::fmt::Display for FunctionRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}", self.region, self.service, self.function)
    }
}

/// A task by its full name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TaskRef {
    pub function: FunctionRef,
    pub id: TaskId,
}

/// A trigger by its full name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TriggerRef {
    pub function: FunctionRef,
    pub name: TriggerName,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c70_custom_task_ids() {
        let check = |value: &str, fits: bool| assert_eq!(TaskId::parse_custom(value).is_ok(), fits, "{value:?}");
        check("job-1", true);
        check("_", true);
        check(&"a".repeat(128), true);
        check(&"a".repeat(129), false);
        check("", false);
        check("1task", false);
        check("-a", false);
        check("a b", false);
        check("ä", false);
        check("a/b", false);
    }

    #[test]
    fn empty_qualifier_is_latest() {
        assert!(Qualifier::parse("").is_ok_and(|q| q.is_latest()));
        assert!(Qualifier::parse("a.b").is_err());
    }
}
