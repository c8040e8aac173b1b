//! Logs of the requests that one instance serves at once.
//!
//! A line is of the request whose number stands in front of it, else of the only one that runs, else of the one whose id it has in its text,
//! else of the one that began last. The instance's own log gets what is written while none runs, and keeps track of its streams for all.

use super::{LogBook, State, is_own_mark};
use crate::lines::Piece;
use engine::{clock::Clock, ports::LogSink};
use model::{FunctionRef, InstanceId, LogLine, LogStream, RequestId, UnixMillis};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The requests that run, by their number.
#[derive(Default)]
pub(super) struct Guests {
    running: Mutex<BTreeMap<u32, Guest>>,
}

struct Guest {
    request: RequestId,
    book: Arc<LogBook>,
    /// The end of what it wrote has been read from stdout, and from stderr.
    marked: [bool; 2],
}

impl Guests {
    fn running(&self) -> MutexGuard<'_, BTreeMap<u32, Guest>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The number of the request that an unmarked line is of.
fn owner(running: &BTreeMap<u32, Guest>, text: &str) -> Option<u32> {
    let last = *running.keys().next_back()?;
    if running.len() == 1 {
        return Some(last);
    }
    let named = running.iter().find(|(_, guest)| text.contains(guest.request.as_str()));
    Some(named.map_or(last, |(number, _)| *number))
}

impl LogBook {
    /// The log of an instance that serves several requests at once.
    pub(crate) fn shared(
        function: FunctionRef,
        instance: InstanceId,
        sink: Arc<dyn LogSink>,
        clock: Arc<dyn Clock>,
        bytes_max: usize,
    ) -> Arc<Self> {
        Arc::new(Self::with_guests(function, instance, sink, clock, bytes_max, Some(Guests::default())))
    }

    /// Opens a log for a request that begins. What was written while the instance was started for it stands at its beginning.
    pub(crate) async fn enter(&self, number: u32, request: &RequestId) -> Arc<Self> {
        // What is being stored of the start is stored before the rest of it.
        let _storing = self.storing.lock().await;
        let mut state = self.state();
        let book =
            Self::new(self.function.clone(), self.instance.clone(), Arc::clone(&self.sink), Arc::clone(&self.clock), state.bytes_max);
        if state.request.as_ref() == Some(request) {
            let fresh = State { marks: state.marks, ..State::new(state.bytes_max) };
            *book.state() = std::mem::replace(&mut *state, fresh);
        } else {
            book.begin(request);
        }
        drop(state);
        if let Some(guests) = &self.guests {
            let guest = Guest { request: request.clone(), book: Arc::clone(&book), marked: [false; 2] };
            guests.running().insert(number, guest);
        }
        book
    }

    /// A request has ended: what comes now is not for its log.
    pub(crate) fn leave(&self, number: u32) {
        if let Some(guests) = &self.guests {
            guests.running().remove(&number);
        }
    }

    /// Has the platform's lines of a request stored in time, which its own log knows nothing of.
    pub(crate) fn hint(&self) {
        self.waiting.notify_one();
    }

    /// Waits until everything that this request wrote has been read; goes on after 200 ms when a stream has been diverted.
    pub(crate) async fn marked_by(&self, number: u32) {
        let Some(guests) = &self.guests else { return };
        self.wait_until(|| {
            let ended = self.state().marks.map(|seen| seen.ended);
            let running = guests.running();
            running.get(&number).is_none_or(|guest| guest.marked.iter().zip(ended).all(|(marked, ended)| *marked || ended))
        })
        .await;
    }

    pub(super) fn guest_books(&self) -> Vec<Arc<Self>> {
        self.guests.as_ref().map_or_else(Vec::new, |guests| guests.running().values().map(|guest| Arc::clone(&guest.book)).collect())
    }

    /// Hands what a stream gave to the logs of the requests that run, and leaves what is nobody's; true when a batch of one is full.
    pub(super) fn take_for_guests(&self, guests: &Guests, stream: LogStream, at: UnixMillis, pieces: &mut Vec<Piece>) -> bool {
        let mut running = guests.running();
        let (mut is_marked, mut has_lines, mut is_full) = (false, false, false);
        let mut rest = Vec::new();
        for piece in pieces.drain(..) {
            let number = match &piece {
                Piece::LineOf(number, _) | Piece::Mark(number) if running.contains_key(number) => Some(*number),
                Piece::Mark(_) => None,
                Piece::Line(text) | Piece::LineOf(_, text) => owner(&running, text),
            };
            let Some(guest) = number.and_then(|number| running.get_mut(&number)) else {
                rest.push(piece);
                continue;
            };
            match piece {
                Piece::Mark(_) => {
                    let [stdout, stderr] = &mut guest.marked;
                    *if stream == LogStream::Stderr { stderr } else { stdout } = true;
                    is_marked = true;
                }
                Piece::Line(text) | Piece::LineOf(_, text) => {
                    if !is_own_mark(&text, Some(&guest.request)) {
                        let mut state = guest.book.state();
                        state.push(LogLine::new(at, stream, text));
                        is_full |= state.is_full();
                        has_lines = true;
                    }
                }
            }
        }
        drop(running);
        *pieces = rest;
        if is_marked {
            self.progress.notify_waiters();
        }
        if has_lines {
            self.waiting.notify_one();
        }
        is_full
    }
}

#[cfg(test)]
mod tests {
    use super::super::Nowhere;
    use super::*;

    fn guests(ids: &[&str]) -> BTreeMap<u32, Guest> {
        let book = |id: &str| {
            let function = FunctionRef {
                region: model::Region::from_stored("r"),
                service: model::ServiceName::from_stored("s"),
                function: model::FunctionName::from_stored("f"),
            };
            let (instance, sink) = (InstanceId::from_stored("c-1"), Arc::new(Nowhere));
            let book = LogBook::new(function, instance, sink, Arc::new(engine::clock::SystemClock), 1_000);
            Guest { request: RequestId::from_stored(id), book, marked: [false; 2] }
        };
        ids.iter().zip(1..).map(|(id, number)| (number, book(id))).collect()
    }

    #[test]
    fn i4_a_line_without_a_number_is_of_who_is_named_or_alone_or_began_last() {
        assert_eq!(owner(&guests(&[]), "text"), None);
        assert_eq!(owner(&guests(&["a"]), "text"), Some(1));
        let three = guests(&["id-a", "id-b", "id-c"]);
        assert_eq!(owner(&three, "2026-01-01T00:00:00.000Z id-b [INFO] text"), Some(2));
        assert_eq!(owner(&three, "text"), Some(3));
    }
}
