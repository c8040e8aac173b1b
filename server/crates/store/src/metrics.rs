//! What servers counted: rows of minutes, the same of hours, and both again for the whole region, so that no read goes through very many.

use crate::{
    async_config::bind_function,
    count,
    dialect::Dialect,
    error::{Done, unreadable},
    pick,
    rows::{self, to_json},
    sql::{Cells, Sql, chunks},
    store::SqlStore,
};
use async_trait::async_trait;
use engine::ports::{MetricMinute, MetricStore, StoreResult};
use model::{
    Backlog, Figures, FunctionName, FunctionRef, MetricPoint, MetricScope, MetricWindow, QueueScope, Region, ServiceName, UnixMillis,
};
use std::collections::BTreeMap;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// What a row is about. Sorted, so that servers which add at the same time lock rows in the same order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    function: FunctionRef,
    width_ms: i64,
    at_ms: i64,
    qualifier: String,
}

/// The key of a region's rows.
fn whole(region: &Region) -> FunctionRef {
    FunctionRef { region: region.clone(), service: ServiceName::from_stored(""), function: FunctionName::from_stored("") }
}

/// The four rows that a minute is added to.
fn rows_of(minutes: &[MetricMinute]) -> Vec<(Key, Figures)> {
    let mut rows: BTreeMap<Key, Figures> = BTreeMap::new();
    for minute in minutes {
        for width_ms in [MINUTE_MS, HOUR_MS] {
            let at_ms = minute.at.0.div_euclid(width_ms) * width_ms;
            let of_function = Key { function: minute.function.clone(), width_ms, at_ms, qualifier: minute.qualifier.to_string() };
            let of_region = Key { function: whole(&minute.function.region), width_ms, at_ms, qualifier: String::new() };
            for key in [of_function, of_region] {
                rows.entry(key).or_default().add(&minute.figures);
            }
        }
    }
    rows.into_iter().collect()
}

fn figures(text: &str) -> sqlx::Result<Figures> {
    serde_json::from_str(text).map_err(|why| unreadable("figures", why))
}

fn point<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<(i64, Figures)> {
    Ok((cells.int()?, figures(&cells.text()?)?))
}

fn key<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<Key> {
    Ok(Key { function: rows::function_ref(cells)?, width_ms: cells.int()?, at_ms: cells.int()?, qualifier: cells.text()? })
}

fn insert<DB: Dialect>(rows: &[(Key, String)]) -> Sql<DB> {
    let mut sql = Sql::new("insert into metric (region, service, function, width_ms, at_ms, qualifier, figures) values ");
    sql.push_rows(rows, |row, (key, figures)| {
        row.put(key.function.region.as_str()).put(key.function.service.as_str()).put(key.function.function.as_str());
        row.put(key.width_ms).put(key.at_ms).put(key.qualifier.as_str()).put(figures.as_str());
    });
    sql.push(" on conflict (region, service, function, width_ms, at_ms, qualifier) do ");
    sql
}

/// Adds to rows that are there or not: first every row is made, so that it can be locked, then read and written.
async fn add<DB: Dialect>(chunk: &[(Key, Figures)], connection: &mut DB::Connection) -> sqlx::Result<()> {
    let empty: Vec<(Key, String)> = chunk.iter().map(|(key, _)| (key.clone(), "{}".to_owned())).collect();
    let mut sql = insert::<DB>(&empty);
    sql.push("nothing");
    sql.execute(connection).await?;
    let mut sql = Sql::<DB>::new(
        "select region, service, function, width_ms, at_ms, qualifier, figures from metric \
         where (region, service, function, width_ms, at_ms, qualifier) in (values ",
    );
    sql.push_rows(chunk, |row, (key, _)| {
        row.put(key.function.region.as_str()).put(key.function.service.as_str()).put(key.function.function.as_str());
        row.put(key.width_ms).put(key.at_ms).put(key.qualifier.as_str());
    });
    sql.push(") order by region, service, function, width_ms, at_ms, qualifier").push(DB::WAIT_LOCKED);
    let stored = sql.all(connection, |cells| Ok((key(cells)?, figures(&cells.text()?)?))).await?;
    let mut sums: BTreeMap<Key, Figures> = stored.into_iter().collect();
    for (key, more) in chunk {
        sums.entry(key.clone()).or_default().add(more);
    }
    let rows = sums.into_iter().map(|(key, sum)| Ok((key, to_json(&sum)?))).collect::<sqlx::Result<Vec<_>>>()?;
    let mut sql = insert::<DB>(&rows);
    sql.push("update set figures = excluded.figures");
    sql.execute(connection).await?;
    Ok(())
}

impl<DB: Dialect> SqlStore<DB> {
    /// Adds what a server counted.
    async fn add_minutes(&self, minutes: &[MetricMinute]) -> Done<()> {
        let rows = rows_of(minutes);
        let mut tx = self.begin_write().await?;
        for chunk in chunks(&rows) {
            add::<DB>(chunk, &mut tx).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// The points of a window with anything in them.
    async fn points(&self, scope: &MetricScope, window: MetricWindow, step_ms: i64) -> Done<Vec<MetricPoint>> {
        let (function, qualifier) = match scope {
            MetricScope::Region(region) => (whole(region), None),
            MetricScope::Function(function, qualifier) => (function.clone(), qualifier.as_ref()),
        };
        let sql = bind_function(points_sql::<DB>(qualifier.is_some()), &function);
        let sql = sql.bind(if step_ms < HOUR_MS { MINUTE_MS } else { HOUR_MS }).bind(window.from.0).bind(window.until.0);
        let sql = if let Some(qualifier) = qualifier { sql.bind(qualifier.as_str()) } else { sql };
        let mut points: Vec<MetricPoint> = Vec::new();
        for (at_ms, figures) in sql.all(&mut *self.reading().await?, point).await? {
            let at = UnixMillis(at_ms.div_euclid(step_ms.max(1)) * step_ms);
            match points.last_mut() {
                Some(last) if last.at == at => last.figures.add(&figures),
                _ => points.push(MetricPoint { at, figures }),
            }
        }
        Ok(points)
    }

    /// The figures of each function of a region.
    async fn figures_by_function(&self, region: &Region, window: MetricWindow, by_hours: bool) -> Done<Vec<(FunctionRef, Figures)>> {
        let width_ms = if by_hours { HOUR_MS } else { MINUTE_MS };
        let from = window.from.0.div_euclid(width_ms) * width_ms;
        let sql = of_region_sql::<DB>().bind(width_ms).bind(from).bind(window.until.0).bind(region.as_str());
        let mut sums: BTreeMap<FunctionRef, Figures> = BTreeMap::new();
        for (function, more) in
            sql.all(&mut *self.reading().await?, |cells| Ok((rows::function_ref(cells)?, figures(&cells.text()?)?))).await?
        {
            sums.entry(function).or_default().add(&more);
        }
        Ok(sums.into_iter().collect())
    }

    /// Deletes rows that are older.
    async fn forget_metrics(&self, before: UnixMillis, limit: u32) -> Done<u64> {
        let mut deleted = 0;
        for width_ms in [MINUTE_MS, HOUR_MS] {
            let sql = Sql::<DB>::new(
                "delete from metric where (region, service, function, width_ms, at_ms, qualifier) in \
                 (select region, service, function, width_ms, at_ms, qualifier from metric where width_ms = $1 and at_ms < $2 \
                 order by at_ms limit $3)",
            )
            .bind(width_ms)
            .bind(before.0)
            .bind(i64::from(limit));
            deleted = sql.execute(&mut *self.writing().await?).await?.max(deleted);
        }
        Ok(deleted)
    }

    /// What waits now.
    async fn waiting_now(&self, scope: &QueueScope) -> Done<Backlog> {
        let mut tx = self.begin_read().await?;
        let (counts, oldest_due) = match scope {
            QueueScope::Region(region) => {
                let heads = pick::heads::<DB>(&mut tx).await?;
                let oldest_due = heads.into_iter().filter(|(function, _)| function.region == *region).map(|(_, due)| due).min();
                (count::by_state::<DB>(region, None, &mut tx).await?, oldest_due)
            }
            QueueScope::Function(function) => {
                let sql = Sql::<DB>::new(
                    "select run_at_ms from task where region = $1 and service = $2 and function = $3 and run_at_ms is not null \
                     order by run_at_ms, seq limit 1",
                );
                let oldest_due = bind_function(sql, function).first(&mut tx, |cells| cells.int()).await?.map(UnixMillis);
                (count::by_state::<DB>(&function.region, Some(function), &mut tx).await?, oldest_due)
            }
        };
        tx.commit().await?;
        Ok(Backlog { counts, oldest_due })
    }
}

#[async_trait]
impl<DB: Dialect> MetricStore for SqlStore<DB> {
    async fn add_metrics(&self, minutes: &[MetricMinute]) -> StoreResult<()> {
        self.run(|| self.add_minutes(minutes)).await
    }

    async fn read_metrics(&self, scope: &MetricScope, window: MetricWindow, step_ms: i64) -> StoreResult<Vec<MetricPoint>> {
        self.run(|| self.points(scope, window, step_ms)).await
    }

    async fn metrics_by_function(&self, region: &Region, window: MetricWindow, by_hours: bool) -> StoreResult<Vec<(FunctionRef, Figures)>> {
        self.run(|| self.figures_by_function(region, window, by_hours)).await
    }

    async fn prune_metrics(&self, before: UnixMillis, limit: u32) -> StoreResult<u64> {
        self.run(|| self.forget_metrics(before, limit)).await
    }

    async fn backlog(&self, scope: &QueueScope) -> StoreResult<Backlog> {
        self.run(|| self.waiting_now(scope)).await
    }
}

/// With the text put together, SQLite does not take the key for this, which would lead through all times of the region.
fn of_region_sql<DB: Dialect>() -> Sql<DB> {
    Sql::new(
        "select region, service, function, figures from metric where width_ms = $1 and at_ms >= $2 and at_ms < $3 \
         and region || '' = $4 and service <> ''",
    )
}

fn points_sql<DB: Dialect>(of_qualifier: bool) -> Sql<DB> {
    Sql::new(if of_qualifier {
        "select at_ms, figures from metric where region = $1 and service = $2 and function = $3 and width_ms = $4 and at_ms >= $5 \
         and at_ms < $6 and qualifier = $7 order by at_ms"
    } else {
        "select at_ms, figures from metric where region = $1 and service = $2 and function = $3 and width_ms = $4 and at_ms >= $5 \
         and at_ms < $6 order by at_ms"
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objects::LogPlace;

    #[tokio::test]
    async fn c79_no_read_goes_through_other_functions_or_other_times() {
        let folder = tempfile::tempdir().unwrap();
        let store = crate::open::open_sqlite(&folder.path().join("t.db"), &LogPlace::Database).await.unwrap();
        let mut connection = store.reading().await.unwrap();
        let function = whole(&Region::from_stored("r"));
        let window = |sql: Sql<sqlx::Sqlite>| bind_function(sql, &function).bind(MINUTE_MS).bind(0).bind(1);
        for sql in [window(points_sql(false)), window(points_sql(true)).bind("LATEST")] {
            let plan = sql.plan(&mut connection).await;
            let by_key = "USING PRIMARY KEY (region=? AND service=? AND function=? AND width_ms=? AND at_ms>? AND at_ms<?)";
            assert!(plan.contains(by_key) && !plan.contains("TEMP B-TREE"), "{plan}");
        }
        let sql = of_region_sql::<sqlx::Sqlite>().bind(MINUTE_MS).bind(0).bind(1).bind("r");
        let plan = sql.plan(&mut connection).await;
        assert!(plan.contains("metric_by_time (width_ms=? AND at_ms>? AND at_ms<?)"), "{plan}");
    }
}
