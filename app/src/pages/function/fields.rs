use crate::ui::{Erase, HiddenField};
use leptos::prelude::*;
use model::FunctionRef;

/// The function that a form is about, as the arguments `region`, `service` and `function` of its server function.
#[component]
pub(crate) fn FunctionFields(function: FunctionRef) -> impl IntoView {
    view! {
        <HiddenField name="region" value=function.region.to_string()/>
        <HiddenField name="service" value=function.service.to_string()/>
        <HiddenField name="function" value=function.function.to_string()/>
    }
    .erase()
}
