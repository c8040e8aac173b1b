//! Text inputs with label, help and error.

use super::error_summary::field_id;
use super::{Erase, dynamic};
use crate::forms::use_form;
use crate::reactive::derive;
use leptos::prelude::*;

/// Classes of every text-like control.
pub(crate) const CONTROL: &str = "w-full min-w-0 rounded-control border border-line-strong bg-field px-2.5 text-ink placeholder:text-faint \
                                  hover:border-faint aria-invalid:border-bad disabled:opacity-60";

/// Label above, control, and below it help or, when the form was refused because of it, the error.
#[component]
pub(crate) fn Field(name: &'static str, label: String, help: String, error: Signal<Option<String>>, children: Children) -> impl IntoView {
    let id = field_id(name);
    view! {
        <div class="min-w-0">
            <label for=id.clone() class="mb-1 block font-medium">{label}</label>
            {children()}
            <FieldNote id=format!("{id}-note") help error/>
        </div>
    }
    .erase()
}

/// The line below a control.
#[component]
pub(crate) fn FieldNote(id: String, help: String, error: Signal<Option<String>>) -> impl IntoView {
    let rest = if help.is_empty() { "hidden" } else { "mt-1 text-meta text-muted" };
    let shown = move || error.get().unwrap_or_else(|| help.clone());
    let classes = move || if error.with(Option::is_some) { "mt-1 text-meta text-bad" } else { rest };
    view! { <p id=id class=classes>{dynamic(shown)}</p> }.erase()
}

/// One line of text.
#[component]
pub fn TextField(
    /// Name in the form; the server function's argument.
    name: &'static str,
    /// Its label.
    #[prop(into)]
    label: String,
    /// What it holds at first.
    #[prop(optional, into)]
    value: String,
    /// What helps to fill it in.
    #[prop(optional, into)]
    help: String,
    /// `text` or `password`; a password is never filled in again.
    #[prop(default = "text")]
    kind: &'static str,
    /// What browsers may fill in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// True marks it as necessary.
    #[prop(optional)]
    required: bool,
    /// An example in the empty control.
    #[prop(optional, into)]
    placeholder: String,
    /// True for names, ids and code.
    #[prop(optional)]
    mono: bool,
    /// True lets it take the focus when the page opens.
    #[prop(optional)]
    autofocus: bool,
    /// The id of a list with what it may hold.
    #[prop(optional)]
    list: Option<&'static str>,
    /// Runs with what it holds after each change, where scripts run.
    #[prop(optional, into)]
    on_typed: Option<Callback<String>>,
) -> impl IntoView {
    let form = use_form();
    let error = form.field_error(name);
    let typed = move |event| {
        if let Some(on_typed) = on_typed {
            on_typed.run(event_target_value(&event));
        }
    };
    let value = if kind == "password" { String::new() } else { form.typed(name, value) };
    let id = field_id(name);
    view! {
        <Field name label help error>
            <input
                id=id.clone()
                name=name
                type=kind
                value=value
                autocomplete=autocomplete
                spellcheck="false"
                autocapitalize="off"
                required=required
                autofocus=autofocus
                list=list
                placeholder=(!placeholder.is_empty()).then_some(placeholder)
                class=format!("{CONTROL} h-8 {}", if mono { "font-mono" } else { "" })
                aria-invalid=derive(move || error.with(Option::is_some).then_some("true"))
                aria-describedby=format!("{id}-note")
                on:input=typed
            />
        </Field>
    }
    .erase()
}

/// A whole number.
#[component]
pub fn NumberField(
    /// Name in the form; the server function's argument, which takes a text.
    name: &'static str,
    /// Its label, unit included.
    #[prop(into)]
    label: String,
    /// What it holds at first.
    #[prop(into)]
    value: String,
    /// What helps to fill it in, limits included.
    #[prop(optional, into)]
    help: String,
    /// Least value.
    #[prop(optional)]
    min: u64,
    /// Greatest value.
    max: u64,
    /// Distance between values.
    #[prop(default = 1)]
    step: u64,
) -> impl IntoView {
    let form = use_form();
    let error = form.field_error(name);
    let id = field_id(name);
    view! {
        <Field name label help error>
            <input
                id=id.clone()
                name=name
                type="number"
                inputmode="numeric"
                min=min
                max=max
                step=step
                value=form.typed(name, value)
                class=format!("{CONTROL} h-8 max-w-48 tabular-nums")
                aria-invalid=derive(move || error.with(Option::is_some).then_some("true"))
                aria-describedby=format!("{id}-note")
            />
        </Field>
    }
    .erase()
}

/// Several lines of text.
#[component]
pub fn TextArea(
    /// Name in the form; the server function's argument.
    name: &'static str,
    /// Its label.
    #[prop(into)]
    label: String,
    /// What it holds at first.
    #[prop(optional, into)]
    value: String,
    /// What helps to fill it in.
    #[prop(optional, into)]
    help: String,
    /// Lines that are seen at once.
    #[prop(default = 3)]
    rows: u32,
    /// True for code and payloads.
    #[prop(optional)]
    mono: bool,
) -> impl IntoView {
    let form = use_form();
    let error = form.field_error(name);
    let id = field_id(name);
    let content = textarea_content(&form.typed(name, value));
    view! {
        <Field name label help error>
            <textarea
                id=id.clone()
                name=name
                rows=rows
                spellcheck="false"
                autocapitalize="off"
                class=format!("{CONTROL} block py-1.5 leading-5 {}", if mono { "font-mono text-meta" } else { "" })
                aria-invalid=derive(move || error.with(Option::is_some).then_some("true"))
                aria-describedby=format!("{id}-note")
                inner_html=content
            ></textarea>
        </Field>
    }
    .erase()
}

/// A text as the inner HTML of a textarea. As a child node, an empty text would be no node in the browser and hydration would miss it.
pub(crate) fn textarea_content(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    // Only the parser of a whole page drops a line feed right after the tag.
    if cfg!(feature = "ssr") { format!("\n{escaped}") } else { escaped }
}
