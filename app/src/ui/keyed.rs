//! Views that end with their key.

use crate::reactive::memo;
use leptos::prelude::*;

/// Makes its view anew for each key, and ends the old one at once.
///
/// Without a key, a view of the same type takes the place of the old one piece by piece. And the content of a [`crate::reactive::Load`]
/// is dropped a moment later than the signals that it reads: what was about to be drawn again then, because the address changed too,
/// would fail.
#[component]
pub fn Keyed(
    /// What the view stands for.
    #[prop(into)]
    key: Signal<String>,
    /// Draws it; reads what it needs without following it.
    #[prop(into)]
    view: Callback<(), AnyView>,
) -> impl IntoView {
    let key = memo(move || key.get());
    let owner = StoredValue::new(None::<Owner>);
    let keys = move || {
        let key = key.get();
        if let Some(old) = owner.try_update_value(Option::take).flatten() {
            old.pause();
        }
        [key]
    };
    let draw = move |_| {
        owner.set_value(Owner::current());
        view.run(())
    };
    view! { <For each=keys key=String::clone children=draw/> }.into_any()
}
