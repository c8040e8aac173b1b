//! The platform's summary at the end of a request's log, read back into figures (`fc-api.md` 3.7).

use serde::{Deserialize, Serialize};

/// What one execution took.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RunFigures {
    pub duration_ms: f64,
    /// The duration in whole milliseconds, rounded up.
    pub billed_ms: u64,
    /// Megabytes that the function is configured with.
    pub memory_mb: u64,
    /// The most that its processes had at once, in megabytes.
    pub peak_memory_mb: f64,
}

impl RunFigures {
    /// Reads the last summary in a log; `None` when there is none.
    pub fn of_log(log: &str) -> Option<Self> {
        log.lines().rev().find_map(Self::of_line)
    }

    fn of_line(line: &str) -> Option<Self> {
        // A log line may begin with its time.
        let mut rest = line.get(line.find("Duration: ")?..)?;
        let mut next = |name: &str, unit: &str| {
            let (value, after) = rest.strip_prefix(name)?.split_once(unit)?;
            rest = after.strip_prefix(", ").unwrap_or(after);
            Some(value)
        };
        Some(Self {
            duration_ms: next("Duration: ", " ms")?.parse().ok()?,
            billed_ms: next("Billed Duration: ", " ms")?.parse().ok()?,
            memory_mb: next("Memory Size: ", " MB")?.parse().ok()?,
            peak_memory_mb: next("Max Memory Used: ", " MB")?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c76_the_summary_is_read_from_the_end_of_the_log() {
        let line = "Duration: 1.54 ms, Billed Duration: 2 ms, Memory Size: 128 MB, Max Memory Used: 14.74 MB";
        let figures = RunFigures { duration_ms: 1.54, billed_ms: 2, memory_mb: 128, peak_memory_mb: 14.74 };
        let check = |log: &str, expected: Option<RunFigures>| assert_eq!(RunFigures::of_log(log), expected, "{log}");
        check(&format!("hello\n{line}\n"), Some(figures));
        check(&format!("hello\n2026-11-24T12:01:05Z {line}"), Some(figures));
        // The platform's words come after the function's own.
        check(&format!("Duration: 9 ms, Billed Duration: 9 ms, Memory Size: 9 MB, Max Memory Used: 9 MB\n{line}\nend"), Some(figures));
        check("Duration: a lot", None);
        check("Duration: 1.5 ms, Billed Duration: 2 ms", None);
        check("", None);
    }
}
