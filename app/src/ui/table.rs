//! Tables, whose rows are cards on a phone (`style/cards.css`).
//!
//! A row is `<tr role="row" class=ROW>`, its cells are `<td role="cell" class=CELL>`: the roles are said, since what is no longer laid out
//! as a table may not be read out as one. In a card, a cell with [`NAMING`] is the heading, the row's box and its actions stand beside it,
//! one with [`TELLING`] follows, and then each with its `data-label`, the words of its column, before it, unless it holds nothing
//! ([`none_if`]).

use super::Erase;
use crate::language::words_in;
use leptos::prelude::*;

/// A column's heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The words, in English, behind `U+0004` what they are about where Chinese has several for them; the table shows the user's.
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
pub const CELL: &str = "h-9 px-2 py-1 first:pl-4 last:pr-4";
/// Classes of a cell of figures.
pub const FIGURE: &str = "h-9 px-2 py-1 first:pl-4 last:pr-4 text-right tabular-nums";
/// Classes of a cell that may be long and is cut.
pub const LONG: &str = "h-9 px-2 py-1 first:pl-4 last:pr-4 max-w-52 truncate";
/// Classes of a cell that gives way to the others and is cut, beside its part of the width.
pub const YIELDING: &str = "h-9 px-2 py-1 first:pl-4 last:pr-4 max-w-0 truncate";
/// Class of the cell with the row's name, beside those of its kind.
pub const NAMING: &str = "naming";
/// Class of the cell with the row's state, beside those of its kind.
pub const TELLING: &str = "telling";
/// Classes of the cell with what can be done.
pub const ACTIONS: &str = "acting h-9 px-2 py-1 first:pl-4 last:pr-4 text-right";
/// Class of a cell that has nothing, beside those of its kind: a card is without it.
pub fn none_if(is_empty: bool) -> &'static str {
    if is_empty { " none" } else { "" }
}

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
    /// True for one with cells that give way ([`YIELDING`]): narrower than a laptop's page it is scrolled instead.
    #[prop(optional)]
    full: bool,
    /// Rows; the table writes the `<tbody>`.
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
            <table role="table" class=format!("cards w-full border-collapse whitespace-nowrap {}", if full { "min-w-[63.75rem]" } else { "" })>
                <caption class="sr-only">{caption}</caption>
                <thead role="rowgroup" class="bg-canvas text-meta text-muted">
                    <tr role="row">
                        {columns
                            .iter()
                            .map(|column| {
                                let align = if column.numeric { "text-right" } else { "text-left" };
                                view! {
                                    <th role="columnheader" scope="col" aria-sort=column.sort class=format!("h-8 px-2 font-medium first:pl-4 last:pr-4 {align}")>
                                        <span class=if column.hidden { "sr-only" } else { "" }>{words_in(column.label)}</span>
                                    </th>
                                }
                                .erase()
                            })
                            .collect::<Vec<_>>()}
                    </tr>
                </thead>
                <tbody role="rowgroup">{children()}</tbody>
            </table>
        </div>
    }
    .erase()
}

/// The cell with what can be done to a row: side by side, on a phone in a menu.
#[component]
pub fn RowActions(
    /// Unique among the rows of the page, without spaces.
    #[prop(into)]
    key: String,
    /// The row's name.
    #[prop(into)]
    of: String,
    /// Links, buttons and forms.
    children: Children,
) -> impl IntoView {
    let id = format!("actions-{key}");
    view! {
        <td role="cell" class=ACTIONS>
            <button type="button" class="row-menu" popovertarget=id.clone() aria-label=t!("Actions of {name}", name = of)></button>
            <div id=id popover="auto" class="row-actions">
                {children()}
            </div>
        </td>
    }
    .erase()
}
