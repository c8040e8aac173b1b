use super::api::{Failure, OverviewView, ReadOverview, Slow};
use crate::navigation::use_location;
use crate::pages::metrics::WindowSelect;
use crate::reactive::{Load, memo, use_data, use_poll};
use crate::routes::{AdminPage, FunctionPage, Route};
use crate::ui::table::{CELL, Column, FIGURE, LONG, ROW, column, figures};
use crate::ui::{
    Chart, Chip, Each, EmptyState, Erase, GetForm, Glyph, Item, LinkButton, LiveSwitch, Look, PageHead, Panel, StatusBadge, Submit, Table,
    TextLink, Timestamp, dynamic,
};
use leptos::prelude::*;
use model::{Region, TaskStatus, format};

const SLOWEST: &[Column] = &[
    column("Function Name"),
    column("Service"),
    figures("Invocations"),
    figures("Failed"),
    figures("P50"),
    figures("P90"),
    figures("Max"),
];
const FAILURES: &[Column] = &[column("Task ID"), column("Function Name"), column("Status"), column("Error"), figures("Ended")];

/// `/{region}/overview`.
#[component]
pub(in crate::pages) fn Overview(region: Region) -> impl IntoView {
    let search = use_location().search;
    let found = {
        let region = region.clone();
        use_data(move || ReadOverview { region: region.clone(), search: search.get() })
    };
    // Nothing tells of what is counted.
    use_poll(Signal::stored(true), move || found.refetch());
    let create = Route::CreateTaskFunction(region.clone()).path();
    view! {
        <PageHead title=t!("Overview") within=region.to_string()>
            <LinkButton href=create look=Look::Primary icon=Glyph::Plus>{t!("Create Function")}</LinkButton>
        </PageHead>
        <Load data=found view={move |found: ReadSignal<OverviewView>| view! { <Found region=region.clone() found/> }.erase()}/>
    }
    .erase()
}

#[component]
fn Found(region: Region, found: ReadSignal<OverviewView>) -> impl IntoView {
    let is_empty = memo(move || found.read().is_empty);
    dynamic(move || {
        let region = region.clone();
        if is_empty.get() {
            return view! {
                <div class="rounded-panel border border-line bg-surface">
                    <EmptyState title=t!("No functions yet") text=t!("Invocations, tasks and failures of the region are shown here.")>
                        <LinkButton href=Route::CreateTaskFunction(region).path() look=Look::Primary label=t!("Create Function now")>{t!("Create Function")}</LinkButton>
                    </EmptyState>
                </div>
            }
            .erase();
        }
        view! { <Content region found/> }.erase()
    })
}

#[component]
fn Content(region: Region, found: ReadSignal<OverviewView>) -> impl IntoView {
    let page = Route::Admin(region.clone(), AdminPage::Overview).path();
    let metrics = Route::Admin(region.clone(), AdminPage::Metrics);
    let minutes = memo(move || found.read().minutes);
    let chart = memo(move || found.read().chart.clone());
    view! {
        <div class="mb-4 flex flex-wrap items-center justify-between gap-2">
            <GetForm action=page>
                <WindowSelect minutes/>
                <Submit reads=true look=Look::Plain>{t!("Apply")}</Submit>
            </GetForm>
            <div class="flex items-center gap-2">
                <LiveSwitch/>
                {dynamic(move || {
                    let href = metrics.with_query(&[("minutes", &minutes.get().to_string())]);
                    view! { <LinkButton href>{t!("All metrics")}</LinkButton> }.erase()
                })}
            </div>
        </div>
        <div class="space-y-4">
            {dynamic(move || found.with(|found| view! { <Tiles tiles=found.tiles.clone()/> }.erase()))}
            <Panel title=t!("Tasks by state")>
                <States region found/>
            </Panel>
            <Chart id="chart-throughput" data=chart/>
            <Panel title=t!("Slowest functions") flush=true>
                <Slowest found/>
            </Panel>
            <Panel title=t!("Recent failures") flush=true>
                <Failures found/>
            </Panel>
        </div>
    }
    .erase()
}

#[component]
fn Tiles(tiles: Vec<(String, String, String)>) -> impl IntoView {
    let tile = |(name, value, title): (String, String, String)| {
        view! {
            <div class="min-w-0 rounded-panel border border-line bg-surface px-4 py-3" title=title>
                <dt class="text-meta text-muted">{name}</dt>
                <dd class="mt-0.5 text-title font-semibold tabular-nums">{value}</dd>
            </div>
        }
        .erase()
    };
    view! { <dl class="grid grid-cols-2 gap-4 md:grid-cols-4">{tiles.into_iter().map(tile).collect::<Vec<_>>()}</dl> }.erase()
}

/// A link for each state, to its tasks.
#[component]
fn States(region: Region, found: ReadSignal<OverviewView>) -> impl IntoView {
    let to = Route::Admin(region, AdminPage::AllTasks);
    let state = move |status: TaskStatus| {
        let count =
            memo(move || found.with(|found| found.states.iter().find(|(found, _)| *found == status).map_or(0, |(_, count)| *count)));
        let href = to.with_query(&[("status", status.as_str())]);
        view! {
            <Chip href=Signal::stored(href) dimmed=memo(move || count.get() == 0)>
                <StatusBadge status/>
                <span class="sr-only">", "</span>
                <span class="tabular-nums">{dynamic(move || format::count(count.get()))}</span>
            </Chip>
        }
        .erase()
    };
    view! { <div class="flex flex-wrap gap-2">{TaskStatus::ALL.into_iter().map(state).collect::<Vec<_>>()}</div> }.erase()
}

/// A sentence in the place of a table.
fn nothing(words: &'static str) -> AnyView {
    view! { <p class="px-4 py-3 text-muted">{words}</p> }.erase()
}

fn duration(ms: u64) -> String {
    format::duration_ms(i64::try_from(ms).unwrap_or(i64::MAX))
}

#[component]
fn Slowest(found: ReadSignal<OverviewView>) -> impl IntoView {
    let is_empty = memo(move || found.read().slowest.is_empty());
    dynamic(move || {
        if is_empty.get() {
            return nothing(t!("Nothing ran in this window."));
        }
        let item = |slow: Slow| {
            let key = format!("{} {} {} {} {} {}", slow.function, slow.invocations, slow.failed, slow.p50, slow.p90, slow.max);
            Item::new(key, move || view! { <SlowRow slow/> }.erase())
        };
        view! {
            <Table caption=t!("Slowest functions") columns=SLOWEST>
                <Each items=move || found.read().slowest.iter().cloned().map(item).collect()/>
            </Table>
        }
        .erase()
    })
}

#[component]
fn SlowRow(slow: Slow) -> impl IntoView {
    let metrics = Route::Function(slow.function.clone(), FunctionPage::Metrics).path();
    let service = Route::Functions(slow.function.service_ref()).path();
    let failed = if slow.failed > 0 { "font-semibold text-bad" } else { "" };
    view! {
        <tr class=ROW>
            <td class=LONG><TextLink href=metrics>{slow.function.function.to_string()}</TextLink></td>
            <td class=LONG><TextLink href=service>{slow.function.service.to_string()}</TextLink></td>
            <td class=FIGURE>{format::count(slow.invocations)}</td>
            <td class=FIGURE><span class=failed>{format::count(slow.failed)}</span></td>
            <td class=FIGURE>{duration(slow.p50)}</td>
            <td class=FIGURE>{duration(slow.p90)}</td>
            <td class=FIGURE>{duration(slow.max)}</td>
        </tr>
    }
    .erase()
}

#[component]
fn Failures(found: ReadSignal<OverviewView>) -> impl IntoView {
    let is_empty = memo(move || found.read().failures.is_empty());
    dynamic(move || {
        if is_empty.get() {
            return nothing(t!("No task failed in this window."));
        }
        let item = |failure: Failure| {
            let key = format!("{:?} {}", failure.task, failure.status);
            Item::new(key, move || view! { <FailureRow failure/> }.erase())
        };
        view! {
            <Table caption=t!("Recent failures") columns=FAILURES>
                <Each items=move || found.read().failures.iter().cloned().map(item).collect()/>
            </Table>
        }
        .erase()
    })
}

#[component]
fn FailureRow(failure: Failure) -> impl IntoView {
    let task = Route::task(&failure.task).path();
    let tasks = Route::Function(failure.task.function.clone(), FunctionPage::Tasks).path();
    view! {
        <tr class=ROW>
            <td class=LONG><TextLink href=task>{failure.task.id.to_string()}</TextLink></td>
            <td class=LONG><TextLink href=tasks>{failure.task.function.function.to_string()}</TextLink></td>
            <td class=CELL><StatusBadge status=Signal::stored(failure.status)/></td>
            <td class=LONG>{failure.error}</td>
            <td class=FIGURE><span class="text-muted"><Timestamp at=failure.at/></span></td>
        </tr>
    }
    .erase()
}
