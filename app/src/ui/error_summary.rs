//! Why a form was refused.

use super::copy::Copy;
use super::icon::{Glyph, Icon};
use super::{Erase, dynamic};
use crate::error::{ConsoleError, ETAG};
use crate::reactive::effect;
use leptos::html;
use leptos::prelude::*;

/// The id of a field's control in the page; errors link to it.
pub(crate) fn field_id(name: &str) -> String {
    format!("f-{name}")
}

/// An alert above the form that takes the focus; each item leads to its field.
#[component]
pub fn ErrorSummary(
    /// The error; `None` hides it.
    #[prop(into)]
    error: Signal<Option<ConsoleError>>,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    effect(move || {
        if error.with(Option::is_some)
            && let Some(node) = node.get()
        {
            _ = node.focus();
        }
    });
    dynamic(move || {
        error.get().map(|error| {
            let mut items = error.fields.clone();
            items.retain(|item| item.name != ETAG);
            let message = if error.message.is_empty() { t!("Some fields have to be changed.").to_owned() } else { error.sentence() };
            let show_code = error.fields.is_empty();
            view! {
                <div
                    node_ref=node
                    role="alert"
                    tabindex="-1"
                    autofocus
                    class="mb-4 flex items-start gap-2 rounded-control border border-bad/40 bg-bad-tint px-3 py-2 text-bad outline-none"
                >
                    <Icon glyph=Glyph::Failed class="mt-0.5 size-4"/>
                    <div class="min-w-0 wrap-anywhere">
                        <p class="font-medium">{message}</p>
                        {(!items.is_empty())
                            .then(|| {
                                view! {
                                    <ul class="mt-1 list-disc space-y-0.5 pl-4">
                                        {items
                                            .into_iter()
                                            .map(|item| {
                                                view! {
                                                    <li>
                                                        <a href=format!("#{}", field_id(&item.name)) rel="external" class="underline underline-offset-2">
                                                            {item.message}
                                                        </a>
                                                    </li>
                                                }
                                                .erase()
                                            })
                                            .collect::<Vec<_>>()}
                                    </ul>
                                }
                                .erase()
                            })}
                        {show_code.then(|| view! { <ErrorFacts error/> }.erase())}
                    </div>
                </div>
            }
            .erase()
        })
    })
}

/// Code and request id of an error, for asking for help.
#[component]
pub(crate) fn ErrorFacts(
    /// The error.
    error: ConsoleError,
) -> impl IntoView {
    let request = (!error.request_id.is_empty()).then(|| {
        view! {
            {t!(" · request {id}", id = error.request_id)}
            <Copy text=error.request_id what=t!("request ID")/>
        }
        .erase()
    });
    view! {
        <p class="mt-1 font-mono text-meta wrap-anywhere">{error.code.as_str()} {request}</p>
    }
    .erase()
}
