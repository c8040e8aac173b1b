//! Aliases: names that lead to versions.

use crate::{
    dialect::Dialect,
    error::{Done, or_reference},
    rows::{self, to_json},
    services::{page, push_name_range},
    sql::Sql,
    store::SqlStore,
    versions::{bind_service, number},
};
use engine::ports::StoreError;
use model::{Alias, AliasName, ListQuery, Page, ServiceRef, VersionId};

impl<DB: Dialect> SqlStore<DB> {
    pub(crate) async fn add_alias(&self, alias: &Alias) -> Done<()> {
        let spec = to_json(&alias.spec)?;
        let mut sql = Sql::<DB>::new("insert into service_alias (");
        sql.push(rows::ALIAS_COLUMNS).push(
            ", version, additional_version) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (region, service, name) do nothing",
        );
        let sql = bind_service(sql, &alias.service)
            .bind(alias.name.as_str())
            .bind(alias.etag.as_str())
            .bind(spec.as_str())
            .bind(alias.created_at.0)
            .bind(alias.modified_at.0)
            .bind(number(alias.spec.version))
            .bind(alias.spec.additional.map(|additional| number(additional.version)));
        let inserted = sql.execute(&mut *self.writing().await?).await;
        self.known.forget();
        match or_reference::<DB, _>(inserted, StoreError::Conflict("version"))? {
            0 => Err(StoreError::Exists("alias").into()),
            _ => Ok(()),
        }
    }

    pub(crate) async fn alias(&self, service: &ServiceRef, name: &AliasName) -> Done<Option<Alias>> {
        if let Some(known) = self.known.alias(service, name) {
            return Ok(known);
        }
        self.alias_reads.get(&(service.clone(), name.clone()), self.read_alias(service, name)).await
    }

    async fn read_alias(&self, service: &ServiceRef, name: &AliasName) -> Done<Option<Alias>> {
        let asked = self.known.asked();
        let mut sql = Sql::<DB>::new("select ");
        sql.push(rows::ALIAS_COLUMNS).push(" from service_alias where region = $1 and service = $2 and name = $3");
        let sql = bind_service(sql, service).bind(name.as_str());
        let found = sql.first(&mut *self.reading().await?, rows::alias::<DB>).await?;
        self.known.learn_alias(asked, service, name, found.as_ref());
        Ok(found)
    }

    pub(crate) async fn alias_page(&self, service: &ServiceRef, query: &ListQuery) -> Done<Page<Alias>> {
        let mut sql = Sql::<DB>::new("select ");
        sql.push(rows::ALIAS_COLUMNS).push(" from service_alias where region = ").push_bind(service.region.as_str());
        sql.push(" and service = ").push_bind(service.service.as_str());
        push_name_range(&mut sql, "name", query);
        let items = sql.all(&mut *self.reading().await?, rows::alias::<DB>).await?;
        Ok(page(items, query, |alias| alias.name.to_string()))
    }

    pub(crate) async fn replace_alias(&self, alias: &Alias, expected_etag: &str) -> Done<()> {
        let spec = to_json(&alias.spec)?;
        let sql = Sql::<DB>::new(
            "update service_alias set etag = $5, spec = $6, version = $7, additional_version = $8, created_at_ms = $9, \
             modified_at_ms = $10 where region = $1 and service = $2 and name = $3 and etag = $4",
        );
        let sql = bind_service(sql, &alias.service)
            .bind(alias.name.as_str())
            .bind(expected_etag)
            .bind(alias.etag.as_str())
            .bind(spec.as_str())
            .bind(number(alias.spec.version))
            .bind(alias.spec.additional.map(|additional| number(additional.version)))
            .bind(alias.created_at.0)
            .bind(alias.modified_at.0);
        let changed = sql.execute(&mut *self.writing().await?).await;
        self.known.forget();
        match or_reference::<DB, _>(changed, StoreError::Conflict("version"))? {
            0 => Err(StoreError::Conflict("alias").into()),
            _ => Ok(()),
        }
    }

    pub(crate) async fn remove_alias(&self, service: &ServiceRef, name: &AliasName, expected_etag: &str) -> Done<()> {
        let mut tx = self.begin_write().await?;
        let sql = Sql::<DB>::new("delete from service_alias where region = $1 and service = $2 and name = $3 and etag = $4");
        let sql = bind_service(sql, service).bind(name.as_str()).bind(expected_etag);
        if sql.execute(&mut tx).await? == 0 {
            return Err(StoreError::Conflict("alias").into());
        }
        // An alias made anew under the name is another one.
        crate::async_config::forget_qualifier::<DB>(service, name.as_str(), &mut tx).await?;
        let committed = tx.commit().await;
        // Also after an error: it may have been written all the same.
        self.known.forget();
        Ok(committed?)
    }

    pub(crate) async fn aliases_leading_to(&self, service: &ServiceRef, version: VersionId, limit: u32) -> Done<Vec<AliasName>> {
        let sql = Sql::<DB>::new(
            "select name from service_alias where region = $1 and service = $2 and (version = $3 or additional_version = $3) \
             order by name limit $4",
        );
        let sql = bind_service(sql, service).bind(number(version)).bind(i64::from(limit));
        Ok(sql.all(&mut *self.reading().await?, |cells| cells.text().map(AliasName::from_stored)).await?)
    }
}
