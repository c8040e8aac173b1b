//! What this server has to tell the others, gathered until it is sent, and which others there are.

use crate::ports::{SIGNAL_BYTES_MAX, TaskSeq};
use model::{Change, FunctionName, FunctionRef, Region, ServiceName, TaskId, TaskStatus, UnixMillis};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// A server that was not heard for this long is asked whether it is still there, with the next message.
const ASK_AFTER_MS: i64 = 30_000;
/// A server that has not answered for this long is not there.
const ANSWER_WITHIN_MS: i64 = 10_000;
/// Bytes that the fixed part of a message takes, and those of a change besides its names.
const FIXED_BYTES: usize = 200;
const CHANGE_BYTES: usize = 40;
/// Bytes of a task's number.
const STOP_BYTES: usize = 20;

/// Something that the other servers on the store have to know at once.
#[derive(Debug, Clone)]
pub(crate) enum Signal {
    /// A task may be due, or may be taken, earlier than a server thinks.
    Due,
    /// This server holds tasks: somebody has to see when it dies.
    Holding,
    /// The code of a task has to end, wherever it runs.
    Stop(TaskSeq),
    /// Numbers of instances may have changed.
    Scale,
    /// A task changed or its log grew.
    Changed(Change),
    /// Something of the above could not be told.
    Missed,
}

/// A change as it is sent: region, service, function, id, state, new.
type SentChange = (Region, ServiceName, FunctionName, TaskId, TaskStatus, bool);

/// Several signals as they are sent; a member that an older server does not know is passed over by it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Message {
    /// Name of the server's life.
    pub(crate) from: String,
    /// Whoever hears this answers.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) ask: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) due: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) holds: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) scale: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) missed: bool,
    /// The server ends: the tasks that it held are lost at once.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) left: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) stops: Vec<TaskSeq>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changes: Vec<SentChange>,
}

fn is_false(flag: &bool) -> bool {
    !*flag
}

impl Message {
    /// The changes that it tells of, in order.
    pub(crate) fn changes(&mut self) -> impl Iterator<Item = Change> {
        std::mem::take(&mut self.changes).into_iter().map(|(region, service, function, id, status, is_new)| Change {
            task: FunctionRef { region, service, function }.task(id),
            status,
            is_new,
        })
    }

    /// The message as one text that fits; what does not fit becomes `missed`.
    fn text(mut self) -> String {
        let text = encoded(&self);
        if text.len() <= SIGNAL_BYTES_MAX {
            return text;
        }
        self.give_up();
        encoded(&self)
    }

    fn give_up(&mut self) {
        self.missed = true;
        self.stops.clear();
        self.changes.clear();
    }
}

fn encoded(message: &Message) -> String {
    // Numbers, flags and texts: nothing that JSON can't hold.
    serde_json::to_string(message).unwrap_or_default()
}

/// Another server.
#[derive(Debug)]
struct Other {
    heard: UnixMillis,
    asked: Option<UnixMillis>,
}

#[derive(Debug, Default)]
struct State {
    told: Message,
    /// About as long as `told` is as a text.
    bytes: usize,
    /// True when `told` has to be sent even if no other server is known.
    must_send: bool,
    others: HashMap<String, Other>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    has_others: AtomicBool,
    is_hearing: AtomicBool,
    more: Notify,
    ended: CancellationToken,
}

/// The signals to send. Cheap to clone, and to use while this is the only server: nothing is gathered then.
#[derive(Debug, Clone, Default)]
pub(crate) struct Signals {
    shared: Arc<Shared>,
}

impl Signals {
    fn state<T>(&self, f: impl FnOnce(&mut State) -> T) -> T {
        f(&mut self.shared.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// True when another server is there to be told something.
    pub(crate) fn has_others(&self) -> bool {
        self.shared.has_others.load(Ordering::Relaxed)
    }

    /// True while what other servers tell is heard.
    pub(crate) fn is_hearing(&self) -> bool {
        self.shared.is_hearing.load(Ordering::Relaxed)
    }

    /// Remembers whether what other servers tell is heard.
    pub(crate) fn set_hearing(&self, is_hearing: bool) {
        self.shared.is_hearing.store(is_hearing, Ordering::Relaxed);
    }

    /// Tells the others, with whatever else is being told; nothing when there are none.
    pub(crate) fn tell(&self, signal: Signal) {
        if self.has_others() {
            self.state(|state| state.add(signal));
            self.shared.more.notify_one();
        }
    }

    /// The place of a server among those that are known, by name and from 0, and their number.
    pub(crate) fn place(&self, of: &str) -> (u32, u32) {
        let count = |others: &HashMap<String, Other>, f: &dyn Fn(&str) -> bool| {
            u32::try_from(others.keys().filter(|name| f(name)).count()).unwrap_or(u32::MAX - 1)
        };
        self.state(|state| (count(&state.others, &|name| name < of), count(&state.others, &|_| true) + 1))
    }

    /// Looks with the next message, which is sent now, whether the others are still there.
    pub(crate) fn review(&self) {
        self.state(|state| state.must_send = true);
        self.shared.more.notify_one();
    }

    /// Asks who else is there.
    pub(crate) fn ask(&self) {
        self.state(|state| (state.told.ask, state.must_send) = (true, true));
        self.shared.more.notify_one();
    }

    /// Remembers that another server was heard; true when it was not known before. One that asks is answered.
    pub(crate) fn heard(&self, message: &Message, now: UnixMillis) -> bool {
        let is_new = self.state(|state| {
            let is_new = if message.left {
                state.others.remove(&message.from);
                false
            } else {
                state.others.insert(message.from.clone(), Other { heard: now, asked: None }).is_none()
            };
            state.must_send |= message.ask;
            self.shared.has_others.store(!state.others.is_empty(), Ordering::Relaxed);
            is_new
        });
        if message.ask {
            self.shared.more.notify_one();
        }
        is_new
    }

    /// Returns when there may be something to send.
    pub(crate) async fn more(&self) {
        self.shared.more.notified().await;
    }

    /// What is to be sent now, as a text of at most [`SIGNAL_BYTES_MAX`]; `None` when there is nothing or nobody to tell it to.
    pub(crate) fn take(&self, from: &str, now: UnixMillis) -> Option<String> {
        let told = self.state(|state| {
            state.review_others(now);
            self.shared.has_others.store(!state.others.is_empty(), Ordering::Relaxed);
            state.bytes = 0;
            let told = std::mem::take(&mut state.told);
            let is_wanted = std::mem::take(&mut state.must_send) || told != Message::default() && !state.others.is_empty();
            is_wanted.then_some(told)
        })?;
        Some(Message { from: from.to_owned(), ..told }.text())
    }

    /// The last message of this server; nothing is sent after it.
    pub(crate) fn last(&self, from: &str, now: UnixMillis) -> Option<String> {
        self.shared.ended.cancel();
        self.state(|state| state.told.left = true);
        self.take(from, now)
    }

    /// Returns when the last message is being sent.
    pub(crate) async fn ended(&self) {
        self.shared.ended.cancelled().await;
    }
}

impl State {
    fn add(&mut self, signal: Signal) {
        match signal {
            Signal::Due => self.told.due = true,
            Signal::Holding => self.told.holds = true,
            Signal::Scale => self.told.scale = true,
            Signal::Missed => self.told.give_up(),
            // Whoever reads everything again sees these too.
            Signal::Stop(_) | Signal::Changed(_) if self.told.missed => {}
            Signal::Stop(seq) => {
                self.bytes += STOP_BYTES;
                self.told.stops.push(seq);
            }
            Signal::Changed(Change { task, status, is_new }) => {
                let FunctionRef { region, service, function } = task.function;
                let names = [region.as_str(), service.as_str(), function.as_str(), task.id.as_str()];
                self.bytes += CHANGE_BYTES + names.iter().map(|name| name.len()).sum::<usize>();
                self.told.changes.push((region, service, function, task.id, status, is_new));
            }
        }
        if self.bytes > SIGNAL_BYTES_MAX - FIXED_BYTES {
            self.told.give_up();
        }
    }

    /// Forgets servers that have not answered and asks those that were not heard for long.
    fn review_others(&mut self, now: UnixMillis) {
        self.others.retain(|_, other| other.asked.is_none_or(|asked| now.since(asked) <= ANSWER_WITHIN_MS));
        for other in self.others.values_mut().filter(|other| other.asked.is_none() && now.since(other.heard) > ASK_AFTER_MS) {
            other.asked = Some(now);
            self.told.ask = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_000_000);

    fn change(id: &str) -> Signal {
        let function = FunctionRef {
            region: Region::from_stored("r"),
            service: ServiceName::from_stored("s"),
            function: FunctionName::from_stored("f"),
        };
        Signal::Changed(Change { task: function.task(TaskId::from_stored(id)), status: TaskStatus::Running, is_new: false })
    }

    fn hello(from: &str) -> Message {
        Message { from: from.to_owned(), ..Message::default() }
    }

    fn taken(signals: &Signals, now: UnixMillis) -> Option<Message> {
        let text = signals.take("me", now)?;
        assert!(text.len() <= SIGNAL_BYTES_MAX, "{} bytes", text.len());
        Some(serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn a_server_that_is_alone_tells_nobody() {
        let signals = Signals::default();
        signals.tell(Signal::Due);
        signals.tell(change("a"));
        assert_eq!(signals.take("me", NOW), None);
        signals.ask();
        assert_eq!(signals.take("me", NOW).unwrap(), r#"{"from":"me","ask":true}"#);
        assert!(signals.heard(&hello("you"), NOW));
        assert!(!signals.heard(&hello("you"), NOW));
        signals.tell(Signal::Due);
        signals.heard(&Message { left: true, ..hello("you") }, NOW);
        assert_eq!(signals.take("me", NOW), None);
    }

    #[test]
    fn what_is_told_together_is_one_message_in_order() {
        let signals = Signals::default();
        signals.heard(&hello("you"), NOW);
        [Signal::Due, Signal::Stop(7), change("a"), Signal::Due, change("b")].into_iter().for_each(|signal| signals.tell(signal));
        let mut message = taken(&signals, NOW).unwrap();
        assert_eq!(message.changes().map(|change| change.task.id.to_string()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(message, Message { from: "me".to_owned(), due: true, stops: vec![7], ..Message::default() });
        assert_eq!(signals.take("me", NOW), None);
    }

    #[test]
    fn what_does_not_fit_is_told_as_missed() {
        let check = |count: usize, id: &str, is_missed: bool| {
            let signals = Signals::default();
            signals.heard(&hello("you"), NOW);
            (0..count).for_each(|_| signals.tell(change(id)));
            signals.tell(Signal::Due);
            let mut message = taken(&signals, NOW).unwrap();
            assert_eq!((message.missed, message.due), (is_missed, true), "{count} of {id}");
            assert_eq!(message.changes().count(), if is_missed { 0 } else { count });
        };
        check(100, "a-task", false);
        check(1_000, "a-task", true);
        // A text that JSON makes six times as long.
        check(100, &"\u{1}".repeat(30), true);
    }

    #[test]
    fn a_server_that_is_silent_is_asked_and_forgotten() {
        let signals = Signals::default();
        signals.heard(&hello("you"), NOW);
        let at = |s: i64| NOW.plus_ms(s * 1_000);
        let tell = |s: i64| {
            signals.tell(Signal::Due);
            taken(&signals, at(s)).map(|message| message.ask)
        };
        assert_eq!((tell(1), tell(29)), (Some(false), Some(false)));
        // However long nothing was to be told, it counts as there until it was asked.
        assert_eq!(tell(3_000), Some(true));
        signals.heard(&hello("you"), at(3_001));
        assert_eq!((tell(3_011), tell(3_032), tell(3_040)), (Some(false), Some(true), Some(false)));
        assert_eq!(tell(3_043), None);
        assert!(!signals.has_others());
    }

    #[test]
    fn i4_2_each_server_knows_its_place_among_those_it_knows() {
        let signals = Signals::default();
        assert_eq!(signals.place("m"), (0, 1));
        ["a", "z", "b"].into_iter().for_each(|name| _ = signals.heard(&hello(name), NOW));
        assert_eq!((signals.place("m"), signals.place("0")), ((2, 4), (0, 4)));
        signals.heard(&Message { left: true, ..hello("a") }, NOW);
        assert_eq!(signals.place("m"), (1, 3));
    }

    #[test]
    fn i4_2_a_look_at_who_is_there_asks_those_who_are_silent() {
        let signals = Signals::default();
        signals.heard(&hello("you"), NOW);
        signals.review();
        assert_eq!(taken(&signals, NOW).map(|message| message.ask), Some(false));
        signals.review();
        assert_eq!(taken(&signals, NOW.plus_ms(40_000)).map(|message| message.ask), Some(true));
    }

    #[test]
    fn who_asks_is_answered_even_with_nothing_to_tell() {
        let signals = Signals::default();
        signals.heard(&Message { ask: true, ..hello("you") }, NOW);
        assert_eq!(taken(&signals, NOW), Some(hello("me")));
    }
}
