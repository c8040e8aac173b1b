use super::custom::{CustomFields, ImageFields};
use crate::forms::use_form;
use crate::reactive::{derive, use_scripts};
use crate::ui::{CodeBlock, Erase, FileField, SelectField, TextField};
use leptos::prelude::*;
use model::{InstalledRuntime, Language, RuntimeName, limits, sample::sample};

/// A runtime's name and what runs it here.
pub(crate) fn runtime_label(runtime: &InstalledRuntime) -> String {
    let language = match runtime.language {
        Language::Python => "Python",
        Language::Nodejs => "Node.js",
        // What runs it is named with the system.
        Language::Custom => "",
    };
    match (&runtime.interpreter, runtime.exact) {
        (None, _) => t!("{name} (not installed)", name = runtime.name),
        (Some(version), exact) => {
            let what = format!("{language} {version}");
            let what = what.trim_start();
            if exact { format!("{} ({what})", runtime.name) } else { t!("{name} (runs on {what})", name = runtime.name, what) }
        }
    }
}

/// Runtime, where the code comes from, handler.
#[component]
pub(super) fn CodeFields(
    /// Those that can be chosen.
    runtimes: Vec<InstalledRuntime>,
    /// True for an HTTP function.
    is_http: Signal<bool>,
) -> impl IntoView {
    let scripts = use_scripts();
    let first = runtimes.first().map(|runtime| runtime.name.to_string()).unwrap_or_default();
    let typed = use_form().typed("runtime", first.clone());
    let language_of = {
        let runtimes = runtimes.clone();
        move |name: &str| runtimes.iter().find(|runtime| runtime.name.as_str() == name).map(|runtime| runtime.language)
    };
    let language = RwSignal::new(language_of(&typed));
    let is_image = RwSignal::new(typed == RuntimeName::CONTAINER);
    let has_images = runtimes.iter().any(|runtime| runtime.name.is_container());
    let method = RwSignal::new("sample".to_owned());
    let options = runtimes.iter().map(|runtime| (runtime.name.to_string(), runtime_label(runtime))).collect();
    let methods = vec![("sample".to_owned(), t!("Use Sample Code").to_owned()), ("zip".to_owned(), t!("Upload ZIP").to_owned())];
    let of_custom = move || if scripts.get() && language.get() != Some(Language::Custom) { "hidden" } else { "space-y-4" };
    let hidden_unless = move |wanted: &'static str| move || if scripts.get() && method.read().as_str() != wanted { "hidden" } else { "" };
    let of_image = move || if scripts.get() && !is_image.get() { "hidden" } else { "space-y-4" };
    let of_package = move || if scripts.get() && is_image.get() { "hidden" } else { "space-y-4" };
    // Made within the form, as all fields.
    let image = move || has_images.then(|| view! { <div class=of_image><ImageFields image="" args=""/></div> }.erase());
    view! {
        <SelectField
            name="runtime"
            label=t!("Runtime")
            options
            value=first
            on_choice=move |name: String| {
                language.set(language_of(&name));
                is_image.set(name == RuntimeName::CONTAINER);
            }
        />
        {image()}
        <div class=of_package>
            <SelectField name="method" label=t!("Code Upload Method") options=methods value="sample" on_choice=move |chosen| method.set(chosen)/>
            <div class=hidden_unless("zip")>
                <FileField name="file" label=t!("Package") accept=".zip,application/zip" help=t!("A ZIP archive of at most 100 MB, with the handler's file at its root.")/>
            </div>
            <div class=hidden_unless("sample")>
                <Samples language is_http scripts/>
            </div>
        </div>
        <div class=of_custom>
            <CustomFields command="" port=limits::CA_PORT_DEFAULT/>
        </div>
        <div class=of_package>
            <TextField
                name="handler"
                label=t!("Handler")
                value="index.handler"
                mono=true
                required=true
                help=t!("File and function: index.handler is the function handler in the file index. Check it when you upload a package. Custom runtimes don't look at it.")
            />
        </div>
    }
    .erase()
}

/// The sample of the chosen language and handler type; without scripts all of them, folded.
#[component]
fn Samples(language: RwSignal<Option<Language>>, is_http: Signal<bool>, scripts: Signal<bool>) -> impl IntoView {
    let each = [(Language::Python, false), (Language::Python, true), (Language::Nodejs, false), (Language::Nodejs, true)];
    each.into_iter()
        .filter_map(|(each, http)| sample(each, http).map(|sample| (each, http, sample)))
        .map(|(each, http, sample)| {
            let is_chosen = move || language.get() == Some(each) && is_http.get() == http;
            let hidden = move || if scripts.get() && !is_chosen() { "hidden" } else { "mb-1" };
            let title = if http {
                t!("Sample code {file} of an HTTP function", file = sample.file)
            } else {
                t!("Sample code {file}", file = sample.file)
            };
            view! {
                <details class=hidden open=derive(move || scripts.get())>
                    <summary class="mb-1 cursor-pointer text-meta text-muted hover:text-ink">{title.clone()}</summary>
                    <CodeBlock text=sample.text.to_owned() label=title/>
                </details>
            }
            .erase()
        })
        .collect::<Vec<_>>()
}
