//! Stops that were asked for and are not sent yet: each can be undone for some seconds (B-08). What is shown of them is loaded with the first.

use crate::part::{Part, part};
use crate::ui::dynamic;
use leptos::prelude::*;
use leptos::web_sys::FormData;

/// How far a stop is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
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
pub(super) struct HeldStop {
    /// Its form, as a browser would send it.
    pub form: String,
    pub step: ArcRwSignal<Step>,
}

/// All of them, on whatever page they were asked for.
#[derive(Clone, Copy)]
pub(crate) struct HeldStops(RwSignal<Vec<HeldStop>>);

impl HeldStops {
    /// Puts them into context.
    pub(crate) fn provide() -> Self {
        let stops = Self(RwSignal::new(Vec::new()));
        provide_context(stops);
        stops
    }

    /// Holds a stop; one that is held already stays as it is.
    pub(super) fn hold(self, form: &FormData) {
        let Some(form) = text_of(form) else { return };
        self.0.update(|held| {
            if held.iter().all(|stop| stop.form != form) {
                held.push(HeldStop { form, step: ArcRwSignal::new(Step::Asked) });
            }
        });
    }

    /// As they were asked for.
    pub(super) fn all(self) -> Vec<HeldStop> {
        self.0.get()
    }

    pub(super) fn remove(self, stop: &HeldStop) {
        self.0.update(|held| held.retain(|other| other.form != stop.form));
    }

    /// Sends what the user has not been asked about again, even while the page is being left. What is being sent is sent twice rather than never.
    #[cfg(feature = "hydrate")]
    fn send_all(self) {
        use super::api::StopTask;
        use server_fn::ServerFn;
        for stop in self.0.try_update(std::mem::take).unwrap_or_default() {
            if !matches!(*stop.step.read_untracked(), Step::Unsure(_))
                && let Ok(form) = web_sys::UrlSearchParams::new_with_str(&stop.form)
            {
                _ = window().navigator().send_beacon_with_opt_url_search_params(StopTask::PATH, Some(&form));
            }
        }
    }
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
    let is_wanted = RwSignal::new(false);
    #[cfg(feature = "hydrate")]
    {
        use crate::reactive::effect;
        effect(move || {
            // Before the next page is asked for, which may end the session; not every browser says that.
            let leaving = ["beforeunload", "pagehide"].map(|event| window_event_listener_untyped(event, move |_| stops.send_all()));
            on_cleanup(move || {
                leaving.into_iter().for_each(|listener| listener.remove());
                stops.send_all();
            });
        });
        effect(move || {
            if !stops.0.read().is_empty() && !is_wanted.get_untracked() {
                // Where its file can't be had, the page is loaded anew, and what is held is sent.
                leptos::task::spawn_local(async move {
                    _ = crate::part::load().await;
                    is_wanted.set(true);
                });
            }
        });
    }
    dynamic(move || is_wanted.get().then(|| part(Part::HeldStops(stops))))
}
