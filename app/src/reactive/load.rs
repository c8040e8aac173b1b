//! The one way to show what a server function returns.

use super::data::{Data, Json, Outcome};
use super::wire::decode;
use crate::error::Result;
use crate::reactive::effect;
use crate::ui::{Erase, ErrorPage, Skeleton};
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
    view: Callback<ReadSignal<T>, AnyView>,
    /// Rows of the skeleton; none for what mostly shows nothing.
    #[prop(default = 6)]
    rows: usize,
    /// True where the page's title is part of the view.
    #[prop(optional)]
    titled: bool,
) -> impl IntoView
where
    T: PartialEq + DeserializeOwned + Send + Sync + 'static,
{
    let draw = move |json: &str| {
        let value = RwSignal::new(decode::<T>(json)?);
        let update = move |json: &str| {
            // A value that can't be read leaves the one before.
            if let Ok(new) = decode::<T>(json)
                && value.with_untracked(|old| *old != new)
            {
                value.set(new);
            }
        };
        Ok(Drawn { view: view.run(value.read_only()), update: Box::new(update) })
    };
    load_json(data.outcome, Arc::new(draw), rows, titled)
}

/// Draws the first value, from its JSON.
type Draw = Arc<dyn Fn(&str) -> Result<Drawn> + Send + Sync>;

/// Takes a later value, from its JSON.
type TakeNew = Box<dyn Fn(&str) + Send + Sync>;

/// A view and what tells it of a new value.
struct Drawn {
    view: AnyView,
    update: TakeNew,
}

/// [`Load`] without the value's type.
fn load_json(outcome: Json, draw: Draw, rows: usize, titled: bool) -> AnyView {
    // Bumped when the outcome changes its kind, from error to value or back.
    let kind = RwSignal::new(0_u32);
    let body = move || {
        kind.track();
        let draw = draw.clone();
        Suspend::new(async move {
            let first = first(outcome).await;
            let drawn = match first.error() {
                None => draw(&first.json),
                Some(error) => Err(error),
            };
            match drawn {
                Ok(Drawn { view, update }) => {
                    follow(outcome, kind, Some(update));
                    view
                }
                Err(error) => {
                    follow(outcome, kind, None);
                    view! { <ErrorPage error alone=titled retry=Callback::new(move |()| outcome.refetch())/> }.erase()
                }
            }
        })
    };
    view! { <Transition fallback=move || (rows > 0).then(|| view! { <Skeleton rows/> }.erase())>{body}</Transition> }.erase()
}

/// Passes new values on, and has everything drawn again when a value follows an error or an error a value.
fn follow(outcome: Json, kind: RwSignal<u32>, update: Option<TakeNew>) {
    effect(move || {
        let Some(new) = outcome.get() else { return };
        match (&update, new.error()) {
            (Some(update), None) => update(&new.json),
            // What is shown stays while the server can't be reached.
            (Some(_), Some(error)) if error.is_transient() => {}
            (None, Some(_)) => {}
            _ => kind.update(|n| *n += 1),
        }
    });
}

/// Waits for the resource without subscribing whoever polls to its later changes.
async fn first(outcome: Json) -> Outcome {
    let mut future = Box::pin(outcome.into_future());
    poll_fn(move |cx| untrack(|| future.as_mut().poll(cx))).await
}
