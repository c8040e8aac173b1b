//! What functions write, with the colours of a terminal and with what was searched for marked (B-13).

use super::button::Look;
use super::{Erase, dynamic};
use crate::reactive::{effect, memo};
use leptos::html;
use leptos::prelude::*;
use model::ansi::{self, Ink, Style};
use model::{format, log};

/// Parts of a text that look alike.
type Parts = Vec<(Style, String)>;

/// A line, or several. Its escape sequences are styles; what is searched for stands in `mark`s.
pub fn log_text(text: &str, wanted: &str) -> AnyView {
    let parts = ansi::parts(text);
    if let (true, [(style, text)]) = (wanted.is_empty(), parts.as_slice()) {
        return styled(*style, text.clone());
    }
    let runs = runs(&parts, wanted).into_iter().map(|(is_hit, parts)| {
        let words = parts.into_iter().map(|(style, text)| styled(style, text)).collect::<Vec<_>>();
        if is_hit { view! { <mark class=MARK>{words}</mark> }.erase() } else { words.into_any() }
    });
    runs.collect::<Vec<_>>().into_any()
}

const MARK: &str =
    "rounded-tag bg-mark text-mark-ink [&_*]:bg-transparent [&_*]:text-mark-ink data-current:outline-2 data-current:outline-accent";

fn styled(style: Style, text: String) -> AnyView {
    if style == Style::default() { text.into_any() } else { view! { <span class=classes(style)>{text}</span> }.erase() }
}

/// The parts in and between the hits.
fn runs(parts: &[(Style, String)], wanted: &str) -> Vec<(bool, Parts)> {
    let whole: String = parts.iter().map(|(_, text)| text.as_str()).collect();
    let mut runs = Vec::new();
    let mut done = 0;
    for hit in log::hits(&whole, wanted) {
        runs.push((false, cut(parts, done, hit.start)));
        runs.push((true, cut(parts, hit.start, hit.end)));
        done = hit.end;
    }
    runs.push((false, cut(parts, done, whole.len())));
    runs.retain(|(_, parts)| !parts.is_empty());
    runs
}

/// What stands between two places of the whole text.
fn cut(parts: &[(Style, String)], from: usize, to: usize) -> Parts {
    let mut at = 0;
    let mut found = Parts::new();
    for (style, text) in parts {
        let (start, end) = (from.saturating_sub(at).min(text.len()), to.saturating_sub(at).min(text.len()));
        at += text.len();
        if let Some(text) = text.get(start..end).filter(|text| !text.is_empty()) {
            found.push((*style, text.to_owned()));
        }
    }
    found
}

/// Colours are tokens that keep their contrast in both themes: a ground is a tint, which all of them can be read on.
fn classes(style: Style) -> String {
    let (ink, ground) = match (style.reversed, style.ink, style.ground) {
        (false, ink, ground) => (ink, ground),
        (true, ink, ground) => (ground, Some(ink.unwrap_or(Ink::White))),
    };
    let colour = match ink {
        Some(Ink::Red) => "text-bad",
        Some(Ink::Green) => "text-good",
        Some(Ink::Yellow) => "text-warn",
        Some(Ink::Blue) => "text-log-blue",
        Some(Ink::Magenta) => "text-odd",
        Some(Ink::Cyan) => "text-log-cyan",
        Some(Ink::Grey) if ground.is_none() => "text-muted",
        Some(_) => "text-ink",
        None if style.dim => "text-muted",
        None => "",
    };
    let tint = match ground {
        Some(Ink::Red) => "bg-bad-tint",
        Some(Ink::Green) => "bg-good-tint",
        Some(Ink::Yellow) => "bg-warn-tint",
        Some(Ink::Blue | Ink::Cyan) => "bg-active-tint",
        Some(Ink::Magenta) => "bg-odd-tint",
        Some(_) => "bg-idle-tint",
        None => "",
    };
    let words = [
        colour,
        tint,
        if style.bold { "font-semibold" } else { "" },
        if style.italic { "italic" } else { "" },
        match (style.underlined, style.struck) {
            (true, _) => "underline",
            (false, true) => "line-through",
            (false, false) => "",
        },
    ];
    words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// How often a text is in a line as it is shown.
pub fn count_hits(text: &str, wanted: &str) -> usize {
    if wanted.is_empty() { 0 } else { log::hits(&ansi::plain(text), wanted).count() }
}

/// How many hits the log shows, and the way from each to the next and back; nothing while nothing is searched for.
#[component]
pub fn HitBar(
    /// The log, with the hits in it.
    node: NodeRef<html::Div>,
    /// How many there are; `None` while nothing is searched for.
    #[prop(into)]
    total: Signal<Option<usize>>,
) -> impl IntoView {
    let current = RwSignal::new(0_usize);
    let is_shown = memo(move || total.get().is_some_and(|total| total > 0));
    // Others are searched for, or the first lines have left the page.
    effect(move || {
        let total = total.get().unwrap_or_default();
        if current.get_untracked() > total {
            current.set(0);
        }
    });
    let go = move |forward: bool| {
        let total = total.get_untracked().unwrap_or_default();
        let next = match (current.get_untracked(), forward) {
            (at, true) if at >= total => 1,
            (at, true) => at + 1,
            (0 | 1, false) => total,
            (at, false) => at - 1,
        };
        current.set(next);
        if let Some(log) = node.get_untracked() {
            show(&log, next);
        }
    };
    let words = move || match (current.get(), total.get().unwrap_or_default()) {
        (0, 1) => t!("1 hit").to_owned(),
        (0, total) => t!("{n} hits", n = format::count(total as u64)),
        (at, total) => t!("{n} of {total}", n = format::count(at as u64), total = format::count(total as u64)),
    };
    dynamic(move || {
        is_shown.get().then(|| {
            view! {
                <span class="flex items-center gap-1">
                    <span role="status" class="px-1 text-meta text-muted tabular-nums">{dynamic(words)}</span>
                    <button type="button" class=format!("js-only {}", Look::Quiet.classes()) on:click=move |_| go(false)>{t!("Previous hit")}</button>
                    <button type="button" class=format!("js-only {}", Look::Quiet.classes()) on:click=move |_| go(true)>{t!("Next hit")}</button>
                </span>
            }
            .erase()
        })
    })
}

/// Scrolls to the hit with this number, from 1 on, and tells it from the others.
fn show(log: &leptos::web_sys::Element, number: usize) {
    let marks = log.get_elements_by_tag_name("mark");
    for index in 0..marks.length() {
        let Some(mark) = marks.item(index) else { continue };
        if index as usize + 1 == number {
            _ = mark.set_attribute("data-current", "");
            mark.scroll_into_view();
        } else {
            _ = mark.remove_attribute("data-current");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b13_hits_are_found_across_colours_and_keep_them() {
        let red = Style { ink: Some(Ink::Red), ..Style::default() };
        let plain = Style::default();
        let part = |style: Style, text: &str| (style, text.to_owned());
        let parts = ansi::parts("a \x1b[31mDisk\x1b[0m full, disk ok");
        assert_eq!(runs(&parts, ""), [(false, vec![part(plain, "a "), part(red, "Disk"), part(plain, " full, disk ok")])]);
        let expected = [
            (false, vec![part(plain, "a ")]),
            (true, vec![part(red, "Disk"), part(plain, " f")]),
            (false, vec![part(plain, "ull, disk ok")]),
        ];
        assert_eq!(runs(&parts, "disk f"), expected);
        assert_eq!((count_hits("a \x1b[31mDisk\x1b[0m full, disk ok", "disk"), count_hits("a", "")), (2, 0));
    }

    #[test]
    fn b13_a_style_is_classes() {
        let check = |line: &str, expected: &str| assert_eq!(classes(ansi::parts(line).swap_remove(0).0), expected, "{line:?}");
        check("\x1b[1;31m.", "text-bad font-semibold");
        check("\x1b[30;43;4m.", "text-ink bg-warn-tint underline");
        check("\x1b[7;32m.", "bg-good-tint");
        check("\x1b[7m.", "bg-idle-tint");
        check("\x1b[2;3m.", "text-muted italic");
        check("\x1b[90m.", "text-muted");
    }
}
