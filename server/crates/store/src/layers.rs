//! Layers, their versions, and which of these functions still need.

use crate::{
    dialect::Dialect,
    error::Done,
    functions::{insert_package, sweep_package},
    rows::{from_json, stored, to_json, unsigned},
    services::{page, push_name_range},
    sql::{Cells, Sql},
    store::SqlStore,
};
use async_trait::async_trait;
use engine::ports::{LayerStore, StoreResult};
use model::{LayerName, LayerRef, LayerVersion, LayerVersionRef, ListQuery, Page, Region, UnixMillis};

/// What [`layer_version`] reads.
const COLUMNS: &str = "region, name, version, spec, is_public, package_id, code_bytes, code_checksum, created_at_ms";

fn layer_version<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<LayerVersion> {
    let layer = LayerRef { region: Region::from_stored(cells.text()?), layer: LayerName::from_stored(cells.text()?) };
    let version = u32::try_from(cells.int()?).map_err(|error| sqlx::Error::Decode(error.into()))?;
    Ok(LayerVersion {
        at: LayerVersionRef { layer, version },
        spec: from_json("layer", &cells.text()?)?,
        is_public: cells.int()? != 0,
        package_id: cells.text()?,
        code_size: unsigned("code size", cells.int()?)?,
        code_checksum: cells.text()?,
        created_at: UnixMillis(cells.int()?),
    })
}

impl<DB: Dialect> SqlStore<DB> {
    async fn add_layer_version(&self, layer: &LayerVersion, code: &[u8]) -> Done<u32> {
        let spec = to_json(&layer.spec)?;
        let mut tx = self.begin_write().await?;
        insert_package::<DB>(&layer.package_id, code, &mut tx).await?;
        let counted = Sql::<DB>::new(
            "insert into layer (region, name, last_version) values ($1, $2, 1) \
             on conflict (region, name) do update set last_version = layer.last_version + 1 returning last_version",
        );
        let number = bind(counted, &layer.at.layer).first(&mut tx, |cells| cells.int()).await?.unwrap_or(1);
        let inserted = Sql::<DB>::new(
            "insert into layer_version (region, name, version, spec, is_public, package_id, code_bytes, code_checksum, created_at_ms, \
             deleted_at_ms) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)",
        );
        bind(inserted, &layer.at.layer)
            .bind(number)
            .bind(spec.as_str())
            .bind(i64::from(layer.is_public))
            .bind(layer.package_id.as_str())
            .bind(stored(layer.code_size))
            .bind(layer.code_checksum.as_str())
            .bind(layer.created_at.0)
            .execute(&mut tx)
            .await?;
        tx.commit().await?;
        Ok(u32::try_from(number).unwrap_or(u32::MAX))
    }

    async fn layer_version(&self, at: &LayerVersionRef, with_deleted: bool) -> Done<Option<LayerVersion>> {
        let mut sql = Sql::<DB>::new("select ");
        sql.push(COLUMNS).push(" from layer_version where region = $1 and name = $2 and version = $3");
        if !with_deleted {
            sql.push(" and deleted_at_ms = 0");
        }
        let sql = bind(sql, &at.layer).bind(i64::from(at.version));
        Ok(sql.first(&mut *self.reading().await?, layer_version::<DB>).await?)
    }

    async fn latest_layers(&self, region: &Region, query: &ListQuery) -> Done<Page<LayerVersion>> {
        let mut sql = Sql::<DB>::new("select ");
        sql.push(COLUMNS).push(" from layer_version where region = ").push_bind(region.as_str());
        sql.push(
            " and deleted_at_ms = 0 and version = (select max(version) from layer_version other where other.region = layer_version.region",
        );
        sql.push(" and other.name = layer_version.name and other.deleted_at_ms = 0)");
        push_name_range(&mut sql, "name", query);
        let items = sql.all(&mut *self.reading().await?, layer_version::<DB>).await?;
        Ok(page(items, query, |found| found.at.layer.layer.to_string()))
    }

    async fn layer_versions(&self, layer: &LayerRef, start: u32, limit: u32) -> Done<Page<LayerVersion>> {
        let rows = ListQuery { limit, ..ListQuery::default() };
        let mut sql = Sql::<DB>::new("select ");
        sql.push(COLUMNS).push(" from layer_version where deleted_at_ms = 0 and region = ").push_bind(layer.region.as_str());
        sql.push(" and name = ").push_bind(layer.layer.as_str()).push(" and version >= ").push_bind(i64::from(start));
        sql.push(" order by version limit ").push_bind(i64::from(rows.rows()) + 1);
        let items = sql.all(&mut *self.reading().await?, layer_version::<DB>).await?;
        Ok(page(items, &rows, |found| found.at.version.to_string()))
    }

    async fn set_layer_acl(&self, layer: &LayerRef, is_public: bool) -> Done<bool> {
        let sql = Sql::<DB>::new("update layer_version set is_public = $3 where region = $1 and name = $2 and deleted_at_ms = 0");
        Ok(bind(sql, layer).bind(i64::from(is_public)).execute(&mut *self.writing().await?).await? > 0)
    }

    /// Hides a version, and removes it with its archive, and whatever was hidden before, unless a function still has it.
    async fn drop_layer_version(&self, at: &LayerVersionRef, now: UnixMillis) -> Done<bool> {
        let mut tx = self.begin_write().await?;
        let sql = Sql::<DB>::new(
            "update layer_version set deleted_at_ms = $4 where region = $1 and name = $2 and version = $3 and deleted_at_ms = 0",
        );
        if bind(sql, &at.layer).bind(i64::from(at.version)).bind(now.0).execute(&mut tx).await? == 0 {
            return Ok(false);
        }
        let mut hidden = Sql::<DB>::new("select ");
        hidden.push(COLUMNS).push(" from layer_version where deleted_at_ms > 0 order by package_id");
        for found in hidden.all(&mut tx, layer_version::<DB>).await? {
            if !is_used::<DB>(&found.at, &mut tx).await? {
                let sql = Sql::<DB>::new("delete from layer_version where region = $1 and name = $2 and version = $3");
                bind(sql, &found.at.layer).bind(i64::from(found.at.version)).execute(&mut tx).await?;
                sweep_package::<DB>(&found.package_id, &mut tx).await?;
            }
        }
        tx.commit().await?;
        Ok(true)
    }
}

/// True while a function, or a published one, names the version. Its ARN ends a text in the function's JSON; that `_` in a name stands for
/// any character here keeps a version longer at worst.
async fn is_used<DB: Dialect>(at: &LayerVersionRef, connection: &mut DB::Connection) -> sqlx::Result<bool> {
    let named = format!("%{}\"%", at.path());
    let sql = Sql::<DB>::new(
        "select 1 from function where region = $1 and spec like $2 \
         union all select 1 from function_version where region = $1 and spec like $2 limit 1",
    );
    Ok(sql.bind(at.layer.region.as_str()).bind(named.as_str()).first(connection, |_| Ok(())).await?.is_some())
}

fn bind<DB: Dialect>(sql: Sql<DB>, layer: &LayerRef) -> Sql<DB> {
    sql.bind(layer.region.as_str()).bind(layer.layer.as_str())
}

#[async_trait]
impl<DB: Dialect> LayerStore for SqlStore<DB> {
    async fn insert_layer_version(&self, layer: &LayerVersion, code: &[u8]) -> StoreResult<u32> {
        self.run(|| self.add_layer_version(layer, code)).await
    }

    async fn get_layer_version(&self, at: &LayerVersionRef, with_deleted: bool) -> StoreResult<Option<LayerVersion>> {
        self.run(|| self.layer_version(at, with_deleted)).await
    }

    async fn list_layers(&self, region: &Region, query: &ListQuery) -> StoreResult<Page<LayerVersion>> {
        self.run(|| self.latest_layers(region, query)).await
    }

    async fn list_layer_versions(&self, layer: &LayerRef, start: u32, limit: u32) -> StoreResult<Page<LayerVersion>> {
        self.run(|| self.layer_versions(layer, start, limit)).await
    }

    async fn delete_layer_version(&self, at: &LayerVersionRef, now: UnixMillis) -> StoreResult<bool> {
        self.run(|| self.drop_layer_version(at, now)).await
    }

    async fn put_layer_acl(&self, layer: &LayerRef, is_public: bool) -> StoreResult<bool> {
        self.run(|| self.set_layer_acl(layer, is_public)).await
    }
}
