use super::api::FunctionDetails;
use super::form::ConfigurationForm;
use crate::reactive::{Load, use_data};
use crate::routes::{FunctionPage, Route};
use crate::ui::{Dialog, DialogButton, DialogShape, Each, Fact, Facts, Item, PageHead, Panel, Timestamp};
use leptos::prelude::*;
use model::{Function, FunctionRef, format};

const FORM_TITLE: &str = "Modify Configurations";

/// The configuration, and the panel (or page) that changes it.
#[component]
pub(crate) fn ConfigurationsTab(function: FunctionRef, page: Memo<FunctionPage>) -> impl IntoView {
    let details = {
        let function = function.clone();
        use_data(move || FunctionDetails { function: function.clone() })
    };
    let on_form_page = Memo::new(move |_| page.get() == FunctionPage::ModifyConfigurations);
    let region = function.region.to_string();
    let title = move || {
        let title = if on_form_page.get() { FORM_TITLE } else { "Configurations" };
        view! { <PageHead title within=region.clone() small=true/> }
    };
    view! {
        {title}
        <Load
            data=details
            view={move |details: Signal<Function>| {
                let body = move || {
                    if on_form_page.get() {
                        view! { <Panel narrow=true><ConfigurationForm function=details.get_untracked()/></Panel> }.into_any()
                    } else {
                        view! { <Configuration details/> }.into_any()
                    }
                };
                body.into_any()
            }}
        />
    }
    .into_any()
}

#[component]
fn Configuration(details: Signal<Function>) -> impl IntoView {
    let open = RwSignal::new(false);
    let form_page = Route::Function(details.with_untracked(Function::function_ref), FunctionPage::ModifyConfigurations).path();
    let actions = move || view! { <DialogButton page=form_page.clone() open>"Modify"</DialogButton> }.into_any();
    let text = move |read: fn(&Function) -> String| move || details.with(read);
    let described = move || details.with(|f| if f.spec.description.is_empty() { "–".to_owned() } else { f.spec.description.clone() });
    let at = move |read: fn(&Function) -> model::UnixMillis| Signal::derive(move || Some(details.with(read)));
    view! {
        <div class="space-y-4">
            <Panel title="Basic" actions=std::sync::Arc::new(actions)>
                <Facts>
                    <Fact name="Description" wide=true>{described}</Fact>
                    <Fact name="Handler Type">"Event Handler"</Fact>
                    <Fact name="Runtime">{text(|f| f.spec.runtime.to_string())}</Fact>
                    <Fact name="Handler"><code class="font-mono text-meta">{text(|f| f.spec.handler.clone())}</code></Fact>
                    <Fact name="Memory">{text(|f| format!("{} MB", format::count(f.spec.memory_mb)))}</Fact>
                    <Fact name="Execution Timeout">{text(|f| format::seconds(f.spec.timeout_s))}</Fact>
                    <Fact name="Instance Concurrency">{text(|f| f.spec.instance_concurrency.to_string())}</Fact>
                    <Fact name="Created At"><Timestamp at=at(|f| f.created_at)/></Fact>
                    <Fact name="Last Modified"><Timestamp at=at(|f| f.modified_at)/></Fact>
                </Facts>
            </Panel>
            <Panel title="Environment Variables">
                <Environment details/>
            </Panel>
        </div>
        <Dialog open title=FORM_TITLE id="modify-configurations" shape=DialogShape::Side>
            <ConfigurationForm function=details.get_untracked() on_close=Callback::new(move |()| open.set(false))/>
        </Dialog>
    }
    .into_any()
}

/// Keys in sight, values folded away until they are asked for (C-57).
#[component]
fn Environment(details: Signal<Function>) -> impl IntoView {
    let pairs = move || details.with(|f| f.spec.environment.clone().into_iter().map(variable).collect());
    let is_empty = Memo::new(move |_| details.with(|f| f.spec.environment.is_empty()));
    move || {
        if is_empty.get() {
            return view! { <p class="text-muted">"None"</p> }.into_any();
        }
        view! {
            <ul class="space-y-1.5 font-mono text-meta">
                <Each items=pairs/>
            </ul>
        }
        .into_any()
    }
}

fn variable((key, value): (String, String)) -> Item {
    Item::new(format!("{key}={value}"), move || {
        view! {
            <li class="flex flex-wrap items-baseline gap-x-3">
                <span class="min-w-40">{key.clone()}</span>
                <details class="min-w-0">
                    <summary class="cursor-pointer text-muted hover:text-ink" aria-label=format!("Show value of {key}")>
                        "Show value"
                    </summary>
                    <span class="wrap-anywhere">{value}</span>
                </details>
            </li>
        }
        .into_any()
    })
}
