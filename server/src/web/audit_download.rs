//! The audit as a file of JSON lines, streamed: the server holds one page of entries at a time.

use super::download::refused;
use app::routes::Route;
use app::server::Console;
use axum::body::{Body, Bytes};
use axum::extract::{Extension, RawQuery};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use futures::{Stream, stream};
use model::{Audit, AuditEntry, AuditQuery, Page, format, limits};
use std::sync::Arc;

/// Every entry that the query wants, the newest first.
pub(super) async fn file(Extension(console): Extension<Console>, RawQuery(query): RawQuery) -> Response {
    if console.user.is_none() {
        return Redirect::to(&Route::SignIn.path()).into_response();
    }
    let pairs: Vec<_> = form_urlencoded::parse(query.as_deref().unwrap_or_default().as_bytes()).into_owned().collect();
    let query = match AuditQuery::parse(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))) {
        Ok(query) => AuditQuery { limit: limits::AUDIT_ROWS_MAX, ..query },
        Err(error) => return refused(&error),
    };
    let audit = console.audit.clone();
    // Fails here, with a status, and not in the middle of the file.
    let first = match audit.list_audit(&query).await {
        Ok(first) => first,
        Err(error) => return refused(&error),
    };
    let headers =
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.jsonl\"")];
    (headers, Body::from_stream(pages(audit, query, first))).into_response()
}

/// The pages one after the other; one that can't be read breaks the file off, so that nobody takes it for the whole.
fn pages(audit: Arc<dyn Audit>, query: AuditQuery, first: Page<AuditEntry>) -> impl Stream<Item = Result<Bytes, model::Error>> {
    stream::unfold((Some(Ok(first)), audit, query), |(read, audit, mut query)| async move {
        match read? {
            Err(error) => Some((Err(error), (None, audit, query))),
            Ok(found) => {
                let is_last = found.next_token.is_empty();
                query.next_token = found.next_token;
                let text: String = found.items.iter().map(print).collect();
                let next = if is_last { None } else { Some(audit.list_audit(&query).await) };
                Some((Ok(Bytes::from(text)), (next, audit, query)))
            }
        }
    })
}

fn print(entry: &AuditEntry) -> String {
    let json = serde_json::json!({
        "at": format::rfc3339(entry.at),
        "actorKind": entry.actor_kind.as_str(),
        "actor": entry.actor,
        "address": entry.address,
        "action": entry.action,
        "resource": entry.resource,
        "region": entry.region,
        "outcome": entry.outcome,
        "requestId": entry.request_id,
    });
    format!("{json}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;
    use futures::StreamExt;
    use model::{ActorKind, UnixMillis};

    /// Two pages of one entry each.
    struct Two;

    #[async_trait]
    impl Audit for Two {
        async fn record(&self, _: AuditEntry) {}

        async fn list_audit(&self, query: &AuditQuery) -> model::Result<Page<AuditEntry>> {
            let (at, next_token) = if query.next_token.is_empty() { (1_000, "1-1".to_owned()) } else { (0, String::new()) };
            let text = |text: &str| text.to_owned();
            let entry = AuditEntry {
                at: UnixMillis(at),
                actor_kind: ActorKind::User,
                actor: text("a\"b"),
                address: text("::1"),
                action: text("fc:SignIn"),
                resource: text("users/a"),
                region: String::new(),
                outcome: text("OK"),
                request_id: text("r"),
            };
            Ok(Page { items: vec![entry], next_token })
        }
    }

    #[tokio::test]
    async fn sc25_the_file_holds_every_page() {
        let audit: Arc<dyn Audit> = Arc::new(Two);
        let query = AuditQuery::default();
        let first = audit.list_audit(&query).await.unwrap();
        let parts: Vec<_> = pages(audit, query, first).map(Result::unwrap).collect().await;
        let text = String::from_utf8(parts.concat()).unwrap();
        let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(
            lines.iter().map(|line| line["at"].as_str().unwrap()).collect::<Vec<_>>(),
            ["1970-01-01T00:00:01.000Z", "1970-01-01T00:00:00.000Z"]
        );
        assert_eq!(lines[0]["actor"], "a\"b");
    }
}
