//! A task's history as it is stored: one line per event, in the task's own row.

use crate::error::unreadable;
use model::{TaskEvent, TaskStatus, UnixMillis};

/// The line of one event. A line feed in the detail, which JSON has none of, becomes a space.
pub(crate) fn line(status: TaskStatus, at: UnixMillis, detail: &str) -> String {
    format!("{status} {} {}\n", at.0, detail.replace('\n', " "))
}

/// Reads the lines of a history; an event's number is its line's.
pub(crate) fn events(lines: &str) -> sqlx::Result<Vec<TaskEvent>> {
    (1..).zip(lines.split_terminator('\n')).map(|(id, line)| event(id, line).ok_or_else(|| unreadable("event", line))).collect()
}

fn event(id: u32, line: &str) -> Option<TaskEvent> {
    let mut words = line.splitn(3, ' ');
    let status = TaskStatus::parse(words.next()?)?;
    let at = UnixMillis(words.next()?.parse().ok()?);
    Some(TaskEvent { id, status, at, detail: words.next()?.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_round_trip() {
        let history = [
            (TaskStatus::Enqueued, ""),
            (TaskStatus::Running, r#"{"InstanceId":"c-1 2"}"#),
            (TaskStatus::Failed, r#"{"Message":"a\nb \u2028"}"#),
        ];
        let lines: String = (5..).zip(history).map(|(at, (status, detail))| line(status, UnixMillis(at), detail)).collect();
        let read = events(&lines).unwrap();
        let expected: Vec<TaskEvent> = (1..)
            .zip(history)
            .map(|(id, (status, detail))| TaskEvent { id, status, at: UnixMillis(i64::from(id) + 4), detail: detail.to_owned() })
            .collect();
        assert_eq!(read, expected);
        assert!(events("Running\n").is_err() && events("Dreaming 1 \n").is_err() && events("Running one \n").is_err());
    }
}
