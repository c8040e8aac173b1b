use super::actions::{ActionButton, ROW_BUTTON, TaskAction};
use super::api::TaskPage;
use super::filters::Filters;
use super::log_on::LogOn;
use super::record::Record;
use super::ticking::use_ticking;
use crate::reactive::{derive, effect, memo, use_invalidator};
use crate::routes::Route;
use crate::ui::table::{CELL, Column, FIGURE, ROW, column, figures};
use crate::ui::{Each, Erase, Glyph, Icon, Item, StatusBadge, Table, TextLink, Timestamp, dynamic};
use leptos::prelude::*;
use model::{FunctionRef, SortOrder, TaskId, UnixMillis};
use std::collections::HashMap;

const START_DOWN: Column = Column { sort: Some("descending"), ..column("Start Time") };
const START_UP: Column = Column { sort: Some("ascending"), ..column("Start Time") };

const fn columns(start: Column) -> [Column; 9] {
    [
        column("Status"),
        column("Task ID"),
        start,
        column("End Time"),
        figures("Duration"),
        figures("Retries"),
        column("Request ID"),
        column("Instance ID"),
        figures("Actions"),
    ]
}

const NEWEST_FIRST: &[Column] = &columns(START_DOWN);
const OLDEST_FIRST: &[Column] = &columns(START_UP);

/// A task's cells read from here, so that a change alters cells and nothing else.
type Cell_ = ArcRwSignal<Record>;

/// Nine columns on a laptop's screen: narrow cells, and two columns that share the width that is left.
const FRAME: &str = "relative [&_table]:min-w-[58rem] [&_td]:px-2 [&_th]:px-2";
/// A cell that gives way to the others and cuts its text.
const YIELDING: &str = "h-9 w-[24%] max-w-0 py-1 first:pl-4";

/// The table. New rows wait behind a pill while the pointer is over it; cells change at once.
#[component]
pub(super) fn Rows(function: FunctionRef, page: ReadSignal<TaskPage>, filters: Memo<Filters>) -> impl IntoView {
    let table = LiveRows::new(page);
    let is_live = derive(move || page.with(|page| page.rows.iter().any(Record::counts)));
    let now = use_ticking(derive(move || page.read().now), is_live);
    let is_ascending = memo(move || filters.read().filter.order == SortOrder::Asc);
    view! {
        <div class=FRAME on:pointerenter=move |_| table.hold() on:pointerleave=move |_| table.release()>
            <NewRows table/>
            {dynamic(move || {
                let function = function.clone();
                view! {
                    <Table caption=t!("Asynchronous tasks") columns=if is_ascending.get() { OLDEST_FIRST } else { NEWEST_FIRST }>
                        <Each items=move || {
                            let item = |id: TaskId| {
                                let (cell, function) = (table.cell(&id)?, function.clone());
                                Some(Item::new(id, move || view! { <TaskRow function cell now/> }.erase()))
                            };
                            table.shown.get().into_iter().filter_map(item).collect()
                        }/>
                    </Table>
                }
                .erase()
            })}
        </div>
    }
    .erase()
}

/// Which rows are shown, and their cells.
#[derive(Clone, Copy)]
struct LiveRows {
    /// Ids in the order of the table.
    shown: RwSignal<Vec<TaskId>>,
    cells: StoredValue<HashMap<TaskId, Cell_>>,
    page: ReadSignal<TaskPage>,
    is_held: RwSignal<bool>,
}

impl LiveRows {
    fn new(page: ReadSignal<TaskPage>) -> Self {
        let rows = Self { shown: RwSignal::new(Vec::new()), cells: StoredValue::new(HashMap::new()), page, is_held: RwSignal::new(false) };
        page.with_untracked(|page| rows.take(page));
        rows.show();
        let changes = use_invalidator();
        let query = memo(move || page.read().query.clone());
        // What the user did or asked for is shown at once, wherever the pointer is.
        effect(move || {
            changes.track();
            // A memo that nobody reads does not look at what it depends on.
            _ = query.get();
            rows.is_held.set(false);
        });
        effect(move || {
            page.with(|page| rows.take(page));
            if !rows.is_held.get() {
                rows.show();
            }
        });
        rows
    }

    /// Brings the cells up to date.
    fn take(self, page: &TaskPage) {
        self.cells.update_value(|cells| {
            for row in &page.rows {
                match cells.get(&row.id) {
                    Some(cell) if *cell.read_untracked() == *row => {}
                    Some(cell) => cell.set(row.clone()),
                    None => _ = cells.insert(row.id.clone(), ArcRwSignal::new(row.clone())),
                }
            }
        });
    }

    /// Brings the rows up to date.
    fn show(self) {
        let ids: Vec<TaskId> = self.page.with_untracked(|page| page.rows.iter().map(|row| row.id.clone()).collect());
        if self.shown.with_untracked(|shown| *shown != ids) {
            self.cells.update_value(|cells| cells.retain(|id, _| ids.contains(id)));
            self.shown.set(ids);
        }
    }

    fn cell(self, id: &TaskId) -> Option<Cell_> {
        self.cells.with_value(|cells| cells.get(id).cloned())
    }

    fn hold(self) {
        self.is_held.set(true);
    }

    fn release(self) {
        self.is_held.set(false);
    }

    /// Rows that wait to be shown.
    fn waiting(self) -> usize {
        let shown = self.shown.read();
        self.page.with(|page| page.rows.iter().filter(|row| !shown.contains(&row.id)).count())
    }
}

/// `3 new`, above the table and over it.
#[component]
fn NewRows(table: LiveRows) -> impl IntoView {
    let waiting = memo(move || if table.is_held.get() { table.waiting() } else { 0 });
    dynamic(move || {
        (waiting.get() > 0).then(|| {
            view! {
                <button
                    type="button"
                    class="absolute left-1/2 top-1 z-1 inline-flex h-6 -translate-x-1/2 cursor-pointer items-center rounded-full bg-accent px-3 \
                           text-meta font-medium text-accent-ink shadow-raised hover:bg-accent-strong"
                    on:click=move |_| table.show()
                >
                    {dynamic(move || t!("{n} new", n = waiting.get()))}
                </button>
            }
            .erase()
        })
    })
}

const ID: &str = "block truncate font-mono text-meta";

#[component]
fn TaskRow(function: FunctionRef, cell: Cell_, now: Signal<UnixMillis>) -> impl IntoView {
    let record: Signal<Record> = cell.into();
    let is_http = record.with_untracked(|record| record.is_http);
    let id = record.with_untracked(|record| record.id.clone());
    let (to, words) = (Route::task(&function.task(id.clone())).path(), id.to_string());
    let status = derive(move || record.read().status);
    // A finished row does not follow the clock.
    let at = move || if record.read().counts() { now.get() } else { UnixMillis::default() };
    let note = move || record.read().note(at());
    let request = record.with_untracked(|record| record.request_id.to_string());
    let instance = move || record.read().instance_id.as_ref().map(ToString::to_string);
    view! {
        <tr class=ROW data-task=id.to_string()>
            <td class=YIELDING>
                <span class="flex items-center gap-2">
                    <StatusBadge status/>
                    <span class="min-w-0 truncate text-meta text-muted" title=note>{note}</span>
                </span>
            </td>
            <td class=YIELDING>
                <span class=ID title=id.to_string()>
                    <TextLink href=to.clone()>{words}</TextLink>
                </span>
            </td>
            <td class=CELL><Timestamp brief=true at=derive(move || record.read().started_at)/></td>
            <td class=CELL><Timestamp brief=true at=derive(move || record.read().ended_at)/></td>
            <td class=FIGURE>
                <span title=derive(move || record.read().lasted_ms(at()).filter(|_| !record.read().counts()).map(|ms| format!("{ms} ms")))>
                    {dynamic(move || record.read().lasted(at()))}
                </span>
            </td>
            <td class=FIGURE>
                <span class=derive(move || if record.read().retried == 0 { "text-faint" } else { "" }) title=derive(move || record.read().retries())>
                    {dynamic(move || record.read().retried)}
                </span>
            </td>
            <td class=CELL>
                <span class=format!("{ID} w-18 text-muted") title=request.clone()>{request.clone()}</span>
            </td>
            <td class=CELL>
                <span class=format!("{ID} w-20 text-muted") title=instance>{dynamic(move || instance().unwrap_or_else(|| "–".to_owned()))}</span>
            </td>
            <td class=CELL>
                <span class="flex justify-end gap-0.5">
                    <ActionButton action=TaskAction::Stop id=id.clone() status compact=true/>
                    <ActionButton action=TaskAction::Reexecute id=id.clone() status is_http compact=true/>
                    <LogOn function id=id.clone() record/>
                    <a href=format!("{to}#log") class=ROW_BUTTON aria-label=t!("View Logs {id}", id) title=t!("View Logs")>
                        <Icon glyph=Glyph::Logs class="size-3.5"/>
                    </a>
                </span>
            </td>
        </tr>
    }
    .erase()
}
