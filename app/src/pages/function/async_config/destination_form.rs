use super::super::FunctionFields;
use super::api::ModifyDestinations;
use crate::routes::{FunctionPage, Route};
use crate::ui::{Cancel, Erase, FormActions, HiddenField, PostForm, Submit, TextField};
use leptos::prelude::*;
use model::{Destinations, FunctionRef};
use server_fn::ServerFn;

/// The fields of C-67, in the panel and on the page.
#[component]
pub(super) fn DestinationForm(
    function: FunctionRef,
    /// Whose configuration it is; empty for `LATEST`.
    qualifier: String,
    /// Those in force.
    destinations: Destinations,
    /// Closes the panel that the form is in.
    #[prop(optional_no_strip, into)]
    on_close: Option<Callback<()>>,
) -> impl IntoView {
    let back = Route::Function(function.clone(), FunctionPage::AsyncConfig).with_query(&[("qualifier", &qualifier)]);
    let placeholder = format!("acs:fc:::services/{}/functions/…", function.service);
    view! {
        <PostForm path=ModifyDestinations::PATH on_done=on_close>
            <FunctionFields function/>
            <HiddenField name="qualifier" value=qualifier/>
            <TextField
                name="on_success"
                label=t!("On Success")
                value=destinations.on_success.unwrap_or_default()
                placeholder=placeholder.clone()
                mono=true
                help=t!("Gets the outcome of a task that ends as Succeeded. Empty for none.")
            />
            <TextField
                name="on_failure"
                label=t!("On Failure")
                value=destinations.on_failure.unwrap_or_default()
                placeholder
                mono=true
                help=t!("Gets the outcome of a task that ends as Failed, Expired, Invalid or Stopped. Empty for none.")
            />
            <p class="text-meta text-muted">
                {t!("Another event function by its ARN, which is invoked asynchronously, or a webhook by its http:// or https:// address, which gets a POST. Tasks keep the destinations that they were submitted with.")}
            </p>
            <FormActions>
                <Submit>{t!("OK")}</Submit>
                <Cancel href=back on_cancel=on_close/>
            </FormActions>
        </PostForm>
    }
    .erase()
}
