//! Filters are plain GET forms: the address is the state.

use super::Erase;
use crate::navigation::{Going, use_navigate};
use leptos::ev;
use leptos::prelude::*;

/// A form whose fields become the query of its page; with JavaScript without a reload, and without the empty fields.
#[component]
pub fn GetForm(
    /// Address of the page, without query.
    #[prop(into)]
    action: String,
    /// Classes of the form.
    #[prop(default = "flex flex-wrap items-center gap-2")]
    class: &'static str,
    /// True names it a search for assistive technology.
    #[prop(optional)]
    search: bool,
    /// Fields and a [`super::Submit`].
    children: Children,
) -> impl IntoView {
    let navigate = use_navigate();
    let to = action.clone();
    let send = move |event: ev::SubmitEvent| {
        let Some(query) = query_of(&event) else { return };
        event.prevent_default();
        navigate(&format!("{to}{query}"), Going { scroll: false, ..Going::default() });
    };
    view! {
        <form method="get" action=action class=class role=search.then_some("search") on:submit=send>
            {children()}
        </form>
    }
    .erase()
}

/// The fields of a submitted form as a query string, empty ones left out.
pub(crate) fn query_of(event: &ev::SubmitEvent) -> Option<String> {
    let data = leptos::form::form_data_from_event(event).ok()?;
    let params = leptos::web_sys::UrlSearchParams::new_with_str_sequence_sequence(&data).ok()?;
    let text = String::from(params.to_string());
    let pairs: Vec<&str> = text.split('&').filter(|pair| !pair.is_empty() && !pair.ends_with('=')).collect();
    Some(if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) })
}
