//! GetAccountSettings and ListReservedCapacities (`fc-api.md` 3.6).

use super::respond::ok;
use crate::{
    error::{ApiError, ApiResult},
    state::{ApiState, Call},
};
use axum::{extract::State, response::Response};
use model::ErrorCode;
use serde_json::json;

/// One zone a region: what runs in it runs on these machines.
pub(crate) async fn settings(State(state): State<ApiState>, call: Call) -> ApiResult<Response> {
    if !state.control.regions().contains(&call.region) {
        return Err(ApiError::new(ErrorCode::RegionNotFound, format!("region '{}' does not exist", call.region)));
    }
    Ok(ok(json!({"availableAZs": [format!("{}-a", call.region)], "defaultRole": ""})))
}

/// Nothing is for sale here.
pub(crate) async fn reserved_capacities() -> Response {
    ok(json!({"reservedCapacities": [], "nextToken": ""}))
}
