//! Services.

use crate::{
    dialect::Dialect,
    error::{Done, or_reference},
    list::prefix_end,
    rows::{self, to_json},
    sql::Sql,
    store::SqlStore,
};
use engine::ports::StoreError;
use model::{FunctionName, ListQuery, Page, Region, Service, ServiceRef};

/// A page out of one row more than it holds: the surplus row's name begins the next page.
pub(crate) fn page<T>(mut items: Vec<T>, query: &ListQuery, key: impl Fn(&T) -> String) -> Page<T> {
    let surplus = items.split_off(items.len().min(usize::try_from(query.rows()).unwrap_or(usize::MAX)));
    Page { items, next_token: surplus.first().map_or(String::new(), key) }
}

/// Appends the range of names that the query asks for, its order, and a limit of one row more than the page.
pub(crate) fn push_name_range<DB: Dialect>(sql: &mut Sql<DB>, column: &'static str, query: &ListQuery) {
    sql.push(" and ").push(column).push(" >= ").push_bind(query.start().max(query.prefix.as_str()));
    if !query.prefix.is_empty() {
        sql.push(" and ").push(column).push(" < ").push_bind(prefix_end(&query.prefix).as_str());
    }
    sql.push(" order by ").push(column).push(" limit ").push_bind(i64::from(query.rows()) + 1);
}

impl<DB: Dialect> SqlStore<DB> {
    pub(crate) async fn add_service(&self, service: &Service) -> Done<()> {
        let spec = to_json(&service.spec)?;
        let mut sql = Sql::<DB>::new("insert into service (");
        sql.push(rows::SERVICE_COLUMNS).push(") values ($1, $2, $3, $4, $5, $6, $7) on conflict (region, name) do nothing");
        let sql = sql
            .bind(service.region.as_str())
            .bind(service.name.as_str())
            .bind(service.id.as_str())
            .bind(service.etag.as_str())
            .bind(spec.as_str())
            .bind(service.created_at.0)
            .bind(service.modified_at.0);
        match sql.execute(&mut *self.writing().await?).await? {
            0 => Err(StoreError::Exists("service").into()),
            _ => Ok(()),
        }
    }

    pub(crate) async fn service(&self, service: &ServiceRef) -> Done<Option<Service>> {
        let mut sql = Sql::<DB>::new("select ");
        sql.push(rows::SERVICE_COLUMNS).push(" from service where region = $1 and name = $2");
        let sql = sql.bind(service.region.as_str()).bind(service.service.as_str());
        Ok(sql.first(&mut *self.reading().await?, rows::service::<DB>).await?)
    }

    pub(crate) async fn service_page(&self, region: &Region, query: &ListQuery) -> Done<Page<Service>> {
        let mut sql = Sql::<DB>::new("select ");
        sql.push(rows::SERVICE_COLUMNS).push(" from service where region = ").push_bind(region.as_str());
        push_name_range(&mut sql, "name", query);
        let items = sql.all(&mut *self.reading().await?, rows::service::<DB>).await?;
        Ok(page(items, query, |service| service.name.to_string()))
    }

    pub(crate) async fn replace_service(&self, service: &Service, expected_etag: &str) -> Done<()> {
        let spec = to_json(&service.spec)?;
        let sql = Sql::<DB>::new(
            "update service set id = $4, etag = $5, spec = $6, created_at_ms = $7, modified_at_ms = $8 \
             where region = $1 and name = $2 and etag = $3",
        )
        .bind(service.region.as_str())
        .bind(service.name.as_str())
        .bind(expected_etag)
        .bind(service.id.as_str())
        .bind(service.etag.as_str())
        .bind(spec.as_str())
        .bind(service.created_at.0)
        .bind(service.modified_at.0);
        match sql.execute(&mut *self.writing().await?).await? {
            0 => Err(StoreError::Conflict("service").into()),
            _ => Ok(()),
        }
    }

    pub(crate) async fn remove_service(&self, service: &ServiceRef, expected_etag: &str) -> Done<()> {
        let sql = Sql::<DB>::new("delete from service where region = $1 and name = $2 and etag = $3")
            .bind(service.region.as_str())
            .bind(service.service.as_str())
            .bind(expected_etag);
        let deleted = sql.execute(&mut *self.writing().await?).await;
        match or_reference::<DB, _>(deleted, StoreError::NotEmpty("service"))? {
            0 => Err(StoreError::Conflict("service").into()),
            _ => Ok(()),
        }
    }

    pub(crate) async fn names_of_functions(&self, service: &ServiceRef, limit: u32) -> Done<Vec<FunctionName>> {
        let sql = Sql::<DB>::new("select name from function where region = $1 and service = $2 order by name limit $3")
            .bind(service.region.as_str())
            .bind(service.service.as_str())
            .bind(i64::from(limit));
        Ok(sql.all(&mut *self.reading().await?, |cells| cells.text().map(FunctionName::from_stored)).await?)
    }
}
