use super::delete::DeleteTrigger;
use super::form::Loaded;
use super::list::TriggerList;
use crate::routes::FunctionPage;
use crate::ui::{Erase, PageHead, Panel, dynamic};
use leptos::prelude::*;
use model::{FunctionRef, TriggerName};

pub(super) fn create_title() -> &'static str {
    t!("Create Trigger")
}

/// The function's triggers: the list, and the pages of one.
#[component]
pub(crate) fn TriggersTab(function: FunctionRef, page: Memo<FunctionPage>) -> impl IntoView {
    dynamic(move || {
        let function = function.clone();
        let within = function.region.to_string();
        let form = |title: String, function: FunctionRef, trigger: Option<TriggerName>| {
            view! {
                <PageHead title within=function.region.to_string() small=true/>
                <Panel narrow=true>
                    <Loaded function trigger/>
                </Panel>
            }
            .erase()
        };
        match page.get() {
            FunctionPage::CreateTrigger => form(create_title().to_owned(), function, None),
            FunctionPage::ModifyTrigger(name) => form(t!("Modify trigger {name}", name), function, Some(name)),
            FunctionPage::DeleteTrigger(trigger) => view! {
                <PageHead title=t!("Delete trigger {name}", name = trigger) within small=true/>
                <DeleteTrigger function trigger/>
            }
            .erase(),
            _ => view! { <TriggerList function/> }.erase(),
        }
    })
}
