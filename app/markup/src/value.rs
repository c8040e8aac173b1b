//! What attributes hold.

use leptos::prelude::*;
use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

/// An attribute's text; `None` where it is not there.
pub type Text = Option<Cow<'static, str>>;

/// The text now, or what says so whenever something that it reads has changed.
#[derive(Clone)]
pub enum Value {
    /// It stays as it is.
    Fixed(Text),
    /// It changes.
    Live(Arc<dyn Fn() -> Text + Send + Sync>),
}

/// What is an attribute's text.
pub trait IntoText {
    /// The text.
    fn into_text(self) -> Text;
}

impl IntoText for &'static str {
    fn into_text(self) -> Text {
        Some(Cow::Borrowed(self))
    }
}

impl IntoText for String {
    fn into_text(self) -> Text {
        Some(Cow::Owned(self))
    }
}

impl IntoText for &String {
    fn into_text(self) -> Text {
        Some(Cow::Owned(self.clone()))
    }
}

impl IntoText for bool {
    fn into_text(self) -> Text {
        self.then_some(Cow::Borrowed(""))
    }
}

impl<T: IntoText> IntoText for Option<T> {
    fn into_text(self) -> Text {
        self.and_then(T::into_text)
    }
}

macro_rules! numbers {
    ($($number:ty)*) => {
        $(impl IntoText for $number {
            fn into_text(self) -> Text {
                Some(Cow::Owned(self.to_string()))
            }
        })*
    };
}

numbers! { i32 i64 u16 u32 u64 usize }

/// What an attribute can be set to.
pub trait IntoValue {
    /// The value.
    fn into_value(self) -> Value;
}

macro_rules! fixed {
    ($($text:ty)*) => {
        $(impl IntoValue for $text {
            fn into_value(self) -> Value {
                Value::Fixed(self.into_text())
            }
        })*
    };
}

fixed! { &'static str String &String bool i32 i64 u16 u32 u64 usize }

impl<T: IntoText> IntoValue for Option<T> {
    fn into_value(self) -> Value {
        Value::Fixed(self.into_text())
    }
}

/// What reads it anew.
impl<T: IntoText, F: Fn() -> T + Send + Sync + 'static> IntoValue for F {
    fn into_value(self) -> Value {
        Value::Live(Arc::new(move || self().into_text()))
    }
}

macro_rules! signals {
    ($($signal:ident)*) => {
        $(impl<T: IntoText + Clone + Send + Sync + 'static> IntoValue for $signal<T> {
            fn into_value(self) -> Value {
                Value::Live(Arc::new(move || self.get().into_text()))
            }
        })*
    };
}

signals! { Memo ReadSignal RwSignal Signal }

/// A closure, as `view!` wraps it.
impl<T: IntoText + 'static> IntoValue for Arc<Mutex<dyn FnMut() -> T + Send>> {
    fn into_value(self) -> Value {
        Value::Live(Arc::new(move || {
            let mut read = self.lock().unwrap_or_else(PoisonError::into_inner);
            read().into_text()
        }))
    }
}
