//! Forms that work with and without JavaScript.
//!
//! With it, a server function is called in place and its error shown above the form. Without it, the browser posts the form; when
//! that fails, the server renders the same page again with the error and what was typed, which arrives here as [`Posted`]. So does the
//! value of a function whose value is shown on the form's own page.

use crate::error::ConsoleError;
use crate::reactive::derive;
use crate::reactive::wire::Stop;
use crate::routes::query;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// A form that the browser posted by itself and whose page is shown again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posted {
    /// Path of the server function.
    pub path: String,
    /// Address of the page that the form is on. What is shown now has the function's address.
    pub page: String,
    /// Why it was refused, or the function's value as JSON.
    pub outcome: std::result::Result<String, ConsoleError>,
    /// What was typed, passwords left out.
    pub fields: Vec<(String, String)>,
}

/// The posted form that this page answers, if it does.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PostedForm(pub Option<Posted>);

/// Query parameter of a form's address that names the page to show again.
pub const PAGE_PARAMETER: &str = "page";

impl PostedForm {
    /// Where a form of this page is posted to.
    pub fn action(&self, path: &str) -> String {
        let page = self.0.as_ref().map_or("", |form| &form.page);
        format!("{path}{}", query(&[(PAGE_PARAMETER, page)]))
    }
}

/// How far the call of a [`LongCall`] is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallState {
    /// There was none yet, or it was refused.
    Idle,
    Running,
    /// Its value as JSON.
    Done(String),
    Cancelled,
}

/// A call that may take long, beside the form that makes it.
#[derive(Clone, Copy)]
pub struct LongCall {
    state: RwSignal<CallState>,
    stop: StoredValue<Option<Stop>>,
}

impl LongCall {
    /// No call yet.
    pub fn new() -> Self {
        Self { state: RwSignal::new(CallState::Idle), stop: StoredValue::new(None) }
    }

    /// How far it is; reading it subscribes to changes.
    pub fn state(&self) -> CallState {
        self.state.get()
    }

    pub(crate) fn begin(&self, stop: Option<Stop>) {
        self.stop.set_value(stop);
        self.state.set(CallState::Running);
    }

    /// With its value, or `None` when it was refused.
    pub(crate) fn end(&self, value: Option<String>) {
        self.state.set(value.map_or(CallState::Idle, CallState::Done));
    }

    /// Ends it while it runs: what it has begun on the server ends too.
    pub fn cancel(&self) {
        if self.state.get_untracked() == CallState::Running {
            self.abort();
            self.state.set(CallState::Cancelled);
        }
    }

    /// Like [`Self::cancel`] where nothing is shown any more.
    pub(crate) fn abort(&self) {
        if let Some(stop) = self.stop.try_update_value(Option::take).flatten() {
            stop.now();
        }
    }
}

impl Default for LongCall {
    fn default() -> Self {
        Self::new()
    }
}

/// What the fields of a form need to know of it; [`crate::ui::PostForm`] and its like put one into context.
#[derive(Clone, Copy)]
pub struct FormState {
    /// The last error, until the next try.
    pub error: Signal<Option<ConsoleError>>,
    /// True while an answer is awaited.
    pub pending: Signal<bool>,
    /// Path of the server function; empty outside of a form.
    pub path: &'static str,
    posted: StoredValue<Option<Posted>>,
}

impl FormState {
    /// The state of a form that calls the server function at `path`.
    pub fn new(path: &'static str, pending: Signal<bool>, failure: Signal<Option<ConsoleError>>, answered: Signal<bool>) -> Self {
        let posted = use_context::<PostedForm>().and_then(|form| form.0).filter(|form| form.path == path);
        let posted = StoredValue::new(posted);
        let error = derive(move || {
            if pending.get() {
                return None;
            }
            let before = if answered.get() { None } else { posted.with_value(|form| form.as_ref()?.outcome.as_ref().err().cloned()) };
            failure.get().or(before)
        });
        Self { error, pending, path, posted }
    }

    /// The value with which the server answered the form that the browser posted by itself, as JSON.
    pub fn posted_value(&self) -> Option<String> {
        self.posted.with_value(|form| form.as_ref()?.outcome.as_ref().ok().cloned())
    }

    /// What was typed into a field before the form was posted, else the given value.
    pub fn typed(&self, name: &str, otherwise: String) -> String {
        self.posted.with_value(|form| match form {
            Some(form) => form.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone()).unwrap_or_default(),
            None => otherwise,
        })
    }

    /// Like `typed` for a value that is absent when it is not chosen.
    pub fn typed_all(&self, name: &str) -> Option<Vec<String>> {
        self.posted.with_value(|form| {
            form.as_ref().map(|form| form.fields.iter().filter(|(field, _)| field == name).map(|(_, value)| value.clone()).collect())
        })
    }

    /// What is wrong with a field.
    pub fn field_error(&self, name: &str) -> Signal<Option<String>> {
        let (error, name) = (self.error, name.to_owned());
        derive(move || error.with(|error| error.as_ref().and_then(|error| error.of_field(&name)).map(str::to_owned)))
    }
}

/// The form around this component; outside of one, a state that never fails.
pub fn use_form() -> FormState {
    use_context::<FormState>().unwrap_or_else(|| FormState {
        error: Signal::stored(None),
        pending: Signal::stored(false),
        path: "",
        posted: StoredValue::new(None),
    })
}

#[cfg(feature = "ssr")]
mod check {
    use crate::error::{ConsoleError, FieldError};

    /// Reads the fields of a form and collects what is wrong with all of them.
    #[derive(Default)]
    pub struct Checks(Vec<FieldError>);

    impl Checks {
        /// The value if the rule accepts it; else the field's message is noted and the default returned.
        pub fn take<T: Default, E>(&mut self, field: &str, value: std::result::Result<T, E>, message: impl Into<String>) -> T {
            value.unwrap_or_else(|_| {
                self.fail(field, message);
                T::default()
            })
        }

        /// A whole number within limits, both inclusive.
        pub fn number(&mut self, field: &str, text: &str, least: u64, most: u64, message: impl Into<String>) -> u64 {
            let parsed = text.trim().parse().ok().filter(|n| (least..=most).contains(n)).ok_or(());
            self.take(field, parsed, message)
        }

        /// Megabytes of memory, in their steps.
        pub fn memory(&mut self, field: &str, text: &str) -> u64 {
            use model::limits::{MEMORY_MB_MAX as MOST, MEMORY_MB_MIN as LEAST, MEMORY_MB_STEP as STEP};
            let fits = |n: &u64| (LEAST..=MOST).contains(n) && n.is_multiple_of(STEP);
            self.take(
                field,
                text.trim().parse().ok().filter(fits).ok_or(()),
                t!("Use a multiple of {step} between {least} and {most}.", step = STEP, least = LEAST, most = MOST),
            )
        }

        /// vCPU in their steps; an empty text asks for none, which is 0.
        pub fn cpu(&mut self, field: &str, text: &str) -> f64 {
            let text = text.trim();
            // In steps: 0.35 is no number of a binary fraction.
            let steps = text.parse::<f64>().ok().map(|cpu| cpu * 20.0);
            let fits = |steps: &f64| (1.0..=320.0).contains(&steps.round()) && (steps - steps.round()).abs() < 1e-6;
            match steps.filter(fits) {
                _ if text.is_empty() => 0.0,
                Some(steps) => steps.round() / 20.0,
                None => {
                    self.fail(field, t!("Use a multiple of 0.05 between 0.05 and 16."));
                    0.0
                }
            }
        }

        /// Memory beside vCPU, where both are asked for.
        pub fn memory_per_cpu(&mut self, field: &str, memory_mb: u64, cpu: f64) {
            let gb = memory_mb as f64 / 1_024.0;
            if memory_mb > 0 && cpu > 0.0 && !(cpu - 1e-9..=4.0 * cpu + 1e-9).contains(&gb) {
                self.fail(field, t!("Memory in GB must be 1 to 4 times the vCPU count."));
            }
        }

        /// Megabytes of temporary disk.
        pub fn disk(&mut self, field: &str, text: &str) -> u64 {
            let size = text.parse::<u64>().ok().filter(|mb| [512, 10_240].contains(mb)).ok_or(());
            self.take(field, size, t!("Choose a size."))
        }

        /// Requests that an instance serves at once.
        pub fn concurrency(&mut self, field: &str, text: &str) -> u32 {
            use model::limits::INSTANCE_CONCURRENCY_MAX as MOST;
            let fits = |n: &u32| (1..=MOST).contains(n);
            self.take(field, text.trim().parse().ok().filter(fits).ok_or(()), t!("Enter 1 to {most}.", most = MOST))
        }

        /// Notes what is wrong with a field.
        pub fn fail(&mut self, field: &str, message: impl Into<String>) {
            self.0.push(FieldError { name: field.to_owned(), message: message.into() });
        }

        /// Notes what the engine says is wrong with a field, as a sentence.
        pub fn refuse(&mut self, field: &str, error: model::Error) {
            self.fail(field, ConsoleError::from(error).sentence());
        }

        /// An error with all that was noted, if anything was.
        pub fn finish(self) -> crate::error::Result<()> {
            if self.0.is_empty() {
                return Ok(());
            }
            let mut error = ConsoleError::new(model::ErrorCode::InvalidArgument, "");
            error.fields = self.0;
            Err(error)
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn c56_vcpu_is_in_steps_and_goes_with_the_memory() {
            let check = |cpu: &str, memory_mb: u64, expected: std::result::Result<f64, &str>| {
                let mut checks = Checks::default();
                let read = checks.cpu("cpu", cpu);
                checks.memory_per_cpu("memory", memory_mb, read);
                let found = checks.finish().map(|()| read).map_err(|error| error.fields[0].message.clone());
                assert_eq!(found, expected.map_err(str::to_owned), "{cpu} {memory_mb}");
            };
            const STEPS: &str = "Use a multiple of 0.05 between 0.05 and 16.";
            const RATIO: &str = "Memory in GB must be 1 to 4 times the vCPU count.";
            check("", 128, Ok(0.0));
            check(" 0.35 ", 512, Ok(0.35));
            check("0.05", 64, Ok(0.05));
            check("16", 16_384, Ok(16.0));
            check("0.5", 2_048, Ok(0.5));
            check("0.35", 128, Err(RATIO));
            check("0.5", 2_112, Err(RATIO));
            for wrong in ["0", "0.07", "16.05", "-1", "x", "NaN", "inf"] {
                check(wrong, 512, Err(STEPS));
            }
        }
    }
}
#[cfg(feature = "ssr")]
pub use check::Checks;
