//! Functions: code with a handler, a runtime and limits (`fc-api.md` 3.2).

use crate::{Error, FunctionName, FunctionRef, Region, Result, Role, RuntimeName, ServiceName, UnixMillis, limits, service::merge_extra};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a user sets on a function, code apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FunctionSpec {
    pub description: String,
    pub runtime: RuntimeName,
    /// `file.symbol` for Python and Node.js.
    pub handler: String,
    /// Handler of the initializer; empty means none.
    pub initializer: String,
    pub initialization_timeout_s: u64,
    /// Seconds of one execution.
    pub timeout_s: u64,
    pub memory_mb: u64,
    /// vCPU; 0 means that none was asked for.
    pub cpu: f64,
    pub disk_mb: u64,
    /// Requests that one instance serves at once.
    pub instance_concurrency: u32,
    pub environment: BTreeMap<String, String>,
    /// Further members as sent: those of [`crate::custom`], and `layers` (see [`crate::layer`]), and those that are stored and returned without being acted
    /// on (`customDNS`, …).
    pub extra: serde_json::Map<String, serde_json::Value>,
}

impl FunctionSpec {
    /// A spec with the API's defaults.
    pub fn new(runtime: RuntimeName, handler: impl Into<String>) -> Self {
        Self {
            description: String::new(),
            runtime,
            handler: handler.into(),
            initializer: String::new(),
            initialization_timeout_s: limits::INITIALIZATION_TIMEOUT_S_DEFAULT,
            timeout_s: limits::TIMEOUT_S_DEFAULT,
            memory_mb: limits::MEMORY_MB_DEFAULT,
            cpu: 0.0,
            disk_mb: 512,
            instance_concurrency: 1,
            environment: BTreeMap::new(),
            extra: serde_json::Map::new(),
        }
    }

    /// Checks every member against its limit; the message names the member, the rule and the value.
    pub fn validate(&self) -> Result<()> {
        if self.description.chars().count() > limits::DESCRIPTION_CHARS_MAX {
            return Err(Error::invalid(format!("Description is longer than {} characters", limits::DESCRIPTION_CHARS_MAX)));
        }
        let handler_chars = self.handler.chars().count();
        if handler_chars == 0 || handler_chars > limits::HANDLER_CHARS_MAX {
            return Err(Error::invalid(format!(
                "Handler must have 1 to {} characters, for example index.handler",
                limits::HANDLER_CHARS_MAX
            )));
        }
        in_range("Timeout", self.timeout_s, 1, limits::TIMEOUT_S_MAX)?;
        in_range("InitializationTimeout", self.initialization_timeout_s, 1, limits::INITIALIZATION_TIMEOUT_S_MAX)?;
        in_range("MemorySize", self.memory_mb, limits::MEMORY_MB_MIN, limits::MEMORY_MB_MAX)?;
        if !self.memory_mb.is_multiple_of(limits::MEMORY_MB_STEP) {
            return Err(Error::invalid(format!(
                "MemorySize must be a multiple of {} (actual: '{}')",
                limits::MEMORY_MB_STEP,
                self.memory_mb
            )));
        }
        in_range("InstanceConcurrency", u64::from(self.instance_concurrency), 1, u64::from(limits::INSTANCE_CONCURRENCY_MAX))?;
        if self.disk_mb != 512 && self.disk_mb != 10_240 {
            return Err(Error::invalid(format!("DiskSize must be 512 or 10240 (actual: '{}')", self.disk_mb)));
        }
        if !(0.0..=16.0).contains(&self.cpu) {
            return Err(Error::invalid(format!("CPU must be between 0.05 and 16 (actual: '{}')", self.cpu)));
        }
        crate::custom::validate(&self.extra)?;
        self.validate_container()?;
        // Whose region it is does not matter here.
        crate::LayerVersionRef::of_function(self, &crate::Region::from_stored(""))?;
        validate_environment(&self.environment)
    }
}

fn in_range(name: &str, value: u64, least: u64, most: u64) -> Result<()> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(Error::invalid(format!("{name} is set to an invalid value (allowed: {least} to {most}, actual: '{value}')")))
}

/// Names that the platform sets itself (`fc-api.md` 3.2).
const RESERVED_KEYS: [&str; 4] = ["accessKeyID", "accessKeySecret", "securityToken", "topic"];

fn validate_environment(environment: &BTreeMap<String, String>) -> Result<()> {
    let mut bytes = 0;
    for (key, value) in environment {
        let mut chars = key.chars();
        let is_name = chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && chars.all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !is_name {
            return Err(Error::invalid(format!("environment variable '{key}': start with a letter; use letters, digits and _")));
        }
        if key.starts_with("FC_") || RESERVED_KEYS.contains(&key.as_str()) {
            return Err(Error::invalid(format!("environment variable '{key}' is reserved for the platform")));
        }
        if value.contains('\0') {
            return Err(Error::invalid(format!("environment variable '{key}' contains a zero byte")));
        }
        bytes += key.len() + value.len();
    }
    if bytes > limits::ENVIRONMENT_BYTES_MAX {
        return Err(Error::invalid(format!(
            "all environment variables together have {bytes} bytes; the limit is {}",
            limits::ENVIRONMENT_BYTES_MAX
        )));
    }
    Ok(())
}

/// Where the code of a function comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Code {
    /// A ZIP archive, its bytes.
    Zip(Vec<u8>),
    /// The runtime's sample of an event function; see [`crate::sample`].
    Sample,
    /// The same of an HTTP function.
    HttpSample,
}

/// A function as stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Function {
    pub region: Region,
    pub service: ServiceName,
    pub name: FunctionName,
    /// A UUID, new for each creation: a function deleted and made again is another one.
    pub id: String,
    pub spec: FunctionSpec,
    /// Names the stored code package: hex SHA-256 of the ZIP.
    pub package_id: String,
    /// Bytes of the ZIP.
    pub code_size: u64,
    /// Decimal CRC-64/XZ of the ZIP, as SDKs compare it.
    pub code_checksum: String,
    pub created_at: UnixMillis,
    pub modified_at: UnixMillis,
    /// Changes with every successful mutation; compared with If-Match. Warm instances of another etag are replaced.
    pub etag: String,
}

/// Stands for a value that its reader may not see.
pub const HIDDEN_VALUE: &str = "(hidden)";

impl Function {
    /// The function as users of a role may read it: who configures nothing gets no values of environment variables.
    pub fn shown_to(mut self, role: Role) -> Self {
        if !role.sees_values() {
            self.spec.environment.values_mut().for_each(|value| HIDDEN_VALUE.clone_into(value));
        }
        self
    }

    /// The function's full name.
    pub fn function_ref(&self) -> FunctionRef {
        FunctionRef { region: self.region.clone(), service: self.service.clone(), function: self.name.clone() }
    }
}

/// Members to change; `None` keeps the stored value. The environment is replaced as a whole.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct FunctionPatch {
    pub description: Option<String>,
    pub runtime: Option<RuntimeName>,
    pub handler: Option<String>,
    pub initializer: Option<String>,
    pub initialization_timeout_s: Option<u64>,
    pub timeout_s: Option<u64>,
    pub memory_mb: Option<u64>,
    pub cpu: Option<f64>,
    pub disk_mb: Option<u64>,
    pub instance_concurrency: Option<u32>,
    pub environment: Option<BTreeMap<String, String>>,
    /// Replaces each named member of `extra`; JSON null removes it.
    pub extra: serde_json::Map<String, serde_json::Value>,
}

impl FunctionPatch {
    /// The spec with the patch applied.
    pub fn apply(self, mut spec: FunctionSpec) -> FunctionSpec {
        fn set<T>(slot: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *slot = value;
            }
        }
        set(&mut spec.description, self.description);
        set(&mut spec.runtime, self.runtime);
        set(&mut spec.handler, self.handler);
        set(&mut spec.initializer, self.initializer);
        set(&mut spec.initialization_timeout_s, self.initialization_timeout_s);
        set(&mut spec.timeout_s, self.timeout_s);
        set(&mut spec.memory_mb, self.memory_mb);
        set(&mut spec.cpu, self.cpu);
        set(&mut spec.disk_mb, self.disk_mb);
        set(&mut spec.instance_concurrency, self.instance_concurrency);
        set(&mut spec.environment, self.environment);
        merge_extra(&mut spec.extra, self.extra);
        spec
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(change: impl FnOnce(&mut FunctionSpec), fits: bool) {
        let mut spec = FunctionSpec::new(RuntimeName::from_stored("python3"), "index.handler");
        change(&mut spec);
        assert_eq!(spec.validate().is_ok(), fits, "{spec:?}");
    }

    #[test]
    fn c56_limits() {
        check(|_| (), true);
        check(|s| s.timeout_s = 0, false);
        check(|s| s.timeout_s = 86_400, true);
        check(|s| s.timeout_s = 86_401, false);
        check(|s| s.memory_mb = 100, false);
        check(|s| s.memory_mb = 32_768, true);
        check(|s| s.memory_mb = 32_832, false);
        check(|s| s.instance_concurrency = 201, false);
        check(|s| s.handler.clear(), false);
    }

    #[test]
    fn c57_environment() {
        let with = |key: &str, value: &str, fits: bool| {
            check(|s| drop(s.environment.insert(key.to_owned(), value.to_owned())), fits);
        };
        with("A_1", "x", true);
        with("1A", "x", false);
        with("FC_X", "x", false);
        with("topic", "x", false);
        with("A", &"x".repeat(4_095), true);
        with("A", &"x".repeat(4_096), false);
        with("A", "\0", false);
    }
}
