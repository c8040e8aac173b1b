use super::api::BulkShown;
use crate::reactive::{derive, memo};
use crate::routes::{AdminPage, Route};
use crate::ui::table::{CELL, Column, LONG, NAMING, ROW, TELLING, column};
use crate::ui::{Chip, Each, Erase, Item, Pager, Pill, Table, TextLink, Tone, dynamic};
use leptos::prelude::*;
use model::{Bulk, BulkItem, BulkOutcome, TaskId, format};

const COLUMNS: &[Column] = &[column("Task ID"), column("Result"), column("Reason")];
const OF_SEVERAL: &[Column] = &[column("Task ID"), column("Service"), column("Function Name"), column("Result"), column("Reason")];

/// What came of each task, all of them or those with one outcome.
#[component]
pub(super) fn Outcomes(shown: ReadSignal<BulkShown>) -> impl IntoView {
    let (of_one, page) = shown.with_untracked(|shown| {
        let Bulk { scope, id, .. } = shown.bulk.clone();
        (scope.only().is_some(), Route::Admin(scope.region, AdminPage::Bulk(id)))
    });
    let outcome = memo(move || shown.read().outcome);
    let address = move |outcome: Option<BulkOutcome>, token: &str| {
        page.with_query(&[("result", outcome.map_or("", BulkOutcome::as_str)), ("nextToken", token)])
    };
    let (of_chips, of_first) = (address.clone(), address.clone());
    let chips = move || {
        let shown_outcomes = [None, Some(BulkOutcome::Done), Some(BulkOutcome::Failed), Some(BulkOutcome::Skipped)];
        shown_outcomes.map(|wanted| view! { <OutcomeChip shown wanted href=of_chips(wanted, "")/> }.erase()).into_iter().collect::<Vec<_>>()
    };
    let first = derive(move || shown.read().is_later.then(|| of_first(outcome.get(), "")));
    let next = derive(move || {
        let token = shown.with(|shown| shown.next_token.clone());
        (!token.is_empty()).then(|| address(outcome.get(), &token))
    });
    let is_empty = memo(move || shown.with(|shown| shown.items.is_empty()));
    view! {
        <div>
            <nav aria-label=t!("Results") class="mb-2 -mx-1 overflow-x-auto px-1 py-1">
                <ul class="flex gap-1">{chips()}</ul>
            </nav>
            {dynamic(move || {
                if is_empty.get() {
                    return view! { <p class="rounded-panel border border-line bg-surface p-4 text-muted">{t!("No tasks with this result.")}</p> }.erase();
                }
                view! {
                    <Table caption=t!("Outcomes") columns=if of_one { COLUMNS } else { OF_SEVERAL }>
                        <Each items=move || {
                            let item = |item: BulkItem| {
                                let key = format!("{} {} {:?}", item.task.function, item.task.id, item.outcome);
                                Item::new(key, move || view! { <OutcomeRow item of_one/> }.erase())
                            };
                            shown.with(|shown| shown.items.iter().cloned().map(item).collect())
                        }/>
                    </Table>
                    <Pager first next/>
                }
                .erase()
            })}
        </div>
    }
    .erase()
}

fn outcome_label(outcome: BulkOutcome) -> &'static str {
    match outcome {
        BulkOutcome::Done => t!("Done"),
        BulkOutcome::Failed => t!("Failed" in "bulk"),
        BulkOutcome::Skipped => t!("Skipped"),
    }
}

#[component]
fn OutcomeChip(shown: ReadSignal<BulkShown>, wanted: Option<BulkOutcome>, href: String) -> impl IntoView {
    let count = memo(move || {
        shown.with(|BulkShown { bulk, .. }| match wanted {
            None => bulk.total,
            Some(BulkOutcome::Done) => bulk.done,
            Some(BulkOutcome::Failed) => bulk.failed,
            Some(BulkOutcome::Skipped) => bulk.skipped,
        })
    });
    view! {
        <li class="shrink-0">
            <Chip href active=derive(move || shown.read().outcome == wanted) dimmed=derive(move || count.get() == 0)>
                {wanted.map_or_else(|| t!("All"), outcome_label)}
                <span class="font-medium">{dynamic(move || format::count(count.get()))}</span>
            </Chip>
        </li>
    }
    .erase()
}

#[component]
fn OutcomeRow(item: BulkItem, of_one: bool) -> impl IntoView {
    let BulkItem { task, outcome, reason, new_task } = item;
    let (word, tone) = match outcome {
        None => (t!("Waiting"), Tone::Idle),
        Some(BulkOutcome::Done) => (outcome_label(BulkOutcome::Done), Tone::Good),
        Some(BulkOutcome::Failed) => (outcome_label(BulkOutcome::Failed), Tone::Bad),
        Some(BulkOutcome::Skipped) => (outcome_label(BulkOutcome::Skipped), Tone::Warn),
    };
    let function = task.function;
    let (service_name, function_name) = (function.service.to_string(), function.function.to_string());
    let link = move |id: TaskId| {
        let to = Route::task(&function.task(id.clone())).path();
        view! { <TextLink href=to>{id.to_string()}</TextLink> }.erase()
    };
    let whose = move || {
        view! { <td role="cell" data-label=t!("Service") class=LONG>{service_name}</td> <td role="cell" data-label=t!("Function Name") class=LONG>{function_name}</td> }.erase()
    };
    let new = new_task.map(&link);
    view! {
        <tr role="row" class=ROW>
            <td role="cell" class=format!("{NAMING} {LONG} font-mono text-meta")>{link(task.id)}</td>
            {(!of_one).then(whose)}
            <td role="cell" class=format!("{TELLING} {CELL}")><Pill tone>{word}</Pill></td>
            <td role="cell" data-label=t!("Reason") class=format!("{CELL} w-full")>
                {reason} {new.map(|new| view! { <span>{t!("New task ")} <span class="font-mono text-meta">{new}</span></span> }.erase())}
            </td>
        </tr>
    }
    .erase()
}
