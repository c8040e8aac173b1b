//! What differs between the databases, and the few calls that need a concrete driver.
//!
//! The calls are here, and not bounds on every `impl`, because a bound such as `for<'q> i64: Encode<'q, DB>` is not implied by a
//! trait: it would have to be repeated, with a dozen others, at each generic function.

use sqlx::error::{BoxDynError, DatabaseError};
use sqlx::{Pool, Transaction};
use std::borrow::Cow;

/// What an error of the database means to the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DbFault {
    /// A referenced row is not there, or a row to delete is still referenced.
    Reference,
    /// Lost a race with another transaction; the same transaction may go through at once.
    Retry,
    /// The database can't be used at the moment.
    Unavailable,
    /// A defect.
    Other,
}

/// A value to bind.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Param<'a> {
    Int(i64),
    OptInt(Option<i64>),
    Text(&'a str),
    OptText(Option<&'a str>),
    Blob(&'a [u8]),
    OptBlob(Option<&'a [u8]>),
}

/// A database that the store runs on.
pub(crate) trait Dialect: sqlx::Database {
    /// Ends a `select` whose rows the same transaction changes; other transactions pass over them.
    const SKIP_LOCKED: &'static str;
    /// Ends a `select` of rows over which transactions have to wait for each other.
    const WAIT_LOCKED: &'static str;
    /// Begins a transaction that writes.
    const BEGIN_WRITE: &'static str;
    /// Begins a transaction whose reads all see the same moment.
    const BEGIN_READ: &'static str;
    /// As `BEGIN_READ`, where nothing is to be sorted that an index has in order.
    const BEGIN_IN_ORDER: &'static str;
    /// True where no other server can write to the database.
    const ALONE: bool;
    /// Rows over which a function's counter is spread, so that concurrent writers do not wait for each other.
    const COUNT_SHARDS: i64;
    /// Follows the table's name where tasks of one state are listed. SQLite takes the index of all states otherwise when the range of time is
    /// small, and reads every task in it.
    const BY_STATUS: &'static str;
    /// Follows the table's name where what servers hold is looked for. SQLite walks all tasks otherwise, to have them in the order of a
    /// grouping or of a limit.
    const HELD: &'static str;
    /// What a statement about one state says of `listed` for the same end.
    const LISTED: &'static str;
    /// Reads the last number that a task was given, where nobody else can give one until the transaction ends.
    const LAST_TASK: Option<&'static str>;

    /// Classifies an error that the database itself reported.
    fn fault(error: &dyn DatabaseError) -> DbFault;

    /// Appends the placeholder of the `number`-th value to generated text; hand-written text uses `$1`, `$2` … on both.
    fn mark(text: &mut String, number: usize);

    /// Adds a value to the arguments. A NUL character in text, which Postgres can't hold, becomes U+FFFD on both.
    fn bind(arguments: &mut Self::Arguments, param: Param<'_>) -> Result<(), BoxDynError>;

    /// Begins a transaction; a caller that goes away meanwhile leaves none behind on the connection.
    fn begin(pool: &Pool<Self>, statement: &'static str) -> impl Future<Output = sqlx::Result<Transaction<'static, Self>>> + Send;

    /// Runs a statement and returns how many rows it changed.
    fn execute(
        connection: &mut Self::Connection,
        text: Cow<'static, str>,
        arguments: Self::Arguments,
    ) -> impl Future<Output = sqlx::Result<u64>> + Send;

    /// Runs a statement and returns its rows.
    fn fetch(
        connection: &mut Self::Connection,
        text: Cow<'static, str>,
        arguments: Self::Arguments,
    ) -> impl Future<Output = sqlx::Result<Vec<Self::Row>>> + Send;

    /// Reads an integer column.
    fn int(row: &Self::Row, index: usize) -> sqlx::Result<Option<i64>>;
    /// Reads a text column.
    fn text(row: &Self::Row, index: usize) -> sqlx::Result<Option<String>>;
    /// Reads a bytes column.
    fn blob(row: &Self::Row, index: usize) -> sqlx::Result<Option<Vec<u8>>>;
}

/// The text as both databases can hold it.
pub(crate) fn without_nul(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) }
}

/// The methods of [`Dialect`] that are the same text for every driver.
macro_rules! driver_calls {
    () => {
        fn bind(arguments: &mut Self::Arguments, param: crate::dialect::Param<'_>) -> Result<(), sqlx::error::BoxDynError> {
            use crate::dialect::{Param, without_nul};
            use sqlx::Arguments;
            match param {
                Param::Int(value) => arguments.add(value),
                Param::OptInt(value) => arguments.add(value),
                Param::Text(value) => arguments.add(without_nul(value)),
                Param::OptText(value) => arguments.add(value.map(without_nul)),
                Param::Blob(value) => arguments.add(value),
                Param::OptBlob(value) => arguments.add(value),
            }
        }

        async fn execute(
            connection: &mut Self::Connection,
            text: std::borrow::Cow<'static, str>,
            arguments: Self::Arguments,
        ) -> sqlx::Result<u64> {
            Ok(sqlx::query_with(sqlx::AssertSqlSafe(text), arguments).execute(connection).await?.rows_affected())
        }

        async fn fetch(
            connection: &mut Self::Connection,
            text: std::borrow::Cow<'static, str>,
            arguments: Self::Arguments,
        ) -> sqlx::Result<Vec<Self::Row>> {
            sqlx::query_with(sqlx::AssertSqlSafe(text), arguments).fetch_all(connection).await
        }

        fn int(row: &Self::Row, index: usize) -> sqlx::Result<Option<i64>> {
            sqlx::Row::try_get(row, index)
        }

        fn text(row: &Self::Row, index: usize) -> sqlx::Result<Option<String>> {
            sqlx::Row::try_get(row, index)
        }

        fn blob(row: &Self::Row, index: usize) -> sqlx::Result<Option<Vec<u8>>> {
            sqlx::Row::try_get(row, index)
        }
    };
}
pub(crate) use driver_calls;
