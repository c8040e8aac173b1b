//! The document's title.

use leptos::prelude::*;

/// What the browser's tab says while this is shown.
#[cfg(feature = "ssr")]
#[component]
pub fn Title(
    /// The words.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    leptos::view! { <leptos_meta::Title text/> }
}

/// What the browser's tab says while this is shown. Leaves nothing in the page, as the server doesn't.
#[cfg(not(feature = "ssr"))]
#[component]
pub fn Title(
    /// The words.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    crate::reactive::effect(move || document().set_title(&text));
    leptos::tachys::view::iterators::StaticVec::<AnyView>::from(Vec::new())
}
