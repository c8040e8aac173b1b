use super::super::actions::ROW_BUTTON;
use super::super::record::Record;
use super::api::{AllTasksRow, AllTasksView};
use crate::reactive::{derive, memo};
use crate::routes::{FunctionPage, Route};
use crate::ui::table::{CELL, FIGURE, LONG, ROW};
use crate::ui::{Erase, Glyph, Icon, StatusBadge, TextLink, Timestamp, dynamic};
use leptos::prelude::*;
use model::UnixMillis;

const ID: &str = "block truncate font-mono text-meta";

/// One task.
#[component]
pub(super) fn TaskRow(
    row: AllTasksRow,
    /// Where its cells come from after the first time.
    page: ReadSignal<AllTasksView>,
    now: Signal<UnixMillis>,
) -> impl IntoView {
    let AllTasksRow { function, record: first } = row;
    let id = first.id.clone();
    let request = first.request_id.to_string();
    let record: Memo<Record> = {
        let (function, id) = (function.clone(), id.clone());
        memo(move || {
            let found = page.with(|page| page.rows.iter().find(|row| row.is(&function, &id)).map(|row| row.record.clone()));
            found.unwrap_or_else(|| first.clone())
        })
    };
    let to = Route::task(&function.task(id.clone())).path();
    let tasks = Route::Function(function.clone(), FunctionPage::Tasks).path();
    let service = Route::Functions(function.service_ref()).path();
    let words = id.to_string();
    let (service_name, function_name) = (function.service.to_string(), function.function.to_string());
    let label = t!("View Logs {id} of {function}", id, function = function.function);
    // A finished row does not follow the clock.
    let at = move || if record.read().counts() { now.get() } else { UnixMillis::default() };
    let note = move || record.read().note(at());
    let instance = move || record.read().instance_id.as_ref().map(ToString::to_string);
    view! {
        <tr class=ROW data-task=id.to_string()>
            <td class=LONG>
                <span class="flex items-center gap-2">
                    <StatusBadge status=derive(move || record.read().status)/>
                    <span class="min-w-0 max-w-40 truncate text-meta text-muted" title=note>{note}</span>
                </span>
            </td>
            <td class=LONG>
                <span class=ID title=id.to_string()>
                    <TextLink href=to.clone()>{words}</TextLink>
                </span>
            </td>
            <td class=LONG title=function.service.to_string()>
                <TextLink href=service>{service_name}</TextLink>
            </td>
            <td class=LONG title=function.function.to_string()>
                <TextLink href=tasks>{function_name}</TextLink>
            </td>
            <td class=CELL><Timestamp brief=true at=derive(move || record.read().started_at)/></td>
            <td class=CELL><Timestamp brief=true at=derive(move || record.read().ended_at)/></td>
            <td class=FIGURE>{dynamic(move || record.read().lasted(at()))}</td>
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
                <span class="flex justify-end">
                    <a href=format!("{to}#log") class=ROW_BUTTON aria-label=label title=t!("View Logs")>
                        <Icon glyph=Glyph::Logs class="size-3.5"/>
                    </a>
                </span>
            </td>
        </tr>
    }
    .erase()
}
