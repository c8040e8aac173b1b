//! The title of a page.

use super::{Erase, Title};
use leptos::prelude::*;

/// The page's `h1`, which is also the document's title, with its actions at the right.
#[component]
pub fn PageHead(
    /// The title.
    #[prop(into)]
    title: String,
    /// What the title belongs to in the document's title, such as the region.
    #[prop(into)]
    within: String,
    /// A line below the title.
    #[prop(optional, into)]
    subtitle: String,
    /// True for a title below a header that is more prominent.
    #[prop(optional)]
    small: bool,
    /// Actions at its right.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let size = if small { "text-head" } else { "text-title" };
    view! {
        <Title text=format!("{title} – {within}")/>
        <div class="mb-4 flex flex-wrap items-center justify-between gap-x-4 gap-y-3">
            <div class="min-w-0">
                <h1 class=format!("{size} font-semibold tracking-tight wrap-anywhere")>{title}</h1>
                {(!subtitle.is_empty()).then(|| view! { <p class="mt-0.5 text-muted wrap-anywhere">{subtitle}</p> }.erase())}
            </div>
            <div class="flex flex-wrap items-center gap-2">{children.map(|children| children())}</div>
        </div>
    }
    .erase()
}
