//! The last few kilobytes of a request's log (`fc-api.md` 3.7).

use model::limits::LOG_TAIL_BYTES_MAX;

/// Keeps the end of what is pushed.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    bytes: Vec<u8>,
}

impl Tail {
    /// Appends a line.
    pub(crate) fn push(&mut self, line: &str) {
        self.bytes.extend_from_slice(line.as_bytes());
        self.bytes.push(b'\n');
        // Cutting at twice the size keeps the copying of a flood of lines linear.
        if self.bytes.len() > 2 * LOG_TAIL_BYTES_MAX {
            self.bytes.drain(..self.bytes.len() - LOG_TAIL_BYTES_MAX);
        }
    }

    /// The last bytes, from the first whole character on.
    pub(crate) fn text(&self) -> String {
        let from = self.bytes.len().saturating_sub(LOG_TAIL_BYTES_MAX);
        let kept = self.bytes.get(from..).unwrap_or_default();
        let broken = if from > 0 { kept.iter().take_while(|byte| (**byte & 0xC0) == 0x80).count() } else { 0 };
        String::from_utf8_lossy(kept.get(broken..).unwrap_or_default()).into_owned()
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_last_4_kb_in_whole_characters() {
        let mut tail = Tail::default();
        for n in 0..5_000 {
            tail.push(&format!("line {n} ä€😀"));
        }
        let text = tail.text();
        assert!(text.ends_with("line 4999 ä€😀\n"));
        assert!(text.len() <= LOG_TAIL_BYTES_MAX && text.len() > LOG_TAIL_BYTES_MAX - 4, "{}", text.len());
        assert!(!text.contains('\u{fffd}'));
    }

    #[test]
    fn short_logs_are_whole() {
        let mut tail = Tail::default();
        tail.push("a");
        tail.push("");
        assert_eq!(tail.text(), "a\n\n");
        tail.clear();
        assert_eq!(tail.text(), "");
    }
}
