use super::api::ReadInstances;
use super::drain::{DrainButton, DrainForm};
use crate::permission;
use crate::reactive::{Load, memo, use_data, use_live, use_poll};
use crate::routes::{FunctionPage, Route};
use crate::ui::table::{CELL, Column, FIGURE, NAMING, ROW, TELLING, YIELDING, column, figures, none_if};
use crate::ui::{
    Copy, Each, EmptyState, Erase, Glyph, Item, LinkButton, LiveSwitch, Look, PageHead, Pill, RowActions, Table, TextLink, Timestamp, Tone,
    dynamic,
};
use leptos::prelude::*;
use model::{ChangeScope, FunctionRef, InstanceInfo, InstanceState, TaskId, format};

const COLUMNS: &[Column] = &[
    column("Status"),
    column("Instance ID"),
    column("Version"),
    figures("Created"),
    column("Tasks now"),
    figures("CPU"),
    figures("Memory"),
    figures("Actions"),
];
/// Classes of a time.
const TIME: &str = "text-meta text-muted";
/// Bytes of a megabyte.
const MB: u64 = 1024 * 1024;

/// What runs the function's code now (C-78).
#[component]
pub(crate) fn InstancesTab(function: FunctionRef) -> impl IntoView {
    let rows = {
        let function = function.clone();
        use_data(move || ReadInstances { function: function.clone() })
    };
    // Tasks tell of their changes; the end of an idle instance and what one uses do not.
    use_live(ChangeScope::Function(function.clone()), move || rows.refetch());
    use_poll(Signal::stored(true), move || rows.refetch());
    view! {
        <PageHead title=t!("Instances") within=function.region.to_string() small=true>
            <LiveSwitch/>
        </PageHead>
        <DrainForm region=function.region.clone()/>
        <Load data=rows view={move |rows: ReadSignal<Vec<InstanceInfo>>| view! { <List function=function.clone() rows/> }.erase()}/>
    }
    .erase()
}

#[component]
fn List(function: FunctionRef, rows: ReadSignal<Vec<InstanceInfo>>) -> impl IntoView {
    let tasks = Route::Function(function, FunctionPage::Tasks).path();
    let is_empty = memo(move || rows.with(Vec::is_empty));
    dynamic(move || {
        if is_empty.get() {
            let tasks = tasks.clone();
            return view! {
                <div class="rounded-panel border border-line bg-surface">
                    <EmptyState title=t!("No instances now") text=t!("An instance starts with the first request and is ended after some minutes without one.")>
                        <LinkButton href=tasks>{t!("Asynchronous Tasks")}</LinkButton>
                    </EmptyState>
                </div>
            }
            .erase();
        }
        view! {
            <Table caption=t!("Instances") columns=COLUMNS full=true>
                <Each items=move || rows.get().into_iter().map(|row| instance_item(row, false)).collect()/>
            </Table>
        }
        .erase()
    })
}

/// The state's word.
pub(crate) fn state_words(state: InstanceState) -> &'static str {
    match state {
        InstanceState::Starting => t!("Starting"),
        InstanceState::Idle => t!("Idle"),
        InstanceState::Busy => t!("Busy"),
        InstanceState::Draining => t!("Draining"),
        InstanceState::Stopping => t!("Stopping"),
    }
}

/// Everything that a row shows is in its key: a row that changes is drawn anew.
pub(crate) fn instance_item(row: InstanceInfo, in_region: bool) -> Item {
    let (memory, cpu, used) = (row.memory_bytes / MB, row.cpu_ms / 100, row.last_used_at.filter(|_| in_region));
    let key = format!("{} {:?} {:?} {memory} {cpu} {} {used:?}", row.id, row.state, row.tasks, row.sessions);
    Item::new(key, move || view! { <InstanceRow row in_region/> }.erase())
}

/// An instance; in the list of a region also whose it is, and when it last had a request.
#[component]
fn InstanceRow(row: InstanceInfo, in_region: bool) -> impl IntoView {
    let tone = match row.state {
        InstanceState::Busy => Tone::Active,
        InstanceState::Idle => Tone::Good,
        InstanceState::Starting => Tone::Idle,
        InstanceState::Draining | InstanceState::Stopping => Tone::Warn,
    };
    let version = row.version.map_or_else(|| "0 (LATEST)".to_owned(), |version| version.to_string());
    let version = if row.qualifier.is_latest() { version } else { t!("{version} by {qualifier}", version, qualifier = row.qualifier) };
    let id = row.id.to_string();
    let memory = t!("{used} of {whole} MB", used = format::count(row.memory_bytes / MB), whole = format::count(row.memory_mb));
    let peak = t!("{peak} MB at most so far", peak = format::count(row.memory_peak_bytes / MB));
    view! {
        <tr role="row" class=ROW>
            <td role="cell" class=format!("{TELLING} {CELL}")><Pill tone=Signal::stored(tone)>{state_words(row.state)}</Pill></td>
            <td role="cell" class=format!("{NAMING} {CELL}")>
                <span class="flex items-center gap-1">
                    // Those that start in one minute begin alike.
                    <code class="cut-before max-w-20 truncate font-mono text-meta" title=id.clone()>{id.clone()}</code>
                    <Copy text=id.clone() what=t!("instance ID")/>
                </span>
            </td>
            {in_region.then(|| {
                let href = Route::Function(row.function.clone(), FunctionPage::Instances).path();
                let name = format!("{}/{}", row.function.service, row.function.function);
                let title = name.clone();
                view! { <td role="cell" data-label=t!("Function") class=format!("cut-before {YIELDING} w-[55%]") title=title><TextLink href=href>{name}</TextLink></td> }.erase()
            })}
            <td role="cell" data-label=t!("Version") class=CELL>{version}</td>
            <td role="cell" data-label=t!("Created") class=FIGURE><span class=TIME><Timestamp brief=true at=Some(row.created_at)/></span></td>
            <Tasks row=row.clone()/>
            <td role="cell" data-label=t!("CPU") class=FIGURE>{format::duration_ms(i64::try_from(row.cpu_ms).unwrap_or(i64::MAX))}</td>
            <td role="cell" data-label=t!("Memory") class=FIGURE><span title=peak>{memory}</span></td>
            {in_region.then(|| view! { <td role="cell" data-label=t!("Last request") class=FIGURE><span class=TIME><Timestamp brief=true at=row.last_used_at/></span></td> }.erase())}
            <Actions row/>
        </tr>
    }
    .erase()
}

/// The tasks that it runs, and requests that are none.
#[component]
fn Tasks(row: InstanceInfo) -> impl IntoView {
    let others = row.requests.len().saturating_sub(row.tasks.len());
    let function = row.function;
    let nothing = none_if(row.requests.is_empty() && row.tasks.is_empty());
    let ids: Vec<&str> = row.tasks.iter().map(TaskId::as_str).collect();
    let title = Some(ids.join(" ")).filter(|ids| !ids.is_empty());
    let links = row.tasks.into_iter().map(|task| {
        let href = Route::task(&function.task(task.clone())).path();
        view! { <TextLink href=href>{task.to_string()}</TextLink> }.erase()
    });
    let rest = match others {
        0 => String::new(),
        1 => t!("1 other request").to_owned(),
        more => t!("{more} other requests", more),
    };
    view! {
        <td role="cell" data-label=t!("Tasks now") class=format!("cut-before {YIELDING} w-[45%] [&>a]:mr-2{nothing}") title=title>
            {links.collect::<Vec<_>>()} <span class="text-muted">{rest}</span>
        </td>
    }
    .erase()
}

/// Classes of a control that is a drawing.
fn drawn(glyph: Glyph) -> String {
    format!("{} drawn {}", Look::Drawn.classes(), glyph.class())
}

#[component]
fn Actions(row: InstanceInfo) -> impl IntoView {
    let id = row.id.to_string();
    let logs = row.tasks.first().map(|task| {
        let href = Route::task(&row.function.task(task.clone())).path();
        view! { <a href=href class=drawn(Glyph::Logs) aria-label=t!("View Logs {id}", id) title=t!("View Logs")></a> }.erase()
    });
    let denied = permission::refusal(permission::LOG_ON);
    let drained = row.clone();
    let log_on = if row.state.is_running() && denied.is_none() {
        let href = Route::Function(row.function, FunctionPage::Terminal(row.id)).path();
        // The page has another frame and other files: the browser loads it by itself.
        view! {
            <a
                href=href
                rel="external"
                class=drawn(Glyph::Terminal)
                aria-label=t!("Log on to Instance {id}", id)
                title=t!("Log on to Instance")
            ></a>
        }
        .erase()
    } else {
        let why = denied.unwrap_or_else(|| t!("Only a running instance can be entered.").to_owned());
        view! {
            <a
                role="link"
                tabindex="0"
                aria-disabled="true"
                class=drawn(Glyph::Terminal)
                aria-label=t!("Log on to Instance {id}", id)
                title=why
            ></a>
        }
        .erase()
    };
    view! { <RowActions key=id.clone() of=id>{logs}{log_on}<DrainButton row=drained/></RowActions> }.erase()
}
