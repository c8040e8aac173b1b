//! The double's key.

use super::{Double, KEY, SECRET};
use async_trait::async_trait;
use model::{AccessKey, Identity, Result, SessionUser, UnixMillis};

#[async_trait]
impl Identity for Double {
    async fn sign_in(&self, _: &str, _: &str) -> Result<(String, UnixMillis)> {
        unimplemented!("the console's")
    }

    async fn session(&self, _: &str) -> Result<Option<SessionUser>> {
        unimplemented!("the console's")
    }

    async fn sign_out(&self, _: &str) -> Result<()> {
        unimplemented!("the console's")
    }

    async fn access_key(&self, id: &str) -> Result<Option<AccessKey>> {
        Ok((id == KEY).then(|| AccessKey { id: KEY.to_owned(), secret: SECRET.to_owned() }))
    }
}
