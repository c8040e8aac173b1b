use super::super::FunctionFields;
use super::api::{CreateTrigger, ModifyTrigger, Setup, TriggerSetup, Upcoming};
use super::fields::{HttpFields, NameField, TimerFields};
use super::values::Values;
use super::words;
use crate::forms::use_form;
use crate::navigation::use_location;
use crate::reactive::{Load, derive, use_scripts, use_still_data};
use crate::routes::{FunctionPage, Route};
use crate::ui::{Cancel, Erase, FormActions, HiddenField, Hint, PostForm, SelectField, Submit, dynamic};
use leptos::prelude::*;
use model::{FunctionRef, TriggerKind, TriggerName};
use server_fn::ServerFn;

/// The form with what it needs, in the dialog and on the page.
#[component]
pub(super) fn Loaded(
    function: FunctionRef,
    /// The one to change; `None` makes one.
    trigger: Option<TriggerName>,
    /// Closes the dialog that the form is in.
    #[prop(optional_no_strip, into)]
    on_close: Option<Callback<()>>,
) -> impl IntoView {
    let query = use_location().search.get_untracked();
    let setup = {
        let (function, name) = (function.clone(), trigger.clone());
        use_still_data(move || TriggerSetup { function: function.clone(), name: name.clone(), query: query.clone() })
    };
    view! {
        <Load
            data=setup
            rows=8
            view={move |setup: ReadSignal<Setup>| {
                let (function, trigger, setup) = (function.clone(), trigger.clone(), setup.get_untracked());
                match setup.values.clone() {
                    Some(values) => view! { <TriggerForm function trigger setup values on_close/> }.erase(),
                    None => view! { <Hint>{t!("Triggers of this type are kept as they are; only the API changes them.")}</Hint> }.erase(),
                }
            }}
        />
    }
    .erase()
}

#[component]
fn TriggerForm(
    function: FunctionRef,
    trigger: Option<TriggerName>,
    setup: Setup,
    values: Values,
    on_close: Option<Callback<()>>,
) -> impl IntoView {
    let list = Route::Function(function.clone(), FunctionPage::Triggers).path();
    let path = if trigger.is_some() { ModifyTrigger::PATH } else { CreateTrigger::PATH };
    let Setup { kinds, qualifiers, etag, upcoming, .. } = setup;
    let of_fields = values.clone();
    // Made within the form: a field finds in its context what the form was refused for.
    let identity = move || match trigger {
        Some(trigger) => view! {
            <HiddenField name="trigger" value=trigger.to_string()/>
            <HiddenField name="etag" value=etag/>
            <HiddenField name="kind" value=of_fields.kind.as_str()/>
            <KindFields kinds=vec![of_fields.kind] chosen=RwSignal::new(of_fields.kind.as_str().to_owned()) values=of_fields upcoming/>
        }
        .erase(),
        None => view! { <NewTrigger kinds values=of_fields upcoming/> }.erase(),
    };
    view! {
        <PostForm path multipart=true on_done=on_close>
            <FunctionFields function/>
            <SelectField
                name="qualifier"
                label=t!("Version or Alias")
                options=qualifiers
                value=values.qualifier
                help=t!("What it calls. Publishing a version does not copy triggers.")
            />
            {identity()}
            <FormActions>
                <Submit>{t!("OK")}</Submit>
                <Cancel href=list on_cancel=on_close/>
            </FormActions>
        </PostForm>
    }
    .erase()
}

/// Type and name of a new trigger, then the fields of its type.
#[component]
fn NewTrigger(kinds: Vec<TriggerKind>, values: Values, upcoming: Upcoming) -> impl IntoView {
    let chosen = RwSignal::new(use_form().typed("kind", values.kind.as_str().to_owned()));
    let options = kinds.iter().map(|kind| (kind.as_str().to_owned(), words::kind(*kind).to_owned())).collect();
    let help = match kinds.as_slice() {
        [TriggerKind::Http] => t!("An HTTP function takes HTTP triggers only, one for each version or alias."),
        [_] => t!("The function has triggers that send events, so it can't have HTTP triggers."),
        _ => t!("With an HTTP trigger the function becomes an HTTP function: it takes HTTP requests and no events."),
    };
    let (first, name) = (values.kind, values.name.clone());
    let named = move || {
        let kind = if chosen.read().as_str() == "http" { TriggerKind::Http } else { TriggerKind::Timer };
        let value = if kind == first { name.clone() } else { String::new() };
        view! { <NameField kind value/> }.erase()
    };
    view! {
        <SelectField name="kind" label=t!("Trigger Type") options value=values.kind.as_str() help on_choice=move |kind| chosen.set(kind)/>
        {dynamic(named)}
        <KindFields kinds chosen values upcoming/>
    }
    .erase()
}

/// The fields of the chosen type; without scripts those of every type that can be chosen.
#[component]
fn KindFields(kinds: Vec<TriggerKind>, chosen: RwSignal<String>, values: Values, upcoming: Upcoming) -> impl IntoView {
    let scripts = use_scripts();
    let group = move |kind: TriggerKind| {
        let values = values.clone();
        let hidden = derive(move || if scripts.get() && chosen.read().as_str() != kind.as_str() { "hidden" } else { "space-y-4" });
        let fields = match kind {
            TriggerKind::Http => view! { <HttpFields values/> }.erase(),
            _ => view! { <TimerFields values upcoming=upcoming.clone()/> }.erase(),
        };
        view! { <div class=hidden>{fields}</div> }.erase()
    };
    kinds.into_iter().map(group).collect::<Vec<_>>()
}
