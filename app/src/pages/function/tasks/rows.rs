use super::actions::{ActionButton, TaskAction};
use super::api::TaskPage;
use super::cells::{ID_CELL, LogLink, StatusCell, facts, id_link};
use super::filters::Filters;
use super::log_on::LogOn;
use super::record::Record;
use super::ticking::use_ticking;
use crate::reactive::{derive, effect, memo, use_invalidator};
use crate::routes::Route;
use crate::ui::table::{Column, NAMING, ROW, column, figures};
use crate::ui::{Each, Erase, Item, RowActions, Table, dynamic};
use leptos::prelude::*;
use model::{FunctionRef, SortOrder, UnixMillis};
use std::collections::HashMap;
use std::sync::Arc;

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

/// The columns of a list, ordered from the newest and from the oldest on.
pub(super) type Columns = [&'static [Column]; 2];

pub(super) const COLUMNS: Columns = [&columns(START_DOWN), &columns(START_UP)];

/// A task's cells read from here, so that a change alters cells and nothing else.
type Cell_ = ArcRwSignal<Record>;

/// Draws a row from its task and the server's time.
pub(super) type DrawRow = Arc<dyn Fn(Signal<Record>, Signal<UnixMillis>) -> AnyView + Send + Sync>;

/// Nine columns on a laptop's screen: narrow cells, and two columns that share the width that is left.
const FRAME: &str = "relative [&_table]:min-w-[58rem] [&_td]:px-2 [&_th]:px-2 [&_time]:text-meta";

/// Classes of the cell of the state. It has the larger share: why a task failed is what the list is read for.
const STATUS: &str = "h-9 w-[28%] max-w-0 truncate py-1 first:pl-4";

/// The table. New rows wait behind a pill while the pointer is over it; cells change at once.
#[component]
pub(super) fn Rows(
    caption: &'static str,
    page: ReadSignal<TaskPage>,
    filters: Memo<Filters>,
    #[prop(default = COLUMNS)] columns: Columns,
    /// Classes of what the table stands in.
    #[prop(default = FRAME)]
    frame: &'static str,
    row: DrawRow,
) -> impl IntoView {
    let table = LiveRows::new(page);
    let is_live = derive(move || page.with(|page| page.rows.iter().any(Record::counts)));
    let now = use_ticking(derive(move || page.read().now), is_live);
    let is_ascending = memo(move || filters.read().filter.order == SortOrder::Asc);
    view! {
        // A pointer that rests where a form was closed has not come for the table.
        <div class=derive(move || format!("{frame}{}", page.read().without)) on:pointermove=move |_| table.hold() on:pointerleave=move |_| table.release()>
            <NewRows table/>
            {dynamic(move || {
                let ([newest_first, oldest_first], row) = (columns, row.clone());
                view! {
                    <Table caption columns=if is_ascending.get() { oldest_first } else { newest_first }>
                        <Each items=move || {
                            let item = |key: String| {
                                let (cell, row) = (table.cell(&key)?, row.clone());
                                Some(Item::new(key, move || row(cell.into(), now)))
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
    /// Keys in the order of the table.
    shown: RwSignal<Vec<String>>,
    cells: StoredValue<HashMap<String, Cell_>>,
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
                let key = row.key();
                match cells.get(&key) {
                    Some(cell) if *cell.read_untracked() == *row => {}
                    Some(cell) => cell.set(row.clone()),
                    None => _ = cells.insert(key, ArcRwSignal::new(row.clone())),
                }
            }
        });
    }

    /// Brings the rows up to date.
    fn show(self) {
        let keys: Vec<String> = self.page.with_untracked(|page| page.rows.iter().map(Record::key).collect());
        if self.shown.with_untracked(|shown| *shown != keys) {
            self.cells.update_value(|cells| cells.retain(|key, _| keys.contains(key)));
            self.shown.set(keys);
        }
    }

    fn cell(self, key: &str) -> Option<Cell_> {
        self.cells.with_value(|cells| cells.get(key).cloned())
    }

    fn hold(self) {
        if !self.is_held.get_untracked() {
            self.is_held.set(true);
        }
    }

    fn release(self) {
        self.is_held.set(false);
    }

    /// Rows that wait to be shown.
    fn waiting(self) -> usize {
        let shown = self.shown.read();
        self.page.with(|page| page.rows.iter().filter(|row| !shown.contains(&row.key())).count())
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

/// A task of the list of a function.
#[component]
pub(super) fn TaskRow(function: FunctionRef, record: Signal<Record>, now: Signal<UnixMillis>) -> impl IntoView {
    let (id, is_http) = record.with_untracked(|record| (record.id.clone(), record.is_http));
    let of_row = id.to_string();
    let to = Route::task(&function.task(id.clone())).path();
    let status = derive(move || record.read().status);
    view! {
        <tr role="row" class=ROW data-task=of_row>
            <StatusCell record now class=STATUS/>
            <td role="cell" class=format!("{NAMING} {ID_CELL}")>{id_link(&id, to.clone())}</td>
            {facts(record, now)}
            <RowActions key=id.to_string() of=id.to_string()>
                <ActionButton action=TaskAction::Stop id=id.clone() status compact=true/>
                <ActionButton action=TaskAction::Reexecute id=id.clone() status is_http compact=true/>
                <LogOn function id=id.clone() record/>
                <LogLink to label=t!("View Logs {id}", id)/>
            </RowActions>
        </tr>
    }
    .erase()
}
