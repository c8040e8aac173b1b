//! Asynchronous configurations, the functions in task mode, and task parameters.

use crate::{
    dialect::Dialect,
    error::{Done, or_reference},
    rows::{self, stored},
    services::{page, push_name_range},
    sql::Sql,
    store::SqlStore,
};
use engine::ports::StoreError;
use model::{AsyncConfig, Function, FunctionRef, HttpParameters, ListQuery, Page, Qualifier, Region, ServiceRef};
use std::collections::HashMap;

/// Inserts or replaces a configuration, in a transaction.
pub(crate) async fn put<DB: Dialect>(config: &AsyncConfig, connection: &mut DB::Connection) -> Done<()> {
    if !exists::<DB>(&config.function, connection).await? {
        return Err(StoreError::Conflict("function").into());
    }
    let mut sql = Sql::<DB>::new("insert into async_config (");
    sql.push(rows::ASYNC_CONFIG_COLUMNS).push(
        ") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict (region, service, function, qualifier) do update set \
         stateful_invocation = excluded.stateful_invocation, max_retry_attempts = excluded.max_retry_attempts, \
         max_event_age_s = excluded.max_event_age_s, on_success = excluded.on_success, on_failure = excluded.on_failure, \
         created_at_ms = excluded.created_at_ms, modified_at_ms = excluded.modified_at_ms",
    );
    let sql = sql
        .bind(config.function.region.as_str())
        .bind(config.function.service.as_str())
        .bind(config.function.function.as_str())
        .bind(config.qualifier.as_str())
        .bind(config.stateful_invocation.map(i64::from))
        .bind(config.max_retry_attempts.map(i64::from))
        .bind(config.max_event_age_s.map(stored))
        .bind(config.on_success.as_deref())
        .bind(config.on_failure.as_deref())
        .bind(config.created_at.0)
        .bind(config.modified_at.0);
    sql.execute(connection).await?;
    Ok(())
}

/// True when there is such a function, now or in a version. The current one then stays until the transaction has ended: whoever deletes it
/// waits, and sees what was written under its name.
pub(crate) async fn exists<DB: Dialect>(function: &FunctionRef, connection: &mut DB::Connection) -> sqlx::Result<bool> {
    let mut sql = Sql::<DB>::new("select id from function where region = $1 and service = $2 and name = $3");
    sql.push(DB::WAIT_LOCKED);
    if bind_function(sql, function).first(connection, |cells| cells.text()).await?.is_some() {
        return Ok(true);
    }
    let sql = Sql::<DB>::new("select id from function_version where region = $1 and service = $2 and name = $3 limit 1");
    Ok(bind_function(sql, function).first(connection, |cells| cells.text()).await?.is_some())
}

/// What is configured by qualifier, and goes with it.
const TABLES: [&str; 3] = ["async_config", "on_demand_config", "provision_config"];

/// Deletes the configurations of a function that is not in `LATEST` any more; those of versions and aliases stay with its versions.
pub(crate) async fn forget_function<DB: Dialect>(function: &FunctionRef, connection: &mut DB::Connection) -> sqlx::Result<()> {
    for table in TABLES {
        let mut sql = Sql::<DB>::new("delete from ");
        sql.push(table).push(
            " where region = $1 and service = $2 and function = $3 and (qualifier = 'LATEST' or not exists \
             (select 1 from function_version v where v.region = $1 and v.service = $2 and v.name = $3))",
        );
        bind_function(sql, function).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Deletes the configurations of a version or alias.
pub(crate) async fn forget_qualifier<DB: Dialect>(
    service: &ServiceRef,
    qualifier: &str,
    connection: &mut DB::Connection,
) -> sqlx::Result<()> {
    for table in TABLES {
        let mut sql = Sql::<DB>::new("delete from ");
        sql.push(table).push(" where region = $1 and service = $2 and qualifier = $3");
        sql.bind(service.region.as_str()).bind(service.service.as_str()).bind(qualifier).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Deletes the configurations of functions that are neither in `LATEST` nor in a version.
pub(crate) async fn forget_orphans<DB: Dialect>(service: &ServiceRef, connection: &mut DB::Connection) -> sqlx::Result<()> {
    for table in TABLES {
        let mut sql = Sql::<DB>::new("delete from ");
        sql.push(table).push(" where region = $1 and service = $2 and not exists (select 1 from function f where f.region = $1");
        sql.push(" and f.service = $2 and f.name = ").push(table).push(".function) and not exists (select 1 from function_version v");
        sql.push(" where v.region = $1 and v.service = $2 and v.name = ").push(table).push(".function)");
        sql.bind(service.region.as_str()).bind(service.service.as_str()).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Binds `$1` to `$3`, the function's full name.
pub(crate) fn bind_function<DB: Dialect>(sql: Sql<DB>, function: &FunctionRef) -> Sql<DB> {
    sql.bind(function.region.as_str()).bind(function.service.as_str()).bind(function.function.as_str())
}

impl<DB: Dialect> SqlStore<DB> {
    pub(crate) async fn put_config(&self, config: &AsyncConfig) -> Done<()> {
        let mut tx = self.begin_write().await?;
        put::<DB>(config, &mut tx).await?;
        let committed = tx.commit().await;
        // Also after an error: it may have been written all the same.
        self.known.forget();
        Ok(committed?)
    }

    pub(crate) async fn config(&self, function: &FunctionRef, qualifier: &Qualifier) -> Done<Option<AsyncConfig>> {
        if let Some(known) = self.known.config(function, qualifier) {
            return Ok(known);
        }
        self.config_reads.get(&(function.clone(), qualifier.clone()), self.read_config(function, qualifier)).await
    }

    async fn read_config(&self, function: &FunctionRef, qualifier: &Qualifier) -> Done<Option<AsyncConfig>> {
        let asked = self.known.asked();
        let mut sql = Sql::<DB>::new("select ");
        sql.push(rows::ASYNC_CONFIG_COLUMNS)
            .push(" from async_config where region = $1 and service = $2 and function = $3 and qualifier = $4");
        let sql =
            sql.bind(function.region.as_str()).bind(function.service.as_str()).bind(function.function.as_str()).bind(qualifier.as_str());
        let found = sql.first(&mut *self.reading().await?, rows::async_config::<DB>).await?;
        self.known.learn_config(asked, function, qualifier, found.as_ref());
        Ok(found)
    }

    pub(crate) async fn remove_config(&self, function: &FunctionRef, qualifier: &Qualifier) -> Done<bool> {
        let sql = Sql::<DB>::new("delete from async_config where region = $1 and service = $2 and function = $3 and qualifier = $4")
            .bind(function.region.as_str())
            .bind(function.service.as_str())
            .bind(function.function.as_str())
            .bind(qualifier.as_str());
        let deleted = sql.execute(&mut *self.writing().await?).await;
        self.known.forget();
        Ok(deleted? == 1)
    }

    pub(crate) async fn config_page(&self, function: &FunctionRef, query: &ListQuery) -> Done<Page<AsyncConfig>> {
        let mut sql = Sql::<DB>::new("select ");
        sql.push(rows::ASYNC_CONFIG_COLUMNS).push(" from async_config where region = ").push_bind(function.region.as_str());
        sql.push(" and service = ").push_bind(function.service.as_str());
        sql.push(" and function = ").push_bind(function.function.as_str());
        push_name_range(&mut sql, "qualifier", query);
        let items = sql.all(&mut *self.reading().await?, rows::async_config::<DB>).await?;
        Ok(page(items, query, |config| config.qualifier.to_string()))
    }

    /// Functions with task mode on, each with its qualifiers in task mode.
    pub(crate) async fn task_function_page(&self, region: &Region, query: &ListQuery) -> Done<Page<(Function, Vec<Qualifier>)>> {
        let (service, name) = query.start().split_once('/').unwrap_or((query.start(), ""));
        let mut sql = Sql::<DB>::new("select ");
        sql.push(rows::FUNCTION_COLUMNS).push(" from function where region = ").push_bind(region.as_str());
        sql.push(" and (service, name) >= (").push_bind(service).push(", ").push_bind(name).push(")");
        if !query.prefix.is_empty() {
            // Both databases have `replace`, and it minds the case; the word for "contains" differs.
            sql.push(" and replace(name, ").push_bind(query.prefix.as_str()).push(", '') <> name");
        }
        sql.push(
            " and exists (select 1 from async_config c where c.region = function.region and c.service = function.service \
             and c.function = function.name and c.stateful_invocation = 1) order by service, name limit ",
        );
        sql.push_bind(i64::from(query.rows()) + 1);
        let mut tx = self.begin_read().await?;
        let functions = sql.all(&mut *tx, rows::function::<DB>).await?;
        let functions = page(functions, query, |function| format!("{}/{}", function.service, function.name));
        let mut qualifiers = match (functions.items.first(), functions.items.last()) {
            (Some(first), Some(last)) => task_mode_qualifiers::<DB>(first, last, &mut tx).await?,
            _ => HashMap::new(),
        };
        tx.commit().await?;
        Ok(functions.map(|function| {
            let of_function = qualifiers.remove(&function.function_ref()).unwrap_or_default();
            (function, of_function)
        }))
    }

    pub(crate) async fn parameters(&self, function: &FunctionRef) -> Done<Option<String>> {
        let sql = Sql::<DB>::new("select event from task_parameter where region = $1 and service = $2 and function = $3")
            .bind(function.region.as_str())
            .bind(function.service.as_str())
            .bind(function.function.as_str());
        Ok(sql.first(&mut *self.reading().await?, |cells| cells.text()).await?)
    }

    pub(crate) async fn put_parameters(&self, function: &FunctionRef, event: &str) -> Done<()> {
        let sql = Sql::<DB>::new(
            "insert into task_parameter (region, service, function, event) values ($1, $2, $3, $4) \
             on conflict (region, service, function) do update set event = excluded.event",
        )
        .bind(function.region.as_str())
        .bind(function.service.as_str())
        .bind(function.function.as_str())
        .bind(event);
        or_reference::<DB, _>(sql.execute(&mut *self.writing().await?).await, StoreError::Conflict("function"))?;
        Ok(())
    }

    pub(crate) async fn http_parameters(&self, function: &FunctionRef) -> Done<Option<HttpParameters>> {
        let sql = Sql::<DB>::new("select request from http_parameter where region = $1 and service = $2 and function = $3")
            .bind(function.region.as_str())
            .bind(function.service.as_str())
            .bind(function.function.as_str());
        Ok(sql.first(&mut *self.reading().await?, |cells| rows::from_json("http parameters", &cells.text()?)).await?)
    }

    pub(crate) async fn set_http_parameters(&self, function: &FunctionRef, request: &HttpParameters) -> Done<()> {
        let request = rows::to_json(request)?;
        let sql = Sql::<DB>::new(
            "insert into http_parameter (region, service, function, request) values ($1, $2, $3, $4) \
             on conflict (region, service, function) do update set request = excluded.request",
        )
        .bind(function.region.as_str())
        .bind(function.service.as_str())
        .bind(function.function.as_str())
        .bind(request.as_str());
        or_reference::<DB, _>(sql.execute(&mut *self.writing().await?).await, StoreError::Conflict("function"))?;
        Ok(())
    }
}

/// Qualifiers in task mode of all functions from one to another in the list's order.
async fn task_mode_qualifiers<DB: Dialect>(
    first: &Function,
    last: &Function,
    connection: &mut DB::Connection,
) -> sqlx::Result<HashMap<FunctionRef, Vec<Qualifier>>> {
    let sql = Sql::<DB>::new(
        "select region, service, function, qualifier from async_config where region = $1 and stateful_invocation = 1 \
         and (service, function) >= ($2, $3) and (service, function) <= ($4, $5) order by service, function, qualifier",
    )
    .bind(first.region.as_str())
    .bind(first.service.as_str())
    .bind(first.name.as_str())
    .bind(last.service.as_str())
    .bind(last.name.as_str());
    let read = sql.all(connection, |cells| Ok((rows::function_ref(cells)?, cells.text().map(Qualifier::from_stored)?))).await?;
    let mut by_function: HashMap<FunctionRef, Vec<Qualifier>> = HashMap::new();
    for (function, qualifier) in read {
        by_function.entry(function).or_default().push(qualifier);
    }
    Ok(by_function)
}
