//! First and next: lists are read from a cursor on, so there is no page number.

use super::Erase;
use crate::ui::dynamic;
use leptos::prelude::*;

/// Links to the first and the next page; nothing when there is only one.
#[component]
pub fn Pager(
    /// Address of the first page; `None` on it.
    #[prop(into)]
    first: Signal<Option<String>>,
    /// Address of the next page; `None` on the last.
    #[prop(into)]
    next: Signal<Option<String>>,
    /// What stands at the other end, such as how long records are kept.
    #[prop(optional, into)]
    note: String,
) -> impl IntoView {
    const LINK: &str = "inline-flex h-7 items-center rounded-control px-2 text-ink hover:bg-hover";
    const REST: &str = "inline-flex h-7 items-center px-2 text-faint";
    let link = move |address: Option<String>, words: &'static str| match address {
        Some(href) => view! { <a href=href class=LINK>{words}</a> }.erase(),
        None => view! { <span class=REST aria-hidden="true">{words}</span> }.erase(),
    };
    view! {
        <div class="mt-2 flex flex-wrap items-center justify-between gap-x-4 gap-y-1 text-meta text-muted">
            <span>{note}</span>
            {dynamic(move || {
                (first.with(Option::is_some) || next.with(Option::is_some))
                    .then(|| {
                        view! {
                            <nav aria-label=t!("Pages") class="flex items-center gap-1">
                                {link(first.get(), t!("« First"))} {link(next.get(), t!("Next ›"))}
                            </nav>
                        }
                        .erase()
                    })
            })}
        </div>
    }
    .erase()
}
