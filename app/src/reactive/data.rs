//! What a page shows: the value of a server function, kept as JSON until a view wants it.

use super::invalidator::use_invalidator;
use super::wire::{Query, ask, decode, encode};
use crate::error::{ConsoleError, Result};
use codee::string::FromToStringCodec;
use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};
use std::convert::Infallible;
use std::fmt::{Display, Formatter};
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;

/// JSON of a value or of an error. One type for every page, so that the machinery around it is compiled once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub is_ok: bool,
    pub json: Arc<str>,
}

impl Outcome {
    fn of(result: Result<String>) -> Self {
        match result {
            Ok(json) => Self { is_ok: true, json: json.into() },
            Err(error) => Self { is_ok: false, json: encode(&error).into() },
        }
    }

    /// The error, if it is one.
    pub fn error(&self) -> Option<ConsoleError> {
        (!self.is_ok).then(|| decode(&self.json).unwrap_or_else(|error| error))
    }
}

impl Display for Outcome {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.is_ok { "+" } else { "-" })?;
        f.write_str(&self.json)
    }
}

impl FromStr for Outcome {
    type Err = Infallible;

    fn from_str(text: &str) -> std::result::Result<Self, Infallible> {
        Ok(Self { is_ok: text.starts_with('+'), json: text.get(1..).unwrap_or_default().into() })
    }
}

pub(crate) type Json = Resource<Outcome, FromToStringCodec>;

/// A value that is read on the server, in the browser after a change of its arguments, and again on demand.
pub struct Data<T> {
    pub(crate) outcome: Json,
    value: PhantomData<fn() -> T>,
}

impl<T> Copy for Data<T> {}

impl<T> Clone for Data<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Data<T> {
    /// Reads it again; what is shown stays until the answer is there.
    pub fn refetch(&self) {
        self.outcome.refetch();
    }
}

/// What a server function returns for these arguments; read again when they change, and after each change made in this tab.
pub fn use_data<S: Query>(arguments: impl Fn() -> S + Send + Sync + 'static) -> Data<S::Output>
where
    S::Output: Serialize + DeserializeOwned,
{
    let changes = use_invalidator();
    from_json(Box::new(move || (encode(&arguments()), changes.track())), Box::new(|arguments| Box::pin(ask::<S>(arguments))))
}

/// Like [`use_data`], but changes made in this tab don't make it read again.
pub fn use_still_data<S: Query>(arguments: impl Fn() -> S + Send + Sync + 'static) -> Data<S::Output>
where
    S::Output: Serialize + DeserializeOwned,
{
    from_json(Box::new(move || (encode(&arguments()), 0)), Box::new(|arguments| Box::pin(ask::<S>(arguments))))
}

/// The arguments as JSON and the number of changes that they were read after.
type Arguments = Box<dyn Fn() -> (String, u32) + Send + Sync>;
type Ask = Box<dyn Fn(String) -> Pin<Box<dyn Future<Output = Result<String>> + Send>> + Send + Sync>;

fn from_json<T>(arguments: Arguments, ask: Ask) -> Data<T> {
    Data { outcome: resource(arguments, ask), value: PhantomData }
}

fn resource(arguments: Arguments, ask: Ask) -> Json {
    Resource::new_str(arguments, move |(arguments, _)| {
        let answer = ask(arguments);
        async move { Outcome::of(answer.await) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_read_back_from_the_page() {
        let error = ConsoleError::field("name", "Ä <b>");
        for outcome in [Outcome::of(Ok("{\"a\":1}".to_owned())), Outcome::of(Err(error.clone()))] {
            let text = outcome.to_string();
            assert_eq!(text.parse::<Outcome>(), Ok(outcome.clone()), "{text}");
            assert_eq!(outcome.error(), (!outcome.is_ok).then(|| error.clone()));
        }
    }
}
