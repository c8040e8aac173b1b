//! Pages, rendered by the application.

use app::forms::PostedForm;
use app::language::{self, words};
use app::routes::{self, AdminPage, Route};
use app::server::Console;
use app::shell::shell;
use axum::body::{Body, to_bytes};
use axum::extract::{Extension, Request};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use leptos::context::provide_context;
use model::Action;

/// Leads to the settings within the default region, as they belong to none.
const SETTINGS: &str = "/settings";

/// Answers any address that nothing else does.
pub(super) async fn page(Extension(console): Extension<Console>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response();
    }
    match elsewhere(&console, request.uri().path(), request.uri().query()) {
        Some(redirect) => redirect.into_response(),
        None => render(console, PostedForm::default(), request).await,
    }
}

/// Where an address leads instead of showing its page.
fn elsewhere(console: &Console, path: &str, query: Option<&str>) -> Option<Redirect> {
    let trimmed = path.trim_end_matches('/');
    if !trimmed.is_empty() && trimmed != path {
        // Behind a second slash a browser would look for a host.
        let path = trimmed.trim_start_matches('/');
        return Some(Redirect::permanent(&format!("/{path}{}", query.map_or_else(String::new, |query| format!("?{query}")))));
    }
    let route = Route::parse(path);
    let signed_in = console.user.is_some();
    match route {
        Some(Route::SignIn) if signed_in => Some(Redirect::to(&Route::Home.path())),
        Some(Route::SignIn) => None,
        None if signed_in && path == SETTINGS => {
            let region = console.control.regions().into_iter().next()?;
            Some(Redirect::to(&Route::Admin(region, AdminPage::Settings).path()))
        }
        _ if !signed_in => {
            let next = format!("{path}{}", query.map_or_else(String::new, |query| format!("?{query}")));
            let to = if route == Some(Route::Home) { Route::SignIn.path() } else { routes::sign_in_then(&next) };
            Some(Redirect::to(&to))
        }
        Some(Route::Home) => {
            let region = console.control.regions().into_iter().next()?;
            let sees_figures = console.user.as_ref().is_some_and(|user| user.role.allows(Action::GetMetrics));
            let start = if sees_figures { Route::Admin(region, AdminPage::Overview) } else { Route::Tasks(region) };
            Some(Redirect::to(&start.path()))
        }
        _ => None,
    }
}

/// Renders the page of a GET request.
///
/// In a task of its own, to the last byte: where a client hangs up, a render that was cut off would leave Leptos working on another thread
/// with what has been disposed of, and panic.
pub(super) async fn render(console: Console, posted: PostedForm, request: Request<Body>) -> Response {
    let language = console.language;
    let context = move || {
        provide_context(console.clone());
        provide_context(posted.clone());
    };
    let rendering = tokio::spawn(language::within(language, async move {
        let (parts, body) = leptos_axum::render_app_async_with_context(context, shell)(request).await.into_response().into_parts();
        to_bytes(body, usize::MAX).await.map(|page| Response::from_parts(parts, Body::from(page)))
    }));
    match rendering.await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => failed(&error),
        Err(error) => failed(&error),
    }
}

fn failed(error: &(dyn std::error::Error + 'static)) -> Response {
    tracing::error!(error, "page not rendered");
    (StatusCode::INTERNAL_SERVER_ERROR, format!("{}\n", words("The page could not be rendered. Try again."))).into_response()
}
