use crate::error::Result;
use leptos::prelude::*;
use model::{FunctionName, Page, Region, Service, ServiceName, ServiceRef};
use server_fn::codec::Json;

/// Services whose name begins with `search`, from `page` on.
#[server(input = Json)]
pub async fn services(region: Region, search: String, page: String) -> Result<Page<Service>> {
    use model::ListQuery;
    let (console, _) = crate::server::signed_in()?;
    let query = ListQuery { prefix: search, next_token: page, ..ListQuery::default() };
    Ok(console.control.list_services(&region, &query).await?)
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
        checks.fail("name", "Use 1 to 128 letters, digits, _ or -. Start with a letter or _.");
    }
    let spec = ServiceSpec { description, ..ServiceSpec::default() };
    if let Err(error) = spec.validate() {
        checks.fail("description", error.message);
    }
    checks.finish()?;
    let service = console.control.create_service(&region, &parsed?, spec).await.map_err(|error| match error.code {
        ErrorCode::ServiceAlreadyExists => {
            crate::error::ConsoleError::new(error.code, "").with_field("name", "A service with this name exists.")
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
        return Err(ConsoleError::field("typed_name", format!("Type {service} to confirm.")));
    }
    console.control.delete_service(&ServiceRef { region: region.clone(), service }, None).await?;
    server::redirect(&Route::Services(region).with_notice(Notice::ServiceDeleted));
    Ok(())
}
