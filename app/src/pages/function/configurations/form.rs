use super::super::FunctionFields;
use super::api::{Configuration, Custom, ModifyConfigurations, ModifyInstance, ModifyLifecycle};
use crate::pages::create_function::{CustomFields, ImageFields, LifecycleFields, LimitFields, environment_help, print_environment};
use crate::routes::{FunctionPage, Route};
use crate::ui::{Cancel, Erase, FormActions, PostForm, SelectField, Submit, TagField, TextArea, TextField};
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
            <TagField etag=now.etag/>
            <TextField name="description" label=t!("Description") value=now.description/>
            <TextField name="handler" label=t!("Handler") value=now.handler mono=true required=true/>
            <LimitFields memory=now.memory_mb timeout=now.timeout_s concurrency=now.instance_concurrency/>
            <TextArea name="environment" label=t!("Environment Variables") value=print_environment(&now.environment) rows=5 mono=true help=environment_help()/>
            <FormActions>
                <Submit>{t!("OK")}</Submit>
                <Cancel href=back on_cancel=on_close/>
            </FormActions>
        </PostForm>
    }
    .erase()
}

/// What an instance has, and how a custom runtime is started.
#[component]
pub(super) fn InstanceForm(now: Configuration, #[prop(optional_no_strip, into)] on_close: Option<Callback<()>>) -> impl IntoView {
    let named = now.function;
    let back = Route::Function(named.clone(), FunctionPage::Configurations).path();
    let sizes = vec![("512".to_owned(), "512 MB".to_owned()), ("10240".to_owned(), "10 GB".to_owned())];
    // Made within the form: a field finds in its context what the form was refused for.
    let custom = move || {
        now.custom.map(|Custom { command, port, image }| {
            let image = image.map(|image| view! { <ImageFields image=image.name args=image.args/> }.erase());
            view! {
                {image}
                <CustomFields command port/>
            }
            .erase()
        })
    };
    view! {
        <PostForm path=ModifyInstance::PATH on_done=on_close>
            <FunctionFields function=named/>
            <TagField etag=now.etag/>
            <SelectField name="disk" label=t!("Temporary Disk") options=sizes value=now.disk_mb.to_string() help=t!("What /tmp may hold. It is lost with the instance.")/>
            {custom()}
            <FormActions>
                <Submit>{t!("OK")}</Submit>
                <Cancel href=back on_cancel=on_close/>
            </FormActions>
        </PostForm>
    }
    .erase()
}

/// Initializer and hooks (C-58).
#[component]
pub(super) fn LifecycleForm(now: Configuration, #[prop(optional_no_strip, into)] on_close: Option<Callback<()>>) -> impl IntoView {
    let named = now.function;
    let back = Route::Function(named.clone(), FunctionPage::Configurations).path();
    view! {
        <PostForm path=ModifyLifecycle::PATH on_done=on_close>
            <FunctionFields function=named/>
            <TagField etag=now.etag/>
            <LifecycleFields lifecycle=now.lifecycle/>
            <FormActions>
                <Submit>{t!("OK")}</Submit>
                <Cancel href=back on_cancel=on_close/>
            </FormActions>
        </PostForm>
    }
    .erase()
}
