use super::super::tasks::size_words;
use super::api::{CodePackage, Package, UploadCode as UploadCodeFn};
use super::file::OpenedFile;
use super::files::Files;
use super::upload::UploadCode;
use crate::pages::create_function::runtime_label;
use crate::pages::qualifier::{QualifierSelect, ReadOnlyHint, use_qualifier};
use crate::reactive::{Load, derive, memo, use_data, use_query};
use crate::routes::{self, FunctionPage, Route};
use crate::ui::{Dialog, DialogButton, Erase, Fact, Facts, Glyph, Hint, HintKind, LinkButton, PageHead, Panel, Timestamp, dynamic};
use leptos::prelude::*;
use model::FunctionRef;
use server_fn::ServerFn;

fn form_title() -> &'static str {
    t!("Upload Code")
}

/// What runs, and the dialog (or page) that replaces it.
#[component]
pub(crate) fn CodeTab(function: FunctionRef, page: Memo<FunctionPage>) -> impl IntoView {
    let (qualifier, query) = (use_qualifier(), use_query());
    let file = memo(move || query.with(|query| query.get("file")).unwrap_or_default());
    let package = {
        let function = function.clone();
        use_data(move || CodePackage { function: function.clone(), qualifier: qualifier.get(), file: file.get() })
    };
    let open = RwSignal::new(false);
    let on_form_page = memo(move || page.get() == FunctionPage::UploadCode);
    let head = {
        let function = function.clone();
        move || {
            let title = if on_form_page.get() { form_title() } else { t!("Code") };
            let upload = Route::Function(function.clone(), FunctionPage::UploadCode).path();
            let of_download = function.clone();
            let download = move || {
                let href = routes::code_download(&of_download, &qualifier.read());
                view! { <LinkButton href icon=Glyph::Download external=true>{t!("Download")}</LinkButton> }.erase()
            };
            let upload = move || {
                let page = upload.clone();
                let is_latest = qualifier.read().is_empty();
                is_latest.then(|| {
                    view! { <DialogButton page open needs=UploadCodeFn::PATH icon=Glyph::Upload>{t!("Upload")}</DialogButton> }.erase()
                })
            };
            let (service, list) = (function.service_ref(), Route::Function(function.clone(), FunctionPage::Code).path());
            view! {
                <PageHead title within=function.region.to_string() small=true>
                    {(!on_form_page.get())
                        .then(|| {
                            view! {
                                <QualifierSelect service action=list chosen=qualifier/>
                                {dynamic(upload)}
                                {dynamic(download)}
                            }
                            .erase()
                        })}
                </PageHead>
            }
            .erase()
        }
    };
    let (dialog, form_page) = (function.clone(), function);
    view! {
        {dynamic(head)}
        <ReadOnlyHint qualifier/>
        <Load
            data=package
            view={move |package: ReadSignal<Package>| {
                let function = form_page.clone();
                let body = move || {
                    let function = function.clone();
                    if on_form_page.get() {
                        view! { <Panel narrow=true><UploadCode function/></Panel> }.erase()
                    } else {
                        view! { <Contents function qualifier package/> }.erase()
                    }
                };
                dynamic(body)
            }}
        />
        <Dialog open title=form_title() id="upload-code">
            <UploadCode function=dialog.clone() on_close=Callback::new(move |()| open.set(false))/>
        </Dialog>
    }
    .erase()
}

/// Facts of the package, its files, and one of them.
#[component]
fn Contents(function: FunctionRef, qualifier: Memo<String>, package: ReadSignal<Package>) -> impl IntoView {
    let stands_in =
        memo(move || package.with(|package| !package.runtime.exact).then(|| package.with(|package| runtime_label(&package.runtime))));
    let files = memo(move || package.with(|package| package.files.clone()));
    let opened = memo(move || package.with(|package| package.opened.as_ref().map(|opened| opened.path.clone())).unwrap_or_default());
    let left_out = memo(move || package.with(|package| package.file_count.saturating_sub(package.files.len())));
    view! {
        <div class="space-y-4">
            {dynamic(move || {
                stands_in
                    .get()
                    .map(|label| {
                        view! { <Hint kind=HintKind::Warning>{t!("The exact version of this runtime is not installed here: {label}.", label)}</Hint> }.erase()
                    })
            })}
            <Panel>
                <Facts>
                    <Fact name=t!("Runtime")>{dynamic(move || package.with(|package| package.runtime.name.to_string()))}</Fact>
                    <Fact name=t!("Handler")><code class="font-mono text-meta">{dynamic(move || package.with(|package| package.handler.clone()))}</code></Fact>
                    <Fact name=t!("Package")>{dynamic(move || package.with(|package| size_words(package.size)))}</Fact>
                    <Fact name=t!("Checksum (CRC-64)")>
                        <code class="font-mono text-meta">{dynamic(move || package.with(|package| package.checksum.clone()))}</code>
                    </Fact>
                    <Fact name=t!("Last Modified")><Timestamp at=derive(move || Some(package.with(|package| package.modified_at)))/></Fact>
                </Facts>
            </Panel>
            <div class="grid grid-cols-1 items-start gap-4 lg:grid-cols-[minmax(14rem,1fr)_4fr]">
                <Files function=function.clone() qualifier files opened left_out/>
                <div class="min-w-0"><OpenedFile function package/></div>
            </div>
        </div>
    }
    .erase()
}
