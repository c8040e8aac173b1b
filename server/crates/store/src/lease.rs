//! A claim's write: the picked tasks become the worker's, and those with an instance ready begin.

use crate::{
    count::CountChanges,
    dialect::Dialect,
    history,
    sql::{Sql, filled},
};
use engine::ports::{Claim, ClaimedTask, Offer};
use model::{FunctionRef, InstanceId, TaskStatus};
use std::collections::HashMap;

/// Changes the picked tasks, in the store and in `picked`, which holds them as they were; returns what that does to the counters.
pub(crate) async fn write<DB: Dialect>(
    claim: &Claim,
    picked: &mut [ClaimedTask],
    connection: &mut DB::Connection,
) -> sqlx::Result<CountChanges> {
    let mut counts = CountChanges::default();
    let mut ready: HashMap<&FunctionRef, (bool, std::slice::Iter<'_, InstanceId>)> =
        claim.offers.iter().map(|(function, Offer { ready, is_shared, .. })| (function, (*is_shared, ready.iter()))).collect();
    let mut events = Vec::with_capacity(picked.len());
    for task in picked.iter_mut() {
        let was = task.status;
        let mut event = String::new();
        if was == TaskStatus::Enqueued {
            task.status = TaskStatus::Processed;
            event = history::line(TaskStatus::Processed, claim.now, "");
        }
        task.fence += 1;
        if may_begin(claim, task)
            && let Some((is_shared, instances)) = ready.get_mut(&task.task.function)
            && !(*is_shared && task.attempt > 0)
            && let Some(instance) = instances.next()
        {
            task.status = TaskStatus::Running;
            let detail = engine::begun_detail(instance);
            event.push_str(&history::line(TaskStatus::Running, claim.now, &detail));
            task.begun_on = Some(instance.clone());
        }
        counts.moved(&task.task.function, task.listed, was, task.status);
        events.push(event);
    }
    let rows: Vec<_> = picked.iter().zip(&events).collect();
    for chunk in filled(&rows) {
        update_rows::<DB>(claim, &chunk).execute(connection).await?;
    }
    Ok(counts)
}

/// True when nothing but an instance is missing for the task's attempt.
fn may_begin(claim: &Claim, task: &ClaimedTask) -> bool {
    task.qualifier.is_latest() && !task.is_over_age(claim.now, claim.given_back_from)
}

fn update_rows<DB: Dialect>(claim: &Claim, chunk: &[(&ClaimedTask, &String)]) -> Sql<DB> {
    let mut sql = Sql::new("with change (seq, status, event, is_start, instance_id) as (values ");
    sql.push_rows(chunk, |row, (task, event)| {
        row.put(task.seq).put(task.status.as_str()).put(event.as_str());
        row.put(i64::from(task.begun_on.is_some())).put(task.begun_on.as_ref().map_or("", |instance| instance.as_str()));
    });
    sql.push(") update task set fence = task.fence + 1, run_at_ms = null, worker_id = ").push_bind(claim.worker.0.as_str());
    sql.push(
        ", status = change.status, events = task.events || change.event, attempt = task.attempt + change.is_start, \
         instance_id = case when change.is_start = 1 then change.instance_id else task.instance_id end, \
         started_at_ms = case when change.is_start = 1 and task.attempt = 0 then ",
    );
    sql.push_bind(claim.now.0).push(" else task.started_at_ms end from change where task.seq = change.seq");
    sql
}
