use super::access_keys::{AccessKeys, CreateAccessKey, DeleteAccessKey};
use super::aliases::{AliasPage, Aliases, DeleteAlias};
use super::audit::AuditPage;
use super::bulk::{BulkPage, Bulks};
use super::components::ComponentsPage;
use super::connect::Connect;
use super::create_function::CreateFunction;
use super::dead_letters::DeadLettersPage;
use super::function::tasks::{
    AllTasksPage, BulkConfirm, HeldStopsBar, ManyTasks, ParametersDialog, ParametersPage, SubmitDialog, SubmitPage, TaskDetails,
};
use super::function::{PausedNotice, tab};
use super::functions::Functions;
use super::instances::RegionInstances;
use super::metrics::MetricsPage;
use super::overview::Overview;
use super::search::{KeyActions, SearchPage};
use super::services::{ConfigureService, CreateService, DeleteService, Services};
use super::session::SignIn;
use super::settings::SettingsPage;
use super::task_functions::TaskFunctions;
use super::users::{CreateUser, UserPage, Users};
use super::versions::{DeleteVersion, PublishVersion, Versions};
use super::views::{SaveView, SavedViews};
use crate::part::Part;
use crate::routes::{AdminPage, ServicePage};
use crate::ui::{Erase, NoticeText};
use leptos::prelude::*;
use model::BulkScope;

/// The view of a part.
pub(crate) fn draw(part: Part) -> AnyView {
    match part {
        Part::SignIn => view! { <SignIn/> }.erase(),
        Part::TaskFunctions(region) => view! { <TaskFunctions region/> }.erase(),
        Part::CreateFunction(region, service) => view! { <CreateFunction region service/> }.erase(),
        Part::Services(region) => view! { <Services region/> }.erase(),
        Part::CreateService(region) => view! { <CreateService region/> }.erase(),
        Part::DeleteService(service) => view! { <DeleteService service/> }.erase(),
        Part::Functions(service) => view! { <Functions service/> }.erase(),
        Part::Service(service, page) => match page {
            ServicePage::Versions => view! { <Versions service/> }.erase(),
            ServicePage::PublishVersion => view! { <PublishVersion service/> }.erase(),
            ServicePage::DeleteVersion(version) => view! { <DeleteVersion service version/> }.erase(),
            ServicePage::Aliases => view! { <Aliases service/> }.erase(),
            ServicePage::CreateAlias => view! { <AliasPage service alias=None/> }.erase(),
            ServicePage::ModifyAlias(alias) => view! { <AliasPage service alias=Some(alias)/> }.erase(),
            ServicePage::DeleteAlias(alias) => view! { <DeleteAlias service alias/> }.erase(),
            ServicePage::Configuration => view! { <ConfigureService service/> }.erase(),
        },
        Part::Tab(function, page) => tab(function, page),
        Part::SubmitTask(function) => view! { <PausedNotice function=function.clone()/> <SubmitPage function/> }.erase(),
        Part::SubmitDialog(function, open, id) => view! { <SubmitDialog function open id/> }.erase(),
        Part::ParametersDialog(function, open) => view! { <ParametersDialog function open/> }.erase(),
        Part::TaskParameters(function) => view! { <ParametersPage function/> }.erase(),
        Part::ManyTasks(function, page) => view! { <ManyTasks function page/> }.erase(),
        Part::Task(task) => view! { <PausedNotice function=task.function.clone()/> <TaskDetails task/> }.erase(),
        Part::Components => view! { <ComponentsPage/> }.erase(),
        Part::Notice => view! { <NoticeText/> }.erase(),
        Part::HeldStops(stops) => view! { <HeldStopsBar stops/> }.erase(),
        Part::Keys(region, pressed) => view! { <KeyActions region pressed/> }.erase(),
        Part::Admin(region, page) => match page {
            AdminPage::Overview => view! { <Overview region/> }.erase(),
            AdminPage::Metrics => view! { <MetricsPage region/> }.erase(),
            AdminPage::Audit => view! { <AuditPage region/> }.erase(),
            AdminPage::Connect => view! { <Connect region/> }.erase(),
            AdminPage::AccessKeys => view! { <AccessKeys region/> }.erase(),
            AdminPage::CreateAccessKey => view! { <CreateAccessKey region/> }.erase(),
            AdminPage::DeleteAccessKey(id) => view! { <DeleteAccessKey region id/> }.erase(),
            AdminPage::AllTasks => view! { <AllTasksPage region/> }.erase(),
            AdminPage::Many(action) => view! { <BulkConfirm scope=BulkScope::named(region, "", "") action/> }.erase(),
            AdminPage::SavedViews => view! { <SavedViews region/> }.erase(),
            AdminPage::SaveView => view! { <SaveView region/> }.erase(),
            AdminPage::Search => view! { <SearchPage region/> }.erase(),
            AdminPage::Users => view! { <Users region/> }.erase(),
            AdminPage::CreateUser => view! { <CreateUser region/> }.erase(),
            AdminPage::User(name) => view! { <UserPage region name/> }.erase(),
            AdminPage::DeadLetters => view! { <DeadLettersPage region/> }.erase(),
            AdminPage::Instances => view! { <RegionInstances region/> }.erase(),
            AdminPage::Bulks => view! { <Bulks region/> }.erase(),
            AdminPage::Bulk(id) => view! { <BulkPage region id/> }.erase(),
            AdminPage::Settings => view! { <SettingsPage region/> }.erase(),
        },
    }
}
