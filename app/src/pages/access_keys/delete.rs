use super::api::{AccessKey, DeleteAccessKey as DeleteAccessKeyFn};
use super::{grant_label, services_label};
use crate::reactive::{Load, use_still_data};
use crate::routes::{AdminPage, Route};
use crate::ui::{
    Back, Cancel, Erase, Fact, Facts, FormActions, HiddenField, Hint, HintKind, Look, PageHead, Panel, PostForm, Submit, Timestamp,
};
use leptos::prelude::*;
use model::{AccessKeyInfo, Region};
use server_fn::ServerFn;

/// `/{region}/access-keys/{id}/delete`: asks.
#[component]
pub(crate) fn DeleteAccessKey(region: Region, id: String) -> impl IntoView {
    let list = Route::Admin(region.clone(), AdminPage::AccessKeys).path();
    let title = t!("Delete access key {id}", id);
    // Once it is deleted there is nothing to read again.
    let found = use_still_data(move || AccessKey { id: id.clone() });
    view! {
        <Back href=list.clone()>{t!("Access Keys")}</Back>
        <PageHead title within=region.to_string()/>
        <Load
            data=found
            rows=3
            view={move |key: ReadSignal<AccessKeyInfo>| {
                let (region, key, list) = (region.clone(), key.get_untracked(), list.clone());
                view! { <Panel narrow=true><Confirm region key list/></Panel> }.erase()
            }}
        />
    }
    .erase()
}

#[component]
fn Confirm(region: Region, key: AccessKeyInfo, list: String) -> impl IntoView {
    let used = match key.last_used_at {
        Some(at) => view! { <Timestamp at=Some(at)/> }.erase(),
        None => view! { <span>{t!("Never")}</span> }.erase(),
    };
    view! {
        <PostForm path=DeleteAccessKeyFn::PATH>
            <Facts>
                <Fact name=t!("Name")>{key.name.clone()}</Fact>
                <Fact name=t!("User")>{key.user.clone()}</Fact>
                <Fact name=t!("Policy")>{grant_label(key.policy.grant)}</Fact>
                <Fact name=t!("Services" in "key")>{services_label(&key.policy)}</Fact>
                <Fact name=t!("Last Used")>{used}</Fact>
            </Facts>
            <Hint kind=HintKind::Warning>
                {t!("Calls that this key signs are refused from then on, and links to code that it has made lead nowhere. This can't be undone; to keep it out for a while, disable it.")}
            </Hint>
            <HiddenField name="region" value=region.to_string()/>
            <HiddenField name="id" value=key.id/>
            <FormActions>
                <Submit look=Look::Danger>{t!("Delete")}</Submit>
                <Cancel href=list/>
            </FormActions>
        </PostForm>
    }
    .erase()
}
