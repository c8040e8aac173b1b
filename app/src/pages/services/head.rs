use crate::routes::{Route, ServicePage};
use crate::ui::{Erase, HiddenField, Tab, Tabs};
use leptos::prelude::*;
use model::ServiceRef;

/// What is above every page of a service: the way up, its name, its lists.
#[component]
pub(crate) fn ServiceHead(
    service: ServiceRef,
    /// The list that the page belongs to.
    list: Route,
) -> impl IntoView {
    let tab = |route: Route, label| Tab { href: route.path(), label, keeps_query: false };
    let page = |page| Route::Service(service.clone(), page);
    let tabs = vec![
        tab(Route::Functions(service.clone()), t!("Functions")),
        tab(page(ServicePage::Versions), t!("Versions")),
        tab(page(ServicePage::Aliases), t!("Aliases")),
        tab(page(ServicePage::Configuration), t!("Configuration")),
    ];
    view! {
        <nav aria-label=t!("Breadcrumb") class="text-meta text-muted">
            <a href=Route::Services(service.region.clone()).path() class="hover:text-ink">{t!("Services")}</a>
        </nav>
        <p class="mt-1 text-title font-semibold tracking-tight wrap-anywhere">{service.service.to_string()}</p>
        <div class="mb-5 mt-3 border-b border-line">
            <Tabs label=t!("Service") tabs current=Signal::stored(list.path())/>
        </div>
    }
    .erase()
}

/// The service that a form is about, as the arguments `region` and `service` of its server function.
#[component]
pub(crate) fn ServiceFields(service: ServiceRef) -> impl IntoView {
    view! {
        <HiddenField name="region" value=service.region.to_string()/>
        <HiddenField name="service" value=service.service.to_string()/>
    }
    .erase()
}
