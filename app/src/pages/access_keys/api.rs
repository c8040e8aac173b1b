use crate::error::Result;
use leptos::prelude::*;
use model::{AccessKeyInfo, Region};
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

/// A key just made, with the secret that is shown this once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatedKey {
    pub id: String,
    pub secret: String,
    pub name: String,
}

/// Every key, the oldest first.
#[server(input = Json)]
pub async fn access_keys() -> Result<Vec<AccessKeyInfo>> {
    let (console, _) = crate::server::signed_in()?;
    Ok(console.keys.list_access_keys().await?)
}

/// One key.
#[server(input = Json)]
pub async fn access_key(id: String) -> Result<AccessKeyInfo> {
    use crate::error::ConsoleError;
    use model::ErrorCode;
    let (console, _) = crate::server::signed_in()?;
    let found = console.keys.list_access_keys().await?.into_iter().find(|key| key.id == id);
    found.ok_or_else(|| ConsoleError::new(ErrorCode::AccountEntityNotFound, t!("access key '{id}' does not exist", id)))
}

/// Makes a key; the page of the form shows what came of it.
#[server]
pub async fn create_access_key(name: String, policy: String, services: String) -> Result<CreatedKey> {
    use crate::forms::Checks;
    use model::{AccessKeySpec, Policy, ServiceName};
    let (console, user) = crate::server::signed_in()?;
    let mut checks = Checks::default();
    let is_name = |name: &&str| name.is_empty() || ServiceName::parse(name).is_ok();
    let policy = match services.split(Policy::BETWEEN).find(|name| !is_name(name)) {
        Some(name) => {
            checks.fail(
                "services",
                t!("{name} is no name of a service: use 1 to 128 letters, digits, _ or -, and start with a letter or _.", name),
            );
            Policy::default()
        }
        None => Policy::parse(&policy, &services).unwrap_or_else(|error| {
            checks.refuse("services", error);
            Policy::default()
        }),
    };
    let spec = AccessKeySpec { name: name.trim().to_owned(), policy };
    if spec.validate().is_err() {
        checks.fail("name", t!("Enter 1 to 64 characters."));
    }
    checks.finish()?;
    let key = console.keys.create_access_key(&spec, &user).await?;
    Ok(CreatedKey { id: key.id, secret: key.secret, name: spec.name })
}

/// Lets a key in again or keeps it out, and leads to the list.
#[server]
pub async fn switch_access_key(region: Region, id: String, enabled: bool) -> Result<()> {
    use crate::{notice::Notice, routes::AdminPage, routes::Route, server};
    let (console, _) = server::signed_in()?;
    console.keys.enable_access_key(&id, enabled).await?;
    let notice = if enabled { Notice::KeyEnabled } else { Notice::KeyDisabled };
    server::redirect(&Route::Admin(region, AdminPage::AccessKeys).with_notice(notice));
    Ok(())
}

/// Deletes a key and leads to the list.
#[server]
pub async fn delete_access_key(region: Region, id: String) -> Result<()> {
    use crate::{notice::Notice, routes::AdminPage, routes::Route, server};
    let (console, _) = server::signed_in()?;
    console.keys.delete_access_key(&id).await?;
    server::redirect(&Route::Admin(region, AdminPage::AccessKeys).with_notice(Notice::KeyDeleted));
    Ok(())
}
