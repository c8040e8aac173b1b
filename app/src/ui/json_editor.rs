//! An editor for events.

use super::button::Look;
use super::error_summary::field_id;
use super::field::{CONTROL, Field, textarea_content};
use super::json;
use super::{Erase, dynamic};
use crate::forms::use_form;
use crate::reactive::{derive, memo};
use leptos::html;
use leptos::prelude::*;
use model::format;

/// A text to begin with.
#[derive(Debug, Clone, Copy)]
pub struct Template {
    /// Its value in the select.
    pub name: &'static str,
    /// Its words in the select.
    pub label: fn() -> &'static str,
    pub text: &'static str,
}

/// A text area that counts bytes and tells, as a warning only, where its text is no JSON.
#[component]
pub fn JsonEditor(
    /// Name in the form; the server function's argument.
    name: &'static str,
    /// Its label.
    #[prop(into)]
    label: String,
    /// What it holds at first.
    #[prop(into)]
    value: String,
    /// What helps to fill it in.
    #[prop(into)]
    help: String,
    /// Texts to begin with; offered where scripts run.
    templates: &'static [Template],
    /// Bytes that are accepted.
    max_bytes: usize,
) -> impl IntoView {
    let form = use_form();
    let error = form.field_error(name);
    let id = field_id(name);
    let text = RwSignal::new(form.typed(name, value));
    let first = text.get_untracked();
    let node = NodeRef::<html::Textarea>::new();
    let replace = move |new: String| {
        if let Some(node) = node.get_untracked() {
            node.set_value(&new);
        }
        text.set(new);
    };
    view! {
        <Field name label help error>
            <Tools text templates max_bytes replace=Callback::new(replace)/>
            <textarea
                node_ref=node
                id=id.clone()
                name=name
                rows="14"
                spellcheck="false"
                autocapitalize="off"
                autocomplete="off"
                wrap="off"
                class=format!("{CONTROL} block py-1.5 font-mono text-meta leading-5")
                aria-invalid=derive(move || error.with(Option::is_some).then_some("true"))
                aria-describedby=format!("{id}-note {id}-count {id}-json")
                on:input=move |event| text.set(event_target_value(&event))
                inner_html=textarea_content(&first)
            ></textarea>
            <Verdict id text max_bytes/>
        </Field>
    }
    .erase()
}

/// Template, `Upload file` and `Format JSON`; all need scripts.
#[component]
fn Tools(text: RwSignal<String>, templates: &'static [Template], max_bytes: usize, replace: Callback<String>) -> impl IntoView {
    let choose = move |event| {
        let chosen = event_target_value(&event);
        if let Some(template) = templates.iter().find(|template| template.name == chosen) {
            replace.run(template.text.to_owned());
        }
    };
    let picker = NodeRef::<html::Input>::new();
    let problem = RwSignal::new(String::new());
    let is_json = memo(move || json::problem(&text.read()).is_none());
    view! {
        <div class="js-only mb-1.5 flex flex-wrap items-center justify-between gap-2">
            <label class="flex items-center gap-2 whitespace-nowrap text-meta text-muted">
                {t!("Template")}
                <select class=format!("{CONTROL} select-arrow h-7 pr-7 text-ink") on:change=choose>
                    <option value="">{t!("Choose")}</option>
                    {templates.iter().map(|template| view! { <option value=template.name>{(template.label)()}</option> }.erase()).collect::<Vec<_>>()}
                </select>
            </label>
            <button
                type="button"
                class=format!("{} ml-auto h-7!", Look::Plain.classes())
                on:click=move |_| {
                    if let Some(picker) = picker.get_untracked() {
                        picker.click();
                    }
                }
            >
                {t!("Upload file")}
            </button>
            // Without a name: the form sends its text, not the file.
            <input
                node_ref=picker
                type="file"
                hidden
                on:change=move |_| {
                    if let Some(picker) = picker.get_untracked() {
                        read_file(&picker, max_bytes, problem, replace);
                    }
                }
            />
            <button
                type="button"
                class=format!("{} h-7!", Look::Plain.classes())
                disabled=derive(move || !is_json.get())
                on:click=move |_| {
                    // Not in one expression: the text must not be borrowed while it is replaced.
                    let indented = json::indent(&text.read_untracked());
                    replace.run(indented);
                }
            >
                {t!("Format JSON")}
            </button>
            <p role="status" class="basis-full text-meta text-bad empty:hidden">{dynamic(move || problem.get())}</p>
        </div>
    }
    .erase()
}

/// Puts the text of the chosen file into the editor, or says why not.
#[cfg(feature = "hydrate")]
fn read_file(picker: &leptos::web_sys::HtmlInputElement, max_bytes: usize, problem: RwSignal<String>, replace: Callback<String>) {
    let file = picker.files().and_then(|files| files.get(0));
    // So that the same file can be chosen again.
    picker.set_value("");
    let Some(file) = file else { return };
    let name = file.name();
    if file.size() > max_bytes as f64 {
        return problem.set(t!("{name} has more than {most} bytes.", name, most = format::count(max_bytes as u64)));
    }
    leptos::task::spawn_local(async move {
        let text = wasm_bindgen_futures::JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string());
        // What is no UTF-8 comes with marks in its place.
        let text = text.filter(|text| !text.contains('\u{fffd}'));
        let says = if text.is_some() { String::new() } else { t!("{name} is not text.", name) };
        // The form may have been left meanwhile.
        if problem.try_set(says).is_none()
            && let Some(text) = text
        {
            replace.run(text);
        }
    });
}

#[cfg(not(feature = "hydrate"))]
fn read_file(_picker: &leptos::web_sys::HtmlInputElement, _max_bytes: usize, _problem: RwSignal<String>, _replace: Callback<String>) {}

/// Bytes against the limit, and what is wrong with the JSON.
#[component]
fn Verdict(id: String, text: RwSignal<String>, max_bytes: usize) -> impl IntoView {
    let count = |n: usize| format::count(n as u64);
    let bytes = memo(move || text.read().len());
    let counted = move || t!("{n} of {most} bytes", n = count(bytes.get()), most = count(max_bytes));
    let warning = memo(move || json::problem(&text.read()).map(|problem| t!("{problem} (warning only)", problem)));
    view! {
        <div class="mt-1 flex flex-wrap justify-between gap-x-4 text-meta">
            <span id=format!("{id}-json") role="status" class="min-w-0 text-warn wrap-anywhere">{warning}</span>
            <span id=format!("{id}-count") class=derive(move || if bytes.get() > max_bytes { "font-medium text-bad tabular-nums" } else { "text-muted tabular-nums" })>
                {dynamic(counted)}
            </span>
        </div>
    }
    .erase()
}
