use crate::error::Result;
use leptos::prelude::*;
use model::{FunctionRef, InstanceInfo};
use server_fn::codec::Json;

/// The function's instances on every server, whatever they were started for.
#[server(input = Json)]
pub async fn read_instances(function: FunctionRef) -> Result<Vec<InstanceInfo>> {
    let (console, _) = crate::server::signed_in()?;
    Ok(console.control.list_instances(&function, None).await?)
}
