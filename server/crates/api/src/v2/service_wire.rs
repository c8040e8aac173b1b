//! Services as JSON (`fc-api.md` 3.1).

use super::respond::instant;
use model::{Service, ServicePatch, ServiceSpec};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Body of CreateService and UpdateService; the latter ignores the name.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ServiceIn {
    pub service_name: Option<String>,
    description: Option<String>,
    role: Option<String>,
    internet_access: Option<bool>,
    log_config: Option<LogConfig>,
    vpc_config: Option<VpcConfig>,
    nas_config: Option<NasConfig>,
    oss_mount_config: Option<OssMountConfig>,
    tracing_config: Option<TracingConfig>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LogConfig {
    project: Option<String>,
    logstore: Option<String>,
    enable_request_metrics: Option<bool>,
    enable_instance_metrics: Option<bool>,
    log_begin_rule: Option<String>,
    /// Of our own: false keeps no logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    enabled: Option<bool>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct VpcConfig {
    vpc_id: Option<String>,
    v_switch_ids: Option<Vec<String>>,
    security_group_id: Option<String>,
    role: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct NasConfig {
    user_id: Option<i64>,
    group_id: Option<i64>,
    mount_points: Option<Vec<NasMount>>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct NasMount {
    server_addr: Option<String>,
    mount_dir: Option<String>,
    #[serde(rename = "enableTLS")]
    enable_tls: Option<bool>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OssMountConfig {
    mount_points: Option<Vec<OssMount>>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OssMount {
    bucket_name: Option<String>,
    bucket_path: Option<String>,
    endpoint: Option<String>,
    mount_dir: Option<String>,
    read_only: Option<bool>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct TracingConfig {
    #[serde(rename = "type")]
    kind: Option<String>,
    params: Option<BTreeMap<String, String>>,
}

/// Puts a member that is stored as sent under its name; absent ones are left alone.
pub(super) fn keep(extra: &mut Map<String, Value>, name: &str, value: &Option<impl Serialize>) {
    if let Some(Ok(value)) = value.as_ref().map(serde_json::to_value) {
        extra.insert(name.to_owned(), value);
    }
}

/// A stored member, `null` when it was never set.
pub(super) fn kept(extra: &Map<String, Value>, name: &str) -> Value {
    extra.get(name).cloned().unwrap_or_default()
}

impl ServiceIn {
    /// The change that the body asks for; on creation it is applied to the defaults.
    pub fn into_patch(self) -> ServicePatch {
        let mut extra = Map::new();
        keep(&mut extra, "logConfig", &self.log_config);
        keep(&mut extra, "vpcConfig", &self.vpc_config);
        keep(&mut extra, "nasConfig", &self.nas_config);
        keep(&mut extra, "ossMountConfig", &self.oss_mount_config);
        keep(&mut extra, "tracingConfig", &self.tracing_config);
        ServicePatch { description: self.description, role: self.role, internet_access: self.internet_access, extra }
    }

    /// What a new service is set to.
    pub fn into_spec(self) -> ServiceSpec {
        self.into_patch().apply(ServiceSpec::default())
    }
}

/// The service as every answer shows it: all members, `logConfig` and `tracingConfig` as objects even when never set.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ServiceOut {
    service_name: String,
    service_id: String,
    description: String,
    role: String,
    internet_access: bool,
    #[schemars(with = "LogConfig")]
    log_config: Value,
    #[schemars(with = "Option<VpcConfig>")]
    vpc_config: Value,
    #[schemars(with = "Option<NasConfig>")]
    nas_config: Value,
    #[schemars(with = "Option<OssMountConfig>")]
    oss_mount_config: Value,
    #[schemars(with = "TracingConfig")]
    tracing_config: Value,
    #[serde(rename = "useSLRAuthentication")]
    use_slr_authentication: bool,
    created_time: String,
    last_modified_time: String,
}

impl From<&Service> for ServiceOut {
    fn from(service: &Service) -> Self {
        let spec = &service.spec;
        let or_default = |name: &str, default: Value| spec.extra.get(name).cloned().unwrap_or(default);
        let extra = |name: &str| kept(&spec.extra, name);
        let no_log = json!({
            "project": "", "logstore": "", "enableRequestMetrics": false, "enableInstanceMetrics": false, "logBeginRule": "None",
        });
        Self {
            service_name: service.name.to_string(),
            service_id: service.id.clone(),
            description: spec.description.clone(),
            role: spec.role.clone(),
            internet_access: spec.internet_access,
            log_config: or_default("logConfig", no_log),
            vpc_config: extra("vpcConfig"),
            nas_config: extra("nasConfig"),
            oss_mount_config: extra("ossMountConfig"),
            tracing_config: or_default("tracingConfig", json!({"type": null, "params": null})),
            use_slr_authentication: false,
            created_time: instant(service.created_at),
            last_modified_time: instant(service.modified_at),
        }
    }
}
