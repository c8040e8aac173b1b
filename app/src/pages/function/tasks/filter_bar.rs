use super::columns::COLUMNS;
use super::filters::Filters;
use crate::language::words;
use crate::reactive::derive;
use crate::routes::Route;
use crate::ui::{Chip, Erase, GetForm, Glyph, Icon, Look, Submit, dynamic};
use leptos::prelude::*;
use model::{SortOrder, TaskStatus};

/// Classes of a field among the filters.
pub(super) const CONTROL: &str =
    "h-8 min-w-0 rounded-control border border-line-strong bg-field px-2 text-ink placeholder:text-faint hover:border-faint";

/// What is in force beside the filters that every list has: in words, with the address without it.
pub(super) type MoreInForce = fn(&Filters, &Route) -> Vec<(String, String)>;

/// The filters as a plain GET form, and below it those in force, each removable.
#[component]
pub(super) fn FilterBar(
    list: Route,
    filters: Memo<Filters>,
    #[prop(optional)] more: Option<MoreInForce>,
    /// Fields of the filters that only this list has.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let (path, all) = (list.path(), list.clone());
    view! {
        <GetForm action=path search=true class="mb-3 flex flex-wrap items-end gap-x-1.5 gap-y-2">
            <Labelled label=t!("Task ID prefix") class="w-28 grow md:w-24 md:max-w-36">
                <input
                    type="search"
                    name="invocationIdPrefix"
                    maxlength="128"
                    autocomplete="off"
                    spellcheck="false"
                    class=format!("{CONTROL} w-full font-mono text-meta")
                    value=filters.with_untracked(|filters| filters.filter.id_prefix.clone())
                    prop:value=derive(move || filters.read().filter.id_prefix.clone())
                />
            </Labelled>
            <button type="button" popovertarget="more-filters" class=format!("{} md:hidden", Look::Plain.classes())>
                {t!("More filters")}
            </button>
            <div
                id="more-filters"
                popover="auto"
                class="menu rounded-panel border border-line bg-raised p-3 text-ink shadow-raised max-md:space-y-2 md:contents"
            >
                {children.map(|children| children())}
                <Times filters/>
                <Choices filters/>
            </div>
            {dynamic(move || {
                let columns = filters.read().columns.clone();
                (!columns.is_empty()).then(|| view! { <input type="hidden" name=COLUMNS value=columns/> }.erase())
            })}
            <Submit reads=true look=Look::Plain>{t!("Apply")}</Submit>
            {dynamic(move || {
                filters
                    .read()
                    .is_active()
                    .then(|| view! { <a href=filters.with(|filters| filters.link(&all, Filters::clear)) class="inline-flex h-8 items-center px-1.5 text-accent hover:underline">{t!("Clear filters")}</a> }.erase())
            })}
        </GetForm>
        <Active list filters more/>
    }
    .erase()
}

/// A small label above its control.
#[component]
pub(super) fn Labelled(label: &'static str, #[prop(optional)] class: &'static str, children: Children) -> impl IntoView {
    view! {
        <label class=format!("block min-w-0 {class}")>
            <span class="mb-0.5 block text-meta text-muted">{label}</span>
            {children()}
        </label>
    }
    .erase()
}

/// The window of time.
#[component]
fn Times(filters: Memo<Filters>) -> impl IntoView {
    let time = move |name: &'static str, label: &'static str, value: fn(&Filters) -> String| {
        view! {
            <Labelled label class="md:w-44">
                <input
                    type="datetime-local"
                    name=name
                    step="any"
                    class=format!("{CONTROL} w-full text-meta tabular-nums")
                    value=filters.with_untracked(value)
                    prop:value=derive(move || filters.with(value))
                />
            </Labelled>
        }
        .erase()
    };
    view! {
        {time("from", t!("Start from (UTC)"), |filters| filters.from.clone())}
        {time("to", t!("to (UTC)"), |filters| filters.to.clone())}
    }
    .erase()
}

/// State, order and page size.
#[component]
fn Choices(filters: Memo<Filters>) -> impl IntoView {
    let chosen = move || match filters.read().filter.statuses.len() {
        0 => t!("All").to_owned(),
        1 => filters.read().only_status().map_or(String::new(), |status| words(status.as_str()).to_owned()),
        n => t!("{n} states", n),
    };
    view! {
        <div class="md:w-26">
            <span class="mb-0.5 block text-meta text-muted" id="status-label">{t!("Status")}</span>
            <button
                type="button"
                popovertarget="status-filter"
                aria-labelledby="status-label status-value"
                class=format!("{CONTROL} flex w-full cursor-pointer items-center justify-between gap-2")
            >
                <span id="status-value" class="truncate">{dynamic(chosen)}</span>
                <Icon glyph=Glyph::Chevron class="size-3 text-muted"/>
            </button>
            <div id="status-filter" popover="auto" class="menu min-w-44 rounded-panel border border-line bg-raised p-1 text-ink shadow-raised">
                <fieldset>
                    <legend class="sr-only">{t!("Status")}</legend>
                    {TaskStatus::ALL.into_iter().map(|status| view! { <StatusBox status filters/> }.erase()).collect::<Vec<_>>()}
                </fieldset>
            </div>
        </div>
        <Labelled label=t!("Order")>
            <Select
                name="sortOrderByTime"
                options=vec![("", t!("Newest first")), ("asc", t!("Oldest first"))]
                chosen=derive(move || if filters.read().filter.order == SortOrder::Asc { "asc" } else { "" }.to_owned())
            />
        </Labelled>
        <Labelled label=t!("Rows")>
            <Select
                name="limit"
                options=vec![("10", "10"), ("", "50"), ("100", "100")]
                chosen=derive(move || match filters.read().filter.limit {
                    0 | 50 => String::new(),
                    n => n.to_string(),
                })
            />
        </Labelled>
    }
    .erase()
}

#[component]
fn StatusBox(status: TaskStatus, filters: Memo<Filters>) -> impl IntoView {
    let is_on = move |filters: &Filters| filters.filter.statuses.contains(&status);
    view! {
        <label class="flex h-7 cursor-pointer items-center gap-2 rounded-control px-2 hover:bg-hover">
            <input
                type="checkbox"
                name="status"
                value=status.as_str()
                class="size-4 accent-accent"
                checked=filters.with_untracked(is_on)
                prop:checked=derive(move || filters.with(is_on))
            />
            {words(status.as_str())}
        </label>
    }
    .erase()
}

#[component]
fn Select(name: &'static str, options: Vec<(&'static str, &'static str)>, chosen: Signal<String>) -> impl IntoView {
    view! {
        <select name=name class=format!("{CONTROL} select-arrow w-full pr-7") prop:value=chosen>
            {options
                .into_iter()
                .map(|(value, words)| {
                    view! {
                        <option value=value selected=chosen.get_untracked() == value>
                            {words}
                        </option>
                    }
                    .erase()
                })
                .collect::<Vec<_>>()}
        </select>
    }
    .erase()
}

/// The filters in force, each as a chip that takes it away, and what is wrong with them.
#[component]
fn Active(list: Route, filters: Memo<Filters>, more: Option<MoreInForce>) -> impl IntoView {
    let chips = move || {
        let filters = filters.read();
        let mut chips = more.map_or_else(Vec::new, |more| more(&filters, &list));
        let mut put = |text: String, link: String| chips.push((text, link));
        let filter = &filters.filter;
        // One state alone is marked among the counts.
        for status in filter.statuses.iter().filter(|_| filter.statuses.len() > 1) {
            let rest = filters.link(&list, |changed| changed.filter.statuses.retain(|found| found != status));
            put(t!("Status: {status}", status = words(status.as_str())), rest);
        }
        if !filter.id_prefix.is_empty() {
            put(t!("ID prefix: {prefix}", prefix = filter.id_prefix), filters.link(&list, |changed| changed.filter.id_prefix.clear()));
        }
        if !filters.from.is_empty() {
            put(
                t!("From: {time}", time = filters.from.replace('T', " ")),
                filters.link(&list, |changed| changed.filter.started_from = None),
            );
        }
        if !filters.to.is_empty() {
            put(t!("To: {time}", time = filters.to.replace('T', " ")), filters.link(&list, |changed| changed.filter.started_to = None));
        }
        chips
    };
    view! {
        {dynamic(move || {
            let problem = filters.read().problem.clone();
            (!problem.is_empty()).then(|| view! { <p role="alert" class="mb-3 text-bad">{problem}</p> }.erase())
        })}
        {dynamic(move || {
            let chips = chips();
            (!chips.is_empty())
                .then(|| {
                    view! {
                        <div class="mb-3 flex flex-wrap items-center gap-1.5" role="group" aria-label=t!("Filters in force")>
                            {chips
                                .into_iter()
                                .map(|(words, href)| {
                                    view! {
                                        <Chip href removable=true>
                                            <span class="sr-only">{t!("Remove filter ")}</span>
                                            <span class="max-w-64 truncate">{words}</span>
                                        </Chip>
                                    }
                                    .erase()
                                })
                                .collect::<Vec<_>>()}
                        </div>
                    }
                    .erase()
                })
        })}
    }
    .erase()
}
