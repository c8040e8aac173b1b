//! Which tasks of a region the list shows: the filters of a function's list, and the names of service and function.

use super::super::api::TaskPage;
use super::super::filter_bar::{CONTROL, FilterBar, Labelled};
use super::super::filters::Filters;
use crate::reactive::{derive, memo};
use crate::routes::{self, Route};
use crate::ui::{Erase, OpenSelect, or_all};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use model::{RegionTaskFilter, TaskFilter};
use std::collections::BTreeSet;

/// Reads a raw query string.
pub(in super::super) fn read(search: &str) -> Filters {
    let pairs = routes::pairs(search);
    let named = |name: &str| pairs.iter().rfind(|(found, _)| found == name).map(|(_, value)| value.clone()).unwrap_or_default();
    let mut filters = Filters { service: named("service"), function: named("function"), ..Filters::read(search) };
    filters.filter.qualifier = None;
    filters
}

/// What the port is asked for.
#[cfg(feature = "ssr")]
pub(in super::super) fn wanted(filters: Filters) -> RegionTaskFilter {
    let Filters { service, function, filter, .. } = filters;
    RegionTaskFilter { service, function, tasks: TaskFilter { with_payload: false, ..filter } }
}

/// The filters as a plain GET form, and below it those in force, each removable.
#[component]
pub(super) fn AllFilterBar(list: Route, filters: Memo<Filters>, page: ReadSignal<TaskPage>) -> impl IntoView {
    let names = memo(move || page.with(|page| Names::of(page, &filters.read())));
    view! {
        <FilterBar list filters more=names_in_force>
            <NameSelect name="service" label=t!("Service") names=derive(move || names.read().services.clone()) chosen=derive(move || filters.read().service.clone())/>
            <NameSelect name="function" label=t!("Function Name") names=derive(move || names.read().functions.clone()) chosen=derive(move || filters.read().function.clone())/>
        </FilterBar>
    }
    .erase()
}

/// The names that can be chosen.
#[derive(Clone, PartialEq)]
struct Names {
    services: Vec<String>,
    functions: Vec<String>,
}

impl Names {
    /// What has tasks; what is chosen can be chosen again, also when it has none.
    fn of(page: &TaskPage, chosen: &Filters) -> Self {
        let sorted = |names: &mut dyn Iterator<Item = &str>, chosen: &str| {
            let mut sorted: BTreeSet<&str> = names.collect();
            sorted.insert(chosen);
            sorted.into_iter().filter(|name| !name.is_empty()).map(str::to_owned).collect()
        };
        let all = || page.functions.lines().filter_map(|of| of.split_once('/'));
        let mut in_service = all().filter(|(service, _)| chosen.service.is_empty() || *service == chosen.service).map(|(_, name)| name);
        Self {
            services: sorted(&mut all().map(|(service, _)| service), &chosen.service),
            functions: sorted(&mut in_service, &chosen.function),
        }
    }
}

#[component]
fn NameSelect(name: &'static str, label: &'static str, names: Signal<Vec<String>>, chosen: Signal<String>) -> impl IntoView {
    view! {
        <Labelled label class="md:w-20 md:max-w-40 md:grow">
            <OpenSelect name class=format!("{CONTROL} select-arrow w-full pr-7") options=derive(move || or_all(names.get())) chosen/>
        </Labelled>
    }
    .erase()
}

/// The names in force, with the address of the list without each.
fn names_in_force(filters: &Filters, list: &Route) -> Vec<(String, String)> {
    let mut chips = Vec::new();
    if !filters.service.is_empty() {
        let rest = filters.link(list, |changed| changed.service.clear());
        chips.push((t!("Service: {name}", name = filters.service), rest));
    }
    if !filters.function.is_empty() {
        let rest = filters.link(list, |changed| changed.function.clear());
        chips.push((t!("Function Name: {name}", name = filters.function), rest));
    }
    chips
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::AdminPage;
    use model::{Region, TaskStatus};

    #[test]
    fn sc17_addresses_are_read_back_and_changed() {
        let check = |search: &str| assert_eq!(read(search).print(), search);
        check("");
        check("?service=demo&function=ev-hello&status=Failed&status=Expired&invocationIdPrefix=job&from=2026-11-24T12%3A01%3A05");
        check("?status=Failed&columns=id,service,end");
        let list = Route::Admin(Region::from_stored("r"), AdminPage::AllTasks);
        let filters = read("?service=demo&qualifier=prod&nextToken=1-2");
        let failed = filters.link(&list, |changed| changed.filter.statuses = vec![TaskStatus::Failed]);
        assert_eq!(failed, "/r/all-tasks?service=demo&status=Failed");
        assert!(filters.is_active() && !read("?sortOrderByTime=asc").is_active());
        assert_eq!(names_in_force(&filters, &list), [("Service: demo".to_owned(), "/r/all-tasks".to_owned())]);
        // A function's list has no such names.
        assert_eq!(Filters::read("?service=demo").print(), "");
    }
}
