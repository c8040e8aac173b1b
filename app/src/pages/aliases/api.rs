use crate::error::Result;
use leptos::prelude::*;
use model::{AliasName, AliasSpec, Page, Region, ServiceName, ServiceRef};
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub name: AliasName,
    pub spec: AliasSpec,
}

/// What the list shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Listed {
    pub rows: Page<Row>,
    /// False while there is nothing that an alias could lead to.
    pub has_versions: bool,
}

/// What the form begins with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Setup {
    /// Values and words of the selects.
    pub versions: Vec<(String, String)>,
    /// The alias that is changed, and its etag; `None` for a new one.
    pub now: Option<(AliasSpec, String)>,
}

/// Aliases of a service by name, from `page` on.
#[server(input = Json)]
pub async fn aliases(service: ServiceRef, page: String) -> Result<Listed> {
    use model::{ListQuery, VersionQuery};
    let (console, _) = crate::server::signed_in()?;
    let query = ListQuery { next_token: page, ..ListQuery::default() };
    let rows = console.control.list_aliases(&service, &query).await?.map(|alias| Row { name: alias.name, spec: alias.spec });
    let query = VersionQuery { limit: 1, ..VersionQuery::default() };
    let has_versions = !console.control.list_versions(&service, query).await?.items.is_empty();
    Ok(Listed { rows, has_versions })
}

/// The versions to choose from, and the alias as it is.
#[server(input = Json)]
pub async fn alias_setup(service: ServiceRef, alias: Option<AliasName>) -> Result<Setup> {
    use crate::pages::qualifiers;
    let (console, _) = crate::server::signed_in()?;
    let now = match alias {
        Some(name) => Some(console.control.get_alias(&service, &name).await?),
        None => None,
    };
    let mut versions = qualifiers::version_choices(&qualifiers::versions(&console, &service).await?);
    for version in now.iter().flat_map(|alias| alias.spec.versions()) {
        let value = version.to_string();
        if versions.iter().all(|(known, _)| *known != value) {
            versions.push((value.clone(), value));
        }
    }
    Ok(Setup { versions, now: now.map(|alias| (alias.spec, alias.etag)) })
}

/// Makes an alias and leads to the list.
#[server]
pub async fn create_alias(
    region: Region,
    service: ServiceName,
    name: String,
    version: String,
    canary: String,
    weight: String,
    description: String,
) -> Result<()> {
    use crate::error::ConsoleError;
    use crate::{forms::Checks, notice::Notice, routes::Route, routes::ServicePage, server};
    use model::ErrorCode;
    let (console, _) = server::signed_in()?;
    let service = ServiceRef { region, service };
    let mut checks = Checks::default();
    let name = read::name(&mut checks, name.trim());
    let spec = read::spec(&mut checks, &version, &canary, &weight, &description);
    checks.finish()?;
    console.control.create_alias(&service, &name, spec).await.map_err(|error| match error.code {
        ErrorCode::AliasAlreadyExists => ConsoleError::new(error.code, "").with_field("name", t!("An alias with this name exists.")),
        _ => read::refusal(error, &canary),
    })?;
    server::redirect(&Route::Service(service, ServicePage::Aliases).with_notice(Notice::AliasCreated));
    Ok(())
}

/// Changes an alias; refused when somebody else changed it since `etag` was read.
#[server]
pub async fn modify_alias(
    region: Region,
    service: ServiceName,
    alias: AliasName,
    etag: String,
    version: String,
    canary: String,
    weight: String,
    description: String,
) -> Result<()> {
    use crate::{error::ConsoleError, forms::Checks, notice::Notice, routes::Route, routes::ServicePage, server};
    use model::{AliasPatch, ErrorCode, WeightedVersion};
    let (console, _) = server::signed_in()?;
    let service = ServiceRef { region, service };
    let mut checks = Checks::default();
    let spec = read::spec(&mut checks, &version, &canary, &weight, &description);
    checks.finish()?;
    let patch = AliasPatch { version: Some(spec.version), description: Some(spec.description), additional: Some(spec.additional) };
    if let Err(error) = console.control.update_alias(&service, &alias, patch, Some(&etag)).await {
        if !matches!(error.code, ErrorCode::PreconditionFailed | ErrorCode::ConcurrentUpdateError) {
            return Err(read::refusal(error, &canary));
        }
        let now = console.control.get_alias(&service, &alias).await?;
        let additional = |of: fn(&WeightedVersion) -> String| now.spec.additional.as_ref().map(of).unwrap_or_default();
        let weight = if canary.is_empty() { String::new() } else { weight.trim().to_owned() };
        let fields = vec![
            ("version", version, now.spec.version.to_string()),
            ("canary", canary, additional(|canary| canary.version.to_string())),
            ("weight", weight, additional(|canary| ((canary.weight * 10_000.0).round() / 100.0).to_string())),
            ("description", description.trim().to_owned(), now.spec.description.clone()),
        ];
        let message = t!("Somebody changed this alias meanwhile. What differs from yours stands beside it; OK saves yours.");
        return Err(ConsoleError::changed(error.code, message, now.etag, fields));
    }
    server::redirect(&Route::Service(service, ServicePage::Aliases).with_notice(Notice::AliasSaved));
    Ok(())
}

/// Deletes an alias that no trigger calls.
#[server]
pub async fn delete_alias(region: Region, service: ServiceName, alias: AliasName) -> Result<()> {
    use crate::{notice::Notice, routes::Route, routes::ServicePage, server};
    let (console, _) = server::signed_in()?;
    let service = ServiceRef { region, service };
    console.control.delete_alias(&service, &alias, None).await?;
    server::redirect(&Route::Service(service, ServicePage::Aliases).with_notice(Notice::AliasDeleted));
    Ok(())
}

#[cfg(feature = "ssr")]
mod read {
    use super::*;
    use crate::error::ConsoleError;
    use crate::forms::Checks;
    use model::{ErrorCode, Qualifier, VersionId, WeightedVersion, limits};

    /// The name of a new alias.
    pub fn name(checks: &mut Checks, text: &str) -> AliasName {
        let rule = match text {
            Qualifier::LATEST => t!("LATEST always names the current code. Choose another name."),
            _ => t!("Use letters, digits, _ or -. Do not start with a digit or -."),
        };
        AliasName::parse(text).unwrap_or_else(|_| {
            checks.fail("name", rule);
            AliasName::from_stored(text)
        })
    }

    /// What the other fields say; the error names every wrong one.
    pub fn spec(checks: &mut Checks, version: &str, canary: &str, weight: &str, description: &str) -> AliasSpec {
        let none = VersionId::from_stored(0);
        let version = VersionId::parse(version).unwrap_or_else(|_| {
            checks.fail("version", t!("Choose a version."));
            none
        });
        let additional = (!canary.is_empty()).then(|| {
            let canary = VersionId::parse(canary).ok().filter(|canary| *canary != version).unwrap_or_else(|| {
                checks.fail("canary", t!("Choose a different version."));
                none
            });
            let share = weight.trim().parse().ok().filter(|percent| (0.0..=100.0).contains(percent)).unwrap_or_else(|| {
                checks.fail("weight", t!("Enter 0 to 100."));
                0.0
            });
            WeightedVersion { version: canary, weight: share / 100.0 }
        });
        let description = description.trim().to_owned();
        if description.chars().count() > limits::DESCRIPTION_CHARS_MAX {
            checks.fail("description", t!("Enter at most {most} characters.", most = limits::DESCRIPTION_CHARS_MAX));
        }
        AliasSpec { version, description, additional }
    }

    /// An error of the engine, beside the field that it concerns.
    pub fn refusal(error: model::Error, canary: &str) -> ConsoleError {
        match error.code {
            ErrorCode::VersionNotFound => {
                let field = if error.message.contains(&format!("'{canary}'")) { "canary" } else { "version" };
                ConsoleError::new(error.code, "").with_field(field, t!("This version does not exist any more."))
            }
            _ => error.into(),
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn sc22_aliases_are_checked_field_by_field() {
            let check = |[text, version, canary, weight]: [&str; 4], expected: std::result::Result<Option<f64>, &[&str]>| {
                let mut checks = Checks::default();
                name(&mut checks, text);
                let spec = spec(&mut checks, version, canary, weight, "");
                let found = checks.finish().map(|()| spec.additional.map(|canary| canary.weight));
                let found = found.map_err(|error| error.fields.iter().map(|field| field.message.clone()).collect::<Vec<_>>());
                assert_eq!(
                    found,
                    expected.map_err(|words| words.iter().map(ToString::to_string).collect()),
                    "{text} {version} {canary} {weight}"
                );
            };
            const NAME: &str = "Use letters, digits, _ or -. Do not start with a digit or -.";
            check(["prod", "1", "", "bad"], Ok(None));
            check(["prod", "1", "2", " 12.5 "], Ok(Some(0.125)));
            check(["prod", "1", "2", "0"], Ok(Some(0.0)));
            check(["prod", "1", "2", "100"], Ok(Some(1.0)));
            check(["1prod", "1", "1", "101"], Err(&[NAME, "Choose a different version.", "Enter 0 to 100."]));
            check(
                ["LATEST", "", "2", ""],
                Err(&["LATEST always names the current code. Choose another name.", "Choose a version.", "Enter 0 to 100."]),
            );
            check(["prod", "1", "2", "NaN"], Err(&["Enter 0 to 100."]));
            check(["", "1", "x", "-1"], Err(&[NAME, "Choose a different version.", "Enter 0 to 100."]));
        }
    }
}
