//! The cells of a task's row that the lists of a function and of a region share.

use super::actions::row_button;
use super::record::Record;
use crate::reactive::{derive, memo};
use crate::ui::table::{CELL, FIGURE, TELLING};
use crate::ui::{Erase, Glyph, Timestamp, badge, dynamic};
use leptos::prelude::*;
use model::{TaskId, UnixMillis};

/// Classes of the cell of a task's id. It gives way to others; of what is cut the end is seen, since ids that the server gives in one minute begin
/// alike.
pub(super) const ID_CELL: &str = "cut-before h-9 w-[20%] max-w-0 truncate py-1";

/// Classes of an id that leads somewhere.
const ID: &str = "font-mono text-meta text-accent hover:underline underline-offset-2";
/// Classes of the cell of another id, of which the end is enough.
const OTHER_ID: &str = "cut-before h-9 max-w-22 truncate py-1 font-mono text-meta text-muted";
/// The time that a row counts by; a finished one does not follow the clock.
fn at(record: &Record, now: Signal<UnixMillis>) -> UnixMillis {
    if record.counts() { now.get() } else { UnixMillis::default() }
}

/// The state, and what its word leaves open.
#[component]
pub(super) fn StatusCell(record: Signal<Record>, now: Signal<UnixMillis>, class: &'static str) -> impl IntoView {
    // Most states say nothing more, and are not drawn again with every second.
    let note = memo(move || record.with(|record| record.note(at(record, now))));
    dynamic(move || {
        let title = Some(note.get()).filter(|note| !note.is_empty());
        let note = title.clone().map(|note| view! { <span class="ml-2 text-meta text-muted">{note}</span> }.erase());
        view! { <td role="cell" class=format!("{TELLING} {class}") title=title>{badge(record.read().status)} {note}</td> }.erase()
    })
}

/// A task's id, which leads to its page.
pub(super) fn id_link(id: &TaskId, to: String) -> AnyView {
    view! { <a href=to class=ID title=id.to_string()>{id.to_string()}</a> }.erase()
}

/// Start and end, duration, retries, request and instance. What counts up is drawn by itself; a card is without what there is not yet (`none`).
pub(super) fn facts(record: Signal<Record>, now: Signal<UnixMillis>) -> AnyView {
    let lasted = move || {
        let record = record.read();
        let at = at(&record, now);
        let exact = record.lasted_ms(at).filter(|_| !record.counts()).map(|ms| format!("{ms} ms"));
        let class = if record.started_at.is_some() { FIGURE } else { "none text-right" };
        view! { <td role="cell" data-label=t!("Duration") class=class title=exact>{record.lasted(at)}</td> }.erase()
    };
    let others = move || {
        let record = record.read();
        let (request, instance) = (record.request_id.to_string(), record.instance_id.as_ref().map(ToString::to_string));
        let known = instance.clone().unwrap_or_else(|| "–".to_owned());
        let none = if record.retried == 0 { " text-faint" } else { "" };
        let of_instance = if instance.is_some() { OTHER_ID } else { "none" };
        view! {
            <td role="cell" data-label=t!("Retries") class=format!("{FIGURE}{none}") title=record.retries()>{record.retried}</td>
            <td role="cell" data-label=t!("Request ID") class=OTHER_ID title=request.clone()>{request.clone()}</td>
            <td role="cell" data-label=t!("Instance ID") class=of_instance title=instance>{known}</td>
        }
        .erase()
    };
    view! {
        <td role="cell" data-label=t!("Start Time") class=CELL><Timestamp brief=true at=derive(move || record.read().started_at)/></td>
        <td role="cell" data-label=t!("End Time") class=CELL><Timestamp brief=true at=derive(move || record.read().ended_at)/></td>
        {dynamic(lasted)}
        {dynamic(others)}
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
    view! { <a href=format!("{to}#log") class=row_button(Glyph::Logs) aria-label=label title=t!("View Logs")></a> }.erase()
}
