//! Which versions and aliases a form offers.

use crate::error::Result;
use crate::server::Console;
use model::{Alias, ListQuery, Qualifier, ServiceRef, Version, VersionQuery, limits};

/// Versions or aliases of a service that are read at most: what a person can choose from.
const CHOICES_MAX: usize = 500;
/// Characters of a description within a choice.
const DESCRIPTION_CHARS_MAX: usize = 40;

/// `LATEST`, the aliases by name, the versions from the newest on: values and words of a select. `asked` is offered even where the
/// service has no such version or alias, so that a call with it fails by name.
pub async fn choices(console: &Console, service: &ServiceRef, asked: &str) -> Result<Vec<(String, String)>> {
    let mut choices = vec![(Qualifier::LATEST.to_owned(), Qualifier::LATEST.to_owned())];
    for alias in aliases(console, service).await? {
        let to = match alias.spec.additional {
            Some(canary) => t!("versions {main} and {canary}", main = alias.spec.version, canary = canary.version),
            None => t!("version {version}", version = alias.spec.version),
        };
        choices.push((alias.name.to_string(), format!("{} ({to})", alias.name)));
    }
    choices.extend(version_choices(&versions(console, service).await?));
    if !asked.is_empty() && choices.iter().all(|(value, _)| value != asked) {
        choices.push((asked.to_owned(), asked.to_owned()));
    }
    Ok(choices)
}

/// Versions as values and words of a select.
pub fn version_choices(versions: &[Version]) -> Vec<(String, String)> {
    let words = |version: &Version| {
        let (id, description) = (version.id, &version.description);
        match description.char_indices().nth(DESCRIPTION_CHARS_MAX) {
            Some((end, _)) => format!("{id} – {}…", description.get(..end).unwrap_or_default()),
            None if description.is_empty() => id.to_string(),
            None => format!("{id} – {description}"),
        }
    };
    versions.iter().map(|version| (version.id.to_string(), words(version))).collect()
}

/// The versions of a service, the newest first.
pub async fn versions(console: &Console, service: &ServiceRef) -> Result<Vec<Version>> {
    let mut query = VersionQuery { limit: limits::PAGE_ROWS_MAX, ..VersionQuery::default() };
    let mut versions = Vec::new();
    loop {
        let page = console.control.list_versions(service, query).await?;
        versions.extend(page.items);
        match page.next_token.parse() {
            Ok(start) if versions.len() < CHOICES_MAX => query.start = Some(model::VersionId::from_stored(start)),
            _ => return Ok(versions),
        }
    }
}

/// The aliases of a service by name.
pub async fn aliases(console: &Console, service: &ServiceRef) -> Result<Vec<Alias>> {
    let mut query = ListQuery { limit: limits::PAGE_ROWS_MAX, ..ListQuery::default() };
    let mut aliases = Vec::new();
    loop {
        let page = console.control.list_aliases(service, &query).await?;
        aliases.extend(page.items);
        if page.next_token.is_empty() || aliases.len() >= CHOICES_MAX {
            return Ok(aliases);
        }
        query.next_token = page.next_token;
    }
}
