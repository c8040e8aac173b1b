//! One type for all views.

use leptos::prelude::*;
use leptos::tachys::view::any_view::IntoAny;
use std::sync::{Arc, Mutex};

/// Takes a view's type away. Every `view!` of the console ends with it: whatever is compiled for each type of view, which is much,
/// is then compiled for elements alone, not also for what wraps them.
pub trait Erase {
    /// The view without its type.
    fn erase(self) -> AnyView;
}

impl<T: IntoAny> Erase for View<T> {
    fn erase(self) -> AnyView {
        self.into_inner().into_any()
    }
}

/// A view that changes with what it reads; the closure's type is taken away too.
pub fn dynamic<V>(view: impl FnMut() -> V + Send + 'static) -> AnyView
where
    Arc<Mutex<dyn FnMut() -> V + Send>>: IntoAny,
    V: 'static,
{
    let shared: Arc<Mutex<dyn FnMut() -> V + Send>> = Arc::new(Mutex::new(view));
    shared.into_any()
}
