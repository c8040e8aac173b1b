//! Which tasks of a region the list shows: the filters of a function's list, and the names of service and function.

use super::super::filter_bar::{CONTROL, Choices, Labelled, Times};
use super::super::filters::{Filters, print};
use super::api::AllTasksView;
use crate::language::words;
use crate::reactive::{derive, memo};
use crate::routes::{self, Route};
use crate::ui::{Chip, Erase, GetForm, Look, Submit, dynamic};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use model::{RegionTaskFilter, TaskFilter};
use std::collections::BTreeSet;

/// The filters of an address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct AllFilters {
    pub(super) tasks: Filters,
    /// Whole names; empty for all.
    pub(super) service: String,
    pub(super) function: String,
}

impl AllFilters {
    /// Reads a raw query string.
    pub(super) fn read(search: &str) -> Self {
        let pairs = routes::pairs(search);
        let named = |name: &str| pairs.iter().rfind(|(found, _)| found == name).map(|(_, value)| value.clone()).unwrap_or_default();
        let mut tasks = Filters::read(search);
        tasks.filter.qualifier = None;
        Self { tasks, service: named("service"), function: named("function") }
    }

    /// The pairs that [`Self::read`] reads.
    pub(super) fn pairs(&self) -> Vec<(String, String)> {
        let mut pairs = vec![("service".to_owned(), self.service.clone()), ("function".to_owned(), self.function.clone())];
        pairs.retain(|(_, value)| !value.is_empty());
        pairs.extend(routes::pairs(&print(&self.tasks.filter)));
        pairs
    }

    /// As a query string.
    pub(super) fn print(&self) -> String {
        let pairs = self.pairs();
        routes::query(&pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>())
    }

    /// The list's first page with changed filters.
    pub(super) fn link(&self, list: &Route, change: impl FnOnce(&mut Self)) -> String {
        let mut changed = self.clone();
        changed.tasks.filter.next_token.clear();
        change(&mut changed);
        format!("{}{}", list.path(), changed.print())
    }

    /// True when rows may be missing because of a filter.
    pub(super) fn is_active(&self) -> bool {
        self.tasks.is_active() || !self.service.is_empty() || !self.function.is_empty()
    }

    /// What the port is asked for.
    #[cfg(feature = "ssr")]
    pub(super) fn wanted(self) -> RegionTaskFilter {
        RegionTaskFilter { service: self.service, function: self.function, tasks: TaskFilter { with_payload: false, ..self.tasks.filter } }
    }
}

/// The filters as a plain GET form, and below it those in force, each removable.
#[component]
pub(super) fn AllFilterBar(list: Route, filters: Memo<AllFilters>, page: ReadSignal<AllTasksView>) -> impl IntoView {
    let all = list.path();
    let tasks = memo(move || filters.read().tasks.clone());
    let names = memo(move || page.with(|page| Names::of(page, &filters.read())));
    view! {
        <GetForm action=list.path() search=true class="mb-3 flex flex-wrap items-end gap-2">
            {dynamic(move || {
                let Names { services, functions } = names.get();
                let filters = filters.get();
                view! {
                    <NameSelect name="service" label=t!("Service") names=services chosen=filters.service/>
                    <NameSelect name="function" label=t!("Function Name") names=functions chosen=filters.function/>
                }
                .erase()
            })}
            <Labelled label=t!("Task ID prefix") class="w-28 md:w-36">
                <input
                    type="search"
                    name="invocationIdPrefix"
                    maxlength="128"
                    autocomplete="off"
                    spellcheck="false"
                    class=format!("{CONTROL} w-full font-mono text-meta")
                    value=tasks.with_untracked(|tasks| tasks.filter.id_prefix.clone())
                    prop:value=derive(move || tasks.read().filter.id_prefix.clone())
                />
            </Labelled>
            <Times filters=tasks/>
            <Choices filters=tasks/>
            <Submit look=Look::Plain>{t!("Apply")}</Submit>
            {dynamic(move || {
                filters
                    .read()
                    .is_active()
                    .then(|| view! { <a href=all.clone() class="inline-flex h-8 items-center px-1.5 text-accent hover:underline">{t!("Clear filters")}</a> }.erase())
            })}
        </GetForm>
        {dynamic(move || {
            let problem = filters.read().tasks.problem.clone();
            (!problem.is_empty()).then(|| view! { <p role="alert" class="mb-3 text-bad">{problem}</p> }.erase())
        })}
        <Active list filters/>
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
    fn of(page: &AllTasksView, chosen: &AllFilters) -> Self {
        let sorted = |names: &mut dyn Iterator<Item = String>, chosen: &str| {
            let mut sorted: BTreeSet<String> = names.collect();
            sorted.insert(chosen.to_owned());
            sorted.into_iter().filter(|name| !name.is_empty()).collect()
        };
        let in_service = page.functions.iter().filter(|(service, _)| chosen.service.is_empty() || service.as_str() == chosen.service);
        Self {
            services: sorted(&mut page.functions.iter().map(|(service, _)| service.to_string()), &chosen.service),
            functions: sorted(&mut in_service.map(|(_, function)| function.to_string()), &chosen.function),
        }
    }
}

#[component]
fn NameSelect(name: &'static str, label: &'static str, names: Vec<String>, chosen: String) -> impl IntoView {
    let option = move |value: String| {
        let (words, selected) = (value.clone(), value == chosen);
        view! { <option value=value selected=selected>{words}</option> }.erase()
    };
    view! {
        <Labelled label class="max-w-40">
            <select name=name class=format!("{CONTROL} select-arrow w-full pr-7")>
                <option value="">{t!("All")}</option>
                {names.into_iter().map(option).collect::<Vec<_>>()}
            </select>
        </Labelled>
    }
    .erase()
}

/// The filters in force, each as a chip that takes it away.
#[component]
fn Active(list: Route, filters: Memo<AllFilters>) -> impl IntoView {
    let chips = move || {
        let filters = filters.read();
        let mut chips: Vec<(String, String)> = Vec::new();
        let mut put = |text: String, value: &str, change: fn(&mut AllFilters)| {
            if !value.is_empty() {
                chips.push((text, filters.link(&list, change)));
            }
        };
        let tasks = &filters.tasks;
        put(t!("Service: {name}", name = filters.service), &filters.service, |changed| changed.service.clear());
        put(t!("Function Name: {name}", name = filters.function), &filters.function, |changed| changed.function.clear());
        let prefix = &tasks.filter.id_prefix;
        put(t!("ID prefix: {prefix}", prefix), prefix, |changed| changed.tasks.filter.id_prefix.clear());
        let (from, to) = (tasks.from.replace('T', " "), tasks.to.replace('T', " "));
        put(t!("From: {time}", time = from), &tasks.from, |changed| changed.tasks.filter.started_from = None);
        put(t!("To: {time}", time = to), &tasks.to, |changed| changed.tasks.filter.started_to = None);
        // One state alone is marked among the counts.
        for status in tasks.filter.statuses.iter().filter(|_| tasks.filter.statuses.len() > 1) {
            let rest = filters.link(&list, |changed| changed.tasks.filter.statuses.retain(|found| found != status));
            chips.push((t!("Status: {status}", status = words(status.as_str())), rest));
        }
        chips
    };
    dynamic(move || {
        let chips = chips();
        let chip = |(words, href): (String, String)| {
            view! {
                <Chip href removable=true>
                    <span class="sr-only">{t!("Remove filter ")}</span>
                    <span class="max-w-64 truncate">{words}</span>
                </Chip>
            }
            .erase()
        };
        (!chips.is_empty()).then(|| {
            view! {
                <div class="mb-3 flex flex-wrap items-center gap-1.5" role="group" aria-label=t!("Filters in force")>
                    {chips.into_iter().map(chip).collect::<Vec<_>>()}
                </div>
            }
            .erase()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::AdminPage;
    use model::{Region, TaskStatus};

    #[test]
    fn sc17_addresses_are_read_back_and_changed() {
        let check = |search: &str| assert_eq!(AllFilters::read(search).print(), search);
        check("");
        check("?service=demo&function=ev-hello&status=Failed&status=Expired&invocationIdPrefix=job&from=2026-11-24T12%3A01%3A05");
        let list = Route::Admin(Region::from_stored("r"), AdminPage::AllTasks);
        let filters = AllFilters::read("?service=demo&qualifier=prod&nextToken=1-2");
        let failed = filters.link(&list, |changed| changed.tasks.filter.statuses = vec![TaskStatus::Failed]);
        assert_eq!(failed, "/r/all-tasks?service=demo&status=Failed");
        assert!(filters.is_active() && !AllFilters::read("?sortOrderByTime=asc").is_active());
    }
}
