//! What an instance uses: by its control group, or else what its main process says of itself.

use crate::{containment::Cgroup, process::Main};
use std::{fs, path::Path};

/// Clock ticks per second in `/proc/<pid>/stat`: fixed by the kernel's interface on every machine of ours.
const TICKS_PER_S: u64 = 100;

/// Memory and processor time of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Usage {
    pub(crate) memory_bytes: u64,
    pub(crate) memory_peak_bytes: u64,
    pub(crate) cpu_ms: u64,
}

impl Usage {
    /// Reads it; what can't be told is 0.
    pub(crate) fn of(cgroup: Option<&Cgroup>, main: Option<&Main>) -> Self {
        let own = main.map_or_else(Self::default, |main| Self::of_process(&main.path("status"), &main.path("stat")));
        let memory = cgroup.and_then(Cgroup::memory_bytes);
        let (memory_bytes, peak) = memory.unwrap_or((own.memory_bytes, own.memory_peak_bytes));
        let cpu_ms = cgroup.and_then(Cgroup::cpu_ms).unwrap_or(own.cpu_ms);
        Self { memory_bytes, memory_peak_bytes: peak.max(memory_bytes), cpu_ms }
    }

    fn of_process(status: &Path, stat: &Path) -> Self {
        let status = fs::read_to_string(status).unwrap_or_default();
        let bytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|rest| rest.split_ascii_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) * 1_024
        };
        let cpu_ms = ticks(&fs::read_to_string(stat).unwrap_or_default()) * 1_000 / TICKS_PER_S;
        Self { memory_bytes: bytes("VmRSS:"), memory_peak_bytes: bytes("VmHWM:"), cpu_ms }
    }
}

/// Ticks that a process and its reaped children have used, from its line in `stat`.
fn ticks(stat: &str) -> u64 {
    let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    rest.split_ascii_whitespace().skip(11).take(4).filter_map(|word| word.parse::<u64>().ok()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_counts_children() {
        assert_eq!(ticks("7 (a) b)) S 3 5 5 0 -1 4194304 1 2 3 4 10 20 3 4 20 0 1 0 9000"), 37);
        assert_eq!(ticks(""), 0);
    }

    #[test]
    fn this_process_uses_memory() {
        let usage = Usage::of_process("/proc/self/status".as_ref(), "/proc/self/stat".as_ref());
        assert!(usage.memory_bytes > 0 && usage.memory_peak_bytes >= usage.memory_bytes, "{usage:?}");
    }
}
