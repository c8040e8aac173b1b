//! Names and their values.

use super::Erase;
use leptos::prelude::*;

/// A list of facts in columns that fold on narrow screens.
#[component]
pub fn Facts(
    /// [`Fact`]s.
    children: Children,
) -> impl IntoView {
    view! { <dl class="grid grid-cols-2 sm:grid-cols-[repeat(auto-fill,minmax(11rem,1fr))] gap-x-6 gap-y-4">{children()}</dl> }.erase()
}

/// One fact.
#[component]
pub fn Fact(
    /// Its name.
    #[prop(into)]
    name: String,
    /// True lets it take the whole width.
    #[prop(optional)]
    wide: bool,
    /// True lets it take two columns where there are some.
    #[prop(optional)]
    double: bool,
    /// Its value.
    children: Children,
) -> impl IntoView {
    let span = match (wide, double) {
        (true, _) => "col-span-full min-w-0",
        (false, true) => "col-span-2 min-w-0",
        _ => "min-w-0",
    };
    view! {
        <div class=span>
            <dt class="text-meta text-muted">{name}</dt>
            <dd class="mt-0.5 min-w-0 wrap-anywhere max-sm:[&>time]:block max-sm:[&>time]:max-w-34 max-sm:[&_time]:whitespace-normal">{children()}</dd>
        </div>
    }
    .erase()
}
