//! Tables.

use super::Erase;
use crate::language::words;
use leptos::prelude::*;

/// A column's heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The words, in English; the table shows the user's.
    pub label: &'static str,
    /// True for figures: aligned at the right.
    pub numeric: bool,
    /// True hides the words from sight, for a column of controls.
    pub hidden: bool,
    /// How the rows are ordered by it: `ascending`, `descending`.
    pub sort: Option<&'static str>,
}

/// A column of words.
pub const fn column(label: &'static str) -> Column {
    Column { label, numeric: false, hidden: false, sort: None }
}

/// A column of figures.
pub const fn figures(label: &'static str) -> Column {
    Column { label, numeric: true, hidden: false, sort: None }
}

/// Classes of a cell of words.
pub const CELL: &str = "h-9 px-3 py-1 first:pl-4 last:pr-4";
/// Classes of a cell of figures.
pub const FIGURE: &str = "h-9 px-3 py-1 first:pl-4 last:pr-4 text-right tabular-nums";
/// Classes of a cell that may be long and is cut.
pub const LONG: &str = "h-9 px-3 py-1 first:pl-4 last:pr-4 max-w-52 truncate";
/// Classes of a row.
pub const ROW: &str = "border-t border-line hover:bg-hover";

/// A table that scrolls sideways by itself when it is wider than the page.
#[component]
pub fn Table(
    /// What it lists; read out, not seen.
    #[prop(into)]
    caption: String,
    /// Its columns.
    columns: &'static [Column],
    /// Rows: `<tr class=ROW>` with `<td class=CELL>`; the table writes the `<tbody>`.
    children: Children,
) -> impl IntoView {
    let label = caption.clone();
    view! {
        <div
            class="relative overflow-x-auto rounded-panel border border-line bg-surface"
            tabindex="0"
            role="region"
            aria-label=label
        >
            <table class="w-full border-collapse whitespace-nowrap">
                <caption class="sr-only">{caption}</caption>
                <thead class="bg-canvas text-meta text-muted">
                    <tr>
                        {columns
                            .iter()
                            .map(|column| {
                                let align = if column.numeric { "text-right" } else { "text-left" };
                                view! {
                                    <th scope="col" aria-sort=column.sort class=format!("h-8 px-3 font-medium first:pl-4 last:pr-4 {align}")>
                                        <span class=if column.hidden { "sr-only" } else { "" }>{words(column.label)}</span>
                                    </th>
                                }
                                .erase()
                            })
                            .collect::<Vec<_>>()}
                    </tr>
                </thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
    .erase()
}
