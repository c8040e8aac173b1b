use super::api::{DeleteView, SavedViews as ReadSavedViews};
use crate::reactive::{Load, memo, use_data};
use crate::routes::{AdminPage, Route};
use crate::ui::table::{ACTIONS, Column, LONG, NAMING, ROW, column, figures};
use crate::ui::{Each, EmptyState, Erase, HiddenField, Item, LinkButton, Look, PageHead, PostForm, Submit, Table, TextLink, dynamic};
use leptos::prelude::*;
use model::{Region, SavedView};
use server_fn::ServerFn;

const COLUMNS: &[Column] = &[column("Name"), column("List"), column("Filters"), figures("Actions")];

/// `/{region}/saved-views`.
#[component]
pub(crate) fn SavedViews(region: Region) -> impl IntoView {
    let views = {
        let region = region.clone();
        use_data(move || ReadSavedViews { region: region.clone() })
    };
    view! {
        <PageHead title=t!("Saved Views") within=region.to_string() subtitle=t!("Yours alone. A view is a link: whoever gets its address sees the same filters.")/>
        <Load data=views view={move |views: ReadSignal<Vec<SavedView>>| view! { <List region=region.clone() views/> }.erase()}/>
    }
    .erase()
}

#[component]
fn List(region: Region, views: ReadSignal<Vec<SavedView>>) -> impl IntoView {
    let is_empty = memo(move || views.with(Vec::is_empty));
    dynamic(move || {
        let region = region.clone();
        if is_empty.get() {
            let all = Route::Admin(region, AdminPage::AllTasks).path();
            return view! {
                <div class="rounded-panel border border-line bg-surface">
                    <EmptyState title=t!("No saved views yet") text=t!("Set the filters of a list of tasks and choose Save view there.")>
                        <LinkButton href=all>{t!("All Tasks")}</LinkButton>
                    </EmptyState>
                </div>
            }
            .erase();
        }
        view! {
            <Table caption=t!("Saved views") columns=COLUMNS>
                <Each items=move || {
                    let item = |view: SavedView| {
                        let region = region.clone();
                        Item::new(format!("{} {} {}", view.list, view.name, view.query), move || view! { <ViewRow region view/> }.erase())
                    };
                    views.get().into_iter().map(item).collect()
                }/>
            </Table>
        }
        .erase()
    })
}

#[component]
fn ViewRow(region: Region, view: SavedView) -> impl IntoView {
    let list = Route::parse(&view.list).map_or_else(|| view.list.clone(), |list| list.list_label());
    let filters: Vec<String> = crate::routes::pairs(&view.query).into_iter().map(|(name, value)| format!("{name} {value}")).collect();
    let filters = if filters.is_empty() { t!("None").to_owned() } else { filters.join(", ") };
    let SavedView { name, list: path, .. } = view.clone();
    let (of_title, of_label) = (name.clone(), t!("Delete {name}", name));
    let of_form = name.clone();
    let place = path.clone();
    view! {
        <tr role="row" class=ROW>
            <td role="cell" class=format!("{NAMING} {LONG} font-medium") title=of_title>
                <TextLink href=view.address()>{name}</TextLink>
            </td>
            <td role="cell" data-label=t!("List") class=LONG title=place>{list}</td>
            <td role="cell" data-label=t!("Filters") class=format!("{LONG} w-full text-muted") title=filters.clone()>{filters.clone()}</td>
            <td role="cell" class=ACTIONS>
                <div class="flex justify-end">
                    <PostForm path=DeleteView::PATH class="contents" stays=true>
                        <HiddenField name="region" value=region.to_string()/>
                        <HiddenField name="list" value=path/>
                        <HiddenField name="name" value=of_form/>
                        <Submit look=Look::Quiet label=of_label>{t!("Delete")}</Submit>
                    </PostForm>
                </div>
            </td>
        </tr>
    }
    .erase()
}
