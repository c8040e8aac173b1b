use super::api::PublishVersion as PublishVersionFn;
use crate::pages::services::{ServiceFields, ServiceHead};
use crate::routes::{Route, ServicePage};
use crate::ui::{Cancel, Erase, FormActions, PageHead, Panel, PostForm, Submit, TextField};
use leptos::prelude::*;
use model::ServiceRef;
use server_fn::ServerFn;

/// `/{region}/services/{service}/publish-version`.
#[component]
pub(crate) fn PublishVersion(service: ServiceRef) -> impl IntoView {
    let list = Route::Service(service.clone(), ServicePage::Versions);
    view! {
        <ServiceHead service=service.clone() list/>
        <PageHead title=t!("Publish Version") within=service.region.to_string() small=true/>
        <Panel narrow=true>
            <PublishForm service/>
        </Panel>
    }
    .erase()
}

/// The form, in the dialog and on the page.
#[component]
pub(super) fn PublishForm(
    service: ServiceRef,
    /// Closes the dialog that the form is in.
    #[prop(optional_no_strip, into)]
    on_close: Option<Callback<()>>,
) -> impl IntoView {
    let list = Route::Service(service.clone(), ServicePage::Versions).path();
    view! {
        <PostForm path=PublishVersionFn::PATH on_done=on_close>
            <p class="text-muted">
                {t!("A version keeps the service and all its functions, code and configuration, as they are now. Triggers and asynchronous configurations are not part of it.")}
            </p>
            <ServiceFields service/>
            <TextField name="description" label=t!("Description") help=t!("Up to 256 characters. Nothing of a version can be changed later.")/>
            <FormActions>
                <Submit>{t!("OK")}</Submit>
                <Cancel href=list on_cancel=on_close/>
            </FormActions>
        </PostForm>
    }
    .erase()
}
