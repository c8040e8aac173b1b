//! The words of the console in the user's language.
//!
//! As with gettext, the English words are the key: what a page says stands in its view as `t!("Create Function")`, and the other language is
//! a catalogue from English, `languages/zh-CN.json`. Words without an entry stay English; a test finds them. The browser gets the catalogue
//! of its language from the server before the page hydrates, none for English, so that a language adds nothing to the bundle.

use std::borrow::Cow;

/// Path of the catalogues for browsers, before the language's tag; `?v=` names the version.
pub const WORDS: &str = "/console/words/";

/// Leads back to the page that the link was on; its query names the language.
pub const LANGUAGE_SWITCH: &str = "/console/language";

/// Query parameter that chooses the language, also for the pages to come.
pub const LANGUAGE_PARAMETER: &str = "lang";

/// A language of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum Language {
    /// The one that tests and API speak.
    #[default]
    English,
    SimplifiedChinese,
}

impl Language {
    /// Both, in the menu's order.
    pub const ALL: [Language; 2] = [Language::English, Language::SimplifiedChinese];

    /// The language's tag (BCP 47): in the cookie, in `?lang=` and in the page's `lang`.
    pub fn as_str(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::SimplifiedChinese => "zh-CN",
        }
    }

    /// Its own name for itself.
    pub fn label(self) -> &'static str {
        match self {
            Language::English => "English",
            Language::SimplifiedChinese => "简体中文",
        }
    }

    /// Reads a tag.
    pub fn parse(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.as_str() == tag)
    }
}

/// The user's words for a text of the console: `t!("Stop")`, or with values `t!("Stop {id}", id)`, `t!("{n} tasks", n = count)`. Where another
/// language has several words for one of ours, `t!("Failed" in "delivery")` says which is meant; the catalogue has both, `U+0004` between them.
///
/// Without values it is a `&'static str`, with them a `String`. Text that is not ours (names, payloads, logs) must not be passed as a key.
macro_rules! t {
    ($english:literal) => {
        $crate::language::words($english)
    };
    ($english:literal in $context:literal) => {
        $crate::language::words_in(concat!($english, "\u{4}", $context))
    };
    ($english:literal, $($name:ident $(= $value:expr)?),+ $(,)?) => {
        $crate::language::fill($english, &[$((stringify!($name), &*t!(@value $name $(= $value)?))),+])
    };
    (@value $name:ident) => {
        $name.to_string()
    };
    (@value $name:ident = $value:expr) => {
        $value.to_string()
    };
}

/// The user's words for a text of ours: what [`t!`] does with a literal, for texts that come from a constant.
pub fn words(english: &'static str) -> &'static str {
    catalogue::find(english).unwrap_or(english)
}

/// The same for a text with its context, as gettext has it.
pub fn words_in(english_and_context: &'static str) -> &'static str {
    let english = || english_and_context.split('\u{4}').next().unwrap_or_default();
    catalogue::find(english_and_context).unwrap_or_else(english)
}

/// The user's words for a text with `{names}`, and the values in their places.
pub fn fill(english: &'static str, values: &[(&str, &str)]) -> String {
    let (mut text, mut rest) = (String::new(), words(english));
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        text.push_str(before);
        text.push_str(values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value));
        rest = after;
    }
    text.push_str(rest);
    text
}

/// A message of the engine in the user's words; the engine itself speaks English, as its API does.
pub(crate) fn message(english: Cow<'_, str>) -> String {
    catalogue::find_message(&english).unwrap_or_else(|| english.into_owned())
}

#[cfg(feature = "ssr")]
mod catalogue;
#[cfg(feature = "ssr")]
pub use catalogue::{file, version, within};

#[cfg(not(feature = "ssr"))]
#[path = "language/received.rs"]
mod catalogue;
#[cfg(not(feature = "ssr"))]
pub use catalogue::receive;

#[cfg(feature = "ssr")]
#[cfg(test)]
mod tests;
