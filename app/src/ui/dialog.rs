//! Dialogs and side panels that are pages of their own without JavaScript.

use super::Erase;
use super::button::Look;
use super::icon::{Glyph, Icon};
use crate::reactive::effect;
use crate::routes::pairs;
use crate::ui::dynamic;
use leptos::prelude::*;
use leptos::{ev, html};

/// Where a dialog stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DialogShape {
    /// In the middle.
    #[default]
    Centre,
    /// Along the right edge, over the list.
    Side,
}

/// The button that opens a dialog; where no scripts run it leads to the page with the same form.
#[component]
pub fn DialogButton(
    /// Address of the page with the same form.
    #[prop(into)]
    page: String,
    /// Set when the dialog shall open.
    open: RwSignal<bool>,
    /// Its look.
    #[prop(optional)]
    look: Look,
    /// A drawing before the words.
    #[prop(optional, into)]
    icon: Option<Glyph>,
    /// Accessible name when the words alone are not unique: begins with the words.
    #[prop(optional, into)]
    label: Option<String>,
    /// Path of the server function behind the form: who may not call it is told so here.
    #[prop(optional)]
    needs: &'static str,
    /// The words.
    children: Children,
) -> impl IntoView {
    let refusal = crate::permission::refusal(needs);
    let refused = refusal.is_some();
    let press = move |event: ev::SubmitEvent| {
        event.prevent_default();
        open.set(true);
    };
    // A form that is sent by GET replaces the query of its address.
    let (path, query) = page.split_once('?').map_or((page.as_str(), ""), |(path, query)| (path, query));
    let fields = pairs(query).into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> }.erase());
    view! {
        <form method="get" action=path.to_owned() class="contents" on:submit=press>
            {fields.collect::<Vec<_>>()}
            <button
                type=if refused { "button" } else { "submit" }
                class=look.classes()
                aria-label=label
                aria-haspopup="dialog"
                aria-disabled=refused.then_some("true")
                title=refusal
            >
                {icon.map(|glyph| view! { <Icon glyph/> }.erase())}
                {children()}
            </button>
        </form>
    }
    .erase()
}

/// A native modal dialog; `Esc` and its cross close it, and the focus returns to where it was.
#[component]
pub fn Dialog(
    /// True while it is open.
    open: RwSignal<bool>,
    /// Its name and heading.
    #[prop(into)]
    title: String,
    /// Unique in the page.
    id: &'static str,
    /// Where it stands.
    #[prop(optional)]
    shape: DialogShape,
    /// The content, made anew each time it opens.
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    effect(move || {
        let Some(dialog) = node.get() else { return };
        match (open.get(), dialog.open()) {
            (true, false) => _ = dialog.show_modal(),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let place = match shape {
        DialogShape::Centre => "m-auto w-[min(34rem,calc(100vw-2rem))] max-h-[calc(100dvh-3rem)] rounded-panel",
        DialogShape::Side => "ml-auto mr-0 my-0 h-dvh max-h-dvh w-[min(32rem,100vw)] border-y-0 border-r-0 slide-in",
    };
    view! {
        <dialog
            node_ref=node
            id=id
            aria-labelledby=format!("{id}-title")
            class=format!("fixed overflow-y-auto border border-line bg-raised p-0 text-ink shadow-raised backdrop:bg-scrim {place}")
            on:close=move |_| open.set(false)
        >
            {dynamic(move || {
                open.get()
                    .then(|| {
                        view! {
                            <header class="sticky top-0 z-1 flex items-center justify-between gap-4 border-b border-line bg-raised px-5 py-3">
                                <h2 id=format!("{id}-title") class="text-head font-semibold">{title.clone()}</h2>
                                <button
                                    type="button"
                                    class="inline-flex size-7 items-center justify-center rounded-control text-muted hover:bg-hover hover:text-ink"
                                    aria-label=t!("Close")
                                    on:click=move |_| open.set(false)
                                >
                                    <Icon glyph=Glyph::Close/>
                                </button>
                            </header>
                            <div class="p-5">{children()}</div>
                        }
                        .erase()
                    })
            })}
        </dialog>
    }
    .erase()
}
