use super::api::SaveView as SaveViewFn;
use crate::reactive::{derive, use_query};
use crate::routes::{Route, safe_next};
use crate::ui::{Back, Cancel, Erase, FormActions, HiddenField, PageHead, Panel, PostForm, Submit, TextField};
use leptos::prelude::*;
use model::Region;
use server_fn::ServerFn;

/// `/{region}/save-view`: asks for the name of what the list at the address `of` shows.
#[component]
pub(crate) fn SaveView(region: Region) -> impl IntoView {
    let query = use_query();
    let of = query.with_untracked(|query| query.get("of").unwrap_or_default());
    let list = safe_next(&of);
    let words = Route::parse(list.split('?').next().unwrap_or_default()).map_or(String::new(), |list| list.list_label());
    let back = list.clone();
    let of = derive(move || query.with(|query| query.get("of").unwrap_or_default()));
    view! {
        <Back href=back>{words}</Back>
        <PageHead title=t!("Save view") within=region.to_string() subtitle=t!("Keeps the filters of this list by a name, for you.")/>
        <Panel narrow=true>
            <PostForm path=SaveViewFn::PATH>
                <HiddenField name="of" value=of/>
                <TextField name="name" label=t!("Name") required=true help=t!("1 to 64 characters. A view of this list that has the name already is replaced.")/>
                <FormActions>
                    <Submit>{t!("Save view")}</Submit>
                    <Cancel href=list/>
                </FormActions>
            </PostForm>
        </Panel>
    }
    .erase()
}
