use super::super::record::Record;
use super::api::BulkChoice;
use super::place::{filters_of, list_of, list_words, page_of, within};
use crate::navigation::use_location;
use crate::reactive::{Load, memo, use_still_data};
use crate::routes::{self, Route};
use crate::ui::table::{CELL, Column, LONG, NAMING, ROW, TELLING, column};
use crate::ui::{Back, EmptyState, Erase, GetForm, LinkButton, PageHead, StatusBadge, Submit, Table, TextLink, Timestamp};
use leptos::prelude::*;
use model::{BulkAction, BulkScope};

const SELECT: Column = Column { hidden: true, ..column("Select") };
const COLUMNS: &[Column] = &[SELECT, column("Task ID"), column("Status"), column("Submitted"), column("Start Time")];
const OF_REGION: &[Column] =
    &[SELECT, column("Task ID"), column("Function Name"), column("Status"), column("Submitted"), column("Start Time")];

/// The member of an address that says that tasks are chosen one by one.
const CHOOSE: &str = "choose";

/// True where tasks are to be chosen: when that is asked for, and as long as none is.
pub(super) fn is_choosing(search: &str) -> bool {
    let pairs = routes::pairs(search);
    let has = |wanted: &str| pairs.iter().any(|(name, value)| name == wanted && !value.is_empty());
    has(CHOOSE) && !has("id") && !has("task")
}

/// Where tasks are chosen among those that a confirmation is about; nowhere where they are chosen already, or are a group by their error.
pub(super) fn choice_of(scope: &BulkScope, action: BulkAction, query: &str) -> Option<String> {
    let is_list = !routes::pairs(query).iter().any(|(name, _)| matches!(name.as_str(), "id" | "task" | "errorKind"));
    is_list.then(|| {
        let mut pairs = routes::pairs(&filters_of(scope, query).print());
        pairs.push((CHOOSE.to_owned(), "1".to_owned()));
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        page_of(scope, action).with_query(&pairs)
    })
}

/// The first tasks that match, each with a box.
#[component]
pub(super) fn Choose(scope: BulkScope, action: BulkAction) -> impl IntoView {
    let search = use_location().search;
    let asked = memo(move || search.get());
    let back = filters_of(&scope, &search.read_untracked()).link(&list_of(&scope), |_| ());
    let found = {
        let scope = scope.clone();
        use_still_data(move || BulkChoice { scope: scope.clone(), action, query: asked.get() })
    };
    let (within, list, to) = (within(&scope), list_words(&scope), back.clone());
    let title = match action {
        BulkAction::Stop => t!("Stop Tasks"),
        BulkAction::Reexecute => t!("Re-execute Tasks"),
    };
    view! {
        <Back href=to>{list}</Back>
        <PageHead title within small=true/>
        <Load
            data=found
            view={move |found: ReadSignal<Vec<Record>>| {
                let (scope, rows, back) = (scope.clone(), found.get_untracked(), back.clone());
                view! { <Boxes scope action rows back/> }.erase()
            }}
        />
    }
    .erase()
}

#[component]
fn Boxes(scope: BulkScope, action: BulkAction, rows: Vec<Record>, back: String) -> impl IntoView {
    if rows.is_empty() {
        return view! {
            <div class="rounded-panel border border-line bg-surface">
                <EmptyState title=t!("Nothing to choose") text=t!("To no task that matches this can be done.")>
                    <LinkButton href=back>{t!("Show the tasks")}</LinkButton>
                </EmptyState>
            </div>
        }
        .erase();
    }
    let (page, only) = (page_of(&scope, action).path(), scope.only());
    let (name, columns) = if only.is_some() { ("id", COLUMNS) } else { ("task", OF_REGION) };
    let row = move |record: Record| {
        let function = only.clone().unwrap_or_else(|| record.function_in(scope.region.clone()));
        let (id, to) = (record.id.to_string(), Route::task(&function.task(record.id.clone())).path());
        let label = match &only {
            Some(_) => t!("Select {id}", id),
            None => t!("Select {id} of {function}", id, function = function.function),
        };
        view! {
            <tr role="row" class=ROW>
                <td role="cell" class=CELL><input type="checkbox" name=name value=record.key() aria-label=label class="size-4 accent-accent"/></td>
                <td role="cell" class=format!("{NAMING} {LONG} w-full font-mono text-meta")><TextLink href=to>{id.clone()}</TextLink></td>
                {only.is_none().then(|| view! { <td role="cell" data-label=t!("Function Name") class=LONG title=record.of.clone()>{function.function.to_string()}</td> }.erase())}
                <td role="cell" class=format!("{TELLING} {CELL}")><StatusBadge status=record.status/></td>
                <td role="cell" data-label=t!("Submitted") class=CELL><Timestamp at=Some(record.submitted_at)/></td>
                <td role="cell" data-label=t!("Start Time") class=CELL><Timestamp at=record.started_at/></td>
            </tr>
        }
        .erase()
    };
    view! {
        <GetForm action=page class="space-y-3">
            // So that a form without any chosen task comes back here.
            <input type="hidden" name=CHOOSE value="1"/>
            <Table caption=t!("Tasks to choose") columns>{rows.into_iter().map(row).collect::<Vec<_>>()}</Table>
            <div class="flex flex-wrap items-center gap-2">
                <Submit reads=true>{t!("Continue")}</Submit>
                <LinkButton href=back>{t!("Cancel")}</LinkButton>
            </div>
        </GetForm>
    }
    .erase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Region;

    #[test]
    fn b03_tasks_are_chosen_until_there_are_some() {
        assert!(is_choosing("?status=Failed&choose=1"));
        assert!(!is_choosing("?choose=1&id=a&id=b"));
        assert!(!is_choosing("?choose=1&task=s/f/a"));
        assert!(!is_choosing("?status=Failed"));
    }

    #[test]
    fn b03_a_choice_keeps_the_filter() {
        let scope = |service: &str, function: &str| BulkScope::named(Region::from_stored("r"), service, function);
        let of = |query: &str| choice_of(&scope("s", "f"), BulkAction::Stop, query);
        let expected = "/r/services/s/functions/f/stop-tasks?status=Running&invocationIdPrefix=a&choose=1";
        assert_eq!(of("?status=Running&invocationIdPrefix=a").as_deref(), Some(expected));
        assert_eq!((of("?id=a"), of("?errorKind=none")), (None, None));
        let of_region = |query: &str| choice_of(&scope("", ""), BulkAction::Reexecute, query);
        assert_eq!(of_region("?service=s&status=Failed").as_deref(), Some("/r/reexecute-tasks?service=s&status=Failed&choose=1"));
        assert_eq!(of_region("?task=s/f/a"), None);
    }
}
