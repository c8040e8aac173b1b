use crate::error::Result;
use leptos::prelude::*;
use model::{FunctionRef, InstanceInfo, Region};
use server_fn::codec::Json;

/// The function's instances on every server, whatever they were started for.
#[server(input = Json)]
pub async fn read_instances(function: FunctionRef) -> Result<Vec<InstanceInfo>> {
    let (console, _) = crate::server::signed_in()?;
    Ok(console.control.list_instances(&function, None).await?)
}

/// Gives an instance, named by service, function and id, no more tasks, and leads back to where that was asked for.
#[server]
pub async fn drain_instance(region: Region, instance: String, back: String) -> Result<()> {
    use crate::{routes, server};
    use model::{FunctionName, InstanceId, ServiceName};
    let (console, _) = server::signed_in()?;
    let mut words = instance.splitn(3, '/');
    let mut word = || words.next().unwrap_or_default();
    let (service, function, id) = (ServiceName::from_stored(word()), FunctionName::from_stored(word()), InstanceId::from_stored(word()));
    console.control.drain_instance(&FunctionRef { region, service, function }, &id).await?;
    server::redirect(&routes::safe_next(&back));
    Ok(())
}
