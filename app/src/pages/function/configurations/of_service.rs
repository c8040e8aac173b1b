//! What a function has of its service, and what this install has for none (C-59, C-60).

use super::api::{Configuration, OfService};
use crate::pages::services::{TagLink, print_tag};
use crate::reactive::memo;
use crate::routes::{Route, ServicePage};
use crate::ui::{Erase, Fact, Facts, LinkButton, Panel, dynamic};
use leptos::prelude::*;
use std::sync::Arc;

/// The panels `Network`, `Storage`, `Logs` and `Tags`.
#[component]
pub(super) fn Shared(details: ReadSignal<Configuration>) -> impl IntoView {
    let service = details.with_untracked(|f| f.function.service_ref());
    let region = service.region.clone();
    let actions: ChildrenFn = Arc::new(move || {
        let words = t!("Configure {name}", name = service.service);
        view! { <LinkButton href=Route::Service(service.clone(), ServicePage::Configuration).path()>{words}</LinkButton> }.erase()
    });
    let of = memo(move || details.with(|f| f.of_service.clone()));
    let text = move |read: fn(&OfService) -> &'static str| dynamic(move || of.with(read));
    let tags = move || {
        let tags = of.with(|of| of.tags.0.iter().map(|(key, value)| print_tag(key, value)).collect::<Vec<_>>());
        if tags.is_empty() {
            return view! { <p class="text-muted">{t!("None")}</p> }.erase();
        }
        let each =
            tags.into_iter().map(|tag| view! { <li class="min-w-0 wrap-anywhere"><TagLink region=region.clone() tag/></li> }.erase());
        view! { <ul class="flex flex-wrap gap-x-5 gap-y-1.5">{each.collect::<Vec<_>>()}</ul> }.erase()
    };
    view! {
        <Panel title=t!("Network") actions=actions.clone()>
            <Facts>
                <Fact name=t!("Internet Access")>{text(|of| if of.internet_access { t!("On") } else { t!("Off") })}</Fact>
                <Fact name=t!("VPC")>{text(|of| missing(of.has_vpc))}</Fact>
                <Fact name=t!("Role")>{text(|of| missing(of.has_role))}</Fact>
            </Facts>
        </Panel>
        <Panel title=t!("Storage")>
            <Facts>
                <Fact name=t!("NAS Mounts")>{text(|of| missing(of.has_nas))}</Fact>
                <Fact name=t!("OSS Mounts")>{text(|of| missing(of.has_oss))}</Fact>
            </Facts>
        </Panel>
        <Panel title=t!("Logs") actions=actions.clone()>
            <Facts>
                <Fact name=t!("Logging") wide=true>
                    {text(|of| if of.logging { t!("On") } else { t!("Off: nothing is kept of what the function writes.") })}
                </Fact>
            </Facts>
        </Panel>
        <Panel title=t!("Tags of the service") actions>
            {dynamic(tags)}
        </Panel>
    }
    .erase()
}

/// What this install does not act on, and whether the service has it set all the same.
fn missing(is_set: bool) -> &'static str {
    if is_set { t!("set, but not available on this install") } else { t!("not available on this install") }
}
