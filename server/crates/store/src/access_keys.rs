//! Access keys.

use crate::{
    dialect::Dialect,
    error::Done,
    identity::read_role,
    sql::{Cells, Sql},
    store::SqlStore,
};
use engine::ports::{StoredKey, StoredSecret};
use model::{AccessKeyInfo, Grant, Policy, ServiceName, UnixMillis};

/// Begins a statement whose rows [`read`] takes. The first key may be made before there is any user: it is the administrator's.
const SELECT: &str = "select k.id, k.name, k.user_name, k.policy, k.services, k.enabled, k.created_at_ms, k.last_used_at_ms, k.secret, \
                      k.sealed, coalesce(u.role, case when k.user_name = 'admin' then 'admin' else '' end) \
                      from access_key k left join user_account u on u.name = k.user_name";

impl<DB: Dialect> SqlStore<DB> {
    pub(crate) async fn key(&self, id: &str) -> Done<Option<StoredKey>> {
        if !DB::ALONE {
            return self.key_reads.get(&id.to_owned(), self.read_key(id)).await;
        }
        if let Some(known) = self.known.key(id) {
            return Ok(Some(known));
        }
        let asked = self.known.asked();
        let found = self.read_key(id).await?;
        found.iter().for_each(|key| self.known.learn_key(asked, key));
        Ok(found)
    }

    async fn read_key(&self, id: &str) -> Done<Option<StoredKey>> {
        let mut sql = Sql::<DB>::new(SELECT);
        sql.push(" where k.enabled = 1 and (u.enabled = 1 or u.name is null and k.user_name = 'admin') and k.id = ").push_bind(id);
        Ok(sql.first(&mut *self.reading().await?, read::<DB>).await?)
    }

    pub(crate) async fn keys(&self) -> Done<Vec<StoredKey>> {
        let mut sql = Sql::<DB>::new(SELECT);
        sql.push(" order by k.created_at_ms, k.id");
        Ok(sql.all(&mut *self.reading().await?, read::<DB>).await?)
    }

    pub(crate) async fn add_key(&self, key: &StoredKey, most: u32) -> Done<bool> {
        let mut tx = self.begin_write().await?;
        let count = Sql::<DB>::new("select count(*) from access_key").first(&mut tx, |cells| cells.int()).await?;
        if count.unwrap_or_default() >= i64::from(most) {
            return Ok(false);
        }
        insert::<DB>(key, "").execute(&mut tx).await?;
        tx.commit().await?;
        Ok(true)
    }

    pub(crate) async fn put_key(&self, key: &StoredKey) -> Done<()> {
        // Name and policy of a key that is there already stay.
        let replace = " on conflict (id) do update set secret = excluded.secret, sealed = excluded.sealed, user_name = excluded.user_name, \
                       enabled = 1, modified_at_ms = excluded.modified_at_ms";
        insert::<DB>(key, replace).execute(&mut *self.writing().await?).await?;
        self.known.forget();
        Ok(())
    }

    pub(crate) async fn switch_key(&self, id: &str, enabled: bool, now: UnixMillis) -> Done<bool> {
        let sql = Sql::<DB>::new("update access_key set enabled = $1, modified_at_ms = $2 where id = $3")
            .bind(i64::from(enabled))
            .bind(now.0)
            .bind(id);
        let switched = sql.execute(&mut *self.writing().await?).await? > 0;
        self.known.forget();
        Ok(switched)
    }

    pub(crate) async fn remove_key(&self, id: &str) -> Done<bool> {
        let sql = Sql::<DB>::new("delete from access_key where id = $1").bind(id);
        let removed = sql.execute(&mut *self.writing().await?).await? > 0;
        self.known.forget();
        Ok(removed)
    }

    pub(crate) async fn seal_key(&self, id: &str, sealed: &[u8]) -> Done<()> {
        let mut connection = self.writing().await?;
        // SQLite leaves what a row was in the page's free space, and in the log of pages, unless it is told otherwise.
        if DB::ALONE {
            Sql::<DB>::new("pragma secure_delete = on").execute(&mut connection).await?;
        }
        let sql = Sql::<DB>::new("update access_key set sealed = $1, secret = '' where id = $2 and secret <> ''").bind(sealed).bind(id);
        let written = sql.execute(&mut connection).await;
        self.known.forget();
        if DB::ALONE {
            Sql::<DB>::new("pragma secure_delete = off").execute(&mut connection).await?;
            Sql::<DB>::new("pragma wal_checkpoint(truncate)").execute(&mut connection).await?;
        }
        Ok(written.map(drop)?)
    }

    pub(crate) async fn key_used(&self, id: &str, at: UnixMillis) -> Done<()> {
        let sql = Sql::<DB>::new(
            "update access_key set last_used_at_ms = $1 where id = $2 and (last_used_at_ms is null or last_used_at_ms < $1)",
        );
        sql.bind(at.0).bind(id).execute(&mut *self.writing().await?).await?;
        self.known.forget();
        Ok(())
    }
}

/// The row of a key, all of it by `push_bind`.
fn insert<DB: Dialect>(key: &StoredKey, rest: &'static str) -> Sql<DB> {
    let (secret, sealed): (&str, &[u8]) = match &key.secret {
        StoredSecret::Sealed(sealed) => ("", sealed.as_slice()),
        StoredSecret::Plain(secret) => (secret.as_str(), &[]),
    };
    let info = &key.info;
    let services: Vec<&str> = info.policy.services.iter().map(ServiceName::as_str).collect();
    let services = services.join(",");
    let mut sql = Sql::<DB>::new(
        "insert into access_key (id, name, user_name, policy, services, enabled, created_at_ms, modified_at_ms, secret, sealed) values ",
    );
    sql.push_rows(&[()], |row, ()| {
        row.put(info.id.as_str()).put(info.name.as_str()).put(info.user.as_str()).put(info.policy.grant.as_str()).put(services.as_str());
        row.put(i64::from(info.enabled)).put(info.created_at.0).put(info.created_at.0).put(secret).put(sealed);
    });
    sql.push(rest);
    sql
}

fn read<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<StoredKey> {
    let (id, name, user) = (cells.text()?, cells.text()?, cells.text()?);
    let (grant, services) = (cells.text()?, cells.text()?);
    let policy = Policy {
        // A word of a later release may mean anything: such a key may do the least.
        grant: Grant::parse(&grant).unwrap_or(Grant::InvokeOnly),
        services: services.split(',').filter(|name| !name.is_empty()).map(ServiceName::from_stored).collect(),
    };
    let info = AccessKeyInfo {
        id,
        name,
        user,
        policy,
        enabled: cells.int()? != 0,
        created_at: UnixMillis(cells.int()?),
        last_used_at: cells.opt_int()?.map(UnixMillis),
    };
    let (secret, sealed) = (cells.text()?, cells.blob()?);
    let secret = if secret.is_empty() { StoredSecret::Sealed(sealed) } else { StoredSecret::Plain(secret) };
    Ok(StoredKey { info, role: read_role(&cells.text()?), secret })
}
