//! `Drain`: an instance takes no more tasks and ends when those in hand have (B-16). One form for the whole page, and a button in each row.

use super::api::DrainInstance;
use crate::navigation::use_location;
use crate::permission;
use crate::reactive::derive;
use crate::ui::{Erase, Glyph, HiddenField, Look, PostForm};
use leptos::prelude::*;
use model::{InstanceInfo, InstanceState, Region};
use server_fn::ServerFn;

const FORM: &str = "drain-instance";

/// The form that the page's [`DrainButton`]s send; errors show where this stands.
#[component]
pub(crate) fn DrainForm(region: Region) -> impl IntoView {
    let location = use_location();
    let back = derive(move || {
        let (path, search) = (location.pathname.get(), location.search.get());
        if search.is_empty() { path } else { format!("{path}?{}", search.trim_start_matches('?')) }
    });
    view! {
        <PostForm path=DrainInstance::PATH class="contents" id=FORM stays=true>
            <HiddenField name="region" value=region.to_string()/>
            <HiddenField name="back" value=back/>
        </PostForm>
    }
    .erase()
}

/// The button of a row; where it can't be pressed it says why.
#[component]
pub(super) fn DrainButton(row: InstanceInfo) -> impl IntoView {
    let id = row.id.to_string();
    let refusal = permission::refusal(DrainInstance::PATH).or_else(|| refusal(row.state).map(str::to_owned));
    view! {
        <button
            type=if refusal.is_some() { "button" } else { "submit" }
            form=FORM
            name="instance"
            value=format!("{}/{}/{id}", row.function.service, row.function.function)
            class=format!("{} drawn {}", Look::Drawn.classes(), Glyph::Invalid.class())
            aria-label=t!("Drain {id}", id)
            aria-disabled=refusal.is_some().then_some("true")
            title=refusal.unwrap_or_else(|| t!("Drain: no more tasks, and an end after those in hand").to_owned())
        ></button>
    }
    .erase()
}

fn refusal(state: InstanceState) -> Option<&'static str> {
    match state {
        InstanceState::Draining => Some(t!("This instance is being drained already.")),
        InstanceState::Stopping => Some(t!("This instance is being ended.")),
        InstanceState::Starting | InstanceState::Idle | InstanceState::Busy => None,
    }
}
