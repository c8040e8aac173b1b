//! The package's files as a tree of links.

use super::deploy::DeploySource;
use crate::pages::function::tasks::size_words;
use crate::reactive::{derive, memo};
use crate::routes::{FunctionPage, Route};
use crate::ui::{Erase, GetForm, Glyph, Look, Submit, dynamic};
use leptos::prelude::*;
use model::FunctionRef;
use server_fn::ServerFn;
use std::collections::BTreeMap;

/// Folders within folders that are drawn; what is deeper stands there with the rest of its path.
const DEPTH_MAX: usize = 12;

/// What a folder holds.
#[derive(Default, PartialEq, Eq, Debug)]
struct Folder<'a> {
    folders: BTreeMap<&'a str, Folder<'a>>,
    /// Name, whole path, bytes.
    files: BTreeMap<&'a str, (&'a str, u64)>,
}

impl<'a> Folder<'a> {
    fn of(files: &'a [(String, u64)]) -> Self {
        let mut root = Self::default();
        for (path, size) in files {
            let mut folder = &mut root;
            let mut parts: Vec<&str> = path.splitn(DEPTH_MAX, '/').collect();
            let name = parts.pop().unwrap_or_default();
            for part in parts {
                folder = folder.folders.entry(part).or_default();
            }
            folder.files.insert(name, (path, *size));
        }
        root
    }
}

/// A link for each file, to the same tab with it opened.
#[component]
pub(super) fn Files(
    function: FunctionRef,
    qualifier: Memo<String>,
    /// Paths and unpacked bytes.
    files: Memo<Vec<(String, u64)>>,
    /// Path of the file that is shown.
    opened: Memo<String>,
    /// Files that are not among them.
    left_out: Memo<usize>,
) -> impl IntoView {
    let tab = Route::Function(function.clone(), FunctionPage::Code).path();
    let may_create = crate::permission::refusal(DeploySource::PATH).is_none();
    let route = Route::Function(function, FunctionPage::Code);
    let tree = move || {
        let link = Link { route: route.clone(), qualifier: qualifier.get(), opened };
        files.with(|files| draw(&Folder::of(files), "", &link))
    };
    view! {
        <div class="min-w-0 space-y-2">
        <nav aria-label=t!("Files of the package") class="max-h-[clamp(20rem,62dvh,44rem)] min-w-0 overflow-y-auto rounded-panel border border-line bg-surface p-2">
            {dynamic(tree)}
            {dynamic(move || {
                let more = left_out.get();
                (more > 0).then(|| view! { <p class="mt-2 px-2 text-meta text-muted">{t!("and {more} more files", more)}</p> }.erase())
            })}
        </nav>
        {dynamic(move || (may_create && qualifier.read().is_empty()).then(|| view! { <NewFile tab=tab.clone()/> }.erase()))}
        </div>
    }
    .erase()
}

/// Opens an empty file of the path that is typed; it is in the package once it is deployed.
#[component]
fn NewFile(tab: String) -> impl IntoView {
    view! {
        <GetForm action=tab>
            <input
                name="file"
                aria-label=t!("Path of the new file")
                placeholder="lib/util.py"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                class="h-8 w-0 min-w-24 grow rounded-control border border-line-strong bg-field px-2 font-mono text-meta placeholder:text-faint hover:border-faint"
            />
            <input type="hidden" name="new" value="1"/>
            <Submit reads=true look=Look::Plain icon=Glyph::Plus>{t!("New File")}</Submit>
        </GetForm>
    }
    .erase()
}

/// What all links of a tree have in common.
struct Link {
    route: Route,
    qualifier: String,
    opened: Memo<String>,
}

/// The folder's own folders, then its files. A folder is open at first when it holds what is shown.
fn draw(folder: &Folder<'_>, within: &str, link: &Link) -> AnyView {
    let folders = folder.folders.iter().map(|(name, inner)| {
        let path = format!("{within}{name}/");
        let is_open = link.opened.with_untracked(|opened| opened.starts_with(&path));
        view! {
            <li>
                <details open=is_open>
                    <summary class="flex h-7 cursor-pointer items-center rounded-control px-2 font-mono text-meta text-muted hover:bg-hover hover:text-ink">
                        <span class="sr-only">{within.to_owned()}</span>
                        <span class="truncate">{format!("{name}/")}</span>
                    </summary>
                    <div class="ml-2 border-l border-line pl-1">{draw(inner, &path, link)}</div>
                </details>
            </li>
        }
        .erase()
    });
    let folders = folders.collect::<Vec<_>>();
    let files = folder.files.iter().map(|(name, (path, size))| file(name, path, *size, within, link)).collect::<Vec<_>>();
    view! { <ul>{folders}{files}</ul> }.erase()
}

fn file(name: &str, path: &str, size: u64, within: &str, link: &Link) -> AnyView {
    let href = link.route.with_query(&[("qualifier", &link.qualifier), ("file", path)]);
    let (opened, path) = (link.opened, path.to_owned());
    let current = memo(move || opened.with(|opened| *opened == path));
    view! {
        <li>
            <a
                href=href
                data-noscroll="true"
                aria-current=derive(move || current.get().then_some("true"))
                class="flex h-7 items-center gap-2 rounded-control px-2 font-mono text-meta hover:bg-hover aria-[current=true]:bg-selected \
                       aria-[current=true]:font-medium"
            >
                <span class="min-w-0 truncate"><span class="sr-only">{within.to_owned()}</span>{name.to_owned()}</span>
                <span class="ml-auto whitespace-nowrap text-muted tabular-nums">{size_words(size)}</span>
            </a>
        </li>
    }
    .erase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b11_paths_become_folders_down_to_a_depth() {
        let deep = "a/".repeat(40) + "z.py";
        let files = [("lib/b.py".to_owned(), 1), ("index.py".to_owned(), 2), (deep.clone(), 3)];
        let root = Folder::of(&files);
        assert_eq!(root.files, BTreeMap::from([("index.py", ("index.py", 2))]));
        assert_eq!(root.folders["lib"].files["b.py"], ("lib/b.py", 1));
        let (mut folder, mut depth) = (&root, 1);
        while let Some(inner) = folder.folders.get("a") {
            (folder, depth) = (inner, depth + 1);
        }
        let rest = "a/".repeat(41 - DEPTH_MAX) + "z.py";
        assert_eq!((depth, folder.files[rest.as_str()]), (DEPTH_MAX, (deep.as_str(), 3)));
    }
}
