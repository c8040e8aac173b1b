use crate::error::Result;
use crate::routes::{FunctionPage, Route};
use crate::ui::{Cancel, Erase, FormActions, Hint, HintKind, Look, PageHead, Panel, PostForm, Submit, TextField};
use leptos::prelude::*;
use model::{FunctionName, FunctionRef, Region, ServiceName};
use server_fn::ServerFn;

/// Deletes a function after its name was typed.
#[server]
pub async fn delete_function(region: Region, service: ServiceName, function: FunctionName, typed_name: String) -> Result<()> {
    use crate::{error::ConsoleError, notice::Notice, server};
    let (console, _) = server::signed_in()?;
    if typed_name.trim() != function.as_str() {
        return Err(ConsoleError::field("typed_name", t!("Type {name} to confirm.", name = function)));
    }
    let function = FunctionRef { region, service, function };
    console.control.delete_function(&function, None).await?;
    server::redirect(&Route::Functions(function.service_ref()).with_notice(Notice::FunctionDeleted));
    Ok(())
}

/// Asks for the function's name (C-53).
#[component]
pub(super) fn DeleteFunction(function: FunctionRef) -> impl IntoView {
    let name = function.function.to_string();
    let back = Route::Function(function.clone(), FunctionPage::Code).path();
    view! {
        <PageHead title=t!("Delete function {name}", name) within=function.region.to_string() small=true/>
        <Panel narrow=true>
            <PostForm path=DeleteFunction::PATH>
                <Hint kind=HintKind::Warning>{t!("Waiting tasks become Invalid, running ones are ended. Records of tasks stay for as long as they are kept.")}</Hint>
                <super::FunctionFields function/>
                <TextField name="typed_name" label=t!("Function Name") mono=true help=t!("Type {name} to confirm. This can't be undone.", name)/>
                <FormActions>
                    <Submit look=Look::Danger>{t!("Delete")}</Submit>
                    <Cancel href=back/>
                </FormActions>
            </PostForm>
        </Panel>
    }
    .erase()
}
