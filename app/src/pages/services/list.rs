use super::api::{Row, Services as ServicesFn, TagChoices};
use super::tags::{TagLink, print_tag};
use crate::pages::leading_select::LeadingSelect;
use crate::reactive::{Load, derive, memo, use_data, use_query};
use crate::routes::{Route, ServicePage};
use crate::ui::table::{CELL, Column, FIGURE, LONG, NAMING, ROW, YIELDING, column, figures, none_if};
use crate::ui::{
    Each, EmptyState, Erase, Glyph, Item, LinkButton, Look, PageHead, Pager, RowActions, SearchForm, Table, TextLink, Timestamp, dynamic,
};
use leptos::prelude::*;
use model::{Page, Region, ServiceRef, format};

const COLUMNS: &[Column] = &[
    column("Service Name"),
    column("Description"),
    figures("Functions\u{4}count"),
    column("Tags"),
    figures("Created At"),
    figures("Actions"),
];

/// Tags of a service that its row shows; the hover has them all.
const TAGS_SHOWN: usize = 2;

/// `/{region}/services`.
#[component]
pub(crate) fn Services(region: Region) -> impl IntoView {
    let query = use_query();
    let text = move |name: &'static str| memo(move || query.with(|query| query.get(name).unwrap_or_default()));
    let (search, tag, page) = (text("search"), text("tag"), text("page"));
    let rows = {
        let region = region.clone();
        use_data(move || ServicesFn { region: region.clone(), search: search.get(), tag: tag.get(), page: page.get() })
    };
    let choices = {
        let region = region.clone();
        use_data(move || TagChoices { region: region.clone(), chosen: tag.get() })
    };
    let list = Route::Services(region.clone()).path();
    let action = list.clone();
    let create = Route::CreateService(region.clone()).path();
    view! {
        <PageHead title=t!("Services") within=region.to_string()>
            <LinkButton href=create look=Look::Primary icon=Glyph::Plus>{t!("Create Service")}</LinkButton>
        </PageHead>
        <div class="mb-3 flex flex-wrap items-center gap-x-4 gap-y-2">
            <SearchForm action=list label=t!("Search by name prefix") value=search kept=("tag", tag.into())/>
            <Load
                data=choices
                rows=1
                view={move |choices: ReadSignal<Vec<String>>| {
                    let action = action.clone();
                    dynamic(move || view! { <TagSelect action=action.clone() choices=choices.get() tag search/> }.erase())
                }}
            />
        </div>
        <Load data=rows view={move |rows: ReadSignal<Page<Row>>| view! { <List region=region.clone() rows search tag page/> }.erase()}/>
    }
    .erase()
}

/// The filter by tag, where there are tags.
#[component]
fn TagSelect(action: String, choices: Vec<String>, tag: Memo<String>, search: Memo<String>) -> impl IntoView {
    if choices.is_empty() {
        return ().into_any();
    }
    let mut options = vec![(String::new(), t!("All").to_owned())];
    options.extend(choices.into_iter().map(|choice| (choice.clone(), choice)));
    view! { <LeadingSelect action name="tag" label=t!("Tag") options chosen=tag kept=("search", search.into())/> }.erase()
}

#[component]
fn List(region: Region, rows: ReadSignal<Page<Row>>, search: Memo<String>, tag: Memo<String>, page: Memo<String>) -> impl IntoView {
    let list = Route::Services(region.clone());
    let address = move |token: &str| list.with_query(&[("search", &search.read()), ("tag", &tag.read()), ("page", token)]);
    let first = {
        let address = address.clone();
        derive(move || (!page.read().is_empty()).then(|| address("")))
    };
    let next = derive(move || rows.with(|rows| (!rows.next_token.is_empty()).then(|| address(&rows.next_token))));
    let is_empty = memo(move || rows.with(|rows| rows.items.is_empty()));
    dynamic(move || {
        let region = region.clone();
        if is_empty.get() {
            return view! { <Empty region=region.clone() filtered=!(search.read().is_empty() && tag.read().is_empty())/> }.erase();
        }
        view! {
            <Table caption=t!("Services") columns=COLUMNS full=true>
                <Each items=move || {
                    let item = |row: Row| {
                        let region = region.clone();
                        Item::new(format!("{row:?}"), move || view! { <ServiceRow region row/> }.erase())
                    };
                    rows.get().items.into_iter().map(item).collect()
                }/>
            </Table>
            <Pager first next/>
        }
        .erase()
    })
}

#[component]
fn ServiceRow(region: Region, row: Row) -> impl IntoView {
    let name = row.name.to_string();
    let shown = name.clone();
    let named = ServiceRef { region, service: row.name };
    let functions = Route::Functions(named.clone()).path();
    let configure = Route::Service(named.clone(), ServicePage::Configuration).path();
    let (functions_label, configure_label, delete_label) =
        (t!("Functions {name}", name), t!("Configure {name}", name), t!("Delete {name}", name));
    let count = format!("{}{}", format::count(row.functions), if row.has_more { "+" } else { "" });
    let tags: Vec<String> = row.tags.0.iter().map(|(key, value)| print_tag(key, value)).collect();
    let all_tags = tags.join(", ");
    let (no_description, no_tags) = (none_if(row.description.is_empty()), none_if(tags.is_empty()));
    let more = tags.len().saturating_sub(TAGS_SHOWN);
    let of_tags = named.region.clone();
    let each = tags
        .into_iter()
        .take(TAGS_SHOWN)
        .map(move |tag| view! { <span class="max-w-28 truncate"><TagLink region=of_tags.clone() tag/></span> }.erase());
    view! {
        <tr role="row" class=ROW>
            <td role="cell" class=format!("{NAMING} {LONG}")>
                <span class="font-medium"><TextLink href=functions.clone()>{shown}</TextLink></span>
            </td>
            <td role="cell" data-label=t!("Description") class=format!("{YIELDING} w-full text-muted{no_description}") title=row.description.clone()>{row.description.clone()}</td>
            <td role="cell" data-label=t!("Functions" in "count") class=FIGURE>{count}</td>
            <td role="cell" data-label=t!("Tags") class=format!("{CELL}{no_tags}") title=all_tags>
                <div class="flex gap-3 max-sm:flex-wrap">
                    {each.collect::<Vec<_>>()} {(more > 0).then(|| view! { <span class="text-muted">{format!("+{more}")}</span> }.erase())}
                </div>
            </td>
            <td role="cell" data-label=t!("Created At") class=FIGURE>
                <span class="text-muted"><Timestamp at=Some(row.created_at)/></span>
            </td>
            <RowActions key=name.clone() of=name>
                <TextLink href=functions label=functions_label>{t!("Functions")}</TextLink>
                <TextLink href=configure label=configure_label>{t!("Configure")}</TextLink>
                <TextLink href=Route::DeleteService(named).path() label=delete_label>{t!("Delete")}</TextLink>
            </RowActions>
        </tr>
    }
    .erase()
}

#[component]
fn Empty(region: Region, filtered: bool) -> impl IntoView {
    let body = if filtered {
        view! {
            <EmptyState title=t!("Nothing matches these filters") text=t!("No service has a name that begins like this, or none of them has the tag.")>
                <LinkButton href=Route::Services(region).path()>{t!("Clear filters")}</LinkButton>
            </EmptyState>
        }
        .erase()
    } else {
        view! {
            <EmptyState title=t!("No services yet") text=t!("A service groups functions that share their settings.")>
                <LinkButton href=Route::CreateService(region).path() look=Look::Primary label=t!("Create Service now")>{t!("Create Service")}</LinkButton>
            </EmptyState>
        }
        .erase()
    };
    view! { <div class="rounded-panel border border-line bg-surface">{body}</div> }.erase()
}
