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
    let is_denied = error.code.status() == 403;
    let sentence = if is_denied { said_once(&error.sentence(), title) } else { error.sentence() };
    let way_out = Route::parse(&path).map(|route| way_out(&route, is_denied));
    // What is not there will not be there in a moment either.
    let is_gone = error.code.status() == 404 && way_out.is_some();
    let look = if is_gone { Look::Plain } else { Look::Quiet };
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
            <p class="mt-2 text-muted wrap-anywhere">
                {sentence} {is_denied.then(|| t!(" An administrator can change your role, on the page Users."))}
            </p>
            {has_request
                .then(|| {
                    view! {
                        <p class="mt-3 text-meta text-muted">
                            {t!("Request ID ")}
                            <span class="whitespace-nowrap">
                                <code class="font-mono">{request_id.clone()}</code>
                                <Copy text=request_id what=t!("request ID")/>
                            </span>
                        </p>
                    }
                    .erase()
                })}
            <div class="mt-5 flex flex-wrap gap-2">
                {match (is_denied, is_gone) {
                    (true, _) => view! { <GoBack/> }.erase(),
                    (_, true) => ().into_any(),
                    _ => view! { <TryAgain path retry/> }.erase(),
                }}
                {latest.map(|href| view! { <LinkButton href>{t!("Switch to LATEST")}</LinkButton> }.erase())}
                {way_out.map(|to| view! { <LinkButton href=to.path() look>{to.list_label()}</LinkButton> }.erase())}
            </div>
        </section>
    }
    .erase()
}

#[component]
fn TryAgain(path: String, retry: Callback<()>) -> impl IntoView {
    view! {
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
    }
    .erase()
}

/// To the page before this one, which only scripts know.
#[component]
fn GoBack() -> impl IntoView {
    let go = |_| {
        if let Ok(history) = window().history() {
            _ = history.back();
        }
    };
    view! { <button type="button" class=format!("js-only {}", Look::Plain.classes()) on:click=go>{t!("Go back")}</button> }.erase()
}

/// The list that the page belongs to; where that list is what was refused, one that everybody may see.
fn way_out(route: &Route, is_denied: bool) -> Route {
    let parent = route.parent();
    match route.region() {
        Some(region) if is_denied && parent == *route => Route::Tasks(region.clone()),
        _ => parent,
    }
}

/// A refusal without the words that stand above it.
fn said_once(sentence: &str, title: &str) -> String {
    let rest = sentence.strip_prefix(title).unwrap_or(sentence).trim_start_matches([':', '：', ' ']);
    let mut rest = rest.to_owned();
    // The name of an action stays as it is.
    if !rest.starts_with("fc:")
        && let Some(first) = rest.get_mut(..1)
    {
        first.make_ascii_uppercase();
    }
    rest
}

/// A session that has ended leads to sign-in and back, unless it is its user who ends it.
fn leave_when_signed_out(error: &ConsoleError, path: &str) {
    let signing_out = crate::reactive::use_live_control().signing_out;
    if error.code == ErrorCode::Unauthenticated && !signing_out.get_untracked() {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_said_once() {
        let check = |sentence: &str, title: &str, expected: &str| assert_eq!(said_once(sentence, title), expected);
        let english = "You do not have permission";
        check("You do not have permission: this needs fc:ListUsers.", english, "This needs fc:ListUsers.");
        check(
            "You do not have permission: fc:CreateAccessKey is for the user a alone.",
            english,
            "fc:CreateAccessKey is for the user a alone.",
        );
        check("没有权限：该操作需要 fc:ListUsers 权限。", "没有权限", "该操作需要 fc:ListUsers 权限。");
        check("Something else.", english, "Something else.");
    }

    #[test]
    fn a_refused_list_does_not_lead_to_itself() {
        let check = |path: &str, is_denied: bool, expected: &str| {
            assert_eq!(Route::parse(path).map(|route| way_out(&route, is_denied).path()).as_deref(), Some(expected), "{path}");
        };
        check("/r/users", true, "/r/tasks");
        check("/r/users", false, "/r/users");
        check("/r/create-user", true, "/r/users");
    }
}
