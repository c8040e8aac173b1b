use crate::error::Result;
use leptos::prelude::*;
use model::{AliasName, Page, Region, ServiceName, ServiceRef, UnixMillis, VersionId};
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    pub id: VersionId,
    pub description: String,
    pub published_at: UnixMillis,
    /// Aliases that lead to it, as main or canary version.
    pub aliases: Vec<AliasName>,
}

/// Versions of a service, the newest first, from the number `page` on.
#[server(input = Json)]
pub async fn versions(service: ServiceRef, page: String) -> Result<Page<Row>> {
    use model::VersionQuery;
    let (console, _) = crate::server::signed_in()?;
    let query = VersionQuery { start: VersionId::parse(&page).ok(), ..VersionQuery::default() };
    let found = console.control.list_versions(&service, query).await?;
    let aliases = crate::pages::qualifiers::aliases(&console, &service).await?;
    Ok(found.map(|version| Row {
        aliases: read::leading_to(version.id, &aliases),
        id: version.id,
        description: version.description,
        published_at: version.created_at,
    }))
}

/// One version.
#[server(input = Json)]
pub async fn version(service: ServiceRef, version: VersionId) -> Result<Row> {
    use model::{Qualifier, VersionQuery};
    let (console, _) = crate::server::signed_in()?;
    let query = VersionQuery { start: Some(version), limit: 1, ..VersionQuery::default() };
    let found = console.control.list_versions(&service, query).await?.items.into_iter().find(|found| found.id == version);
    let found = found.ok_or_else(|| Qualifier::from(version).missing_in(&service))?;
    let aliases = crate::pages::qualifiers::aliases(&console, &service).await?;
    let aliases = read::leading_to(version, &aliases);
    Ok(Row { id: version, description: found.description, published_at: found.created_at, aliases })
}

/// Publishes the service as it is and leads to the list.
#[server]
pub async fn publish_version(region: Region, service: ServiceName, description: String) -> Result<()> {
    use crate::error::ConsoleError;
    use crate::{notice::Notice, routes::Route, routes::ServicePage, server};
    use model::{ErrorCode, limits};
    let (console, _) = server::signed_in()?;
    let service = ServiceRef { region, service };
    let description = description.trim();
    if description.chars().count() > limits::DESCRIPTION_CHARS_MAX {
        return Err(ConsoleError::field("description", t!("Enter at most {most} characters.", most = limits::DESCRIPTION_CHARS_MAX)));
    }
    match console.control.publish_version(&service, description, None, false).await {
        Err(error) if error.code == ErrorCode::InvalidArgument => return Err(read::unchanged(&console, &service, error).await),
        published => published?,
    };
    server::redirect(&Route::Service(service, ServicePage::Versions).with_notice(Notice::VersionPublished));
    Ok(())
}

/// Deletes a version that no alias and no trigger leads to.
#[server]
pub async fn delete_version(region: Region, service: ServiceName, version: VersionId) -> Result<()> {
    use crate::{notice::Notice, routes::Route, routes::ServicePage, server};
    let (console, _) = server::signed_in()?;
    let service = ServiceRef { region, service };
    console.control.delete_version(&service, version).await?;
    server::redirect(&Route::Service(service, ServicePage::Versions).with_notice(Notice::VersionDeleted));
    Ok(())
}

#[cfg(feature = "ssr")]
mod read {
    use super::*;
    use crate::error::ConsoleError;
    use crate::server::Console;
    use model::{Alias, VersionQuery};

    /// The aliases that lead to a version.
    pub fn leading_to(version: VersionId, aliases: &[Alias]) -> Vec<AliasName> {
        let leads = |alias: &&Alias| alias.spec.versions().any(|named| named == version);
        aliases.iter().filter(leads).map(|alias| alias.name.clone()).collect()
    }

    /// Why nothing was published, with the version that the service is still equal to.
    pub async fn unchanged(console: &Console, service: &ServiceRef, error: model::Error) -> ConsoleError {
        let query = VersionQuery { limit: 1, ..VersionQuery::default() };
        let newest = console.control.list_versions(service, query).await.ok().and_then(|page| page.items.into_iter().next());
        match newest {
            Some(newest) => ConsoleError::new(error.code, t!("Nothing has changed since version {version}.", version = newest.id)),
            None => error.into(),
        }
    }
}
