//! On the server: every catalogue, and the language of the request at hand.

use super::Language;
use crate::server::Console;
use leptos::prelude::with_context;
use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::future::poll_fn;
use std::hash::{DefaultHasher, Hasher};
use std::pin::pin;
use std::sync::LazyLock;

/// What `languages/*.json` holds.
#[derive(serde::Deserialize)]
pub(super) struct Catalogue {
    /// The console's own words.
    pub(super) words: BTreeMap<String, String>,
    /// Messages of the engine, with `{}` for what differs.
    pub(super) messages: BTreeMap<String, String>,
}

static CHINESE: LazyLock<Catalogue> = LazyLock::new(|| {
    // A test reads it: a broken file does not get as far as this.
    let read = serde_json::from_str(include_str!("../../languages/zh-CN.json"));
    read.unwrap_or_else(|_| Catalogue { words: BTreeMap::new(), messages: BTreeMap::new() })
});

/// The Chinese words by their English ones: looked up some hundred times for a page.
static CHINESE_WORDS: LazyLock<HashMap<&'static str, &'static str>> =
    LazyLock::new(|| CHINESE.words.iter().map(|(english, chinese)| (english.as_str(), chinese.as_str())).collect());

thread_local! {
    /// That of the request which this thread works on now.
    static LANGUAGE: Cell<Option<Language>> = const { Cell::new(None) };
}

/// Puts the language back that was in force before, also after a panic.
struct Restore(Option<Language>);

impl Drop for Restore {
    fn drop(&mut self) {
        LANGUAGE.set(self.0);
    }
}

/// Runs what answers a request in the request's language, on whichever threads it goes on.
pub async fn within<F: Future>(language: Language, answer: F) -> F::Output {
    let mut answer = pin!(answer);
    poll_fn(|context| {
        let _restore = Restore(LANGUAGE.replace(Some(language)));
        answer.as_mut().poll(context)
    })
    .await
}

/// The language of the request at hand. What Leptos runs in tasks of its own has the request's context only.
fn current() -> Language {
    LANGUAGE.get().or_else(|| with_context::<Console, _>(|console| console.language)).unwrap_or_default()
}

/// The catalogue for browsers: a line each of English, a tab, and the other words, sorted as the browser compares them.
pub fn file(language: Language) -> String {
    match language {
        Language::English => String::new(),
        Language::SimplifiedChinese => CHINESE.words.iter().map(|(english, chinese)| format!("{english}\t{chinese}\n")).collect(),
    }
}

/// Changes whenever the catalogue does.
pub fn version(language: Language) -> String {
    static CHINESE_VERSION: LazyLock<String> = LazyLock::new(|| {
        let mut hasher = DefaultHasher::new();
        hasher.write(file(Language::SimplifiedChinese).as_bytes());
        format!("{:016x}", hasher.finish())
    });
    match language {
        Language::English => String::new(),
        Language::SimplifiedChinese => CHINESE_VERSION.clone(),
    }
}

pub(super) fn find(english: &str) -> Option<&'static str> {
    match current() {
        Language::English => None,
        Language::SimplifiedChinese => CHINESE_WORDS.get(english).copied(),
    }
}

pub(super) fn find_message(english: &str) -> Option<String> {
    match current() {
        Language::English => None,
        Language::SimplifiedChinese => {
            CHINESE.messages.iter().find_map(|(pattern, chinese)| Some(place(chinese, &parts(pattern, english)?)))
        }
    }
}

/// What stands at the `{}` of a pattern in a text that fits it.
pub(super) fn parts<'a>(pattern: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let mut fixed = pattern.split("{}");
    let mut rest = text.strip_prefix(fixed.next()?)?;
    let mut fixed = fixed.peekable();
    let mut found = Vec::new();
    while let Some(next) = fixed.next() {
        let at = if fixed.peek().is_none() { rest.strip_suffix(next)?.len() } else { rest.find(next)? };
        found.push(rest.get(..at)?);
        rest = rest.get(at + next.len()..)?;
    }
    rest.is_empty().then_some(found)
}

/// Puts the parts in the places of `{}`, or of `{1}`, `{2}` where the order differs.
pub(super) fn place(chinese: &str, parts: &[&str]) -> String {
    let (mut text, mut rest, mut next) = (String::new(), chinese, 0);
    while let Some((before, after)) = rest.split_once('{') {
        let (number, after) = after.split_once('}').unwrap_or((after, ""));
        next += 1;
        let index = number.parse::<usize>().unwrap_or(next).saturating_sub(1);
        text.push_str(before);
        text.push_str(parts.get(index).unwrap_or(&""));
        rest = after;
    }
    text.push_str(rest);
    text
}
