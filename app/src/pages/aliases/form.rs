use super::api::{AliasSetup, CreateAlias, ModifyAlias, Setup};
use super::list::percent;
use crate::forms::use_form;
use crate::pages::services::{ServiceFields, ServiceHead};
use crate::reactive::{Load, derive, use_scripts, use_still_data};
use crate::routes::{Route, ServicePage};
use crate::ui::{
    Cancel, Erase, FormActions, HiddenField, Hint, LinkButton, NumberField, PageHead, Panel, PostForm, SelectField, Submit, TagField,
    TextField,
};
use leptos::prelude::*;
use model::{AliasName, AliasSpec, ServiceRef};
use server_fn::ServerFn;

/// `/{region}/services/{service}/create-alias` and `…/aliases/{alias}/modify`.
#[component]
pub(crate) fn AliasPage(
    service: ServiceRef,
    /// The one to change; `None` makes one.
    alias: Option<AliasName>,
) -> impl IntoView {
    let title = alias.as_ref().map_or_else(|| t!("Create Alias").to_owned(), |alias| t!("Modify alias {alias}", alias));
    let list = Route::Service(service.clone(), ServicePage::Aliases);
    view! {
        <ServiceHead service=service.clone() list/>
        <PageHead title within=service.region.to_string() small=true/>
        <Panel narrow=true>
            <Loaded service alias/>
        </Panel>
    }
    .erase()
}

/// The form with what it needs, in the dialog and on the page.
#[component]
pub(super) fn Loaded(
    service: ServiceRef,
    alias: Option<AliasName>,
    /// Closes the dialog that the form is in.
    #[prop(optional_no_strip, into)]
    on_close: Option<Callback<()>>,
) -> impl IntoView {
    let setup = {
        let (service, alias) = (service.clone(), alias.clone());
        use_still_data(move || AliasSetup { service: service.clone(), alias: alias.clone() })
    };
    view! {
        <Load
            data=setup
            rows=5
            view={move |setup: ReadSignal<Setup>| {
                let (service, alias, setup) = (service.clone(), alias.clone(), setup.get_untracked());
                if setup.versions.is_empty() {
                    view! { <NoVersions service/> }.erase()
                } else {
                    view! { <AliasForm service alias setup on_close/> }.erase()
                }
            }}
        />
    }
    .erase()
}

#[component]
fn NoVersions(service: ServiceRef) -> impl IntoView {
    let versions = Route::Service(service, ServicePage::Versions).path();
    view! {
        <div class="max-w-lg space-y-4">
            <Hint>{t!("An alias leads to a version, and this service has none yet. Publish one first.")}</Hint>
            <LinkButton href=versions>{t!("Open versions")}</LinkButton>
        </div>
    }
    .erase()
}

#[component]
fn AliasForm(service: ServiceRef, alias: Option<AliasName>, setup: Setup, on_close: Option<Callback<()>>) -> impl IntoView {
    let list = Route::Service(service.clone(), ServicePage::Aliases).path();
    let (spec, etag) = match setup.now {
        Some((spec, etag)) => (Some(spec), etag),
        None => (None, String::new()),
    };
    let path = if alias.is_some() { ModifyAlias::PATH } else { CreateAlias::PATH };
    // Made within the form: a field finds in its context what the form was refused for.
    let identity = move || {
        match alias {
        Some(alias) => view! {
            <HiddenField name="alias" value=alias.to_string()/>
            <TagField etag/>
        }
        .erase(),
        None => view! {
            <TextField name="name" label=t!("Alias Name") mono=true required=true help=t!("1 to 128 letters, digits, _ or -. Fixed afterwards.")/>
        }
        .erase(),
    }
    };
    view! {
        <PostForm path on_done=on_close>
            <ServiceFields service/>
            {identity()}
            <VersionFields spec=spec.clone() versions=setup.versions/>
            <TextField name="description" label=t!("Description") value=spec.map(|spec| spec.description).unwrap_or_default() help=t!("Up to 256 characters.")/>
            <FormActions>
                <Submit>{t!("OK")}</Submit>
                <Cancel href=list on_cancel=on_close/>
            </FormActions>
        </PostForm>
    }
    .erase()
}

/// Where the alias leads; the weight shows when it is needed, or always where no scripts run.
#[component]
fn VersionFields(spec: Option<AliasSpec>, versions: Vec<(String, String)>) -> impl IntoView {
    let canary = spec.as_ref().and_then(|spec| spec.additional);
    let main = spec.map(|spec| spec.version.to_string()).unwrap_or_default();
    let canary_version = canary.map(|canary| canary.version.to_string()).unwrap_or_default();
    let weight = canary.map(|canary| percent(canary.weight)).unwrap_or_else(|| "10".to_owned());
    let chosen = RwSignal::new(use_form().typed("canary", canary_version.clone()));
    let scripts = use_scripts();
    let hidden = derive(move || if scripts.get() && chosen.read().is_empty() { "hidden" } else { "" });
    let canaries = std::iter::once((String::new(), t!("None").to_owned())).chain(versions.clone()).collect();
    view! {
        <SelectField name="version" label=t!("Main Version") options=versions value=main/>
        <SelectField
            name="canary"
            label=t!("Canary Version")
            options=canaries
            value=canary_version
            help=t!("Gets the share below of what is invoked by the alias; the main version gets the rest.")
            on_choice=move |value| chosen.set(value)
        />
        <div class=hidden>
            <NumberField name="weight" label=t!("Weight (%)") value=weight max=100 help=t!("0 to 100. Each invocation is decided by chance; a task keeps its version.")/>
        </div>
    }
    .erase()
}
