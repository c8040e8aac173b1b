use super::super::FunctionFields;
use super::api::{Configuration, ModifyConfigurations};
use crate::pages::create_function::{ENVIRONMENT_HELP, LimitFields, print_environment};
use crate::routes::{FunctionPage, Route};
use crate::ui::{Cancel, Erase, FormActions, HiddenField, PostForm, Submit, TextArea, TextField};
use leptos::prelude::*;
use server_fn::ServerFn;

/// What can be changed after creation, in the panel and on the page.
#[component]
pub(super) fn ConfigurationForm(
    now: Configuration,
    /// Closes the panel that the form is in.
    #[prop(optional_no_strip, into)]
    on_close: Option<Callback<()>>,
) -> impl IntoView {
    let named = now.function;
    let back = Route::Function(named.clone(), FunctionPage::Configurations).path();
    view! {
        <PostForm path=ModifyConfigurations::PATH on_done=on_close>
            <FunctionFields function=named/>
            <HiddenField name="etag" value=now.etag/>
            <TextField name="description" label="Description" value=now.description/>
            <TextField name="handler" label="Handler" value=now.handler mono=true required=true/>
            <LimitFields memory=now.memory_mb timeout=now.timeout_s concurrency=now.instance_concurrency/>
            <TextArea name="environment" label="Environment Variables" value=print_environment(&now.environment) rows=5 mono=true help=ENVIRONMENT_HELP/>
            <FormActions>
                <Submit>"OK"</Submit>
                <Cancel href=back on_cancel=on_close/>
            </FormActions>
        </PostForm>
    }
    .erase()
}
