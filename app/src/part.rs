//! Pages that the browser loads when they are first shown, in one file of their own: all but the task list and what frames it.

use crate::pages::{self, HeldStops};
use crate::routes::{self, AdminPage, FunctionPage, Route, ServicePage};
use crate::ui::{Erase, dynamic};
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
    Service(ServiceRef, ServicePage),
    /// A tab of a function other than its tasks.
    Tab(FunctionRef, Memo<FunctionPage>),
    SubmitTask(FunctionRef),
    /// The dialog over the list, what opens it, and its id.
    SubmitDialog(FunctionRef, RwSignal<bool>, &'static str),
    TaskParameters(FunctionRef),
    /// What is done with all tasks that a list shows: `ExportTasks`, `StopTasks` or `ReexecuteTasks`.
    ManyTasks(FunctionRef, FunctionPage),
    /// Like [`Self::SubmitDialog`].
    ParametersDialog(FunctionRef, RwSignal<bool>),
    Task(TaskRef),
    Admin(Region, AdminPage),
    Components,
    /// What the keys of every page do, and the one that was pressed last.
    Keys(Memo<Region>, RwSignal<String>),
    /// Stops that can be undone, and where they are told of.
    HeldStops(HeldStops),
    /// What the address says was just done.
    Notice,
}

/// True when the page at this address, query included, has a [`Part`] from the beginning; addresses that lead nowhere have none.
pub fn has_part(address: &str) -> bool {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let is_list = matches!(Route::parse(path), Some(Route::Function(_, FunctionPage::Tasks)) | None);
    !is_list || routes::pairs(query).iter().any(|(name, _)| name == "notice")
}

/// Draws a part from when it is wanted on; nothing before, and a word at the foot of the window while its file comes. What is wanted from the
/// beginning has been loaded before the page was hydrated ([`has_part`]).
pub(crate) fn part_when(is_wanted: Signal<bool>, wanted: impl Fn() -> Part + Send + Sync + 'static) -> AnyView {
    let is_there = RwSignal::new(is_wanted.get_untracked());
    #[cfg(feature = "hydrate")]
    crate::reactive::effect(move || {
        if is_wanted.get() && !is_there.get_untracked() {
            leptos::task::spawn_local(async move {
                // Where its file can't be had, drawing it loads the page anew.
                _ = load().await;
                _ = is_there.try_set(true);
            });
        }
    });
    dynamic(move || match is_there.get() {
        true => part(wanted()),
        false => is_wanted.get().then(|| view! { <p class="arriving">{t!("Loading")}</p> }.erase()).into_any(),
    })
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
    use crate::navigation::use_location;
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

    /// Loads the file with the parts, so that one can be drawn at once; false when it can't be had.
    pub async fn load() -> bool {
        load_pages().await.is_ok()
    }

    /// Draws a part at once when the file is there, as it is while the server's page is hydrated; else when it has come.
    pub(super) fn when_loaded(part: Box<Part>) -> AnyView {
        let mut view = Box::pin(draw(part));
        match view.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(view) => view.unwrap_or_else(|_| from_server(&address())),
            Poll::Pending => {
                let address = address();
                let view = StoredValue::new_local(Some(view));
                let body = move || {
                    let view = view.try_update_value(Option::take).flatten();
                    let address = address.clone();
                    Suspend::new(SendWrapper::new(async move {
                        let Some(view) = view else { return ().into_any() };
                        view.await.unwrap_or_else(|_| from_server(&address))
                    }))
                };
                view! { <Transition fallback=|| view! { <Skeleton rows=8/> }.erase()>{body}</Transition> }.erase()
            }
        }
    }

    /// The address of the page that is to be shown.
    fn address() -> String {
        let location = use_location();
        let (path, search) = (location.pathname.get_untracked(), location.search.get_untracked());
        let query = if search.is_empty() { search } else { format!("?{}", search.trim_start_matches('?')) };
        format!("{path}{query}{}", location.hash.get_untracked())
    }

    /// A file that has gone is mostly that of an older server: the page as the server sends it names the newer one, and needs none.
    fn from_server(address: &str) -> AnyView {
        _ = window().location().assign(address);
        ().into_any()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b3_what_is_shown_at_once_is_loaded_before_the_page_is_hydrated() {
        let check = |address: &str, expected: bool| assert_eq!(has_part(address), expected, "{address}");
        let list = "/r/services/s/functions/f/tasks";
        check(list, false);
        check(&format!("{list}?status=Failed"), false);
        check(&format!("{list}?status=Failed&notice=task-stopped&task=a"), true);
        check(&format!("{list}/a"), true);
        check("/r/overview", true);
        check("/r/no/such/page", false);
    }
}
