use super::preview::{Preview, size_words};
use crate::reactive::{derive, memo};
use crate::routes::payload_download;
use crate::ui::{CodeBlock, Copy, Erase, Glyph, LinkButton, Look, Panel, dynamic};
use leptos::prelude::*;
use model::TaskRef;

/// An event or a return value: its text, what is missing of it, and the whole as a file.
#[component]
pub(super) fn PayloadPanel(
    title: &'static str,
    /// `input` or `result`.
    part: &'static str,
    task: TaskRef,
    payload: Signal<Option<Preview>>,
    /// What to say when there is none.
    #[prop(into)]
    none: Signal<&'static str>,
) -> impl IntoView {
    let file = payload_download(&task, part);
    let text = derive(move || payload.with(|payload| payload.as_ref().map(|payload| payload.text.clone()).unwrap_or_default()));
    let is_there = memo(move || payload.with(|payload| payload.as_ref().is_some_and(|payload| payload.kept_bytes > 0)));
    let size = move || payload.with(|payload| payload.as_ref().map(|payload| size_words(payload.whole_bytes)));
    let actions = move || {
        let file = file.clone();
        let actions = move || {
            is_there.get().then(|| {
                view! {
                    <span class="text-meta text-muted tabular-nums">{dynamic(size)}</span>
                    <Copy text what=title.to_ascii_lowercase()/>
                    <LinkButton href=file.clone() external=true look=Look::Quiet icon=Glyph::Download label=t!("Download {title}", title)>
                        {t!("Download")}
                    </LinkButton>
                }
                .erase()
            })
        };
        actions.into_any()
    };
    view! {
        <Panel title actions=std::sync::Arc::new(actions)>
            {dynamic(move || {
                if !is_there.get() {
                    let words = if payload.with(Option::is_some) { t!("Empty") } else { none.get() };
                    return view! { <p class="text-muted">{words}</p> }.erase();
                }
                let notes = payload.with(|payload| payload.as_ref().map(Preview::notes).unwrap_or_default());
                view! {
                    <CodeBlock text label=title/>
                    {notes.into_iter().map(|note| view! { <p class="mt-2 text-meta text-muted">{note}</p> }.erase()).collect::<Vec<_>>()}
                }
                    .erase()
            })}
        </Panel>
    }
    .erase()
}
