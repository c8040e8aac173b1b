use super::api::CreateService as CreateServiceFn;
use super::configure::SettingFields;
use crate::routes::Route;
use crate::ui::{Back, Cancel, Erase, FormActions, HiddenField, PageHead, Panel, PostForm, Submit, TextField};
use leptos::prelude::*;
use model::Region;
use server_fn::ServerFn;

/// `/{region}/create-service`.
#[component]
pub(crate) fn CreateService(region: Region) -> impl IntoView {
    let list = Route::Services(region.clone()).path();
    view! {
        <Back href=list.clone()>{t!("Services")}</Back>
        <PageHead title=t!("Create Service") within=region.to_string()/>
        <Panel narrow=true>
            <PostForm path=CreateServiceFn::PATH>
                <HiddenField name="region" value=region.to_string()/>
                <TextField name="name" label=t!("Service Name") mono=true required=true help=t!("1 to 128 letters, digits, _ or -. Fixed afterwards.")/>
                <TextField name="description" label=t!("Description") help=t!("Up to 256 characters.")/>
                <SettingFields logging=true internet_access=true/>
                <FormActions>
                    <Submit>{t!("Create")}</Submit>
                    <Cancel href=list/>
                </FormActions>
            </PostForm>
        </Panel>
    }
    .erase()
}
