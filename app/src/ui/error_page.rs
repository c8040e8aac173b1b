//! Pages for what can't be shown.

use super::button::{LinkButton, Look};
use super::copy::Copy;
use super::{Erase, Title};
use crate::bootstrap::use_bootstrap;
use crate::error::ConsoleError;
use crate::navigation::use_location;
use crate::reactive::effect;
use crate::routes::Route;
use leptos::prelude::*;
use model::ErrorCode;

const HEADING: &str = "mt-1 text-title font-semibold";

/// Instead of a page's content: what went wrong, in which request, and the way on. Sets the answer's status on the server.
#[component]
pub fn ErrorPage(
    /// What went wrong.
    error: ConsoleError,
    /// Tries again.
    retry: Callback<()>,
    /// True on a page without another title.
    #[prop(optional)]
    alone: bool,
) -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::server::set_status(error.code.status());
    let path = use_location().pathname.get_untracked();
    leave_when_signed_out(&error, &path);
    let title = match error.code.status() {
        401 | 403 => t!("You do not have permission"),
        404 => t!("Not found"),
        429 => t!("Too many requests"),
        status if status >= 500 => t!("Something went wrong"),
        _ => t!("This can't be shown"),
    };
    let parent = Route::parse(&path).map(|route| route.parent());
    // A qualifier that is gone leaves the current code (SC-11).
    let latest = matches!(error.code, ErrorCode::VersionNotFound | ErrorCode::AliasNotFound).then(|| path.clone());
    let latest = latest.filter(|_| use_location().search.with_untracked(|search| search.contains("qualifier=")));
    let has_request = !error.request_id.is_empty();
    let request_id = error.request_id.clone();
    view! {
        <Title text=title/>
        <section role="alert" class="mx-auto max-w-xl py-14">
            <p class="font-mono text-meta text-faint">{error.code.status()} " " {error.code.as_str()}</p>
            {if alone { view! { <h1 class=HEADING>{title}</h1> }.erase() } else { view! { <h2 class=HEADING>{title}</h2> }.erase() }}
            <p class="mt-2 text-muted wrap-anywhere">{error.sentence()}</p>
            {has_request
                .then(|| {
                    view! {
                        <p class="mt-3 flex flex-wrap items-center gap-1 text-meta text-muted">
                            {t!("Request ID ")}
                            <code class="font-mono">{request_id.clone()}</code>
                            <Copy text=request_id what=t!("request ID")/>
                        </p>
                    }
                    .erase()
                })}
            <div class="mt-5 flex flex-wrap gap-2">
                <a
                    href=path
                    rel="external"
                    class=Look::Plain.classes()
                    on:click=move |event| {
                        event.prevent_default();
                        retry.run(());
                    }
                >
                    {t!("Try again")}
                </a>
                {latest.map(|href| view! { <LinkButton href>{t!("Switch to LATEST")}</LinkButton> }.erase())}
                {parent.map(|parent| view! { <LinkButton href=parent.path() look=Look::Quiet>{parent.list_label()}</LinkButton> }.erase())}
            </div>
        </section>
    }
    .erase()
}

/// A session that has ended leads to sign-in and back.
fn leave_when_signed_out(error: &ConsoleError, path: &str) {
    if error.code == ErrorCode::Unauthenticated {
        let to = crate::routes::sign_in_then(path);
        effect(move || _ = window().location().set_href(&to));
    }
}

/// A page or region that does not exist.
#[component]
pub fn NotFound(
    /// What was looked for.
    #[prop(into)]
    what: String,
) -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::server::set_status(404);
    let regions = use_bootstrap().regions;
    view! {
        <Title text=t!("Not found")/>
        <section class="mx-auto max-w-xl py-14">
            <p class="font-mono text-meta text-faint">"404"</p>
            <h1 class="mt-1 text-title font-semibold">{t!("Not found")}</h1>
            <p class="mt-2 text-muted wrap-anywhere">{what}</p>
            <p class="mt-5 text-meta text-muted">{t!("Regions of this install")}</p>
            <ul class="mt-2 flex flex-wrap gap-2">
                {regions
                    .into_iter()
                    .map(|region| view! { <li><LinkButton href=Route::Tasks(region.clone()).path()>{region.to_string()}</LinkButton></li> }.erase())
                    .collect::<Vec<_>>()}
            </ul>
        </section>
    }
    .erase()
}
