//! What was just done.

use super::Erase;
use super::icon::{Glyph, Icon};
use crate::navigation::use_location;
use crate::notice::Notice;
use crate::part::{Part, part_when};
use crate::reactive::{derive, memo, use_query};
use crate::routes::Route;
use crate::ui::dynamic;
use leptos::prelude::*;
use model::{TaskId, limits};

/// Says what was just done; always on the page, so that a change of its text is read out.
#[component]
pub fn NoticeBar() -> impl IntoView {
    let query = use_query();
    let has_notice = derive(move || query.with(|query| query.get_str("notice").is_some()));
    view! { <div role="status">{part_when(has_notice, || Part::Notice)}</div> }.erase()
}

/// What `?notice=` stands for, and which task of the page's function `?task=` names.
#[component]
pub(crate) fn NoticeText() -> impl IntoView {
    let query = use_query();
    let path = use_location().pathname;
    let task = memo(move || {
        let id = query.with(|query| query.get("task")).filter(|id| is_plain_id(id))?;
        match path.with(|path| Route::parse(path))? {
            Route::Function(function, _) => Some((Route::task(&function.task(TaskId::from_stored(id.clone()))).path(), id)),
            _ => None,
        }
    });
    let text = memo(move || query.with(|query| query.get_str("notice").and_then(Notice::parse)).map(Notice::text));
    dynamic(move || {
        text.get().map(|text| {
            view! {
                <p class="mb-4 flex flex-wrap items-center gap-2 rounded-control border border-good/30 bg-good-tint px-3 py-2 text-good">
                    <Icon glyph=Glyph::Succeeded/>
                    {text}
                    {move || {
                        task.get().map(|(to, id)| view! { <a href=to class="font-mono text-meta underline underline-offset-2 wrap-anywhere">{id}</a> }.erase())
                    }}
                </p>
            }
            .erase()
        })
    })
}

/// An id that can't be taken for words of ours.
fn is_plain_id(id: &str) -> bool {
    id.len() <= limits::TASK_ID_CHARS_MAX && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}
