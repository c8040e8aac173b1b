//! What an administrator does to somebody else: another role, another password, out, gone.

use super::api::{ChangeRole, DeleteUser, ResetPassword, SwitchUser};
use super::create::{Made, NewPassword, shown};
use super::{role_help, role_options};
use crate::forms::LongCall;
use crate::reactive::derive;
use crate::routes::{AdminPage, Route};
use crate::ui::{Erase, FormActions, HiddenField, Look, Panel, PostForm, SelectField, Submit, TextField, dynamic};
use leptos::prelude::*;
use model::{Region, Role};
use server_fn::ServerFn;

/// The forms, one below the other.
#[component]
pub(super) fn Manage(region: Region, name: String, role: Role, enabled: bool) -> impl IntoView {
    let (of_role, of_reset, of_switch) = (region.clone(), region.clone(), region.clone());
    let (role_of, reset_of, switch_of) = (name.clone(), name.clone(), name.clone());
    view! {
        <Panel title=t!("Role") narrow=true>
            <RoleForm region=of_role name=role_of role/>
        </Panel>
        <Reset region=of_reset name=reset_of/>
        <Panel title=t!("Access") narrow=true>
            <Switch region=of_switch name=switch_of enabled/>
        </Panel>
        <Panel title=t!("Delete User") narrow=true>
            <Delete region name/>
        </Panel>
    }
    .erase()
}

#[component]
fn RoleForm(region: Region, name: String, role: Role) -> impl IntoView {
    view! {
        <PostForm path=ChangeRole::PATH stays=true>
            <HiddenField name="region" value=region.to_string()/>
            <HiddenField name="name" value=name/>
            <SelectField name="role" label=t!("Role") options=role_options() value=role.as_str() help=role_help()/>
            <FormActions>
                <Submit>{t!("Save")}</Submit>
            </FormActions>
        </PostForm>
    }
    .erase()
}

#[component]
fn Delete(region: Region, name: String) -> impl IntoView {
    let help = t!("Type {name} to confirm. The sessions and access keys of the user end too. This can't be undone.", name);
    view! {
        <PostForm path=DeleteUser::PATH>
            <HiddenField name="region" value=region.to_string()/>
            <HiddenField name="name" value=name/>
            <TextField name="typed_name" label=t!("User name") mono=true help/>
            <FormActions>
                <Submit look=Look::Danger>{t!("Delete")}</Submit>
            </FormActions>
        </PostForm>
    }
    .erase()
}

/// The form, and in its place the password once there is one.
#[component]
fn Reset(region: Region, name: String) -> impl IntoView {
    let call = LongCall::new();
    let made = shown(call);
    let after = Route::Admin(region, AdminPage::Users).path();
    let hidden = derive(move || if made.read().is_some() { "hidden" } else { "" });
    view! {
        <div class=hidden>
            <Panel title=t!("Reset Password") narrow=true>
                <PostForm path=ResetPassword::PATH call>
                    <HiddenField name="name" value=name/>
                    <NewPassword/>
                    <FormActions>
                        <Submit>{t!("Reset Password")}</Submit>
                    </FormActions>
                </PostForm>
            </Panel>
        </div>
        <p role="status" class="sr-only">{dynamic(move || made.read().is_some().then_some(t!("The password was reset.")))}</p>
        {dynamic(move || made.get().map(|user| view! { <Made user after=after.clone()/> }.erase()))}
    }
    .erase()
}

/// The button that disables an enabled user, or enables a disabled one.
#[component]
fn Switch(region: Region, name: String, enabled: bool) -> impl IntoView {
    let (words, effect) = if enabled {
        (
            t!("Disable" in "item"),
            t!("The user's sessions end at once, and it can't sign in. Its access keys are refused until it is enabled again."),
        )
    } else {
        (t!("Enable" in "item"), t!("The user can sign in again, and its access keys are taken again."))
    };
    view! {
        <PostForm path=SwitchUser::PATH stays=true>
            <p class="text-muted">{effect}</p>
            <HiddenField name="region" value=region.to_string()/>
            <HiddenField name="name" value=name/>
            <HiddenField name="enabled" value=(!enabled).to_string()/>
            <FormActions>
                <Submit look=Look::Plain>{words}</Submit>
            </FormActions>
        </PostForm>
    }
    .erase()
}
