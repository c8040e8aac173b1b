//! Boxes to tick: one, or several of a kind.

use super::Erase;
use super::error_summary::field_id;
use super::field::FieldNote;
use crate::forms::use_form;
use crate::reactive::derive;
use leptos::prelude::*;

const LABEL: &str = "flex w-fit cursor-pointer items-center gap-2";

/// One box; the form has the field with the value `on` while it is ticked.
#[component]
pub fn CheckField(
    /// Name in the form.
    name: &'static str,
    /// Its label.
    #[prop(into)]
    label: String,
    /// True ticks it at first.
    #[prop(optional)]
    checked: bool,
    /// What helps to decide.
    #[prop(optional, into)]
    help: String,
    /// Runs with the new state after each change, where scripts run.
    #[prop(optional, into)]
    on_choice: Option<Callback<bool>>,
) -> impl IntoView {
    let form = use_form();
    let error = form.field_error(name);
    let checked = form.typed_all(name).map_or(checked, |typed| !typed.is_empty());
    let id = field_id(name);
    let change = move |event| {
        if let Some(on_choice) = on_choice {
            on_choice.run(event_target_checked(&event));
        }
    };
    // Help stands right below; without it the box is as high as the controls beside it.
    let height = if help.is_empty() { "h-8" } else { "h-6" };
    view! {
        <div class="min-w-0">
            <label class=format!("{LABEL} {height} font-medium")>
                <input
                    id=id.clone()
                    type="checkbox"
                    name=name
                    value="on"
                    checked=checked
                    class="size-4 accent-accent"
                    aria-describedby=format!("{id}-note")
                    on:change=change
                />
                {label}
            </label>
            <FieldNote id=format!("{id}-note") help error/>
        </div>
    }
    .erase()
}

/// Any of several; the form has the field once for each that is ticked.
#[component]
pub fn CheckGroup(
    /// Name in the form.
    name: &'static str,
    /// Its label.
    #[prop(into)]
    label: String,
    /// Values and their words.
    options: Vec<(&'static str, &'static str)>,
    /// Values that are ticked at first.
    values: Vec<String>,
    /// What helps to choose.
    #[prop(optional, into)]
    help: String,
) -> impl IntoView {
    let form = use_form();
    let error = form.field_error(name);
    let ticked = form.typed_all(name).unwrap_or(values);
    let id = field_id(name);
    let note = format!("{id}-note");
    view! {
        <fieldset class="min-w-0" aria-describedby=note.clone() aria-invalid=derive(move || error.with(Option::is_some).then_some("true"))>
            <legend class="mb-1 font-medium">{label}</legend>
            <div class="flex flex-wrap gap-x-5">
                {options
                    .into_iter()
                    .enumerate()
                    .map(|(n, (value, words))| {
                        let id = if n == 0 { id.clone() } else { format!("{id}-{value}") };
                        let checked = ticked.iter().any(|ticked| ticked == value);
                        view! {
                            <label class=format!("{LABEL} h-8")>
                                <input id=id type="checkbox" name=name value=value checked=checked class="size-4 accent-accent"/>
                                {words}
                            </label>
                        }
                        .erase()
                    })
                    .collect::<Vec<_>>()}
            </div>
            <FieldNote id=note.clone() help error/>
        </fieldset>
    }
    .erase()
}
