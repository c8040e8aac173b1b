//! From the driver's errors to the port's.

use crate::dialect::{DbFault, Dialect};
use engine::ports::StoreError;

/// Why a piece of work ended: the driver's reason or the store's own.
#[derive(Debug)]
pub(crate) enum Fault {
    Sql(sqlx::Error),
    Store(StoreError),
}

/// Result of the store's inner functions.
pub(crate) type Done<T> = Result<T, Fault>;

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Fault::Sql(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Fault::Store(error)
    }
}

/// A stored value that can't be read back.
pub(crate) fn unreadable(what: &str, why: impl std::fmt::Display) -> sqlx::Error {
    sqlx::Error::Decode(format!("stored {what} can't be read: {why}").into())
}

/// What a driver's error means.
pub(crate) fn fault_of<DB: Dialect>(error: &sqlx::Error) -> DbFault {
    match error {
        sqlx::Error::Database(reported) => DB::fault(reported.as_ref()),
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed => DbFault::Unavailable,
        _ => DbFault::Other,
    }
}

/// The port's error for a driver's.
pub(crate) fn store_error<DB: Dialect>(error: &sqlx::Error) -> StoreError {
    match fault_of::<DB>(error) {
        DbFault::Unavailable | DbFault::Retry => StoreError::Unavailable(error.to_string()),
        DbFault::Reference | DbFault::Other => StoreError::Other(error.to_string()),
    }
}

/// Puts the store's own reason in place of a violated reference.
pub(crate) fn or_reference<DB: Dialect, T>(result: sqlx::Result<T>, reason: StoreError) -> Done<T> {
    result.map_err(|error| match fault_of::<DB>(&error) {
        DbFault::Reference => Fault::Store(reason),
        _ => Fault::Sql(error),
    })
}
