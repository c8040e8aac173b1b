use super::api::{Hit, Results, Search};
use crate::reactive::{Load, memo, use_data, use_query};
use crate::routes::{AdminPage, Route};
use crate::ui::{Each, EmptyState, Erase, Hint, Item, LinkButton, PageHead, SearchForm, dynamic};
use leptos::prelude::*;
use model::Region;

/// `/{region}/search?q=`.
#[component]
pub(crate) fn SearchPage(region: Region) -> impl IntoView {
    let query = use_query();
    let text = memo(move || query.with(|query| query.get("q").unwrap_or_default()));
    let found = {
        let region = region.clone();
        use_data(move || Search { region: region.clone(), text: text.get() })
    };
    let action = Route::Admin(region.clone(), AdminPage::Search).path();
    let pages = Route::Admin(region.clone(), AdminPage::Overview).path();
    view! {
        <PageHead title=t!("Search") within=region.to_string() subtitle=t!("Pages, functions and services by a part of the name; tasks and requests by the whole ID.")/>
        <div class="mb-4">
            <SearchForm action label=t!("Search this region") name="q" value=text/>
        </div>
        <Load data=found rows=4 view={move |found: ReadSignal<Results>| view! { <Found found pages=pages.clone()/> }.erase()}/>
    }
    .erase()
}

#[component]
fn Found(found: ReadSignal<Results>, pages: String) -> impl IntoView {
    let is_empty = memo(move || found.with(|found| found.hits.is_empty()));
    let text = memo(move || found.read().text.clone());
    let is_partial = memo(move || found.read().is_partial);
    dynamic(move || {
        if text.with(String::is_empty) {
            return ().into_any();
        }
        if is_empty.get() {
            let (title, pages) = (t!("No results for {text}", text = text.get()), pages.clone());
            return view! {
                <div class="rounded-panel border border-line bg-surface">
                    <EmptyState title text=t!("Names are found by any part of them, tasks and requests by their whole ID, in this region alone.")>
                        <LinkButton href=pages>{t!("Overview")}</LinkButton>
                    </EmptyState>
                </div>
            }
            .erase();
        }
        view! {
            <ul aria-label=t!("Results") class="divide-y divide-line rounded-panel border border-line bg-surface">
                <Each items=move || {
                    let item = |hit: Hit| Item::new(format!("{:?} {}", hit.kind, hit.href), move || view! { <Row hit/> }.erase());
                    found.get().hits.into_iter().map(item).collect()
                }/>
            </ul>
            {dynamic(move || {
                is_partial
                    .get()
                    .then(|| view! { <div class="mt-3"><Hint>{t!("More was found than is shown. Type more of the name.")}</Hint></div> }.erase())
            })}
        }
        .erase()
    })
}

#[component]
fn Row(hit: Hit) -> impl IntoView {
    let Hit { kind, words, place, href } = hit;
    view! {
        <li>
            <a href=href class="flex min-h-10 items-center gap-3 px-4 py-1.5 hover:bg-hover">
                <span class="w-16 shrink-0 text-meta text-muted">{kind.label()}</span>
                <span class="min-w-0 truncate font-medium text-accent">{words}</span>
                <span class="ml-auto min-w-0 truncate text-meta text-muted">{place}</span>
            </a>
        </li>
    }
    .erase()
}
