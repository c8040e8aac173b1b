//! The tasks of bulk actions and what came of them.

use crate::{
    dialect::Dialect,
    error::{Done, unreadable},
    rows,
    sql::{Cells, Sql, chunks},
    store::SqlStore,
};
use engine::ports::{BulkItemEnd, FoundTask, TaskSeq};
use model::{Bulk, BulkItem, BulkOutcome, TaskId, TaskRef};

/// What `rows::task_ref` reads of an item and its action.
const TASK: &str = "bulk.region, bulk_item.service, bulk_item.function, task_id";

impl<DB: Dialect> SqlStore<DB> {
    /// Tasks of an action after the one with this number.
    pub(crate) async fn item_page(
        &self,
        id: &str,
        outcome: Option<BulkOutcome>,
        after: TaskSeq,
        limit: u32,
    ) -> Done<Vec<(TaskSeq, BulkItem)>> {
        let mut sql = Sql::<DB>::new("select task_seq, ");
        sql.push(TASK).push(", outcome, reason, new_task_id from bulk_item join bulk on bulk.id = bulk_id where bulk_id = ");
        sql.push_bind(id).push(" and task_seq > ").push_bind(after);
        if let Some(outcome) = outcome {
            sql.push(" and outcome = ").push_bind(outcome.as_str());
        }
        sql.push(" order by task_seq limit ").push_bind(i64::from(limit));
        Ok(sql.all(&mut *self.reading().await?, item::<DB>).await?)
    }
}

fn item<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<(TaskSeq, BulkItem)> {
    let (seq, task, word) = (cells.int()?, rows::task_ref(cells)?, cells.text()?);
    let outcome = match word.as_str() {
        "" => None,
        text => Some(BulkOutcome::parse(text).ok_or_else(|| unreadable("outcome of a task", text))?),
    };
    Ok((seq, BulkItem { task, outcome, reason: cells.text()?, new_task: cells.opt_text()?.map(TaskId::from_stored) }))
}

/// Adds tasks that are not there yet; returns how many.
pub(crate) async fn insert<DB: Dialect>(id: &str, tasks: &[FoundTask], connection: &mut DB::Connection) -> sqlx::Result<u64> {
    let mut added = 0;
    for chunk in chunks(tasks) {
        let mut sql = Sql::<DB>::new("insert into bulk_item (bulk_id, task_seq, service, function, task_id) values ");
        sql.push_rows(chunk, |row, found| {
            let function = &found.task.function;
            row.put(id).put(found.seq).put(function.service.as_str()).put(function.function.as_str()).put(found.task.id.as_str());
        });
        sql.push(" on conflict (bulk_id, task_seq) do nothing");
        added += sql.execute(connection).await?;
    }
    Ok(added)
}

/// Gives an action the tasks that failed in another one; returns how many.
pub(crate) async fn copy_failed<DB: Dialect>(from: &str, to: &str, connection: &mut DB::Connection) -> sqlx::Result<u64> {
    let mut sql = Sql::<DB>::new("insert into bulk_item (bulk_id, task_seq, service, function, task_id) select ");
    sql.push("cast(").push_bind(to).push(" as text), task_seq, service, function, task_id from bulk_item where bulk_id = ").push_bind(from);
    sql.push(" and outcome = 'Failed'");
    sql.execute(connection).await
}

/// The first tasks of an action that wait.
pub(crate) async fn waiting<DB: Dialect>(
    bulk: &Bulk,
    limit: u32,
    connection: &mut DB::Connection,
) -> sqlx::Result<Vec<(TaskSeq, TaskRef)>> {
    let mut sql = Sql::<DB>::new("select task_seq, ");
    sql.push(TASK).push(" from bulk_item join bulk on bulk.id = bulk_id where bulk_id = ").push_bind(bulk.id.as_str());
    sql.push(" and outcome = '' order by task_seq limit ").push_bind(i64::from(limit));
    sql.all(connection, |cells| Ok((cells.int()?, rows::task_ref(cells)?))).await
}

/// Writes what came of tasks that wait; returns each outcome that was written.
pub(crate) async fn end<DB: Dialect>(id: &str, ends: &[BulkItemEnd], connection: &mut DB::Connection) -> sqlx::Result<Vec<BulkOutcome>> {
    let mut written = Vec::with_capacity(ends.len());
    for chunk in chunks(ends) {
        let mut sql = Sql::<DB>::new("with change (task_seq, outcome, reason, new_task_id) as (values ");
        sql.push_rows(chunk, |row, end| {
            row.put(end.seq).put(end.outcome.as_str()).put(end.reason.as_str()).put(end.new_task.as_ref().map(TaskId::as_str));
        });
        sql.push(
            ") update bulk_item set outcome = change.outcome, reason = change.reason, new_task_id = change.new_task_id from change \
             where bulk_item.task_seq = change.task_seq and bulk_item.outcome = '' and bulk_item.bulk_id = ",
        );
        sql.push_bind(id).push(" returning bulk_item.outcome");
        let words = sql.all(connection, |cells| cells.text()).await?;
        written.extend(words.iter().filter_map(|word| BulkOutcome::parse(word)));
    }
    Ok(written)
}

/// Deletes up to so many tasks of an action; returns how many.
pub(crate) async fn delete<DB: Dialect>(id: &str, limit: u32, connection: &mut DB::Connection) -> sqlx::Result<u64> {
    let sql = Sql::<DB>::new(
        "delete from bulk_item where bulk_id = $1 and task_seq in (select task_seq from bulk_item where bulk_id = $1 order by task_seq limit $2)",
    );
    sql.bind(id).bind(i64::from(limit)).execute(connection).await
}
