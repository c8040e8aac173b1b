use crate::error::Result;
use leptos::prelude::*;
use model::{AuditEntry, AuditQuery};
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

/// A page of the audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entries {
    /// What they were looked for by.
    pub query: AuditQuery,
    pub rows: Vec<AuditEntry>,
    /// Token of the next page; empty on the last.
    pub next_token: String,
}

/// The entries that the page's query string asks for.
#[server(input = Json)]
pub async fn audit_entries(search: String) -> Result<Entries> {
    use crate::routes;
    let (console, _) = crate::server::signed_in()?;
    let pairs = routes::pairs(&search);
    let query = AuditQuery::parse(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))?;
    let page = console.audit.list_audit(&query).await?;
    Ok(Entries { query, rows: page.items, next_token: page.next_token })
}
