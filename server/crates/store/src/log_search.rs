//! Searches logs: by function, chunk after chunk in the order of their last lines, or within one request by number.
//!
//! The index tells which chunks can have what is wanted; those are unpacked. Both are limited for one call, which then says where to go on.

use crate::{
    dialect::Dialect,
    error::Done,
    log_chunk,
    log_seal::CHUNK_MS_MAX,
    logs::{Body, size},
    rows,
    sql::{Sql, chunks},
    store::SqlStore,
};
use engine::ports::{LogHits, LogSearch, StoreError};
use model::{FunctionRef, InstanceId, LogCursor, LogEntry, LogLine, LogQuery, RequestId, UnixMillis};
use std::collections::HashMap;

/// Index rows that one call looks at.
const ROWS_MAX: usize = 4_096;
/// Index rows that one statement reads.
const ROWS_AT_ONCE: i64 = 512;
/// Chunks, and bytes of lines in them, that one call unpacks.
const CHUNKS_MAX: u32 = 512;
const BYTES_MAX: i64 = 32 << 20;
/// Chunks, and bytes of lines in them, that one statement reads.
const CHUNKS_AT_ONCE: usize = 16;
const BYTES_AT_ONCE: i64 = 4 << 20;

/// A row without its lines.
struct Entry {
    request: String,
    first_line: i64,
    line_count: i64,
    instance: String,
    first_at: i64,
    last_at: i64,
    levels: i64,
    raw_bytes: i64,
    function: FunctionRef,
}

impl Entry {
    /// The place before one of the request's lines.
    fn before(&self, line: i64) -> LogCursor {
        LogCursor { last_at: UnixMillis(self.last_at), first_line: self.first_line, line, request: self.request.clone() }
    }

    /// The number after that of its last line.
    fn end(&self) -> i64 {
        self.first_line + self.line_count
    }

    /// The first of its lines that is still to be looked at.
    fn next_line(&self, place: &LogCursor) -> i64 {
        if place.request == self.request { place.line.max(self.first_line) } else { self.first_line }
    }

    fn line(&self, number: i64, line: LogLine) -> LogEntry {
        LogEntry {
            request_id: RequestId::from_stored(self.request.as_str()),
            instance_id: InstanceId::from_stored(self.instance.as_str()),
            number: u64::try_from(number).unwrap_or_default(),
            line,
        }
    }

    /// True when its lines may be wanted.
    fn may_have(&self, search: &LogSearch) -> bool {
        let LogQuery { from, to, instance_id, levels, .. } = &search.query;
        let wanted = levels.iter().fold(0, |bits, level| bits | log_chunk::level_bit(*level));
        search.function.as_ref().is_none_or(|function| *function == self.function)
            && from.is_none_or(|from| self.last_at >= from.0)
            // Rows of earlier releases don't tell when their first line was: 0.
            && to.is_none_or(|to| self.first_at <= to.0)
            && instance_id.as_ref().is_none_or(|id| id.as_str() == self.instance)
            && (levels.is_empty() || self.levels & wanted != 0)
    }
}

impl<DB: Dialect> SqlStore<DB> {
    /// One step of a search.
    ///
    /// Parts may be merged between the reading of the index and that of their lines. What is not there any more stands within a chunk that the
    /// index, read again, has; `seen` keeps lines from being found twice.
    pub(crate) async fn search(&self, search: &LogSearch) -> Done<LogHits> {
        let mut begin = start(search)?;
        let mut place = begin.clone();
        // By request, the line after the last one that was looked at.
        let mut seen: HashMap<String, i64> = HashMap::new();
        let mut hits = LogHits::default();
        let mut bytes = 0;
        let mut rows = 0;
        let wanted = usize::try_from(search.query.rows()).unwrap_or(usize::MAX);
        'index: loop {
            let (entries, has_more) = self.entries(search, &begin).await?;
            rows += entries.len();
            for group in together(&entries) {
                let mut bodies = self.bodies(group, search).await?;
                for entry in group {
                    let from = entry.next_line(&begin).max(seen.get(&entry.request).copied().unwrap_or(0));
                    let mut end = entry.end();
                    if from >= end {
                        continue;
                    }
                    match bodies.remove(&(entry.request.clone(), entry.first_line)) {
                        None if entry.may_have(search) && rows >= ROWS_MAX => return Ok(hits.up_to(&place)),
                        None if entry.may_have(search) => continue 'index,
                        None => {}
                        Some(body) => {
                            hits.chunks_read += 1;
                            bytes += entry.raw_bytes;
                            let lines = self.unpacked(body).await?;
                            // It may be the first part of what was merged.
                            end = entry.first_line + size(lines.len());
                            let unseen = (entry.first_line..).zip(lines).skip_while(|(number, _)| *number < from);
                            for (number, line) in unseen.filter(|(_, line)| search.query.matches(line)) {
                                if hits.entries.len() >= wanted {
                                    return Ok(hits.up_to(&entry.before(number)));
                                }
                                hits.entries.push(entry.line(number, line));
                            }
                        }
                    }
                    seen.insert(entry.request.clone(), end);
                    place = entry.before(end);
                    if hits.chunks_read >= CHUNKS_MAX || bytes >= BYTES_MAX {
                        return Ok(hits.up_to(&place));
                    }
                }
            }
            if !has_more {
                return Ok(hits);
            }
            if let Some(last) = entries.last() {
                begin = last.before(last.end());
                place = begin.clone();
            }
            if rows >= ROWS_MAX {
                return Ok(hits.up_to(&place));
            }
        }
    }

    /// The next rows of the index from a place on, and whether there are more.
    async fn entries(&self, search: &LogSearch, place: &LogCursor) -> Done<(Vec<Entry>, bool)> {
        let sql = match (&search.query.request_id, &search.function) {
            (Some(request), _) => Sql::<DB>::new(
                "select request_id, first_line, line_count, instance_id, first_at_ms, at_ms, levels, raw_bytes, region, service, function \
                 from log_chunk where request_id = $1 and first_line >= \
                 coalesce((select max(first_line) from log_chunk where request_id = $1 and first_line <= $2), 0) order by first_line limit $3",
            )
            .bind(request.as_str())
            .bind(place.line),
            (None, Some(function)) => Sql::<DB>::new(
                "select request_id, first_line, line_count, instance_id, first_at_ms, at_ms, levels, raw_bytes, region, service, function \
                 from log_chunk where region = $1 and service = $2 and function = $3 and (at_ms, request_id, first_line) >= ($4, $5, $6) and at_ms <= $7 \
                 order by at_ms, request_id, first_line limit $8",
            )
            .bind(function.region.as_str())
            .bind(function.service.as_str())
            .bind(function.function.as_str())
            .bind(place.last_at.0)
            .bind(place.request.as_str())
            .bind(place.first_line)
            .bind(search.query.to.map_or(i64::MAX, |to| to.0.saturating_add(CHUNK_MS_MAX))),
            (None, None) => return Err(StoreError::Other("a search needs a function or a request".to_owned()).into()),
        };
        let mut entries = sql
            .bind(ROWS_AT_ONCE + 1)
            .all(&mut *self.reading().await?, |cells| {
                Ok(Entry {
                    request: cells.text()?,
                    first_line: cells.int()?,
                    line_count: cells.int()?,
                    instance: cells.text()?,
                    first_at: cells.int()?,
                    last_at: cells.int()?,
                    levels: cells.int()?,
                    raw_bytes: cells.int()?,
                    function: rows::function_ref(cells)?,
                })
            })
            .await?;
        let at_once = usize::try_from(ROWS_AT_ONCE).unwrap_or(usize::MAX);
        let has_more = entries.len() > at_once;
        entries.truncate(at_once);
        // The chunk at the place itself may be done with.
        entries.retain(|entry| entry.next_line(place) < entry.end());
        Ok((entries, has_more))
    }

    /// The lines of those rows that may have wanted ones, still packed.
    async fn bodies(&self, group: &[Entry], search: &LogSearch) -> Done<HashMap<(String, i64), Body>> {
        let wanted: Vec<&Entry> = group.iter().filter(|entry| entry.may_have(search)).collect();
        let mut bodies = HashMap::with_capacity(wanted.len());
        for some in chunks(&wanted) {
            let mut sql = Sql::<DB>::new("with wanted (request_id, first_line) as (values ");
            sql.push_rows(some, |row, entry| {
                row.put(entry.request.as_str()).put(entry.first_line);
            });
            sql.push(
                ") select c.request_id, c.first_line, c.object, c.lines, c.packed from wanted w join log_chunk c \
                 on c.request_id = w.request_id and c.first_line = w.first_line",
            );
            let found = sql.all(&mut *self.reading().await?, |cells| Ok(((cells.text()?, cells.int()?), Body::read(cells)?))).await?;
            bodies.extend(found);
        }
        Ok(bodies)
    }
}

/// What was found up to a place from which another call goes on.
trait UpTo {
    fn up_to(self, place: &LogCursor) -> Self;
}

impl UpTo for LogHits {
    fn up_to(self, place: &LogCursor) -> Self {
        Self { next_token: place.print(), ..self }
    }
}

/// Where a search begins.
fn start(search: &LogSearch) -> Result<LogCursor, StoreError> {
    let query = &search.query;
    if query.next_token.is_empty() {
        let request = query.request_id.as_ref().map(ToString::to_string).unwrap_or_default();
        return Ok(LogCursor { last_at: query.from.unwrap_or(UnixMillis(i64::MIN)), first_line: 0, line: 0, request });
    }
    LogCursor::parse(&query.next_token).map_err(|error| StoreError::Other(error.message))
}

/// Neighbours whose lines are read by one statement.
fn together(entries: &[Entry]) -> impl Iterator<Item = &[Entry]> {
    let mut rest = entries;
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fit = rest.iter().take(CHUNKS_AT_ONCE).take_while(|entry| {
            bytes += entry.raw_bytes;
            bytes <= BYTES_AT_ONCE
        });
        let (group, after) = rest.split_at_checked(fit.count().max(1))?;
        rest = after;
        Some(group)
    })
}
