//! Bulk actions in the user's words; those of the model are English, as its API is.

use crate::pages::function::tasks::{filter_words, scope_words};
use crate::zone;
use model::{Bulk, BulkAction, format};

/// What it does: `Stop 1,204 tasks`.
pub(super) fn title(bulk: &Bulk) -> String {
    let n = format::count(bulk.total);
    match (bulk.action, bulk.total) {
        (BulkAction::Stop, 1) => t!("Stop 1 task").to_owned(),
        (BulkAction::Stop, _) => t!("Stop {n} tasks", n),
        (BulkAction::Reexecute, 1) => t!("Re-execute 1 task").to_owned(),
        (BulkAction::Reexecute, _) => t!("Re-execute {n} tasks", n),
    }
}

/// Which tasks it is about.
pub(super) fn scope(bulk: &Bulk) -> String {
    match &bulk.retry_of {
        Some(id) => t!("{scope}, failures of bulk action {id}", scope = scope_words(&bulk.scope), id),
        None => {
            let (filter, time) = (filter_words(&bulk.filter, &bulk.scope), zone::in_words(bulk.created_at));
            t!("{filter}, submitted before {time}", filter, time)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{BulkFilter, BulkScope, BulkState, Region, UnixMillis};

    #[test]
    fn b03_in_english_the_words_are_the_model_s() {
        let bulk = |action: BulkAction, total: u64, retry_of: Option<&str>| Bulk {
            id: "b".to_owned(),
            scope: BulkScope::named(Region::from_stored("r"), "s", "f"),
            action,
            filter: BulkFilter::default(),
            retry_of: retry_of.map(str::to_owned),
            user: "admin".to_owned(),
            created_at: UnixMillis(0),
            ended_at: None,
            state: BulkState::Running,
            stopped_by: String::new(),
            total,
            done: 0,
            failed: 0,
            skipped: 0,
        };
        for action in [BulkAction::Stop, BulkAction::Reexecute] {
            for bulk in [bulk(action, 1, None), bulk(action, 1_204, Some("a"))] {
                assert_eq!((title(&bulk), scope(&bulk)), (bulk.title(), bulk.words()));
            }
        }
    }
}
