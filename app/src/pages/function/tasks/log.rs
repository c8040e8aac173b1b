use super::super::logs::{LINES, LineLink, LogFiles, TARGET, TEXT, WrapSwitch, chosen_line, line_id, scroll_when_shown};
use super::api::{LOG_LINES, LogPart, TaskLog};
use super::log_filter::{self, LINE, LogFilter};
use crate::navigation::use_location;
use crate::reactive::{call, derive, effect, memo};
use crate::routes::Route;
use crate::ui::{Each, Erase, HitBar, Item, Look, TextLink, Toggle, count_hits, dynamic, log_text};
use crate::zone::{Clock, use_clock};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::{LogLevel, LogLine, LogQuery, LogStream, TaskRef, UnixMillis, format};
use std::sync::Arc;

/// Lines that the page holds at once; older ones leave it when more arrive.
const HELD_LINES_MAX: usize = 5_000;

/// The lines in the page, and what goes on with them.
#[derive(Clone, Copy)]
struct Lines {
    held: RwSignal<Vec<(u64, LogLine)>>,
    /// Number of the line after the last one held.
    next: RwSignal<u64>,
    /// True when the server has more lines already.
    has_more: RwSignal<bool>,
    /// Keeps the newest line in sight and reads on as long as there are more.
    follows: RwSignal<bool>,
    /// What the lines were looked for by: the page then shows those only, and nothing that comes after them.
    found_by: RwSignal<Option<LogQuery>>,
    is_reading: StoredValue<bool>,
}

impl Lines {
    fn new(first: &LogPart) -> Self {
        let lines = Self {
            held: RwSignal::new(Vec::new()),
            next: RwSignal::new(0),
            has_more: RwSignal::new(false),
            follows: RwSignal::new(false),
            found_by: RwSignal::new(None),
            is_reading: StoredValue::new(false),
        };
        lines.begin(first);
        lines
    }

    /// The text that is looked for.
    fn wanted(self) -> String {
        self.found_by.with(|query| query.as_ref().map(|query| query.text.clone()).unwrap_or_default())
    }

    /// How often it is in the lines; `None` while none is looked for.
    fn hits(self) -> Option<usize> {
        let wanted = self.wanted();
        let count = || self.held.with(|held| held.iter().map(|(_, line)| count_hits(&line.text, &wanted)).sum());
        (!wanted.is_empty()).then(count)
    }

    /// Shows another part instead.
    fn begin(self, part: &LogPart) {
        self.held.set(part.lines.clone());
        self.found_by.set(part.found_by.clone());
        self.next.set(part.from + part.lines.len() as u64);
        self.has_more.set(part.has_more);
    }

    fn append(self, part: &LogPart) {
        if part.from != self.next.get_untracked() {
            return;
        }
        self.held.update(|held| {
            held.extend(part.lines.iter().cloned());
            let surplus = held.len().saturating_sub(HELD_LINES_MAX);
            held.drain(..surplus);
        });
        self.next.set(part.from + part.lines.len() as u64);
        self.has_more.set(part.has_more);
    }

    /// Reads what came after the last line; asked for again while it reads, it reads on.
    fn read_on(self, task: TaskRef) {
        if self.found_by.with_untracked(Option::is_some)
            || self.is_reading.get_value()
            || self.has_more.get_untracked() && !self.follows.get_untracked()
        {
            return;
        }
        self.is_reading.set_value(true);
        spawn_local(async move {
            while let Some(from) = self.next.try_get_untracked() {
                let Ok(part) = call(TaskLog { task: task.clone(), from }).await else { break };
                if self.held.try_with_untracked(|_| ()).is_none() {
                    return;
                }
                // The page may have begun to look for something in the meantime.
                if self.found_by.with_untracked(Option::is_some) {
                    break;
                }
                self.append(&part);
                if !(part.has_more && self.follows.get_untracked()) {
                    break;
                }
            }
            self.is_reading.try_set_value(false);
        });
    }
}

/// The time of a line: that of the day, or since the first attempt's start.
fn time_of(at: UnixMillis, start: Option<UnixMillis>, clock: Clock) -> String {
    let Some(start) = start else { return clock.text(at).get(11..).unwrap_or_default().to_owned() };
    let ms = at.since(start);
    format!("{}{}.{:03} s", if ms < 0 { '−' } else { '+' }, ms.abs() / 1_000, ms.abs() % 1_000)
}

/// The task's log: the part that the address names, rendered on the server, and what comes after it while the page is live.
#[component]
pub(super) fn LogView(
    task: TaskRef,
    log: Memo<LogPart>,
    /// Counts the changes that may have brought more lines.
    changes: RwSignal<u32>,
    is_live: Signal<bool>,
    started: Memo<Option<UnixMillis>>,
) -> impl IntoView {
    let lines = log.with_untracked(Lines::new);
    Effect::new(move |before: Option<LogPart>| {
        let part = log.get();
        if before.is_some_and(|before| before != part) {
            lines.begin(&part);
        }
        part
    });
    let relative = RwSignal::new(false);
    let clock = use_clock();
    let since = memo(move || started.get().filter(|_| relative.get()));
    let reading = task.clone();
    effect(move || {
        changes.track();
        lines.follows.track();
        lines.read_on(reading.clone());
    });
    let node = NodeRef::<html::Div>::new();
    effect(move || {
        lines.held.track();
        if lines.follows.get()
            && let Some(node) = node.get()
        {
            node.set_scroll_top(node.scroll_height());
        }
    });
    let location = use_location();
    let chosen = memo(move || chosen_line(&location.search.read(), LINE));
    // The router looks for the address's place before the log has been read.
    effect(move || {
        log.track();
        match (chosen.get(), location.hash.get_untracked()) {
            (Some(number), hash) if hash == format!("#{}", line_id(number)) => scroll_when_shown(line_id(number)),
            (_, hash) if hash == "#log" => scroll_when_shown("log".to_owned()),
            _ => {}
        }
    });
    let is_empty = memo(move || lines.held.with(Vec::is_empty));
    let (of_task, of_lines) = (task.clone(), task.clone());
    let file = derive(move || lines.found_by.with(|query| log_filter::download(&of_task, query.as_ref())));
    view! {
        <section id="log" aria-labelledby="log-title" class="scroll-mt-16 rounded-panel border border-line bg-surface">
        <header class="flex min-h-12.25 flex-wrap items-center justify-between gap-x-4 gap-y-1 border-b border-line px-4 py-2">
            <h2 id="log-title" class="text-head font-semibold">{t!("Log")}</h2>
            <LogFilter task=task.clone() log/>
            <HitBar node total=memo(move || lines.hits())/>
            <span class="flex flex-wrap items-center gap-1">
                <WrapSwitch/>
                <span class="js-only flex items-center gap-1 whitespace-nowrap">
                    <Toggle label=t!("Relative times") on=relative/>
                    {dynamic(move || lines.found_by.with(Option::is_none).then(|| view! { <Toggle label=t!("Follow") on=lines.follows/> }.erase()))}
                </span>
                <LogFiles text=file/>
            </span>
        </header>
        <Earlier task=task.clone() lines/>
        <div
            node_ref=node
            role="log"
            aria-label=t!("Log output")
            aria-live="off"
            tabindex="0"
            class="max-h-[36rem] overflow-auto py-2 font-mono text-meta leading-6 has-[ol:empty]:hidden"
        >
            <ol class=LINES><Each items=move || {
                let wanted: Arc<str> = lines.wanted().into();
                let item = |(number, line): (u64, LogLine)| {
                    let (key, wanted, number) = (format!("{number} {wanted}"), Arc::clone(&wanted), number.saturating_add(1));
                    let href = Route::task(&of_lines).with_query(&[(LINE, &number.to_string())]);
                    Item::new(key, move || view! { <Line number href line wanted chosen since clock/> }.erase())
                };
                lines.held.get().into_iter().map(item).collect()
            }/></ol>
        </div>
        {dynamic(move || {
            let words = match (lines.found_by.with(Option::is_some), lines.has_more.get()) {
                (true, false) => t!("No line matches."),
                (true, true) => t!("No line matches so far."),
                (false, _) if is_live.get() => t!("Nothing written yet."),
                (false, _) => t!("This task wrote no log."),
            };
            is_empty.get().then(|| view! { <p class="p-4 text-muted">{words}</p> }.erase())
        })}
        <More task lines/>
        </section>
    }
    .erase()
}

#[component]
fn Line(
    /// Counted from 1.
    number: u64,
    /// The page that leads to it.
    href: String,
    line: LogLine,
    /// What is searched for.
    wanted: Arc<str>,
    /// The line that the address leads to.
    chosen: Memo<Option<u64>>,
    since: Memo<Option<UnixMillis>>,
    clock: Clock,
) -> impl IntoView {
    let (stripe, ink) = match (line.level, line.stream) {
        (Some(LogLevel::Critical | LogLevel::Error), _) => ("border-bad", ""),
        (Some(LogLevel::Warning), _) | (None, LogStream::Stderr) => ("border-warn", ""),
        (Some(LogLevel::Info), _) => ("border-good", ""),
        (Some(LogLevel::Debug), _) => ("border-line-strong", "text-muted"),
        (None, LogStream::Stdout) => ("border-line-strong", ""),
        (None, LogStream::System) => ("border-active", "text-muted"),
    };
    let stream = match line.level {
        Some(level) => format!("{}, {}", line.stream.as_str(), level.as_str()),
        None => line.stream.as_str().to_owned(),
    };
    let at = line.at;
    view! {
        <li
            id=line_id(number)
            aria-current=derive(move || (chosen.get() == Some(number)).then_some("true"))
            class=format!("flex gap-3 border-l-3 pl-3 pr-4 hover:bg-hover {TARGET} {stripe} {ink}")
            title=stream
        >
            <LineLink number href/>
            <time class="shrink-0 select-none text-faint tabular-nums" datetime=format::rfc3339(at) title=derive(move || clock.exact(at))>
                {dynamic(move || time_of(at, since.get(), clock))}
            </time>
            <span class=format!("min-w-0 {TEXT}")>{log_text(&line.text, &wanted)}</span>
        </li>
    }
    .erase()
}

/// Leads to the lines before those in the page.
#[component]
fn Earlier(task: TaskRef, lines: Lines) -> impl IntoView {
    let first = memo(move || lines.held.with(|held| held.first().map_or(0, |(number, _)| *number)));
    dynamic(move || {
        let to = format!("{}#log", Route::task(&task).path());
        (first.get() > 0 && lines.found_by.with(Option::is_none)).then(|| {
            view! {
                <p class="px-4 pt-2 text-meta text-muted">
                    {t!("From line {line} on. ", line = format::count(first.get() + 1))} <TextLink href=to.clone()>{t!("From the start")}</TextLink>
                </p>
            }
            .erase()
        })
    })
}

/// Leads to the lines after those in the page.
#[component]
fn More(task: TaskRef, lines: Lines) -> impl IntoView {
    dynamic(move || {
        let to = match lines.found_by.get() {
            Some(query) => log_filter::next_page(&task, &query),
            None => format!("{}#log", Route::task(&task).with_query(&[("log_from", &lines.next.get().to_string())])),
        };
        (lines.has_more.get() && !lines.follows.get()).then(|| {
            view! {
                <p class="flex items-center gap-3 border-t border-line px-4 py-2 text-meta text-muted">
                    <a href=to.clone() class=Look::Plain.classes()>{t!("Show more")}</a>
                    {t!("Lines are shown {n} at a time.", n = format::count(u64::from(LOG_LINES)))}
                </p>
            }
            .erase()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_lines_are_those_of_the_day_or_since_the_start() {
        let at = UnixMillis(1_795_521_665_002);
        let check = |start: Option<i64>, text: &str| assert_eq!(time_of(at, start.map(UnixMillis), Clock::default()), text);
        check(None, "12:01:05.002");
        check(Some(at.0 - 1_204), "+1.204 s");
        check(Some(at.0 + 5), "−0.005 s");
    }
}
