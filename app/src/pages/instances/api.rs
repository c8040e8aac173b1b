use crate::error::Result;
use leptos::prelude::*;
use model::{InstanceInfo, InstanceState, Region};
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

/// The instances that the filters leave, and what can be filtered by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    pub rows: Vec<InstanceInfo>,
    /// There are more instances than were looked at.
    pub is_cut: bool,
    /// `service/function` of every instance.
    pub functions: Vec<String>,
    /// The filters in force; empty for all.
    pub function: String,
    pub status: Option<InstanceState>,
}

/// The instances of a region that the page's query string asks for.
#[server(input = Json)]
pub async fn region_instances(region: Region, search: String) -> Result<Running> {
    use crate::routes;
    use model::limits::REGION_INSTANCES_SHOWN_MAX;
    use std::collections::BTreeSet;
    let (console, _) = crate::server::signed_in()?;
    let pairs = routes::pairs(&search);
    let get = |wanted: &str| pairs.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone()).unwrap_or_default();
    let (function, word) = (get("function"), get("status"));
    let status = InstanceState::ALL.into_iter().find(|state| state.as_str() == word);
    let mut rows = console.control.region_instances(&region).await?;
    let is_cut = rows.len() >= REGION_INSTANCES_SHOWN_MAX;
    // One that is asked for stays among the choices when its last instance has gone.
    let asked = Some(function.clone()).filter(|function| !function.is_empty());
    let name = |row: &InstanceInfo| format!("{}/{}", row.function.service, row.function.function);
    let functions: BTreeSet<String> = rows.iter().map(name).chain(asked).collect();
    rows.retain(|row| (function.is_empty() || name(row) == function) && status.is_none_or(|status| row.state == status));
    Ok(Running { rows, is_cut, functions: functions.into_iter().collect(), function, status })
}
