use super::api::{CreateTrigger, Row, Triggers as TriggersFn};
use super::form::Loaded;
use super::rows::{Call, TriggerRow};
use super::tab::create_title;
use crate::navigation::use_location;
use crate::reactive::{Load, memo, use_data, use_poll};
use crate::routes::{self, FunctionPage, Route};
use crate::ui::table::{Column, column, figures};
use crate::ui::{Dialog, DialogButton, DialogShape, Each, EmptyState, Erase, Glyph, Item, Look, PageHead, Table, dynamic};
use leptos::prelude::*;
use model::FunctionRef;
use server_fn::ServerFn;

const COLUMNS: &[Column] = &[
    column("Name"),
    column("Trigger Type"),
    column("Version or Alias"),
    column("Rule"),
    column("Enabled\u{4}trigger"),
    figures("Last fired"),
    figures("Next"),
    figures("Actions"),
];

/// `…/{function}/triggers`: those of every version and alias.
#[component]
pub(super) fn TriggerList(function: FunctionRef) -> impl IntoView {
    let rows = {
        let function = function.clone();
        use_data(move || TriggersFn { function: function.clone() })
    };
    // The clock moves what is shown.
    use_poll(Signal::stored(true), move || rows.refetch());
    let qualifier = use_location().query.with_untracked(|query| query.get("qualifier").unwrap_or_default());
    let create_page =
        format!("{}{}", Route::Function(function.clone(), FunctionPage::CreateTrigger).path(), routes::query(&[("qualifier", &qualifier)]));
    let open = RwSignal::new(false);
    let (dialog, empty_page) = (function.clone(), create_page.clone());
    view! {
        <PageHead title=t!("Triggers") within=function.region.to_string() small=true>
            <DialogButton page=create_page open needs=CreateTrigger::PATH look=Look::Primary icon=Glyph::Plus>{create_title()}</DialogButton>
        </PageHead>
        <Load
            data=rows
            view={move |rows: ReadSignal<Vec<Row>>| {
                view! { <List function=function.clone() rows create_page=empty_page.clone() open/> }.erase()
            }}
        />
        <Dialog open title=create_title() id="create-trigger" shape=DialogShape::Side>
            <Loaded function=dialog.clone() trigger=None on_close=Callback::new(move |()| open.set(false))/>
        </Dialog>
    }
    .erase()
}

#[component]
fn List(function: FunctionRef, rows: ReadSignal<Vec<Row>>, create_page: String, open: RwSignal<bool>) -> impl IntoView {
    let is_empty = memo(move || rows.with(Vec::is_empty));
    dynamic(move || {
        if is_empty.get() {
            let page = create_page.clone();
            return view! {
                <div class="rounded-panel border border-line bg-surface">
                    <EmptyState title=t!("No triggers") text=t!("A trigger calls the function by itself: at certain times, or for whoever asks by HTTP.")>
                        <DialogButton page open look=Look::Primary label=t!("Create Trigger now")>{create_title()}</DialogButton>
                    </EmptyState>
                </div>
            }
            .erase();
        }
        let (caption, function) = (t!("Triggers of {name}", name = function.function), function.clone());
        view! {
            // Headings of two lines, so that a rule and times have room.
            <div class="[&_th]:leading-tight [&_th]:break-keep [&_th]:whitespace-normal">
                <Table caption columns=COLUMNS full=true>
                    <Each items=move || {
                        let item = |row: Row| {
                            let function = function.clone();
                            let key = format!("{} {} {} {:?} {:?}", row.name, row.qualifier, row.rule, row.enabled, row.address);
                            Item::new(key, move || view! { <TriggerRow function row rows/> }.erase())
                        };
                        rows.get().into_iter().map(item).collect()
                    }/>
                </Table>
            </div>
            <div class="mt-4 max-w-4xl space-y-4">
                <Each items=move || {
                    let call = |row: Row| {
                        let (name, address) = (row.name, row.address?);
                        Some(Item::new(format!("{name} {address:?}"), move || view! { <Call name address/> }.erase()))
                    };
                    rows.get().into_iter().filter_map(call).collect()
                }/>
            </div>
        }
        .erase()
    })
}
