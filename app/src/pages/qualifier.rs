//! The choice of a version or alias that a page is about: `?qualifier=`, where absent means `LATEST`.

use crate::error::Result;
use crate::reactive::{Load, derive, memo, use_data, use_query};
use crate::ui::{Erase, GetForm, Hint, dynamic};
use leptos::prelude::*;
use model::{Qualifier, ServiceRef};
use server_fn::codec::Json;

/// The qualifier in the page's address; empty for `LATEST`.
pub(crate) fn use_qualifier() -> Memo<String> {
    let query = use_query();
    memo(move || query.with(|query| query.get("qualifier")).filter(|text| text != Qualifier::LATEST).unwrap_or_default())
}

/// Versions and aliases to choose from: values and words.
#[server(input = Json)]
pub async fn qualifier_choices(service: ServiceRef, chosen: String) -> Result<Vec<(String, String)>> {
    let (console, _) = crate::server::signed_in()?;
    match super::qualifiers::choices(&console, &service, &chosen).await {
        // The page says it; said twice it would stand in the middle of its head too.
        Err(error) if error.code == model::ErrorCode::ServiceNotFound => Ok(Vec::new()),
        choices => choices,
    }
}

const GO: &str = "h-8 rounded-control border border-line-strong bg-surface px-2.5 font-medium text-ink";

/// A select that leads to the same page of another qualifier; without scripts the button does.
#[component]
pub(crate) fn QualifierSelect(
    service: ServiceRef,
    /// Address of the page, without query.
    action: String,
    /// What the page shows; empty for `LATEST`.
    chosen: Memo<String>,
) -> impl IntoView {
    let choices = use_data(move || QualifierChoices { service: service.clone(), chosen: chosen.get() });
    view! {
        <Load
            data=choices
            rows=1
            view={move |choices: ReadSignal<Vec<(String, String)>>| {
                view! { <Select action=action.clone() choices=choices.get_untracked() chosen/> }.erase()
            }}
        />
    }
    .erase()
}

#[component]
fn Select(action: String, choices: Vec<(String, String)>, chosen: Memo<String>) -> impl IntoView {
    use leptos::wasm_bindgen::JsCast;
    let send = move |event: leptos::ev::Event| {
        let select = event.target().and_then(|target| target.dyn_into::<leptos::web_sys::HtmlSelectElement>().ok());
        if let Some(form) = select.and_then(|select| select.form()) {
            _ = form.request_submit();
        }
    };
    view! {
        <GetForm action class="flex min-w-0 flex-wrap items-center gap-2">
            <label class="flex min-w-0 flex-wrap items-center gap-x-2">
                <span class="whitespace-nowrap text-meta text-muted">{t!("Version or Alias")}</span>
                <select
                    name="qualifier"
                    class="select-arrow h-8 min-w-0 max-w-56 rounded-control border border-line-strong bg-field pl-2.5 pr-7 text-ink hover:border-faint"
                    on:change=send
                >
                    {choices
                        .into_iter()
                        .map(|(value, words)| {
                            let value = if value == Qualifier::LATEST { String::new() } else { value };
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

/// Says that a version can't be changed.
#[component]
pub(crate) fn ReadOnlyHint(qualifier: Memo<String>) -> impl IntoView {
    dynamic(move || {
        let qualifier = qualifier.get();
        (!qualifier.is_empty()).then(|| {
            view! {
                <div class="mb-4">
                    <Hint>{t!("Shown is ")} <code class="font-mono">{qualifier}</code> {t!(". Versions cannot be edited. Switch to LATEST.")}</Hint>
                </div>
            }
            .erase()
        })
    })
}
