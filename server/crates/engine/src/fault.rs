//! Turns failures of the store into what a caller may know; the cause goes to the log here, once.

use crate::ports::StoreError;
use model::{Error, ErrorCode};

/// A store failure that no rule of the operation explains.
pub(crate) fn store_fault(error: StoreError) -> Error {
    match &error {
        StoreError::Unavailable(_) => {
            tracing::warn!(error = %error, "store unavailable");
            Error::new(ErrorCode::ServiceUnavailable, "the task store can't be reached at the moment; try again")
        }
        StoreError::Conflict(what) => {
            Error::new(ErrorCode::ConcurrentUpdateError, format!("the {what} was changed at the same time; read it again"))
        }
        StoreError::Exists(_) | StoreError::Full(_) | StoreError::NotEmpty(_) | StoreError::Other(_) => {
            tracing::error!(error = %error, "store failed");
            Error::internal()
        }
    }
}
