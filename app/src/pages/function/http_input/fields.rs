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
            <SelectField name="method" label="Method" options value=request.method/>
            <TextField name="path" label="Path" value=request.path mono=true help="Below the function's address; begins with /."/>
        </div>
        <TextArea name="query" label="Query Parameters" value=print(&request.query, "=") mono=true help="One name=value a line, not encoded. A name may come twice."/>
        <TextArea name="headers" label="Headers" value=print(&request.headers, ": ") mono=true help="One Name: value a line."/>
        <TextField name="content_type" label="Content-Type" value=request.content_type mono=true placeholder="application/json"/>
        <TextArea name="body" label="Body" value=request.body rows=6 mono=true help="At most 128 KB. GET and HEAD requests usually have none."/>
    }
    .erase()
}
