//! Who may come in: console users, their sessions, and API keys.

use crate::{Result, UnixMillis};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// A signed-in console user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionUser {
    pub name: String,
}

/// An API key as the signature check needs it.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessKey {
    pub id: String,
    pub secret: String,
}

impl std::fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessKey").field("id", &self.id).field("secret", &"…").finish()
    }
}

/// The port for signing in and for checking signatures.
#[async_trait]
pub trait Identity: Send + Sync {
    /// Checks name and password and opens a session; returns its secret token and when it ends.
    ///
    /// Errors: `AccessDenied` for a wrong pair; `ResourceThrottled` after too many wrong tries, with the wait in the message.
    async fn sign_in(&self, name: &str, password: &str) -> Result<(String, UnixMillis)>;

    /// The user of a session token, or `None` when it is unknown or has ended.
    async fn session(&self, token: &str) -> Result<Option<SessionUser>>;

    /// Ends a session; an unknown token is no error.
    async fn sign_out(&self, token: &str) -> Result<()>;

    /// The enabled access key of this id.
    async fn access_key(&self, id: &str) -> Result<Option<AccessKey>>;
}
