//! Stops that were asked for and are not sent yet: each can be undone for some seconds (B-08). What is shown of them is loaded with the first.

use crate::part::{Part, part_when};
use crate::reactive::derive;
use leptos::prelude::*;
use leptos::web_sys::FormData;

/// All of them, on whatever page they were asked for.
#[derive(Clone, Copy)]
pub(crate) struct HeldStops {
    /// Their forms, as a browser would send them.
    forms: RwSignal<Vec<String>>,
    /// Those of them that are sent only when the user says yes.
    unsure: RwSignal<Vec<String>>,
}

impl HeldStops {
    /// Puts them into context.
    pub(crate) fn provide() -> Self {
        let stops = Self { forms: RwSignal::new(Vec::new()), unsure: RwSignal::new(Vec::new()) };
        provide_context(stops);
        stops
    }

    /// Holds a stop; one that is held already stays as it is.
    pub(super) fn hold(self, form: &FormData) {
        if let Some(form) = text_of(form) {
            add(self.forms, form);
        }
    }

    /// As they were asked for.
    pub(super) fn all(self) -> Vec<String> {
        self.forms.get()
    }

    /// From now on it is sent only when the user says yes.
    pub(super) fn ask(self, form: String) {
        add(self.unsure, form);
    }

    /// The user has said yes.
    pub(super) fn confirm(self, form: &str) {
        self.unsure.update(|unsure| unsure.retain(|other| other != form));
    }

    pub(super) fn remove(self, form: &str) {
        self.confirm(form);
        self.forms.update(|forms| forms.retain(|other| other != form));
    }

    /// Sends what the user has not been asked about again, even while the page is being left. What is being sent is sent twice rather than never.
    #[cfg(feature = "hydrate")]
    fn send_all(self) {
        use super::api::StopTask;
        use server_fn::ServerFn;
        let unsure = self.unsure.try_update(std::mem::take).unwrap_or_default();
        for form in self.forms.try_update(std::mem::take).unwrap_or_default() {
            if !unsure.contains(&form)
                && let Ok(form) = web_sys::UrlSearchParams::new_with_str(&form)
            {
                _ = window().navigator().send_beacon_with_opt_url_search_params(StopTask::PATH, Some(&form));
            }
        }
    }
}

/// Adds what is not there yet.
fn add(forms: RwSignal<Vec<String>>, form: String) {
    forms.update(|forms| {
        if !forms.contains(&form) {
            forms.push(form);
        }
    });
}

/// As a browser would send it.
#[cfg(feature = "hydrate")]
fn text_of(form: &FormData) -> Option<String> {
    web_sys::UrlSearchParams::new_with_str_sequence_sequence(form).ok().map(|form| form.to_string().into())
}

/// Only browsers have forms.
#[cfg(not(feature = "hydrate"))]
fn text_of(_form: &FormData) -> Option<String> {
    None
}

/// Those of this page; inside of the console's frame only.
pub(super) fn use_held_stops() -> HeldStops {
    use_context::<HeldStops>().unwrap_or_else(HeldStops::provide)
}

/// Where they are told of; sends them when the page is left.
#[component]
pub(crate) fn KeepStops(stops: HeldStops) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    crate::reactive::effect(move || {
        // Before the next page is asked for, which may end the session; not every browser says that.
        let leaving = ["beforeunload", "pagehide"].map(|event| window_event_listener_untyped(event, move |_| stops.send_all()));
        on_cleanup(move || {
            leaving.into_iter().for_each(|listener| listener.remove());
            stops.send_all();
        });
    });
    part_when(derive(move || !stops.forms.read().is_empty()), move || Part::HeldStops(stops))
}
