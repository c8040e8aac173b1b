use super::api::{Failure, OverviewView, Part, ReadOverview, Slow, Tile};
use crate::error::ConsoleError;
use crate::navigation::use_location;
use crate::pages::metrics::WindowSelect;
use crate::reactive::{Load, memo, use_data, use_polled};
use crate::routes::{AdminPage, FunctionPage, Route};
use crate::ui::table::{CELL, Column, FIGURE, LONG, NAMING, ROW, TELLING, column, figures};
use crate::ui::{
    Chart, Chip, Each, EmptyState, Erase, GetForm, Glyph, Item, LinkButton, LiveSwitch, Look, PageHead, Panel, StatusBadge, Submit, Table,
    TextLink, Timestamp, dynamic,
};
use leptos::ev;
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
    use_polled(found);
    let create = Route::CreateTaskFunction(region.clone()).path();
    view! {
        <PageHead title=t!("Overview") within=region.to_string()>
            <LinkButton href=create look=Look::Primary icon=Glyph::Plus>{t!("Create Function")}</LinkButton>
        </PageHead>
        <Load
            data=found
            view={move |shown: ReadSignal<OverviewView>| {
                view! { <Found region=region.clone() found=shown retry=Callback::new(move |()| found.refetch())/> }.erase()
            }}
        />
    }
    .erase()
}

#[component]
fn Found(region: Region, found: ReadSignal<OverviewView>, retry: Callback<()>) -> impl IntoView {
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
        view! { <Content region found retry/> }.erase()
    })
}

#[component]
fn Content(region: Region, found: ReadSignal<OverviewView>, retry: Callback<()>) -> impl IntoView {
    let page = Route::Admin(region.clone(), AdminPage::Overview).path();
    let metrics = Route::Admin(region.clone(), AdminPage::Metrics);
    let minutes = memo(move || found.read().minutes);
    let chart = memo(move || found.with(|found| found.counted.as_ref().map(|counted| counted.chart.clone()).unwrap_or_default()));
    view! {
        <div class="mb-4 flex flex-wrap items-center justify-between gap-2">
            <GetForm action=page>
                <WindowSelect minutes/>
                <Submit reads=true look=Look::Plain>{t!("Apply")}</Submit>
            </GetForm>
            <div class="flex items-center gap-2">
                <LiveSwitch polls=true/>
                {dynamic(move || {
                    let href = metrics.with_query(&[("minutes", &minutes.get().to_string())]);
                    view! { <LinkButton href>{t!("All metrics")}</LinkButton> }.erase()
                })}
            </div>
        </div>
        <div class="space-y-4">
            <Tiles found retry/>
            <Panel title=t!("Tasks by state")>
                {part(move || problem(found, |found| found.tasks.as_ref().err()), t!("Tasks by state"), retry, move || {
                    view! { <States region=region.clone() found/> }.erase()
                })}
            </Panel>
            {part(move || problem(found, |found| found.counted.as_ref().err()), t!("Throughput and failures"), retry, move || {
                view! { <Chart id="chart-throughput" data=chart/> }.erase()
            })}
            <Panel title=t!("Slowest functions") flush=true>
                {part(move || problem(found, |found| found.slowest.as_ref().err()), t!("Slowest functions"), retry, move || {
                    view! { <Slowest found/> }.erase()
                })}
            </Panel>
            <Panel title=t!("Recent failures") flush=true>
                {part(move || problem(found, |found| found.failures.as_ref().err()), t!("Recent failures"), retry, move || {
                    view! { <Failures found/> }.erase()
                })}
            </Panel>
        </div>
    }
    .erase()
}

fn problem(found: ReadSignal<OverviewView>, of: fn(&OverviewView) -> Option<&ConsoleError>) -> Option<ConsoleError> {
    found.with(|found| of(found).cloned())
}

/// A part of the page, or in its place why it can't be read now, and the way to try again.
fn part(
    problem: impl Fn() -> Option<ConsoleError> + Send + Sync + 'static,
    what: &'static str,
    retry: Callback<()>,
    view: impl Fn() -> AnyView + Send + 'static,
) -> AnyView {
    let problem = memo(problem);
    dynamic(move || match problem.get() {
        Some(error) => view! { <div class="px-4 py-3">{unread(&error, what, retry)}</div> }.erase(),
        None => view(),
    })
}

fn unread(error: &ConsoleError, what: &'static str, retry: Callback<()>) -> AnyView {
    let again = move |event: ev::MouseEvent| {
        event.prevent_default();
        retry.run(());
    };
    view! {
        <p class="mb-2 max-w-prose text-muted wrap-anywhere">{error.sentence()}</p>
        <a href=use_location().pathname.get_untracked() rel="external" class=Look::Plain.classes() aria-label=t!("Try again: {what}", what) on:click=again>
            {t!("Try again")}
        </a>
    }
    .erase()
}

#[component]
fn Tiles(found: ReadSignal<OverviewView>, retry: Callback<()>) -> impl IntoView {
    let tiles = memo(move || {
        found.with(|found| {
            let counted = found.counted.as_ref().map(|counted| counted.tiles.clone()).map_err(|error| (t!("Invocations"), error.clone()));
            let tasks = found.tasks.as_ref().map(|tasks| tasks.tiles.clone()).map_err(|error| (t!("Backlog"), error.clone()));
            [counted, tasks]
        })
    });
    let tile = |(name, value, title): Tile| {
        view! {
            <div class="min-w-0 rounded-panel border border-line bg-surface px-4 py-3" title=title>
                <dt class="text-meta text-muted">{name}</dt>
                <dd class="mt-0.5 text-title font-semibold tabular-nums">{value}</dd>
            </div>
        }
        .erase()
    };
    let missing = move |(name, error): (&'static str, ConsoleError)| {
        view! {
            <div class="col-span-2 min-w-0 rounded-panel border border-line bg-surface px-4 py-3">
                <dt class="text-meta text-muted">{name}</dt>
                <dd class="mt-0.5">{unread(&error, name, retry)}</dd>
            </div>
        }
        .erase()
    };
    let shown = move |part: std::result::Result<Vec<Tile>, _>| match part {
        Ok(tiles) => tiles.into_iter().map(tile).collect(),
        Err(part) => vec![missing(part)],
    };
    let tiles = move || tiles.get().into_iter().flat_map(shown).collect::<Vec<_>>();
    view! { <dl class="grid grid-cols-2 gap-4 md:grid-cols-4">{dynamic(tiles)}</dl> }.erase()
}

/// A link for each state, to its tasks.
#[component]
fn States(region: Region, found: ReadSignal<OverviewView>) -> impl IntoView {
    let to = Route::Admin(region, AdminPage::AllTasks);
    let state = move |status: TaskStatus| {
        let count = memo(move || found.with(|found| found.tasks.as_ref().map_or(0, |tasks| count_of(&tasks.states, status))));
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

fn count_of(states: &[(TaskStatus, u64)], status: TaskStatus) -> u64 {
    states.iter().find(|(found, _)| *found == status).map_or(0, |(_, count)| *count)
}

/// The rows of a table; none where they can't be read.
fn rows_of<T: Clone>(part: &Part<Vec<T>>) -> Vec<T> {
    part.clone().unwrap_or_default()
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
    let is_empty = memo(move || found.with(|found| rows_of(&found.slowest).is_empty()));
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
                <Each items=move || found.with(|found| rows_of(&found.slowest).into_iter().map(item).collect())/>
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
        <tr role="row" class=ROW>
            <td role="cell" class=format!("{NAMING} {LONG}")><TextLink href=metrics>{slow.function.function.to_string()}</TextLink></td>
            <td role="cell" data-label=t!("Service") class=LONG><TextLink href=service>{slow.function.service.to_string()}</TextLink></td>
            <td role="cell" data-label=t!("Invocations") class=FIGURE>{format::count(slow.invocations)}</td>
            <td role="cell" data-label=t!("Failed") class=FIGURE><span class=failed>{format::count(slow.failed)}</span></td>
            <td role="cell" data-label=t!("P50") class=FIGURE>{duration(slow.p50)}</td>
            <td role="cell" data-label=t!("P90") class=FIGURE>{duration(slow.p90)}</td>
            <td role="cell" data-label=t!("Max") class=FIGURE>{duration(slow.max)}</td>
        </tr>
    }
    .erase()
}

#[component]
fn Failures(found: ReadSignal<OverviewView>) -> impl IntoView {
    let is_empty = memo(move || found.with(|found| rows_of(&found.failures).is_empty()));
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
                <Each items=move || found.with(|found| rows_of(&found.failures).into_iter().map(item).collect())/>
            </Table>
        }
        .erase()
    })
}

#[component]
fn FailureRow(failure: Failure) -> impl IntoView {
    let (task, id) = (Route::task(&failure.task).path(), failure.task.id.to_string());
    let of_title = id.clone();
    let tasks = Route::Function(failure.task.function.clone(), FunctionPage::Tasks).path();
    view! {
        <tr role="row" class=ROW>
            <td role="cell" class=format!("{NAMING} cut-before {LONG} font-mono text-meta") title=of_title><TextLink href=task>{id}</TextLink></td>
            <td role="cell" data-label=t!("Function Name") class=LONG><TextLink href=tasks>{failure.task.function.function.to_string()}</TextLink></td>
            <td role="cell" class=format!("{TELLING} {CELL}")><StatusBadge status=Signal::stored(failure.status)/></td>
            <td role="cell" data-label=t!("Error") class=LONG>{failure.error}</td>
            <td role="cell" data-label=t!("Ended") class=FIGURE><span class="text-muted"><Timestamp at=failure.at/></span></td>
        </tr>
    }
    .erase()
}
