//! Leptos as the console uses it, under Leptos' own name (`leptos = { package = "markup" }` in `app`).
//!
//! To Leptos every element is a type of its own, every attribute with each kind of value another, and what the browser needs for one is
//! compiled for each. Here, in the browser, all elements are one type and all attributes another: [`view!`](leptos::view) names
//! elements and attributes by their paths in Leptos, so it finds the ones below instead. On the server this is Leptos itself, whose types
//! check that a name is spelled well.

pub use leptos::*;

/// Leptos' prelude, with our attributes in the browser.
pub mod prelude {
    pub use leptos::prelude::*;

    // These names hide the traits whose methods are replaced.
    #[cfg(feature = "hydrate")]
    pub use crate::attributes::{
        Attributes, Hidden as AriaAttributes, Hidden as ClassAttribute, Hidden as CustomAttribute, Hidden as GlobalAttributes,
        Hidden as NodeRefAttribute, Hidden as OnAttribute,
    };
}

/// Leptos' renderer, with our elements in the browser.
pub mod tachys {
    pub use leptos::tachys::*;

    /// HTML.
    pub mod html {
        pub use leptos::tachys::html::*;

        pub use crate::element;
    }
}

#[cfg(feature = "hydrate")]
mod attributes;
pub mod element;
#[cfg(feature = "hydrate")]
mod value;
