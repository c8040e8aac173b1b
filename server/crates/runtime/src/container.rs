//! Container images, which serve HTTP as custom runtimes do (`fc-api.md` 5.5), where an engine has them (`images`).

use crate::{
    errors,
    language::{Command, Interpreter, LanguageRuntime, Protocol, Refused, Source},
};
use model::{FunctionSpec, Language, RuntimeName};
use std::path::PathBuf;

pub(crate) struct Container;

impl Container {
    /// What runs images: the engine that has them, by its name and version.
    pub(crate) fn by(shown: &str) -> Interpreter {
        Interpreter { runtime: &Self, program: PathBuf::new(), home: PathBuf::new(), version: (0, 0, 0), shown: shown.to_owned() }
    }
}

impl LanguageRuntime for Container {
    fn language(&self) -> Language {
        Language::Custom
    }

    fn runs(&self, runtime: &RuntimeName) -> bool {
        runtime.is_container()
    }

    fn protocol(&self, _: &RuntimeName) -> Protocol {
        Protocol::Requests
    }

    fn command(&self, _: &Interpreter, source: &Source<'_>, spec: &FunctionSpec) -> Result<Command, Refused> {
        let missing = || Refused { code: errors::FILE_NOT_FOUND, message: "the function has no image".to_owned() };
        let given = spec.container().ok_or_else(missing)?;
        let mut words = source.image.ok_or_else(missing)?.command(&given)?.into_iter();
        let program = words.next().unwrap_or_default().into();
        Ok(Command { program, args: words.map(Into::into).collect(), home: PathBuf::new() })
    }
}
