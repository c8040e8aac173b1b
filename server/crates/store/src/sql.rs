//! One statement: its text, its values, and its rows read column by column.

use crate::dialect::{Dialect, Param};
use sqlx::error::BoxDynError;
use std::borrow::Cow;

/// Most rows in one statement. With at most 32 values a row this stays far below what the databases bind (SQLite 32,766).
const ROWS_MAX: usize = 256;

/// A statement under construction. Its text consists of literals of this crate and placeholders only, and its values come either all by
/// [`Sql::bind`] or all by [`Sql::push_bind`].
pub(crate) struct Sql<DB: Dialect> {
    text: Cow<'static, str>,
    arguments: DB::Arguments,
    bound: usize,
    failed: Option<BoxDynError>,
}

impl<DB: Dialect> Sql<DB> {
    /// Starts with this text, in which `$1`, `$2` … stand for the values that `bind` adds.
    pub(crate) fn new(text: &'static str) -> Self {
        Self { text: Cow::Borrowed(text), arguments: DB::Arguments::default(), bound: 0, failed: None }
    }

    /// Adds the next value.
    pub(crate) fn bind<'a>(mut self, value: impl Into<Param<'a>>) -> Self {
        self.add(value.into());
        self
    }

    /// Adds the next value if the values before it could be added.
    fn add(&mut self, value: Param<'_>) {
        self.bound += 1;
        if self.failed.is_none() {
            self.failed = DB::bind(&mut self.arguments, value).err();
        }
    }

    /// Appends text.
    pub(crate) fn push(&mut self, text: &'static str) -> &mut Self {
        self.text.to_mut().push_str(text);
        self
    }

    /// Appends a placeholder and adds its value.
    pub(crate) fn push_bind<'a>(&mut self, value: impl Into<Param<'a>>) -> &mut Self {
        self.add(value.into());
        DB::mark(self.text.to_mut(), self.bound);
        self
    }

    /// Appends `(a, b, …), (…)`, one tuple per row.
    pub(crate) fn push_rows<T>(&mut self, rows: &[T], mut bind: impl FnMut(&mut Tuple<'_, DB>, &T)) -> &mut Self {
        for (n, row) in rows.iter().enumerate() {
            self.push(if n == 0 { "(" } else { ", (" });
            bind(&mut Tuple { sql: self, is_empty: true }, row);
            self.push(")");
        }
        self
    }

    /// Appends `(a, b, …)`. The last value is repeated up to a power of two, so that few different texts exist and each stays prepared.
    pub(crate) fn push_list<'a, P: Into<Param<'a>> + Copy>(&mut self, values: &[P]) -> &mut Self {
        self.push("(");
        let padded = values.len().next_power_of_two();
        for (n, value) in values.iter().chain(std::iter::repeat_n(values.last(), padded - values.len()).flatten()).enumerate() {
            if n > 0 {
                self.push(", ");
            }
            self.push_bind(*value);
        }
        self.push(")")
    }

    /// Runs the statement and returns how many rows it changed.
    pub(crate) async fn execute(self, connection: &mut DB::Connection) -> sqlx::Result<u64> {
        match self.failed {
            Some(error) => Err(sqlx::Error::Encode(error)),
            None => DB::execute(connection, self.text, self.arguments).await,
        }
    }

    /// Runs the statement and reads every row.
    pub(crate) async fn all<T>(
        self,
        connection: &mut DB::Connection,
        read: impl Fn(&mut Cells<'_, DB>) -> sqlx::Result<T>,
    ) -> sqlx::Result<Vec<T>> {
        if let Some(error) = self.failed {
            return Err(sqlx::Error::Encode(error));
        }
        let rows = DB::fetch(connection, self.text, self.arguments).await?;
        rows.iter().map(|row| read(&mut Cells { row, next: 0 })).collect()
    }

    /// Runs the statement and reads its first row.
    pub(crate) async fn first<T>(
        self,
        connection: &mut DB::Connection,
        read: impl Fn(&mut Cells<'_, DB>) -> sqlx::Result<T>,
    ) -> sqlx::Result<Option<T>> {
        Ok(self.all(connection, read).await?.into_iter().next())
    }

    /// The steps of the statement's plan, a line each.
    #[cfg(test)]
    pub(crate) async fn plan(mut self, connection: &mut DB::Connection) -> String {
        let (explain, column) = if DB::ALONE { ("explain query plan", 3) } else { ("explain (costs off)", 0) };
        self.text = Cow::Owned(format!("{explain} {}", self.text));
        let read = |cells: &mut Cells<'_, DB>| {
            for _ in 0..column {
                cells.opt_int()?;
            }
            cells.text()
        };
        self.all(connection, read).await.unwrap().join("\n")
    }
}

/// One row of a `values` list.
pub(crate) struct Tuple<'s, DB: Dialect> {
    sql: &'s mut Sql<DB>,
    is_empty: bool,
}

impl<DB: Dialect> Tuple<'_, DB> {
    /// Appends the next value of the row.
    pub(crate) fn put<'a>(&mut self, value: impl Into<Param<'a>>) -> &mut Self {
        if !std::mem::take(&mut self.is_empty) {
            self.sql.push(", ");
        }
        self.sql.push_bind(value);
        self
    }
}

/// Columns of a row, read from left to right.
pub(crate) struct Cells<'r, DB: Dialect> {
    row: &'r DB::Row,
    next: usize,
}

impl<DB: Dialect> Cells<'_, DB> {
    fn step<T>(&mut self, read: impl FnOnce(&DB::Row, usize) -> sqlx::Result<T>) -> sqlx::Result<T> {
        let index = self.next;
        self.next += 1;
        read(self.row, index)
    }

    fn present<T>(&self, value: Option<T>) -> sqlx::Result<T> {
        value.ok_or_else(|| sqlx::Error::Decode(format!("column {} is null", self.next.saturating_sub(1)).into()))
    }

    /// The next column, an integer.
    pub(crate) fn int(&mut self) -> sqlx::Result<i64> {
        let value = self.step(DB::int)?;
        self.present(value)
    }

    /// The next column, an integer or null.
    pub(crate) fn opt_int(&mut self) -> sqlx::Result<Option<i64>> {
        self.step(DB::int)
    }

    /// The next column, a text.
    pub(crate) fn text(&mut self) -> sqlx::Result<String> {
        let value = self.step(DB::text)?;
        self.present(value)
    }

    /// The next column, a text or null.
    pub(crate) fn opt_text(&mut self) -> sqlx::Result<Option<String>> {
        self.step(DB::text)
    }

    /// The next column, bytes.
    pub(crate) fn blob(&mut self) -> sqlx::Result<Vec<u8>> {
        let value = self.step(DB::blob)?;
        self.present(value)
    }

    /// The next column, bytes or null.
    pub(crate) fn opt_blob(&mut self) -> sqlx::Result<Option<Vec<u8>>> {
        self.step(DB::blob)
    }
}

/// Splits rows into chunks of a power of two each, at most [`ROWS_MAX`], so that few different texts exist and each stays prepared.
pub(crate) fn chunks<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let size = 1 << rows.len().min(ROWS_MAX).checked_ilog2()?;
        let (chunk, rest) = rows.split_at_checked(size)?;
        rows = rest;
        Some(chunk)
    })
}

/// Rows left over by larger chunks that [`filled`] takes together.
const FILLED_MAX: usize = 16;

/// As [`chunks`], for statements to which a row that comes twice is as one that comes once: few rows are one chunk, filled up with the last
/// of them, instead of several. Each statement is a way to the database and back.
pub(crate) fn filled<T: Copy>(mut rows: &[T]) -> impl Iterator<Item = Vec<T>> {
    std::iter::from_fn(move || {
        let last = rows.last()?;
        if rows.len() < FILLED_MAX {
            let mut chunk = rows.to_vec();
            chunk.resize(rows.len().next_power_of_two(), *last);
            rows = &[];
            return Some(chunk);
        }
        let chunk = chunks(rows).next()?;
        rows = rows.get(chunk.len()..)?;
        Some(chunk.to_vec())
    })
}

impl From<i64> for Param<'_> {
    fn from(value: i64) -> Self {
        Param::Int(value)
    }
}

impl From<Option<i64>> for Param<'_> {
    fn from(value: Option<i64>) -> Self {
        Param::OptInt(value)
    }
}

impl<'a> From<&'a str> for Param<'a> {
    fn from(value: &'a str) -> Self {
        Param::Text(value)
    }
}

impl<'a> From<Option<&'a str>> for Param<'a> {
    fn from(value: Option<&'a str>) -> Self {
        Param::OptText(value)
    }
}

impl<'a> From<&'a [u8]> for Param<'a> {
    fn from(value: &'a [u8]) -> Self {
        Param::Blob(value)
    }
}

impl<'a> From<Option<&'a [u8]>> for Param<'a> {
    fn from(value: Option<&'a [u8]>) -> Self {
        Param::OptBlob(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_powers_of_two_and_lose_nothing() {
        for length in [0, 1, 2, 3, 100, 255, 256, 257, 1_000] {
            let rows: Vec<usize> = (0..length).collect();
            let parts: Vec<&[usize]> = chunks(&rows).collect();
            assert!(parts.iter().all(|part| part.len().is_power_of_two() && part.len() <= ROWS_MAX), "{length}");
            assert_eq!(parts.concat(), rows);
        }
    }

    #[test]
    fn few_rows_are_one_chunk_filled_with_the_last() {
        let lengths = |length: usize| filled(&vec![0; length]).map(|chunk| chunk.len()).collect::<Vec<_>>();
        assert_eq!([0, 1, 3, 8, 15].map(lengths), [vec![], vec![1], vec![4], vec![8], vec![16]]);
        assert_eq!([16, 23, 100].map(lengths), [vec![16], vec![16, 8], vec![64, 32, 4]]);
        let rows: Vec<usize> = (0..100).collect();
        let filled: Vec<usize> = filled(&rows).flatten().collect();
        assert_eq!(filled, rows);
        assert_eq!(super::filled(&[7, 8, 9]).collect::<Vec<_>>(), [[7, 8, 9, 9]]);
    }

    #[test]
    fn lists_are_padded_with_their_last_value() {
        let mut sql = Sql::<sqlx::Sqlite>::new("");
        sql.push_list(&[7, 8, 9]);
        assert_eq!(sql.text, "(?, ?, ?, ?)");
        let mut sql = Sql::<sqlx::Postgres>::new("");
        sql.push_list(&["a"]);
        assert_eq!(sql.text, "($1)");
    }
}
