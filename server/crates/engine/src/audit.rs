//! The audit over its store.

use crate::{fault::store_fault, ports::AuditStore};
use async_trait::async_trait;
use model::{Audit, AuditEntry, AuditQuery, Page, Result, limits};
use std::sync::Arc;

/// Keeps entries in a store.
pub struct AuditService {
    store: Arc<dyn AuditStore>,
}

impl AuditService {
    /// Keeps entries in this store.
    pub fn new(store: Arc<dyn AuditStore>) -> Self {
        Self { store }
    }
}

#[async_trait]
impl Audit for AuditService {
    async fn record(&self, entry: AuditEntry) {
        let entry = AuditEntry { actor: cut(entry.actor), resource: cut(entry.resource), region: cut(entry.region), ..entry };
        if let Err(error) = self.store.insert_audit(&entry).await {
            metrics::counter!("taskyard_audit_lost_total").increment(1);
            // What the table should have had, so that it is somewhere.
            tracing::error!(error = %error, request.id = entry.request_id, actor = entry.actor, action = entry.action, resource = entry.resource,
                region = entry.region, outcome = entry.outcome, "an audit entry could not be stored");
        }
    }

    async fn list_audit(&self, query: &AuditQuery) -> Result<Page<AuditEntry>> {
        query.action_name()?;
        query.after()?;
        self.store.list_audit(query).await.map_err(store_fault)
    }
}

/// Names come from requests: none is longer than a row may be.
fn cut(text: String) -> String {
    match text.char_indices().nth(limits::AUDIT_TEXT_CHARS_MAX) {
        Some((at, _)) => text.get(..at).unwrap_or_default().to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c86_long_names_are_cut_between_characters() {
        assert_eq!(cut("ab".to_owned()), "ab");
        assert_eq!(cut("ä".repeat(600)), "ä".repeat(512));
    }
}
