//! A select that leads to its page's address with another value.

use crate::reactive::derive;
use crate::ui::{Erase, GetForm};
use leptos::prelude::*;

const GO: &str = "h-8 whitespace-nowrap rounded-control border border-line-strong bg-surface px-2.5 font-medium text-ink";

/// The select in a form of its own; without scripts a button sends it.
#[component]
pub(crate) fn LeadingSelect(
    /// Address of the page, without query.
    action: String,
    /// Name in the query string.
    name: &'static str,
    /// Its label.
    label: &'static str,
    /// Values and their words.
    options: Vec<(String, String)>,
    /// The value that the page shows.
    chosen: Memo<String>,
    /// A parameter of the address that the choice keeps: its name and value.
    #[prop(optional)]
    kept: Option<(&'static str, Signal<String>)>,
) -> impl IntoView {
    use leptos::wasm_bindgen::JsCast;
    let send = move |event: leptos::ev::Event| {
        let select = event.target().and_then(|target| target.dyn_into::<leptos::web_sys::HtmlSelectElement>().ok());
        if let Some(form) = select.and_then(|select| select.form()) {
            _ = form.request_submit();
        }
    };
    view! {
        <GetForm action class="flex min-w-0 flex-wrap items-center gap-2">
            {kept.map(|(name, value)| view! { <input type="hidden" name=name value=value/> }.erase())}
            <label class="flex min-w-0 flex-wrap items-center gap-x-2">
                <span class="whitespace-nowrap text-meta text-muted">{label}</span>
                <select
                    name=name
                    class="select-arrow h-8 min-w-0 max-w-56 rounded-control border border-line-strong bg-field pl-2.5 pr-7 text-ink hover:border-faint"
                    on:change=send
                >
                    {options
                        .into_iter()
                        .map(|(value, words)| {
                            let own = value.clone();
                            view! {
                                <option value=value selected=derive(move || chosen.get() == own)>
                                    {words}
                                </option>
                            }
                            .erase()
                        })
                        .collect::<Vec<_>>()}
                </select>
            </label>
            // Where scripts run, its content is text to the browser: it must not be hydrated.
            <noscript inner_html=format!(r#"<button type="submit" class="{GO}">{}</button>"#, t!("Go"))></noscript>
        </GetForm>
    }
    .erase()
}
