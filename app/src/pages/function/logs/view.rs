//! What both views of logs have beside their lines (B-13): how long lines are shown, the log as a file, and the way to one line.

use crate::forms::PostedForm;
use crate::pages::SetLineWrap;
use crate::reactive::derive;
use crate::reactive::wire::post_form;
use crate::routes;
use crate::ui::{Erase, Glyph, Icon, Popover, dynamic};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use server_fn::ServerFn;

/// Name of the document's attribute that says `off` where lines are as long as they are.
const WRAP: &str = "data-wrap";
/// Classes of a list of lines.
pub(crate) const LINES: &str = "in-data-[wrap=off]:w-max in-data-[wrap=off]:min-w-full";
/// Classes of a line's text.
pub(crate) const TEXT: &str = "whitespace-pre-wrap wrap-anywhere in-data-[wrap=off]:whitespace-pre in-data-[wrap=off]:wrap-normal";
/// Classes of a line that an address may lead to.
pub(crate) const TARGET: &str = "scroll-mt-24 aria-current:bg-selected aria-current:[&>:not(span)]:text-muted";
const BUTTON: &str = "inline-flex h-8 cursor-pointer items-center gap-1.5 whitespace-nowrap rounded-control border border-line-strong \
                      bg-surface px-3 font-medium hover:bg-hover";
const ENTRY: &str = "flex h-8 items-center whitespace-nowrap rounded-control px-2.5 hover:bg-hover";

/// As this browser was told last.
#[cfg(feature = "ssr")]
fn wraps() -> bool {
    crate::server::console().map_or(true, |console| console.wraps_lines)
}

#[cfg(not(feature = "ssr"))]
fn wraps() -> bool {
    document().document_element().and_then(|root| root.get_attribute(WRAP)).is_none_or(|word| word != "off")
}

/// `Wrap lines`, for every log and remembered; a plain form where no scripts run.
#[component]
pub(crate) fn WrapSwitch() -> impl IntoView {
    let wraps = RwSignal::new(wraps());
    let action = use_context::<PostedForm>().unwrap_or_default().action(SetLineWrap::PATH);
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Ok(data) = leptos::form::form_data_from_event(&event) else { return };
        wraps.update(|wraps| *wraps = !*wraps);
        if let Some(root) = document().document_element() {
            _ = root.set_attribute(WRAP, if wraps.get_untracked() { "on" } else { "off" });
        }
        spawn_local(async move { _ = post_form(SetLineWrap::PATH, data, false, None).await });
    };
    let colours = move || if wraps.get() { "bg-selected text-ink" } else { "text-muted hover:bg-hover hover:text-ink" };
    view! {
        <form method="post" action=action class="contents" on:submit=send>
            <button
                type="submit"
                name="wrap"
                value=derive(move || if wraps.get() { "off" } else { "on" })
                aria-pressed=derive(move || if wraps.get() { "true" } else { "false" })
                class=derive(move || format!("inline-flex h-7 cursor-pointer items-center whitespace-nowrap rounded-full px-3 text-meta font-medium {}", colours()))
            >
                {t!("Wrap lines")}
            </button>
        </form>
    }
    .erase()
}

/// The same lines as files.
#[component]
pub(crate) fn LogFiles(
    /// Address of the file with lines of text.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    let button = view! {
        <Icon glyph=Glyph::Download/>
        {t!("Download")}
    }
    .erase();
    view! {
        <Popover id="log-files" label=t!("Download") class=BUTTON button>
            {dynamic(move || {
                let text = text.get();
                let lines = format!("{text}&format=jsonl");
                view! {
                    <a href=text download="" rel="external" class=ENTRY>{t!("Download as text")}</a>
                    <a href=lines download="" rel="external" class=ENTRY>{t!("Download as JSON lines")}</a>
                }
                .erase()
            })}
        </Popover>
    }
    .erase()
}

/// The way to a line: its number, which is no part of the text.
#[component]
pub(crate) fn LineLink(
    /// Counted from 1.
    number: u64,
    /// The page that shows it.
    href: String,
) -> impl IntoView {
    view! {
        <a
            href=format!("{href}#{}", line_id(number))
            aria-label=t!("Link to line {n}", n = number)
            data-line=number.to_string()
            class="shrink-0 select-none text-right text-faint tabular-nums before:content-[attr(data-line)] hover:text-ink hover:underline min-h-6 max-sm:min-w-6 sm:min-w-8"
        ></a>
    }
    .erase()
}

/// The id of a line, counted from 1: what follows `#` in the address of one.
pub(crate) fn line_id(number: u64) -> String {
    format!("line-{number}")
}

/// The line, counted from 1, that a page's query string leads to under this name.
pub(crate) fn chosen_line(search: &str, name: &str) -> Option<u64> {
    let pairs = routes::pairs(search);
    let (_, value) = pairs.iter().find(|(found, _)| found == name)?;
    value.parse().ok().filter(|number| *number > 0)
}

/// The first line, counted from 0, of the page of lines that a line, counted from 1, is in.
#[cfg(any(feature = "ssr", test))]
pub(crate) fn page_of(number: u64) -> u64 {
    let lines = u64::from(model::limits::LOG_PAGE_LINES_DEFAULT);
    number.saturating_sub(1) / lines * lines
}

/// Frames that a new part of the page may take to be shown.
const FRAMES_MAX: u32 = 120;

/// Scrolls to an element as soon as it is in the document: it is made before.
pub(crate) fn scroll_when_shown(id: String) {
    scroll_within(id, FRAMES_MAX);
}

fn scroll_within(id: String, frames: u32) {
    request_animation_frame(move || match document().get_element_by_id(&id) {
        Some(element) => element.scroll_into_view(),
        None if frames > 0 => scroll_within(id, frames - 1),
        None => {}
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b13_a_line_is_in_one_page_of_lines() {
        let check = |number: u64, first: u64| assert_eq!(page_of(number), first, "line {number}");
        for (number, first) in [(1, 0), (1_000, 0), (1_001, 1_000), (2_000, 1_000), (u64::MAX, u64::MAX / 1_000 * 1_000)] {
            check(number, first);
        }
    }

    #[test]
    fn b13_the_address_names_a_line() {
        let check = |search: &str, line: Option<u64>| assert_eq!(chosen_line(search, "line"), line, "{search}");
        check("?requestId=r&line=12", Some(12));
        for none in ["", "?line=0", "?line=-1", "?line=x", "?log_line=12"] {
            check(none, None);
        }
    }
}
