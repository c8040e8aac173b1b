//! Log lines, stored in the chunks in which they came.

use crate::{dialect::Dialect, error::Done, rows, rows::stored, sql::Sql, store::SqlStore};
use model::{InstanceId, LogLine, LogStream, RequestId, UnixMillis};

impl<DB: Dialect> SqlStore<DB> {
    /// Appends lines to a request's log.
    pub(crate) async fn append_lines(&self, request: &RequestId, instance: &InstanceId, lines: &[LogLine]) -> Done<()> {
        let Some(last) = lines.last() else { return Ok(()) };
        let packed: Vec<(i64, LogStream, &str)> = lines.iter().map(|line| (line.at.0, line.stream, line.text.as_str())).collect();
        let packed = rows::to_json(&packed)?;
        Sql::<DB>::new(
            "insert into log_chunk (request_id, first_line, line_count, at_ms, instance_id, lines) values ($1, \
             coalesce((select first_line + line_count from log_chunk where request_id = $1 order by first_line desc limit 1), 0), \
             $2, $3, $4, $5)",
        )
        .bind(request.as_str())
        .bind(i64::try_from(lines.len()).unwrap_or(i64::MAX))
        .bind(last.at.0)
        .bind(instance.as_str())
        .bind(packed.as_bytes())
        .execute(&mut *self.writing().await?)
        .await?;
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
