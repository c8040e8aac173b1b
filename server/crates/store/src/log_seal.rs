//! Merges small parts of a log into chunks, and brings large chunks to the log store.
//!
//! An object is named in `log_garbage` before it is written and taken off that list by the transaction that puts it in the place of rows.
//! What a crash leaves on the list is deleted when its time has passed; what is being deleted can't be taken off any more.

use crate::{
    dialect::Dialect,
    error::{Done, unreadable},
    log_chunk,
    logs::{Packed, aside, size},
    objects::Objects,
    rows::stored,
    sql::{Sql, chunks},
    store::SqlStore,
};
use engine::ports::LogOrigin;
use model::{FunctionRef, InstanceId, LogLine, RequestId, UnixMillis};

/// Bytes of lines in a chunk, before packing: what a page or a search unpacks at least.
const CHUNK_BYTES_MAX: i64 = 1 << 20;
/// A chunk with that many is not merged any more.
const FULL_BYTES: i64 = CHUNK_BYTES_MAX / 2;
/// Packed bytes from which on a chunk goes to the log store.
pub(crate) const OBJECT_BYTES_MIN: usize = 32 << 10;
/// Milliseconds between a chunk's first and last line: searches go by the last, and look that far beyond their window.
pub(crate) const CHUNK_MS_MAX: i64 = 600_000;
/// Rows and bytes of lines that one call works on.
const ROWS_MAX: i64 = 512;
const WORK_BYTES_MAX: i64 = 16 << 20;
/// How long an object may be named before rows refer to it.
const ADOPTION_MS: i64 = 3_600_000;

/// A row that may be merged with its neighbours.
struct Part {
    first_line: i64,
    line_count: i64,
    first_at: i64,
    last_at: i64,
    raw_bytes: i64,
    stored_bytes: i64,
    instance: String,
    function: FunctionRef,
}

/// Rows that become one.
#[derive(Default)]
struct Group {
    parts: Vec<Part>,
    raw_bytes: i64,
}

impl Group {
    /// Whether the part goes on where the group ends, and there is room for it.
    fn takes(&self, part: &Part) -> bool {
        let (Some(first), Some(last)) = (self.parts.first(), self.parts.last()) else { return true };
        last.first_line + last.line_count == part.first_line
            && self.raw_bytes + part.raw_bytes <= CHUNK_BYTES_MAX
            && part.last_at - first.first_at <= CHUNK_MS_MAX
            && first.instance == part.instance
            && first.function == part.function
    }

    fn push(&mut self, part: Part) {
        self.raw_bytes += part.raw_bytes;
        self.parts.push(part);
    }

    fn is_worth_it(&self, has_objects: bool) -> bool {
        match self.parts.as_slice() {
            [alone] => has_objects && alone.stored_bytes >= size(OBJECT_BYTES_MIN),
            parts => parts.len() > 1,
        }
    }
}

/// A group packed anew.
struct Sealed {
    first_line: i64,
    last_line: i64,
    parts: u64,
    origin: LogOrigin,
    packed: Packed,
    stored_bytes: u64,
    /// Its name in the log store, if it goes there.
    object: Option<String>,
}

impl<DB: Dialect> SqlStore<DB> {
    /// Merges what there is to merge of a request's log; true when there is more.
    pub(crate) async fn seal(&self, request: &RequestId, now: UnixMillis) -> Done<bool> {
        let (groups, has_more) = self.groups(request).await?;
        let mut sealed = Vec::with_capacity(groups.len());
        for group in &groups {
            sealed.extend(self.repack(request, group).await?);
        }
        if sealed.is_empty() {
            return Ok(false);
        }
        self.put_objects(&mut sealed, now).await?;
        let mut tx = self.begin_write().await?;
        for one in &sealed {
            if !replace::<DB>(one, &mut tx).await? {
                // Somebody else was there first, or the log is gone. What was written to the log store goes when its time has passed.
                tx.rollback().await?;
                return Ok(false);
            }
        }
        tx.commit().await?;
        Ok(has_more)
    }

    /// The groups worth merging among a request's first rows that may be, and whether there are rows beyond those.
    async fn groups(&self, request: &RequestId) -> Done<(Vec<Group>, bool)> {
        let object_bytes_min = if self.objects.exist() { size(OBJECT_BYTES_MIN) } else { i64::MAX };
        let sql = Sql::<DB>::new(
            "select first_line, line_count, first_at_ms, at_ms, raw_bytes, stored_bytes, instance_id, region, service, function \
             from log_chunk where request_id = $1 and object = '' and region <> '' and (raw_bytes < $2 or stored_bytes >= $3) \
             order by first_line limit $4",
        )
        .bind(request.as_str())
        .bind(FULL_BYTES)
        .bind(object_bytes_min)
        .bind(ROWS_MAX);
        let rows = sql
            .all(&mut *self.reading().await?, |cells| {
                Ok(Part {
                    first_line: cells.int()?,
                    line_count: cells.int()?,
                    first_at: cells.int()?,
                    last_at: cells.int()?,
                    raw_bytes: cells.int()?,
                    stored_bytes: cells.int()?,
                    instance: cells.text()?,
                    function: crate::rows::function_ref(cells)?,
                })
            })
            .await?;
        let found = rows.len();
        let mut groups = vec![Group::default()];
        let (mut taken, mut bytes) = (0, 0);
        for part in rows {
            bytes += part.raw_bytes;
            if taken > 0 && bytes > WORK_BYTES_MAX {
                break;
            }
            taken += 1;
            match groups.last_mut() {
                Some(group) if group.takes(&part) => group.push(part),
                _ => groups.push(Group { raw_bytes: part.raw_bytes, parts: vec![part] }),
            }
        }
        groups.retain(|group| group.is_worth_it(self.objects.exist()));
        Ok((groups, taken < found || found == usize::try_from(ROWS_MAX).unwrap_or(usize::MAX)))
    }

    /// Reads a group's lines and packs them together; `None` when they are not there any more.
    async fn repack(&self, request: &RequestId, group: &Group) -> Done<Option<Sealed>> {
        let (Some(first), Some(last)) = (group.parts.first(), group.parts.last()) else { return Ok(None) };
        let sql = Sql::<DB>::new(
            "select packed from log_chunk where request_id = $1 and first_line >= $2 and first_line <= $3 and object = '' order by first_line",
        )
        .bind(request.as_str())
        .bind(first.first_line)
        .bind(last.first_line);
        let bodies = sql.all(&mut *self.reading().await?, |cells| cells.blob()).await?;
        let packed = aside(move || {
            let lines = bodies.iter().map(|packed| log_chunk::unpack(packed)).collect::<Result<Vec<Vec<LogLine>>, _>>()?;
            Ok(Packed::of(&lines.concat()))
        });
        let packed = packed.await?.map_err(|why: String| unreadable("log", why))?;
        let wanted: i64 = group.parts.iter().map(|part| part.line_count).sum();
        Ok(packed.filter(|packed| size(packed.line_count) == wanted).map(|packed| Sealed {
            first_line: first.first_line,
            last_line: last.first_line,
            parts: group.parts.len() as u64,
            origin: LogOrigin {
                function: first.function.clone(),
                request: request.clone(),
                instance: InstanceId::from_stored(first.instance.as_str()),
            },
            stored_bytes: packed.bytes.len() as u64,
            packed,
            object: None,
        }))
    }

    /// Writes the large ones to the log store, each named on the list of garbage first.
    async fn put_objects(&self, sealed: &mut [Sealed], now: UnixMillis) -> Done<()> {
        let mut large: Vec<&mut Sealed> = sealed.iter_mut().filter(|one| one.packed.bytes.len() >= OBJECT_BYTES_MIN).collect();
        if !self.objects.exist() || large.is_empty() {
            return Ok(());
        }
        large.iter_mut().for_each(|one| one.object = Some(Objects::new_name()));
        let names: Vec<&str> = large.iter().filter_map(|one| one.object.as_deref()).collect();
        let mut tx = self.begin_write().await?;
        list_garbage::<DB>(&names, now.plus_ms(ADOPTION_MS), &mut tx).await?;
        tx.commit().await?;
        for one in large {
            if let Some(name) = &one.object {
                self.objects.put(name, std::mem::take(&mut one.packed.bytes)).await?;
            }
        }
        Ok(())
    }

    /// Deletes objects whose time on the list of garbage has passed.
    pub(crate) async fn sweep(&self, now: UnixMillis, limit: u32) -> Done<u64> {
        // Objects of a store that this server has not are another one's business, or that of a later start.
        if !self.objects.exist() {
            return Ok(0);
        }
        let sql = Sql::<DB>::new("select object from log_garbage where after_ms <= $1 order by after_ms limit $2")
            .bind(now.0)
            .bind(i64::from(limit));
        let names = sql.all(&mut *self.reading().await?, |cells| cells.text()).await?;
        let mut swept = 0;
        for names in chunks(&names) {
            let listed: Vec<&str> = names.iter().map(String::as_str).collect();
            // From here on nobody takes them off the list: one of them may have been taken off since it was read.
            let mut sql = Sql::<DB>::new("update log_garbage set after_ms = 0 where object in ");
            sql.push_list(&listed).push(" returning object");
            let doomed = sql.all(&mut *self.writing().await?, |cells| cells.text()).await?;
            for name in &doomed {
                self.objects.delete(name).await?;
            }
            let gone: Vec<&str> = doomed.iter().map(String::as_str).collect();
            if !gone.is_empty() {
                let mut sql = Sql::<DB>::new("delete from log_garbage where object in ");
                sql.push_list(&gone);
                swept += sql.execute(&mut *self.writing().await?).await?;
            }
        }
        Ok(swept)
    }
}

/// Names objects to which no row refers, to be deleted from then on.
pub(crate) async fn list_garbage<DB: Dialect>(names: &[&str], after: UnixMillis, connection: &mut DB::Connection) -> sqlx::Result<()> {
    for names in chunks(names) {
        let mut sql = Sql::<DB>::new("insert into log_garbage (object, after_ms) values ");
        sql.push_rows(names, |row, name| {
            row.put(*name).put(after.0);
        });
        sql.execute(connection).await?;
    }
    Ok(())
}

/// Puts one row in the place of others; false when they are not all there any more, or its object is being deleted.
async fn replace<DB: Dialect>(one: &Sealed, connection: &mut DB::Connection) -> sqlx::Result<bool> {
    let deleted = Sql::<DB>::new("delete from log_chunk where request_id = $1 and first_line >= $2 and first_line <= $3 and object = ''")
        .bind(one.origin.request.as_str())
        .bind(one.first_line)
        .bind(one.last_line)
        .execute(connection)
        .await?;
    if deleted != one.parts {
        return Ok(false);
    }
    if let Some(name) = &one.object {
        let adopted = Sql::<DB>::new("delete from log_garbage where object = $1 and after_ms > 0").bind(name.as_str());
        if adopted.execute(connection).await? != 1 {
            return Ok(false);
        }
    }
    let LogOrigin { function, request, instance } = &one.origin;
    Sql::<DB>::new(
        "insert into log_chunk (request_id, first_line, instance_id, region, service, function, line_count, first_at_ms, at_ms, levels, \
         raw_bytes, stored_bytes, object, lines, packed) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(request.as_str())
    .bind(one.first_line)
    .bind(instance.as_str())
    .bind(function.region.as_str())
    .bind(function.service.as_str())
    .bind(function.function.as_str())
    .bind(size(one.packed.line_count))
    .bind(one.packed.first_at.0)
    .bind(one.packed.last_at.0)
    .bind(one.packed.levels)
    .bind(size(one.packed.raw_bytes))
    .bind(stored(one.stored_bytes))
    .bind(one.object.as_deref().unwrap_or_default())
    .bind([].as_slice())
    .bind(one.packed.bytes.as_slice())
    .execute(connection)
    .await?;
    Ok(true)
}
