//! The application: shared facts, and which page an address shows.

use crate::bootstrap::{Bootstrap, gather};
use crate::chrome::Frame;
use crate::forms::PostedForm;
use crate::navigation::{provide_location, use_location};
use crate::pages;
use crate::part::{Part, part};
use crate::reactive::{Invalidator, OwnJson, derive, memo, provide_live_control};
use crate::routes::Route as Address;
use crate::ui::{Erase, Keyed, NotFound, Title, dynamic};
use crate::zone::provide_clock;
use leptos::prelude::*;

/// The console, everything below `<body>`.
#[component]
pub fn App() -> impl IntoView {
    #[cfg(feature = "ssr")]
    leptos_meta::provide_meta_context();
    provide_location();
    provide_context(SharedValue::<Bootstrap, OwnJson>::new_with_encoding(gather).into_inner());
    provide_context(SharedValue::<PostedForm, OwnJson>::new_with_encoding(|| use_context::<PostedForm>().unwrap_or_default()).into_inner());
    provide_context(Invalidator::new());
    provide_live_control();
    provide_clock();
    // Tests and impatient users wait for it: from here on the page answers by itself.
    Effect::new(|_| {
        if let Some(root) = document().document_element() {
            _ = root.set_attribute("data-hydrated", "true");
        }
    });
    view! {
        <Title text="Taskyard"/>
        <Pages/>
    }
    .erase()
}

/// Sign-in stands alone, every other page in the frame.
#[component]
fn Pages() -> impl IntoView {
    let path = use_location().pathname;
    let address = memo(move || path.with(|path| Address::parse(path)));
    let stands_alone = memo(move || address.with(|address| *address == Some(Address::SignIn)));
    dynamic(move || if stands_alone.get() { part(Part::SignIn) } else { view! { <Frame address>{page(address)}</Frame> }.erase() })
}

/// What decides that a page is another one: all pages of a function share their frame.
fn frame_of(address: Option<Address>) -> Option<Address> {
    match address {
        Some(Address::Function(function, page)) => Some(Address::Function(function, page.tab())),
        other => other,
    }
}

fn page(address: Memo<Option<Address>>) -> AnyView {
    let regions = crate::bootstrap::use_bootstrap().regions;
    let shown = memo(move || frame_of(address.get()));
    let key = derive(move || shown.get().map(|address| address.path()).unwrap_or_default());
    let view = move |()| match shown.get_untracked() {
        Some(address) if address.region().is_some_and(|region| !regions.contains(region)) => {
            let region = address.region().map(ToString::to_string).unwrap_or_default();
            let what = t!("This install has no region {region}.", region);
            view! { <NotFound what/> }.erase()
        }
        None => view! { <NotFound what=t!("This address leads to no page of the console.")/> }.erase(),
        Some(Address::Home | Address::SignIn) => ().into_any(),
        Some(Address::Tasks(region)) => part(Part::TaskFunctions(region)),
        Some(Address::CreateTaskFunction(region)) => part(Part::CreateFunction(region, None)),
        Some(Address::CreateFunction(service)) => part(Part::CreateFunction(service.region, Some(service.service))),
        Some(Address::Services(region)) => part(Part::Services(region)),
        Some(Address::CreateService(region)) => part(Part::CreateService(region)),
        Some(Address::DeleteService(service)) => part(Part::DeleteService(service)),
        Some(Address::Functions(service)) => part(Part::Functions(service)),
        Some(Address::Admin(region, page)) => part(Part::Admin(region, page)),
        Some(Address::Components) => part(Part::Components),
        Some(Address::Service(service, page)) => part(Part::Service(service, page)),
        Some(Address::Function(function, tab)) => {
            let page = memo(move || match address.get() {
                Some(Address::Function(_, page)) => page,
                _ => tab.clone(),
            });
            view! { <pages::FunctionArea function page/> }.erase()
        }
    };
    view! { <Keyed key view/> }.erase()
}
