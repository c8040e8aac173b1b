use super::create_function::CreateFunction;
use super::function::tab;
use super::function::tasks::{ParametersPage, SubmitPage, TaskDetails};
use super::functions::Functions;
use super::services::{CreateService, DeleteService, Services};
use super::session::SignIn;
use super::task_functions::TaskFunctions;
use crate::part::Part;
use crate::ui::Erase;
use leptos::prelude::*;

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
        Part::Tab(function, page) => tab(function, page),
        Part::SubmitTask(function) => view! { <SubmitPage function/> }.erase(),
        Part::TaskParameters(function) => view! { <ParametersPage function/> }.erase(),
        Part::Task(task) => view! { <TaskDetails task/> }.erase(),
    }
}
