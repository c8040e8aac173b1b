//! Derived values and effects whose closures are boxed: what Leptos compiles for each of them is then compiled once for each type of
//! value, not once for each closure, which is half of what the browser would download.

use leptos::prelude::*;

/// A value that is worked out again when what it reads changes, and tells of it only when it differs.
pub fn memo<T>(value: impl Fn() -> T + Send + Sync + 'static) -> Memo<T>
where
    T: PartialEq + Send + Sync + 'static,
{
    boxed_memo(Box::new(value))
}

fn boxed_memo<T>(value: Box<dyn Fn() -> T + Send + Sync>) -> Memo<T>
where
    T: PartialEq + Send + Sync + 'static,
{
    Memo::new(move |_| value())
}

/// A value that is worked out each time it is read.
pub fn derive<T>(value: impl Fn() -> T + Send + Sync + 'static) -> Signal<T>
where
    T: Send + Sync + 'static,
{
    boxed_signal(Box::new(value))
}

fn boxed_signal<T>(value: Box<dyn Fn() -> T + Send + Sync>) -> Signal<T>
where
    T: Send + Sync + 'static,
{
    Signal::derive(value)
}

/// Runs now and again after each change of what it reads, in the browser alone.
pub fn effect(run: impl FnMut() + 'static) {
    boxed_effect(Box::new(run));
}

fn boxed_effect(mut run: Box<dyn FnMut()>) {
    Effect::new(move |_| run());
}
