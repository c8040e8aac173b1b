//! Pages that the browser loads when they are first shown, in one file of their own: all but the task list and what frames it.

use crate::pages;
use crate::routes::{FunctionPage, Route};
use leptos::prelude::*;
use model::{FunctionRef, Region, ServiceName, ServiceRef, TaskRef};

/// A page, or the part of one, that is loaded later.
pub(crate) enum Part {
    SignIn,
    TaskFunctions(Region),
    CreateFunction(Region, Option<ServiceName>),
    Services(Region),
    CreateService(Region),
    DeleteService(ServiceRef),
    Functions(ServiceRef),
    /// A tab of a function other than its tasks.
    Tab(FunctionRef, Memo<FunctionPage>),
    SubmitTask(FunctionRef),
    TaskParameters(FunctionRef),
    Task(TaskRef),
}

/// True when the page at this address is a [`Part`]; addresses that lead nowhere are not.
pub fn is_part(path: &str) -> bool {
    match Route::parse(path) {
        Some(Route::Function(_, FunctionPage::Tasks)) | None => false,
        Some(_) => true,
    }
}

/// Draws it.
#[cfg(not(feature = "hydrate"))]
pub(crate) fn part(part: Part) -> AnyView {
    pages::draw(part)
}

/// Draws it, now or when its file has come.
#[cfg(feature = "hydrate")]
pub(crate) fn part(part: Part) -> AnyView {
    browser::when_loaded(Box::new(part))
}

#[cfg(feature = "hydrate")]
pub use browser::load;

#[cfg(feature = "hydrate")]
mod browser {
    use super::{Part, pages};
    use crate::ui::{Erase, Skeleton};
    use leptos::prelude::*;
    use leptos::wasm_split::{SplitLoaderError, wasm_split};
    use send_wrapper::SendWrapper;
    use std::future::Future;
    use std::task::{Context, Poll, Waker};

    #[wasm_split(pages, wasm_split_path = ::leptos::wasm_split, fallible, preload(load_pages))]
    fn draw(part: Box<Part>) -> Result<AnyView, SplitLoaderError> {
        Ok(pages::draw(*part))
    }

    /// Loads the file with the parts, so that one can be drawn at once.
    pub async fn load() {
        if load_pages().await.is_err() {
            load_page_anew();
        }
    }

    /// Draws a part at once when the file is there, as it is while the server's page is hydrated; else when it has come.
    pub(super) fn when_loaded(part: Box<Part>) -> AnyView {
        let mut view = Box::pin(draw(part));
        match view.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(view) => drawn(view),
            Poll::Pending => {
                let view = StoredValue::new_local(Some(view));
                let body = move || {
                    let view = view.try_update_value(Option::take).flatten();
                    Suspend::new(SendWrapper::new(async move {
                        match view {
                            Some(view) => drawn(view.await),
                            None => ().into_any(),
                        }
                    }))
                };
                view! { <Transition fallback=|| view! { <Skeleton rows=8/> }.erase()>{body}</Transition> }.erase()
            }
        }
    }

    /// A file that has gone is that of an older server: a page that is loaded anew names the newer one.
    fn drawn(view: Result<AnyView, SplitLoaderError>) -> AnyView {
        view.unwrap_or_else(|_| {
            load_page_anew();
            ().into_any()
        })
    }

    fn load_page_anew() {
        _ = window().location().reload();
    }
}
