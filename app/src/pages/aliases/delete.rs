use super::api::DeleteAlias as DeleteAliasFn;
use crate::pages::services::{ServiceFields, ServiceHead};
use crate::routes::{Route, ServicePage};
use crate::ui::{Cancel, Erase, FormActions, HiddenField, Hint, HintKind, Look, PageHead, Panel, PostForm, Submit};
use leptos::prelude::*;
use model::{AliasName, ServiceRef};
use server_fn::ServerFn;

/// `/{region}/services/{service}/aliases/{alias}/delete`; a refusal names the triggers that call it.
#[component]
pub(crate) fn DeleteAlias(service: ServiceRef, alias: AliasName) -> impl IntoView {
    let list = Route::Service(service.clone(), ServicePage::Aliases);
    let back = list.path();
    view! {
        <ServiceHead service=service.clone() list/>
        <PageHead title=t!("Delete alias {alias}", alias) within=service.region.to_string() small=true/>
        <Panel narrow=true>
            <PostForm path=DeleteAliasFn::PATH>
                <Hint kind=HintKind::Warning>
                    {t!("Calls by this name fail from then on, and the asynchronous configurations of this name are deleted. The version that it leads to stays, and tasks that were accepted by it go on.")}
                </Hint>
                <ServiceFields service/>
                <HiddenField name="alias" value=alias.to_string()/>
                <FormActions>
                    <Submit look=Look::Danger>{t!("Delete")}</Submit>
                    <Cancel href=back/>
                </FormActions>
            </PostForm>
        </Panel>
    }
    .erase()
}
