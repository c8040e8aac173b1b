//! Waiting tasks whose age has passed.

use crate::{
    dialect::Dialect,
    error::Done,
    pick, rows,
    sql::{Cells, Sql},
    store::SqlStore,
};
use engine::ports::{AgeLook, OverAge, QueueMark};
use model::{FunctionRef, Qualifier, UnixMillis};

/// The function's queue behind `after`, up to what is due: the end of a statement whose values are bound by [`bound`].
const QUEUE: &str = " from task where region = $1 and service = $2 and function = $3 and run_at_ms is not null and run_at_ms <= $4 \
     and (run_at_ms, seq) > ($5, $6) order by run_at_ms, seq limit ";

fn bound<DB: Dialect>(sql: Sql<DB>, function: &FunctionRef, look: &AgeLook) -> Sql<DB> {
    let sql = sql.bind(function.region.as_str()).bind(function.service.as_str()).bind(function.function.as_str());
    let (run_at, seq) = look.after;
    sql.bind(look.now.0).bind(run_at.0).bind(seq)
}

/// The age is in no index, since each task would pay for that: the rows of the queue are read, as many as the look says.
fn over_age_sql<DB: Dialect>(function: &FunctionRef, look: &AgeLook) -> Sql<DB> {
    let mut sql = Sql::new("select ");
    sql.push(rows::LOST_COLUMNS).push(
        ", t.qualifier, t.due_at_ms, t.error_kind, t.error_message from (select seq, region, service, function, task_id, status, \
         fence, attempt, version, qualifier, due_at_ms, expires_at_ms, error_kind, error_message",
    );
    sql.push(QUEUE).push("$7) as t where t.expires_at_ms < $4 or t.status = 'Processed' and t.attempt = 0 and t.due_at_ms < $8");
    bound(sql, function, look).bind(i64::from(look.rows)).bind(look.given_back_from.0)
}

/// The last task that such a look comes to, if there are as many.
fn mark_sql<DB: Dialect>(function: &FunctionRef, look: &AgeLook) -> Sql<DB> {
    let mut sql = Sql::new("select run_at_ms, seq");
    sql.push(QUEUE).push("1 offset $7");
    bound(sql, function, look).bind(i64::from(look.rows) - 1)
}

fn over_age<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<OverAge> {
    Ok(OverAge {
        task: rows::lost(cells)?,
        qualifier: Qualifier::from_stored(cells.text()?),
        due_at: UnixMillis(cells.int()?),
        error_kind: cells.text()?,
        error_message: cells.text()?,
    })
}

impl<DB: Dialect> SqlStore<DB> {
    /// Functions with a task that is due and that nobody holds.
    pub(crate) async fn functions_that_wait(&self, now: UnixMillis) -> Done<Vec<FunctionRef>> {
        let heads = pick::heads::<DB>(&mut *self.reading().await?).await?;
        Ok(heads.into_iter().filter(|(_, due)| *due <= now).map(|(function, _)| function).collect())
    }

    /// What is over age among the next tasks of a queue, and where the next look goes on.
    pub(crate) async fn over_age(&self, function: &FunctionRef, look: &AgeLook) -> Done<(Vec<OverAge>, Option<QueueMark>)> {
        let mut tx = self.begin_read().await?;
        let found = over_age_sql::<DB>(function, look).all(&mut *tx, over_age::<DB>).await?;
        let mark = mark_sql::<DB>(function, look).first(&mut *tx, |cells| Ok((UnixMillis(cells.int()?), cells.int()?))).await?;
        tx.commit().await?;
        Ok((found, mark))
    }
}

#[cfg(test)]
pub(crate) mod plans {
    use super::*;

    /// A look goes along the function's queue, from where the last one has come to.
    pub(crate) async fn check<DB: Dialect>(function: &FunctionRef, connection: &mut DB::Connection) {
        let look = AgeLook { now: UnixMillis(50), given_back_from: UnixMillis(0), after: (UnixMillis(7), 7), rows: 5 };
        for sql in [over_age_sql::<DB>(function, &look), mark_sql::<DB>(function, &look)] {
            let plan = sql.plan(connection).await;
            assert!(plan.contains("task_queue") && !plan.contains("Sort") && !plan.contains("TEMP B-TREE"), "{plan}");
        }
    }
}
