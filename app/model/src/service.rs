//! Services: named groups of functions with shared settings (`fc-api.md` 3.1).

use crate::{Error, Region, Result, ServiceName, UnixMillis, limits};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Where `extra` says whether logs are kept: `{"logConfig": {"enabled": false}}`.
const LOG_CONFIG: &str = "logConfig";
const ENABLED: &str = "enabled";

/// What a user sets on a service. `extra` keeps further members as the JSON object that was sent: `logConfig`, see [`ServiceSpec::logging`], and
/// those that are stored and returned without being acted on (`vpcConfig`, `nasConfig`, `ossMountConfig`, `tracingConfig`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServiceSpec {
    pub description: String,
    pub role: String,
    pub internet_access: bool,
    pub extra: Map<String, Value>,
}

impl Default for ServiceSpec {
    fn default() -> Self {
        Self { description: String::new(), role: String::new(), internet_access: true, extra: Map::new() }
    }
}

impl ServiceSpec {
    /// Checks every member against its limit.
    pub fn validate(&self) -> Result<()> {
        if self.description.chars().count() > limits::DESCRIPTION_CHARS_MAX {
            return Err(Error::invalid(format!("Description is longer than {} characters", limits::DESCRIPTION_CHARS_MAX)));
        }
        Ok(())
    }

    /// Whether what its functions write is kept: it is, unless `logConfig.enabled`, a member of our own, is false.
    pub fn logging(&self) -> bool {
        self.extra.get(LOG_CONFIG).and_then(|config| config.get(ENABLED)).and_then(Value::as_bool).unwrap_or(true)
    }

    /// The change of `extra` that switches it; other members of `logConfig` stay.
    pub fn switch_logging(&self, on: bool) -> Map<String, Value> {
        let mut config = self.extra.get(LOG_CONFIG).and_then(Value::as_object).cloned().unwrap_or_default();
        if on {
            config.remove(ENABLED);
        } else {
            config.insert(ENABLED.to_owned(), Value::Bool(false));
        }
        let config = if config.is_empty() { Value::Null } else { Value::Object(config) };
        [(LOG_CONFIG.to_owned(), config)].into_iter().collect()
    }
}

/// A service as stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Service {
    pub region: Region,
    pub name: ServiceName,
    /// A UUID, new for each creation.
    pub id: String,
    pub spec: ServiceSpec,
    pub created_at: UnixMillis,
    pub modified_at: UnixMillis,
    /// Changes with every successful mutation; compared with If-Match.
    pub etag: String,
}

/// Members to change; `None` keeps the stored value.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ServicePatch {
    pub description: Option<String>,
    pub role: Option<String>,
    pub internet_access: Option<bool>,
    /// Replaces each named member of `extra`; JSON null removes it.
    pub extra: Map<String, Value>,
}

impl ServicePatch {
    /// The spec with the patch applied.
    pub fn apply(self, mut spec: ServiceSpec) -> ServiceSpec {
        if let Some(description) = self.description {
            spec.description = description;
        }
        if let Some(role) = self.role {
            spec.role = role;
        }
        if let Some(internet_access) = self.internet_access {
            spec.internet_access = internet_access;
        }
        merge_extra(&mut spec.extra, self.extra);
        spec
    }
}

/// Replaces each named member; JSON null removes it.
pub(crate) fn merge_extra(extra: &mut Map<String, Value>, patch: Map<String, Value>) {
    for (name, value) in patch {
        if value.is_null() {
            extra.remove(&name);
        } else {
            extra.insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn c51_logging_is_on_until_it_is_switched_off_and_keeps_what_stands_beside_it() {
        let switched =
            |spec: &ServiceSpec, on| ServicePatch { extra: spec.switch_logging(on), ..ServicePatch::default() }.apply(spec.clone());
        let new = ServiceSpec::default();
        assert!(new.logging() && switched(&new, true) == new);
        let off = switched(&new, false);
        assert!(!off.logging() && switched(&off, true) == new);
        let mut with_project = new;
        with_project.extra.insert("logConfig".to_owned(), json!({"project": "p"}));
        let off = switched(&with_project, false);
        assert!(with_project.logging() && !off.logging());
        assert_eq!(off.extra, *json!({"logConfig": {"project": "p", "enabled": false}}).as_object().unwrap());
        assert_eq!(switched(&off, true), with_project);
    }
}
