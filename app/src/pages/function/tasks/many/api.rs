use super::super::record::Record;
#[cfg(feature = "ssr")]
use super::words::filter_words;
use crate::error::Result;
use leptos::prelude::*;
use model::{BulkAction, BulkScope, Region};
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
pub async fn bulk_plan(scope: BulkScope, action: BulkAction, query: String) -> Result<Plan> {
    let (console, _) = crate::server::signed_in()?;
    let record = read::record_of(&scope);
    let (scope, mut filter) = read::wanted(scope, &query)?;
    let preview = console.control.preview_bulk(&scope, action, &filter).await?;
    // As the action takes it: only states in which it can be done.
    filter.tasks.statuses = action.states(&filter.tasks.statuses);
    Ok(Plan {
        action,
        query,
        words: filter_words(&filter, &scope),
        count: preview.count,
        http: preview.http,
        is_partial: preview.is_partial,
        until: preview.until,
        samples: preview.samples.iter().map(record).collect(),
    })
}

/// The first tasks of a list's query string to which the action can be done, to choose among.
#[server(input = Json)]
pub async fn bulk_choice(scope: BulkScope, action: BulkAction, query: String) -> Result<Vec<Record>> {
    use model::{RegionTaskFilter, TaskFilter, limits};
    let (console, _) = crate::server::signed_in()?;
    let (record, only) = (read::record_of(&scope), scope.only());
    let (scope, filter) = read::wanted(scope, &query)?;
    let filter = filter.tasks;
    let statuses = action.states(&filter.statuses);
    if statuses.is_empty() {
        return Ok(Vec::new());
    }
    let filter = TaskFilter { statuses, limit: limits::PAGE_ROWS_MAX, ..filter };
    let (service, function) = scope.names();
    let wanted = RegionTaskFilter { service: service.to_owned(), function: function.to_owned(), tasks: filter };
    let tasks = match only {
        Some(function) => console.control.list_tasks(&function, &wanted.tasks).await?.items,
        None => console.control.list_region_tasks(&scope.region, &wanted).await?.tasks,
    };
    Ok(tasks.iter().map(record).collect())
}

/// Begins what was confirmed and leads to its page. Without the names of a function it is about tasks of the region.
#[server]
pub async fn start_bulk(
    region: Region,
    #[server(default)] service: String,
    #[server(default)] function: String,
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
    let (scope, filter) = read::wanted(BulkScope::named(region.clone(), &service, &function), &query)?;
    let bulk = console.control.create_bulk(BulkRequest { scope, action, filter, until }, &user).await?;
    server::redirect(&Route::Admin(region, AdminPage::Bulk(bulk.id)).path());
    Ok(())
}

#[cfg(feature = "ssr")]
mod read {
    use super::*;
    use crate::error::ConsoleError;
    use crate::pages::task_filter;
    use crate::routes;
    use model::{BulkFilter, Task, TaskFilter, limits};

    /// What the page of a scope shows of a task.
    pub fn record_of(page: &BulkScope) -> fn(&Task) -> Record {
        if page.only().is_some() { Record::of } else { Record::of_region }
    }

    /// What the query string of a page means: on that of a region it has the names of service and function too.
    pub fn wanted(page: BulkScope, query: &str) -> Result<(BulkScope, BulkFilter)> {
        let pairs = routes::pairs(query);
        let pairs = || pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let mut filter = BulkFilter::parse(task_filter(query)?, &page.region, pairs());
        if page.only().is_some() {
            return Ok((page, filter));
        }
        if !filter.chosen.is_empty() {
            // These, whatever the list that they were chosen in was filtered by.
            filter.tasks = TaskFilter::default();
            return Ok((page, filter));
        }
        filter.tasks.qualifier = None;
        let named = |wanted: &str| pairs().rfind(|(name, _)| *name == wanted).map(|(_, value)| value).unwrap_or_default();
        Ok((BulkScope::named(page.region, named("service"), named("function")), filter))
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
            let of = |service: &str, function: &str| BulkScope::named(Region::from_stored("r"), service, function);
            let (scope, found) =
                wanted(of("s", "f"), "?status=Failed&invocationIdPrefix=job&errorKind=none&endedAfter=7&service=t").unwrap();
            assert_eq!(scope, of("s", "f"));
            assert_eq!((found.tasks.id_prefix.as_str(), found.error_kind.as_deref()), ("job", Some("")));
            assert_eq!(found.ended_after, Some(model::UnixMillis(7)));
            assert!(wanted(of("s", "f"), "?from=yesterday").is_err());
            // That of a region names whose tasks are meant, or chosen ones, which are what counts then.
            let (scope, found) = wanted(of("", ""), "?service=t&qualifier=prod&status=Failed&choose=1").unwrap();
            assert_eq!((scope, found.tasks.qualifier, found.tasks.statuses.len()), (of("t", ""), None, 1));
            let (scope, found) = wanted(of("", ""), "?service=t&status=Failed&task=t/g/a%2Fb").unwrap();
            let chosen: Vec<String> = found.chosen.iter().map(|task| format!("{} {}", task.function, task.id)).collect();
            assert_eq!((scope, found.tasks, chosen.as_slice()), (of("", ""), TaskFilter::default(), ["r/t/g a/b".to_owned()].as_slice()));
        }
    }
}
