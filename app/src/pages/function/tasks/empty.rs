use super::filters::Filters;
use super::submit::SubmitButton;
use crate::bootstrap::use_bootstrap;
use crate::routes::{FunctionPage, Route};
use crate::ui::{EmptyState, Erase, LinkButton};
use leptos::prelude::*;
use model::FunctionRef;

/// Why there is no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    NoneYet,
    TaskModeOff,
    Filtered,
    /// The page ends before the list does, since comparing took too long (`limits::TASK_WALK_ROWS_MAX`).
    NoneSoFar,
}

/// Instead of the table (SC-12).
#[component]
pub(super) fn EmptyList(function: FunctionRef, why: Why, filters: Memo<Filters>) -> impl IntoView {
    let list = Route::Function(function.clone(), FunctionPage::Tasks);
    let body = match why {
        Why::NoneYet => view! {
            <EmptyState title=t!("No tasks yet") text=t!("Submit one here, or call the function asynchronously through the API.")>
                <SubmitButton function plain=true/>
            </EmptyState>
        }
        .erase(),
        Why::TaskModeOff => view! {
            <EmptyState title=t!("Task mode is off") text=t!("Asynchronous invocations of this function run, but leave no task to look at.")>
                <LinkButton
                    href=Route::Function(function, FunctionPage::AsyncConfig).path()
                    label=t!("Asynchronous Configurations: switch on task mode")
                >
                    {t!("Asynchronous Configurations")}
                </LinkButton>
            </EmptyState>
        }
        .erase(),
        Why::Filtered | Why::NoneSoFar => nothing_found(&list, why, filters, t!("There are tasks in other states or with other IDs.")),
    };
    view! { <div class="rounded-panel border border-line bg-surface">{body}</div> }.erase()
}

/// Nothing, or nothing so far, fits the filters of a list.
pub(super) fn nothing_found(
    list: &Route,
    why: Why,
    filters: Memo<Filters>,
    // What there is instead, where no window of time leaves it out.
    others: &'static str,
) -> AnyView {
    let all = filters.with_untracked(|filters| filters.link(list, Filters::clear));
    view! {
        <EmptyState title=title_of(why, &filters.read_untracked()) text=filtered_text(why, &filters.read_untracked(), others)>
            <LinkButton href=all label=t!("Clear filters and show all")>{t!("Clear filters")}</LinkButton>
        </EmptyState>
    }
    .erase()
}

fn has_times(filters: &Filters) -> bool {
    !(filters.from.is_empty() && filters.to.is_empty())
}

fn title_of(why: Why, filters: &Filters) -> &'static str {
    match (why, has_times(filters)) {
        (Why::NoneSoFar, _) => t!("No match so far"),
        (_, true) => t!("No tasks in this time range."),
        _ => t!("Nothing matches these filters"),
    }
}

fn filtered_text(why: Why, filters: &Filters, others: &'static str) -> String {
    match (why, has_times(filters), use_bootstrap().retention_days) {
        (Why::NoneSoFar, ..) => t!("Many tasks have to be compared with these filters. Next goes on where this page ends.").to_owned(),
        (_, true, days @ 1..) => t!("Records are kept for {days} days.", days),
        _ => others.to_owned(),
    }
}
