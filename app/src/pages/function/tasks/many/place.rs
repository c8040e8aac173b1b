//! Where a bulk action is asked for: the list that shows the tasks of its scope, and the pages that ask.

use super::super::all;
use super::super::filters::Filters;
use crate::routes::{AdminPage, FunctionPage, Route};
use model::{BulkAction, BulkScope};

/// The list of a function's tasks, or that of the region's.
pub(super) fn list_of(scope: &BulkScope) -> Route {
    match scope.only() {
        Some(function) => Route::Function(function, FunctionPage::Tasks),
        None => Route::Admin(scope.region.clone(), AdminPage::AllTasks),
    }
}

/// The list's title.
pub(super) fn list_words(scope: &BulkScope) -> &'static str {
    if scope.only().is_some() { t!("Asynchronous Tasks") } else { t!("All Tasks") }
}

/// The page that asks.
pub(super) fn page_of(scope: &BulkScope, action: BulkAction) -> Route {
    match (scope.only(), action) {
        (Some(function), BulkAction::Stop) => Route::Function(function, FunctionPage::StopTasks),
        (Some(function), BulkAction::Reexecute) => Route::Function(function, FunctionPage::ReexecuteTasks),
        (None, action) => Route::Admin(scope.region.clone(), AdminPage::Many(action)),
    }
}

/// The filters of the list in a query string.
pub(super) fn filters_of(scope: &BulkScope, search: &str) -> Filters {
    if scope.only().is_some() { Filters::read(search) } else { all::filter::read(search) }
}

/// What stands under the title: the function and its region, or the region.
pub(super) fn within(scope: &BulkScope) -> String {
    match &scope.function {
        Some(function) => format!("{function} – {}", scope.region),
        None => scope.region.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Region;

    #[test]
    fn b03_the_pages_that_ask_have_addresses_of_a_function_and_of_a_region() {
        let check = |service: &str, function: &str, list: &str, stop: &str, again: &str| {
            let scope = BulkScope::named(Region::from_stored("r"), service, function);
            let pages = [list_of(&scope), page_of(&scope, BulkAction::Stop), page_of(&scope, BulkAction::Reexecute)];
            assert_eq!(pages.each_ref().map(Route::path), [list, stop, again]);
            for page in pages {
                assert_eq!(Route::parse(&page.path()), Some(page));
            }
        };
        let of = |page: &str| format!("/r/services/s/functions/f/{page}");
        check("s", "f", &of("tasks"), &of("stop-tasks"), &of("reexecute-tasks"));
        check("", "", "/r/all-tasks", "/r/stop-tasks", "/r/reexecute-tasks");
    }
}
