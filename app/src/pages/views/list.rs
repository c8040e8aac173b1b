use super::api::{DeleteView, SavedViews as ReadSavedViews};
use crate::language::words;
use crate::reactive::{Load, memo, use_data};
use crate::routes::{AdminPage, Route};
use crate::ui::table::{ACTIONS, Column, LONG, NAMING, ROW, column, figures};
use crate::ui::{Each, EmptyState, Erase, HiddenField, Item, LinkButton, Look, PageHead, PostForm, Submit, Table, TextLink, dynamic};
use leptos::prelude::*;
use model::{Region, SavedView, TaskStatus};
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
    let filters: Vec<String> = crate::routes::pairs(&view.query).iter().map(|(name, value)| in_words(name, value)).collect();
    let filters = if filters.is_empty() { t!("None").to_owned() } else { filters.join(t!(", ")) };
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

/// A filter of a list of tasks, as the list names it; one that it does not know as the address has it.
fn in_words(name: &str, value: &str) -> String {
    let time = || value.replace('T', " ");
    match name {
        "status" => t!("Status: {status}", status = TaskStatus::parse(value).map_or(value, |status| words(status.as_str()))),
        "invocationIdPrefix" => t!("ID prefix: {prefix}", prefix = value),
        "service" => t!("Service: {name}", name = value),
        "function" => t!("Function Name: {name}", name = value),
        "from" => t!("From: {time}", time = time()),
        "to" => t!("To: {time}", time = time()),
        "sortOrderByTime" if value == "asc" => t!("Oldest first").to_owned(),
        "limit" => t!("Rows: {n}", n = value),
        _ => format!("{name} {value}"),
    }
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn b05_filters_of_a_view_are_named_as_in_its_list() {
        let check = |name, value, expected| assert_eq!(in_words(name, value), expected);
        check("status", "Failed", "Status: Failed");
        check("status", "Other", "Status: Other");
        check("invocationIdPrefix", "job-", "ID prefix: job-");
        check("service", "demo", "Service: demo");
        check("function", "ev-hello", "Function Name: ev-hello");
        check("from", "2026-11-24T12:01:05", "From: 2026-11-24 12:01:05");
        check("to", "2026-11-25T00:00:00", "To: 2026-11-25 00:00:00");
        check("sortOrderByTime", "asc", "Oldest first");
        check("limit", "100", "Rows: 100");
        check("columns", "id,end", "columns id,end");
    }
}
