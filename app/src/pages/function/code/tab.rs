use super::super::tasks::size_words;
use super::api::{CodePackage, Package, UploadCode as UploadCodeFn};
use super::upload::UploadCode;
use crate::pages::create_function::runtime_label;
use crate::pages::qualifier::{QualifierSelect, ReadOnlyHint, use_qualifier};
use crate::reactive::{Load, derive, memo, use_data};
use crate::routes::{self, FunctionPage, Route};
use crate::ui::table::{CELL, Column, FIGURE, ROW, column, figures};
use crate::ui::{
    CodeBlock, Dialog, DialogButton, Each, Erase, Fact, Facts, Glyph, Hint, HintKind, Item, LinkButton, PageHead, Panel, Table, Timestamp,
    dynamic,
};
use leptos::prelude::*;
use model::FunctionRef;
use server_fn::ServerFn;

const COLUMNS: &[Column] = &[column("File"), figures("Size")];

fn form_title() -> &'static str {
    t!("Upload Code")
}

/// What runs, and the dialog (or page) that replaces it.
#[component]
pub(crate) fn CodeTab(function: FunctionRef, page: Memo<FunctionPage>) -> impl IntoView {
    let qualifier = use_qualifier();
    let package = {
        let function = function.clone();
        use_data(move || CodePackage { function: function.clone(), qualifier: qualifier.get() })
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
                        view! { <Contents package/> }.erase()
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

#[component]
fn Contents(package: ReadSignal<Package>) -> impl IntoView {
    let stands_in =
        memo(move || package.with(|package| !package.runtime.exact).then(|| package.with(|package| runtime_label(&package.runtime))));
    let preview = memo(move || package.with(|package| package.preview.clone()));
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
            <div class="grid items-start gap-4 lg:grid-cols-[minmax(16rem,1fr)_3fr]">
                <div class="min-w-0">
                    <Table caption=t!("Files of the package") columns=COLUMNS>
                        <Each items=move || package.with(|package| package.files.iter().cloned().map(file_row).collect())/>
                    </Table>
                    {dynamic(move || {
                        let more = left_out.get();
                        (more > 0).then(|| view! { <p class="mt-2 text-meta text-muted">{t!("and {more} more files", more)}</p> }.erase())
                    })}
                </div>
                <div class="min-w-0">
                    {dynamic(move || match preview.get() {
                        Some((path, text)) => view! { <CodeBlock label=t!("Text of {path}", path) text/> }.erase(),
                        None => view! { <Hint>{t!("The file of the handler is not in the package, or is no text.")}</Hint> }.erase(),
                    })}
                </div>
            </div>
        </div>
    }
    .erase()
}

fn file_row((path, size): (String, u64)) -> Item {
    Item::new(format!("{size} {path}"), move || {
        view! {
            <tr class=ROW>
                <td class=format!("{CELL} font-mono text-meta")>{path}</td>
                <td class=format!("{FIGURE} text-muted")>{size_words(size)}</td>
            </tr>
        }
        .erase()
    })
}
