//! Which columns a list of tasks shows: all, or those that its address names (B-05). The server writes the form for that and says by classes
//! what is hidden (`style/columns.css`), so that a browser loads little for it.

use super::api::TaskPage;
use crate::reactive::derive;
use crate::ui::Erase;
use leptos::prelude::*;

/// Query parameter: the columns that are shown; empty for all.
pub(crate) const COLUMNS: &str = "columns";

/// `Columns`: opens the form that the server writes and the browser sends.
#[component]
pub(super) fn ColumnsMenu(page: ReadSignal<TaskPage>) -> impl IntoView {
    view! {
        <button type="button" popovertarget="columns" class="cursor-pointer text-meta text-accent hover:underline underline-offset-2">
            {t!("Columns")}
        </button>
        <div
            id="columns"
            popover="auto"
            class="menu rounded-panel border border-line bg-raised p-2 text-ink shadow-raised"
            inner_html=derive(move || page.read().columns.clone())
        ></div>
    }
    .erase()
}

#[cfg(feature = "ssr")]
pub(super) use server::{form, without};

#[cfg(feature = "ssr")]
mod server {
    use super::super::filters::Filters;
    use super::*;
    use crate::language::words;
    use crate::routes::{self, Route};
    use crate::ui::{Look, table::Column};

    /// What the parameter has before the columns, so that a choice of none is one too.
    const ALWAYS: &str = "id";
    /// Those that can be left out, as an address names them; in the table they stand before the last one.
    const NAMES: [&str; 8] = ["service", "function", "start", "end", "duration", "retries", "request", "instance"];
    /// So many of them are the list of a region's alone.
    const OF_REGION: usize = 2;
    /// Columns of that list.
    const REGION_COLUMNS: usize = 12;

    /// The columns of a table that can be left out: the place of each from 1 on, its name in an address, and itself.
    fn offered(columns: &[Column]) -> impl Iterator<Item = (usize, &'static str, &Column)> {
        let names = NAMES.into_iter().skip(if columns.len() < REGION_COLUMNS { OF_REGION } else { 0 });
        let first = columns.len() - names.len() - 1;
        columns.iter().enumerate().skip(first).zip(names).map(|((n, column), name)| (n + 1, name, column))
    }

    fn is_shown(filters: &Filters, name: &str) -> bool {
        filters.columns.is_empty() || filters.columns.split(',').any(|chosen| chosen == name)
    }

    /// Classes of a table with these columns that hide what is left out.
    pub fn without(filters: &Filters, columns: &[Column]) -> String {
        offered(columns).filter(|(_, name, _)| !is_shown(filters, name)).map(|(place, ..)| format!(" without-{place}")).collect()
    }

    /// The form with a box for each column that can be left out of a table with these.
    pub fn form(list: &Route, filters: &Filters, columns: &[Column]) -> String {
        let hidden = |name: String, value: String| view! { <input type="hidden" name=name value=value/> }.erase();
        let mut others = routes::pairs(&filters.print());
        others.retain(|(name, _)| name != COLUMNS);
        others.push((COLUMNS.to_owned(), ALWAYS.to_owned()));
        let boxes = offered(columns).map(|(_, name, column)| {
            let checked = is_shown(filters, name);
            view! {
                <label class="flex h-7 cursor-pointer items-center gap-2 rounded-control px-2 hover:bg-hover">
                    <input type="checkbox" name=COLUMNS value=name class="size-4 accent-accent" checked=checked/>
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
        use super::super::super::{all, rows};
        use super::*;

        #[test]
        fn b05_what_an_address_does_not_name_is_hidden() {
            let check = |query: &str, columns: &[Column], hidden: &str| {
                assert_eq!(without(&Filters::read(query), columns), hidden, "{query}");
            };
            let (of_function, of_region) = (rows::COLUMNS[0], all::COLUMNS[0]);
            check("", of_function, "");
            check("columns=id,start,end,duration,retries,request,instance", of_function, "");
            // As a form without a script sends it.
            check("columns=id&columns=start&columns=instance", of_function, " without-4 without-5 without-6 without-7");
            check("columns=id", of_function, " without-3 without-4 without-5 without-6 without-7 without-8");
            // What there is not says nothing.
            check("columns=service,price,start", of_function, " without-4 without-5 without-6 without-7 without-8");
            check("columns=id,function,start,end,duration,retries,request", of_region, " without-4 without-11");
        }
    }
}
