//! Choices: select, radio group, file.

use super::Erase;
use super::error_summary::field_id;
use super::field::{CONTROL, Field, FieldNote};
use crate::forms::use_form;
use crate::reactive::derive;
use leptos::prelude::*;

/// One of several, in a menu.
#[component]
pub fn SelectField(
    /// Name in the form; the server function's argument.
    name: &'static str,
    /// Its label.
    #[prop(into)]
    label: String,
    /// Values and their words.
    options: Vec<(String, String)>,
    /// The value chosen at first.
    #[prop(optional, into)]
    value: String,
    /// What helps to choose.
    #[prop(optional, into)]
    help: String,
    /// Runs with the value after each choice, where scripts run.
    #[prop(optional, into)]
    on_choice: Option<Callback<String>>,
) -> impl IntoView {
    let form = use_form();
    let error = form.field_error(name);
    let chosen = form.typed(name, value);
    let id = field_id(name);
    view! {
        <Field name label help error>
            <select
                id=id.clone()
                name=name
                class=format!("{CONTROL} h-8 pr-7 select-arrow")
                aria-invalid=derive(move || error.with(Option::is_some).then_some("true"))
                aria-describedby=format!("{id}-note")
                on:change=move |event| {
                    if let Some(on_choice) = on_choice {
                        on_choice.run(event_target_value(&event));
                    }
                }
            >
                {options
                    .into_iter()
                    .map(|(value, words)| {
                        let selected = value == chosen;
                        view! {
                            <option value=value selected=selected>
                                {words}
                            </option>
                        }
                        .erase()
                    })
                    .collect::<Vec<_>>()}
            </select>
        </Field>
    }
    .erase()
}

/// One of a few, all in sight.
#[component]
pub fn RadioGroup(
    /// Name in the form; the server function's argument.
    name: &'static str,
    /// Its label.
    #[prop(into)]
    label: String,
    /// Values and their words.
    options: Vec<(&'static str, &'static str)>,
    /// The value chosen at first.
    #[prop(into)]
    value: String,
    /// What helps to choose.
    #[prop(optional, into)]
    help: String,
    /// Runs with the value after each choice, where scripts run.
    #[prop(optional, into)]
    on_choice: Option<Callback<String>>,
) -> impl IntoView {
    let form = use_form();
    let error = form.field_error(name);
    let chosen = form.typed(name, value);
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
                        view! {
                            <label class="inline-flex h-8 cursor-pointer items-center gap-2">
                                <input
                                    id=id
                                    type="radio"
                                    name=name
                                    value=value
                                    checked=value == chosen
                                    class="size-4 accent-accent"
                                    on:change=move |_| {
                                        if let Some(on_choice) = on_choice {
                                            on_choice.run(value.to_owned());
                                        }
                                    }
                                />
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

/// A file from the user's machine; only inside a [`super::PostForm`] with `multipart`.
#[component]
pub fn FileField(
    /// Name in the form.
    name: &'static str,
    /// Its label.
    #[prop(into)]
    label: String,
    /// Which files are offered, such as `.zip,application/zip`.
    accept: &'static str,
    /// What helps to choose.
    #[prop(optional, into)]
    help: String,
) -> impl IntoView {
    let error = use_form().field_error(name);
    let id = field_id(name);
    view! {
        <Field name label help error>
            <input
                id=id.clone()
                name=name
                type="file"
                accept=accept
                class="block w-full min-w-0 text-muted file:mr-3 file:h-8 file:cursor-pointer file:rounded-control file:border file:border-solid \
                       file:border-line-strong file:bg-surface file:px-3 file:font-medium file:text-ink hover:file:bg-hover"
                aria-invalid=derive(move || error.with(Option::is_some).then_some("true"))
                aria-describedby=format!("{id}-note")
            />
        </Field>
    }
    .erase()
}
