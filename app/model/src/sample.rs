//! Sample code that a new function may start with: one file for each language, the same text in console and engine.

use crate::Language;

/// A file of sample code with the handler that it defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    pub file: &'static str,
    pub handler: &'static str,
    pub text: &'static str,
}

/// The sample of a language; custom runtimes have none yet.
pub fn sample(language: Language) -> Option<Sample> {
    match language {
        Language::Python => Some(Sample { file: "index.py", handler: "index.handler", text: include_str!("sample/index.py") }),
        Language::Nodejs => Some(Sample { file: "index.js", handler: "index.handler", text: include_str!("sample/index.js") }),
        Language::Custom => None,
    }
}
