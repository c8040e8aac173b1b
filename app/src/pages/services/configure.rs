use super::api::{ConfigureService as ConfigureServiceFn, ServiceSettings, Settings};
use super::head::{ServiceFields, ServiceHead};
use super::tags::TagsField;
use crate::pages::create_function::print_environment;
use crate::reactive::{Load, use_data};
use crate::routes::{Route, ServicePage};
use crate::ui::{Cancel, CheckField, Erase, FormActions, PageHead, Panel, PostForm, Submit, TagField, TextField, dynamic};
use leptos::prelude::*;
use model::ServiceRef;
use server_fn::ServerFn;

/// `/{region}/services/{service}/configuration`.
#[component]
pub(crate) fn ConfigureService(service: ServiceRef) -> impl IntoView {
    let settings = {
        let service = service.clone();
        use_data(move || ServiceSettings { service: service.clone() })
    };
    let page = Route::Service(service.clone(), ServicePage::Configuration);
    view! {
        <ServiceHead service=service.clone() list=page/>
        <PageHead title=t!("Configuration") within=service.region.to_string() small=true/>
        <Load
            data=settings
            rows=5
            view={move |settings: ReadSignal<Settings>| {
                let service = service.clone();
                // Anew after each change: the form carries what it was read as.
                dynamic(move || view! { <ConfigureForm service=service.clone() settings=settings.get()/> }.erase())
            }}
        />
    }
    .erase()
}

#[component]
fn ConfigureForm(service: ServiceRef, settings: Settings) -> impl IntoView {
    let back = Route::Functions(service.clone()).path();
    let tags = print_environment(&settings.tags.0);
    view! {
        <Panel narrow=true>
            <PostForm path=ConfigureServiceFn::PATH>
                <ServiceFields service/>
                <TagField etag=settings.version/>
                <TextField name="description" label=t!("Description") value=settings.description help=t!("Up to 256 characters.")/>
                <SettingFields logging=settings.logging internet_access=settings.internet_access tags/>
                <FormActions>
                    <Submit>{t!("OK")}</Submit>
                    <Cancel href=back/>
                </FormActions>
            </PostForm>
        </Panel>
    }
    .erase()
}

/// What all functions of a service share.
#[component]
pub(super) fn SettingFields(logging: bool, internet_access: bool, #[prop(optional)] tags: String) -> impl IntoView {
    view! {
        <CheckField
            name="logging"
            label=t!("Logging")
            checked=logging
            help=t!("Keeps what the functions of the service write. A change concerns instances that start afterwards.")
        />
        <CheckField
            name="internet_access"
            label=t!("Internet Access")
            checked=internet_access
            help=t!("Functions may use the network. A change concerns instances that start afterwards.")
        />
        <TagsField value=tags/>
    }
    .erase()
}
