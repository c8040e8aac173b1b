use super::super::FunctionFields;
use super::api::{NotText, Opened, Package};
use super::compared::{Compared, summary};
use super::deploy::{DeploySource, Deployment, REVIEW};
use crate::forms::{CallState, LongCall, use_form};
use crate::pages::function::tasks::size_words;
use crate::reactive::wire::decode;
use crate::reactive::{derive, effect, memo, use_query};
use crate::ui::{
    CheckField, CodeBlock, CodeEditor, Erase, HiddenField, Hint, Keyed, Look, Pill, PostForm, Submit, TextField, Tone, dynamic,
};
use leptos::html;
use leptos::prelude::*;
use model::limits::SOURCE_BYTES_MAX;
use model::{FunctionRef, format};
use server_fn::ServerFn;

/// A file as it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Draft {
    text: String,
    /// The path that it is to have.
    target: String,
    is_deleted: bool,
}

/// What an editor holds, and what it was made from.
#[derive(Clone, Copy)]
struct Edit {
    /// Checksum of the package that the user has seen last.
    checksum: RwSignal<String>,
    /// The file's text as it is deployed.
    stored: RwSignal<String>,
    /// The text in the editor.
    text: RwSignal<String>,
    target: RwSignal<String>,
    is_deleted: RwSignal<bool>,
    /// The package does not have the file yet.
    is_new: bool,
    /// True while there is something to deploy.
    is_edited: Memo<bool>,
}

impl Edit {
    fn new(package: &Package, is_new: bool) -> Self {
        let opened = package.opened.as_ref().and_then(|opened| opened.text.clone().ok()).unwrap_or_default();
        let path = package.opened.as_ref().map(|opened| opened.path.clone()).unwrap_or_default();
        let (stored, text) = (RwSignal::new(opened.clone()), RwSignal::new(opened));
        let (target, is_deleted) = (RwSignal::new(path.clone()), RwSignal::new(false));
        let is_edited = memo(move || {
            let is_other = text.with(|text| stored.with(|stored| text != stored)) || target.with(|target| *target != path);
            is_other || is_deleted.get() || is_new
        });
        Self { checksum: RwSignal::new(package.checksum.clone()), stored, text, target, is_deleted, is_new, is_edited }
    }

    fn draft(self) -> Draft {
        Draft { text: self.text.get(), target: self.target.get(), is_deleted: self.is_deleted.get() }
    }
}

/// The opened file: in an editor, or for looking at, or why neither. It is made anew for another file, and for another package unless
/// something was written that is not deployed.
#[component]
pub(super) fn OpenedFile(function: FunctionRef, package: ReadSignal<Package>) -> impl IntoView {
    let query = use_query();
    // Whoever may not deploy creates nothing.
    let may_create = crate::permission::refusal(DeploySource::PATH).is_none();
    let is_new = memo(move || {
        let is_missing = package.with(|package| package.opened.as_ref().is_some_and(|opened| opened.text == Err(NotText::Missing)));
        may_create && is_missing && query.with(|query| query.get("new")).is_some()
    });
    let generation = RwSignal::new(0_u32);
    let edit = StoredValue::new(package.with_untracked(|package| Edit::new(package, is_new.get_untracked())));
    let path = memo(move || {
        let shown = |opened: &Opened| (opened.path.clone(), opened.text.as_ref().err().copied());
        package.with(|package| (package.is_latest, package.opened.as_ref().map(shown)))
    });
    effect(move || {
        let checksum = package.with(|package| package.checksum.clone());
        let Edit { checksum: seen, is_edited, .. } = edit.get_value();
        if is_edited.try_get_untracked() == Some(false) && seen.try_get_untracked().is_some_and(|seen| seen != checksum) {
            generation.update(|n| *n += 1);
        }
    });
    let key = derive(move || format!("{} {} {:?}", generation.get(), is_new.get(), path.get()));
    let draw = move |()| {
        let now = package.get_untracked();
        edit.set_value(Edit::new(&now, is_new.get_untracked()));
        let form = |path: String, not_text: Option<AnyView>| {
            view! { <SourceForm function=function.clone() path edit=edit.get_value() not_text/> }.erase()
        };
        match now.opened {
            None => view! { <Hint>{t!("The package has no files.")}</Hint> }.erase(),
            Some(Opened { path, text: Err(NotText::Missing), .. }) if now.is_latest && is_new.get_untracked() => form(path, None),
            Some(Opened { path, size, text: Err(why) }) => {
                let words = view! { <NotShown path=path.clone() size why/> }.erase();
                if now.is_latest && why != NotText::Missing { form(path, Some(words)) } else { words }
            }
            Some(Opened { path, .. }) if now.is_latest => form(path, None),
            Some(Opened { path, text: Ok(text), .. }) => view! { <CodeBlock label=t!("Text of {path}", path) text/> }.erase(),
        }
    };
    view! { <Keyed key view=draw/> }.erase()
}

#[component]
fn NotShown(path: String, size: u64, why: NotText) -> impl IntoView {
    let words = match why {
        NotText::Missing => t!("The package has no such file."),
        NotText::Binary => t!("This file is no text, so it can't be edited here. Download the package to change it."),
        NotText::Large => t!("This file is too large to be edited here. Download the package to change it."),
        NotText::LineEnds => {
            t!("The lines of this file end in more than one way, which an editor would not keep. Download the package to change it.")
        }
    };
    let limit = (why == NotText::Large).then(|| t!("The limit is {size}.", size = format::bytes(SOURCE_BYTES_MAX as u64)));
    let size = (why != NotText::Missing).then(|| size_words(size));
    view! {
        <Hint>
            <p><code class="font-mono text-ink">{path}</code> {size.map(|size| format!(" ({size})"))}</p>
            <p>{words} " " {limit}</p>
        </Hint>
    }
    .erase()
}

/// The editor, `Show Changes` and `Deploy`.
#[component]
fn SourceForm(
    function: FunctionRef,
    path: String,
    edit: Edit,
    /// What stands in the editor's place for a file that is no text.
    not_text: Option<AnyView>,
) -> impl IntoView {
    let call = LongCall::new();
    let sent = RwSignal::new(untrack(|| edit.draft()));
    // The answer may be to a form that the browser posted for another file.
    let answer = {
        let path = path.clone();
        memo(move || match call.state() {
            CallState::Done(json) => decode::<Deployment>(&json).ok().filter(|answer| answer.path == path),
            _ => None,
        })
    };
    effect(move || {
        if call.state() == CallState::Running {
            sent.set(untrack(|| edit.draft()));
        }
    });
    effect(move || {
        let Some(Deployment { checksum, changes, .. }) = answer.get() else { return };
        edit.checksum.set(checksum);
        if changes.is_none() {
            edit.stored.set(sent.with_untracked(|sent| sent.text.clone()));
        }
    });
    view! {
        <PostForm path=DeploySource::PATH class="min-w-0" multipart=true stays=true call>
            <FunctionFields function/>
            <SourceFields path edit sent not_text/>
        </PostForm>
        <Review answer edit sent/>
    }
    .erase()
}

/// Within the form, from which they know what was typed before it was refused.
#[component]
fn SourceFields(path: String, edit: Edit, sent: RwSignal<Draft>, not_text: Option<AnyView>) -> impl IntoView {
    let form = use_form();
    let mut typed = edit.stored.get_untracked();
    // What was posted may have been about another file.
    if form.typed("path", path.clone()) == path {
        typed = form.typed("text", typed).replace("\r\n", "\n");
        let answer = form.posted_value().and_then(|json| decode::<Deployment>(&json).ok());
        edit.checksum.set(answer.map_or_else(|| form.typed("checksum", edit.checksum.get_untracked()), |answer| answer.checksum));
        edit.target.set(form.typed("target", path.clone()));
        edit.is_deleted.set(form.typed_all("delete").is_some_and(|typed| !typed.is_empty()));
    }
    edit.text.set(typed);
    sent.set(untrack(|| edit.draft()));
    let is_refused = crate::permission::refusal(form.path).is_some();
    let is_edited = edit.is_edited;
    let place = if is_refused {
        view! { <code class="font-mono text-meta wrap-anywhere">{path.clone()}</code> }.erase()
    } else {
        view! { <Place path=path.clone() edit/> }.erase()
    };
    let body = match not_text {
        Some(words) => view! { <HiddenField name="keeps" value="1".to_owned()/> {words} }.erase(),
        None => view! {
            <CodeEditor
                name="text"
                label=t!("Text of {path}", path = path)
                file=path.clone()
                text=edit.text
                stored=edit.stored
                read_only=is_refused
                leave=t!("What was written here is not deployed. Leave it?")
            />
        }
        .erase(),
    };
    view! {
        <HiddenField name="path" value=path/>
        <HiddenField name="checksum" value=edit.checksum/>
        {edit.is_new.then(|| view! { <HiddenField name="new" value="1".to_owned()/> }.erase())}
        <div class="mb-2 flex min-h-8 flex-wrap items-end justify-between gap-x-4 gap-y-2">
            {place}
            <span class="flex flex-wrap items-center gap-2">
                <span role="status">
                    {dynamic(move || is_edited.get().then(|| view! { <Pill tone=Signal::stored(Tone::Warn)>{t!("Undeployed changes")}</Pill> }.erase()))}
                </span>
                <Submit name="intent" value="deploy">{t!("Deploy")}</Submit>
                <Submit look=Look::Plain name="intent" value=REVIEW>{t!("Show Changes")}</Submit>
            </span>
        </div>
        {body}
    }
    .erase()
}

/// Where the file is to be, if anywhere.
#[component]
fn Place(path: String, edit: Edit) -> impl IntoView {
    view! {
        <div class="flex min-w-0 grow flex-wrap items-end gap-x-4 gap-y-2">
            <div class="min-w-40 max-w-lg grow">
                <TextField name="target" label=t!("Path" in "file") value=path mono=true on_typed=move |typed: String| edit.target.set(typed)/>
            </div>
            {(!edit.is_new)
                .then(|| view! { <CheckField name="delete" label=t!("Delete this file") on_choice=move |is_deleted: bool| edit.is_deleted.set(is_deleted)/> }.erase())}
        </div>
    }
    .erase()
}

/// What the form would change, until it is filled in otherwise.
#[component]
fn Review(answer: Memo<Option<Deployment>>, edit: Edit, sent: RwSignal<Draft>) -> impl IntoView {
    let node = NodeRef::<html::Section>::new();
    let is_answer = answer.with_untracked(Option::is_some);
    let reviewed = memo(move || {
        let is_of_draft = sent.with(|sent| *sent == edit.draft());
        let Deployment { path, target, changes, .. } = answer.get().filter(|_| is_of_draft)?;
        Some((becomes(&path, target.as_deref(), edit.is_new), changes?))
    });
    effect(move || {
        if reviewed.with(Option::is_some)
            && let Some(node) = node.get()
        {
            node.scroll_into_view();
        }
    });
    let said = move || reviewed.with(|reviewed| reviewed.as_ref().map(|(becomes, changes)| summary(becomes, changes)));
    view! {
        <p role="status" class="mt-2 text-meta text-muted">{dynamic(said)}</p>
        {dynamic(move || reviewed.get().map(|(becomes, changes)| view! { <Compared becomes changes node is_answer/> }.erase()))}
    }
    .erase()
}

/// What becomes of the file itself; empty where it stays where it is.
fn becomes(path: &str, target: Option<&str>, is_new: bool) -> String {
    match target {
        None => t!("{path} is deleted.", path),
        Some(target) if is_new => t!("{path} is created.", path = target),
        Some(target) if target != path => t!("{path} becomes {target}.", path, target),
        Some(_) => String::new(),
    }
}
