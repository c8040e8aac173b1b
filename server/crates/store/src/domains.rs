//! Custom domains.

use crate::{
    dialect::Dialect,
    error::Done,
    known::Domains,
    rows::{from_json, to_json},
    services::{page, push_name_range},
    sql::{Cells, Sql},
    store::SqlStore,
};
use async_trait::async_trait;
use engine::ports::{DomainStore, StoreError, StoreResult};
use model::{CustomDomain, DomainName, DomainRef, ListQuery, Page, Region, UnixMillis};
use std::sync::Arc;

/// What [`domain`] reads.
const COLUMNS: &str = "region, name, spec, etag, created_at_ms, modified_at_ms";

fn domain<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<CustomDomain> {
    Ok(CustomDomain {
        at: DomainRef { region: Region::from_stored(cells.text()?), name: DomainName::from_stored(cells.text()?) },
        spec: from_json("custom domain", &cells.text()?)?,
        etag: cells.text()?,
        created_at: UnixMillis(cells.int()?),
        modified_at: UnixMillis(cells.int()?),
    })
}

impl<DB: Dialect> SqlStore<DB> {
    async fn add_domain(&self, domain: &CustomDomain, most: u32) -> Done<()> {
        let spec = to_json(&domain.spec)?;
        let mut tx = self.begin_write().await?;
        let count = Sql::<DB>::new("select count(*) from custom_domain").first(&mut tx, |cells| cells.int()).await?;
        let mut sql = Sql::<DB>::new("insert into custom_domain (");
        sql.push(COLUMNS).push(") values ($1, $2, $3, $4, $5, $6) on conflict (name) do nothing");
        let sql = bind(sql, &domain.at).bind(spec.as_str()).bind(domain.etag.as_str()).bind(domain.created_at.0).bind(domain.modified_at.0);
        if sql.execute(&mut tx).await? == 0 {
            return Err(StoreError::Exists("custom domain").into());
        }
        // A name that is taken is told first.
        if count.unwrap_or(0) >= i64::from(most) {
            return Err(StoreError::Full("custom domains").into());
        }
        tx.commit().await?;
        Ok(())
    }

    async fn domain(&self, at: &DomainRef) -> Done<Option<CustomDomain>> {
        let mut sql = Sql::<DB>::new("select ");
        sql.push(COLUMNS).push(" from custom_domain where region = $1 and name = $2");
        Ok(bind(sql, at).first(&mut *self.reading().await?, domain::<DB>).await?)
    }

    async fn domain_page(&self, region: &Region, query: &ListQuery) -> Done<Page<CustomDomain>> {
        let mut sql = Sql::<DB>::new("select ");
        sql.push(COLUMNS).push(" from custom_domain where region = ").push_bind(region.as_str());
        push_name_range(&mut sql, "name", query);
        let items = sql.all(&mut *self.reading().await?, domain::<DB>).await?;
        Ok(page(items, query, |found| found.at.name.to_string()))
    }

    async fn replace_domain(&self, domain: &CustomDomain, expected_etag: &str) -> Done<()> {
        let spec = to_json(&domain.spec)?;
        let sql = Sql::<DB>::new(
            "update custom_domain set etag = $4, spec = $5, modified_at_ms = $6 where region = $1 and name = $2 and etag = $3",
        );
        let sql = bind(sql, &domain.at).bind(expected_etag).bind(domain.etag.as_str()).bind(spec.as_str()).bind(domain.modified_at.0);
        match sql.execute(&mut *self.writing().await?).await? {
            0 => Err(StoreError::Conflict("custom domain").into()),
            _ => Ok(()),
        }
    }

    async fn remove_domain(&self, at: &DomainRef, expected_etag: &str) -> Done<()> {
        let sql = Sql::<DB>::new("delete from custom_domain where region = $1 and name = $2 and etag = $3");
        match bind(sql, at).bind(expected_etag).execute(&mut *self.writing().await?).await? {
            0 => Err(StoreError::Conflict("custom domain").into()),
            _ => Ok(()),
        }
    }

    /// From memory where no other server writes; else by a read that callers share. Who asks is nobody known, so what is not there is not
    /// remembered by its name.
    async fn domain_to(&self, name: &DomainName) -> Done<Option<Arc<CustomDomain>>> {
        if !self.known.is_alone() {
            return self.domain_reads.get(name, self.read_domain_to(name)).await;
        }
        let all = match self.known.domains() {
            Some(all) => all,
            None => self.read_domains().await?,
        };
        Ok(all.get(name).or_else(|| all.get(&name.wildcard())).cloned())
    }

    async fn read_domain_to(&self, name: &DomainName) -> Done<Option<Arc<CustomDomain>>> {
        let mut sql = Sql::<DB>::new("select ");
        // An asterisk sorts before every letter and digit.
        sql.push(COLUMNS).push(" from custom_domain where name in ($1, $2) order by name desc limit 1");
        let wildcard = name.wildcard();
        let sql = sql.bind(name.as_str()).bind(wildcard.as_str());
        Ok(sql.first(&mut *self.reading().await?, domain::<DB>).await?.map(Arc::new))
    }

    async fn read_domains(&self) -> Done<Domains> {
        let asked = self.known.asked();
        let mut sql = Sql::<DB>::new("select ");
        sql.push(COLUMNS).push(" from custom_domain");
        let found = sql.all(&mut *self.reading().await?, domain::<DB>).await?;
        let all: Domains = Arc::new(found.into_iter().map(|domain| (domain.at.name.clone(), Arc::new(domain))).collect());
        self.known.learn_domains(asked, &all);
        Ok(all)
    }
}

fn bind<DB: Dialect>(sql: Sql<DB>, at: &DomainRef) -> Sql<DB> {
    sql.bind(at.region.as_str()).bind(at.name.as_str())
}

#[async_trait]
impl<DB: Dialect> DomainStore for SqlStore<DB> {
    async fn insert_domain(&self, domain: &CustomDomain, most: u32) -> StoreResult<()> {
        let inserted = self.run(|| self.add_domain(domain, most)).await;
        // Also after an error: it may have been written all the same.
        self.known.forget();
        inserted
    }

    async fn get_domain(&self, domain: &DomainRef) -> StoreResult<Option<CustomDomain>> {
        self.run(|| self.domain(domain)).await
    }

    async fn list_domains(&self, region: &Region, query: &ListQuery) -> StoreResult<Page<CustomDomain>> {
        self.run(|| self.domain_page(region, query)).await
    }

    async fn update_domain(&self, domain: &CustomDomain, expected_etag: &str) -> StoreResult<()> {
        let replaced = self.run(|| self.replace_domain(domain, expected_etag)).await;
        self.known.forget();
        replaced
    }

    async fn delete_domain(&self, domain: &DomainRef, expected_etag: &str) -> StoreResult<()> {
        let removed = self.run(|| self.remove_domain(domain, expected_etag)).await;
        self.known.forget();
        removed
    }

    async fn domain_of_host(&self, name: &DomainName) -> StoreResult<Option<Arc<CustomDomain>>> {
        self.run(|| self.domain_to(name)).await
    }
}
