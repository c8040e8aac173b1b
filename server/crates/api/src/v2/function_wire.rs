//! Functions as JSON (`fc-api.md` 3.2).

use super::{
    respond::instant,
    service_wire::{keep, kept},
};
use crate::error::{ApiError, ApiResult};
use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use model::{Code, Function, FunctionPatch, FunctionSpec, RuntimeName, limits};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Body of CreateFunction and UpdateFunction; the latter ignores the name.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FunctionIn {
    pub function_name: Option<String>,
    code: Option<CodeIn>,
    description: Option<String>,
    runtime: Option<String>,
    handler: Option<String>,
    initializer: Option<String>,
    initialization_timeout: Option<u64>,
    timeout: Option<u64>,
    memory_size: Option<u64>,
    cpu: Option<f64>,
    disk_size: Option<u64>,
    instance_concurrency: Option<u32>,
    environment_variables: Option<BTreeMap<String, String>>,
    ca_port: Option<u32>,
    instance_lifecycle_config: Option<LifecycleConfig>,
    custom_runtime_config: Option<RuntimeConfig>,
    /// ARNs of versions of layers; the first one wins where two have the same path.
    layers: Option<Vec<String>>,
    /// The image of the runtime `custom-container`.
    custom_container_config: Option<ContainerConfig>,
    // Stored and returned, not acted on yet.
    gpu_memory_size: Option<u32>,
    instance_type: Option<String>,
    instance_soft_concurrency: Option<u32>,
    custom_health_check_config: Option<HealthCheckConfig>,
    #[serde(rename = "customDNS")]
    custom_dns: Option<DnsConfig>,
}

/// Where the code comes from: exactly one source.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CodeIn {
    /// A ZIP archive.
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("contentEncoding" = "base64"))]
    zip_file: Option<Zip>,
    /// Not supported here, as `ossObjectName`: send the archive.
    oss_bucket_name: Option<String>,
    oss_object_name: Option<String>,
}

/// A ZIP archive that comes as base64.
struct Zip(Vec<u8>);

impl std::fmt::Debug for Zip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

const BASE64: GeneralPurpose =
    GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

impl<'de> Deserialize<'de> for Zip {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64.decode(text).map(Self).map_err(|e| de::Error::custom(format!("expected: a ZIP archive as base64; {e}")))
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LifecycleConfig {
    pre_freeze: Option<Hook>,
    pre_stop: Option<Hook>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Hook {
    handler: Option<String>,
    timeout: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ContainerConfig {
    /// As a container engine names it.
    image: Option<String>,
    /// The text of a JSON array; an array is taken too.
    #[serde(default, deserialize_with = "words")]
    command: Option<String>,
    /// As `command`.
    #[serde(default, deserialize_with = "words")]
    args: Option<String>,
    acceleration_type: Option<String>,
    #[serde(rename = "instanceID")]
    instance_id: Option<String>,
    web_server_mode: Option<bool>,
}

/// Words as the vendor sends them, the text of a JSON array, also of an array.
fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match Option::<Value>::deserialize(deserializer)? {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(list @ Value::Array(_)) => Ok(Some(list.to_string())),
        Some(_) => Err(de::Error::custom("expected: the text of a JSON array of strings")),
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct RuntimeConfig {
    command: Option<Vec<String>>,
    args: Option<Vec<String>>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct HealthCheckConfig {
    http_get_url: Option<String>,
    initial_delay_seconds: Option<u32>,
    period_seconds: Option<u32>,
    timeout_seconds: Option<u32>,
    failure_threshold: Option<u32>,
    success_threshold: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct DnsConfig {
    name_servers: Option<Vec<String>>,
    searches: Option<Vec<String>>,
    dns_options: Option<Vec<DnsOption>>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct DnsOption {
    name: Option<String>,
    value: Option<String>,
}

impl FunctionIn {
    /// Takes the code out of the body; `None` when it names none.
    pub fn take_code(&mut self) -> ApiResult<Option<Code>> {
        code_of(self.code.take())
    }

    /// What a new function is set to.
    pub fn into_spec(self) -> ApiResult<FunctionSpec> {
        let required = |name: &str| ApiError::invalid(format!("member '{name}' is required"));
        let runtime = RuntimeName::parse(self.runtime.as_deref().ok_or_else(|| required("runtime"))?)?;
        let handler = self.handler.clone().ok_or_else(|| required("handler"))?;
        Ok(self.into_patch()?.apply(FunctionSpec::new(runtime, handler)))
    }

    /// The change that the body asks for.
    pub fn into_patch(self) -> ApiResult<FunctionPatch> {
        Ok(FunctionPatch {
            runtime: self.runtime.as_deref().map(RuntimeName::parse).transpose()?,
            extra: self.extra(),
            description: self.description,
            handler: self.handler,
            initializer: self.initializer,
            initialization_timeout_s: self.initialization_timeout,
            timeout_s: self.timeout,
            memory_mb: self.memory_size,
            cpu: self.cpu,
            disk_mb: self.disk_size,
            instance_concurrency: self.instance_concurrency,
            environment: self.environment_variables,
        })
    }

    fn extra(&self) -> Map<String, Value> {
        let mut extra = Map::new();
        keep(&mut extra, "caPort", &self.ca_port);
        keep(&mut extra, "gpuMemorySize", &self.gpu_memory_size);
        keep(&mut extra, "instanceType", &self.instance_type);
        keep(&mut extra, "instanceSoftConcurrency", &self.instance_soft_concurrency);
        keep(&mut extra, "instanceLifecycleConfig", &self.instance_lifecycle_config);
        keep(&mut extra, "layers", &self.layers);
        keep(&mut extra, "customContainerConfig", &self.custom_container_config);
        keep(&mut extra, "customRuntimeConfig", &self.custom_runtime_config);
        keep(&mut extra, "customHealthCheckConfig", &self.custom_health_check_config);
        keep(&mut extra, "customDNS", &self.custom_dns);
        extra
    }
}

/// The archive that a body brings; `None` when it brings none.
pub(super) fn code_of(code: Option<CodeIn>) -> ApiResult<Option<Code>> {
    let Some(code) = code else { return Ok(None) };
    if code.oss_bucket_name.is_some() || code.oss_object_name.is_some() {
        return Err(ApiError::invalid("code from object storage is not supported here: send the ZIP archive as base64 in code.zipFile"));
    }
    let Zip(bytes) = code.zip_file.ok_or_else(|| ApiError::invalid("member 'code.zipFile' is required"))?;
    if bytes.len() > limits::CODE_ZIP_BYTES_MAX {
        return Err(ApiError::too_large(limits::CODE_ZIP_BYTES_MAX));
    }
    Ok(Some(Code::Zip(bytes)))
}

/// The function as every answer shows it: all members but the code.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FunctionOut {
    function_name: String,
    function_id: String,
    description: String,
    runtime: String,
    handler: String,
    initializer: String,
    initialization_timeout: u64,
    timeout: u64,
    memory_size: u64,
    cpu: Option<f64>,
    disk_size: u64,
    #[schemars(with = "Option<u32>")]
    gpu_memory_size: Value,
    #[schemars(with = "String")]
    instance_type: Value,
    instance_concurrency: u32,
    #[schemars(with = "Option<u32>")]
    instance_soft_concurrency: Value,
    #[schemars(with = "Option<LifecycleConfig>")]
    instance_lifecycle_config: Value,
    environment_variables: BTreeMap<String, String>,
    #[schemars(with = "Vec<String>")]
    layers: Value,
    #[schemars(with = "Vec<String>")]
    layers_arn_v2: Value,
    #[schemars(with = "Option<ContainerConfig>")]
    custom_container_config: Value,
    #[schemars(with = "Option<RuntimeConfig>")]
    custom_runtime_config: Value,
    #[schemars(with = "Option<HealthCheckConfig>")]
    custom_health_check_config: Value,
    #[serde(rename = "customDNS")]
    #[schemars(with = "Option<DnsConfig>")]
    custom_dns: Value,
    #[schemars(with = "Option<u32>")]
    ca_port: Value,
    code_size: u64,
    /// CRC-64/XZ of the code package, in decimal.
    code_checksum: String,
    created_time: String,
    last_modified_time: String,
}

impl From<&Function> for FunctionOut {
    fn from(function: &Function) -> Self {
        let spec = &function.spec;
        let extra = |name: &str| kept(&spec.extra, name);
        let layers = spec.extra.get("layers").cloned().unwrap_or_else(|| json!([]));
        Self {
            function_name: function.name.to_string(),
            function_id: function.id.clone(),
            description: spec.description.clone(),
            runtime: spec.runtime.to_string(),
            handler: spec.handler.clone(),
            initializer: spec.initializer.clone(),
            initialization_timeout: spec.initialization_timeout_s,
            timeout: spec.timeout_s,
            memory_size: spec.memory_mb,
            cpu: (spec.cpu > 0.0).then_some(spec.cpu),
            disk_size: spec.disk_mb,
            gpu_memory_size: extra("gpuMemorySize"),
            instance_type: spec.extra.get("instanceType").cloned().unwrap_or_else(|| json!("e1")),
            instance_concurrency: spec.instance_concurrency,
            instance_soft_concurrency: extra("instanceSoftConcurrency"),
            instance_lifecycle_config: extra("instanceLifecycleConfig"),
            environment_variables: spec.environment.clone(),
            layers: layers.clone(),
            layers_arn_v2: layers,
            custom_container_config: extra("customContainerConfig"),
            custom_runtime_config: extra("customRuntimeConfig"),
            custom_health_check_config: extra("customHealthCheckConfig"),
            custom_dns: extra("customDNS"),
            ca_port: extra("caPort"),
            code_size: function.code_size,
            code_checksum: function.code_checksum.clone(),
            created_time: instant(function.created_at),
            last_modified_time: instant(function.modified_at),
        }
    }
}
