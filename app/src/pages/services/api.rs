use crate::error::Result;
use leptos::prelude::*;
use model::{FunctionName, Page, Region, ServiceName, ServiceRef, Tags, UnixMillis};
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    pub name: ServiceName,
    pub description: String,
    /// As far as they were counted.
    pub functions: u64,
    /// True when there are more.
    pub has_more: bool,
    pub tags: Tags,
    pub created_at: UnixMillis,
}

/// What can be changed of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    pub description: String,
    pub logging: bool,
    pub internet_access: bool,
    pub tags: Tags,
    /// What a change says it was made of.
    pub version: String,
}

/// Services whose name begins with `search` and that have the tag, where one is given, from `page` on.
#[server(input = Json)]
pub async fn services(region: Region, search: String, tag: String, page: String) -> Result<Page<Row>> {
    use model::{ErrorCode, ListQuery};
    let (console, _) = crate::server::signed_in()?;
    let query = ListQuery { prefix: search, next_token: page, ..ListQuery::default() };
    let found = match super::tags::parse_tag(&tag) {
        None => console.control.list_services(&region, &query).await?,
        Some(tag) => console.control.list_services_tagged(&region, &Tags([tag].into_iter().collect()), &query).await?,
    };
    let mut rows = Vec::with_capacity(found.items.len());
    for service in found.items {
        match read::row(&console, service).await {
            // It was deleted meanwhile.
            Err(error) if error.code == ErrorCode::ServiceNotFound => {}
            row => rows.push(row?),
        }
    }
    Ok(Page { items: rows, next_token: found.next_token })
}

/// Tags that services of the region have, for the filter: those of the first hundred that have some, and the chosen one.
#[server(input = Json)]
pub async fn tag_choices(region: Region, chosen: String) -> Result<Vec<String>> {
    use super::tags::print_tag;
    use model::{ListQuery, limits};
    use std::collections::BTreeSet;
    let (console, _) = crate::server::signed_in()?;
    let query = ListQuery { limit: limits::PAGE_ROWS_MAX, ..ListQuery::default() };
    let tagged = console.control.list_tagged_services(&region, &query).await?;
    let each = tagged.items.iter().flat_map(|service| service.tags.0.iter().map(|(key, value)| print_tag(key, value)));
    let choices: BTreeSet<String> = each.chain((!chosen.is_empty()).then_some(chosen)).collect();
    Ok(choices.into_iter().collect())
}

/// Makes a service and leads to its functions.
#[server]
pub async fn create_service(
    region: Region,
    name: String,
    description: String,
    logging: Option<String>,
    internet_access: Option<String>,
    tags: Option<String>,
) -> Result<()> {
    use crate::{forms::Checks, notice::Notice, routes::Route, server};
    use model::{ErrorCode, ServiceSpec};
    let (console, _) = server::signed_in()?;
    let mut checks = Checks::default();
    let parsed = ServiceName::parse(name.trim());
    if parsed.is_err() {
        checks.fail("name", t!("Use 1 to 128 letters, digits, _ or -. Start with a letter or _."));
    }
    let mut spec = ServiceSpec { description, internet_access: internet_access.is_some(), ..ServiceSpec::default() };
    if logging.is_none() {
        spec.extra = spec.switch_logging(false);
    }
    read::check_description(&mut checks, &spec);
    let tags = read::tags(&mut checks, &tags.unwrap_or_default());
    checks.finish()?;
    let service = console.control.create_service(&region, &parsed?, spec).await.map_err(|error| match error.code {
        ErrorCode::ServiceAlreadyExists => {
            crate::error::ConsoleError::new(error.code, "").with_field("name", t!("A service with this name exists."))
        }
        _ => error.into(),
    })?;
    let named = ServiceRef { region, service: service.name };
    if !tags.0.is_empty()
        && let Err(error) = console.control.tag_service(&named, tags).await
    {
        // Nothing stays half made.
        _ = console.control.delete_service(&named, None).await;
        return Err(error.into());
    }
    server::redirect(&Route::Functions(named).with_notice(Notice::ServiceCreated));
    Ok(())
}

/// What is set on a service.
#[server(input = Json)]
pub async fn service_settings(service: ServiceRef) -> Result<Settings> {
    let (console, _) = crate::server::signed_in()?;
    let stored = console.control.get_service(&service).await?;
    let tags = console.control.service_tags(&service).await?;
    Ok(Settings {
        version: read::version(&stored, &tags),
        logging: stored.spec.logging(),
        internet_access: stored.spec.internet_access,
        description: stored.spec.description,
        tags,
    })
}

/// Changes what is set on a service; refused when somebody else changed it since `etag` was read.
#[server]
pub async fn configure_service(
    region: Region,
    service: ServiceName,
    etag: String,
    description: String,
    logging: Option<String>,
    internet_access: Option<String>,
    tags: String,
) -> Result<()> {
    use crate::{forms::Checks, notice::Notice, routes::Route, routes::ServicePage, server};
    use model::{ErrorCode, ServicePatch, ServiceSpec};
    let (console, _) = server::signed_in()?;
    let named = ServiceRef { region, service };
    let mut checks = Checks::default();
    let description = description.trim().to_owned();
    read::check_description(&mut checks, &ServiceSpec { description: description.clone(), ..ServiceSpec::default() });
    let tags = read::tags(&mut checks, &tags);
    checks.finish()?;
    let stored = console.control.get_service(&named).await?;
    let tags_before = console.control.service_tags(&named).await?;
    // Where only the tags have changed meanwhile, no etag is the right one.
    let is_current = read::version(&stored, &tags_before) == etag;
    let etag = if is_current { stored.etag.as_str() } else { etag.as_str() };
    let extra = stored.spec.switch_logging(logging.is_some());
    let internet_access = internet_access.is_some();
    let patch = ServicePatch { description: Some(description), internet_access: Some(internet_access), extra, ..ServicePatch::default() };
    let wish = patch.clone();
    if let Err(error) = console.control.update_service(&named, patch, Some(etag)).await {
        return Err(match error.code {
            ErrorCode::PreconditionFailed | ErrorCode::ConcurrentUpdateError => {
                read::changed(&console, &named, error.code, wish.apply(stored.spec), &tags).await?
            }
            _ => error.into(),
        });
    }
    read::change_tags(&console, &named, &tags_before, tags).await?;
    server::redirect(&Route::Service(named, ServicePage::Configuration).with_notice(Notice::ServiceSaved));
    Ok(())
}

/// Names of functions that block the deletion of a service, at most a page of them.
#[server(input = Json)]
pub async fn blocking_functions(service: ServiceRef) -> Result<Vec<FunctionName>> {
    use model::ListQuery;
    let (console, _) = crate::server::signed_in()?;
    let page = console.control.list_functions(&service, &ListQuery::default()).await?;
    Ok(page.items.into_iter().map(|function| function.name).collect())
}

/// Deletes an empty service after its name was typed.
#[server]
pub async fn delete_service(region: Region, service: ServiceName, typed_name: String) -> Result<()> {
    use crate::{error::ConsoleError, notice::Notice, routes::Route, server};
    let (console, _) = server::signed_in()?;
    if typed_name.trim() != service.as_str() {
        return Err(ConsoleError::field("typed_name", t!("Type {name} to confirm.", name = service)));
    }
    console.control.delete_service(&ServiceRef { region: region.clone(), service }, None).await?;
    server::redirect(&Route::Services(region).with_notice(Notice::ServiceDeleted));
    Ok(())
}

#[cfg(feature = "ssr")]
mod read {
    use super::*;
    use crate::error::ConsoleError;
    use crate::forms::Checks;
    use crate::pages::create_function::print_environment;
    use crate::server::Console;
    use model::{ErrorCode, ListQuery, Service, ServiceSpec, Untag, limits};

    /// A service with what the list shows beside it.
    pub async fn row(console: &Console, service: Service) -> Result<Row> {
        let named = ServiceRef { region: service.region, service: service.name };
        let query = ListQuery { limit: limits::PAGE_ROWS_MAX, ..ListQuery::default() };
        let functions = console.control.list_functions(&named, &query).await?;
        Ok(Row {
            functions: functions.items.len() as u64,
            has_more: !functions.next_token.is_empty(),
            tags: console.control.service_tags(&named).await?,
            name: named.service,
            description: service.spec.description,
            created_at: service.created_at,
        })
    }

    /// Notes a description that is too long.
    pub fn check_description(checks: &mut Checks, spec: &ServiceSpec) {
        if let Err(error) = spec.validate() {
            checks.refuse("description", error);
        }
    }

    /// The tags of the field; what is wrong with them is noted.
    pub fn tags(checks: &mut Checks, text: &str) -> Tags {
        super::super::tags::read_tags(text).unwrap_or_else(|message| {
            checks.fail("tags", message);
            Tags::default()
        })
    }

    /// Names what a form was filled from: settings and tags, which are stored apart.
    pub fn version(service: &Service, tags: &Tags) -> String {
        format!("{} {}", service.etag, serde_json::to_string(tags).unwrap_or_default())
    }

    /// The error of who comes second, with what now differs from the wish.
    pub async fn changed(console: &Console, service: &ServiceRef, code: ErrorCode, wish: ServiceSpec, tags: &Tags) -> Result<ConsoleError> {
        let now = console.control.get_service(service).await?;
        let tags_now = console.control.service_tags(service).await?;
        let switch = |on: bool| if on { t!("On") } else { t!("Off") }.to_owned();
        let fields = vec![
            ("logging", switch(wish.logging()), switch(now.spec.logging())),
            ("internet_access", switch(wish.internet_access), switch(now.spec.internet_access)),
            ("tags", print_environment(&tags.0), print_environment(&tags_now.0)),
            ("description", wish.description, now.spec.description.clone()),
        ];
        let message = t!("Somebody changed this service meanwhile. What differs from yours stands beside it; OK saves yours.");
        Ok(ConsoleError::changed(code, message, version(&now, &tags_now), fields))
    }

    /// Takes off what is gone, then puts on what is new: in between there are never too many.
    pub async fn change_tags(console: &Console, service: &ServiceRef, before: &Tags, mut tags: Tags) -> Result<()> {
        let gone: Vec<String> = before.0.keys().filter(|key| !tags.0.contains_key(*key)).cloned().collect();
        if !gone.is_empty() {
            console.control.untag_service(service, &Untag::Named(gone)).await?;
        }
        tags.0.retain(|key, value| before.0.get(key) != Some(value));
        if !tags.0.is_empty() {
            console.control.tag_service(service, tags).await?;
        }
        Ok(())
    }
}
