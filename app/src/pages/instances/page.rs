use super::api::{RegionInstances as ReadInstances, Running};
use crate::navigation::use_location;
use crate::pages::function::{DrainForm, instance_item, state_words};
use crate::reactive::{Load, derive, memo, use_data, use_live, use_poll};
use crate::routes::{AdminPage, Route};
use crate::ui::table::{Column, column, figures};
use crate::ui::{
    Each, EmptyState, Erase, FilterSelect, GetForm, Hint, LinkButton, LiveSwitch, Look, PageHead, Submit, Table, dynamic, or_all,
};
use leptos::prelude::*;
use model::{ChangeScope, InstanceState, Region, format};

const COLUMNS: &[Column] = &[
    column("Status"),
    column("Instance ID"),
    column("Function"),
    column("Version"),
    figures("Created"),
    column("Tasks now"),
    figures("CPU"),
    figures("Memory"),
    figures("Last request"),
    figures("Actions"),
];

/// `/{region}/instances`.
#[component]
pub(crate) fn RegionInstances(region: Region) -> impl IntoView {
    let search = use_location().search;
    let found = {
        let region = region.clone();
        use_data(move || ReadInstances { region: region.clone(), search: search.get() })
    };
    // Tasks tell of their changes; the end of an idle instance and what one uses do not.
    use_live(ChangeScope::Region(region.clone()), move || found.refetch());
    use_poll(Signal::stored(true), move || found.refetch());
    view! {
        <PageHead title=t!("Instances") within=region.to_string()>
            <LiveSwitch/>
        </PageHead>
        <DrainForm region=region.clone()/>
        <Load data=found view={move |running: ReadSignal<Running>| view! { <Found region=region.clone() running/> }.erase()}/>
    }
    .erase()
}

#[component]
fn Found(region: Region, running: ReadSignal<Running>) -> impl IntoView {
    let list = Route::Admin(region.clone(), AdminPage::Instances).path();
    let is_empty = memo(move || running.with(|running| running.rows.is_empty()));
    let cut = memo(move || running.with(|running| running.is_cut.then_some(model::limits::REGION_INSTANCES_SHOWN_MAX)));
    let all = list.clone();
    view! {
        <Filter list running/>
        {dynamic(move || {
            cut.get()
                .map(|most| {
                    let most = format::count(most as u64);
                    view! { <div class="mb-3"><Hint>{t!("There are more instances than the {most} oldest, which are looked at.", most)}</Hint></div> }.erase()
                })
        })}
        {dynamic(move || {
            if is_empty.get() {
                return view! { <Empty region=region.clone() all=all.clone() running/> }.erase();
            }
            view! {
                <Table caption=t!("Instances") columns=COLUMNS full=true>
                    <Each items=move || running.with(|running| running.rows.iter().cloned().map(|row| instance_item(row, true)).collect())/>
                </Table>
            }
            .erase()
        })}
    }
    .erase()
}

#[component]
fn Empty(region: Region, all: String, running: ReadSignal<Running>) -> impl IntoView {
    let is_filtered = memo(move || running.with(|running| !running.function.is_empty() || running.status.is_some()));
    let tasks = Route::Tasks(region).path();
    let body = move || {
        let (all, tasks) = (all.clone(), tasks.clone());
        if is_filtered.get() {
            return view! {
                <EmptyState title=t!("No instance matches") text=t!("There may be instances of other functions or in other states.")>
                    <LinkButton href=all>{t!("Show all")}</LinkButton>
                </EmptyState>
            }
            .erase();
        }
        view! {
            <EmptyState title=t!("No instances now") text=t!("An instance starts with the first request and is ended after some minutes without one.")>
                <LinkButton href=tasks>{t!("Task Execution Functions")}</LinkButton>
            </EmptyState>
        }
        .erase()
    };
    view! { <div class="rounded-panel border border-line bg-surface">{dynamic(body)}</div> }.erase()
}

#[component]
fn Filter(list: String, running: ReadSignal<Running>) -> impl IntoView {
    let states = InstanceState::ALL.map(|state| (state.as_str().to_owned(), state_words(state).to_owned()));
    let states = Signal::stored(or_all([]).into_iter().chain(states).collect());
    let status = move || running.read().status.map(InstanceState::as_str).unwrap_or_default().to_owned();
    view! {
        <GetForm action=list search=true class="mb-3 flex flex-wrap items-center gap-3">
            <FilterSelect
                name="function"
                label=t!("Function")
                options=memo(move || or_all(running.read().functions.clone()))
                chosen=derive(move || running.read().function.clone())
            />
            <FilterSelect name="status" label=t!("Status") options=states chosen=derive(status)/>
            <Submit reads=true look=Look::Plain>{t!("Search")}</Submit>
        </GetForm>
    }
    .erase()
}
