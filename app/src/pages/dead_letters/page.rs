use super::api::{Dead, DeadLetters as ReadDeadLetters, Group, windows};
use super::row::GroupRow;
use crate::navigation::use_location;
use crate::reactive::{Load, memo, use_data};
use crate::routes::{AdminPage, Route};
use crate::ui::table::{Column, column, figures};
use crate::ui::{Each, EmptyState, Erase, GetForm, Hint, Item, LinkButton, Look, PageHead, Submit, Table, dynamic};
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
const CONTROL: &str = "h-8 min-w-0 max-w-52 rounded-control border border-line-strong bg-field px-2 pr-7 select-arrow hover:border-faint";

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
    let named = |names: Vec<String>| {
        std::iter::once((String::new(), t!("All").to_owned())).chain(names.into_iter().map(|name| (name.clone(), name)))
    };
    let windows = windows().into_iter().map(|(days, words)| {
        let value = if days == 7 { String::new() } else { days.to_string() };
        (value, words.to_owned())
    });
    let windows: Vec<(String, String)> = windows.collect();
    view! {
        <GetForm action=list search=true class="mb-3 flex flex-wrap items-center gap-3">
            {dynamic(move || {
                let Dead { functions, kinds, function, kind, days, .. } = dead.get();
                let window = if days == 7 { String::new() } else { days.to_string() };
                view! {
                    {select("function", t!("Function"), named(functions).collect(), &function)}
                    {select("kind", t!("Kind"), named(kinds).collect(), &kind)}
                    {select("window", t!("Window"), windows.clone(), &window)}
                }
                .erase()
            })}
            <Submit reads=true look=Look::Plain>{t!("Search")}</Submit>
        </GetForm>
    }
    .erase()
}

/// A choice of a filter.
pub(crate) fn select(name: &'static str, label: &'static str, options: Vec<(String, String)>, chosen: &str) -> AnyView {
    let option = |(value, words): (String, String)| {
        let selected = value == chosen;
        view! { <option value=value selected=selected>{words}</option> }.erase()
    };
    view! {
        <label class="flex min-w-0 items-center gap-1.5">
            <span class="text-meta text-muted">{label}</span>
            <select name=name class=CONTROL>{options.into_iter().map(option).collect::<Vec<_>>()}</select>
        </label>
    }
    .erase()
}
