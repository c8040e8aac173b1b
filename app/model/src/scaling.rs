//! How many instances a function may have at most and has ready at least (`fc-api.md` 3.6), and the part of the port that sets it.

use crate::{Error, FunctionRef, ListQuery, Page, Qualifier, Region, Result, ServiceName, UnixMillis, limits};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// How many instances of a function's qualifier may live at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnDemandConfig {
    pub function: FunctionRef,
    /// `LATEST` or an alias.
    pub qualifier: Qualifier,
    pub max_instances: u32,
    pub modified_at: UnixMillis,
    /// Changes with every successful mutation; compared with If-Match.
    pub etag: String,
}

impl OnDemandConfig {
    /// The name that the wire calls it by, and by which lists are ordered.
    pub fn resource(&self) -> String {
        format!("services/{}.{}/functions/{}", self.function.service, self.qualifier, self.function.function)
    }

    /// Checks a number of instances given by a user.
    pub fn check(max_instances: u32) -> Result<()> {
        in_range("MaximumInstanceCount", i64::from(max_instances), 1, i64::from(limits::INSTANCES_MAX))
    }
}

/// How many instances of a function's qualifier are to be ready.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProvisionConfig {
    pub function: FunctionRef,
    /// What they run: the current code, a version, or the version that an alias mainly leads to.
    pub qualifier: Qualifier,
    pub spec: ProvisionSpec,
    pub modified_at: UnixMillis,
    /// Changes with every successful mutation.
    pub etag: String,
}

/// What a user sets of a [`ProvisionConfig`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProvisionSpec {
    /// Instances that are to be ready, on all servers together; 0 removes the configuration.
    pub target: u32,
    /// Stored and returned; instances of this system always have their share of the processors.
    pub always_allocate_cpu: bool,
    /// Stored and returned as sent, without being acted on.
    pub scheduled_actions: serde_json::Value,
    /// Stored and returned as sent, without being acted on.
    pub target_tracking_policies: serde_json::Value,
}

impl ProvisionSpec {
    /// Checks every member against its limit.
    pub fn validate(&self) -> Result<()> {
        in_range("Target", i64::from(self.target), 0, i64::from(limits::INSTANCES_MAX))?;
        for (name, list) in [("ScheduledActions", &self.scheduled_actions), ("TargetTrackingPolicies", &self.target_tracking_policies)] {
            if !list.is_null() && !list.is_array() {
                return Err(Error::invalid(format!("{name} is set to an invalid value: it has to be a list")));
            }
        }
        Ok(())
    }
}

impl ProvisionConfig {
    /// What lists are ordered by; with the account in front it is the name that the wire calls it by.
    pub fn resource(&self) -> String {
        format!("{}#{}#{}", self.function.service, self.qualifier, self.function.function)
    }
}

/// A configuration and how far it is reached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Provision {
    pub config: ProvisionConfig,
    /// Instances that are ready or at work, on all servers together, up to the target.
    pub current: u32,
    /// Why there are fewer than the target; empty when nothing is known to be wrong.
    pub current_error: String,
}

/// Which page of provision configurations is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ProvisionQuery {
    /// Only those of this service.
    pub service: Option<ServiceName>,
    /// Only those of this qualifier.
    pub qualifier: Option<Qualifier>,
    /// `next_token` and `limit` count; there is no prefix.
    pub page: ListQuery,
}

fn in_range(name: &str, value: i64, least: i64, most: i64) -> Result<()> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(Error::invalid(format!("{name} is set to an invalid value (allowed: {least} to {most}, actual: '{value}')")))
}

/// The part of [`crate::ControlPlane`] that is about numbers of instances.
#[async_trait]
pub trait ScalingControl: Send + Sync {
    /// Sets how many instances of a qualifier may live at once. Errors: `PreconditionFailed` when `if_match` is given and is not the etag of
    /// the configuration that there is.
    async fn put_on_demand(
        &self,
        function: &FunctionRef,
        qualifier: &Qualifier,
        max_instances: u32,
        if_match: Option<&str>,
    ) -> Result<OnDemandConfig>;

    /// Errors: `OnDemandConfigNotFound`.
    async fn get_on_demand(&self, function: &FunctionRef, qualifier: &Qualifier) -> Result<OnDemandConfig>;

    /// Errors: `OnDemandConfigNotFound`, `PreconditionFailed`.
    async fn delete_on_demand(&self, function: &FunctionRef, qualifier: &Qualifier, if_match: Option<&str>) -> Result<()>;

    /// Those of a region by [`OnDemandConfig::resource`].
    async fn list_on_demand(&self, region: &Region, query: &ListQuery) -> Result<Page<OnDemandConfig>>;

    /// Sets how many instances of a qualifier are to be ready; a target of 0 removes that. Errors: `PreconditionFailed`.
    async fn put_provision(
        &self,
        function: &FunctionRef,
        qualifier: &Qualifier,
        spec: ProvisionSpec,
        if_match: Option<&str>,
    ) -> Result<Provision>;

    /// Errors: `ProvisionConfigNotFound`.
    async fn get_provision(&self, function: &FunctionRef, qualifier: &Qualifier) -> Result<Provision>;

    /// Those of a region by [`ProvisionConfig::resource`].
    async fn list_provisions(&self, region: &Region, query: &ProvisionQuery) -> Result<Page<Provision>>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn i3_5_the_most_instances_are_1_to_10000() {
        for (count, fits) in [(0, false), (1, true), (10_000, true), (10_001, false)] {
            assert_eq!(OnDemandConfig::check(count).is_ok(), fits, "{count}");
        }
    }

    #[test]
    fn i4_2_a_target_is_0_to_10000_and_the_rest_are_lists() {
        let spec =
            ProvisionSpec { target: 0, always_allocate_cpu: true, scheduled_actions: json!([]), target_tracking_policies: json!(null) };
        let check = |change: &dyn Fn(&mut ProvisionSpec), fits: bool| {
            let mut spec = spec.clone();
            change(&mut spec);
            assert_eq!(spec.validate().is_ok(), fits, "{spec:?}");
        };
        check(&|_| (), true);
        check(&|spec| spec.target = 10_000, true);
        check(&|spec| spec.target = 10_001, false);
        check(&|spec| spec.scheduled_actions = json!({}), false);
        check(&|spec| spec.target_tracking_policies = json!("x"), false);
    }
}
