//! `Follow`: lines appear as they are written (SC-16).

use super::api::FoundLines;
use super::lines::Lines;
use crate::reactive::{derive, memo, use_scripts};
use crate::ui::{Erase, HitBar, TextLink, Toggle, count_hits, dynamic};
use leptos::html;
use leptos::prelude::*;
use model::{FunctionRef, LogQuery, format};

/// How far from its end, in pixels, the log may be scrolled and still counts as at its end.
const SLACK_PX: i32 = 8;

/// What the tab shows, and how more comes to it.
#[derive(Clone, Copy)]
pub(super) struct Tail {
    pub(super) lines: RwSignal<Lines>,
    /// Set by `Follow`.
    pub(super) follows: RwSignal<bool>,
    /// True while lines come as they are written.
    connected: RwSignal<bool>,
    /// The log, which scrolls by itself while it is followed.
    pub(super) node: NodeRef<html::Div>,
}

impl Tail {
    /// Shows the lines that were searched for, follows when asked to, and begins anew when others are searched for.
    pub(super) fn new(function: FunctionRef, found: ReadSignal<FoundLines>) -> Self {
        let tail = Self {
            lines: RwSignal::new(found.with_untracked(Lines::of_page)),
            follows: RwSignal::new(false),
            connected: RwSignal::new(false),
            node: NodeRef::new(),
        };
        // One effect for both, so that the lines are those of the page before it is followed.
        Effect::new(move |before: Option<FoundLines>| {
            let page = found.get();
            let follows = tail.follows.get() && can_follow(&page.query);
            if before.is_some_and(|before| before != page) {
                tail.lines.set(Lines::of_page(&page));
            }
            if follows {
                tail.lines.update(|lines| lines.follow(!page.query.next_token.is_empty()));
                listen(function.clone(), page.query.clone(), tail);
            } else if tail.lines.with_untracked(|lines| lines.rests) {
                tail.lines.update(Lines::go_on);
            }
            page
        });
        tail
    }

    /// Has new lines wait while the log is scrolled up, and shows them when it is scrolled to its end again.
    pub(super) fn look(self) {
        let Some(log) = self.node.get_untracked() else { return };
        let is_at_end = log.scroll_height() - log.scroll_top() - log.client_height() <= SLACK_PX;
        if self.follows.get_untracked() && self.lines.with_untracked(|lines| lines.rests) == is_at_end {
            self.lines.update(|lines| if is_at_end { lines.go_on() } else { lines.rest() });
        }
    }

    /// Shows what has waited. The focus goes with it: the button that had it is gone.
    fn go_on(self) {
        self.lines.update(Lines::go_on);
        if let Some(log) = self.node.get_untracked() {
            _ = log.focus();
        }
    }

    /// Scrolls to the newest line when it has been drawn, unless earlier ones are read then.
    pub(super) fn show_newest(self) {
        request_animation_frame(move || {
            if self.lines.try_with_untracked(|lines| !lines.rests).unwrap_or_default()
                && let Some(log) = self.node.try_get_untracked().flatten()
            {
                log.set_scroll_top(log.scroll_height());
            }
        });
    }
}

/// A window with an end gets no more lines.
fn can_follow(query: &LogQuery) -> bool {
    query.to.is_none()
}

/// The switch, what it does at the moment, how many lines wait, and the hits of the search.
#[component]
pub(super) fn FollowBar(
    tail: Tail,
    query: Memo<LogQuery>,
    /// Leads to the lines of the same search as they are now.
    reload: Signal<String>,
) -> impl IntoView {
    let scripts = use_scripts();
    let can = memo(move || can_follow(&query.read()));
    let words = memo(move || match (tail.follows.get() && can.get(), tail.connected.get(), tail.lines.with(|lines| lines.rests)) {
        (false, ..) => "",
        (true, false, _) => t!("Connecting…"),
        (true, true, false) => t!("New lines appear as they are written."),
        (true, true, true) => t!("Paused while you read earlier lines."),
    });
    let hits = memo(move || {
        let wanted = query.with(|query| query.text.clone());
        let count = || tail.lines.with(|lines| lines.shown.iter().map(|entry| count_hits(&entry.line.text, &wanted)).sum());
        (!wanted.is_empty()).then(count)
    });
    let missed = memo(move || tail.lines.with(|lines| lines.missed));
    view! {
        <div class="mb-3 flex min-h-7 flex-wrap items-center gap-x-3 gap-y-1">
            {dynamic(move || can.get().then(|| view! { <span class="js-only"><Toggle label=t!("Follow") on=tail.follows/></span> }.erase()))}
            <span role="status" class="text-meta text-muted">{dynamic(move || words.get())}</span>
            {dynamic(move || {
                let some = match missed.get() {
                    0 => None,
                    1 => Some(t!("1 new line").to_owned()),
                    n => Some(t!("{n} new lines", n = format::count(n as u64))),
                };
                some.map(|some| {
                    view! {
                        <button
                            type="button"
                            class="inline-flex h-6 cursor-pointer items-center rounded-full bg-accent px-3 text-meta font-medium text-accent-ink hover:bg-accent-strong"
                            on:click=move |_| tail.go_on()
                        >
                            {some}
                        </button>
                    }
                    .erase()
                })
            })}
            <HitBar node=tail.node total=hits/>
            {dynamic(move || (!scripts.get()).then(|| view! { <TextLink href=reload>{t!("Reload")}</TextLink> }.erase()))}
        </div>
    }
    .erase()
}

/// True while what comes is to be read out.
pub(super) fn speaks(tail: Tail) -> Signal<bool> {
    derive(move || tail.follows.get() && tail.lines.with(|lines| !lines.rests))
}

#[cfg(not(feature = "hydrate"))]
fn listen(_function: FunctionRef, _query: LogQuery, _tail: Tail) {}

#[cfg(feature = "hydrate")]
use browser::listen;

#[cfg(feature = "hydrate")]
mod browser {
    use super::super::lines::entry_of;
    use super::*;
    use crate::routes;
    use leptos::wasm_bindgen::{JsCast, closure::Closure};
    use model::LogEntry;
    use std::time::Duration;
    use web_sys::{EventSource, MessageEvent};

    /// How long lines are gathered before they are shown.
    const GATHER: Duration = Duration::from_millis(100);
    /// How long it waits before it asks a server again that has refused.
    const AGAIN: Duration = Duration::from_secs(5);

    /// Hears lines; those of one moment are shown together.
    #[derive(Clone, Copy)]
    struct Ear {
        tail: Tail,
        fresh: StoredValue<Vec<LogEntry>>,
    }

    impl Ear {
        fn hear(self, entry: LogEntry) {
            let count = self.fresh.try_update_value(|fresh| {
                fresh.push(entry);
                fresh.len()
            });
            if count == Some(1) {
                set_timeout(move || self.tell(), GATHER);
            }
        }

        fn tell(self) {
            let fresh = self.fresh.try_update_value(std::mem::take).unwrap_or_default();
            if !fresh.is_empty() {
                _ = self.tail.lines.try_update(|lines| lines.take(fresh));
            }
        }
    }

    /// An open stream; closing it also frees its handlers.
    struct Stream {
        source: EventSource,
        _handlers: [Closure<dyn FnMut(web_sys::Event)>; 3],
    }

    fn open(address: &str, ear: Ear) -> Option<Stream> {
        let source = EventSource::new(address).ok()?;
        let tail = ear.tail;
        let on_open = Closure::new(move |_: web_sys::Event| {
            ear.tell();
            tail.lines.update(Lines::opened);
            tail.connected.set(true);
        });
        let on_message = Closure::new(move |event: web_sys::Event| {
            let message: &MessageEvent = event.unchecked_ref();
            if let Some(entry) = message.data().as_string().and_then(|data| entry_of(&message.last_event_id(), &data)) {
                ear.hear(entry);
            }
        });
        let on_error = Closure::new(move |_: web_sys::Event| tail.connected.set(false));
        source.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        source.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Some(Stream { source, _handlers: [on_open, on_message, on_error] })
    }

    /// The stream of what comes after the lines that are here.
    fn address(function: &FunctionRef, query: &LogQuery, tail: Tail) -> String {
        let from = tail.lines.with_untracked(|lines| lines.stream_from(query.from));
        let query = LogQuery { from, next_token: String::new(), ..query.clone() };
        let pairs = query.pairs();
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        routes::live_log(function, &pairs)
    }

    /// Until the effect that it was called in runs again.
    pub fn listen(function: FunctionRef, query: LogQuery, tail: Tail) {
        let ear = Ear { tail, fresh: StoredValue::new(Vec::new()) };
        let stream = StoredValue::new_local(open(&address(&function, &query, tail), ear));
        let again = set_interval_with_handle(
            move || {
                // The browser reconnects after a cut line, but gives up after an error status.
                let gave_up = stream.with_value(|s| s.as_ref().is_none_or(|s| s.source.ready_state() == EventSource::CLOSED));
                if gave_up {
                    stream.set_value(open(&address(&function, &query, tail), ear));
                }
            },
            AGAIN,
        );
        on_cleanup(move || {
            if let Ok(again) = again {
                again.clear();
            }
            stream.try_update_value(|stream| {
                if let Some(stream) = stream.take() {
                    stream.source.close();
                }
            });
            _ = tail.connected.try_set(false);
        });
    }
}
