//! An editor for a file of code.

use super::Erase;
use super::error_summary::field_id;
use super::field::{CONTROL, textarea_content};
use crate::reactive::effect;
use leptos::html;
use leptos::prelude::*;

/// A text area; where scripts run, an editor with colours takes its place when its file has come, and keeps it up to date.
#[component]
pub fn CodeEditor(
    /// Name in the form.
    name: &'static str,
    /// Its accessible name.
    #[prop(into)]
    label: String,
    /// The file's path, which tells its language.
    file: String,
    /// What it holds; set at each change.
    text: RwSignal<String>,
    /// What is stored. Whoever leaves another text is asked.
    stored: RwSignal<String>,
    /// True where it is only looked at.
    read_only: bool,
    /// What is asked then.
    leave: &'static str,
) -> impl IntoView {
    let id = field_id(name);
    let (holder, area) = (NodeRef::<html::Div>::new(), NodeRef::<html::Textarea>::new());
    let first = text.get_untracked();
    // The editor compares the two by itself: it asks when the page is left.
    effect(move || {
        let stored = stored.get();
        if let Some(area) = area.get() {
            let value = area.value();
            _ = area.set_default_value(&stored);
            area.set_value(&value);
            // What was written before scripts ran.
            if text.with_untracked(|text| *text != value) {
                text.set(value);
            }
        }
    });
    #[cfg(feature = "hydrate")]
    {
        let label = label.clone();
        effect(move || {
            if let Some(holder) = holder.get() {
                let phrases = browser::phrases();
                let attributes = [("file", file.as_str()), ("label", label.as_str()), ("leave", leave), ("phrases", phrases.as_str())];
                browser::put_editor(&holder, &attributes);
            }
        });
    }
    #[cfg(not(feature = "hydrate"))]
    {
        // Only the editor's script asks for them.
        _ = (file, leave);
    }
    view! {
        <div node_ref=holder class="h-[clamp(20rem,62dvh,44rem)] min-w-0">
            <textarea
                node_ref=area
                id=id.clone()
                name=name
                aria-label=label
                aria-describedby=format!("{id}-keys")
                readonly=read_only
                spellcheck="false"
                autocapitalize="off"
                autocomplete="off"
                wrap="off"
                class=format!("{CONTROL} block h-full resize-none py-1.5 font-mono text-meta leading-5")
                on:input=move |event| text.set(event_target_value(&event))
                inner_html=textarea_content(&first)
            ></textarea>
        </div>
        <p id=format!("{id}-keys") class="js-only mt-1 text-meta text-muted">{t!("Tab indents. Esc, then Tab leaves the editor. Ctrl F finds.")}</p>
    }
    .erase()
}

#[cfg(feature = "hydrate")]
mod browser {
    use crate::reactive::load_script;
    use leptos::prelude::document;
    use leptos::web_sys::HtmlDivElement;

    /// What the editor says by itself, and its words here: a line each, a tab between them.
    pub(super) fn phrases() -> String {
        let words = [
            ("Find", t!("Find" in "editor")),
            ("next", t!("next" in "editor")),
            ("previous", t!("previous" in "editor")),
            ("all", t!("all" in "editor")),
            ("match case", t!("match case" in "editor")),
            ("regexp", t!("regexp" in "editor")),
            ("by word", t!("by word" in "editor")),
            ("Replace", t!("Replace" in "editor")),
            ("replace", t!("replace" in "editor")),
            ("replace all", t!("replace all" in "editor")),
            ("close", t!("close" in "editor")),
            ("current match", t!("current match" in "editor")),
            ("on line", t!("on line" in "editor")),
            ("replaced match on line $", t!("replaced match on line $" in "editor")),
            ("replaced $ matches", t!("replaced $ matches" in "editor")),
            ("Go to line", t!("Go to line" in "editor")),
            ("go", t!("go" in "editor")),
            ("Fold line", t!("Fold line" in "editor")),
            ("Unfold line", t!("Unfold line" in "editor")),
            ("folded code", t!("folded code" in "editor")),
            ("unfold", t!("unfold" in "editor")),
            ("Folded lines", t!("Folded lines" in "editor")),
            ("Unfolded lines", t!("Unfolded lines" in "editor")),
            ("to", t!("to" in "editor")),
            ("Control character", t!("Control character" in "editor")),
            ("Selection deleted", t!("Selection deleted" in "editor")),
        ];
        words.map(|(english, ours)| [english, ours].join("\t")).join("\n")
    }

    /// The element that its script draws the editor in; until the script is there it is nothing.
    pub(super) fn put_editor(holder: &HtmlDivElement, attributes: &[(&str, &str)]) {
        load_script("editor.js");
        let Ok(editor) = document().create_element("code-editor") else { return };
        for (name, value) in attributes.iter().chain(&[("class", "block h-full min-w-0")]) {
            _ = editor.set_attribute(name, value);
        }
        _ = holder.append_child(&editor);
    }
}
