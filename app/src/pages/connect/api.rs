use crate::error::Result;
use leptos::prelude::*;
use model::Region;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

/// Where programs reach the region, and how each client is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connected {
    /// Scheme, host and port, as this browser came.
    pub endpoint: String,
    pub account_id: String,
    /// The region of calls that name none.
    pub default_region: Region,
    pub setups: Vec<Setup>,
}

/// One client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setup {
    /// Language and package.
    pub title: String,
    /// The command that installs it; empty where nothing has to be.
    pub install: String,
    /// A program that lists the services.
    pub code: String,
}

/// For this region, at the address that the request came to.
#[server(input = Json)]
pub async fn connection(region: Region) -> Result<Connected> {
    use super::setups::{Target, setups};
    let (console, _) = crate::server::signed_in()?;
    let target = Target {
        is_secure: console.secure,
        host: crate::server::host(),
        region: region.to_string(),
        account_id: console.account_id.to_string(),
    };
    let default_region = console.control.regions().into_iter().next().unwrap_or(region);
    Ok(Connected { endpoint: target.endpoint(), account_id: target.account_id.clone(), default_region, setups: setups(&target) })
}
