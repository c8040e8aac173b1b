//! The cells of a task's row that the lists of a function and of a region share.

use super::record::Record;
use crate::reactive::derive;
use crate::ui::table::{CELL, FIGURE, TELLING};
use crate::ui::{DRAWN, Erase, Glyph, Icon, StatusBadge, TextLink, Timestamp, dynamic};
use leptos::prelude::*;
use model::{TaskId, UnixMillis};

/// A cell that gives way to the others and cuts its text.
pub(super) const YIELDING: &str = "h-9 w-[24%] max-w-0 py-1 first:pl-4";

/// Classes of an id.
const ID: &str = "block truncate font-mono text-meta";

/// The time that a row counts by; a finished one does not follow the clock.
fn at(record: Signal<Record>, now: Signal<UnixMillis>) -> UnixMillis {
    if record.read().counts() { now.get() } else { UnixMillis::default() }
}

/// The state, and what its word leaves open.
#[component]
pub(super) fn StatusCell(record: Signal<Record>, now: Signal<UnixMillis>, class: &'static str) -> impl IntoView {
    let note = move || record.read().note(at(record, now));
    view! {
        <td role="cell" class=format!("{TELLING} {class}")>
            <span class="flex items-center gap-2">
                <StatusBadge status=derive(move || record.read().status)/>
                <span class="min-w-0 truncate text-meta text-muted" title=note>{note}</span>
            </span>
        </td>
    }
    .erase()
}

/// A task's id, which leads to its page.
pub(super) fn id_link(id: &TaskId, to: String) -> AnyView {
    let words = id.to_string();
    view! {
        <span class=ID title=id.to_string()>
            <TextLink href=to>{words}</TextLink>
        </span>
    }
    .erase()
}

/// Start and end, duration, retries, request and instance.
pub(super) fn facts(record: Signal<Record>, now: Signal<UnixMillis>) -> AnyView {
    let request = record.with_untracked(|record| record.request_id.to_string());
    let instance = move || record.read().instance_id.as_ref().map(ToString::to_string);
    let exact = move || record.read().lasted_ms(at(record, now)).filter(|_| !record.read().counts()).map(|ms| format!("{ms} ms"));
    view! {
        <td role="cell" data-label=t!("Start Time") class=CELL><Timestamp brief=true at=derive(move || record.read().started_at)/></td>
        <td role="cell" data-label=t!("End Time") class=CELL><Timestamp brief=true at=derive(move || record.read().ended_at)/></td>
        <td role="cell" data-label=t!("Duration") class=FIGURE>
            <span title=derive(exact)>{dynamic(move || record.read().lasted(at(record, now)))}</span>
        </td>
        <td role="cell" data-label=t!("Retries") class=FIGURE>
            <span class=derive(move || if record.read().retried == 0 { "text-faint" } else { "" }) title=derive(move || record.read().retries())>
                {dynamic(move || record.read().retried)}
            </span>
        </td>
        <td role="cell" data-label=t!("Request ID") class=CELL>
            <span class=format!("{ID} w-18 text-muted") title=request.clone()>{request.clone()}</span>
        </td>
        <td role="cell" data-label=t!("Instance ID") class=CELL>
            <span class=format!("{ID} w-20 text-muted") title=instance>{dynamic(move || instance().unwrap_or_else(|| "–".to_owned()))}</span>
        </td>
    }
    .erase()
}

/// The way to the log of a task.
#[component]
pub(super) fn LogLink(
    /// The task's page.
    to: String,
    /// Its accessible name.
    label: String,
) -> impl IntoView {
    view! {
        <a href=format!("{to}#log") class=DRAWN aria-label=label title=t!("View Logs")>
            <Icon glyph=Glyph::Logs class="size-3.5"/>
        </a>
    }
    .erase()
}
