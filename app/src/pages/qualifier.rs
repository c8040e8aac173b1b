//! The choice of a version or alias that a page is about: `?qualifier=`, where absent means `LATEST`.

use super::leading_select::LeadingSelect;
use crate::error::Result;
use crate::reactive::{Load, memo, use_data, use_query};
use crate::ui::{Erase, Hint, dynamic};
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
                let is_latest = |value: &str| value == Qualifier::LATEST;
                let option = |(value, words): (String, String)| (if is_latest(&value) { String::new() } else { value }, words);
                let options = choices.get_untracked().into_iter().map(option).collect();
                view! { <LeadingSelect action=action.clone() name="qualifier" label=t!("Version or Alias") options chosen/> }.erase()
            }}
        />
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
