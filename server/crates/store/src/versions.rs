//! Versions: snapshots of a service and its functions.

use crate::{
    dialect::Dialect,
    error::{Done, or_reference},
    functions::sweep_package,
    rows::{self, stored},
    services::{page, push_name_range},
    sql::Sql,
    store::SqlStore,
};
use engine::ports::{Published, StoreError};
use model::{Direction, Function, FunctionRef, ListQuery, Page, Service, ServiceRef, UnixMillis, Version, VersionId, VersionQuery};

/// The number as it is stored.
pub(crate) fn number(version: VersionId) -> i64 {
    stored(version.number())
}

impl<DB: Dialect> SqlStore<DB> {
    pub(crate) async fn publish(&self, service: &ServiceRef, etag: &str, description: &str, now: UnixMillis) -> Done<Published> {
        let mut tx = self.begin_write().await?;
        // First of all: whoever else publishes or deletes the service waits here.
        let sql = Sql::<DB>::new(
            "update service set last_version = last_version + 1 where region = $1 and name = $2 and etag = $3 returning last_version",
        );
        let sql = bind_service(sql, service).bind(etag);
        let next = sql.first(&mut tx, |cells| cells.int()).await?.ok_or(StoreError::Conflict("service"))?;
        if let Some(latest) = latest::<DB>(service, &mut tx).await?
            && is_same::<DB>(service, etag, latest.id, &mut tx).await?
        {
            tx.rollback().await?;
            return Ok(Published::Unchanged(latest));
        }
        let sql = Sql::<DB>::new(
            "insert into service_version (region, service, version, description, published_at_ms, id, etag, spec, created_at_ms, \
             modified_at_ms) select region, name, last_version, $3, $4, id, etag, spec, created_at_ms, modified_at_ms \
             from service where region = $1 and name = $2",
        );
        bind_service(sql, service).bind(description).bind(now.0).execute(&mut tx).await?;
        let sql = Sql::<DB>::new(
            "insert into function_version (region, service, version, name, id, etag, spec, package_id, code_bytes, code_checksum, \
             created_at_ms, modified_at_ms) select region, service, $3, name, id, etag, spec, package_id, code_bytes, code_checksum, \
             created_at_ms, modified_at_ms from function where region = $1 and service = $2",
        );
        let copied = bind_service(sql, service).bind(next).execute(&mut tx).await;
        or_reference::<DB, _>(copied, StoreError::Conflict("code package"))?;
        let committed = tx.commit().await;
        // Also after an error: it may have been written all the same.
        self.known.forget();
        committed?;
        let id = VersionId::from_stored(next.unsigned_abs());
        Ok(Published::New(Version { service: service.clone(), id, description: description.to_owned(), created_at: now }))
    }

    pub(crate) async fn version_page(&self, service: &ServiceRef, query: VersionQuery) -> Done<Page<Version>> {
        let rows = ListQuery { limit: query.limit, ..ListQuery::default() };
        let mut sql = Sql::<DB>::new("select ");
        sql.push(rows::VERSION_COLUMNS).push(" from service_version where region = ").push_bind(service.region.as_str());
        sql.push(" and service = ").push_bind(service.service.as_str());
        let (beyond, order) = match query.direction {
            Direction::Forward => (" and version >= ", " order by version"),
            Direction::Backward => (" and version <= ", " order by version desc"),
        };
        if let Some(start) = query.start {
            sql.push(beyond).push_bind(number(start));
        }
        sql.push(order).push(" limit ").push_bind(i64::from(rows.rows()) + 1);
        let items = sql.all(&mut *self.reading().await?, rows::version::<DB>).await?;
        Ok(page(items, &rows, |version| version.id.to_string()))
    }

    pub(crate) async fn remove_version(&self, service: &ServiceRef, version: VersionId) -> Done<()> {
        let mut tx = self.begin_write().await?;
        let sql = Sql::<DB>::new(
            "select distinct package_id from function_version where region = $1 and service = $2 and version = $3 order by package_id",
        );
        let packages = bind_service(sql, service).bind(number(version)).all(&mut tx, |cells| cells.text()).await?;
        let sql = Sql::<DB>::new("delete from service_version where region = $1 and service = $2 and version = $3");
        let deleted = bind_service(sql, service).bind(number(version)).execute(&mut tx).await;
        if or_reference::<DB, _>(deleted, StoreError::NotEmpty("version"))? == 0 {
            return Err(StoreError::Conflict("version").into());
        }
        crate::async_config::forget_qualifier::<DB>(service, &version.to_string(), &mut tx).await?;
        crate::async_config::forget_orphans::<DB>(service, &mut tx).await?;
        // In one order, so that two that delete packages don't wait for each other.
        for package in packages {
            sweep_package::<DB>(&package, &mut tx).await?;
        }
        let committed = tx.commit().await;
        // Also after an error: it may have been written all the same.
        self.known.forget();
        Ok(committed?)
    }

    pub(crate) async fn service_at(&self, service: &ServiceRef, version: VersionId) -> Done<Option<Service>> {
        let sql = Sql::<DB>::new(
            "select region, service, id, etag, spec, created_at_ms, modified_at_ms from service_version \
             where region = $1 and service = $2 and version = $3",
        );
        let sql = bind_service(sql, service).bind(number(version));
        Ok(sql.first(&mut *self.reading().await?, rows::service::<DB>).await?)
    }

    pub(crate) async fn function_at(&self, function: &FunctionRef, version: VersionId) -> Done<Option<Function>> {
        if let Some(known) = self.known.version(function, version) {
            return Ok(known);
        }
        self.version_reads.get(&(function.clone(), version), self.read_function_at(function, version)).await
    }

    async fn read_function_at(&self, function: &FunctionRef, version: VersionId) -> Done<Option<Function>> {
        let asked = self.known.asked();
        let mut sql = Sql::<DB>::new("select ");
        sql.push(rows::FUNCTION_COLUMNS).push(" from function_version where region = $1 and service = $2 and version = $3 and name = $4");
        let sql = bind_service(sql, &function.service_ref()).bind(number(version)).bind(function.function.as_str());
        let found = sql.first(&mut *self.reading().await?, rows::function::<DB>).await?;
        self.known.learn_version(asked, function, version, found.as_ref());
        Ok(found)
    }

    pub(crate) async fn function_at_page(&self, service: &ServiceRef, version: VersionId, query: &ListQuery) -> Done<Page<Function>> {
        let mut sql = Sql::<DB>::new("select ");
        sql.push(rows::FUNCTION_COLUMNS).push(" from function_version where region = ").push_bind(service.region.as_str());
        sql.push(" and service = ").push_bind(service.service.as_str()).push(" and version = ").push_bind(number(version));
        push_name_range(&mut sql, "name", query);
        let items = sql.all(&mut *self.reading().await?, rows::function::<DB>).await?;
        Ok(page(items, query, |function| function.name.to_string()))
    }
}

/// Binds `$1` and `$2`, the service's full name.
pub(crate) fn bind_service<DB: Dialect>(sql: Sql<DB>, service: &ServiceRef) -> Sql<DB> {
    sql.bind(service.region.as_str()).bind(service.service.as_str())
}

async fn latest<DB: Dialect>(service: &ServiceRef, connection: &mut DB::Connection) -> sqlx::Result<Option<Version>> {
    let mut sql = Sql::<DB>::new("select ");
    sql.push(rows::VERSION_COLUMNS).push(" from service_version where region = $1 and service = $2 order by version desc limit 1");
    bind_service(sql, service).first(connection, rows::version::<DB>).await
}

/// True when the service and all its functions are those of the version: every change of one gives it another etag.
async fn is_same<DB: Dialect>(service: &ServiceRef, etag: &str, version: VersionId, connection: &mut DB::Connection) -> sqlx::Result<bool> {
    let sql = Sql::<DB>::new(
        "select (select count(*) from service_version where region = $1 and service = $2 and version = $3 and etag = $4), \
         (select count(*) from function where region = $1 and service = $2), \
         (select count(*) from function_version where region = $1 and service = $2 and version = $3), \
         (select count(*) from function f join function_version v on v.region = f.region and v.service = f.service and v.name = f.name \
         and v.etag = f.etag where v.region = $1 and v.service = $2 and v.version = $3)",
    );
    let sql = bind_service(sql, service).bind(number(version)).bind(etag);
    let counts = sql.first(connection, |cells| Ok((cells.int()?, cells.int()?, cells.int()?, cells.int()?))).await?;
    Ok(counts.is_some_and(|(service, now, then, equal)| service == 1 && now == then && now == equal))
}
