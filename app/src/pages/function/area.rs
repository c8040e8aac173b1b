use super::async_config::AsyncConfigTab;
use super::code::CodeTab;
use super::configurations::ConfigurationsTab;
use super::delete::DeleteFunction;
use super::instances::InstancesTab;
use super::logs::LogsTab;
use super::paused::PausedNotice;
use super::tasks::TasksTab;
use super::test_function::TestTab;
use super::triggers::TriggersTab;
use crate::bootstrap::use_bootstrap;
use crate::pages::metrics::MetricsTab;
use crate::pages::qualifier::use_qualifier;
use crate::part::{Part, part};
use crate::reactive::{derive, memo};
use crate::routes::{self, FunctionPage, Route};
use crate::ui::{Copy, Erase, Glyph, Icon, MenuItem, Pill, Popover, Tab, Tabs, dynamic};
use leptos::prelude::*;
use model::{FunctionRef, Qualifier};

/// The tabs with their words.
fn tabs() -> [(FunctionPage, &'static str); 9] {
    [
        (FunctionPage::Code, t!("Code")),
        (FunctionPage::Configurations, t!("Configurations")),
        (FunctionPage::Triggers, t!("Triggers")),
        (FunctionPage::Test, t!("Test Function")),
        (FunctionPage::Metrics, t!("Metrics")),
        (FunctionPage::Logs, t!("Logs")),
        (FunctionPage::AsyncConfig, t!("Asynchronous Configurations")),
        (FunctionPage::Tasks, t!("Asynchronous Tasks")),
        (FunctionPage::Instances, t!("Instances")),
    ]
}

/// Everything below a function's address: its header, the tabs, and the current one.
#[component]
pub(crate) fn FunctionArea(
    function: FunctionRef,
    /// Which of its pages; pages of one tab follow each other without the tab being made anew.
    page: Memo<FunctionPage>,
) -> impl IntoView {
    let tab = |(page, label): (FunctionPage, &'static str)| {
        let keeps_query = page != FunctionPage::Tasks;
        Tab { href: Route::Function(function.clone(), page).path(), label, keeps_query }
    };
    let tabs = tabs().map(tab).to_vec();
    let qualifier = use_qualifier();
    let query = derive(move || routes::query(&[("qualifier", &qualifier.read())]));
    let current = {
        let function = function.clone();
        derive(move || Route::Function(function.clone(), page.get().tab()).path())
    };
    let head = function.clone();
    let body = match page.get_untracked().tab() {
        FunctionPage::Tasks => view! { <TasksTab function page/> }.erase(),
        _ => part(Part::Tab(function, page)),
    };
    view! {
        <Head function=head qualifier/>
        <div class="mb-5 mt-3 border-b border-line">
            <Tabs label=t!("Function") tabs current query/>
        </div>
        {body}
    }
    .erase()
}

/// A tab other than that of the tasks.
pub(crate) fn tab(function: FunctionRef, page: Memo<FunctionPage>) -> AnyView {
    let notice = view! { <PausedNotice function=function.clone()/> }.erase();
    let body = match page.get_untracked().tab() {
        FunctionPage::Configurations => view! { <ConfigurationsTab function page/> }.erase(),
        FunctionPage::Triggers => view! { <TriggersTab function page/> }.erase(),
        FunctionPage::Test => view! { <TestTab function/> }.erase(),
        FunctionPage::Metrics => view! { <MetricsTab function/> }.erase(),
        FunctionPage::Logs => view! { <LogsTab function/> }.erase(),
        FunctionPage::AsyncConfig => view! { <AsyncConfigTab function page/> }.erase(),
        FunctionPage::Instances => view! { <InstancesTab function/> }.erase(),
        _ => dynamic(move || {
            let function = function.clone();
            if page.get() == FunctionPage::Delete {
                view! { <DeleteFunction function/> }.erase()
            } else {
                view! { <CodeTab function page/> }.erase()
            }
        }),
    };
    view! { {notice} {body} }.erase()
}

#[component]
fn Head(function: FunctionRef, qualifier: Memo<String>) -> impl IntoView {
    let account = use_bootstrap().account_id;
    let shown = memo(move || match qualifier.get() {
        none if none.is_empty() => Qualifier::LATEST.to_owned(),
        qualifier => qualifier,
    });
    let arn = {
        let FunctionRef { region, service, function } = function.clone();
        derive(move || format!("acs:fc:{region}:{account}:services/{service}.{}/functions/{function}", shown.read()))
    };
    let services = Route::Services(function.region.clone()).path();
    let functions = Route::Functions(function.service_ref()).path();
    let delete = Route::Function(function.clone(), FunctionPage::Delete).path();
    view! {
        <div class="flex items-start justify-between gap-4">
            <div class="min-w-0">
                <nav aria-label=t!("Breadcrumb") class="flex flex-wrap items-center gap-1.5 text-meta text-muted">
                    <a href=services class="hover:text-ink">{t!("Services")}</a>
                    <span aria-hidden="true" class="text-faint">"/"</span>
                    <a href=functions class="wrap-anywhere hover:text-ink">{function.service.to_string()}</a>
                </nav>
                <div class="mt-1 flex flex-wrap items-center gap-x-2.5 gap-y-1">
                    <p class="text-title font-semibold tracking-tight wrap-anywhere">{function.function.to_string()}</p>
                    <Pill>{shown}</Pill>
                </div>
                <p class="mt-0.5 flex min-w-0 items-center gap-1 text-meta text-faint">
                    <code class="truncate font-mono" title=arn>{arn}</code>
                    <Copy text=arn what="ARN"/>
                </p>
            </div>
            <Popover id="function-menu" label=t!("More actions") button=view! { <Icon glyph=Glyph::More/> }.erase()>
                <MenuItem href=delete icon=Glyph::Trash>{t!("Delete function")}</MenuItem>
            </Popover>
        </div>
    }
    .erase()
}
