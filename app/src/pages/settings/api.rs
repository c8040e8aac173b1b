use crate::error::Result;
use leptos::prelude::*;
use model::{InstalledRuntime, Region};
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

/// What this install was started with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Install {
    pub regions: Vec<Region>,
    pub account_id: String,
    /// Flags of `taskyard serve` and what they are set to, with their units; none that is a secret or says where something lies.
    pub flags: Vec<(String, String)>,
    pub runtimes: Vec<InstalledRuntime>,
}

/// For everybody who may read the account's settings.
#[server(input = Json)]
pub async fn read_install() -> Result<Install> {
    let (console, _) = crate::server::signed_in()?;
    if let Some(user) = &console.user {
        user.role.check(model::Action::GetAccountSettings)?;
    }
    Ok(Install {
        regions: console.control.regions(),
        account_id: console.account_id.to_string(),
        flags: console.flags.iter().map(|(flag, value)| ((*flag).to_owned(), crate::language::message(value.as_str().into()))).collect(),
        runtimes: console.control.runtimes(),
    })
}
