use super::api::{CreateUser as CreateUserFn, Credentials};
use super::{role_help, role_options};
use crate::forms::{CallState, LongCall};
use crate::reactive::wire::decode;
use crate::reactive::{derive, memo};
use crate::routes::{AdminPage, Route};
use crate::ui::{
    Back, Cancel, CopyText, Erase, Fact, Facts, FormActions, Hint, HintKind, LinkButton, Look, PageHead, Panel, PostForm, SelectField,
    Submit, TextField, dynamic,
};
use leptos::prelude::*;
use model::{Region, Role};
use server_fn::ServerFn;

/// `/{region}/create-user`: the form, and in its place the user once it is made.
#[component]
pub(crate) fn CreateUser(region: Region) -> impl IntoView {
    let call = LongCall::new();
    let made = shown(call);
    let list = Route::Admin(region.clone(), AdminPage::Users).path();
    let hidden = derive(move || if made.read().is_some() { "hidden" } else { "" });
    let after = list.clone();
    view! {
        <Back href=list.clone()>{t!("Users")}</Back>
        <PageHead title=t!("Create User") within=region.to_string()/>
        <div class=hidden>
            <Panel narrow=true>
                <PostForm path=CreateUserFn::PATH call>
                    <TextField name="name" label=t!("User name") required=true mono=true help=t!("1 to 64 letters, digits, _ or -.")/>
                    <SelectField name="role" label=t!("Role") options=role_options() value=Role::Viewer.as_str() help=role_help()/>
                    <NewPassword/>
                    <FormActions>
                        <Submit>{t!("Create")}</Submit>
                        <Cancel href=list/>
                    </FormActions>
                </PostForm>
            </Panel>
        </div>
        <p role="status" class="sr-only">{dynamic(move || made.read().is_some().then_some(t!("The user was created.")))}</p>
        {dynamic(move || made.get().map(|user| view! { <Made user after=after.clone()/> }.erase()))}
    }
    .erase()
}

/// What the call has made.
pub(super) fn shown(call: LongCall) -> Memo<Option<Credentials>> {
    memo(move || match call.state() {
        CallState::Done(json) => decode::<Credentials>(&json).ok(),
        _ => None,
    })
}

/// A password typed twice, or none.
#[component]
pub(super) fn NewPassword() -> impl IntoView {
    view! {
        <TextField
            name="password"
            label=t!("New password")
            kind="password"
            autocomplete="new-password"
            help=t!("8 to 1000 characters. Leave both empty to have one generated.")
        />
        <TextField name="repeated" label=t!("Repeat the new password") kind="password" autocomplete="new-password"/>
    }
    .erase()
}

/// The user and, where it was generated, the password.
#[component]
pub(super) fn Made(user: Credentials, after: String) -> impl IntoView {
    let Credentials { name, password } = user;
    let secret = match password {
        Some(password) => view! {
            <Hint kind=HintKind::Warning>{t!("The password is shown this once. Give it to the user, who should change it.")}</Hint>
            <Facts>
                <Fact name=t!("Password") wide=true><CopyText text=password what=t!("password")/></Fact>
            </Facts>
        }
        .erase(),
        None => view! { <p>{t!("The user can sign in with the password that was given.")}</p> }.erase(),
    };
    view! {
        <Panel title=name narrow=true>
            <div class="max-w-lg space-y-4">
                {secret}
                <LinkButton href=after look=Look::Primary>{t!("Done")}</LinkButton>
            </div>
        </Panel>
    }
    .erase()
}
