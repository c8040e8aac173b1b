//! Sample code that a new function may start with: one file for each language, the same text in console and engine.

use crate::Language;

/// A file of sample code with the handler that it defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    pub file: &'static str,
    pub handler: &'static str,
    pub text: &'static str,
}

/// The sample of a language, for an event function or an HTTP function; custom runtimes have none yet.
pub fn sample(language: Language, is_http: bool) -> Option<Sample> {
    let (file, text) = match (language, is_http) {
        (Language::Python, false) => ("index.py", include_str!("sample/index.py")),
        (Language::Python, true) => ("index.py", include_str!("sample/http.py")),
        (Language::Nodejs, false) => ("index.js", include_str!("sample/index.js")),
        (Language::Nodejs, true) => ("index.js", include_str!("sample/http.js")),
        (Language::Custom, _) => return None,
    };
    Some(Sample { file, handler: "index.handler", text })
}
