use super::super::FunctionFields;
use super::api::DeleteTrigger as DeleteTriggerFn;
use crate::routes::{FunctionPage, Route};
use crate::ui::{Cancel, Erase, FormActions, HiddenField, Hint, HintKind, Look, Panel, PostForm, Submit};
use leptos::prelude::*;
use model::{FunctionRef, TriggerName};
use server_fn::ServerFn;

/// `…/{function}/triggers/{trigger}/delete`: asks.
#[component]
pub(super) fn DeleteTrigger(function: FunctionRef, trigger: TriggerName) -> impl IntoView {
    let back = Route::Function(function.clone(), FunctionPage::Triggers).path();
    view! {
        <Panel narrow=true>
            <PostForm path=DeleteTriggerFn::PATH>
                <Hint kind=HintKind::Warning>
                    {t!("It fires no more, and what it has submitted goes on. An HTTP function can't be called any more without its HTTP trigger. To keep a time trigger from firing for a while, disable it.")}
                </Hint>
                <FunctionFields function/>
                <HiddenField name="trigger" value=trigger.to_string()/>
                <FormActions>
                    <Submit look=Look::Danger>{t!("Delete")}</Submit>
                    <Cancel href=back/>
                </FormActions>
            </PostForm>
        </Panel>
    }
    .erase()
}
