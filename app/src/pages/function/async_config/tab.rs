use super::api::{AsyncPolicy, ModifyAsyncPolicy, ModifyDestinations};
use super::destination_form::DestinationForm;
use super::policy_form::PolicyForm;
use crate::pages::connect::CopyPolicyAs;
use crate::pages::qualifier::{QualifierSelect, use_qualifier};
use crate::reactive::{Load, derive, memo, use_data};
use crate::routes::{FunctionPage, Route};
use crate::ui::{Dialog, DialogButton, DialogShape, Erase, Fact, Facts, Hint, PageHead, Panel, Pill, Timestamp, Tone, dynamic};
use leptos::prelude::*;
use model::{AsyncConfig, Destinations, FunctionRef, format, limits};
use server_fn::ServerFn;

fn form_title() -> &'static str {
    t!("Modify the Policy for Asynchronous Mode")
}

fn destinations_title() -> &'static str {
    t!("Modify Destinations")
}

/// Policy and destinations in force, and the panels (or pages) that change them.
#[component]
pub(crate) fn AsyncConfigTab(function: FunctionRef, page: Memo<FunctionPage>) -> impl IntoView {
    let qualifier = use_qualifier();
    let policy = {
        let function = function.clone();
        use_data(move || AsyncPolicy { function: function.clone(), qualifier: qualifier.get() })
    };
    let of_title = function.clone();
    let title = move || {
        let within = of_title.region.to_string();
        let title = match page.get() {
            FunctionPage::ModifyAsyncPolicy => form_title(),
            FunctionPage::ModifyDestinations => destinations_title(),
            _ => {
                let (service, action) = (of_title.service_ref(), Route::Function(of_title.clone(), FunctionPage::AsyncConfig).path());
                return view! {
                    <PageHead title=t!("Asynchronous Configurations") within small=true>
                        <QualifierSelect service action chosen=qualifier/>
                    </PageHead>
                }
                .erase();
            }
        };
        view! { <PageHead title within small=true/> }.erase()
    };
    view! {
        {dynamic(title)}
        <Load
            data=policy
            rows=2
            view={move |policy: ReadSignal<Option<AsyncConfig>>| {
                let function = function.clone();
                let body = move || {
                    let function = function.clone();
                    match page.get() {
                        FunctionPage::ModifyAsyncPolicy => {
                            view! { <Panel narrow=true><PolicyForm function qualifier=qualifier.get_untracked() config=policy.get_untracked()/></Panel> }.erase()
                        }
                        FunctionPage::ModifyDestinations => {
                            view! { <Panel narrow=true><DestinationForm function qualifier=qualifier.get_untracked() destinations=destinations(policy)/></Panel> }.erase()
                        }
                        _ => view! {
                            <div class="space-y-4">
                                <Policy function=function.clone() qualifier policy/>
                                <DestinationsPanel function=function.clone() qualifier policy/>
                                <CopyPolicyAs function qualifier/>
                            </div>
                        }
                        .erase(),
                    }
                };
                dynamic(body)
            }}
        />
    }
    .erase()
}

#[component]
fn Policy(function: FunctionRef, qualifier: Memo<String>, policy: ReadSignal<Option<AsyncConfig>>) -> impl IntoView {
    let open = RwSignal::new(false);
    let form_page = Route::Function(function.clone(), FunctionPage::ModifyAsyncPolicy);
    let form_page = move || form_page.with_query(&[("qualifier", &qualifier.read())]);
    let enabled = memo(move || policy.with(|config| config.as_ref().is_some_and(AsyncConfig::task_mode)));
    let retries = move || policy.with(|config| config.as_ref().map_or(limits::RETRY_ATTEMPTS_DEFAULT, AsyncConfig::retries)).to_string();
    let lifetime = move || policy.with(|config| config.as_ref().map_or(limits::EVENT_AGE_S_DEFAULT, AsyncConfig::event_age_s));
    let created = derive(move || policy.with(|config| config.as_ref().map(|config| config.created_at)));
    let modified = derive(move || policy.with(|config| config.as_ref().map(|config| config.modified_at)));
    let tone = derive(move || if enabled.get() { Tone::Active } else { Tone::Idle });
    let actions = move || {
        let form_page = form_page.clone();
        dynamic(move || view! { <DialogButton page=form_page() open needs=ModifyAsyncPolicy::PATH>{t!("Modify")}</DialogButton> }.erase())
    };
    view! {
        <Panel title=t!("Asynchronous Policy") actions=std::sync::Arc::new(actions)>
            {dynamic(move || policy.with(Option::is_none).then(|| view! { <div class="mb-4"><Hint>{t!("Default policy in use")}</Hint></div> }.erase()))}
            <Facts>
                <Fact name=t!("Task Mode")>
                    <Pill tone>{dynamic(move || if enabled.get() { t!("Enabled") } else { t!("Disabled") })}</Pill>
                </Fact>
                <Fact name=t!("Maximum Retries")>{dynamic(retries)}</Fact>
                <Fact name=t!("Maximum Message Lifetime")>{dynamic(move || format::seconds(lifetime()))}</Fact>
                <Fact name=t!("Created")><Timestamp at=created/></Fact>
                <Fact name=t!("Last Modified")><Timestamp at=modified/></Fact>
            </Facts>
        </Panel>
        <Dialog open title=form_title() id="modify-policy" shape=DialogShape::Side>
            <PolicyForm function=function.clone() qualifier=qualifier.get_untracked() config=policy.get_untracked() on_close=Callback::new(move |()| open.set(false))/>
        </Dialog>
    }
    .erase()
}

fn destinations(policy: ReadSignal<Option<AsyncConfig>>) -> Destinations {
    policy.with_untracked(|config| config.as_ref().map(Destinations::of).unwrap_or_default())
}

#[component]
fn DestinationsPanel(function: FunctionRef, qualifier: Memo<String>, policy: ReadSignal<Option<AsyncConfig>>) -> impl IntoView {
    let open = RwSignal::new(false);
    let form_page = Route::Function(function.clone(), FunctionPage::ModifyDestinations);
    let form_page = move || form_page.with_query(&[("qualifier", &qualifier.read())]);
    let shown = move |of: fn(Destinations) -> Option<String>| {
        let target = policy.with(|config| config.as_ref().map(Destinations::of).and_then(of));
        match target {
            Some(target) => view! { <code class="font-mono text-meta wrap-anywhere">{target}</code> }.erase(),
            None => view! { <span>{t!("none")}</span> }.erase(),
        }
    };
    let actions = move || {
        let form_page = form_page.clone();
        dynamic(move || {
            view! { <DialogButton page=form_page() open needs=ModifyDestinations::PATH>{t!("Modify destinations")}</DialogButton> }.erase()
        })
    };
    view! {
        <Panel title=t!("Destinations") actions=std::sync::Arc::new(actions)>
            <Facts>
                <Fact name=t!("On Success") double=true>{dynamic(move || shown(|destinations| destinations.on_success))}</Fact>
                <Fact name=t!("On Failure") double=true>{dynamic(move || shown(|destinations| destinations.on_failure))}</Fact>
            </Facts>
        </Panel>
        <Dialog open title=destinations_title() id="modify-destinations" shape=DialogShape::Side>
            <DestinationForm function=function.clone() qualifier=qualifier.get_untracked() destinations=destinations(policy) on_close=Callback::new(move |()| open.set(false))/>
        </Dialog>
    }
    .erase()
}
