use crate::error::Result;
use leptos::prelude::*;
use model::{Bulk, BulkItem, BulkOutcome, Region};
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

/// A bulk action with a page of its tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkShown {
    pub bulk: Bulk,
    /// The only outcome that is shown.
    pub outcome: Option<BulkOutcome>,
    pub items: Vec<BulkItem>,
    /// True on a page that is not the first.
    pub is_later: bool,
    /// Token of the next page; empty on the last.
    pub next_token: String,
}

/// A bulk action and the page of its tasks that the query string asks for.
#[server(input = Json)]
pub async fn bulk_action(region: Region, id: String, search: String) -> Result<BulkShown> {
    use crate::routes;
    use model::BulkItemQuery;
    let (console, _) = crate::server::signed_in()?;
    let pairs = routes::pairs(&search);
    let get = |wanted: &str| pairs.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str()).unwrap_or_default();
    let query = BulkItemQuery { outcome: BulkOutcome::parse(get("result")), next_token: get("nextToken").to_owned(), limit: 0 };
    let bulk = console.control.get_bulk(&region, &id).await?;
    let page = console.control.list_bulk_items(&region, &id, &query).await?;
    let is_later = !query.next_token.is_empty();
    // The reasons are kept as the engine said them.
    let reason = |item: BulkItem| BulkItem { reason: crate::language::message(item.reason.into()), ..item };
    let items = page.items.into_iter().map(reason).collect();
    Ok(BulkShown { bulk, outcome: query.outcome, items, is_later, next_token: page.next_token })
}

/// The latest bulk actions, the newest first.
#[server(input = Json)]
pub async fn bulk_actions(region: Region) -> Result<Vec<Bulk>> {
    let (console, _) = crate::server::signed_in()?;
    Ok(console.control.list_bulks(&region).await?)
}

/// Ends a bulk action and leads back to it.
#[server]
pub async fn stop_bulk(region: Region, id: String) -> Result<()> {
    use crate::{routes::AdminPage, routes::Route, server};
    let (console, user) = server::signed_in()?;
    console.control.stop_bulk(&region, &id, &user).await?;
    server::redirect(&Route::Admin(region, AdminPage::Bulk(id)).path());
    Ok(())
}

/// Begins another one on the tasks that failed and leads to it.
#[server]
pub async fn retry_bulk(region: Region, id: String) -> Result<()> {
    use crate::{routes::AdminPage, routes::Route, server};
    let (console, user) = server::signed_in()?;
    let bulk = console.control.retry_bulk(&region, &id, &user).await?;
    server::redirect(&Route::Admin(region, AdminPage::Bulk(bulk.id)).path());
    Ok(())
}
