//! Limits and minimums of instances.

use crate::{
    async_config::{bind_function, exists},
    dialect::Dialect,
    error::Done,
    held,
    rows::{self, to_json},
    services::{page, push_name_range},
    sql::Sql,
    store::SqlStore,
};
use engine::ports::{ProvisionState, StoreError, WorkerId};
use model::{FunctionRef, ListQuery, OnDemandConfig, Page, ProvisionConfig, ProvisionQuery, Qualifier, Region, UnixMillis};

impl<DB: Dialect> SqlStore<DB> {
    pub(crate) async fn write_on_demand(&self, config: &OnDemandConfig, expected_etag: Option<&str>) -> Done<()> {
        let mut tx = self.begin_write().await?;
        if !exists::<DB>(&config.function, &mut tx).await? {
            return Err(StoreError::Conflict("function").into());
        }
        let sql = Sql::<DB>::new(match expected_etag {
            None => {
                "insert into on_demand_config (region, service, function, qualifier, resource, etag, max_instances, modified_at_ms) \
                 values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (region, service, function, qualifier) do nothing"
            }
            Some(_) => {
                "update on_demand_config set resource = $5, etag = $6, max_instances = $7, modified_at_ms = $8 \
                 where region = $1 and service = $2 and function = $3 and qualifier = $4 and etag = $9"
            }
        });
        let sql = bind_qualifier(sql, &config.function, &config.qualifier)
            .bind(config.resource().as_str())
            .bind(config.etag.as_str())
            .bind(i64::from(config.max_instances))
            .bind(config.modified_at.0);
        let sql = if let Some(etag) = expected_etag { sql.bind(etag) } else { sql };
        if sql.execute(&mut tx).await? == 0 {
            return Err(StoreError::Conflict("on-demand configuration").into());
        }
        let committed = tx.commit().await;
        // Also after an error: it may have been written all the same.
        self.known.forget();
        Ok(committed?)
    }

    pub(crate) async fn on_demand(&self, function: &FunctionRef, qualifier: &Qualifier) -> Done<Option<OnDemandConfig>> {
        let mut sql = Sql::<DB>::new("select ");
        sql.push(rows::ON_DEMAND_COLUMNS);
        sql.push(" from on_demand_config where region = $1 and service = $2 and function = $3 and qualifier = $4");
        let sql = bind_qualifier(sql, function, qualifier);
        Ok(sql.first(&mut *self.reading().await?, rows::on_demand::<DB>).await?)
    }

    pub(crate) async fn remove_on_demand(&self, function: &FunctionRef, qualifier: &Qualifier, etag: &str) -> Done<()> {
        let sql = Sql::<DB>::new(
            "delete from on_demand_config where region = $1 and service = $2 and function = $3 and qualifier = $4 and etag = $5",
        );
        let deleted = bind_qualifier(sql, function, qualifier).bind(etag).execute(&mut *self.writing().await?).await;
        self.known.forget();
        match deleted? {
            0 => Err(StoreError::Conflict("on-demand configuration").into()),
            _ => Ok(()),
        }
    }

    pub(crate) async fn on_demand_page(&self, region: &Region, query: &ListQuery) -> Done<Page<OnDemandConfig>> {
        let mut sql = Sql::<DB>::new("select ");
        sql.push(rows::ON_DEMAND_COLUMNS).push(" from on_demand_config where region = ").push_bind(region.as_str());
        push_name_range(&mut sql, "resource", query);
        let items = sql.all(&mut *self.reading().await?, rows::on_demand::<DB>).await?;
        Ok(page(items, query, OnDemandConfig::resource))
    }

    pub(crate) async fn every_on_demand(&self) -> Done<Vec<OnDemandConfig>> {
        let mut sql = Sql::<DB>::new("select ");
        sql.push(rows::ON_DEMAND_COLUMNS).push(" from on_demand_config order by region, service, function, qualifier");
        Ok(sql.all(&mut *self.reading().await?, rows::on_demand::<DB>).await?)
    }

    pub(crate) async fn held_in_lane(&self, function: &FunctionRef, qualifier: &Qualifier) -> Done<u64> {
        let held =
            bind_qualifier(held::of_lane_sql::<DB>(), function, qualifier).first(&mut *self.reading().await?, |cells| cells.int()).await?;
        Ok(held.unwrap_or_default().unsigned_abs())
    }

    pub(crate) async fn write_provision(&self, config: &ProvisionConfig, expected_etag: Option<&str>) -> Done<()> {
        let spec = to_json(&config.spec)?;
        let mut tx = self.begin_write().await?;
        if !exists::<DB>(&config.function, &mut tx).await? {
            return Err(StoreError::Conflict("function").into());
        }
        let sql = Sql::<DB>::new(match expected_etag {
            None => {
                "insert into provision_config (region, service, function, qualifier, resource, etag, spec, modified_at_ms) \
                 values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (region, service, function, qualifier) do nothing"
            }
            Some(_) => {
                "update provision_config set resource = $5, etag = $6, spec = $7, modified_at_ms = $8 \
                 where region = $1 and service = $2 and function = $3 and qualifier = $4 and etag = $9"
            }
        });
        let sql = bind_qualifier(sql, &config.function, &config.qualifier)
            .bind(config.resource().as_str())
            .bind(config.etag.as_str())
            .bind(spec.as_str())
            .bind(config.modified_at.0);
        let sql = if let Some(etag) = expected_etag { sql.bind(etag) } else { sql };
        if sql.execute(&mut tx).await? == 0 {
            return Err(StoreError::Conflict("provision configuration").into());
        }
        Ok(tx.commit().await?)
    }

    pub(crate) async fn provision(&self, function: &FunctionRef, qualifier: &Qualifier) -> Done<Option<ProvisionConfig>> {
        let mut sql = Sql::<DB>::new("select ");
        sql.push(rows::PROVISION_COLUMNS);
        sql.push(" from provision_config where region = $1 and service = $2 and function = $3 and qualifier = $4");
        let sql = bind_qualifier(sql, function, qualifier);
        Ok(sql.first(&mut *self.reading().await?, rows::provision::<DB>).await?)
    }

    pub(crate) async fn remove_provision(&self, function: &FunctionRef, qualifier: &Qualifier, etag: &str) -> Done<()> {
        let mut tx = self.begin_write().await?;
        let sql = Sql::<DB>::new(
            "delete from provision_config where region = $1 and service = $2 and function = $3 and qualifier = $4 and etag = $5",
        );
        if bind_qualifier(sql, function, qualifier).bind(etag).execute(&mut tx).await? == 0 {
            return Err(StoreError::Conflict("provision configuration").into());
        }
        Ok(tx.commit().await?)
    }

    pub(crate) async fn provision_page(&self, region: &Region, query: &ProvisionQuery) -> Done<Page<ProvisionConfig>> {
        let mut sql = Sql::<DB>::new("select ");
        sql.push(rows::PROVISION_COLUMNS).push(" from provision_config where region = ").push_bind(region.as_str());
        if let Some(service) = &query.service {
            sql.push(" and service = ").push_bind(service.as_str());
        }
        if let Some(qualifier) = &query.qualifier {
            sql.push(" and qualifier = ").push_bind(qualifier.as_str());
        }
        push_name_range(&mut sql, "resource", &query.page);
        let items = sql.all(&mut *self.reading().await?, rows::provision::<DB>).await?;
        Ok(page(items, &query.page, ProvisionConfig::resource))
    }

    pub(crate) async fn every_provision(&self) -> Done<Vec<ProvisionConfig>> {
        let mut sql = Sql::<DB>::new("select ");
        sql.push(rows::PROVISION_COLUMNS).push(" from provision_config order by region, service, function, qualifier");
        Ok(sql.all(&mut *self.reading().await?, rows::provision::<DB>).await?)
    }

    pub(crate) async fn report(&self, worker: &WorkerId, states: &[ProvisionState], now: UnixMillis, until: UnixMillis) -> Done<()> {
        let mut tx = self.begin_write().await?;
        let sql = Sql::<DB>::new("delete from provision_state where worker_id = $1 or until_ms < $2");
        sql.bind(worker.0.as_str()).bind(now.0).execute(&mut tx).await?;
        for states in crate::sql::chunks(states) {
            let mut sql = Sql::<DB>::new(
                "insert into provision_state (worker_id, region, service, function, qualifier, instances, problem, until_ms) values ",
            );
            sql.push_rows(states, |row, state| {
                row.put(worker.0.as_str()).put(state.function.region.as_str()).put(state.function.service.as_str());
                row.put(state.function.function.as_str()).put(state.qualifier.as_str());
                row.put(i64::from(state.instances)).put(state.problem.as_str()).put(until.0);
            });
            sql.execute(&mut tx).await?;
        }
        Ok(tx.commit().await?)
    }

    pub(crate) async fn states_of(&self, function: &FunctionRef, qualifier: &Qualifier, now: UnixMillis) -> Done<Vec<ProvisionState>> {
        let sql = Sql::<DB>::new(
            "select region, service, function, qualifier, instances, problem from provision_state \
             where region = $1 and service = $2 and function = $3 and qualifier = $4 and until_ms >= $5 order by worker_id",
        );
        let sql = bind_qualifier(sql, function, qualifier).bind(now.0);
        Ok(sql.all(&mut *self.reading().await?, rows::provision_state::<DB>).await?)
    }
}

/// Binds `$1` to `$4`.
fn bind_qualifier<DB: Dialect>(sql: Sql<DB>, function: &FunctionRef, qualifier: &Qualifier) -> Sql<DB> {
    bind_function(sql, function).bind(qualifier.as_str())
}
