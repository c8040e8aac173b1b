use super::super::record::Record;
#[cfg(feature = "ssr")]
use super::words::filter_words;
use crate::error::Result;
use leptos::prelude::*;
use model::{BulkAction, FunctionName, FunctionRef, Region, ServiceName};
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

/// What a bulk action would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub action: BulkAction,
    /// The list's query string.
    pub query: String,
    /// The filter in words.
    pub words: String,
    pub count: u64,
    /// Of these, requests to HTTP functions, which are skipped.
    pub http: u64,
    /// There may be more than that.
    pub is_partial: bool,
    /// What keeps later tasks out.
    pub until: i64,
    /// The first few tasks.
    pub samples: Vec<Record>,
}

/// What a bulk action on the tasks of a list's query string would do.
#[server(input = Json)]
pub async fn bulk_plan(function: FunctionRef, action: BulkAction, query: String) -> Result<Plan> {
    let (console, _) = crate::server::signed_in()?;
    let mut filter = read::filter(&query)?;
    let preview = console.control.preview_bulk(&function, action, &filter).await?;
    // As the action takes it: only states in which it can be done.
    filter.tasks.statuses = action.states(&filter.tasks.statuses);
    Ok(Plan {
        action,
        query,
        words: filter_words(&filter, &function),
        count: preview.count,
        http: preview.http,
        is_partial: preview.is_partial,
        until: preview.until,
        samples: preview.samples.iter().map(Record::of).collect(),
    })
}

/// The first tasks of a list's query string to which the action can be done, to choose among.
#[server(input = Json)]
pub async fn bulk_choice(function: FunctionRef, action: BulkAction, query: String) -> Result<Vec<Record>> {
    use model::{TaskFilter, limits};
    let (console, _) = crate::server::signed_in()?;
    let filter = read::filter(&query)?.tasks;
    let statuses = action.states(&filter.statuses);
    if statuses.is_empty() {
        return Ok(Vec::new());
    }
    let filter = TaskFilter { statuses, limit: limits::PAGE_ROWS_MAX, ..filter };
    Ok(console.control.list_tasks(&function, &filter).await?.items.iter().map(Record::of).collect())
}

/// Begins what was confirmed and leads to its page.
#[server]
pub async fn start_bulk(
    region: Region,
    service: ServiceName,
    function: FunctionName,
    action: String,
    query: String,
    until: i64,
    count: u64,
    #[server(default)] typed: String,
) -> Result<()> {
    use crate::{routes::AdminPage, routes::Route, server};
    use model::{BulkRequest, Error};
    let (console, user) = server::signed_in()?;
    let action =
        BulkAction::parse(&action).ok_or_else(|| Error::invalid(t!("The form is not complete. Reload the page and try again.")))?;
    read::check_typed(count, &typed)?;
    let filter = read::filter(&query)?;
    let function = FunctionRef { region: region.clone(), service, function };
    let bulk = console.control.create_bulk(BulkRequest { function, action, filter, until }, &user).await?;
    server::redirect(&Route::Admin(region, AdminPage::Bulk(bulk.id)).path());
    Ok(())
}

#[cfg(feature = "ssr")]
mod read {
    use super::*;
    use crate::error::ConsoleError;
    use crate::pages::task_filter;
    use crate::routes;
    use model::{BulkFilter, limits};

    /// What a page's query string means.
    pub fn filter(query: &str) -> Result<BulkFilter> {
        let pairs = routes::pairs(query);
        Ok(BulkFilter::parse(task_filter(query)?, pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))))
    }

    /// Fails where many tasks are meant and their number was not typed.
    pub fn check_typed(count: u64, typed: &str) -> Result<()> {
        let typed = typed.trim().replace(',', "");
        if count <= limits::BULK_TYPED_ABOVE || typed == count.to_string() {
            return Ok(());
        }
        Err(ConsoleError::field("typed", t!("Type {count} to confirm.", count)))
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn sc24_many_tasks_are_confirmed_by_their_number() {
            let check = |count: u64, typed: &str, passes: bool| assert_eq!(check_typed(count, typed).is_ok(), passes, "{count} {typed:?}");
            check(1_000, "", true);
            check(1_001, "", false);
            check(1_204, "1203", false);
            check(1_204, " 1204 ", true);
            check(1_204, "1,204", true);
            let error = check_typed(1_204, "no").unwrap_err();
            assert_eq!(error.of_field("typed"), Some("Type 1204 to confirm."));
        }

        #[test]
        fn b03_the_query_of_a_confirmation_is_that_of_the_list_and_more() {
            let found = filter("?status=Failed&invocationIdPrefix=job&errorKind=none&endedAfter=7").unwrap();
            assert_eq!((found.tasks.id_prefix.as_str(), found.error_kind.as_deref()), ("job", Some("")));
            assert_eq!(found.ended_after, Some(model::UnixMillis(7)));
            assert!(filter("?from=yesterday").is_err());
        }
    }
}
