use super::api::{Configuration, ReadConfiguration};
use super::form::ConfigurationForm;
use crate::pages::qualifier::{QualifierSelect, ReadOnlyHint, use_qualifier};
use crate::reactive::{Load, derive, memo, use_data};
use crate::routes::{FunctionPage, Route};
use crate::ui::{Dialog, DialogButton, DialogShape, Each, Erase, Fact, Facts, Item, PageHead, Panel, Timestamp, dynamic};
use leptos::prelude::*;
use model::{FunctionRef, UnixMillis, format};

const FORM_TITLE: &str = "Modify Configurations";

/// The configuration, and the panel (or page) that changes it.
#[component]
pub(crate) fn ConfigurationsTab(function: FunctionRef, page: Memo<FunctionPage>) -> impl IntoView {
    let qualifier = use_qualifier();
    let details = {
        let function = function.clone();
        use_data(move || ReadConfiguration { function: function.clone(), qualifier: qualifier.get() })
    };
    let on_form_page = memo(move || page.get() == FunctionPage::ModifyConfigurations);
    let title = move || {
        let within = function.region.to_string();
        if on_form_page.get() {
            return view! { <PageHead title=FORM_TITLE within small=true/> }.erase();
        }
        let (service, action) = (function.service_ref(), Route::Function(function.clone(), FunctionPage::Configurations).path());
        view! {
            <PageHead title="Configurations" within small=true>
                <QualifierSelect service action chosen=qualifier/>
            </PageHead>
        }
        .erase()
    };
    view! {
        {dynamic(title)}
        <ReadOnlyHint qualifier/>
        <Load
            data=details
            view={move |details: ReadSignal<Configuration>| {
                let body = move || {
                    if on_form_page.get() {
                        view! { <Panel narrow=true><ConfigurationForm now=details.get_untracked()/></Panel> }.erase()
                    } else {
                        view! { <Shown details qualifier/> }.erase()
                    }
                };
                dynamic(body)
            }}
        />
    }
    .erase()
}

#[component]
fn Shown(details: ReadSignal<Configuration>, qualifier: Memo<String>) -> impl IntoView {
    let open = RwSignal::new(false);
    let form_page = Route::Function(details.with_untracked(|f| f.function.clone()), FunctionPage::ModifyConfigurations).path();
    let actions = move || {
        let form_page = form_page.clone();
        let is_latest = move || qualifier.read().is_empty();
        dynamic(move || is_latest().then(|| view! { <DialogButton page=form_page.clone() open>"Modify"</DialogButton> }.erase()))
    };
    let text = move |read: fn(&Configuration) -> String| move || details.with(read);
    let described = move || details.with(|f| if f.description.is_empty() { "–".to_owned() } else { f.description.clone() });
    let at = move |read: fn(&Configuration) -> UnixMillis| derive(move || Some(details.with(read)));
    view! {
        <div class="space-y-4">
            <Panel title="Basic" actions=std::sync::Arc::new(actions)>
                <Facts>
                    <Fact name="Description" wide=true>{dynamic(described)}</Fact>
                    <Fact name="Handler Type">"Event Handler"</Fact>
                    <Fact name="Runtime">{text(|f| f.runtime.to_string())}</Fact>
                    <Fact name="Handler"><code class="font-mono text-meta">{text(|f| f.handler.clone())}</code></Fact>
                    <Fact name="Memory">{text(|f| format!("{} MB", format::count(f.memory_mb)))}</Fact>
                    <Fact name="Execution Timeout">{text(|f| format::seconds(f.timeout_s))}</Fact>
                    <Fact name="Instance Concurrency">{text(|f| f.instance_concurrency.to_string())}</Fact>
                    <Fact name="Created At"><Timestamp at=at(|f| f.created_at)/></Fact>
                    <Fact name="Last Modified"><Timestamp at=at(|f| f.modified_at)/></Fact>
                </Facts>
            </Panel>
            <Panel title="Environment Variables">
                <Environment details/>
            </Panel>
        </div>
        <Dialog open title=FORM_TITLE id="modify-configurations" shape=DialogShape::Side>
            <ConfigurationForm now=details.get_untracked() on_close=Callback::new(move |()| open.set(false))/>
        </Dialog>
    }
    .erase()
}

/// Keys in sight, values folded away until they are asked for (C-57).
#[component]
fn Environment(details: ReadSignal<Configuration>) -> impl IntoView {
    let pairs = move || details.with(|f| f.environment.clone().into_iter().map(variable).collect());
    let is_empty = memo(move || details.with(|f| f.environment.is_empty()));
    dynamic(move || {
        if is_empty.get() {
            return view! { <p class="text-muted">"None"</p> }.erase();
        }
        view! {
            <ul class="space-y-1.5 font-mono text-meta">
                <Each items=pairs/>
            </ul>
        }
        .erase()
    })
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
        .erase()
    })
}
