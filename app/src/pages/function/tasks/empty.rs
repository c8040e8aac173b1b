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
}

/// Instead of the table (SC-12).
#[component]
pub(super) fn EmptyList(function: FunctionRef, why: Why, filters: Memo<Filters>) -> impl IntoView {
    let list = Route::Function(function.clone(), FunctionPage::Tasks).path();
    let body = match why {
        Why::NoneYet => view! {
            <EmptyState title="No tasks yet" text="Submit one here, or call the function asynchronously through the API.">
                <SubmitButton function plain=true/>
            </EmptyState>
        }
        .erase(),
        Why::TaskModeOff => view! {
            <EmptyState title="Task mode is off" text="Asynchronous invocations of this function run, but leave no task to look at.">
                <LinkButton
                    href=Route::Function(function, FunctionPage::AsyncConfig).path()
                    label="Asynchronous Configurations: switch on task mode"
                >
                    "Asynchronous Configurations"
                </LinkButton>
            </EmptyState>
        }
        .erase(),
        Why::Filtered => view! {
            <EmptyState title=title_of(&filters.read_untracked()) text=filtered_text(&filters.read_untracked())>
                <LinkButton href=list label="Clear filters and show all">"Clear filters"</LinkButton>
            </EmptyState>
        }
        .erase(),
    };
    view! { <div class="rounded-panel border border-line bg-surface">{body}</div> }.erase()
}

fn has_times(filters: &Filters) -> bool {
    !(filters.from.is_empty() && filters.to.is_empty())
}

fn title_of(filters: &Filters) -> &'static str {
    if has_times(filters) { "No tasks in this time range." } else { "Nothing matches these filters" }
}

fn filtered_text(filters: &Filters) -> String {
    match (has_times(filters), use_bootstrap().retention_days) {
        (true, 1..) => format!("Records are kept for {} days.", use_bootstrap().retention_days),
        _ => "There are tasks in other states or with other IDs.".to_owned(),
    }
}
