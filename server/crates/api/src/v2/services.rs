//! CreateService, GetService, ListServices, UpdateService, DeleteService (`fc-api.md` 3.1).

use super::{
    respond::{no_content, ok, ok_tagged},
    service_wire::{ServiceIn, ServiceOut},
    tags,
};
use crate::{
    error::{ApiError, ApiResult},
    extract::{At, Document, IfMatch, Qualified, Query},
    state::{ApiState, Call},
};
use axum::{extract::State, response::Response};
use model::{ServiceName, ServiceRef};
use serde_json::json;

pub(crate) async fn create(State(state): State<ApiState>, call: Call, Document(body): Document<ServiceIn>) -> ApiResult<Response> {
    let name = body.service_name.as_deref().ok_or_else(|| ApiError::invalid("member 'serviceName' is required"))?;
    let name = ServiceName::parse(name)?;
    let service = state.control.create_service(&call.region, &name, body.into_spec()).await?;
    Ok(ok_tagged(ServiceOut::from(&service), &service.etag))
}

pub(crate) async fn get(State(state): State<ApiState>, addressed: Qualified<ServiceRef>) -> ApiResult<Response> {
    let service = state.control.get_service_at(&addressed.of, &addressed.qualifier()).await?;
    Ok(ok_tagged(ServiceOut::from(&service), &service.etag))
}

pub(crate) async fn list(State(state): State<ApiState>, call: Call, query: Query) -> ApiResult<Response> {
    let (tags, list) = (tags::filter(&query), query.list()?);
    let page = match tags.0.is_empty() {
        true => state.control.list_services(&call.region, &list).await?,
        false => state.control.list_services_tagged(&call.region, &tags, &list).await?,
    };
    let page = page.map(|service| ServiceOut::from(&service));
    Ok(ok(json!({"services": page.items, "nextToken": page.next_token})))
}

pub(crate) async fn update(
    State(state): State<ApiState>,
    At(service): At<ServiceRef>,
    if_match: IfMatch,
    Document(body): Document<ServiceIn>,
) -> ApiResult<Response> {
    let service = state.control.update_service(&service, body.into_patch(), if_match.etag()).await?;
    Ok(ok_tagged(ServiceOut::from(&service), &service.etag))
}

pub(crate) async fn delete(State(state): State<ApiState>, At(service): At<ServiceRef>, if_match: IfMatch) -> ApiResult<Response> {
    state.control.delete_service(&service, if_match.etag()).await?;
    Ok(no_content())
}
