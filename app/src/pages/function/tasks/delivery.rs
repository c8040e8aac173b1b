//! What became of a task's outcome: to whom it goes, and whether it got there (C-67).

use super::super::FunctionFields;
use super::api::{Details, Redeliver};
use crate::reactive::memo;
use crate::routes::{FunctionPage, Route};
use crate::ui::{Erase, Fact, Facts, Glyph, HiddenField, Icon, Look, Panel, Pill, PostForm, TextLink, Timestamp, Tone, dynamic};
use leptos::prelude::*;
use model::{Delivery, DeliveryStatus, FunctionRef, TaskRef, TaskStatus};
use server_fn::ServerFn;

const AGAIN_FORM: &str = "deliver-again";

/// The delivery with the button that sends it again; nothing where there is no destination.
#[component]
pub(super) fn DeliveryPanel(task: TaskRef, details: ReadSignal<Details>) -> impl IntoView {
    let delivery = memo(move || details.read().delivery.clone());
    let panel = move || {
        delivery.get().map(|delivery| {
            let (ended_as, to) = details.with_untracked(|details| (details.record.status, details.outcome_to.clone()));
            view! { <Shown ended_as delivery to/> }.erase()
        })
    };
    view! {
        // Beside the panel, which is drawn anew when the delivery changes: that may be told before the form has its answer, and with the form
        // the answer would be gone.
        <PostForm path=Redeliver::PATH class="contents" id=AGAIN_FORM stays=true>
            <FunctionFields function=task.function/>
            <HiddenField name="id" value=task.id.to_string()/>
        </PostForm>
        {dynamic(panel)}
    }
    .erase()
}

#[component]
fn Shown(ended_as: TaskStatus, delivery: Delivery, to: Option<FunctionRef>) -> impl IntoView {
    let (word, tone) = match delivery.status {
        DeliveryStatus::Running if delivery.attempts > 0 || !delivery.last_error.is_empty() => (t!("Retrying"), Tone::Warn),
        DeliveryStatus::Running => (t!("Under way"), Tone::Active),
        DeliveryStatus::Succeeded => (t!("Delivered"), Tone::Good),
        // Not the word of a failed task: in other languages it says what has failed.
        DeliveryStatus::Failed => (t!("Failed" in "delivery"), Tone::Bad),
    };
    let name = if ended_as == TaskStatus::Succeeded { t!("On Success") } else { t!("On Failure") };
    let is_failed = delivery.status == DeliveryStatus::Failed;
    let again = move || if is_failed { view! { <Again/> }.erase() } else { ().into_any() };
    let next = delivery.next_at.filter(|_| delivery.attempts > 0);
    view! {
        <Panel title=t!("Destination") actions=std::sync::Arc::new(again)>
            <Facts>
                <Fact name=t!("Delivery")><Pill tone=Signal::stored(tone)>{word}</Pill></Fact>
                <Fact name=t!("Tries")><span class="tabular-nums">{delivery.attempts}</span></Fact>
                <Fact name=t!("Last changed")><Timestamp exact=true at=Signal::stored(Some(delivery.changed_at))/></Fact>
                {next.map(|next| view! { <Fact name=t!("Next try")><Timestamp exact=true at=Signal::stored(Some(next))/></Fact> }.erase())}
                {(!delivery.redriven_by.is_empty()).then(|| view! { <Fact name=t!("Sent again by")>{delivery.redriven_by}</Fact> }.erase())}
                <Fact name=name wide=true>
                    <span class="flex flex-wrap gap-x-3">
                        <code class="min-w-0 font-mono text-meta wrap-anywhere">{delivery.target}</code>
                        {to.map(|function| {
                            let tasks = Route::Function(function.clone(), FunctionPage::Tasks).path();
                            view! { <TextLink href=tasks>{t!("Tasks of {name}", name = function.function)}</TextLink> }.erase()
                        })}
                    </span>
                </Fact>
                {(!delivery.last_error.is_empty())
                    .then(|| view! { <Fact name=t!("Last error") wide=true><span class="font-mono text-meta text-bad wrap-anywhere">{delivery.last_error}</span></Fact> }.erase())}
            </Facts>
        </Panel>
    }
    .erase()
}

#[component]
fn Again() -> impl IntoView {
    let refusal = crate::permission::refusal(Redeliver::PATH);
    view! {
        <button type="submit" form=AGAIN_FORM class=Look::Plain.classes() disabled=refusal.is_some() title=refusal>
            <Icon glyph=Glyph::Refresh/>
            {t!("Deliver again")}
        </button>
    }
    .erase()
}
