//! Functions and their code packages.

use crate::{
    dialect::Dialect,
    error::{Done, or_reference},
    rows::{self, stored, to_json},
    services::{page, push_name_range},
    sql::Sql,
    store::SqlStore,
};
use engine::ports::StoreError;
use model::{AsyncConfig, Function, FunctionRef, ListQuery, Page, ServiceRef};

impl<DB: Dialect> SqlStore<DB> {
    pub(crate) async fn add_function(&self, function: &Function, code: &[u8], config: Option<&AsyncConfig>) -> Done<()> {
        let spec = to_json(&function.spec)?;
        let mut tx = self.begin_write().await?;
        insert_package::<DB>(&function.package_id, code, &mut tx).await?;
        let mut sql = Sql::<DB>::new("insert into function (");
        sql.push(rows::FUNCTION_COLUMNS)
            .push(", instance_concurrency) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ")
            .push("on conflict (region, service, name) do nothing");
        let sql = sql
            .bind(function.region.as_str())
            .bind(function.service.as_str())
            .bind(function.name.as_str())
            .bind(function.id.as_str())
            .bind(function.etag.as_str())
            .bind(spec.as_str())
            .bind(function.package_id.as_str())
            .bind(stored(function.code_size))
            .bind(function.code_checksum.as_str())
            .bind(function.created_at.0)
            .bind(function.modified_at.0)
            .bind(i64::from(function.spec.instance_concurrency));
        if or_reference::<DB, _>(sql.execute(&mut tx).await, StoreError::Conflict("service"))? == 0 {
            return Err(StoreError::Exists("function").into());
        }
        if let Some(config) = config {
            crate::async_config::put::<DB>(config, &mut tx).await?;
        }
        let committed = tx.commit().await;
        // Also after an error: it may have been written all the same.
        self.known.forget();
        Ok(committed?)
    }

    pub(crate) async fn function(&self, function: &FunctionRef) -> Done<Option<Function>> {
        if let Some(known) = self.known.function(function) {
            return Ok(known);
        }
        self.function_reads.get(function, self.read_function(function)).await
    }

    async fn read_function(&self, function: &FunctionRef) -> Done<Option<Function>> {
        let asked = self.known.asked();
        let mut sql = Sql::<DB>::new("select ");
        sql.push(rows::FUNCTION_COLUMNS).push(" from function where region = $1 and service = $2 and name = $3");
        let sql = sql.bind(function.region.as_str()).bind(function.service.as_str()).bind(function.function.as_str());
        let found = sql.first(&mut *self.reading().await?, rows::function::<DB>).await?;
        self.known.learn_function(asked, function, found.as_ref());
        Ok(found)
    }

    pub(crate) async fn function_page(&self, service: &ServiceRef, query: &ListQuery) -> Done<Page<Function>> {
        let mut sql = Sql::<DB>::new("select ");
        sql.push(rows::FUNCTION_COLUMNS).push(" from function where region = ").push_bind(service.region.as_str());
        sql.push(" and service = ").push_bind(service.service.as_str());
        push_name_range(&mut sql, "name", query);
        let items = sql.all(&mut *self.reading().await?, rows::function::<DB>).await?;
        Ok(page(items, query, |function| function.name.to_string()))
    }

    pub(crate) async fn replace_function(&self, function: &Function, code: Option<&[u8]>, expected_etag: &str) -> Done<()> {
        let spec = to_json(&function.spec)?;
        let name = function.function_ref();
        let mut tx = self.begin_write().await?;
        if let Some(code) = code {
            insert_package::<DB>(&function.package_id, code, &mut tx).await?;
        }
        let before = package_of::<DB>(&name, expected_etag, &mut tx).await?;
        let sql = Sql::<DB>::new(
            "update function set id = $5, etag = $6, spec = $7, package_id = $8, code_bytes = $9, code_checksum = $10, \
             created_at_ms = $11, modified_at_ms = $12, instance_concurrency = $13 where region = $1 and service = $2 and name = $3 and etag = $4",
        )
        .bind(function.region.as_str())
        .bind(function.service.as_str())
        .bind(function.name.as_str())
        .bind(expected_etag)
        .bind(function.id.as_str())
        .bind(function.etag.as_str())
        .bind(spec.as_str())
        .bind(function.package_id.as_str())
        .bind(stored(function.code_size))
        .bind(function.code_checksum.as_str())
        .bind(function.created_at.0)
        .bind(function.modified_at.0)
        .bind(i64::from(function.spec.instance_concurrency));
        // Dropping the transaction takes the package back too.
        if or_reference::<DB, _>(sql.execute(&mut tx).await, StoreError::Conflict("code package"))? == 0 {
            return Err(StoreError::Conflict("function").into());
        }
        if let Some(before) = before.filter(|id| *id != function.package_id) {
            sweep_package::<DB>(&before, &mut tx).await?;
        }
        let committed = tx.commit().await;
        // Also after an error: it may have been written all the same.
        self.known.forget();
        Ok(committed?)
    }

    pub(crate) async fn remove_function(&self, function: &FunctionRef, expected_etag: &str) -> Done<()> {
        let mut tx = self.begin_write().await?;
        let sql =
            Sql::<DB>::new("delete from function where region = $1 and service = $2 and name = $3 and etag = $4 returning package_id")
                .bind(function.region.as_str())
                .bind(function.service.as_str())
                .bind(function.function.as_str())
                .bind(expected_etag);
        let deleted = sql.first(&mut tx, |cells| cells.text()).await;
        let Some(package_id) = or_reference::<DB, _>(deleted, StoreError::NotEmpty("function"))? else {
            return Err(StoreError::Conflict("function").into());
        };
        crate::queue_hold::forget::<DB>(function, &mut tx).await?;
        crate::async_config::forget_function::<DB>(function, &mut tx).await?;
        sweep_package::<DB>(&package_id, &mut tx).await?;
        let committed = tx.commit().await;
        // Also after an error: it may have been written all the same.
        self.known.forget();
        Ok(committed?)
    }

    pub(crate) async fn code(&self, package_id: &str) -> Done<Option<Vec<u8>>> {
        let sql = Sql::<DB>::new("select content from code_package where id = $1").bind(package_id);
        Ok(sql.first(&mut *self.reading().await?, |cells| cells.blob()).await?)
    }
}

pub(crate) async fn insert_package<DB: Dialect>(id: &str, code: &[u8], connection: &mut DB::Connection) -> sqlx::Result<()> {
    Sql::<DB>::new("insert into code_package (id, size_bytes, content) values ($1, $2, $3) on conflict (id) do nothing")
        .bind(id)
        .bind(i64::try_from(code.len()).unwrap_or(i64::MAX))
        .bind(code)
        .execute(connection)
        .await?;
    Ok(())
}

async fn package_of<DB: Dialect>(function: &FunctionRef, etag: &str, connection: &mut DB::Connection) -> sqlx::Result<Option<String>> {
    Sql::<DB>::new("select package_id from function where region = $1 and service = $2 and name = $3 and etag = $4")
        .bind(function.region.as_str())
        .bind(function.service.as_str())
        .bind(function.function.as_str())
        .bind(etag)
        .first(connection, |cells| cells.text())
        .await
}

/// Deletes a package that no function uses any more, neither a current one nor one of a version, and no layer: tasks run nothing else.
pub(crate) async fn sweep_package<DB: Dialect>(id: &str, connection: &mut DB::Connection) -> sqlx::Result<()> {
    // Two last users that go at the same time don't see each other gone, and both would leave it to the other one.
    let mut sql = Sql::<DB>::new("select id from code_package where id = $1");
    sql.push(DB::WAIT_LOCKED);
    sql.bind(id).first(connection, |cells| cells.text()).await?;
    Sql::<DB>::new(
        "delete from code_package where id = $1 and not exists (select 1 from function where package_id = $1) \
         and not exists (select 1 from function_version where package_id = $1) \
         and not exists (select 1 from layer_version where package_id = $1)",
    )
    .bind(id)
    .execute(connection)
    .await?;
    Ok(())
}
