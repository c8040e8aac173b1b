//! Tags of services.

use crate::{
    dialect::Dialect,
    error::{Done, or_reference},
    rows,
    services::{page, push_name_range},
    sql::{Cells, Sql},
    store::SqlStore,
};
use engine::ports::StoreError;
use model::{ListQuery, Page, Region, Service, ServiceName, ServiceRef, TaggedService, Tags, Untag};
use std::collections::BTreeMap;

impl<DB: Dialect> SqlStore<DB> {
    pub(crate) async fn set_tags(&self, service: &ServiceRef, tags: &Tags) -> Done<()> {
        let rows: Vec<(&String, &String)> = tags.0.iter().collect();
        let mut sql = Sql::<DB>::new("insert into service_tag (region, service, name, value) values ");
        sql.push_rows(&rows, |row, (name, value)| {
            row.put(service.region.as_str()).put(service.service.as_str()).put(name.as_str()).put(value.as_str());
        });
        sql.push(" on conflict (region, service, name) do update set value = excluded.value");
        let written = sql.execute(&mut *self.writing().await?).await;
        or_reference::<DB, _>(written, StoreError::Conflict("service")).map(drop)
    }

    pub(crate) async fn remove_tags(&self, service: &ServiceRef, which: &Untag) -> Done<()> {
        let mut sql = Sql::<DB>::new("delete from service_tag where region = ");
        sql.push_bind(service.region.as_str()).push(" and service = ").push_bind(service.service.as_str());
        if let Untag::Named(names) = which {
            if names.is_empty() {
                return Ok(());
            }
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            sql.push(" and name in ").push_list(&names);
        }
        sql.execute(&mut *self.writing().await?).await?;
        Ok(())
    }

    pub(crate) async fn tags(&self, service: &ServiceRef) -> Done<Tags> {
        let sql = Sql::<DB>::new("select name, value from service_tag where region = $1 and service = $2")
            .bind(service.region.as_str())
            .bind(service.service.as_str());
        let rows = sql.all(&mut *self.reading().await?, |cells| Ok((cells.text()?, cells.text()?))).await?;
        Ok(Tags(rows.into_iter().collect()))
    }

    pub(crate) async fn tagged_page(&self, region: &Region, query: &ListQuery) -> Done<Page<TaggedService>> {
        let mut names = Sql::<DB>::new("select distinct service from service_tag where region = ");
        names.push_bind(region.as_str());
        push_name_range(&mut names, "service", query);
        let mut tx = self.begin_read().await?;
        let names = page(names.all(&mut tx, |cells| cells.text()).await?, query, String::clone);
        let (Some(first), Some(last)) = (names.items.first(), names.items.last()) else {
            return Ok(names.map(|name| tagged(region, &name, Tags::default())));
        };
        let sql = Sql::<DB>::new("select service, name, value from service_tag where region = $1 and service >= $2 and service <= $3")
            .bind(region.as_str())
            .bind(first.as_str())
            .bind(last.as_str());
        let row = |cells: &mut Cells<'_, DB>| Ok((cells.text()?, cells.text()?, cells.text()?));
        let mut tags: BTreeMap<String, Tags> = BTreeMap::new();
        for (service, name, value) in sql.all(&mut tx, row).await? {
            tags.entry(service).or_default().0.insert(name, value);
        }
        tx.commit().await?;
        Ok(names.map(|name| tagged(region, &name, tags.remove(&name).unwrap_or_default())))
    }

    pub(crate) async fn services_with_tags(&self, region: &Region, tags: &Tags, query: &ListQuery) -> Done<Page<Service>> {
        let mut sql = Sql::<DB>::new("select ");
        sql.push(rows::SERVICE_COLUMNS).push(" from service where region = ").push_bind(region.as_str());
        for (name, value) in &tags.0 {
            sql.push(" and exists (select 1 from service_tag tag where tag.region = service.region and tag.service = service.name");
            sql.push(" and tag.name = ").push_bind(name.as_str()).push(" and tag.value = ").push_bind(value.as_str()).push(")");
        }
        push_name_range(&mut sql, "name", query);
        let items = sql.all(&mut *self.reading().await?, rows::service::<DB>).await?;
        Ok(page(items, query, |service| service.name.to_string()))
    }
}

fn tagged(region: &Region, service: &str, tags: Tags) -> TaggedService {
    TaggedService { service: ServiceRef { region: region.clone(), service: ServiceName::from_stored(service) }, tags }
}
