//! Live pages: the server tells of changes, the page reads its data again.

use super::data::Data;
use crate::reactive::{effect, memo};
use leptos::prelude::*;
use model::ChangeScope;

/// Whether live pages listen, shared by the whole tab.
#[derive(Clone, Copy)]
pub struct LiveControl {
    /// Set by `Pause live updates`.
    pub paused: RwSignal<bool>,
    /// True while the tab can't be seen.
    hidden: RwSignal<bool>,
    /// True while changes arrive as they happen, or the server answers where the page asks again and again.
    pub connected: RwSignal<bool>,
    /// True once the user signs out: the page that follows is on its way.
    pub signing_out: RwSignal<bool>,
}

impl LiveControl {
    fn new(paused: bool) -> Self {
        Self {
            paused: RwSignal::new(paused),
            hidden: RwSignal::new(false),
            connected: RwSignal::new(false),
            signing_out: RwSignal::new(false),
        }
    }

    /// Nothing is asked for any more: the session ends.
    pub fn sign_out(self) {
        self.signing_out.set(true);
        self.paused.set(true);
    }
}

/// Puts the tab's control into context.
pub fn provide_live_control() {
    let control = LiveControl::new(false);
    provide_context(control);
    #[cfg(feature = "hydrate")]
    effect(move || {
        let listener = window_event_listener(leptos::ev::visibilitychange, move |_| {
            control.hidden.set(document().visibility_state() == web_sys::VisibilityState::Hidden);
        });
        on_cleanup(move || listener.remove());
    });
}

/// The tab's control.
pub fn use_live_control() -> LiveControl {
    use_context::<LiveControl>().unwrap_or_else(|| LiveControl::new(true))
}

/// Calls `refetch` after changes within the scope, at most five times a second, for as long as the caller's page is shown.
///
/// Listens by server-sent events; asks every 5 s while those fail; rests while paused or hidden, and asks once when it begins again.
pub fn use_live(scope: ChangeScope, refetch: impl Fn() + Clone + Send + Sync + 'static) {
    let control = use_live_control();
    let address = crate::routes::live(&scope);
    effect(move || {
        control.connected.set(false);
        if control.paused.get() || control.hidden.get() {
            return;
        }
        listen(&address, control.connected, refetch.clone());
    });
}

/// Calls `refetch` every 5 s while `wanted` holds and the page is live: for what changes without an event.
pub fn use_poll(wanted: Signal<bool>, refetch: impl Fn() + Clone + Send + Sync + 'static) {
    let control = use_live_control();
    let wanted = memo(move || wanted.get() && !control.paused.get() && !control.hidden.get());
    effect(move || {
        if wanted.get() {
            poll(refetch.clone());
        }
    });
}

/// Reads data again every 5 s while the page is live; the tab's control tells whether the server still answers.
pub fn use_polled<T: 'static>(data: Data<T>) {
    use_poll(Signal::stored(true), move || data.refetch());
    let control = use_live_control();
    effect(move || {
        if let Some(outcome) = data.outcome.get() {
            control.connected.set(outcome.is_ok);
        }
    });
}

#[cfg(not(feature = "hydrate"))]
fn listen(_address: &str, _connected: RwSignal<bool>, _refetch: impl Fn() + Clone + 'static) {}

#[cfg(not(feature = "hydrate"))]
fn poll(_refetch: impl Fn() + 'static) {}

#[cfg(feature = "hydrate")]
use browser::{listen, poll};

#[cfg(feature = "hydrate")]
mod browser {
    use super::*;
    use leptos::wasm_bindgen::{JsCast, closure::Closure};
    use std::cell::Cell;
    use std::rc::Rc;
    use std::time::Duration;
    use web_sys::EventSource;

    const LEAST_GAP: Duration = Duration::from_millis(200);
    const POLL: Duration = Duration::from_secs(5);

    /// Runs `refetch` at once when it rested for the least gap, else at the gap's end.
    #[derive(Clone)]
    struct Throttle {
        resting: Rc<Cell<bool>>,
        asked: Rc<Cell<bool>>,
        alive: Rc<Cell<bool>>,
        refetch: Rc<dyn Fn()>,
    }

    impl Throttle {
        fn ask(&self) {
            if !self.alive.get() {
                return;
            }
            if self.resting.get() {
                self.asked.set(true);
                return;
            }
            (self.refetch)();
            self.resting.set(true);
            let this = self.clone();
            set_timeout(
                move || {
                    this.resting.set(false);
                    if this.asked.take() {
                        this.ask();
                    }
                },
                LEAST_GAP,
            );
        }
    }

    /// An open stream; closing it also frees its handlers.
    struct Stream {
        source: EventSource,
        _handlers: [Closure<dyn FnMut(web_sys::Event)>; 3],
    }

    fn open(address: &str, connected: RwSignal<bool>, throttle: &Throttle) -> Option<Stream> {
        let source = EventSource::new(address).ok()?;
        let ask = throttle.clone();
        let on_open = Closure::new(move |_: web_sys::Event| {
            connected.set(true);
            ask.ask();
        });
        let ask = throttle.clone();
        let on_message = Closure::new(move |_: web_sys::Event| ask.ask());
        let on_error = Closure::new(move |_: web_sys::Event| connected.set(false));
        source.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        source.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Some(Stream { source, _handlers: [on_open, on_message, on_error] })
    }

    /// Until the effect that it was called in runs again.
    pub fn poll(refetch: impl Fn() + 'static) {
        if let Ok(poll) = set_interval_with_handle(refetch, POLL) {
            on_cleanup(move || poll.clear());
        }
    }

    pub fn listen(address: &str, connected: RwSignal<bool>, refetch: impl Fn() + Clone + 'static) {
        let alive = Rc::new(Cell::new(true));
        let throttle = Throttle { resting: Rc::default(), asked: Rc::default(), alive: alive.clone(), refetch: Rc::new(refetch) };
        let stream = StoredValue::new_local(open(address, connected, &throttle));
        let address = address.to_owned();
        let poll = set_interval_with_handle(
            move || {
                if connected.get_untracked() {
                    return;
                }
                throttle.ask();
                // The browser reconnects after a cut line, but gives up after an error status.
                let gave_up = stream.with_value(|s| s.as_ref().is_none_or(|s| s.source.ready_state() == EventSource::CLOSED));
                if gave_up {
                    stream.set_value(open(&address, connected, &throttle));
                }
            },
            POLL,
        );
        let alive = StoredValue::new_local(alive);
        on_cleanup(move || {
            alive.try_with_value(|alive| alive.set(false));
            if let Ok(poll) = poll {
                poll.clear();
            }
            stream.try_update_value(|stream| {
                if let Some(stream) = stream.take() {
                    stream.source.close();
                }
            });
        });
    }
}
