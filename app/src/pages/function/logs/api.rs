use crate::error::Result;
use leptos::prelude::*;
use model::{FunctionRef, LogEntry, LogQuery};
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

/// Minutes before now that the page shows when its address names no window.
pub(super) const MINUTES_DEFAULT: i64 = 15;

/// A page of a function's log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoundLines {
    /// What they were looked for by; its token is that of the next page.
    pub query: LogQuery,
    /// The window before now that was asked for; 0 when the address names another one.
    pub minutes: i64,
    pub lines: Vec<LogEntry>,
}

/// Lines of a function's log that the page's query string asks for.
#[server(input = Json)]
pub async fn function_log(function: FunctionRef, search: String) -> Result<FoundLines> {
    use super::{
        tab::LINE,
        view::{chosen_line, page_of},
    };
    use crate::routes;
    let (console, _) = crate::server::signed_in()?;
    let pairs = routes::pairs(&search);
    let asked = LogQuery::parse(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))?;
    let named = pairs.iter().find(|(name, _)| name == "minutes").and_then(|(_, value)| value.parse().ok());
    let minutes = if asked.from.is_some() { 0 } else { named.unwrap_or(MINUTES_DEFAULT).clamp(1, 366 * 24 * 60) };
    // The window stays where it is from page to page: the links name it.
    let from = asked.from.unwrap_or_else(|| console.control.now().plus_ms(-minutes * 60_000));
    let query = LogQuery { from: Some(from), ..asked };
    let query = match (&query.request_id, chosen_line(&search, LINE)) {
        (Some(request), Some(number)) if query.next_token.is_empty() => LogQuery { next_token: before(request, page_of(number)), ..query },
        _ => query,
    };
    let page = console.control.function_log(&function, &query).await?;
    Ok(FoundLines { query: LogQuery { next_token: page.next_token, ..query }, minutes, lines: page.items })
}

/// The token of the page that begins with this line of a request.
#[cfg(feature = "ssr")]
fn before(request: &model::RequestId, line: u64) -> String {
    let line = i64::try_from(line).unwrap_or(i64::MAX);
    model::LogCursor { last_at: model::UnixMillis(0), first_line: 0, line, request: request.to_string() }.print()
}
