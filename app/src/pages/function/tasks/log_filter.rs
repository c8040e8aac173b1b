//! Looking for lines of a task's log: a plain GET form, so the address is the state.

#[cfg(any(feature = "ssr", test))]
use super::super::logs::{chosen_line, page_of};
use super::api::LogPart;
use crate::routes::{self, Route};
use crate::ui::{Erase, GetForm, Look, Submit, dynamic};
use leptos::prelude::*;
#[cfg(any(feature = "ssr", test))]
use model::LogLevel;
use model::{LogQuery, TaskRef};

/// What names a line, counted from 1, in the page's address.
pub(super) const LINE: &str = "log_line";

/// Levels that the select offers: each with those graver than it.
fn levels() -> [(&'static str, &'static str); 4] {
    [("", t!("All lines")), ("INFO", t!("Info and graver")), ("WARNING", t!("Warnings and graver")), ("ERROR", t!("Errors and graver"))]
}

/// What a page's query string looks for in the log; what can't be read looks for nothing.
#[cfg(any(feature = "ssr", test))]
pub(super) fn read(query: &str) -> LogQuery {
    let pairs = routes::pairs(query);
    let get = |wanted: &str| pairs.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str()).unwrap_or_default();
    let least = LogLevel::parse(get("log_level"));
    let levels = least.map(|least| LogLevel::ALL.into_iter().filter(|level| *level >= least).collect()).unwrap_or_default();
    LogQuery { text: get("log_text").to_owned(), levels, next_token: get("log_token").to_owned(), ..LogQuery::default() }
}

/// True when lines are left out.
#[cfg(any(feature = "ssr", test))]
pub(super) fn is_active(query: &LogQuery) -> bool {
    !query.text.is_empty() || !query.levels.is_empty()
}

/// The line from which on the page shows the log, counted from 0: the one that the address names, or that of the page with the line which it
/// leads to.
#[cfg(any(feature = "ssr", test))]
pub(super) fn from_line(query: &str) -> u64 {
    let from = routes::pairs(query).iter().find(|(name, _)| name == "log_from").and_then(|(_, value)| value.parse().ok());
    from.unwrap_or_else(|| chosen_line(query, LINE).map_or(0, page_of))
}

/// The part of a page's query string that concerns its log.
pub(super) fn of_query(query: &str) -> String {
    let pairs = routes::pairs(query);
    let pairs: Vec<(&str, &str)> =
        pairs.iter().filter(|(name, _)| name.starts_with("log_")).map(|(name, value)| (name.as_str(), value.as_str())).collect();
    routes::query(&pairs)
}

fn least(query: &LogQuery) -> &'static str {
    query.levels.first().map_or("", |level| level.as_str())
}

/// The page with the next lines that are looked for.
pub(super) fn next_page(task: &TaskRef, query: &LogQuery) -> String {
    let pairs = [("log_text", query.text.as_str()), ("log_level", least(query)), ("log_token", query.next_token.as_str())];
    format!("{}#log", Route::task(task).with_query(&pairs))
}

/// The file with the log, or with the lines that are looked for.
pub(super) fn download(task: &TaskRef, query: Option<&LogQuery>) -> String {
    let query = query.map(|query| LogQuery { next_token: String::new(), ..query.clone() }).unwrap_or_default();
    let pairs = query.pairs();
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
    routes::log_download(&task.function, Some(&task.id), &pairs)
}

/// The form.
#[component]
pub(super) fn LogFilter(task: TaskRef, log: Memo<LogPart>) -> impl IntoView {
    let path = Route::task(&task).path();
    let clear = format!("{path}#log");
    let found_by = move || log.read().found_by.clone();
    let text = move || found_by().map(|query| query.text).unwrap_or_default();
    let level = move || found_by().as_ref().map_or("", least);
    let control = "h-7 min-w-0 rounded-control border border-line-strong bg-field px-2 text-meta hover:border-faint";
    view! {
        <GetForm action=path search=true class="flex min-w-0 flex-wrap items-center gap-2">
            <input
                type="search"
                name="log_text"
                aria-label=t!("Find in log")
                placeholder=t!("Find in log")
                autocomplete="off"
                spellcheck="false"
                class=format!("{control} w-40 placeholder:text-faint")
                value=untrack(text)
                prop:value=text
            />
            <select name="log_level" aria-label=t!("Level") class=format!("{control} select-arrow pr-7") prop:value=level>
                {levels()
                    .into_iter()
                    .map(|(value, words)| view! { <option value=value selected=untrack(level) == value>{words}</option> }.erase())
                    .collect::<Vec<_>>()}
            </select>
            <Submit reads=true look=Look::Plain>{t!("Find")}</Submit>
            {dynamic(move || {
                found_by().map(|_| view! { <a href=clear.clone() class="px-1 text-meta text-accent hover:underline">{t!("All lines")}</a> }.erase())
            })}
        </GetForm>
    }
    .erase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i4_the_address_says_what_is_looked_for() {
        let query = read("?log_text=disk+full&log_level=WARNING&log_token=1.2.3.r&other=1");
        assert_eq!((query.text.as_str(), query.next_token.as_str()), ("disk full", "1.2.3.r"));
        assert_eq!(query.levels, [LogLevel::Warning, LogLevel::Error, LogLevel::Critical]);
        assert!(is_active(&query));
        assert!(!is_active(&read("?log_from=7&log_level=LOUD")));
        assert_eq!(from_line("?log_from=7"), 7);
        assert_eq!((from_line("?log_line=12"), from_line("?log_line=1001"), from_line("?log_line=0")), (0, 1_000, 0), "B-13");
        assert_eq!(of_query("?status=Failed&log_from=7"), "?log_from=7");
        assert_eq!(least(&query), "WARNING");
    }
}
