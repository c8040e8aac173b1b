//! GetAccountSettings and ListReservedCapacities (`fc-api.md` 3.6).

use super::respond::ok;
use crate::{
    error::{ApiError, ApiResult},
    state::{ApiState, Call},
};
use axum::{extract::State, response::Response};
use model::ErrorCode;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

/// Answer of GetAccountSettings.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SettingsOut {
    #[serde(rename = "availableAZs")]
    available_azs: Vec<String>,
    default_role: String,
}

/// One zone a region: what runs in it runs on these machines.
pub(crate) async fn settings(State(state): State<ApiState>, call: Call) -> ApiResult<Response> {
    if !state.control.regions().contains(&call.region) {
        return Err(ApiError::new(ErrorCode::RegionNotFound, format!("region '{}' does not exist", call.region)));
    }
    Ok(ok(SettingsOut { available_azs: vec![format!("{}-a", call.region)], default_role: String::new() }))
}

/// Nothing is for sale here.
pub(crate) async fn reserved_capacities() -> Response {
    ok(json!({"reservedCapacities": [], "nextToken": ""}))
}
