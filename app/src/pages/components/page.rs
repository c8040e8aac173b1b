use super::{actions, fields, rows, words};
use crate::error::ConsoleError;
use crate::forms::FormState;
use crate::ui::{Erase, PageHead};
use leptos::prelude::*;
use model::ErrorCode;

/// The page.
#[component]
pub(crate) fn ComponentsPage() -> impl IntoView {
    view! {
        <PageHead title="Components" within="-" subtitle="Every component of app/src/ui in all its states."/>
        <div class="space-y-8">{actions::all()}{words::all()}{rows::all()}{fields::all()}</div>
    }
    .erase()
}

/// Components of one kind.
pub(super) fn section(title: &'static str, content: AnyView) -> AnyView {
    view! {
        <section aria-label=title class="space-y-3">
            <h2 class="border-b border-line pb-1 text-head font-semibold">{title}</h2>
            {content}
        </section>
    }
    .erase()
}

/// One state of a component beside others.
pub(super) fn shown(state: &'static str, content: AnyView) -> AnyView {
    view! {
        <div class="min-w-0">
            <p class="mb-1 text-meta text-muted">{state}</p>
            {content}
        </div>
    }
    .erase()
}

/// States side by side.
pub(super) fn states(content: Vec<AnyView>) -> AnyView {
    view! { <div class="flex flex-wrap items-start gap-x-8 gap-y-4">{content}</div> }.erase()
}

/// A form that goes nowhere: what stands in it is shown as in one that waits, or that was refused because of these fields.
#[component]
pub(super) fn Form(
    #[prop(optional)] pending: bool,
    /// Names of fields and what is wrong with them.
    #[prop(optional)]
    refused: &'static [(&'static str, &'static str)],
    children: Children,
) -> impl IntoView {
    let error = (!refused.is_empty()).then(|| {
        let error = ConsoleError { request_id: "1-67a2".to_owned(), ..ConsoleError::new(ErrorCode::InvalidArgument, "") };
        refused.iter().fold(error, |error, (name, message)| error.with_field(name, *message))
    });
    provide_context(FormState::new("", Signal::stored(pending), Signal::stored(error), Signal::stored(true)));
    view! { <div class="max-w-lg min-w-0 space-y-4">{children()}</div> }.erase()
}
