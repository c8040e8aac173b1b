//! Services: named groups of functions with shared settings (`fc-api.md` 3.1).

use crate::{Error, Region, Result, ServiceName, UnixMillis, limits};
use serde::{Deserialize, Serialize};

/// What a user sets on a service. `extra` keeps members that this install stores and returns without acting on them
/// (`logConfig`, `vpcConfig`, `nasConfig`, `ossMountConfig`, `tracingConfig`), as the JSON object that was sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServiceSpec {
    pub description: String,
    pub role: String,
    pub internet_access: bool,
    pub extra: serde_json::Map<String, serde_json::Value>,
}

impl Default for ServiceSpec {
    fn default() -> Self {
        Self { description: String::new(), role: String::new(), internet_access: true, extra: serde_json::Map::new() }
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
    pub extra: serde_json::Map<String, serde_json::Value>,
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
pub(crate) fn merge_extra(extra: &mut serde_json::Map<String, serde_json::Value>, patch: serde_json::Map<String, serde_json::Value>) {
    for (name, value) in patch {
        if value.is_null() {
            extra.remove(&name);
        } else {
            extra.insert(name, value);
        }
    }
}
