//! The same as the page, over whatever page is shown.

use super::api::{Hit, Search};
use super::recent;
use crate::navigation::{Going, use_navigate};
use crate::reactive::{call, derive, effect, memo};
use crate::ui::{Dialog, Each, Erase, Item, dynamic};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::Region;

const LIST: &str = "palette-hits";

/// `Search` by `Ctrl K`: what is typed is looked for at once, arrows choose, Enter goes there.
#[component]
pub(super) fn Palette(region: Memo<Region>, open: RwSignal<bool>) -> impl IntoView {
    view! {
        <Dialog open title=t!("Search") id="palette">
            <Content region open/>
        </Dialog>
    }
    .erase()
}

#[component]
fn Content(region: Memo<Region>, open: RwSignal<bool>) -> impl IntoView {
    let navigate = use_navigate();
    let text = RwSignal::new(String::new());
    let hits = RwSignal::new(Vec::<Hit>::new());
    let chosen = RwSignal::new(0_usize);
    // The text that `hits` answers.
    let answered = RwSignal::new(String::new());
    effect(move || {
        let wanted = text.get().trim().to_owned();
        if wanted.is_empty() {
            show(recent::read(), &wanted, hits, chosen, answered);
            return;
        }
        let region = region.get_untracked();
        spawn_local(async move {
            let found = call(Search { region, text: wanted.clone() }).await;
            // What was typed since, and a palette that was closed, want another answer or none.
            if let Ok(found) = found
                && text.try_with_untracked(|text| text.trim() == wanted).unwrap_or(false)
            {
                show(found.hits, &wanted, hits, chosen, answered);
            }
        });
    });
    let go = move |hit: &Hit| {
        recent::add(hit);
        open.set(false);
        navigate(&hit.href, Going::default());
    };
    let press = move |event: ev::KeyboardEvent| {
        let count = hits.with_untracked(Vec::len);
        match event.key().as_str() {
            "ArrowDown" if count > 0 => chosen.update(|at| *at = (*at + 1) % count),
            "ArrowUp" if count > 0 => chosen.update(|at| *at = (*at + count - 1) % count),
            "Enter" => {
                if let Some(hit) = hits.with_untracked(|hits| hits.get(chosen.get_untracked()).cloned()) {
                    go(&hit);
                }
            }
            _ => return,
        }
        event.prevent_default();
    };
    let has_none = memo(move || hits.with(Vec::is_empty));
    view! {
        <input
            type="text"
            role="combobox"
            aria-label=t!("Search")
            aria-autocomplete="list"
            aria-expanded=derive(move || if has_none.get() { "false" } else { "true" })
            aria-controls=LIST
            aria-activedescendant=derive(move || (!has_none.get()).then(|| option_id(chosen.get())))
            autocomplete="off"
            spellcheck="false"
            autofocus=true
            placeholder=t!("Pages, functions, services, whole task or request IDs")
            class="h-9 w-full rounded-control border border-line-strong bg-field px-2.5 placeholder:text-faint hover:border-faint"
            on:input=move |event| text.set(event_target_value(&event))
            on:keydown=press
        />
        <p role="status" class="mt-2 text-meta text-muted">
            {dynamic(move || match (answered.with(String::is_empty), has_none.get()) {
                (true, false) => t!("Recent").to_owned(),
                (true, true) => t!("Type a name or an ID.").to_owned(),
                (false, true) => t!("No results for {text}", text = answered.get()),
                (false, false) => match hits.with(Vec::len) {
                    1 => t!("1 result").to_owned(),
                    n => t!("{n} results", n),
                },
            })}
        </p>
        <ul id=LIST role="listbox" aria-label=t!("Results") class="mt-1">
            <Each items=move || {
                let item = |(at, hit): (usize, Hit)| {
                    let key = format!("{at} {:?} {}", hit.kind, hit.href);
                    Item::new(key, move || {
                        let pressed = hit.clone();
                        view! { <Choice hit at chosen on_press=Callback::new(move |()| go(&pressed))/> }.erase()
                    })
                };
                hits.get().into_iter().enumerate().map(item).collect()
            }/>
        </ul>
    }
    .erase()
}

fn show(found: Vec<Hit>, text: &str, hits: RwSignal<Vec<Hit>>, chosen: RwSignal<usize>, answered: RwSignal<String>) {
    chosen.set(0);
    hits.set(found);
    answered.set(text.to_owned());
}

fn option_id(at: usize) -> String {
    format!("palette-hit-{at}")
}

#[component]
fn Choice(hit: Hit, at: usize, chosen: RwSignal<usize>, on_press: Callback<()>) -> impl IntoView {
    let Hit { kind, words, place, .. } = hit;
    view! {
        <li
            id=option_id(at)
            role="option"
            aria-selected=derive(move || if chosen.get() == at { "true" } else { "false" })
            class="flex min-h-9 cursor-pointer items-center gap-3 rounded-control px-2 aria-selected:bg-selected"
            on:click=move |_| on_press.run(())
        >
            <span class="w-16 shrink-0 text-meta text-muted">{kind.label()}</span>
            <span class="min-w-0 truncate font-medium">{words}</span>
            <span class="ml-auto min-w-0 truncate text-meta text-muted">{place}</span>
        </li>
    }
    .erase()
}
