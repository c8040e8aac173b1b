use super::RequestSetup;
use super::text::print;
use crate::ui::{Erase, SelectField, TextArea, TextField};
use leptos::prelude::*;

/// Method, path, query, headers and body of a request.
#[component]
pub(crate) fn RequestFields(setup: RequestSetup) -> impl IntoView {
    let RequestSetup { request, methods } = setup;
    let options = methods.into_iter().map(|method| (method.clone(), method)).collect();
    view! {
        <div class="grid gap-4 sm:grid-cols-[8rem_1fr]">
            <SelectField name="method" label=t!("Method") options value=request.method/>
            <TextField name="path" label=t!("Path") value=request.path mono=true help=t!("Below the function's address; begins with /.")/>
        </div>
        <TextArea name="query" label=t!("Query Parameters") value=print(&request.query, "=") mono=true help=t!("One name=value a line, not encoded. A name may come twice.")/>
        <TextArea name="headers" label=t!("Headers") value=print(&request.headers, ": ") mono=true help=t!("One Name: value a line.")/>
        <TextField name="content_type" label="Content-Type" value=request.content_type mono=true placeholder="application/json"/>
        <TextArea name="body" label=t!("Body") value=request.body rows=6 mono=true help=t!("At most 128 KB. GET and HEAD requests usually have none.")/>
    }
    .erase()
}
