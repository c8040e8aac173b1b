//! What is done with the tasks of several functions at once: with those that are chosen, or with all that the filters show (B-03).

use super::super::filters::Filters;
use crate::navigation::{Going, use_navigate};
use crate::reactive::derive;
use crate::routes::{self, AdminPage, Route};
use crate::ui::{Erase, Glyph, Icon, Look, TextLink, dynamic, query_of};
use leptos::ev;
use leptos::prelude::*;
use model::{BulkAction, Region};

/// The form that the boxes in the rows belong to: they stand outside of it, so that rows may have forms of their own.
pub(super) const FORM: &str = "selected-tasks";

/// Which rows are chosen, as far as that is not the business of each box.
#[derive(Clone, Copy)]
pub(super) struct Selection {
    /// True once all rows of the page were chosen at once.
    pub(super) all: RwSignal<bool>,
}

impl Selection {
    pub(super) fn new() -> Self {
        Self { all: RwSignal::new(false) }
    }
}

/// Above the table. Both buttons lead to the page that asks, which says how many tasks were chosen and lets them be chosen where none is.
#[component]
pub(super) fn SelectionBar(region: Region, filters: Memo<Filters>, selection: Selection) -> impl IntoView {
    let navigate = use_navigate();
    let page = |action| Route::Admin(region.clone(), AdminPage::Many(action));
    let first = page(BulkAction::Stop).path();
    let send = move |event: ev::SubmitEvent| {
        let to = event.submitter().and_then(|button| button.get_attribute("formaction"));
        if let (Some(to), Some(query)) = (to, query_of(&event)) {
            event.prevent_default();
            navigate(&format!("{to}{query}"), Going::default());
        }
    };
    let shown = move || {
        let mut pairs = routes::pairs(&filters.with(Filters::print));
        pairs.retain(|(name, _)| name != "nextToken");
        pairs.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> }.erase()).collect::<Vec<_>>()
    };
    let button = |action: BulkAction, glyph: Glyph, words: &'static str| {
        view! {
            <button type="submit" formaction=page(action).path() class=Look::Plain.classes()>
                <Icon glyph class="size-3.5"/>
                {words}
            </button>
        }
        .erase()
    };
    let all_that_match = |action: BulkAction, words: &'static str| {
        let page = page(action);
        view! { <TextLink href=derive(move || filters.with(|filters| filters.link(&page, |_| ())))>{words}</TextLink> }.erase()
    };
    view! {
        <form method="get" action=first id=FORM class="flex grow flex-wrap items-center gap-x-3 gap-y-2" on:submit=send>
            // So that tasks are chosen where none is yet, among those that the list shows.
            <input type="hidden" name="choose" value="1"/>
            {dynamic(shown)}
            <label class="js-only flex h-8 cursor-pointer items-center gap-2">
                <input
                    type="checkbox"
                    class="size-4 accent-accent"
                    prop:checked=derive(move || selection.all.get())
                    on:change=move |event| selection.all.set(event_target_checked(&event))
                />
                {t!("Select all on this page")}
            </label>
            {button(BulkAction::Stop, Glyph::Stopping, t!("Stop selected"))}
            {button(BulkAction::Reexecute, Glyph::Refresh, t!("Re-execute selected"))}
            <span class="ml-auto flex flex-wrap gap-x-4 text-meta">
                {all_that_match(BulkAction::Stop, t!("Stop all that match"))}
                {all_that_match(BulkAction::Reexecute, t!("Re-execute all that match"))}
            </span>
        </form>
    }
    .erase()
}
