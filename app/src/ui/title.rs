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

/// What the browser's tab says while this is shown.
#[cfg(not(feature = "ssr"))]
#[component]
pub fn Title(
    /// The words.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    crate::reactive::effect(move || document().set_title(&text));
    // An empty list takes one mark in the page; the server leaves one where a view without its type has no element.
    leptos::tachys::view::iterators::StaticVec::<AnyView>::from(Vec::new())
}
