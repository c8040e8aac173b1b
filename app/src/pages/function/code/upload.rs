use super::super::FunctionFields;
use super::api::UploadCode as UploadCodeFn;
use crate::routes::{FunctionPage, Route};
use crate::ui::{Cancel, Erase, FileField, FormActions, PostForm, Submit};
use leptos::prelude::*;
use model::FunctionRef;
use server_fn::ServerFn;

/// A new package, in the dialog and on the page.
#[component]
pub(super) fn UploadCode(
    function: FunctionRef,
    /// Closes the dialog that the form is in.
    #[prop(optional_no_strip, into)]
    on_close: Option<Callback<()>>,
) -> impl IntoView {
    let back = Route::Function(function.clone(), FunctionPage::Code).path();
    view! {
        <PostForm path=UploadCodeFn::PATH multipart=true on_done=on_close>
            <FunctionFields function/>
            <FileField
                name="file"
                label=t!("Package")
                accept=".zip,application/zip"
                help=t!("A ZIP archive of at most 100 MB. It replaces all files; new invocations run it, running ones end on the old code.")
            />
            <FormActions>
                <Submit>{t!("OK")}</Submit>
                <Cancel href=back on_cancel=on_close/>
            </FormActions>
        </PostForm>
    }
    .erase()
}
