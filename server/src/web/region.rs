//! The region select (C-02).

use app::routes::{AdminPage, Route, ServicePage};
use app::server::Console;
use axum::extract::{Extension, Query};
use axum::response::Redirect;
use model::{ControlPlane, Qualifier, Region, ServiceRef};
use serde::Deserialize;

/// The form's fields.
#[derive(Deserialize)]
pub(super) struct Switch {
    #[serde(default)]
    region: String,
    /// Path of the page it was on.
    #[serde(default)]
    from: String,
}

/// Leads to the same kind of page in the chosen region, or to the nearest list above it that exists there.
pub(super) async fn switch(Extension(console): Extension<Console>, Query(query): Query<Switch>) -> Redirect {
    let region = Region::from_stored(query.region);
    let page = Route::parse(&query.from).filter(|page| page.region().is_some()).unwrap_or_else(|| Route::Tasks(region.clone()));
    let mut page = page.in_region(region);
    if console.user.is_some() {
        while !exists(console.control.as_ref(), &page).await {
            page = page.parent();
        }
    }
    Redirect::to(&page.path())
}

async fn has_page(control: &dyn ControlPlane, service: &ServiceRef, page: &ServicePage) -> bool {
    match page {
        ServicePage::DeleteVersion(version) => control.get_service_at(service, &Qualifier::from(*version)).await.is_ok(),
        ServicePage::ModifyAlias(alias) | ServicePage::DeleteAlias(alias) => control.get_alias(service, alias).await.is_ok(),
        _ => control.get_service(service).await.is_ok(),
    }
}

async fn exists(control: &dyn ControlPlane, page: &Route) -> bool {
    match page {
        Route::Functions(service) | Route::CreateFunction(service) | Route::DeleteService(service) => {
            control.get_service(service).await.is_ok()
        }
        Route::Service(service, page) => has_page(control, service, page).await,
        Route::Function(function, app::routes::FunctionPage::Task(id)) => control.get_task(&function.task(id.clone())).await.is_ok(),
        Route::Function(function, _) => control.get_function(function).await.is_ok(),
        Route::Admin(region, AdminPage::Bulk(id)) => control.get_bulk(region, id).await.is_ok(),
        _ => true,
    }
}
