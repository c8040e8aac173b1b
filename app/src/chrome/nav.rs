//! The overview, the two places where every flow begins (C-01), what was counted, how programs come in, who may, and who did what.

use crate::bootstrap::use_bootstrap;
use crate::reactive::derive;
use crate::routes::{AdminPage, Route};
use crate::ui::Erase;
use leptos::prelude::*;
use model::Region;

/// An entry is current on its own pages and on those below it.
fn is_below(address: Option<&Route>, entry: &Route) -> bool {
    let in_tasks =
        matches!(address, Some(Route::Tasks(_) | Route::CreateTaskFunction(_) | Route::Admin(_, AdminPage::AllTasks | AdminPage::Many(_))));
    let list = match address {
        Some(Route::Admin(_, page)) => Some(page.list()),
        _ => None,
    };
    match entry {
        Route::Tasks(_) => in_tasks,
        Route::Admin(_, page) => list.as_ref() == Some(page),
        _ => address.is_some() && !in_tasks && list.is_none(),
    }
}

#[component]
fn Entries(address: Memo<Option<Route>>, region: Memo<Region>) -> impl IntoView {
    let is_admin = use_bootstrap().refused.is_empty();
    let entry = move |to: fn(Region) -> Route, label: &'static str| {
        let current = move || address.with(|address| is_below(address.as_ref(), &to(region.get()))).then_some("page");
        view! {
            <li>
                <a
                    href=derive(move || to(region.get()).path())
                    aria-current=current
                    class="flex h-8 items-center rounded-control px-2.5 text-muted hover:bg-hover hover:text-ink \
                           aria-[current=page]:bg-selected aria-[current=page]:font-medium aria-[current=page]:text-ink"
                >
                    {label}
                </a>
            </li>
        }
        .erase()
    };
    view! {
        <ul class="space-y-0.5">
            {entry(|region| Route::Admin(region, AdminPage::Overview), t!("Overview"))}
            {entry(Route::Tasks, t!("Tasks"))}
            {entry(Route::Services, t!("Services & Functions"))}
            {entry(|region| Route::Admin(region, AdminPage::Metrics), t!("Metrics"))}
            {entry(|region| Route::Admin(region, AdminPage::Instances), t!("Instances"))}
            {entry(|region| Route::Admin(region, AdminPage::DeadLetters), t!("Dead Letters"))}
            {entry(|region| Route::Admin(region, AdminPage::Connect), t!("Connect"))}
            {entry(|region| Route::Admin(region, AdminPage::AccessKeys), t!("Access Keys"))}
            {is_admin.then(|| entry(|region| Route::Admin(region, AdminPage::Users), t!("Users")))}
            {entry(|region| Route::Admin(region, AdminPage::Audit), t!("Audit"))}
        </ul>
    }
    .erase()
}

/// The pane at the left, where there is room for it.
#[component]
pub(super) fn Nav(address: Memo<Option<Route>>, region: Memo<Region>) -> impl IntoView {
    view! {
        <nav aria-label=t!("Main") class="sticky top-12 hidden h-[calc(100dvh-3rem)] w-52 shrink-0 border-r border-line bg-surface px-2 py-3 md:block">
            <Entries address region/>
        </nav>
    }
    .erase()
}

/// The same on narrow screens, below the top bar's menu button.
#[component]
pub(super) fn NavMenu(address: Memo<Option<Route>>, region: Memo<Region>) -> impl IntoView {
    view! {
        <nav aria-label=t!("Main")>
            <Entries address region/>
        </nav>
    }
    .erase()
}
