//! The one way to show what a server function returns.

use crate::error::Result;
use crate::ui::{ErrorPage, Skeleton};
use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};
use std::future::{Future, IntoFuture, poll_fn};
use std::sync::Arc;

/// Shows a resource: a skeleton until it is there, an error page when it fails, else `view`.
///
/// `view` runs once and gets a signal that follows the resource, so that a refetch changes cells and keeps everything else: open
/// menus, focus, scroll, half-filled forms. Rules: create the resource outside, read it nowhere else, and use one `Load` for it.
#[component]
pub fn Load<T>(
    /// What the server function returns.
    resource: Resource<Result<T>>,
    /// Draws the value; called once.
    #[prop(into)]
    view: Callback<Signal<T>, AnyView>,
    /// Rows of the skeleton.
    #[prop(default = 6)]
    rows: usize,
) -> impl IntoView
where
    T: Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    // Bumped when the outcome changes its kind, from error to value or back.
    let kind = RwSignal::new(0_u32);
    view! {
        <Transition fallback=move || view! { <Skeleton rows/> }>
            {move || {
                kind.track();
                Suspend::new(async move {
                    let outcome = first(resource).await;
                    let failed = outcome.is_err();
                    let value = RwSignal::new(outcome.as_ref().ok().cloned());
                    Effect::new(move |_| match resource.get() {
                        Some(Ok(new)) if failed => drop(new),
                        Some(Ok(new)) => {
                            if value.with_untracked(|old| old.as_ref() != Some(&new)) {
                                value.set(Some(new));
                            }
                        }
                        // What is shown stays while the server can't be reached.
                        Some(Err(error)) if !failed && !error.is_transient() => kind.update(|n| *n += 1),
                        _ => {}
                    });
                    Effect::new(move |_| {
                        if failed && resource.with(|outcome| matches!(outcome, Some(Ok(_)))) {
                            kind.update(|n| *n += 1);
                        }
                    });
                    match outcome {
                        Ok(first) => {
                            let first = Arc::new(first);
                            let value = Signal::derive(move || value.get().unwrap_or_else(|| (*first).clone()));
                            view.run(value)
                        }
                        Err(error) => view! { <ErrorPage error retry=Callback::new(move |()| resource.refetch())/> }.into_any(),
                    }
                })
            }}
        </Transition>
    }
    .into_any()
}

/// Waits for the resource without subscribing whoever polls to its later changes.
async fn first<T: Clone + Send + Sync + 'static>(resource: Resource<Result<T>>) -> Result<T> {
    let mut future = Box::pin(resource.into_future());
    poll_fn(move |cx| untrack(|| future.as_mut().poll(cx))).await
}
