use super::api::{TaskPage, Tasks};
use super::empty::{EmptyList, Why};
use super::filter_bar::FilterBar;
use super::filters::{Filters, link, print};
use super::rows::Rows;
use super::submit::SubmitButton;
use crate::bootstrap::use_bootstrap;
use crate::language::words;
use crate::navigation::use_location;
use crate::reactive::{Load, derive, memo, use_data, use_live, use_live_control};
use crate::routes::{self, FunctionPage, Route};
use crate::ui::{Chip, Erase, Glyph, Hint, Icon, Look, PageHead, Pager, TextLink, dynamic};
use leptos::ev;
use leptos::prelude::*;
use model::{ChangeScope, FunctionRef, TaskStatus, format};

/// `…/{function}/tasks`.
#[component]
pub(super) fn TaskList(function: FunctionRef) -> impl IntoView {
    let search = use_location().search;
    let filters = memo(move || Filters::read(&search.read()));
    let page = {
        let function = function.clone();
        use_data(move || Tasks { function: function.clone(), query: filters.with(|filters| print(&filters.filter)) })
    };
    use_live(ChangeScope::Function(function.clone()), move || page.refetch());
    let (of_refresh, of_submit) = (function.clone(), function.clone());
    view! {
        <PageHead title=t!("Asynchronous Tasks") within=format!("{} – {}", function.function, function.region) small=true>
            <LiveSwitch/>
            <Refresh function=of_refresh filters on_press=Callback::new(move |()| page.refetch())/>
            <SubmitButton function=of_submit/>
        </PageHead>
        <Load
            data=page
            rows=12
            view={move |page: ReadSignal<TaskPage>| view! { <Shown function=function.clone() page filters/> }.erase()}
        />
    }
    .erase()
}

#[component]
fn Shown(function: FunctionRef, page: ReadSignal<TaskPage>, filters: Memo<Filters>) -> impl IntoView {
    let list = Route::Function(function.clone(), FunctionPage::Tasks);
    let task_mode = memo(move || page.read().task_mode);
    let is_empty = memo(move || page.with(|page| page.rows.is_empty()));
    let has_none = memo(move || page.with(|page| page.counts.total() == 0));
    let is_last = memo(move || page.with(|page| page.next_token.is_empty()));
    let why = memo(move || match (has_none.get(), task_mode.get(), is_last.get()) {
        (true, false, _) => Why::TaskModeOff,
        (true, true, _) => Why::NoneYet,
        (false, _, false) => Why::NoneSoFar,
        (false, _, true) => Why::Filtered,
    });
    let is_refused = memo(move || filters.read().is_refused);
    let body = {
        let function = function.clone();
        move || {
            let function = function.clone();
            if is_refused.get() {
                ().into_any()
            } else if is_empty.get() {
                let (list, why) = (function.clone(), why.get());
                view! { <EmptyList function why filters/> {(why == Why::NoneSoFar).then(|| view! { <Pages function=list page filters/> }.erase())} }.erase()
            } else {
                view! { <Many function=function.clone() filters/> <Rows function=function.clone() page filters/> <Pages function page filters/> }.erase()
            }
        }
    };
    let config = Route::Function(function.clone(), FunctionPage::AsyncConfig).path();
    view! {
        <div inner_html=derive(move || page.read().views.clone())></div>
        <Counts list=list.clone() page filters/>
        <FilterBar list filters/>
        <super::actions::ActionForms function/>
        {dynamic(move || {
            (!task_mode.get() && !has_none.get())
                .then(|| {
                    let config = config.clone();
                    view! {
                        <div class="mb-3">
                            <Hint>
                                {t!("Task mode is off: new asynchronous invocations leave no task. ")}
                                <TextLink href=config>{t!("Asynchronous Configurations")}</TextLink>
                            </Hint>
                        </div>
                    }
                    .erase()
                })
        })}
        {dynamic(body)}
    }
    .erase()
}

/// Chips with the number of tasks in each state; each sets the filter, the one in force takes it away.
#[component]
fn Counts(list: Route, page: ReadSignal<TaskPage>, filters: Memo<Filters>) -> impl IntoView {
    let chip = move |status: Option<TaskStatus>| {
        let count = memo(move || page.with(|page| status.map_or(page.counts.total(), |status| page.counts.get(status))));
        let active = memo(move || match status {
            Some(status) => filters.read().filter.statuses.contains(&status),
            None => filters.read().filter.statuses.is_empty(),
        });
        let list = list.clone();
        let href = derive(move || {
            let wanted = status.filter(|_| !(active.get() && filters.read().only_status() == status));
            filters.with(|filters| link(&list, &filters.filter, |filter| filter.statuses = wanted.into_iter().collect()))
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

/// What can be done with all tasks that the filters show.
#[component]
fn Many(function: FunctionRef, filters: Memo<Filters>) -> impl IntoView {
    let link = |(page, words): (FunctionPage, &'static str)| {
        let page = Route::Function(function.clone(), page);
        view! { <TextLink href=derive(move || filters.with(|filters| link(&page, &filters.filter, |_| ())))>{words}</TextLink> }.erase()
    };
    let links = [
        (FunctionPage::StopTasks, t!("Stop all that match")),
        (FunctionPage::ReexecuteTasks, t!("Re-execute all that match")),
        (FunctionPage::ExportTasks, t!("Export")),
    ];
    view! { <p class="mb-2 flex flex-wrap justify-end gap-x-4 text-meta">{links.map(link).into_iter().collect::<Vec<_>>()}</p> }.erase()
}

#[component]
fn Pages(function: FunctionRef, page: ReadSignal<TaskPage>, filters: Memo<Filters>) -> impl IntoView {
    let list = Route::Function(function, FunctionPage::Tasks);
    let first = {
        let list = list.clone();
        derive(move || {
            let filters = filters.read();
            (!filters.filter.next_token.is_empty()).then(|| link(&list, &filters.filter, |_| ()))
        })
    };
    let next = derive(move || {
        let token = page.with(|page| page.next_token.clone());
        (!token.is_empty()).then(|| filters.with(|filters| link(&list, &filters.filter, |filter| filter.next_token = token)))
    });
    let note = match use_bootstrap().retention_days {
        0 => t!("Kept for ever").to_owned(),
        1 => t!("Kept 1 day").to_owned(),
        days => t!("Kept {days} days", days),
    };
    view! { <Pager first next note/> }.erase()
}

/// Pauses what makes the page live.
#[component]
fn LiveSwitch() -> impl IntoView {
    let control = use_live_control();
    let dot = move || match (control.paused.get(), control.connected.get()) {
        (true, _) => "bg-faint",
        (false, true) => "bg-good",
        (false, false) => "bg-warn",
    };
    let title = move || match (control.paused.get(), control.connected.get()) {
        (true, _) => t!("Paused: changes are shown after Refresh"),
        (false, true) => t!("Changes are shown as they happen"),
        (false, false) => t!("Connecting; asks every 5 s meanwhile"),
    };
    view! {
        <button
            type="button"
            class=format!("js-only {}", Look::Quiet.classes())
            aria-label=t!("Pause live updates")
            aria-pressed=derive(move || if control.paused.get() { "true" } else { "false" })
            title=title
            on:click=move |_| control.paused.update(|paused| *paused = !*paused)
        >
            <span class=derive(move || format!("size-2 rounded-full {}", dot()))></span>
            {dynamic(move || if control.paused.get() { t!("Live off") } else { t!("Live") })}
        </button>
    }
    .erase()
}

/// Reads the list again: in place where scripts run, else by loading the page anew.
#[component]
fn Refresh(function: FunctionRef, filters: Memo<Filters>, on_press: Callback<()>) -> impl IntoView {
    let list = Route::Function(function, FunctionPage::Tasks).path();
    let fields = move || {
        let pairs = routes::pairs(&filters.with(|filters| print(&filters.filter)));
        pairs.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> }.erase()).collect::<Vec<_>>()
    };
    let press = move |event: ev::SubmitEvent| {
        event.prevent_default();
        on_press.run(());
    };
    view! {
        <form method="get" action=list class="contents" on:submit=press>
            {dynamic(fields)}
            <button type="submit" class=Look::Plain.classes()>
                <Icon glyph=Glyph::Refresh class="size-3.5"/>
                {t!("Refresh")}
            </button>
        </form>
    }
    .erase()
}
