use crate::ui::table::{CELL, Column, FIGURE, NAMING, ROW, column, figures};
use crate::ui::{Erase, Table};
use leptos::prelude::*;
use model::{format, limits};

const COLUMNS: &[Column] = &[column("What"), figures("Limit")];

/// What no flag changes (C-83).
fn all() -> Vec<(&'static str, String)> {
    let bytes = |n: usize| format::bytes(n as u64);
    let count = format::count;
    vec![
        (t!("Event of an asynchronous call"), bytes(limits::ASYNC_PAYLOAD_BYTES_MAX)),
        (t!("Event of a synchronous call"), bytes(limits::SYNC_PAYLOAD_BYTES_MAX)),
        (t!("Result that is kept of a task"), bytes(limits::RESULT_BYTES_MAX)),
        (t!("Line of a log"), bytes(limits::LOG_LINE_BYTES_MAX)),
        (t!("Code package"), bytes(limits::CODE_ZIP_BYTES_MAX)),
        (t!("Code package, unpacked"), format::bytes(limits::CODE_UNPACKED_BYTES_MAX)),
        (t!("File in the code editor"), bytes(limits::SOURCE_BYTES_MAX)),
        (t!("Environment variables of a function"), bytes(limits::ENVIRONMENT_BYTES_MAX)),
        (t!("Memory of an instance"), format!("{} MB", count(limits::MEMORY_MB_MAX))),
        (t!("Execution timeout"), format::seconds(limits::TIMEOUT_S_MAX)),
        (t!("Instances of a function"), count(u64::from(limits::INSTANCES_MAX))),
        (t!("Requests that an instance serves at once"), count(u64::from(limits::INSTANCE_CONCURRENCY_MAX))),
        (t!("Delay of a submission"), format::seconds(limits::ASYNC_DELAY_S_MAX)),
        (t!("Maximum message lifetime"), format::seconds(limits::EVENT_AGE_S_MAX)),
        (t!("Retries after function errors"), count(u64::from(limits::RETRY_ATTEMPTS_MAX))),
        (t!("Triggers of a function"), count(u64::from(limits::TRIGGERS_MAX))),
        (t!("Tasks of one bulk action"), count(limits::BULK_TASKS_MAX)),
        (t!("Rows of an exported file"), count(limits::EXPORT_ROWS_MAX)),
    ]
}

/// The limits of this version, as a table.
#[component]
pub(super) fn Limits() -> impl IntoView {
    let row = |(what, limit): (&'static str, String)| {
        view! {
            <tr role="row" class=ROW>
                <td role="cell" class=format!("{NAMING} {CELL}")>{what}</td>
                <td role="cell" data-label=t!("Limit") class=FIGURE>{limit}</td>
            </tr>
        }
        .erase()
    };
    let rows = all().into_iter().map(row).collect::<Vec<_>>();
    view! {
        <section class="space-y-2">
            <h2 class="text-head font-semibold">{t!("Limits")}</h2>
            <Table caption=t!("Limits") columns=COLUMNS>{rows}</Table>
        </section>
    }
    .erase()
}
