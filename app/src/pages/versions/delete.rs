use super::api::{DeleteVersion as DeleteVersionFn, Row, Version};
use super::list::AliasLinks;
use crate::pages::services::{ServiceFields, ServiceHead};
use crate::reactive::{Load, memo, use_still_data};
use crate::routes::{Route, ServicePage};
use crate::ui::{
    Cancel, Erase, Fact, Facts, FormActions, HiddenField, Hint, HintKind, LinkButton, Look, PageHead, Panel, PostForm, Submit, Timestamp,
    dynamic,
};
use leptos::prelude::*;
use model::{ServiceRef, VersionId};
use server_fn::ServerFn;

/// `/{region}/services/{service}/versions/{version}/delete`: names the aliases that block it, else asks.
#[component]
pub(crate) fn DeleteVersion(service: ServiceRef, version: VersionId) -> impl IntoView {
    let found = {
        let service = service.clone();
        // Once it is deleted there is nothing to read again.
        use_still_data(move || Version { service: service.clone(), version })
    };
    let list = Route::Service(service.clone(), ServicePage::Versions);
    view! {
        <ServiceHead service=service.clone() list/>
        <PageHead title=t!("Delete version {version}", version) within=service.region.to_string() small=true/>
        <Load
            data=found
            rows=3
            view={move |row: ReadSignal<Row>| {
                let service = service.clone();
                let is_free = memo(move || row.with(|row| row.aliases.is_empty()));
                let body = move || {
                    let (service, row) = (service.clone(), row.get());
                    if is_free.get() { view! { <Confirm service row/> }.erase() } else { view! { <Blocked service row/> }.erase() }
                };
                view! { <Panel narrow=true>{dynamic(body)}</Panel> }.erase()
            }}
        />
    }
    .erase()
}

#[component]
fn Blocked(service: ServiceRef, row: Row) -> impl IntoView {
    let aliases = Route::Service(service.clone(), ServicePage::Aliases).path();
    view! {
        <div class="max-w-lg space-y-4">
            <Hint kind=HintKind::Warning>{t!("Aliases lead to this version, so it can't be deleted. Let them lead to another version or delete them first:")}</Hint>
            <p class="wrap-anywhere"><AliasLinks service aliases=row.aliases/></p>
            <LinkButton href=aliases>{t!("Open aliases")}</LinkButton>
        </div>
    }
    .erase()
}

#[component]
fn Confirm(service: ServiceRef, row: Row) -> impl IntoView {
    let list = Route::Service(service.clone(), ServicePage::Versions).path();
    view! {
        <PostForm path=DeleteVersionFn::PATH>
            <Facts>
                <Fact name=t!("Published")><Timestamp at=Some(row.published_at)/></Fact>
                <Fact name=t!("Description") wide=true>{if row.description.is_empty() { "–".to_owned() } else { row.description }}</Fact>
            </Facts>
            <Hint kind=HintKind::Warning>
                {t!("Its waiting tasks become Invalid, running ones are ended. Its code is gone, and its number is not given again. This can't be undone.")}
            </Hint>
            <ServiceFields service/>
            <HiddenField name="version" value=row.id.to_string()/>
            <FormActions>
                <Submit look=Look::Danger>{t!("Delete")}</Submit>
                <Cancel href=list/>
            </FormActions>
        </PostForm>
    }
    .erase()
}
