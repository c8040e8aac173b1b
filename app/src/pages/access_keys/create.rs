use super::api::{CreateAccessKey as CreateAccessKeyFn, CreatedKey};
use super::grant_label;
use crate::forms::{CallState, LongCall};
use crate::reactive::wire::decode;
use crate::reactive::{derive, memo};
use crate::routes::{AdminPage, Route};
use crate::ui::{
    Back, Cancel, CopyText, Erase, Fact, Facts, FormActions, Hint, HintKind, LinkButton, Look, PageHead, Panel, PostForm, SelectField,
    Submit, TextArea, TextField, dynamic,
};
use leptos::prelude::*;
use model::{Grant, Region};
use server_fn::ServerFn;

/// `/{region}/create-access-key`: the form, and in its place the key once it is made.
#[component]
pub(crate) fn CreateAccessKey(region: Region) -> impl IntoView {
    let call = LongCall::new();
    let made = memo(move || match call.state() {
        CallState::Done(json) => decode::<CreatedKey>(&json).ok(),
        _ => None,
    });
    let list = Route::Admin(region.clone(), AdminPage::AccessKeys).path();
    let hidden = derive(move || if made.read().is_some() { "hidden" } else { "" });
    let after = list.clone();
    view! {
        <Back href=list.clone()>{t!("Access Keys")}</Back>
        <PageHead title=t!("Create Access Key") within=region.to_string()/>
        <div class=hidden>
            <Panel narrow=true>
                <KeyForm call list/>
            </Panel>
        </div>
        <p role="status" class="sr-only">{dynamic(move || made.read().is_some().then_some(t!("The access key was created.")))}</p>
        {dynamic(move || made.get().map(|key| view! { <Made key list=after.clone()/> }.erase()))}
    }
    .erase()
}

#[component]
fn KeyForm(call: LongCall, list: String) -> impl IntoView {
    let policies = Grant::ALL.into_iter().map(|grant| (grant.as_str().to_owned(), grant_label(grant).to_owned())).collect();
    view! {
        <PostForm path=CreateAccessKeyFn::PATH call>
            <TextField name="name" label=t!("Name") required=true help=t!("What the key is for, 1 to 64 characters.")/>
            <SelectField
                name="policy"
                label=t!("Policy")
                options=policies
                value=Grant::Full.as_str()
                help=t!("Read only allows operations named Get… and List…, Invoke only InvokeFunction.")
            />
            <TextArea
                name="services"
                label=t!("Services" in "key")
                mono=true
                help=t!("Names of the services that the key may reach, one a line. Empty for all, and for what belongs to no service.")
            />
            <FormActions>
                <Submit>{t!("Create")}</Submit>
                <Cancel href=list/>
            </FormActions>
        </PostForm>
    }
    .erase()
}

#[component]
fn Made(key: CreatedKey, list: String) -> impl IntoView {
    let CreatedKey { id, secret, name } = key;
    view! {
        <Panel title=name narrow=true>
            <div class="max-w-lg space-y-4">
                <Hint kind=HintKind::Warning>{t!("The secret is shown this once. Keep it now: nobody can read it again.")}</Hint>
                <Facts>
                    <Fact name=t!("Access Key ID") wide=true><CopyText text=id what=t!("access key ID")/></Fact>
                    <Fact name=t!("Access Key Secret") wide=true><CopyText text=secret what=t!("access key secret")/></Fact>
                </Facts>
                <LinkButton href=list look=Look::Primary>{t!("Done")}</LinkButton>
            </div>
        </Panel>
    }
    .erase()
}
