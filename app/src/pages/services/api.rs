use crate::error::Result;
use leptos::prelude::*;
use model::{FunctionName, Page, Region, ServiceName, ServiceRef, UnixMillis};
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    pub name: ServiceName,
    pub description: String,
    pub created_at: UnixMillis,
}

/// Services whose name begins with `search`, from `page` on.
#[server(input = Json)]
pub async fn services(region: Region, search: String, page: String) -> Result<Page<Row>> {
    use model::ListQuery;
    let (console, _) = crate::server::signed_in()?;
    let query = ListQuery { prefix: search, next_token: page, ..ListQuery::default() };
    let found = console.control.list_services(&region, &query).await?;
    Ok(found.map(|service| Row { name: service.name, description: service.spec.description, created_at: service.created_at }))
}

/// Makes a service and leads to its functions.
#[server]
pub async fn create_service(region: Region, name: String, description: String) -> Result<()> {
    use crate::{forms::Checks, notice::Notice, routes::Route, server};
    use model::{ErrorCode, ServiceSpec};
    let (console, _) = server::signed_in()?;
    let mut checks = Checks::default();
    let parsed = ServiceName::parse(name.trim());
    if parsed.is_err() {
        checks.fail("name", t!("Use 1 to 128 letters, digits, _ or -. Start with a letter or _."));
    }
    let spec = ServiceSpec { description, ..ServiceSpec::default() };
    if let Err(error) = spec.validate() {
        checks.fail("description", crate::language::message(error.message.into()));
    }
    checks.finish()?;
    let service = console.control.create_service(&region, &parsed?, spec).await.map_err(|error| match error.code {
        ErrorCode::ServiceAlreadyExists => {
            crate::error::ConsoleError::new(error.code, "").with_field("name", t!("A service with this name exists."))
        }
        _ => error.into(),
    })?;
    server::redirect(&Route::Functions(ServiceRef { region, service: service.name }).with_notice(Notice::ServiceCreated));
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
