use super::super::actions::{ActionButton, TaskAction};
use super::super::cells::{ID_CELL, LogLink, StatusCell, facts, id_link};
use super::super::record::Record;
use super::super::rows::Columns;
use super::super::with_changes::WithChanges;
use super::selection::{FORM, Selection};
use crate::reactive::derive;
use crate::routes::{FunctionPage, Route};
use crate::ui::table::{CELL, Column, NAMING, ROW, column, figures};
use crate::ui::{Erase, RowActions, TextLink};
use leptos::prelude::*;
use model::{Region, UnixMillis};

const fn columns(sort: &'static str) -> [Column; 12] {
    [
        Column { hidden: true, ..column("Select") },
        column("Status"),
        column("Task ID"),
        column("Service"),
        column("Function Name"),
        Column { sort: Some(sort), ..column("Start Time") },
        column("End Time"),
        figures("Duration"),
        figures("Retries"),
        column("Request ID"),
        column("Instance ID"),
        figures("Actions"),
    ]
}

/// The columns of the list.
pub(in super::super) const COLUMNS: Columns = [&columns("descending"), &columns("ascending")];

/// Twelve columns beside the navigation of a laptop's screen: narrow cells with small figures, what the state leaves open on hover alone, three
/// columns that share the width that is left, headings of two lines, and the actions in sight where there is less.
pub(super) const FRAME: &str = "relative [&_table]:min-w-[63.75rem] [&_td]:px-1.5 [&_th]:px-1.5 [&_time]:text-meta [&_td.font-mono]:max-w-16 \
                                [&_th]:leading-tight [&_th]:break-keep [&_th]:whitespace-normal sm:max-[96rem]:[&_.naming]:w-[12%] \
                                sm:max-[96rem]:[&_.telling>span+span]:hidden min-[96rem]:[&_.telling]:w-[14%] min-[96rem]:[&_.telling]:max-w-0 \
                                [&_th:last-child]:sticky [&_th:last-child]:right-0 [&_th:last-child]:bg-canvas \
                                [&_td:last-child]:sticky [&_td:last-child]:right-0 [&_td:last-child]:bg-surface [&_tr:hover>td:last-child]:bg-hover";

/// A cell that is as wide as the longest state, whichever are shown.
const STATUS: &str = "h-9 min-w-28 truncate py-1";
/// Cells that give way to the others and cut their text.
const SERVICE: &str = "h-9 w-[6%] max-w-0 truncate py-1";
const FUNCTION: &str = "h-9 w-[10%] max-w-0 truncate py-1";

/// One task.
#[component]
pub(super) fn TaskRow(region: Region, record: Signal<Record>, now: Signal<UnixMillis>, selection: Selection) -> impl IntoView {
    let (id, key, function) = record.with_untracked(|record| (record.id.clone(), record.key(), record.function_in(region)));
    let is_http = record.with_untracked(|record| record.is_http);
    let (of_row, of_actions) = (id.to_string(), key.clone());
    let status = derive(move || record.read().status);
    let to = Route::task(&function.task(id.clone())).path();
    let tasks = Route::Function(function.clone(), FunctionPage::Tasks).path();
    let service = Route::Functions(function.service_ref()).path();
    let function_name = function.function.to_string();
    let (select, view_logs) =
        (t!("Select {id} of {function}", id, function = function_name), t!("View Logs {id} of {function}", id, function = function_name));
    view! {
        <tr role="row" class=ROW data-task=of_row>
            <td role="cell" class=CELL>
                <input
                    type="checkbox"
                    name="task"
                    value=key
                    form=FORM
                    class="block size-4 accent-accent"
                    aria-label=select
                    prop:checked=derive(move || selection.all.get())
                />
            </td>
            <StatusCell record now class=STATUS/>
            <td role="cell" class=format!("{NAMING} {ID_CELL}")>{id_link(&id, to.clone())}</td>
            {name(t!("Service"), SERVICE, function.service.to_string(), service)}
            {name(t!("Function Name"), FUNCTION, function_name, tasks)}
            {facts(record, now)}
            <RowActions key=of_actions of=id.to_string()>
                <ActionButton action=TaskAction::Stop id=id.clone() status compact=true of=function.clone()/>
                <ActionButton action=TaskAction::Reexecute id=id.clone() status is_http compact=true of=function.clone()/>
                <WithChanges function id=id.clone() status is_http compact=true/>
                <LogLink to label=view_logs/>
            </RowActions>
        </tr>
    }
    .erase()
}

/// The cell of a name that leads somewhere.
fn name(column: &'static str, class: &'static str, name: String, to: String) -> AnyView {
    let title = name.clone();
    view! { <td role="cell" data-label=column class=class title=title><TextLink href=to>{name}</TextLink></td> }.erase()
}
