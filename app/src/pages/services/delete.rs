use super::api::{BlockingFunctions, DeleteService as DeleteServiceFn};
use crate::reactive::{Load, memo, use_still_data};
use crate::routes::{FunctionPage, Route};
use crate::ui::{
    Back, Cancel, Each, Erase, FormActions, HiddenField, Hint, HintKind, Item, LinkButton, Look, PageHead, Panel, PostForm, Submit,
    TextField, TextLink,
};
use leptos::prelude::*;
use model::{FunctionName, FunctionRef, ServiceRef};
use server_fn::ServerFn;

/// `/{region}/services/{service}/delete`: names what blocks it, else asks for the name.
#[component]
pub(crate) fn DeleteService(service: ServiceRef) -> impl IntoView {
    let blocking = {
        let service = service.clone();
        // Once it is deleted there is nothing to read again.
        use_still_data(move || BlockingFunctions { service: service.clone() })
    };
    let list = Route::Services(service.region.clone()).path();
    view! {
        <Back href=list>{t!("Services")}</Back>
        <PageHead title=t!("Delete service {service}", service = service.service) within=service.region.to_string()/>
        <Load
            data=blocking
            view={move |names: ReadSignal<Vec<FunctionName>>| {
                let service = service.clone();
                let is_free = memo(move || names.with(Vec::is_empty));
                let body = move || {
                    if is_free.get() {
                        view! { <Confirm service=service.clone()/> }.erase()
                    } else {
                        view! { <Blocked service=service.clone() names/> }.erase()
                    }
                };
                view! { <Panel narrow=true>{body}</Panel> }.erase()
            }}
        />
    }
    .erase()
}

#[component]
fn Blocked(service: ServiceRef, names: ReadSignal<Vec<FunctionName>>) -> impl IntoView {
    let functions = Route::Functions(service.clone()).path();
    view! {
        <div class="max-w-lg space-y-4">
            <Hint kind=HintKind::Warning>{t!("A service that still has functions can't be deleted. Delete these first:")}</Hint>
            <ul class="space-y-1">
                <Each items=move || {
                    let service = service.clone();
                    let item = move |name: FunctionName| {
                        let function = FunctionRef { region: service.region.clone(), service: service.service.clone(), function: name.clone() };
                        let href = Route::Function(function, FunctionPage::Code).path();
                        let key = href.clone();
                        let draw = move || view! { <li class="font-mono text-meta"><TextLink href>{name.to_string()}</TextLink></li> }.erase();
                        Item::new(key, draw)
                    };
                    names.get().into_iter().map(item).collect()
                }/>
            </ul>
            <LinkButton href=functions>{t!("Open functions")}</LinkButton>
        </div>
    }
    .erase()
}

#[component]
fn Confirm(service: ServiceRef) -> impl IntoView {
    view! {
        <PostForm path=DeleteServiceFn::PATH>
            <HiddenField name="region" value=service.region.to_string()/>
            <HiddenField name="service" value=service.service.to_string()/>
            <TextField name="typed_name" label=t!("Service Name") mono=true help=t!("Type {name} to confirm. This can't be undone.", name = service.service)/>
            <FormActions>
                <Submit look=Look::Danger>{t!("Delete")}</Submit>
                <Cancel href=Route::Services(service.region.clone()).path()/>
            </FormActions>
        </PostForm>
    }
    .erase()
}
