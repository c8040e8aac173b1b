//! Which method and path lead to which operation: the one place that spells paths.

use crate::{
    auth::{self, Gate},
    body::Limit,
    boundary::boundary,
    error::ApiError,
    state::ApiState,
    v2::{aliases, async_config, code_link, functions, invoke, queue, services, tasks, triggers, versions},
};
use axum::{
    Router,
    extract::Request,
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{MethodRouter, any, delete, get, post, put},
};
use model::ErrorCode;

/// First segment of every path of this API version.
pub(crate) const PREFIX: &str = "/2021-04-06";

/// The API under its own prefix: everything below it is answered here, unknown paths too, and nothing else but the paths of HTTP functions. Merge it into the
/// server's router.
pub fn router(state: ApiState) -> Router {
    let signed = |limit: Limit, methods: MethodRouter<ApiState>| {
        let gate = Gate { state: state.clone(), limit };
        methods.route_layer(from_fn_with_state(gate, auth::authenticate)).fallback(unsupported)
    };
    let at = |path: &str| format!("{PREFIX}{path}");
    let function = |path: &str| format!("{PREFIX}/services/{{service}}/functions/{{function}}{path}");
    let small = |methods| signed(Limit::Document, methods);
    let proxy = crate::proxy::router(state.clone());
    Router::new()
        .route(&at("/services"), small(get(services::list).post(services::create)))
        .route(&at("/services/{service}"), small(get(services::get).put(services::update).delete(services::delete)))
        .route(&at("/services/{service}/versions"), small(get(versions::list).post(versions::publish)))
        .route(&at("/services/{service}/versions/{version}"), small(delete(versions::delete)))
        .route(&at("/services/{service}/aliases"), small(get(aliases::list).post(aliases::create)))
        .route(&at("/services/{service}/aliases/{alias}"), small(get(aliases::get).put(aliases::update).delete(aliases::delete)))
        .route(&at("/services/{service}/functions"), signed(Limit::Code, get(functions::list).post(functions::create)))
        .route(&function(""), signed(Limit::Code, get(functions::get).put(functions::update).delete(functions::delete)))
        .route(&function("/code"), small(get(functions::code)))
        .route(&function("/triggers"), small(get(triggers::list).post(triggers::create)))
        .route(&function("/triggers/{trigger}"), small(get(triggers::get).put(triggers::update).delete(triggers::delete)))
        .route(&function("/async-invoke-config"), small(put(async_config::put).get(async_config::get).delete(async_config::delete)))
        .route(&function("/async-invoke-configs"), small(get(async_config::list)))
        .route(&function("/invocations"), signed(Limit::Event, post(invoke::invoke)))
        .route(&function("/stateful-async-invocations"), small(get(tasks::list)))
        .route(&function("/stateful-async-invocations/{task}"), small(get(tasks::get).put(tasks::stop)))
        .route(&function("/queue"), small(get(queue::get).put(queue::put)))
        .route(&function("/queue/tasks"), small(delete(queue::purge)))
        .route(&at("/queue"), small(get(queue::get_region).put(queue::put_region)))
        .route(&at("/stateful-async-invocation-functions"), small(get(tasks::functions)))
        .route(&at(code_link::ROUTE), get(code_link::download).fallback(unsupported))
        .route(PREFIX, any(unsupported))
        .route(&at("/"), any(unsupported))
        .route(&at("/{*rest}"), any(unsupported))
        .route_layer(from_fn(boundary))
        .with_state(state)
        .merge(proxy)
}

/// Every method and path that is no operation (`fc-api.md` 1.5).
pub(crate) async fn unsupported(request: Request) -> Response {
    let message = format!("'{}' against '{}' is not supported", request.method(), request.uri().path());
    ApiError::new(ErrorCode::PathNotSupported, message).into_response()
}
