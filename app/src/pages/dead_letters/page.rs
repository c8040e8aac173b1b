use super::api::{DEFAULT_WINDOW, Dead, DeadLetters as ReadDeadLetters, Group, windows};
use super::row::GroupRow;
use crate::navigation::use_location;
use crate::reactive::{Load, derive, memo, use_data};
use crate::routes::{AdminPage, Route};
use crate::ui::table::{Column, column, figures};
use crate::ui::{Each, EmptyState, Erase, FilterSelect, GetForm, Hint, Item, LinkButton, Look, PageHead, Submit, Table, dynamic, or_all};
use leptos::prelude::*;
use model::{DeadLetterKey, Region};

const COLUMNS: &[Column] = &[
    column("Error"),
    column("Function"),
    column("State"),
    figures("Count"),
    column("First seen"),
    column("Last seen"),
    column("Sample"),
    figures("Actions"),
];

/// `/{region}/dead-letters`.
#[component]
pub(crate) fn DeadLettersPage(region: Region) -> impl IntoView {
    let search = use_location().search;
    let found = {
        let region = region.clone();
        use_data(move || ReadDeadLetters { region: region.clone(), search: search.get() })
    };
    let bulks = Route::Admin(region.clone(), AdminPage::Bulks).path();
    view! {
        <PageHead title=t!("Dead Letters") within=region.to_string() subtitle=t!("Tasks that ended as Failed, Expired or Invalid, by function and error.")>
            <LinkButton href=bulks>{t!("Bulk Actions")}</LinkButton>
        </PageHead>
        <Load data=found view={move |dead: ReadSignal<Dead>| view! { <Found region=region.clone() dead/> }.erase()}/>
    }
    .erase()
}

#[component]
fn Found(region: Region, dead: ReadSignal<Dead>) -> impl IntoView {
    let list = Route::Admin(region, AdminPage::DeadLetters).path();
    let is_empty = memo(move || dead.with(|dead| dead.groups.is_empty()));
    let is_partial = memo(move || dead.read().is_partial);
    let search = use_location().search;
    let all = list.clone();
    view! {
        <Filter list dead/>
        {dynamic(move || {
            is_partial
                .get()
                .then(|| {
                    view! {
                        <div class="mb-3">
                            <Hint>{t!("There are more tasks than were looked at: counts are those of the latest ones, and groups may be missing. Choose a shorter window.")}</Hint>
                        </div>
                    }
                    .erase()
                })
        })}
        {dynamic(move || {
            if is_empty.get() {
                let all = all.clone();
                return view! {
                    <div class="rounded-panel border border-line bg-surface">
                        <EmptyState title=t!("No failed tasks in this window") text=t!("What fails, expires or can't be run is listed here.")>
                            <LinkButton href=format!("{all}?window=0")>{t!("Show all")}</LinkButton>
                        </EmptyState>
                    </div>
                }
                .erase();
            }
            view! {
                <Table caption=t!("Dead letters") columns=COLUMNS>
                    <Each items=move || {
                        // A row leads back to the filter that it was shown under.
                        let (since, filter) = (dead.read().since, search.get());
                        let item = |Group { group, error }: Group| {
                            let DeadLetterKey { function, status, error_kind } = &group.key;
                            let key = format!("{function} {status} {error_kind} {} {} {filter}", group.count, group.last_at.0);
                            Item::new(key, move || view! { <GroupRow group error since/> }.erase())
                        };
                        dead.with(|dead| dead.groups.iter().cloned().map(item).collect())
                    }/>
                </Table>
            }
            .erase()
        })}
    }
    .erase()
}

#[component]
fn Filter(list: String, dead: ReadSignal<Dead>) -> impl IntoView {
    // The window that is meant where none is named has no name.
    let window = |days: u32| if days == DEFAULT_WINDOW { String::new() } else { days.to_string() };
    let windows = Signal::stored(windows().map(|(days, words)| (window(days), words.to_owned())).to_vec());
    view! {
        <GetForm action=list search=true class="mb-3 flex flex-wrap items-center gap-3">
            <FilterSelect
                name="function"
                label=t!("Function")
                options=derive(move || or_all(dead.read().functions.clone()))
                chosen=derive(move || dead.read().function.clone())
            />
            <FilterSelect
                name="kind"
                label=t!("Kind")
                options=derive(move || or_all(dead.read().kinds.clone()))
                chosen=derive(move || dead.read().kind.clone())
            />
            <FilterSelect name="window" label=t!("Window") options=windows chosen=derive(move || window(dead.read().days))/>
            <Submit reads=true look=Look::Plain>{t!("Search")}</Submit>
        </GetForm>
    }
    .erase()
}
