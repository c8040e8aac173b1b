//! The one way to show what a server function returns.

use super::data::{Data, Outcome};
use super::wire::decode;
use crate::ui::{ErrorPage, Skeleton};
use codee::string::FromToStringCodec;
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use std::future::{Future, IntoFuture, poll_fn};
use std::sync::Arc;

/// Shows data: a skeleton until it is there, an error page when it fails, else `view`.
///
/// `view` runs once and gets a signal that follows the data, so that reading it again changes cells and keeps everything else: open
/// menus, focus, scroll, half-filled forms. Rules: make the data outside with [`super::use_data`], and use one `Load` for it.
#[component]
pub fn Load<T>(
    /// What the server function returns.
    data: Data<T>,
    /// Draws the value; called once.
    #[prop(into)]
    view: Callback<Signal<T>, AnyView>,
    /// Rows of the skeleton.
    #[prop(default = 6)]
    rows: usize,
    /// True where the page's title is part of the view.
    #[prop(optional)]
    titled: bool,
) -> impl IntoView
where
    T: Clone + PartialEq + DeserializeOwned + Send + Sync + 'static,
{
    let draw = Callback::new(move |json: Signal<Arc<str>>| match decode::<T>(&json.read_untracked()) {
        Ok(first) => {
            // A value that can't be read leaves the one before.
            let value =
                Memo::new(move |old: Option<&T>| decode::<T>(&json.read()).ok().or_else(|| old.cloned()).unwrap_or_else(|| first.clone()));
            view.run(value.into())
        }
        Err(error) => view! { <ErrorPage error alone=titled retry=Callback::new(move |()| data.refetch())/> }.into_any(),
    });
    view! { <LoadJson outcome=data.outcome draw rows titled/> }.into_any()
}

/// [`Load`] without the value's type.
#[component]
fn LoadJson(
    outcome: Resource<Outcome, FromToStringCodec>,
    draw: Callback<Signal<Arc<str>>, AnyView>,
    rows: usize,
    titled: bool,
) -> impl IntoView {
    // Bumped when the outcome changes its kind, from error to value or back.
    let kind = RwSignal::new(0_u32);
    let body = move || {
        kind.track();
        Suspend::new(async move {
            let first = first(outcome).await;
            let was_ok = first.is_ok;
            let json = RwSignal::new(first.json.clone());
            Effect::new(move |_| {
                let Some(new) = outcome.get() else { return };
                match (was_ok, new.is_ok) {
                    (true, true) if *json.read_untracked() != new.json => json.set(new.json),
                    // What is shown stays while the server can't be reached.
                    (true, false) if !new.error().is_some_and(|error| error.is_transient()) => kind.update(|n| *n += 1),
                    (false, true) => kind.update(|n| *n += 1),
                    _ => {}
                }
            });
            match first.error() {
                None => draw.run(json.into()),
                Some(error) => view! { <ErrorPage error alone=titled retry=Callback::new(move |()| outcome.refetch())/> }.into_any(),
            }
        })
    };
    view! { <Transition fallback=move || view! { <Skeleton rows/> }>{body}</Transition> }.into_any()
}

/// Waits for the resource without subscribing whoever polls to its later changes.
async fn first(outcome: Resource<Outcome, FromToStringCodec>) -> Outcome {
    let mut future = Box::pin(outcome.into_future());
    poll_fn(move |cx| untrack(|| future.as_mut().poll(cx))).await
}
