//! CreateAlias, GetAlias, UpdateAlias, DeleteAlias, ListAliases (`fc-api.md` 3.4).

use super::respond::{instant, no_content, ok, ok_tagged};
use crate::{
    error::{ApiError, ApiResult},
    extract::{At, Document, IfMatch, Query},
    state::ApiState,
};
use axum::{extract::State, response::Response};
use model::{Alias, AliasName, AliasPatch, AliasSpec, ServiceRef, VersionId, WeightedVersion};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;

/// The only way in which an alias chooses between its versions here.
const RANDOM: &str = "Random";

/// Body of CreateAlias and UpdateAlias; the latter ignores the name.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AliasIn {
    alias_name: Option<String>,
    version_id: Option<String>,
    description: Option<String>,
    additional_version_weight: Option<BTreeMap<String, f64>>,
    resolve_policy: Option<String>,
}

impl AliasIn {
    fn into_patch(self) -> ApiResult<AliasPatch> {
        if let Some(policy) = self.resolve_policy.as_deref().filter(|policy| !policy.is_empty() && *policy != RANDOM) {
            return Err(ApiError::invalid(format!(
                "ResolvePolicy is set to an invalid value (allowed on this server: {RANDOM}, actual: '{policy}')"
            )));
        }
        Ok(AliasPatch {
            version: self.version_id.as_deref().filter(|id| !id.is_empty()).map(VersionId::parse).transpose()?,
            description: self.description,
            additional: self.additional_version_weight.map(additional).transpose()?,
        })
    }
}

/// The one additional version with its weight; an empty map removes it.
fn additional(weights: BTreeMap<String, f64>) -> ApiResult<Option<WeightedVersion>> {
    if weights.len() > 1 {
        let text = format!("AdditionalVersionWeight is set to an invalid value (allowed: one version, actual: {})", weights.len());
        return Err(ApiError::invalid(text));
    }
    let read = |(version, weight): (String, f64)| Ok(WeightedVersion { version: VersionId::parse(&version)?, weight });
    weights.into_iter().next().map(read).transpose()
}

/// The alias as every answer shows it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AliasOut {
    alias_name: String,
    version_id: String,
    description: String,
    additional_version_weight: BTreeMap<String, f64>,
    resolve_policy: &'static str,
    /// Always `null`.
    route_policy: Option<()>,
    created_time: String,
    last_modified_time: String,
}

impl From<&Alias> for AliasOut {
    fn from(alias: &Alias) -> Self {
        Self {
            alias_name: alias.name.to_string(),
            version_id: alias.spec.version.to_string(),
            description: alias.spec.description.clone(),
            additional_version_weight: alias.spec.additional.iter().map(|other| (other.version.to_string(), other.weight)).collect(),
            resolve_policy: RANDOM,
            route_policy: None,
            created_time: instant(alias.created_at),
            last_modified_time: instant(alias.modified_at),
        }
    }
}

fn required(name: &str) -> ApiError {
    ApiError::invalid(format!("member '{name}' is required"))
}

pub(crate) async fn create(
    State(state): State<ApiState>,
    At(service): At<ServiceRef>,
    Document(body): Document<AliasIn>,
) -> ApiResult<Response> {
    let name = AliasName::parse(body.alias_name.as_deref().ok_or_else(|| required("aliasName"))?)?;
    let AliasPatch { version, description, additional } = body.into_patch()?;
    let spec = AliasSpec {
        version: version.ok_or_else(|| required("versionId"))?,
        description: description.unwrap_or_default(),
        additional: additional.flatten(),
    };
    let alias = state.control.create_alias(&service, &name, spec).await?;
    Ok(ok_tagged(AliasOut::from(&alias), &alias.etag))
}

pub(crate) async fn get(State(state): State<ApiState>, At(service): At<ServiceRef>, At(name): At<AliasName>) -> ApiResult<Response> {
    let alias = state.control.get_alias(&service, &name).await?;
    Ok(ok_tagged(AliasOut::from(&alias), &alias.etag))
}

pub(crate) async fn list(State(state): State<ApiState>, At(service): At<ServiceRef>, query: Query) -> ApiResult<Response> {
    let page = state.control.list_aliases(&service, &query.list()?).await?.map(|alias| AliasOut::from(&alias));
    Ok(ok(json!({"aliases": page.items, "nextToken": page.next_token})))
}

pub(crate) async fn update(
    State(state): State<ApiState>,
    At(service): At<ServiceRef>,
    At(name): At<AliasName>,
    if_match: IfMatch,
    Document(body): Document<AliasIn>,
) -> ApiResult<Response> {
    let alias = state.control.update_alias(&service, &name, body.into_patch()?, if_match.etag()).await?;
    Ok(ok_tagged(AliasOut::from(&alias), &alias.etag))
}

pub(crate) async fn delete(
    State(state): State<ApiState>,
    At(service): At<ServiceRef>,
    At(name): At<AliasName>,
    if_match: IfMatch,
) -> ApiResult<Response> {
    state.control.delete_alias(&service, &name, if_match.etag()).await?;
    Ok(no_content())
}
