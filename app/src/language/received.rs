//! In the browser: what the server sent.

use std::sync::OnceLock;

/// English and the user's words, sorted by the English; empty for English.
static WORDS: OnceLock<Vec<(&'static str, &'static str)>> = OnceLock::new();

/// Keeps the catalogue that the page has fetched: a line each of English, a tab, and the other words, sorted.
pub fn receive(lines: String) {
    // It lives as long as the page.
    let lines: &'static str = lines.leak();
    _ = WORDS.set(lines.lines().filter_map(|line| line.split_once('\t')).collect());
}

pub(super) fn find(english: &str) -> Option<&'static str> {
    let words = WORDS.get()?;
    let place = words.binary_search_by(|(known, _)| (*known).cmp(english)).ok()?;
    words.get(place).map(|(_, other)| *other)
}

/// What the engine says has been put into words by the server.
pub(super) fn find_message(_english: &str) -> Option<String> {
    None
}
