//! The audit.

use crate::{
    dialect::Dialect,
    error::{Done, unreadable},
    sql::{Cells, Sql},
    store::SqlStore,
};
use model::{ActorKind, AuditEntry, AuditQuery, Page, UnixMillis};

impl<DB: Dialect> SqlStore<DB> {
    pub(crate) async fn add_audit(&self, entry: &AuditEntry) -> Done<()> {
        Sql::<DB>::new(
            "insert into audit (at_ms, actor_kind, actor, address, action, resource, region, outcome, request_id) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(entry.at.0)
        .bind(entry.actor_kind.as_str())
        .bind(entry.actor.as_str())
        .bind(entry.address.as_str())
        .bind(entry.action.as_str())
        .bind(entry.resource.as_str())
        .bind(entry.region.as_str())
        .bind(entry.outcome.as_str())
        .bind(entry.request_id.as_str())
        .execute(&mut *self.writing().await?)
        .await?;
        Ok(())
    }

    pub(crate) async fn audit_page(&self, query: &AuditQuery) -> Done<Page<AuditEntry>> {
        let mut rows = page_of::<DB>(query)?.all(&mut *self.reading().await?, read::<DB>).await?;
        let most = usize::try_from(query.rows()).unwrap_or(usize::MAX);
        let has_more = rows.len() > most;
        rows.truncate(most);
        let next_token = rows.last().filter(|_| has_more).map(|(seq, entry)| AuditQuery::token(entry.at, *seq)).unwrap_or_default();
        Ok(Page { items: rows.into_iter().map(|(_, entry)| entry).collect(), next_token })
    }

    pub(crate) async fn forget_audit(&self, before: UnixMillis, limit: u32) -> Done<u64> {
        let sql = Sql::<DB>::new("delete from audit where seq in (select seq from audit where at_ms < $1 order by at_ms, seq limit $2)");
        Ok(sql.bind(before.0).bind(i64::from(limit)).execute(&mut *self.writing().await?).await?)
    }
}

/// One row more than the page has, which tells whether there is a next one.
fn page_of<DB: Dialect>(query: &AuditQuery) -> Done<Sql<DB>> {
    let invalid = |error: model::Error| unreadable("audit query", error);
    // With the sign the rows of a resource are found by their own index and sorted, not looked for in the order of time.
    let (at, order) = match query.resource.is_empty() {
        true => ("at_ms", " order by at_ms desc, seq desc limit "),
        false => ("+at_ms", " order by +at_ms desc, +seq desc limit "),
    };
    let mut sql =
        Sql::<DB>::new("select seq, at_ms, actor_kind, actor, address, action, resource, region, outcome, request_id from audit where ");
    sql.push(at).push(" >= ").push_bind(query.from.map_or(i64::MIN, |from| from.0));
    sql.push(" and ").push(at).push(" < ").push_bind(query.until.map_or(i64::MAX, |until| until.0));
    if !query.actor.is_empty() {
        sql.push(" and actor = ").push_bind(query.actor.as_str());
    }
    if let Some(action) = query.action_name().map_err(invalid)? {
        sql.push(" and action = ").push_bind(action);
    }
    if !query.resource.is_empty() {
        sql.push(" and resource >= ").push_bind(query.resource.as_str());
        // No text that begins with the prefix comes after this.
        sql.push(" and resource < ").push_bind(format!("{}\u{10FFFF}", query.resource).as_str());
    }
    if let Some((last_at, seq)) = query.after().map_err(invalid)? {
        sql.push(" and (").push(at).push(", seq) < (").push_bind(last_at.0).push(", ").push_bind(seq).push(")");
    }
    sql.push(order).push_bind(i64::from(query.rows()) + 1);
    Ok(sql)
}

fn read<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<(i64, AuditEntry)> {
    let seq = cells.int()?;
    let entry = AuditEntry {
        at: UnixMillis(cells.int()?),
        actor_kind: ActorKind::from_stored(&cells.text()?),
        actor: cells.text()?,
        address: cells.text()?,
        action: cells.text()?,
        resource: cells.text()?,
        region: cells.text()?,
        outcome: cells.text()?,
        request_id: cells.text()?,
    };
    Ok((seq, entry))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objects::LogPlace;

    #[tokio::test]
    async fn c86_each_filter_has_an_index() {
        let folder = tempfile::tempdir().unwrap();
        let store = crate::open::open_sqlite(&folder.path().join("t.db"), &LogPlace::Database).await.unwrap();
        let check = async |query: AuditQuery, index: &str| {
            let plan = page_of::<sqlx::Sqlite>(&query).unwrap().plan(&mut store.reading().await.unwrap()).await;
            assert!(plan.contains(&format!("USING INDEX {index}")), "{query:?}: {plan}");
            assert!(!query.resource.is_empty() || !plan.contains("TEMP B-TREE"), "{query:?}: {plan}");
        };
        let next = || AuditQuery { next_token: "5-7".to_owned(), ..AuditQuery::default() };
        check(AuditQuery::default(), "audit_list").await;
        check(next(), "audit_list").await;
        check(AuditQuery { actor: "admin".to_owned(), ..next() }, "audit_by_actor").await;
        check(AuditQuery { action: "SignIn".to_owned(), ..next() }, "audit_by_action").await;
        check(AuditQuery { resource: "services/demo".to_owned(), ..next() }, "audit_by_resource").await;
    }
}
