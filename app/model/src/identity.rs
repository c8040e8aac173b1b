//! Who may come in: console users with their sessions, and callers with access keys.

use crate::{AccessKey, Result, Role, SessionChanges, SessionOrigin, UnixMillis};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// A signed-in console user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionUser {
    pub name: String,
    pub role: Role,
}

/// The port for signing in and for checking signatures.
#[async_trait]
pub trait Identity: Send + Sync {
    /// Checks name and password and opens a session; returns its secret token and when it ends.
    ///
    /// Errors: `AccessDenied` for a wrong pair and, in the same words, for a disabled user; `ResourceThrottled` after too many wrong tries,
    /// with the wait in the message.
    async fn sign_in(&self, name: &str, password: &str, origin: &SessionOrigin) -> Result<(String, UnixMillis)>;

    /// The user of a session token, with the role of now; `None` when it is unknown or has ended.
    async fn session(&self, token: &str) -> Result<Option<SessionUser>>;

    /// Says when [`Self::session`] may have another answer. What another server does is not told.
    fn session_changes(&self) -> SessionChanges;

    /// Ends a session; an unknown token is no error.
    async fn sign_out(&self, token: &str) -> Result<()>;

    /// True when there is a user of this name.
    async fn has_user(&self, name: &str) -> Result<bool>;

    /// The enabled access key of this id, if its user is enabled.
    async fn access_key(&self, id: &str) -> Result<Option<AccessKey>>;

    /// Notes that the key has signed a call just now; written later, so that it costs a call nothing.
    fn note_use(&self, id: &str);
}
