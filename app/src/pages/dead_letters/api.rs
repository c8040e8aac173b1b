use crate::error::Result;
use crate::pages::function::tasks::ErrorText;
use leptos::prelude::*;
use model::{DeadLetterGroup, FunctionName, Region, ServiceName, UnixMillis};
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

/// The window that is meant where none is named, in days.
pub(super) const DEFAULT_WINDOW: u32 = 7;

/// Windows in days and their words; 0 is for ever.
pub(super) fn windows() -> [(u32, &'static str); 4] {
    [(DEFAULT_WINDOW, t!("7 days")), (1, t!("24 hours")), (30, t!("30 days")), (0, t!("All"))]
}

/// A group, and the error of its sample in readable parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Without its message, which `error` has.
    pub group: DeadLetterGroup,
    pub error: ErrorText,
}

/// The groups that the filters leave, and what can be filtered by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dead {
    pub groups: Vec<Group>,
    /// Not everything was looked at.
    pub is_partial: bool,
    /// `service/function` of every group.
    pub functions: Vec<String>,
    /// Kind of error of every group.
    pub kinds: Vec<String>,
    /// The filters in force; empty for all.
    pub function: String,
    pub kind: String,
    pub days: u32,
    /// Start of the window.
    pub since: Option<UnixMillis>,
}

/// The dead letters of a region that the page's query string asks for.
#[server(input = Json)]
pub async fn dead_letters(region: Region, search: String) -> Result<Dead> {
    use crate::routes;
    use std::collections::BTreeSet;
    let (console, _) = crate::server::signed_in()?;
    let pairs = routes::pairs(&search);
    let get = |wanted: &str| pairs.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone()).unwrap_or_default();
    let days = get("window").parse().ok().filter(|days| windows().iter().any(|(window, _)| window == days)).unwrap_or(DEFAULT_WINDOW);
    let since = (days > 0).then(|| console.control.now().plus_ms(-i64::from(days) * 86_400_000));
    let found = console.control.list_dead_letters(&region, since).await?;
    let (function, kind) = (get("function"), get("kind"));
    let functions: BTreeSet<String> = found.groups.iter().map(read::name).collect();
    let kinds: BTreeSet<String> = found.groups.iter().map(|group| group.key.error_kind.clone()).filter(|kind| !kind.is_empty()).collect();
    let is_shown = |group: &DeadLetterGroup| {
        (function.is_empty() || read::name(group) == function) && (kind.is_empty() || group.key.error_kind == kind)
    };
    let groups = found.groups.into_iter().filter(is_shown).map(read::group).collect();
    let (functions, kinds) = (functions.into_iter().collect(), kinds.into_iter().collect());
    Ok(Dead { groups, is_partial: found.is_partial, functions, kinds, function, kind, days, since })
}

/// Leaves what a group holds by now out of the list and leads back to it.
#[server]
pub async fn dismiss_dead_letters(
    region: Region,
    service: ServiceName,
    function: FunctionName,
    status: String,
    #[server(default)] kind: String,
    until: i64,
    back: String,
) -> Result<()> {
    use crate::{error::ConsoleError, routes, server};
    use model::{DeadLetterKey, ErrorCode, FunctionRef, TaskStatus};
    let (console, _) = server::signed_in()?;
    let incomplete = || ConsoleError::new(ErrorCode::InvalidArgument, t!("The form is not complete. Reload the page and try again."));
    let status = TaskStatus::parse(&status).ok_or_else(incomplete)?;
    let key = DeadLetterKey { function: FunctionRef { region, service, function }, status, error_kind: kind };
    console.control.dismiss_dead_letters(&key, UnixMillis(until)).await?;
    server::redirect(&routes::safe_next(&back));
    Ok(())
}

#[cfg(feature = "ssr")]
mod read {
    use super::*;

    pub fn group(mut group: DeadLetterGroup) -> Group {
        let message = std::mem::take(&mut group.message);
        let error = ErrorText::read(&group.key.error_kind, &message);
        Group { group, error }
    }

    /// `service/function`.
    pub fn name(group: &DeadLetterGroup) -> String {
        format!("{}/{}", group.key.function.service, group.key.function.function)
    }
}
