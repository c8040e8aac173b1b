use super::changes::{Changes, Line, LineKind};
use crate::ui::{Erase, Hint};
use leptos::html;
use leptos::prelude::*;

/// What an edit changes: the line numbers of both texts, and the lines with a sign and a colour.
#[component]
pub(super) fn Compared(
    changes: Changes,
    /// What becomes of the file itself; empty where it stays where it is.
    becomes: String,
    /// Set to the section, for bringing it into view.
    node: NodeRef<html::Section>,
    /// True where the page is the answer to the form: it begins here.
    is_answer: bool,
) -> impl IntoView {
    let (is_same, is_cut) = (changes.lines.is_empty(), changes.is_cut);
    let lines = changes.lines.into_iter().map(line).collect::<Vec<_>>();
    let body = if is_same && !becomes.is_empty() {
        ().into_any()
    } else if is_same {
        view! { <Hint>{t!("Nothing has changed against what is deployed.")}</Hint> }.erase()
    } else {
        view! {
            <div
                tabindex="0"
                role="region"
                aria-label=t!("Changed lines")
                class="max-h-[32rem] overflow-auto rounded-control border border-line bg-canvas py-2 font-mono text-meta leading-5"
            >
                <table class="w-full border-collapse">
                    <caption class="sr-only">{t!("Lines that change, with their numbers before and after")}</caption>
                    <tbody>{lines}</tbody>
                </table>
            </div>
        }
        .erase()
    };
    view! {
        <section node_ref=node aria-label=t!("Changes") tabindex="-1" autofocus=is_answer class="mt-3 scroll-mt-16 space-y-2 outline-none">
            <h2 class="text-head font-semibold">{t!("Changes")}</h2>
            {(!becomes.is_empty()).then(|| view! { <p class="font-medium wrap-anywhere">{becomes}</p> }.erase())}
            {body}
            {is_cut.then(|| view! { <p class="text-meta text-muted">{t!("More lines change than are shown.")}</p> }.erase())}
        </section>
    }
    .erase()
}

fn line(line: Line) -> AnyView {
    const NUMBER: &str = "w-px select-none px-2 text-right align-top text-muted tabular-nums";
    let (sign, colours) = match line.kind {
        LineKind::Gap => ("⋯", "text-muted"),
        LineKind::Same => (" ", ""),
        LineKind::Removed => ("−", "bg-bad-tint text-bad"),
        LineKind::Added => ("+", "bg-good-tint text-good"),
    };
    let number = |n: Option<usize>| n.map(|n| n.to_string()).unwrap_or_default();
    view! {
        <tr class=colours>
            <td class=NUMBER>{number(line.before)}</td>
            <td class=NUMBER>{number(line.after)}</td>
            <td class="w-px select-none px-1 align-top">{sign}</td>
            <td class="whitespace-pre-wrap pr-3 wrap-anywhere">
                {line.text}
                {line.is_open.then(|| view! { <span class="text-muted">{t!(" (no line end)")}</span> }.erase())}
            </td>
        </tr>
    }
    .erase()
}

/// The change in a sentence or two.
pub(super) fn summary(becomes: &str, changes: &Changes) -> String {
    let lines = |n: usize| if n == 1 { t!("1 line").to_owned() } else { t!("{n} lines", n) };
    let words = match (changes.added, changes.removed) {
        (0, 0) if !becomes.is_empty() => String::new(),
        (0, 0) => t!("Nothing has changed.").to_owned(),
        (added, removed) => t!("{added} added, {removed} removed.", added = lines(added), removed = lines(removed)),
    };
    [becomes, &words].into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_counted_in_words() {
        let check = |becomes, added, removed, words: &str| {
            assert_eq!(summary(becomes, &Changes { added, removed, ..Changes::default() }), words);
        };
        check("", 0, 0, "Nothing has changed.");
        check("", 1, 0, "1 line added, 0 lines removed.");
        check("", 3, 1, "3 lines added, 1 line removed.");
        check("a becomes b.", 0, 0, "a becomes b.");
        check("a is deleted.", 0, 2, "a is deleted. 0 lines added, 2 lines removed.");
    }
}
