//! The bar that tells of stops before they are sent, and takes them back (B-08).

use super::api::{ProductionTag, StopTask, named};
use super::held::HeldStops;
use crate::navigation::{Going, use_location, use_navigate};
use crate::reactive::wire::post_text;
use crate::reactive::{call, derive, effect, use_invalidator};
use crate::routes::{pairs, query};
use crate::ui::{Button, Dialog, Each, Erase, FormActions, Item, Look, dynamic};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::{ev, html};
use model::{FunctionName, Region, ServiceName, TaskRef};
use page::Asker;
use server_fn::ServerFn;
use std::time::Duration;

/// For how long a stop can be undone.
const SECONDS: u8 = 5;

/// How far a stop is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// Nobody has looked yet what it would stop.
    Asked,
    /// It is sent by itself unless it is undone.
    Counting,
    /// It is sent only when the user says yes: the service has this tag.
    Unsure(String),
    Sending,
    /// Why it was refused.
    Failed(String),
}

/// A stop that was asked for.
#[derive(Clone)]
struct HeldStop {
    /// Its form, as a browser would send it.
    form: String,
    step: ArcRwSignal<Step>,
}

/// What the lines of the bar have in common.
#[derive(Clone, Copy)]
struct Bar {
    stops: HeldStops,
    /// Those that the bar has.
    shown: StoredValue<Vec<HeldStop>>,
    send: Callback<HeldStop>,
    /// Who points at the bar or has the focus in it is not hurried.
    is_read: Signal<bool>,
    /// The button that was pressed last.
    asker: Asker,
}

impl Bar {
    /// What is held by now.
    fn held(self) -> Vec<HeldStop> {
        let forms = self.stops.all();
        let update = |shown: &mut Vec<HeldStop>| {
            shown.retain(|stop| forms.contains(&stop.form));
            for form in &forms {
                if shown.iter().all(|stop| stop.form != *form) {
                    shown.push(HeldStop { form: form.clone(), step: ArcRwSignal::new(Step::Asked) });
                }
            }
            shown.clone()
        };
        self.shown.try_update_value(update).unwrap_or_default()
    }
}

/// A line for each stop that is held. The focus stays where it is; from there, `Tab` leads to the newest line.
#[component]
pub(crate) fn HeldStopsBar(stops: HeldStops) -> impl IntoView {
    let (is_pointed_at, is_focused) = (RwSignal::new(false), RwSignal::new(false));
    let node = NodeRef::<html::Div>::new();
    let is_read = derive(move || is_pointed_at.get() || is_focused.get());
    let bar = Bar { stops, shown: StoredValue::new(Vec::new()), send: sender(stops), is_read, asker: Asker::new() };
    // What is no longer there is not left by the pointer.
    effect(move || {
        if stops.all().is_empty() {
            is_pointed_at.set(false);
            is_focused.set(false);
        }
    });
    effect(move || {
        let tab = window_event_listener(ev::keydown, move |event| {
            let is_tab = event.key() == "Tab" && !(event.shift_key() || event.ctrl_key() || event.alt_key() || event.meta_key());
            if is_tab && bar.asker.is_focused() && node.get_untracked().is_some_and(|node| page::focus_first(&node)) {
                event.prevent_default();
            }
        });
        on_cleanup(move || tab.remove());
    });
    let lines = move || {
        let line = |stop: HeldStop| Item::new(stop.form.clone(), move || view! { <Line stop bar/> }.erase());
        bar.held().into_iter().rev().map(line).collect()
    };
    let questions = move || {
        let question = |stop: HeldStop| Item::new(stop.form.clone(), move || view! { <Question stop bar/> }.erase());
        bar.held().into_iter().map(question).collect()
    };
    view! {
        <div
            node_ref=node
            role="status"
            class="held-stops"
            on:pointermove=move |_| is_pointed_at.set(true)
            on:pointerleave=move |_| is_pointed_at.set(false)
            on:focusin=move |_| is_focused.set(true)
            on:focusout=move |_| is_focused.set(false)
        >
            <Each items=lines/>
        </div>
        <Each items=questions/>
    }
    .erase()
}

/// What a stop stops.
fn task_of(form: &str) -> TaskRef {
    let pairs = pairs(form);
    let field = |name: &str| pairs.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
    let (service, function) = (field("service").map(ServiceName::from_stored), field("function").map(FunctionName::from_stored));
    named(Region::from_stored(field("region").unwrap_or_default()), service, function, field("id").unwrap_or_default())
}

/// The form of a stop as it is sent now: where its page is still shown, the answer leads back to what that shows by then.
fn form_now(form: &str, path: &str, search: &str) -> (String, bool) {
    let mut pairs = pairs(form);
    let back = pairs.iter_mut().find(|(name, back)| name == "back" && back.split('?').next() == Some(path));
    let is_shown = back.is_some();
    if let Some((_, back)) = back {
        *back = if search.is_empty() { path.to_owned() } else { format!("{path}?{search}") };
    }
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    (query(&pairs).trim_start_matches('?').to_owned(), is_shown)
}

/// What sends a stop.
fn sender(stops: HeldStops) -> Callback<HeldStop> {
    let (location, navigate, invalidator) = (use_location(), use_navigate(), use_invalidator());
    Callback::new(move |stop: HeldStop| {
        stop.step.set(Step::Sending);
        stops.confirm(&stop.form);
        spawn_local(async move {
            let path = location.pathname.get_untracked();
            let (form, is_shown) = form_now(&stop.form, &path, location.search.get_untracked().trim_start_matches('?'));
            match post_text(StopTask::PATH, form).await {
                Ok(answer) => {
                    stops.remove(&stop.form);
                    invalidator.notify();
                    if let Some(to) = answer.redirect.filter(|_| is_shown && location.pathname.get_untracked() == path) {
                        navigate(&to, Going { scroll: false, replace: true });
                    }
                }
                Err(error) => stop.step.set(Step::Failed(error.sentence())),
            }
        });
    })
}

/// One stop while it can be undone, or when it was refused.
#[component]
fn Line(stop: HeldStop, bar: Bar) -> impl IntoView {
    let (task, step) = (task_of(&stop.form), stop.step.clone());
    let left = RwSignal::new(SECONDS);
    bar.asker.keep();
    let (of_look, form, service) = (step.clone(), stop.form.clone(), task.function.service_ref());
    spawn_local(async move {
        // What can't be looked at can't be stopped either, and the line will say so.
        let tag = call(ProductionTag { service }).await.ok().flatten();
        if tag.is_some() {
            bar.stops.ask(form);
        }
        of_look.set(tag.map_or(Step::Counting, Step::Unsure));
    });
    let (of_clock, timed) = (step.clone(), stop.clone());
    effect(move || {
        if of_clock.get() != Step::Counting {
            return;
        }
        let timed = timed.clone();
        // A line that is gone counts nothing, should its clock go on.
        let tick = move || {
            let counts = *timed.step.read_untracked() == Step::Counting && bar.is_read.try_get_untracked() == Some(false);
            let count = |left: &mut u8| {
                *left = left.saturating_sub(1);
                *left
            };
            if counts && left.try_update(count) == Some(0) {
                bar.send.run(timed.clone());
            }
        };
        if let Ok(clock) = set_interval_with_handle(tick, Duration::from_secs(1)) {
            on_cleanup(move || clock.clear());
        }
    });
    dynamic(move || {
        let (undone, sent) = (stop.clone(), stop.clone());
        let undo = Callback::new(move |()| {
            bar.asker.focus();
            bar.stops.remove(&undone.form);
        });
        let now = Callback::new(move |()| {
            bar.asker.focus();
            bar.send.run(sent.clone());
        });
        let (id, function) = (&task.id, &task.function.function);
        let (words, seconds, take_back) = match step.get() {
            Step::Counting => (t!("{id} of {function} will be stopped.", id, function), true, t!("Undo")),
            Step::Failed(why) => (t!("{id} of {function} was not stopped: {why}", id, function, why), false, t!("Dismiss")),
            _ => return ().into_any(),
        };
        view! {
            <div class="flex flex-wrap items-center gap-2 rounded-panel border border-line-strong bg-raised px-4 py-2 shadow-raised">
                <p class="min-w-48 flex-1 wrap-anywhere">{words}</p>
                {seconds
                    .then(|| {
                        view! {
                            <span aria-hidden="true" class="w-6 text-right text-muted tabular-nums">
                                {dynamic(move || format!("{} s", left.get()))}
                            </span>
                        }
                        .erase()
                    })}
                <Button on_press=undo>{take_back}</Button>
                <Button look=Look::Quiet on_press=now>{t!("Stop now")}</Button>
            </div>
        }
        .erase()
    })
}

/// Asks before a task of a service is stopped that is tagged as production.
#[component]
fn Question(stop: HeldStop, bar: Bar) -> impl IntoView {
    let (task, step) = (task_of(&stop.form), stop.step.clone());
    dynamic(move || {
        let Step::Unsure(tag) = step.get() else { return ().into_any() };
        let open = RwSignal::new(true);
        let (refused, sent) = (stop.clone(), stop.clone());
        effect(move || {
            if !open.get() {
                bar.stops.remove(&refused.form);
            }
        });
        let yes = Callback::new(move |()| {
            bar.send.run(sent.clone());
            bar.asker.focus();
        });
        let (id, function, service) = (&task.id, &task.function.function, &task.function.service);
        let words = t!("{id} is a task of {function}. The service {service} has the tag {tag}.", id, function, service, tag);
        view! {
            <Dialog open title=t!("Stop {id}?", id) id="stop-in-production">
                <p class="mb-4 wrap-anywhere">{words.clone()}</p>
                <FormActions>
                    <Button look=Look::Danger on_press=yes>{t!("Stop")}</Button>
                    <Button on_press=Callback::new(move |()| open.set(false))>{t!("Cancel")}</Button>
                </FormActions>
            </Dialog>
        }
        .erase()
    })
}

#[cfg(not(feature = "hydrate"))]
mod page {
    use leptos::web_sys::HtmlDivElement;

    #[derive(Clone, Copy)]
    pub(super) struct Asker;

    impl Asker {
        pub(super) fn new() -> Self {
            Self
        }

        pub(super) fn keep(self) {}

        pub(super) fn focus(self) {}

        pub(super) fn is_focused(self) -> bool {
            false
        }
    }

    pub(super) fn focus_first(_bar: &HtmlDivElement) -> bool {
        false
    }
}

#[cfg(feature = "hydrate")]
mod page {
    use leptos::prelude::{GetValue, LocalStorage, SetValue, StoredValue, document};
    use leptos::wasm_bindgen::JsCast;
    use leptos::web_sys::{HtmlDivElement, HtmlElement};

    fn focused() -> Option<HtmlElement> {
        document().active_element()?.dyn_into().ok()
    }

    /// The button that was pressed last: it gets the focus back.
    #[derive(Clone, Copy)]
    pub(super) struct Asker(StoredValue<Option<HtmlElement>, LocalStorage>);

    impl Asker {
        pub(super) fn new() -> Self {
            Self(StoredValue::new_local(None))
        }

        /// The button that has just been pressed. A menu that it was in is closed, whose own button has the focus then.
        pub(super) fn keep(self) {
            let menu = focused().and_then(|pressed| pressed.closest("[popover]").ok().flatten());
            if let Some(menu) = menu.and_then(|menu| menu.dyn_into::<HtmlElement>().ok()) {
                _ = menu.hide_popover();
            }
            self.0.set_value(focused());
        }

        pub(super) fn focus(self) {
            if let Some(asker) = self.0.get_value() {
                _ = asker.focus();
            }
        }

        pub(super) fn is_focused(self) -> bool {
            let asker = self.0.get_value();
            asker.is_some() && asker == focused()
        }
    }

    /// False where there is nothing to focus.
    pub(super) fn focus_first(bar: &HtmlDivElement) -> bool {
        let Ok(Some(button)) = bar.query_selector("button") else { return false };
        button.dyn_into::<HtmlElement>().is_ok_and(|button| button.focus().is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OF_LIST: &str = "region=r1&service=s&function=f&back=%2Fr1%2Fx%3Fstatus%3DRunning%26limit%3D20&id=a-1";

    #[test]
    fn b08_the_form_says_what_is_stopped() {
        for form in [OF_LIST, "region=r1&back=%2Fr1%2Fall-tasks&id=s%2Ff%2Fa-1"] {
            let task = task_of(form);
            let (function, id) = (task.function, task.id);
            let found = (function.region.as_str(), function.service.as_str(), function.function.as_str(), id.as_str());
            assert_eq!(found, ("r1", "s", "f", "a-1"), "{form}");
        }
    }

    #[test]
    fn b08_the_answer_leads_back_to_what_the_page_shows_by_then() {
        let check = |path: &str, search: &str, back: &str, is_shown: bool| {
            let (form, found) = form_now(OF_LIST, path, search);
            let expected = ["r1", "s", "f", back, "a-1"].map(str::to_owned);
            assert_eq!(pairs(&form).into_iter().map(|(_, value)| value).collect::<Vec<_>>(), expected);
            assert_eq!(found, is_shown, "{path}");
        };
        check("/r1/x", "", "/r1/x", true);
        check("/r1/x", "status=Failed&a=b+c", "/r1/x?status=Failed&a=b+c", true);
        check("/r1/y", "status=Failed", "/r1/x?status=Running&limit=20", false);
    }
}
