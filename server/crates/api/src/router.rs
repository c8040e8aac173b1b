//! Which method and path lead to which operation: the one place that spells paths.

use crate::{
    absent::ABSENT,
    auth::{self, Gate},
    body::Limit,
    boundary::boundary,
    error::ApiError,
    legacy::Edition,
    proxy,
    state::ApiState,
    v2::{
        account, aliases, async_config, code_link, domains, functions, instances, invoke, layers, queue, scaling, services, tags,
        task_logs, tasks, triggers, versions,
    },
};
use axum::{
    Router,
    extract::Request,
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{MethodRouter, any, delete, get, post, put},
};
use model::ErrorCode;

/// The API under its own prefixes: everything below them is answered here, HTTP functions and unknown paths too, and nothing else is.
/// Merge it into the server's router.
pub fn router(state: ApiState) -> Router {
    let editions = Edition::ALL.into_iter().fold(Router::new(), |all, edition| all.merge(routes(edition, &state)));
    editions.route(&format!("{}{{*rest}}", proxy::PREFIX), any(proxy::by_path)).route_layer(from_fn(boundary)).with_state(state)
}

/// The table, below the prefix of an edition.
fn routes(edition: Edition, state: &ApiState) -> Router<ApiState> {
    let signed = |limit: Limit, methods: MethodRouter<ApiState>| {
        let gate = Gate { state: state.clone(), limit };
        methods.route_layer(from_fn_with_state(gate, auth::authenticate)).fallback(unsupported)
    };
    let at = |path: &str| format!("{}{path}", edition.prefix());
    let function = |path: &str| at(&format!("/services/{{service}}/functions/{{function}}{path}"));
    let small = |methods| signed(Limit::Document, methods);
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
        .route(
            &function("/on-demand-config"),
            small(put(scaling::put_on_demand).get(scaling::get_on_demand).delete(scaling::delete_on_demand)),
        )
        .route(&at("/on-demand-configs"), small(get(scaling::list_on_demand)))
        .route(&function("/provision-config"), small(put(scaling::put_provision).get(scaling::get_provision)))
        .route(&at("/provision-configs"), small(get(scaling::list_provisions)))
        .route(&function("/invocations"), signed(Limit::Event, post(invoke::invoke)))
        .route(&function("/stateful-async-invocations"), small(get(tasks::list)))
        .route(&function("/stateful-async-invocations/{task}"), small(get(tasks::get).put(tasks::stop)))
        .route(&function("/stateful-async-invocations/{task}/logs"), small(get(task_logs::get)))
        .route(&function("/instances"), small(get(instances::list)))
        // The vendor has it below its other prefix only.
        .route(&function("/instances/{instance}/exec"), small(get(instances::exec)))
        .route(&function("/instances/{instance}/drain"), small(post(instances::drain)))
        .route(&function("/queue"), small(get(queue::get).put(queue::put)))
        .route(&function("/queue/tasks"), small(delete(queue::purge)))
        .route(&at("/queue"), small(get(queue::get_region).put(queue::put_region)))
        .route(&at("/stateful-async-invocation-functions"), small(get(tasks::functions)))
        .route(&at(code_link::ROUTE), get(code_link::download).fallback(unsupported))
        .route(&at(code_link::LAYER_ROUTE), get(code_link::download_layer).fallback(unsupported))
        .route(&at("/account-settings"), small(get(account::settings)))
        .route(&at(edition.reserved_capacities()), small(get(account::reserved_capacities)))
        .route(&at("/layers"), small(get(layers::list)))
        .route(&at("/layers/{layer}/versions"), signed(Limit::Code, get(layers::versions).post(layers::create)))
        .route(&at("/layers/{layer}/versions/{layer_version}"), small(get(layers::get).delete(layers::delete)))
        .route(&at("/layers/{layer}/acl"), small(put(layers::acl)))
        // The vendor has it below its other prefix only.
        .route(&at("/layerarn/{arn}"), small(get(layers::by_arn)))
        .route(&at("/custom-domains"), small(get(domains::list).post(domains::create)))
        .route(&at("/custom-domains/{domain}"), small(get(domains::get).put(domains::update).delete(domains::delete)))
        // Taken off by PUT in the one edition and by DELETE in the other.
        .route(&at("/tag"), small(get(tags::get).post(tags::tag).put(tags::untag).delete(tags::untag)))
        .route(&at("/tags"), small(get(tags::list)))
        .merge(absent(&at))
        .route(edition.prefix(), any(unsupported))
        .route(&at("/"), any(unsupported))
        .route(&at("/{*rest}"), any(unsupported))
}

/// Answers for what this server has not; without a signature, as for every path that leads nowhere.
fn absent(at: &impl Fn(&str) -> String) -> Router<ApiState> {
    ABSENT.into_iter().fold(Router::new(), |routes, (path, what)| {
        routes.route(&at(path), any(move |request: Request| async move { not_supported(&request, &format!(": there are no {what}")) }))
    })
}

/// Every method and path that is no operation (`fc-api.md` 1.5).
pub(crate) async fn unsupported(request: Request) -> Response {
    not_supported(&request, "")
}

fn not_supported(request: &Request, why: &str) -> Response {
    let message = format!("'{}' against '{}' is not supported{why}", request.method(), request.uri().path());
    ApiError::new(ErrorCode::PathNotSupported, message).into_response()
}
