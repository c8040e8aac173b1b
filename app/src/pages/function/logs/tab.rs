use super::api::{FoundLines, FunctionLog, MINUTES_DEFAULT};
use super::follow::{FollowBar, Tail, speaks};
use super::view::{LINES, LineLink, LogFiles, TARGET, TEXT, WrapSwitch, chosen_line, line_id, scroll_when_shown};
use crate::navigation::use_location;
use crate::reactive::{Load, derive, effect, memo, use_data};
use crate::routes::{self, FunctionPage, Route};
use crate::ui::{Each, Erase, GetForm, Item, Look, PageHead, Submit, TextLink, dynamic, log_text};
use crate::zone::{Clock, use_clock};
use leptos::prelude::*;
use model::{FunctionRef, LogEntry, LogLevel, LogQuery, LogStream, UnixMillis, format};
use std::sync::Arc;

/// Windows that the select offers, in minutes before now.
fn windows() -> [(i64, &'static str); 4] {
    [(MINUTES_DEFAULT, t!("Last 15 minutes")), (60, t!("Last hour")), (24 * 60, t!("Last day")), (7 * 24 * 60, t!("Last 7 days"))]
}

/// What names a line, counted from 1, in the page's address.
pub(super) const LINE: &str = "line";
const CONTROL: &str = "h-8 min-w-0 rounded-control border border-line-strong bg-field px-2 placeholder:text-faint hover:border-faint";

/// The lines, and a plain GET form that looks for some of them.
#[component]
pub(crate) fn LogsTab(function: FunctionRef) -> impl IntoView {
    let search = use_location().search;
    let found = {
        let function = function.clone();
        use_data(move || FunctionLog { function: function.clone(), search: search.get() })
    };
    view! {
        <Load data=found titled=true view={move |found: ReadSignal<FoundLines>| view! { <Found function=function.clone() found/> }.erase()}/>
    }
    .erase()
}

#[component]
fn Found(function: FunctionRef, found: ReadSignal<FoundLines>) -> impl IntoView {
    let query = memo(move || found.read().query.clone());
    let tail = Tail::new(function.clone(), found);
    let shown = memo(move || tail.lines.with(|lines| lines.shown.clone()));
    let is_page = memo(move || tail.lines.with(|lines| lines.is_page));
    let is_empty = memo(move || shown.with(Vec::is_empty));
    effect(move || {
        shown.track();
        if tail.follows.get() {
            tail.show_newest();
        }
    });
    let speaks = speaks(tail);
    let clock = use_clock();
    let (of_head, of_start, of_more, of_reload) = (function.clone(), function.clone(), function.clone(), function.clone());
    let of_wider = function.clone();
    let location = use_location();
    // Only the lines of one request have numbers that tell them apart.
    let has_ids = memo(move || query.read().request_id.is_some());
    let chosen = memo(move || chosen_line(&location.search.read(), LINE).filter(|_| has_ids.get()));
    effect(move || {
        if let Some(number) = chosen.get() {
            scroll_when_shown(line_id(number));
        }
    });
    view! {
        <PageHead title=t!("Logs") within=function.region.to_string() small=true>
            <WrapSwitch/>
            <LogFiles text=derive(move || download(&of_head, &query.read()))/>
        </PageHead>
        <Filter function=function.clone() query found/>
        {dynamic(move || {
            // Where the address leads to a line, the page may begin in the middle.
            let first = shown.with(|shown| shown.first().map_or(0, |entry| entry.number));
            let to = page_with(&of_start, &LogQuery { next_token: String::new(), ..query.get() });
            (first > 0 && chosen.get().is_some()).then(|| {
                view! {
                    <p class="mb-3 text-meta text-muted">
                        {t!("From line {line} on. ", line = format::count(first + 1))} <TextLink href=to>{t!("From the start")}</TextLink>
                    </p>
                }
                .erase()
            })
        })}
        <FollowBar tail query reload=derive(move || found.with(|found| same_again(&of_reload, found)))/>
        <div
            node_ref=tail.node
            role="log"
            aria-label=t!("Log output")
            aria-live=derive(move || if speaks.get() { "polite" } else { "off" })
            tabindex="0"
            class=derive(move || {
                // The newest line is in sight together with the switch.
                let height = if is_page.get() { "" } else { "max-h-[60vh]" };
                format!("overflow-auto rounded-panel border border-line bg-surface py-2 font-mono text-meta leading-5 {height}")
            })
            on:scroll=move |_| tail.look()
        >
            <ol class=LINES><Each items=move || {
                let wanted: Arc<str> = query.read().text.as_str().into();
                let has_id = has_ids.get();
                let item = |entry: &Arc<LogEntry>| {
                    let key = format!("{} {} {has_id} {wanted}", entry.request_id, entry.number);
                    let (function, entry, wanted) = (function.clone(), Arc::clone(entry), Arc::clone(&wanted));
                    Item::new(key, move || view! { <Line function entry wanted chosen has_id clock/> }.erase())
                };
                shown.read().iter().map(item).collect()
            }/></ol>
            {dynamic(move || {
                let words = match (tail.follows.get(), query.read().next_token.is_empty()) {
                    (true, _) => t!("Nothing written yet."),
                    (false, true) => t!("No logs in this time range"),
                    (false, false) => t!("No line matches so far."),
                };
                is_empty.get().then(|| view! { <p class="px-4 py-2 font-sans text-muted">{words}</p> }.erase())
            })}
        </div>
        {dynamic(move || {
            let (is_over, minutes) = (query.read().next_token.is_empty() && !tail.follows.get(), found.read().minutes);
            wider(minutes).filter(|_| is_empty.get() && is_over).map(|(minutes, words)| {
                let to = page_with_window(&of_wider, &query.get(), minutes);
                view! { <p class="mt-3"><a href=to class=Look::Plain.classes()>{words}</a></p> }.erase()
            })
        })}
        {dynamic(move || {
            let query = query.get();
            let to = page_with(&of_more, &query);
            (!query.next_token.is_empty() && is_page.get())
                .then(|| view! { <p class="mt-3"><a href=to class=Look::Plain.classes()>{t!("Show more")}</a></p> }.erase())
        })}
    }
    .erase()
}

/// The page with what the query asks for.
fn page_with(function: &FunctionRef, query: &LogQuery) -> String {
    let pairs = query.pairs();
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Route::Function(function.clone(), FunctionPage::Logs).with_query(&pairs)
}

/// The window to look in when another has no lines: from one with an end the latest, from one before now the longest.
fn wider(minutes: i64) -> Option<(i64, &'static str)> {
    let [latest, .., longest] = windows();
    let window = if minutes == 0 { latest } else { longest };
    (window.0 != minutes).then_some(window)
}

/// The page with what the query asks for, in a window before now.
fn page_with_window(function: &FunctionRef, query: &LogQuery, minutes: i64) -> String {
    let mut pairs = LogQuery { from: None, to: None, next_token: String::new(), ..query.clone() }.pairs();
    pairs.push(("minutes", minutes.to_string()));
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Route::Function(function.clone(), FunctionPage::Logs).with_query(&pairs)
}

/// The page with a request's lines, one of them marked.
fn page_with_line(function: &FunctionRef, of_request: &LogQuery, number: u64) -> String {
    format!("{}&{LINE}={number}", page_with(function, of_request))
}

/// The page with what was searched for, as it is now: a window before now moves on.
fn same_again(function: &FunctionRef, found: &FoundLines) -> String {
    let from = found.query.from.filter(|_| found.minutes == 0);
    let query = LogQuery { from, next_token: String::new(), ..found.query.clone() };
    let mut pairs = query.pairs();
    pairs.extend((found.minutes > 0).then(|| ("minutes", found.minutes.to_string())));
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Route::Function(function.clone(), FunctionPage::Logs).with_query(&pairs)
}

/// The file with every line that the query asks for.
fn download(function: &FunctionRef, query: &LogQuery) -> String {
    let query = LogQuery { next_token: String::new(), ..query.clone() };
    let pairs = query.pairs();
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
    routes::log_download(function, None, &pairs)
}

#[component]
fn Filter(function: FunctionRef, query: Memo<LogQuery>, found: ReadSignal<FoundLines>) -> impl IntoView {
    let path = Route::Function(function.clone(), FunctionPage::Logs).path();
    let text = move || query.read().text.clone();
    let request = move || query.read().request_id.as_ref().map(ToString::to_string).unwrap_or_default();
    let instance = move || query.read().instance_id.as_ref().map(ToString::to_string).unwrap_or_default();
    view! {
        <GetForm action=path search=true class="mb-3 flex flex-wrap items-center gap-2">
            <input type="search" name="text" aria-label=t!("Query") placeholder=t!("Query") class=format!("{CONTROL} w-48") value=untrack(text) prop:value=text/>
            <select name="level" aria-label=t!("Level") class=format!("{CONTROL} select-arrow pr-7")>
                <option value="">{t!("All lines")}</option>
                {LogLevel::ALL
                    .into_iter()
                    .map(|level| {
                        let chosen = query.with_untracked(|query| query.levels == [level]);
                        view! { <option value=level.as_str() selected=chosen>{level.as_str()}</option> }.erase()
                    })
                    .collect::<Vec<_>>()}
            </select>
            <input name="requestId" aria-label=t!("Request ID") placeholder=t!("Request ID") class=format!("{CONTROL} w-48 font-mono text-meta placeholder:font-sans placeholder:text-body") value=untrack(request) prop:value=request/>
            <input name="instanceId" aria-label=t!("Instance ID") placeholder=t!("Instance ID") class=format!("{CONTROL} w-36 font-mono text-meta placeholder:font-sans placeholder:text-body") value=untrack(instance) prop:value=instance/>
            <select name="minutes" aria-label=t!("Time range") class=format!("{CONTROL} select-arrow pr-7")>
                {windows()
                    .into_iter()
                    .map(|(minutes, words)| {
                        let chosen = found.with_untracked(|found| found.minutes == minutes);
                        view! { <option value=minutes.to_string() selected=chosen>{words}</option> }.erase()
                    })
                    .collect::<Vec<_>>()}
            </select>
            <Submit reads=true look=Look::Plain>{t!("Search")}</Submit>
        </GetForm>
    }
    .erase()
}

#[component]
fn Line(
    function: FunctionRef,
    entry: Arc<LogEntry>,
    /// What is searched for.
    wanted: Arc<str>,
    /// The line that the address leads to.
    chosen: Memo<Option<u64>>,
    has_id: bool,
    clock: Clock,
) -> impl IntoView {
    let LogEntry { request_id, line, .. } = &*entry;
    let (at, number) = (line.at, entry.number.saturating_add(1));
    let stripe = match (line.level, line.stream) {
        (Some(LogLevel::Critical | LogLevel::Error), _) => "border-bad",
        (Some(LogLevel::Warning), _) | (None, LogStream::Stderr) => "border-warn",
        (Some(LogLevel::Info), _) => "border-good",
        (None, LogStream::System) => "border-active text-muted",
        _ => "border-line-strong",
    };
    let of_request = LogQuery { request_id: Some(request_id.clone()), from: Some(UnixMillis(0)), ..LogQuery::default() };
    // Requests of one day begin alike.
    let id = request_id.as_str();
    let short = id.get(id.len().saturating_sub(8)..).unwrap_or(id).to_owned();
    view! {
        <li
            id=has_id.then(|| line_id(number))
            aria-current=derive(move || (chosen.get() == Some(number)).then_some("true"))
            class=format!("flex flex-wrap gap-x-3 border-l-3 pl-3 pr-4 hover:bg-hover sm:flex-nowrap {TARGET} {stripe}")
        >
            <LineLink number href=page_with_line(&function, &of_request, number)/>
            <time class="shrink-0 select-none text-faint tabular-nums" datetime=format::rfc3339(at) title=derive(move || clock.exact(at))>
                {dynamic(move || clock.text(at))}
            </time>
            <a href=page_with(&function, &of_request) title=request_id.to_string() class="shrink-0 text-faint hover:text-ink hover:underline">{short}</a>
            <span class=format!("min-w-0 basis-full sm:basis-auto {TEXT}")>{log_text(&line.text, &wanted)}</span>
        </li>
    }
    .erase()
}
