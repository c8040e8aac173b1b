use super::api::{DeleteService as DeleteServiceFn, blocking_functions};
use crate::reactive::Load;
use crate::routes::{FunctionPage, Route};
use crate::ui::{
    Back, Cancel, FormActions, HiddenField, Hint, HintKind, LinkButton, Look, PageHead, Panel, PostForm, Submit, TextField, TextLink,
};
use leptos::prelude::*;
use model::{FunctionName, FunctionRef, ServiceRef};

/// `/{region}/services/{service}/delete`: names what blocks it, else asks for the name.
#[component]
pub(crate) fn DeleteService(service: ServiceRef) -> impl IntoView {
    let blocking = Resource::new(
        {
            let service = service.clone();
            move || service.clone()
        },
        blocking_functions,
    );
    let list = Route::Services(service.region.clone()).path();
    view! {
        <Back href=list>"Services"</Back>
        <PageHead title=format!("Delete service {}", service.service) within=service.region.to_string()/>
        <Load
            resource=blocking
            view={move |names: Signal<Vec<FunctionName>>| {
                let service = service.clone();
                let is_free = Memo::new(move |_| names.with(Vec::is_empty));
                let body = move || {
                    if is_free.get() {
                        view! { <Confirm service=service.clone()/> }.into_any()
                    } else {
                        view! { <Blocked service=service.clone() names/> }.into_any()
                    }
                };
                view! { <Panel narrow=true>{body}</Panel> }.into_any()
            }}
        />
    }
    .into_any()
}

#[component]
fn Blocked(service: ServiceRef, names: Signal<Vec<FunctionName>>) -> impl IntoView {
    let functions = Route::Functions(service.clone()).path();
    view! {
        <div class="max-w-lg space-y-4">
            <Hint kind=HintKind::Warning>"A service that still has functions can't be deleted. Delete these first:"</Hint>
            <ul class="space-y-1">
                <For each=move || names.get() key=FunctionName::clone let:name>
                    <li class="font-mono text-meta">
                        <TextLink href=Route::Function(
                                FunctionRef { region: service.region.clone(), service: service.service.clone(), function: name.clone() },
                                FunctionPage::Code,
                            )
                            .path()>{name.to_string()}</TextLink>
                    </li>
                </For>
            </ul>
            <LinkButton href=functions>"Open functions"</LinkButton>
        </div>
    }
    .into_any()
}

#[component]
fn Confirm(service: ServiceRef) -> impl IntoView {
    let action = ServerAction::<DeleteServiceFn>::new();
    view! {
        <PostForm action>
            <HiddenField name="region" value=service.region.to_string()/>
            <HiddenField name="service" value=service.service.to_string()/>
            <TextField name="typed_name" label="Service Name" mono=true help=format!("Type {} to confirm. This can't be undone.", service.service)/>
            <FormActions>
                <Submit look=Look::Danger>"Delete"</Submit>
                <Cancel href=Route::Services(service.region.clone()).path()/>
            </FormActions>
        </PostForm>
    }
    .into_any()
}
