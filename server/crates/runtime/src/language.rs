//! What a runtime has to say about itself, and the list of runtimes.

use crate::{container::Container, containment::Places, custom::Custom, images::Image, nodejs::Nodejs, python::Python};
use model::{FunctionSpec, Language, RuntimeName};
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    time::Duration,
};

/// Every runtime; adding one is its file and a line here.
pub(crate) const RUNTIMES: &[&dyn LanguageRuntime] = &[&Python, &Nodejs, &Custom, &Container];

/// How the server talks to the instances of a runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// Over the control channel (`frames.rs`).
    Frames,
    /// By HTTP requests to a server that the function brings (`requests.rs`).
    Requests,
    /// By HTTP requests of the program to the server (`polls.rs`).
    Polls,
}

/// A runtime family: what runs its functions, and how.
pub(crate) trait LanguageRuntime: Send + Sync {
    /// The family.
    fn language(&self) -> Language;

    /// True when it may run functions of this runtime.
    fn runs(&self, runtime: &RuntimeName) -> bool {
        runtime.language() == self.language() && !runtime.is_container()
    }

    /// How the server talks to the instances of one of its runtimes.
    fn protocol(&self, _runtime: &RuntimeName) -> Protocol {
        Protocol::Frames
    }

    /// How long a read of the control channel may wait for the server; `None` without end.
    fn read_limit(&self) -> Option<Duration> {
        None
    }

    /// What runs it on every machine; `None` when a program has to be found.
    fn built_in(&self) -> Option<Interpreter> {
        None
    }

    /// True for names of programs that may be an interpreter of the family.
    fn is_program(&self, _file_name: &str) -> bool {
        false
    }

    /// Arguments that make an interpreter print its version, the path of its real binary, and the directory that belongs to it, each on a
    /// line. It is started in the directory of the bootstrap files and may prepare them for itself: an instance can't write there.
    fn probe_args(&self) -> &'static [&'static str] {
        &[]
    }

    /// Names and texts of the files that run inside each instance.
    fn bootstraps(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// What starts an instance of a function. Errors: the function's fault.
    fn command(&self, interpreter: &Interpreter, source: &Source<'_>, spec: &FunctionSpec) -> Result<Command, Refused>;
}

/// Where a function's code is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    /// As the instance knows it, with what else it finds.
    pub(crate) places: &'a Places,
    /// As it lies here.
    pub(crate) code_dir: &'a Path,
    /// The image that it is.
    pub(crate) image: Option<&'a Image>,
}

/// A program with its arguments, as the instance knows them.
#[derive(Debug)]
pub(crate) struct Command {
    pub(crate) program: PathBuf,
    pub(crate) args: Vec<OsString>,
    /// What it needs besides lies below; empty means nothing.
    pub(crate) home: PathBuf,
}

/// Why a function can't be started: an error code of `fc-api.md` 1.5 and what to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

/// An interpreter of this machine.
#[derive(Clone)]
pub(crate) struct Interpreter {
    pub(crate) runtime: &'static dyn LanguageRuntime,
    pub(crate) program: PathBuf,
    /// What it needs besides, such as its library, lies below.
    pub(crate) home: PathBuf,
    /// Major, minor, patch.
    pub(crate) version: (u32, u32, u32),
    /// The version as text, such as `3.11.7`, or the system's name.
    pub(crate) shown: String,
}

impl std::fmt::Debug for Interpreter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {}", self.runtime.language(), self.shown)?;
        // Those that are built in are no program.
        if self.program.as_os_str().is_empty() { Ok(()) } else { write!(f, " at {}", self.program.display()) }
    }
}
