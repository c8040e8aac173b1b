use super::super::tasks::{Preview, size_words};
use crate::ui::{CodeBlock, Copy, Erase, Glyph, Icon, Look, Panel};
use leptos::prelude::*;

/// What the function returned: its text, what is missing of it, and then the whole as a file.
#[component]
pub(super) fn ValuePanel(value: Preview, file: Option<String>) -> impl IntoView {
    let (text, notes, bytes) = (value.text.clone(), value.notes(), value.whole_bytes);
    let copied = text.clone();
    let actions = move || {
        let (copied, file) = (copied.clone(), file.clone());
        (bytes > 0)
            .then(|| {
                view! {
                    <span class="text-meta text-muted tabular-nums">{size_words(bytes)}</span>
                    <Copy text=copied what=t!("return value")/>
                    {file
                        .map(|file| {
                            view! {
                                <a href=file download="result.bin" rel="external" class=Look::Quiet.classes() aria-label=t!("Download Return Value")>
                                    <Icon glyph=Glyph::Download/>
                                    {t!("Download")}
                                </a>
                            }
                            .erase()
                        })}
                }
                .erase()
            })
            .into_any()
    };
    view! {
        <Panel title=t!("Return Value") actions=std::sync::Arc::new(actions)>
            {if bytes == 0 {
                view! { <p class="text-muted">{t!("The function returned nothing.")}</p> }.erase()
            } else {
                view! {
                    <CodeBlock text label=t!("Return Value")/>
                    {notes.into_iter().map(|note| view! { <p class="mt-2 text-meta text-muted">{note}</p> }.erase()).collect::<Vec<_>>()}
                }
                    .erase()
            }}
        </Panel>
    }
    .erase()
}
