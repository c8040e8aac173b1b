use super::super::FunctionFields;
use super::api::{NotText, Opened, Package};
use super::compared::{Compared, summary};
use super::deploy::{DeploySource, Deployment, REVIEW};
use crate::forms::{CallState, LongCall, use_form};
use crate::reactive::wire::decode;
use crate::reactive::{derive, effect, memo};
use crate::ui::{CodeBlock, CodeEditor, Erase, HiddenField, Hint, Keyed, Look, Pill, PostForm, Submit, Tone, dynamic};
use leptos::html;
use leptos::prelude::*;
use model::limits::SOURCE_BYTES_MAX;
use model::{FunctionRef, format};
use server_fn::ServerFn;

/// What an editor holds, and what it was made from.
#[derive(Clone, Copy)]
struct Edit {
    /// Checksum of the package that the user has seen last.
    checksum: RwSignal<String>,
    /// The file's text as it is deployed.
    stored: RwSignal<String>,
    /// The text in the editor.
    text: RwSignal<String>,
    /// True while the two differ.
    is_edited: Memo<bool>,
}

impl Edit {
    fn new(package: &Package) -> Self {
        let opened = package.opened.as_ref().and_then(|opened| opened.text.clone().ok()).unwrap_or_default();
        let (stored, text) = (RwSignal::new(opened.clone()), RwSignal::new(opened));
        let is_edited = memo(move || text.with(|text| stored.with(|stored| text != stored)));
        Self { checksum: RwSignal::new(package.checksum.clone()), stored, text, is_edited }
    }
}

/// The opened file: in an editor, or for looking at, or why neither. It is made anew for another file, and for another package unless
/// something was written that is not deployed.
#[component]
pub(super) fn OpenedFile(function: FunctionRef, package: ReadSignal<Package>) -> impl IntoView {
    let generation = RwSignal::new(0_u32);
    let edit = StoredValue::new(package.with_untracked(Edit::new));
    let path = memo(move || package.with(|package| (package.is_latest, package.opened.as_ref().map(|opened| opened.path.clone()))));
    effect(move || {
        let checksum = package.with(|package| package.checksum.clone());
        let Edit { checksum: seen, is_edited, .. } = edit.get_value();
        if is_edited.try_get_untracked() == Some(false) && seen.try_get_untracked().is_some_and(|seen| seen != checksum) {
            generation.update(|n| *n += 1);
        }
    });
    let key = derive(move || format!("{} {:?}", generation.get(), path.get()));
    let draw = move |()| {
        let now = package.get_untracked();
        edit.set_value(Edit::new(&now));
        match now.opened {
            None => view! { <Hint>{t!("The package has no files.")}</Hint> }.erase(),
            Some(Opened { path, size, text: Err(why) }) => view! { <NotShown path size why/> }.erase(),
            Some(Opened { path, .. }) if now.is_latest => {
                view! { <SourceForm function=function.clone() path edit=edit.get_value()/> }.erase()
            }
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
    let size = (why != NotText::Missing).then(|| format::bytes(size));
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
fn SourceForm(function: FunctionRef, path: String, edit: Edit) -> impl IntoView {
    let call = LongCall::new();
    let sent = RwSignal::new(String::new());
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
            sent.set(edit.text.get_untracked());
        }
    });
    effect(move || {
        let Some(Deployment { checksum, changes, .. }) = answer.get() else { return };
        edit.checksum.set(checksum);
        if changes.is_none() {
            edit.stored.set(sent.get_untracked());
        }
    });
    view! {
        <PostForm path=DeploySource::PATH class="min-w-0" multipart=true stays=true call>
            <FunctionFields function/>
            <SourceFields path edit sent/>
        </PostForm>
        <Review answer edit sent/>
    }
    .erase()
}

/// Within the form, from which they know what was typed before it was refused.
#[component]
fn SourceFields(path: String, edit: Edit, sent: RwSignal<String>) -> impl IntoView {
    let form = use_form();
    let mut typed = edit.stored.get_untracked();
    // What was posted may have been about another file.
    if form.typed("path", path.clone()) == path {
        typed = form.typed("text", typed).replace("\r\n", "\n");
        let answer = form.posted_value().and_then(|json| decode::<Deployment>(&json).ok());
        edit.checksum.set(answer.map_or_else(|| form.typed("checksum", edit.checksum.get_untracked()), |answer| answer.checksum));
    }
    sent.set(typed.clone());
    edit.text.set(typed);
    let is_refused = crate::permission::refusal(form.path).is_some();
    let is_edited = edit.is_edited;
    view! {
        <HiddenField name="path" value=path.clone()/>
        <HiddenField name="checksum" value=edit.checksum/>
        <div class="mb-2 flex min-h-8 flex-wrap items-center justify-between gap-x-4 gap-y-2">
            <p class="flex min-w-0 flex-wrap items-center gap-2">
                <code class="font-mono text-meta wrap-anywhere">{path.clone()}</code>
                <span role="status">
                    {dynamic(move || is_edited.get().then(|| view! { <Pill tone=Signal::stored(Tone::Warn)>{t!("Undeployed changes")}</Pill> }.erase()))}
                </span>
            </p>
            <span class="flex flex-wrap items-center gap-2">
                <Submit name="intent" value="deploy">{t!("Deploy")}</Submit>
                <Submit look=Look::Plain name="intent" value=REVIEW>{t!("Show Changes")}</Submit>
            </span>
        </div>
        <CodeEditor
            name="text"
            label=t!("Text of {path}", path)
            file=path
            text=edit.text
            stored=edit.stored
            read_only=is_refused
            leave=t!("What was written here is not deployed. Leave it?")
        />
    }
    .erase()
}

/// What the editor's text would change, until it is another text.
#[component]
fn Review(answer: Memo<Option<Deployment>>, edit: Edit, sent: RwSignal<String>) -> impl IntoView {
    let node = NodeRef::<html::Section>::new();
    let is_answer = answer.with_untracked(Option::is_some);
    let changes = memo(move || {
        let is_of_text = edit.text.with(|text| sent.with(|sent| text == sent));
        answer.get().filter(|_| is_of_text).and_then(|answer| answer.changes)
    });
    effect(move || {
        if changes.with(Option::is_some)
            && let Some(node) = node.get()
        {
            node.scroll_into_view();
        }
    });
    view! {
        <p role="status" class="mt-2 text-meta text-muted">{dynamic(move || changes.with(|changes| changes.as_ref().map(summary)))}</p>
        {dynamic(move || changes.get().map(|changes| view! { <Compared changes node is_answer/> }.erase()))}
    }
    .erase()
}
