//! The one state machine: which event takes a task from which state to which.
//!
//! The engine writes a status only as `next` allows, and the console offers an action only where `next` has a row.

use crate::TaskStatus;

/// What can happen to a task after it was accepted as `Enqueued`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// A worker took it from the queue.
    Dequeued,
    /// An instance begins its code.
    Started,
    /// The code ended; `retry` tells whether a failed attempt is followed by another.
    Finished { ok: bool, retry: bool },
    /// The worker that ran it is gone; the attempt's outcome is unknown and is not counted as a retry.
    WorkerLost,
    /// The allowed wait passed before an attempt began.
    ValidityOver,
    /// Function, service or qualifier do not exist any more.
    FunctionGone,
    /// A user asked for a stop.
    StopAsked,
}

impl Event {
    /// Every event, for tables and walks.
    pub const ALL: [Event; 9] = [
        Event::Dequeued,
        Event::Started,
        Event::Finished { ok: true, retry: false },
        Event::Finished { ok: false, retry: true },
        Event::Finished { ok: false, retry: false },
        Event::WorkerLost,
        Event::ValidityOver,
        Event::FunctionGone,
        Event::StopAsked,
    ];

    /// The event's name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Event::Dequeued => "dequeued",
            Event::Started => "started",
            Event::Finished { ok: true, .. } => "finished ok",
            Event::Finished { ok: false, retry: true } => "finished error, retry",
            Event::Finished { ok: false, retry: false } => "finished error, last",
            Event::WorkerLost => "worker lost",
            Event::ValidityOver => "validity over",
            Event::FunctionGone => "function gone",
            Event::StopAsked => "stop asked",
        }
    }
}

/// An event that the state does not allow; the caller has to look at the task anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{} is not possible in state {from}", event.name())]
pub struct Illegal {
    pub from: TaskStatus,
    pub event: Event,
}

/// The state that `event` leads to from `from` (`product.md` 3, `fc-api.md` 4.1).
pub fn next(from: TaskStatus, event: Event) -> Result<TaskStatus, Illegal> {
    use Event::*;
    use TaskStatus::*;
    Ok(match (from, event) {
        (Enqueued, Dequeued) => Processed,
        (Processed | Retrying, Started) => Running,
        (Enqueued | Processed, ValidityOver) => Expired,
        // It ran before, so it is not unrun: the last error stands (`product.md` 3).
        (Retrying, ValidityOver) => Failed,
        (Enqueued | Processed | Retrying, FunctionGone) => Invalid,
        (Enqueued | Processed | Retrying, StopAsked) => Stopped,
        (Running, StopAsked) => Stopping,
        (Running, Finished { ok: true, .. }) => Succeeded,
        (Running, Finished { ok: false, retry: true }) => Retrying,
        (Running, Finished { ok: false, retry: false }) => Failed,
        (Running, WorkerLost) => Retrying,
        (Stopping, Finished { .. } | WorkerLost) => Stopped,
        (from, event) => return Err(Illegal { from, event }),
    })
}

/// The state machine as a mermaid diagram, for the README.
pub fn mermaid() -> String {
    let mut text = String::from("stateDiagram-v2\n    [*] --> Enqueued: submitted\n");
    for from in TaskStatus::ALL {
        for to in TaskStatus::ALL {
            let names: Vec<&str> = Event::ALL.into_iter().filter(|event| next(from, *event) == Ok(to)).map(Event::name).collect();
            if !names.is_empty() {
                text.push_str(&format!("    {from} --> {to}: {}\n", names.join(" / ")));
            }
        }
        if from.is_terminal() {
            text.push_str(&format!("    {from} --> [*]\n"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn table_of_states_and_events() {
        let mut table = String::new();
        for from in TaskStatus::ALL {
            for event in Event::ALL {
                let to = next(from, event).map_or("-".to_owned(), |to| to.to_string());
                table.push_str(&format!("{from:<10} {:<22} {to}\n", event.name()));
            }
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn readme_shows_the_generated_diagram() {
        let readme = include_str!("../../../README.md");
        assert!(readme.contains(&mermaid()), "README.md must contain this diagram:\n{}", mermaid());
    }

    fn any_event() -> impl Strategy<Value = Event> {
        proptest::sample::select(Event::ALL.to_vec())
    }

    proptest! {
        #[test]
        fn final_states_absorb_and_every_walk_stays_legal(events in proptest::collection::vec(any_event(), 0..40)) {
            let mut status = TaskStatus::Enqueued;
            for event in events {
                match next(status, event) {
                    Ok(to) => {
                        prop_assert!(!status.is_terminal());
                        prop_assert_ne!(to, TaskStatus::Enqueued);
                        status = to;
                    }
                    Err(illegal) => prop_assert_eq!(illegal, Illegal { from: status, event }),
                }
            }
        }
    }

    #[test]
    fn every_state_is_reachable() {
        let mut seen = vec![TaskStatus::Enqueued];
        while let Some(more) =
            seen.iter().flat_map(|from| Event::ALL.into_iter().filter_map(|event| next(*from, event).ok())).find(|to| !seen.contains(to))
        {
            seen.push(more);
        }
        assert_eq!(seen.len(), TaskStatus::ALL.len(), "{seen:?}");
    }
}
