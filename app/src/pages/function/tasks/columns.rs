//! Which columns a list of tasks has: all, or those that its address names (B-05).

use super::api::TaskPage;
use super::filters::Filters;
use crate::navigation::{Going, use_navigate};
use crate::reactive::derive;
use crate::routes::Route;
use crate::ui::{Erase, query_of};
use leptos::ev;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;

/// Query parameter: the columns that are shown.
pub(crate) const COLUMNS: &str = "columns";
/// What it has before them, so that a choice of none is one too.
const ALWAYS: &str = "id";

/// A column that can be left out; in the table they stand before the last one, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    Service,
    Function,
    Start,
    End,
    Duration,
    Retries,
    Request,
    Instance,
}

/// Their names in an address; the first two are of the list of a region alone.
const NAMES: [&str; 8] = ["service", "function", "start", "end", "duration", "retries", "request", "instance"];
/// Those of a function's list.
const OF_FUNCTION: u8 = 0b1111_1100;

/// The columns that are left out: a bit for each of [`NAMES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct LeftOut(u8);

impl LeftOut {
    /// None, where an address names no column or all.
    pub(super) fn read(pairs: &[(String, String)], of_region: bool) -> Self {
        let mut chosen = pairs.iter().filter(|(name, _)| name == COLUMNS).flat_map(|(_, value)| value.split(',')).peekable();
        if chosen.peek().is_none() {
            return Self::default();
        }
        let left_out = chosen.fold(u8::MAX, |bits, name| match NAMES.iter().position(|known| *known == name) {
            Some(n) => bits & !(1 << n),
            None => bits,
        });
        let offered = if of_region { u8::MAX } else { OF_FUNCTION };
        Self(if left_out & offered == 0 { 0 } else { left_out })
    }

    /// The columns that are shown as an address has them; empty for all.
    pub(super) fn print(self) -> String {
        if self.0 == 0 {
            return String::new();
        }
        let shown = NAMES.iter().enumerate().filter(|(n, _)| self.0 >> n & 1 == 0).map(|(_, name)| *name);
        std::iter::once(ALWAYS).chain(shown).collect::<Vec<_>>().join(",")
    }

    pub(super) fn shows(self, column: Choice) -> bool {
        self.0 >> column as u8 & 1 == 0
    }

    /// As a bit for each column of a table that has so many.
    pub(super) fn in_table(self, columns: usize) -> u16 {
        let before = columns - NAMES.len() - 1;
        u16::from(if before == 0 { self.0 & OF_FUNCTION } else { self.0 }) << before
    }
}

/// `Columns`: opens the form that the server writes.
#[component]
pub(super) fn ColumnsMenu(
    list: Route,
    page: ReadSignal<TaskPage>,
    /// Reads the list's query string.
    read: fn(&str) -> Filters,
) -> impl IntoView {
    let navigate = use_navigate();
    let send = move |event: ev::SubmitEvent| {
        let Some(query) = query_of(&event) else { return };
        event.prevent_default();
        navigate(&read(&query).at(&list), Going { scroll: false, ..Going::default() });
        if let Some(menu) = event.current_target() {
            _ = menu.unchecked_into::<leptos::web_sys::HtmlElement>().hide_popover();
        }
    };
    view! {
        <button type="button" popovertarget="columns" class="cursor-pointer text-meta text-accent hover:underline underline-offset-2">
            {t!("Columns")}
        </button>
        <div
            id="columns"
            popover="auto"
            class="menu rounded-panel border border-line bg-raised p-2 text-ink shadow-raised"
            inner_html=derive(move || page.read().columns.clone())
            on:submit=send
        ></div>
    }
    .erase()
}

/// The form with a box for each column that can be left out of a table with these.
#[cfg(feature = "ssr")]
pub(super) fn form(list: &Route, filters: &Filters, columns: &[crate::ui::table::Column]) -> String {
    use crate::language::words;
    use crate::routes;
    use crate::ui::Look;
    let hidden = |name: String, value: String| view! { <input type="hidden" name=name value=value/> }.erase();
    let mut others = routes::pairs(&filters.print());
    others.retain(|(name, _)| name != COLUMNS);
    others.push((COLUMNS.to_owned(), ALWAYS.to_owned()));
    let before = columns.len() - NAMES.len() - 1;
    let choices = NAMES.iter().zip(columns.iter().skip(before)).enumerate().filter(|(n, _)| before > 0 || OF_FUNCTION >> n & 1 == 1);
    let boxes = choices.map(|(n, (name, column))| {
        let checked = filters.left_out.0 >> n & 1 == 0;
        view! {
            <label class="flex h-7 cursor-pointer items-center gap-2 rounded-control px-2 hover:bg-hover">
                <input type="checkbox" name=COLUMNS value=*name class="size-4 accent-accent" checked=checked/>
                {words(column.label)}
            </label>
        }
        .erase()
    });
    let form = view! {
        <form method="get" action=list.path()>
            {others.into_iter().map(|(name, value)| hidden(name, value)).collect::<Vec<_>>()}
            <fieldset class="min-w-40">
                <legend class="sr-only">{t!("Columns")}</legend>
                {boxes.collect::<Vec<_>>()}
                <button type="submit" class=format!("{} mt-2", Look::Plain.classes())>{t!("Apply")}</button>
            </fieldset>
        </form>
    };
    form.erase().to_html()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes;

    #[test]
    fn b05_columns_are_read_from_an_address_and_printed_back() {
        let check = |query: &str, of_region: bool, printed: &str, left_out: u8| {
            let found = LeftOut::read(&routes::pairs(query), of_region);
            assert_eq!((found.print().as_str(), found.in_table(if of_region { 12 } else { 9 })), (printed, u16::from(left_out)), "{query}");
        };
        check("", false, "", 0);
        check("columns=id,start,end,duration,retries,request,instance", false, "", 0);
        // As a form without a script sends it.
        check("columns=id&columns=start&columns=instance", false, "id,start,instance", 0b0111_1000);
        check("columns=id", false, "id", OF_FUNCTION);
        // What there is not says nothing.
        check("columns=service,price,start", false, "id,service,start", 0b1111_1000);
    }

    #[test]
    fn b05_in_the_list_of_a_region_the_names_can_be_left_out_too() {
        let found = LeftOut::read(&routes::pairs("columns=id,function,start,end,duration,retries,request"), true);
        assert_eq!(found.in_table(12), 0b0100_0000_1000);
        assert!(found.shows(Choice::Start) && !found.shows(Choice::Instance));
    }
}
