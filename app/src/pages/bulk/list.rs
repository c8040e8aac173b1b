use super::api::BulkActions;
use super::in_words::{scope, title};
use super::state_label;
use crate::reactive::{Load, derive, memo, use_data, use_poll};
use crate::routes::{AdminPage, Route};
use crate::ui::table::{CELL, Column, FIGURE, LONG, NAMING, ROW, TELLING, column, figures};
use crate::ui::{Each, EmptyState, Erase, Item, LinkButton, PageHead, Pill, Table, TextLink, Timestamp, dynamic};
use leptos::prelude::*;
use model::{Bulk, Region, format};

const COLUMNS: &[Column] = &[
    column("Bulk Action"),
    column("Filter"),
    column("State"),
    figures("Ended\u{4}bulk"),
    figures("Failed\u{4}bulk"),
    column("Started By"),
    column("Started At"),
];

/// `/{region}/bulk`.
#[component]
pub(crate) fn Bulks(region: Region) -> impl IntoView {
    let found = {
        let region = region.clone();
        use_data(move || BulkActions { region: region.clone() })
    };
    view! {
        <PageHead title=t!("Bulk Actions") within=region.to_string() subtitle=t!("The latest ones. They are begun in the lists of tasks.")/>
        <Load
            data=found
            view={move |bulks: ReadSignal<Vec<Bulk>>| {
                use_poll(derive(move || bulks.read().iter().any(|bulk| bulk.state.is_active())), move || found.refetch());
                view! { <List region=region.clone() bulks/> }.erase()
            }}
        />
    }
    .erase()
}

#[component]
fn List(region: Region, bulks: ReadSignal<Vec<Bulk>>) -> impl IntoView {
    let is_empty = memo(move || bulks.with(Vec::is_empty));
    dynamic(move || {
        if is_empty.get() {
            let tasks = Route::Tasks(region.clone()).path();
            return view! {
                <div class="rounded-panel border border-line bg-surface">
                    <EmptyState title=t!("No bulk actions yet") text=t!("Filter the tasks of a function, then stop or re-execute all that match.")>
                        <LinkButton href=tasks>{t!("Task Execution Functions")}</LinkButton>
                    </EmptyState>
                </div>
            }
            .erase();
        }
        view! {
            <Table caption=t!("Bulk actions") columns=COLUMNS>
                <Each items=move || {
                    let item = |bulk: Bulk| {
                        let key = format!("{} {:?} {} {}", bulk.id, bulk.state, bulk.total, bulk.ended());
                        Item::new(key, move || view! { <BulkRow bulk/> }.erase())
                    };
                    bulks.get().into_iter().map(item).collect()
                }/>
            </Table>
        }
        .erase()
    })
}

#[component]
fn BulkRow(bulk: Bulk) -> impl IntoView {
    let to = Route::Admin(bulk.scope.region.clone(), AdminPage::Bulk(bulk.id.clone())).path();
    let (word, tone) = state_label(bulk.state);
    let (title, words) = (title(&bulk), scope(&bulk));
    view! {
        <tr role="row" class=ROW>
            <td role="cell" class=format!("{NAMING} {CELL}")><TextLink href=to>{title}</TextLink></td>
            <td role="cell" data-label=t!("Filter") class=format!("{LONG} w-full text-muted") title=words.clone()>{words.clone()}</td>
            <td role="cell" class=format!("{TELLING} {CELL}")><Pill tone>{word}</Pill></td>
            <td role="cell" data-label=t!("Ended" in "bulk") class=FIGURE>{format::count(bulk.ended())}</td>
            <td role="cell" data-label=t!("Failed" in "bulk") class=FIGURE>{format::count(bulk.failed)}</td>
            <td role="cell" data-label=t!("Started By") class=LONG>{bulk.user.clone()}</td>
            <td role="cell" data-label=t!("Started At") class=CELL><span class="text-muted"><Timestamp at=Some(bulk.created_at)/></span></td>
        </tr>
    }
    .erase()
}
