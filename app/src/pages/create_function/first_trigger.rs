//! The trigger that is made with a function (C-06).

use crate::forms::use_form;
use crate::pages::function::triggers::{HttpFields, NameField, TimerFields, Upcoming, Values};
use crate::reactive::{derive, use_scripts};
use crate::ui::{CheckField, Erase, dynamic};
use leptos::prelude::*;
use model::TriggerKind;

/// An HTTP function gets an HTTP trigger, an event function a time trigger if one is asked for.
#[component]
pub(super) fn FirstTrigger(
    /// True for an HTTP function.
    is_http: Signal<bool>,
    /// Of the schedule that the form begins with.
    upcoming: Upcoming,
) -> impl IntoView {
    let scripts = use_scripts();
    let asked = RwSignal::new(use_form().typed_all("with_trigger").is_some_and(|typed| !typed.is_empty()));
    let hidden_unless = move |shown: Signal<bool>| derive(move || if scripts.get() && !shown.get() { "hidden" } else { "space-y-4" });
    let of_event = hidden_unless(derive(move || !is_http.get()));
    let named = hidden_unless(derive(move || is_http.get() || asked.get()));
    let of_timer = hidden_unless(derive(move || !is_http.get() && asked.get()));
    let of_http = hidden_unless(is_http);
    let name = move || {
        let kind = if is_http.get() { TriggerKind::Http } else { TriggerKind::Timer };
        view! { <NameField kind value=""/> }.erase()
    };
    view! {
        <div class=of_event>
            <CheckField
                name="with_trigger"
                label=t!("Configure a trigger")
                help=t!("A time trigger that calls the function from now on. Triggers can be made later too, on the tab Triggers.")
                on_choice=move |on| asked.set(on)
            />
        </div>
        <div class=named>{dynamic(name)}</div>
        <div class=of_timer>
            <TimerFields values=Values::new(TriggerKind::Timer) upcoming/>
        </div>
        <div class=of_http>
            <HttpFields values=Values::new(TriggerKind::Http)/>
        </div>
    }
    .erase()
}
