//! Every text of ours has its words, and every entry is a text of ours.

use super::catalogue::{Catalogue, parts, place};
use super::*;
use crate::notice::Notice;
use model::TaskStatus;
use std::collections::BTreeSet;
use std::path::Path;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

fn catalogue() -> Catalogue {
    serde_json::from_str(include_str!("../../languages/zh-CN.json")).unwrap()
}

/// The sources of the console.
fn sources(folder: &Path, texts: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, texts);
        } else if path.extension().is_some_and(|kind| kind == "rs")
            && !path.ends_with("language.rs")
            && !path.ends_with("language/tests.rs")
        {
            texts.push(std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// The literals that stand directly behind an opening.
fn literals(text: &str, opening: &str, found: &mut BTreeSet<String>) {
    for (at, _) in text.match_indices(opening) {
        // `format!(` ends like `t!(`.
        if text.get(..at).unwrap().ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
            continue;
        }
        let Some((english, rest)) = literal(text.get(at + opening.len()..).unwrap()) else { continue };
        // `t!("Failed" in "delivery")`.
        match rest.trim_start().strip_prefix("in ").and_then(literal) {
            Some((context, _)) => found.insert(format!("{english}\u{4}{context}")),
            None => found.insert(english),
        };
    }
}

/// The literal that a text begins with, and what follows it.
fn literal(text: &str) -> Option<(String, &str)> {
    let inside = text.trim_start().strip_prefix('"')?;
    let mut escaped = false;
    let end = inside.find(|c: char| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    })?;
    let literal = inside.get(..end)?.replace("\\\"", "\"").replace("\\n", "\n").replace("\\u{4}", "\u{4}").replace("\\\\", "\\");
    Some((literal, inside.get(end + 1..)?))
}

/// What the console can say.
fn texts_of_ours() -> BTreeSet<String> {
    let mut texts = Vec::new();
    for folder in ["src", "../server/src/web"] {
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut texts);
    }
    let mut found = BTreeSet::new();
    for text in &texts {
        for opening in ["t!(", "column(", "figures(", "words("] {
            literals(text, opening, &mut found);
        }
    }
    found.extend(Notice::ALL.iter().map(|notice| notice.text().to_owned()));
    found.extend(TaskStatus::ALL.iter().map(|status| status.as_str().to_owned()));
    found
}

#[test]
fn b25_every_text_has_its_chinese_words_and_every_entry_a_text() {
    let (catalogue, texts) = (catalogue(), texts_of_ours());
    assert!(texts.len() > 500, "the sources were not read");
    let missing: Vec<_> = texts.iter().filter(|text| !catalogue.words.contains_key(*text)).collect();
    let stale: Vec<_> = catalogue.words.keys().filter(|text| !texts.contains(*text)).collect();
    assert!(missing.is_empty() && stale.is_empty(), "languages/zh-CN.json lacks {missing:#?} and has for nothing {stale:#?}");
}

#[test]
fn b25_words_keep_the_values_and_fit_on_a_line() {
    let names =
        |text: &str| -> BTreeSet<String> { text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned())).collect() };
    for (english, chinese) in &catalogue().words {
        assert_eq!(names(english), names(chinese), "{english}");
        assert!(!chinese.trim().is_empty(), "{english}");
        assert!(!english.contains(['\t', '\n']) && !chinese.contains(['\t', '\n']), "the browser's catalogue has a line each: {english}");
    }
    for (pattern, chinese) in &catalogue().messages {
        let numbered = (1..9).filter(|n| chinese.contains(&format!("{{{n}}}"))).count();
        let placed = chinese.matches("{}").count() + numbered;
        assert_eq!(pattern.matches("{}").count(), placed, "{pattern}");
    }
}

#[test]
fn b25_a_word_with_a_context_has_its_own_words() {
    let say = || [t!("Failed"), t!("Failed" in "delivery"), words_in("Failed\u{4}bulk"), words_in("Unknown\u{4}here")];
    let said_in = |language| pin!(within(language, async { say() })).poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(said_in(Language::English), Poll::Ready(["Failed", "Failed", "Failed", "Unknown"]));
    assert_eq!(said_in(Language::SimplifiedChinese), Poll::Ready(["执行失败", "投递失败", "失败", "Unknown"]));
}

#[test]
fn b25_a_message_is_found_by_its_pattern() {
    assert_eq!(parts("service {} does not exist in {}", "service a b does not exist in r1"), Some(vec!["a b", "r1"]));
    assert_eq!(parts("service {} does not exist", "service a does not exist in r1"), None);
    assert_eq!(parts("too long", "too long"), Some(vec![]));
    assert_eq!(place("{2} 中没有 {1}", &["a", "r1"]), "r1 中没有 a");
    assert_eq!(place("{} 与 {}", &["{}", "b"]), "{} 与 b");
}

#[test]
fn b25_words_follow_the_request() {
    let say = || (t!("Stop"), t!("Stop {id}", id = "x{y}"));
    let said_in = |language| pin!(within(language, async { say() })).poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(said_in(Language::English), Poll::Ready(("Stop", "Stop x{y}".to_owned())));
    assert_eq!(said_in(Language::SimplifiedChinese).map(|said| said.0), Poll::Ready("停止任务"));
    assert_eq!(say().0, "Stop", "without a request it is English");
}
