//! Triggers, and firing those that are due.

use crate::{
    dialect::Dialect,
    error::{Done, or_reference},
    rows::{self, to_json},
    services::{page, push_name_range},
    sql::{Cells, Sql},
    store::SqlStore,
};
use engine::ports::{Firing, Inserted, StoreError};
use model::{FunctionRef, ListQuery, Page, Qualifier, ServiceRef, Trigger, TriggerKind, TriggerName, TriggerRef};

impl<DB: Dialect> SqlStore<DB> {
    pub(crate) async fn add_trigger(&self, trigger: &Trigger) -> Done<()> {
        let spec = to_json(&trigger.spec)?;
        let mut sql = Sql::<DB>::new("insert into function_trigger (");
        sql.push(rows::TRIGGER_COLUMNS).push(
            ", qualifier) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
             on conflict (region, service, function, name) do nothing",
        );
        let sql = sql
            .bind(trigger.function.region.as_str())
            .bind(trigger.function.service.as_str())
            .bind(trigger.function.function.as_str())
            .bind(trigger.name.as_str())
            .bind(trigger.id.as_str())
            .bind(trigger.etag.as_str())
            .bind(spec.as_str())
            .bind(trigger.created_at.0)
            .bind(trigger.modified_at.0)
            .bind(trigger.next_due_at.map(|at| at.0))
            .bind(trigger.last_fired_at.map(|at| at.0))
            .bind(trigger.spec.qualifier.as_str());
        let inserted = sql.execute(&mut *self.writing().await?).await;
        // Also after an error: it may have been written all the same.
        self.known.forget();
        match or_reference::<DB, _>(inserted, StoreError::Conflict("function"))? {
            0 => Err(StoreError::Exists("trigger").into()),
            _ => Ok(()),
        }
    }

    pub(crate) async fn trigger(&self, trigger: &TriggerRef) -> Done<Option<Trigger>> {
        let mut sql = Sql::<DB>::new("select ");
        sql.push(rows::TRIGGER_COLUMNS).push(" from function_trigger where region = $1 and service = $2 and function = $3 and name = $4");
        Ok(bind_name(sql, trigger).first(&mut *self.reading().await?, rows::trigger::<DB>).await?)
    }

    pub(crate) async fn trigger_page(&self, function: &FunctionRef, query: &ListQuery) -> Done<Page<Trigger>> {
        let mut sql = Sql::<DB>::new("select ");
        sql.push(rows::TRIGGER_COLUMNS).push(" from function_trigger where region = ").push_bind(function.region.as_str());
        sql.push(" and service = ").push_bind(function.service.as_str());
        sql.push(" and function = ").push_bind(function.function.as_str());
        push_name_range(&mut sql, "name", query);
        let items = sql.all(&mut *self.reading().await?, rows::trigger::<DB>).await?;
        Ok(page(items, query, |trigger| trigger.name.to_string()))
    }

    pub(crate) async fn replace_trigger(&self, trigger: &Trigger, expected_etag: &str, replan: bool) -> Done<()> {
        let spec = to_json(&trigger.spec)?;
        let sql = Sql::<DB>::new(
            "update function_trigger set id = $6, etag = $7, spec = $8, qualifier = $9, created_at_ms = $10, modified_at_ms = $11, \
             next_due_ms = case when $12 = 1 then $13 else next_due_ms end \
             where region = $1 and service = $2 and function = $3 and name = $4 and etag = $5",
        );
        let sql = bind_name(sql, &trigger.trigger_ref())
            .bind(expected_etag)
            .bind(trigger.id.as_str())
            .bind(trigger.etag.as_str())
            .bind(spec.as_str())
            .bind(trigger.spec.qualifier.as_str())
            .bind(trigger.created_at.0)
            .bind(trigger.modified_at.0)
            .bind(i64::from(replan))
            .bind(trigger.next_due_at.map(|at| at.0));
        let replaced = sql.execute(&mut *self.writing().await?).await;
        self.known.forget();
        match replaced? {
            0 => Err(StoreError::Conflict("trigger").into()),
            _ => Ok(()),
        }
    }

    pub(crate) async fn remove_trigger(&self, trigger: &TriggerRef, expected_etag: &str) -> Done<()> {
        let sql =
            Sql::<DB>::new("delete from function_trigger where region = $1 and service = $2 and function = $3 and name = $4 and etag = $5");
        let deleted = bind_name(sql, trigger).bind(expected_etag).execute(&mut *self.writing().await?).await;
        self.known.forget();
        match deleted? {
            0 => Err(StoreError::Conflict("trigger").into()),
            _ => Ok(()),
        }
    }

    pub(crate) async fn http_triggers_of(&self, function: &FunctionRef) -> Done<Vec<Trigger>> {
        if let Some(known) = self.known.http_triggers(function) {
            return Ok(known);
        }
        self.http_trigger_reads.get(function, self.read_http_triggers(function)).await
    }

    async fn read_http_triggers(&self, function: &FunctionRef) -> Done<Vec<Trigger>> {
        let asked = self.known.asked();
        let mut sql = Sql::<DB>::new("select ");
        sql.push(rows::TRIGGER_COLUMNS).push(" from function_trigger where region = $1 and service = $2 and function = $3 order by name");
        let sql = sql.bind(function.region.as_str()).bind(function.service.as_str()).bind(function.function.as_str());
        let mut found = sql.all(&mut *self.reading().await?, rows::trigger::<DB>).await?;
        found.retain(|trigger| trigger.spec.kind == TriggerKind::Http);
        self.known.learn_http_triggers(asked, function, &found);
        Ok(found)
    }

    pub(crate) async fn first_timers(&self, limit: u32) -> Done<Vec<Trigger>> {
        let mut sql = Sql::<DB>::new("select ");
        sql.push(rows::TRIGGER_COLUMNS)
            .push(" from function_trigger where next_due_ms is not null order by next_due_ms, region, service, function, name limit $1");
        Ok(sql.bind(i64::from(limit)).all(&mut *self.reading().await?, rows::trigger::<DB>).await?)
    }

    /// The trigger's row decides: it is moved on if it is as it was read, and in the same transaction the task is stored. So of several
    /// servers one fires a due time, and whichever moment one dies at, either both are written or neither.
    pub(crate) async fn fire_batch(&self, batch: &[Firing]) -> Done<Vec<Option<Inserted>>> {
        let mut order: Vec<(usize, &Firing)> = batch.iter().enumerate().collect();
        // Servers that fire the same triggers lock their rows in the same order.
        order.sort_by(|(_, a), (_, b)| a.trigger.cmp(&b.trigger));
        let (mut places, mut tasks) = (Vec::with_capacity(batch.len()), Vec::with_capacity(batch.len()));
        let mut tx = self.begin_write().await?;
        for (place, firing) in order {
            if move_on::<DB>(firing, &mut tx).await? {
                places.push(place);
                tasks.push(firing.task.clone());
            }
        }
        let inserted = self.insert_within(&tasks, true, &mut tx).await?;
        tx.commit().await?;
        let mut answer = vec![None; batch.len()];
        for (place, inserted) in places.into_iter().zip(inserted) {
            if let Some(slot) = answer.get_mut(place) {
                *slot = Some(inserted);
            }
        }
        Ok(answer)
    }

    pub(crate) async fn triggers_calling(&self, service: &ServiceRef, qualifier: &Qualifier, limit: u32) -> Done<Vec<TriggerRef>> {
        let sql = Sql::<DB>::new(
            "select region, service, function, name from function_trigger \
             where region = $1 and service = $2 and qualifier = $3 order by function, name limit $4",
        )
        .bind(service.region.as_str())
        .bind(service.service.as_str())
        .bind(qualifier.as_str())
        .bind(i64::from(limit));
        let name = |cells: &mut Cells<'_, DB>| {
            Ok(TriggerRef { function: rows::function_ref(cells)?, name: TriggerName::from_stored(cells.text()?) })
        };
        Ok(sql.all(&mut *self.reading().await?, name).await?)
    }
}

/// Binds `$1` to `$4`, the trigger's full name.
fn bind_name<DB: Dialect>(sql: Sql<DB>, trigger: &TriggerRef) -> Sql<DB> {
    sql.bind(trigger.function.region.as_str())
        .bind(trigger.function.service.as_str())
        .bind(trigger.function.function.as_str())
        .bind(trigger.name.as_str())
}

/// Moves a trigger on to its next due time; false when it is not as it was read.
async fn move_on<DB: Dialect>(firing: &Firing, connection: &mut DB::Connection) -> sqlx::Result<bool> {
    let sql = Sql::<DB>::new(
        "update function_trigger set next_due_ms = $7, last_due_ms = $8 \
         where region = $1 and service = $2 and function = $3 and name = $4 and etag = $5 and next_due_ms = $6",
    );
    let sql = bind_name(sql, &firing.trigger)
        .bind(firing.etag.as_str())
        .bind(firing.expected_due.0)
        .bind(firing.next_due.map(|at| at.0))
        .bind(firing.due.0);
    Ok(sql.execute(connection).await? == 1)
}
