//! Log lines, stored in the chunks in which they came.

use crate::{
    dialect::Dialect,
    error::Done,
    rows,
    rows::stored,
    sql::{Sql, chunks},
    store::SqlStore,
    waves::waves,
};
use engine::ports::LogPart;
use model::{LogLine, LogStream, RequestId, UnixMillis};
use std::collections::HashSet;

/// Parts that are longer together are written one by one: a statement is held in memory at both ends.
const STATEMENT_BYTES_MAX: usize = 16 << 20;

/// A part as it is stored.
struct Packed<'a> {
    part: &'a LogPart,
    last_at: UnixMillis,
    lines: Vec<u8>,
}

impl<DB: Dialect> SqlStore<DB> {
    /// Appends parts to the logs of their requests.
    pub(crate) async fn append_parts(&self, batch: &[LogPart]) -> Done<()> {
        let mut tx = self.begin_write().await?;
        // A part's first line has the number after the last one that is stored, so a request's parts are written one after the other.
        for wave in waves(batch, |part| part.request.as_str()) {
            let mut packed = wave.into_iter().filter_map(|(_, part)| pack(part).transpose()).collect::<sqlx::Result<Vec<_>>>()?;
            // So that concurrent batches wait for each other in the same order.
            packed.sort_by_key(|packed| packed.part.request.as_str());
            for chunk in chunks(&packed) {
                let bytes: usize = chunk.iter().map(|part| part.lines.len()).sum();
                let together = if bytes > STATEMENT_BYTES_MAX { 1 } else { chunk.len() };
                for parts in chunk.chunks(together) {
                    write::<DB>(&mut tx, parts).await?;
                }
            }
        }
        tx.commit().await?;
        Ok(())
    }

    /// Lines of a request's log from one line on.
    pub(crate) async fn lines(&self, request: &RequestId, from: u64, limit: u32) -> Done<Vec<LogLine>> {
        let end = from.saturating_add(u64::from(limit));
        let sql = Sql::<DB>::new(
            "select first_line, lines from log_chunk where request_id = $1 and first_line < $3 and first_line >= \
             coalesce((select max(first_line) from log_chunk where request_id = $1 and first_line <= $2), 0) order by first_line",
        )
        .bind(request.as_str())
        .bind(stored(from))
        .bind(stored(end));
        let chunks = sql.all(&mut *self.reading().await?, |cells| Ok((cells.int()?, cells.blob()?))).await?;
        let mut lines = Vec::new();
        for (first_line, packed) in chunks {
            let unpacked: Vec<(i64, LogStream, String)> =
                serde_json::from_slice(&packed).map_err(|why| crate::error::unreadable("log", why))?;
            let numbered = (u64::try_from(first_line).unwrap_or_default()..).zip(unpacked);
            lines.extend(numbered.filter(|(number, _)| (from..end).contains(number)).map(|(_, (at, stream, text))| LogLine {
                at: UnixMillis(at),
                stream,
                text,
            }));
        }
        Ok(lines)
    }
}

/// Packs a part; `None` when it has no lines.
fn pack(part: &LogPart) -> sqlx::Result<Option<Packed<'_>>> {
    let Some(last) = part.lines.last() else { return Ok(None) };
    let lines: Vec<(i64, LogStream, &str)> = part.lines.iter().map(|line| (line.at.0, line.stream, line.text.as_str())).collect();
    Ok(Some(Packed { part, last_at: last.at, lines: rows::to_json(&lines)?.into_bytes() }))
}

/// Writes parts of different requests. One whose number another transaction has taken in the meantime is written again after that one's
/// lines: each loss is another's gain, so this comes to an end.
async fn write<DB: Dialect>(connection: &mut DB::Connection, parts: &[Packed<'_>]) -> sqlx::Result<()> {
    let mut left: Vec<&Packed<'_>> = parts.iter().collect();
    while !left.is_empty() {
        let written: HashSet<String> = insert::<DB>(&left).all(connection, |cells| cells.text()).await?.into_iter().collect();
        left.retain(|packed| !written.contains(packed.part.request.as_str()));
    }
    Ok(())
}

/// Parts of different requests; gives the requests of those that were written.
fn insert<DB: Dialect>(parts: &[&Packed<'_>]) -> Sql<DB> {
    let mut sql = Sql::new("with part (request_id, line_count, at_ms, instance_id, lines) as (values ");
    sql.push_rows(parts, |row, packed| {
        row.put(packed.part.request.as_str());
        row.put(i64::try_from(packed.part.lines.len()).unwrap_or(i64::MAX));
        row.put(packed.last_at.0).put(packed.part.instance.as_str()).put(packed.lines.as_slice());
    });
    sql.push(
        ") insert into log_chunk (request_id, first_line, line_count, at_ms, instance_id, lines) \
         select request_id, coalesce((select c.first_line + c.line_count from log_chunk c where c.request_id = part.request_id \
         order by c.first_line desc limit 1), 0), line_count, at_ms, instance_id, lines from part \
         where true on conflict (request_id, first_line) do nothing returning request_id",
    );
    sql
}
