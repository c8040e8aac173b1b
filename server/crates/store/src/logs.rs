//! Log lines: appended in the chunks in which they come, read by request and number.

use crate::{
    dialect::Dialect,
    error::{Done, unreadable},
    log_chunk,
    rows::stored,
    sql::{Cells, Sql, filled},
    store::SqlStore,
    waves::waves,
};
use engine::ports::{LogOrigin, LogPart, LogRead};
use model::{LogLine, RequestId, UnixMillis};
use std::collections::HashSet;

/// Parts that are longer together are written one by one: a statement is held in memory at both ends.
const STATEMENT_BYTES_MAX: usize = 16 << 20;
/// More bytes than this are packed and unpacked where they hold nobody up.
const BYTES_AT_ONCE_MAX: usize = 32 << 10;

/// A chunk as it is stored.
pub(crate) struct Packed {
    pub(crate) line_count: usize,
    pub(crate) first_at: UnixMillis,
    pub(crate) last_at: UnixMillis,
    pub(crate) levels: i64,
    pub(crate) raw_bytes: usize,
    pub(crate) bytes: Vec<u8>,
}

impl Packed {
    /// Packs lines; `None` when there are none.
    pub(crate) fn of(lines: &[LogLine]) -> Option<Self> {
        Some(Self {
            line_count: lines.len(),
            first_at: lines.iter().map(|line| line.at).min()?,
            last_at: lines.iter().map(|line| line.at).max()?,
            levels: log_chunk::level_bits(lines),
            raw_bytes: log_chunk::raw_bytes(lines),
            bytes: log_chunk::pack(lines),
        })
    }
}

/// Where the lines of a chunk are: columns `object, lines, packed`.
pub(crate) struct Body {
    object: String,
    packed: Vec<u8>,
}

impl Body {
    /// Reads the columns.
    pub(crate) fn read<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<Self> {
        let (object, lines, packed) = (cells.text()?, cells.blob()?, cells.blob()?);
        Ok(Self { object, packed: if lines.is_empty() { packed } else { lines } })
    }
}

/// A part with the place of its columns.
pub(crate) struct Row<'a> {
    origin: &'a LogOrigin,
    packed: Packed,
}

impl<DB: Dialect> SqlStore<DB> {
    /// Appends parts to the logs of their requests.
    pub(crate) async fn append_parts(&self, batch: &[LogPart]) -> Done<()> {
        // Before the transaction: on SQLite everybody else who writes waits for its end.
        let rows = pack_all(batch).await?;
        if rows.is_empty() {
            return Ok(());
        }
        let mut tx = self.begin_write().await?;
        append::<DB>(&rows, &mut tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Lines of a request's log from one line on.
    pub(crate) async fn lines(&self, request: &RequestId, from: u64, limit: u32) -> Done<LogRead> {
        let end = from.saturating_add(u64::from(limit));
        let sql = Sql::<DB>::new(
            "select first_line, object, lines, packed from log_chunk where request_id = $1 and first_line < $3 and first_line >= \
             coalesce((select max(first_line) from log_chunk where request_id = $1 and first_line <= $2), 0) order by first_line",
        )
        .bind(request.as_str())
        .bind(stored(from))
        .bind(stored(end));
        let chunks = sql.all(&mut *self.reading().await?, |cells| Ok((cells.int()?, Body::read(cells)?))).await?;
        let mut read = LogRead::default();
        for (first_line, body) in chunks {
            let unpacked = self.unpacked(body).await?;
            read.chunks_read += 1;
            let numbered = (u64::try_from(first_line).unwrap_or_default()..).zip(unpacked);
            read.lines.extend(numbered.filter(|(number, _)| (from..end).contains(number)).map(|(_, line)| line));
        }
        Ok(read)
    }

    /// The lines of a chunk, wherever they are.
    pub(crate) async fn unpacked(&self, body: Body) -> Done<Vec<LogLine>> {
        let packed = if body.object.is_empty() { body.packed } else { self.objects.get(&body.object).await? };
        if packed.len() <= BYTES_AT_ONCE_MAX {
            return Ok(log_chunk::unpack(&packed).map_err(|why| unreadable("log", why))?);
        }
        Ok(aside(move || log_chunk::unpack(&packed)).await?.map_err(|why| unreadable("log", why))?)
    }
}

/// Does work that takes a while where it holds nobody up.
pub(crate) async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> sqlx::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|lost| sqlx::Error::Io(std::io::Error::other(lost)))
}

/// Appends packed parts within a transaction.
pub(crate) async fn append<DB: Dialect>(rows: &[Row<'_>], connection: &mut DB::Connection) -> sqlx::Result<()> {
    // A part's first line has the number after the last one that is stored, so a request's parts are written one after the other.
    for wave in waves(rows, |row| row.origin.request.as_str()) {
        let mut wave: Vec<&Row<'_>> = wave.into_iter().map(|(_, row)| row).collect();
        // So that concurrent batches wait for each other in the same order.
        wave.sort_by_key(|row| row.origin.request.as_str());
        for mut chunk in filled(&wave) {
            let bytes: usize = chunk.iter().map(|row| row.packed.bytes.len()).sum();
            if bytes <= STATEMENT_BYTES_MAX {
                write::<DB>(connection, &chunk).await?;
                continue;
            }
            // By themselves, so that none may come twice.
            chunk.dedup_by_key(|row| row.origin.request.as_str());
            for row in &chunk {
                write::<DB>(connection, std::slice::from_ref(row)).await?;
            }
        }
    }
    Ok(())
}

/// Packs every part that has lines.
pub(crate) async fn pack_all(batch: &[LogPart]) -> sqlx::Result<Vec<Row<'_>>> {
    let mut rows = Vec::with_capacity(batch.len());
    for part in batch {
        let packed = if log_chunk::raw_bytes(&part.lines) <= BYTES_AT_ONCE_MAX {
            Packed::of(&part.lines)
        } else {
            let lines = part.lines.clone();
            aside(move || Packed::of(&lines)).await?
        };
        rows.extend(packed.map(|packed| Row { origin: &part.origin, packed }));
    }
    Ok(rows)
}

/// Writes parts of different requests. One whose number another transaction has taken in the meantime is written again after that one's
/// lines: each loss is another's gain, so this comes to an end.
async fn write<DB: Dialect>(connection: &mut DB::Connection, rows: &[&Row<'_>]) -> sqlx::Result<()> {
    let mut left = rows.to_vec();
    while !left.is_empty() {
        let written: HashSet<String> = insert::<DB>(&left).all(connection, |cells| cells.text()).await?.into_iter().collect();
        left.retain(|row| !written.contains(row.origin.request.as_str()));
    }
    Ok(())
}

/// Parts of different requests; gives the requests of those that were written.
fn insert<DB: Dialect>(rows: &[&Row<'_>]) -> Sql<DB> {
    let mut sql = Sql::new(
        "with part (request_id, instance_id, region, service, function, line_count, first_at_ms, at_ms, levels, raw_bytes, stored_bytes, \
         lines, packed) as (values ",
    );
    sql.push_rows(rows, |tuple, Row { origin, packed }| {
        let function = &origin.function;
        tuple.put(origin.request.as_str()).put(origin.instance.as_str());
        tuple.put(function.region.as_str()).put(function.service.as_str()).put(function.function.as_str());
        tuple.put(size(packed.line_count)).put(packed.first_at.0).put(packed.last_at.0).put(packed.levels);
        tuple.put(size(packed.raw_bytes)).put(size(packed.bytes.len())).put([].as_slice()).put(packed.bytes.as_slice());
    });
    sql.push(
        ") insert into log_chunk (request_id, first_line, instance_id, region, service, function, line_count, first_at_ms, at_ms, levels, \
         raw_bytes, stored_bytes, lines, packed) \
         select request_id, coalesce((select c.first_line + c.line_count from log_chunk c where c.request_id = part.request_id \
         order by c.first_line desc limit 1), 0), instance_id, region, service, function, line_count, first_at_ms, at_ms, levels, \
         raw_bytes, stored_bytes, lines, packed from part \
         where true on conflict (request_id, first_line) do nothing returning request_id",
    );
    sql
}

/// The stored form of a size.
pub(crate) fn size(value: usize) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
