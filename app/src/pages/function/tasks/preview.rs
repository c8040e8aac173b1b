//! Payloads as the page shows them: readable, not too long, and saying what is missing.

use model::format;
use serde::{Deserialize, Serialize};

/// Bytes of a payload that a page shows; the whole is a download away.
#[cfg(feature = "ssr")]
const SHOWN_BYTES_MAX: usize = 128 * 1024;

/// A payload for reading.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Preview {
    /// The text, indented when it is JSON.
    pub text: String,
    /// Bytes of the payload that the text stands for.
    pub shown_bytes: u64,
    /// Bytes that are stored.
    pub kept_bytes: u64,
    /// Bytes that there were.
    pub whole_bytes: u64,
    /// False when bytes that are no UTF-8 had to be replaced.
    pub is_text: bool,
}

impl Preview {
    /// A preview of what is stored of a payload of `whole_bytes`.
    #[cfg(feature = "ssr")]
    pub(crate) fn of(kept: &[u8], whole_bytes: u64) -> Self {
        let cut = kept.len().min(SHOWN_BYTES_MAX);
        let shown = kept.get(..cut).unwrap_or(kept);
        let (text, is_text) = match std::str::from_utf8(shown) {
            Ok(text) => (text.to_owned(), true),
            // A cut within a character is no fault of the payload.
            Err(error) if cut < kept.len() && error.error_len().is_none() => {
                (String::from_utf8_lossy(shown).trim_end_matches('\u{fffd}').to_owned(), true)
            }
            Err(_) => (String::from_utf8_lossy(shown).into_owned(), false),
        };
        let is_json = cut == kept.len() && text.starts_with(['{', '[']) && crate::ui::json::problem(&text).is_none();
        let text = if is_json { crate::ui::json::indent(&text) } else { text };
        Self { text, shown_bytes: cut as u64, kept_bytes: kept.len() as u64, whole_bytes, is_text }
    }

    /// What is missing or changed, one sentence each.
    pub(crate) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.kept_bytes < self.whole_bytes {
            notes.push(t!(
                "Cut: the first {kept} of {whole} were kept.",
                kept = size_words(self.kept_bytes),
                whole = size_words(self.whole_bytes)
            ));
        }
        if self.shown_bytes < self.kept_bytes {
            notes.push(t!(
                "Shown are the first {shown} of {kept}.",
                shown = size_words(self.shown_bytes),
                kept = size_words(self.kept_bytes)
            ));
        }
        if !self.is_text {
            notes.push(t!("These bytes are no UTF-8 text; what can't be read is shown as �.").to_owned());
        }
        notes
    }
}

/// A size with its unit in the user's words: those of `format::bytes` in English.
pub(crate) fn size_words(n: u64) -> String {
    match n {
        1 => t!("1 byte").to_owned(),
        0..1024 => t!("{n} bytes", n),
        _ => format::bytes(n),
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn c73_previews_say_what_is_missing() {
        let check = |bytes: &[u8], whole: u64, text: &str, notes: &[&str]| {
            let preview = Preview::of(bytes, whole);
            assert_eq!((preview.text.as_str(), preview.notes()), (text, notes.iter().map(ToString::to_string).collect()));
        };
        check(b"", 0, "", &[]);
        check(b"plain <b>", 9, "plain <b>", &[]);
        check(br#"{"a":1}"#, 7, "{\n  \"a\": 1\n}", &[]);
        check(b"[1, ", 4, "[1, ", &[]);
        check(b"ab", 2_000, "ab", &["Cut: the first 2 bytes of 2 KB were kept."]);
        check(b"\xff", 1, "\u{fffd}", &["These bytes are no UTF-8 text; what can't be read is shown as �."]);
    }

    #[test]
    fn a_long_payload_is_cut_between_characters() {
        let long = "ü".repeat(SHOWN_BYTES_MAX);
        let preview = Preview::of(&[b"a", long.as_bytes()].concat(), 1 + long.len() as u64);
        assert!(preview.is_text && preview.text.ends_with('ü'));
        assert_eq!(preview.notes(), ["Shown are the first 128 KB of 256 KB."]);
    }
}
