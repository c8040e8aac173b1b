//! What the lists of a function's and of a region's tasks have around their rows.

use super::api::TaskPage;
use super::filters::Filters;
use crate::language::words;
use crate::reactive::{derive, memo};
use crate::routes::{self, Route};
use crate::ui::{Chip, Erase, Glyph, Icon, Look, Pager, dynamic};
use leptos::ev;
use leptos::prelude::*;
use model::{TaskStatus, format};

/// Chips with the number of tasks in each state; each sets the filter, the one in force takes it away.
#[component]
pub(super) fn Counts(list: Route, page: ReadSignal<TaskPage>, filters: Memo<Filters>) -> impl IntoView {
    let chip = move |status: Option<TaskStatus>| {
        let count = memo(move || page.with(|page| status.map_or(page.counts.total(), |status| page.counts.get(status))));
        let active = memo(move || match status {
            Some(status) => filters.read().filter.statuses.contains(&status),
            None => filters.read().filter.statuses.is_empty(),
        });
        let list = list.clone();
        let href = derive(move || {
            let wanted = status.filter(|_| !(active.get() && filters.read().only_status() == status));
            filters.with(|filters| filters.link(&list, |changed| changed.filter.statuses = wanted.into_iter().collect()))
        });
        let figure = move || if status == Some(TaskStatus::Failed) && count.get() > 0 { "font-semibold text-bad" } else { "font-medium" };
        view! {
            <li class="shrink-0">
                <Chip href active dimmed=derive(move || count.get() == 0)>
                    {status.map_or(t!("All"), |status| words(status.as_str()))}
                    <span class=figure>{dynamic(move || format::count(count.get()))}</span>
                </Chip>
            </li>
        }
        .erase()
    };
    view! {
        <nav aria-label=t!("States") class="mb-2 -mx-1 overflow-x-auto px-1 py-1">
            <ul class="flex gap-1">
                {chip(None)} {TaskStatus::ALL.into_iter().map(|status| chip(Some(status))).collect::<Vec<_>>()}
            </ul>
        </nav>
    }
    .erase()
}

/// The first and the next page.
#[component]
pub(super) fn Pages(
    list: Route,
    page: ReadSignal<TaskPage>,
    filters: Memo<Filters>,
    /// What stands at the other end.
    #[prop(optional)]
    note: String,
) -> impl IntoView {
    let first = {
        let list = list.clone();
        derive(move || {
            let filters = filters.read();
            (!filters.filter.next_token.is_empty()).then(|| filters.link(&list, |_| ()))
        })
    };
    let next = derive(move || {
        let token = page.with(|page| page.next_token.clone());
        (!token.is_empty()).then(|| filters.with(|filters| filters.link(&list, |changed| changed.filter.next_token = token)))
    });
    view! { <Pager first next note/> }.erase()
}

/// Reads the list again: in place where scripts run, else by loading the page anew.
#[component]
pub(super) fn Refresh(list: Route, filters: Memo<Filters>, on_press: Callback<()>) -> impl IntoView {
    let fields = move || {
        let pairs = routes::pairs(&filters.with(Filters::print));
        pairs.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> }.erase()).collect::<Vec<_>>()
    };
    let press = move |event: ev::SubmitEvent| {
        event.prevent_default();
        on_press.run(());
    };
    view! {
        <form method="get" action=list.path() class="contents" on:submit=press>
            {dynamic(fields)}
            <button type="submit" class=Look::Plain.classes()>
                <Icon glyph=Glyph::Refresh class="size-3.5"/>
                {t!("Refresh")}
            </button>
        </form>
    }
    .erase()
}
