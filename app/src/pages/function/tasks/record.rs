//! What list and details show of a task, and in which words.

#[cfg(feature = "ssr")]
use model::Task;
use model::{FunctionName, FunctionRef, InstanceId, Region, RequestId, ServiceName, TaskId, TaskStatus, UnixMillis, format};
use serde::{Deserialize, Serialize};

/// A task without its event, result and history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    pub id: TaskId,
    /// `service/function` in the list of a region; empty where all tasks are of one function.
    pub of: String,
    pub status: TaskStatus,
    pub request_id: RequestId,
    pub instance_id: Option<InstanceId>,
    pub submitted_at: UnixMillis,
    pub due_at: UnixMillis,
    /// When its first attempt began.
    pub started_at: Option<UnixMillis>,
    pub ended_at: Option<UnixMillis>,
    pub next_run_at: Option<UnixMillis>,
    /// Attempts begun.
    pub attempt: u32,
    pub retried: u32,
    pub max_retries: u32,
    /// The last error in one line; empty when there is none.
    pub error: String,
    /// It holds an HTTP request and no event.
    pub is_http: bool,
}

impl Record {
    /// What the list shows of a task.
    #[cfg(feature = "ssr")]
    pub(super) fn of(task: &Task) -> Self {
        Self {
            id: task.id.clone(),
            of: String::new(),
            status: task.status,
            request_id: task.request_id.clone(),
            instance_id: task.instance_id.clone(),
            submitted_at: task.submitted_at,
            due_at: task.due_at,
            started_at: (task.attempt > 0).then_some(task.started_at),
            ended_at: task.ended_at,
            next_run_at: task.next_run_at,
            attempt: task.attempt,
            retried: task.retried,
            max_retries: task.max_retries,
            error: super::error_text::ErrorText::read(&task.error_kind, &task.error_message).line(),
            is_http: task.http.is_some(),
        }
    }

    /// What the list of a region shows of a task.
    #[cfg(feature = "ssr")]
    pub(super) fn of_region(task: &Task) -> Self {
        Self { of: format!("{}/{}", task.function.service, task.function.function), ..Self::of(task) }
    }

    /// Whose it is, in the list of a region.
    pub(super) fn function_in(&self, region: Region) -> FunctionRef {
        let (service, function) = self.of.split_once('/').unwrap_or_default();
        FunctionRef { region, service: ServiceName::from_stored(service), function: FunctionName::from_stored(function) }
    }

    /// What it is known by in its list: in that of a region `service/function/id`, as an address has it.
    pub(super) fn key(&self) -> String {
        if self.of.is_empty() { self.id.to_string() } else { format!("{}/{}", self.of, self.id) }
    }

    /// True when the record changes with every second that passes.
    pub(super) fn counts(&self) -> bool {
        !self.status.is_terminal()
    }

    /// Milliseconds from its first attempt's start to its end, so far if it has none.
    pub(super) fn lasted_ms(&self, now: UnixMillis) -> Option<i64> {
        Some(self.ended_at.unwrap_or(now).since(self.started_at?).max(0))
    }

    /// `lasted_ms` in words: exact when it is over, in whole seconds while it counts.
    pub(super) fn lasted(&self, now: UnixMillis) -> String {
        match self.lasted_ms(now) {
            None => "–".to_owned(),
            Some(ms) if self.counts() => whole_seconds(ms),
            Some(ms) => format::duration_ms(ms),
        }
    }

    /// What the state's word leaves open, in a few words (`look.md`, states).
    pub(super) fn note(&self, now: UnixMillis) -> String {
        match self.status {
            TaskStatus::Enqueued if self.due_at > now => t!("starts in {length}", length = whole_seconds(self.due_at.since(now))),
            TaskStatus::Enqueued => t!("for {length}", length = whole_seconds(now.since(self.due_at))),
            TaskStatus::Running if self.attempt > 1 => t!("attempt {n}", n = self.attempt),
            TaskStatus::Retrying => self.next_attempt(now),
            TaskStatus::Failed | TaskStatus::Invalid => self.error.clone(),
            _ => String::new(),
        }
    }

    /// Which retry comes, and when.
    pub(super) fn next_attempt(&self, now: UnixMillis) -> String {
        let wait = self.next_run_at.map(|at| at.since(now)).filter(|ms| *ms >= 1_000);
        let next = wait.map_or_else(|| t!("next now").to_owned(), |ms| t!("next in {length}", length = whole_seconds(ms)));
        // An attempt lost with its server is repeated without being counted.
        if self.retried == 0 { next } else { t!("{retries}, {next}", retries = self.retries(), next) }
    }

    /// Retries done of those allowed.
    pub(super) fn retries(&self) -> String {
        t!("{retried} of {most}", retried = self.retried, most = self.max_retries)
    }
}

/// A length that counts: `14 s`, `1 min 14 s`, `2 h 05 min`.
pub(super) fn whole_seconds(ms: i64) -> String {
    let s = ms.max(0) / 1_000;
    if s < 60 { format!("{s} s") } else { format::duration_ms(s * 1_000) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(status: TaskStatus) -> Record {
        Record {
            id: TaskId::from_stored("job-7"),
            of: String::new(),
            status,
            request_id: RequestId::from_stored("8b1f"),
            instance_id: None,
            submitted_at: UnixMillis(0),
            due_at: UnixMillis(0),
            started_at: None,
            ended_at: None,
            next_run_at: None,
            attempt: 0,
            retried: 0,
            max_retries: 3,
            error: String::new(),
            is_http: false,
        }
    }

    #[test]
    fn notes_say_what_the_state_leaves_open() {
        let now = UnixMillis(10_500);
        let check = |record: Record, note: &str| assert_eq!(record.note(now), note, "{record:?}");
        check(record(TaskStatus::Enqueued), "for 10 s");
        check(Record { due_at: UnixMillis(70_500), ..record(TaskStatus::Enqueued) }, "starts in 1 min 00 s");
        check(Record { attempt: 1, ..record(TaskStatus::Running) }, "");
        check(Record { attempt: 2, ..record(TaskStatus::Running) }, "attempt 2");
        let retrying = Record { retried: 2, next_run_at: Some(UnixMillis(14_600)), ..record(TaskStatus::Retrying) };
        check(retrying.clone(), "2 of 3, next in 4 s");
        check(Record { retried: 0, next_run_at: Some(now), ..retrying }, "next now");
        check(Record { error: "ValueError: boom".to_owned(), ..record(TaskStatus::Failed) }, "ValueError: boom");
        check(record(TaskStatus::Succeeded), "");
    }

    #[test]
    fn sc17_a_task_of_a_region_is_known_by_its_function_too() {
        let (region, one) = (Region::from_stored("r"), record(TaskStatus::Running));
        assert_eq!(one.key(), "job-7");
        let of_region = Record { of: "demo/ev-hello".to_owned(), ..one };
        assert_eq!(
            (of_region.key().as_str(), of_region.function_in(region).to_string().as_str()),
            ("demo/ev-hello/job-7", "r/demo/ev-hello")
        );
    }

    #[test]
    fn c39_running_time_counts_and_a_finished_one_is_exact() {
        let check = |record: Record, text: &str| assert_eq!(record.lasted(UnixMillis(75_900)), text, "{record:?}");
        check(record(TaskStatus::Enqueued), "–");
        let running = Record { started_at: Some(UnixMillis(1_000)), ..record(TaskStatus::Running) };
        check(running.clone(), "1 min 14 s");
        check(Record { ended_at: Some(UnixMillis(2_204)), status: TaskStatus::Succeeded, ..running }, "1.204 s");
    }
}
