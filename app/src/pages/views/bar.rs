//! The views over a list, as the server writes them: plain links, so that the list needs no code for them.

use super::api::read::list_and_query;
use crate::error::Result;
use crate::pages::function::tasks::{COLUMNS, list_query};
use crate::routes::{AdminPage, Route, pairs, query as query_of};
use crate::server::Console;
use crate::ui::Erase;
use leptos::prelude::*;
use model::{SavedView, TaskFilter, TaskStatus, UnixMillis};

const LINK: &str = "text-accent hover:underline underline-offset-2 aria-[current=true]:font-semibold aria-[current=true]:text-ink";

/// The markup of the bar over a list whose address has this query string.
pub(crate) async fn views_bar(console: &Console, user: &str, list: &Route, search: &str) -> Result<String> {
    let Some(region) = list.region().cloned() else { return Ok(String::new()) };
    let path = list.path();
    let Some((_, now_shown)) = list_and_query(&format!("{path}?{}", search.trim_start_matches('?'))) else { return Ok(String::new()) };
    let mut views = system_views(&path, console.control.now(), columns_of(&now_shown));
    views.extend(console.control.list_views(user).await?.into_iter().filter(|view| view.list == path));
    let save =
        format!("{}{}", Route::Admin(region.clone(), AdminPage::SaveView).path(), query_of(&[("of", &format!("{path}{now_shown}"))]));
    let manage = Route::Admin(region, AdminPage::SavedViews).path();
    Ok(markup(views, &now_shown, save, manage))
}

/// The view whose query is shown is marked.
fn markup(views: Vec<SavedView>, now_shown: &str, save: String, manage: String) -> String {
    let link = |view: SavedView| {
        let current = (view.query == now_shown).then_some("true");
        view! { <a href=view.address() aria-current=current class=LINK>{view.name.clone()}</a> }.erase()
    };
    let bar = view! {
        <nav aria-label=t!("Views") class="mb-2 flex flex-wrap items-center gap-x-4 gap-y-1 text-meta">
            <span class="text-muted">{t!("Views")}</span>
            {views.into_iter().map(link).collect::<Vec<_>>()}
            <span class="ml-auto flex gap-x-4">
                <a href=save class=LINK>{t!("Save view")}</a>
                <a href=manage class=LINK>{t!("Saved Views")}</a>
            </span>
        </nav>
    };
    bar.erase().to_html()
}

/// The columns that an address names, to follow another query.
fn columns_of(query: &str) -> String {
    let pairs = pairs(query);
    let columns = pairs.iter().filter(|(name, _)| name == COLUMNS).map(|(name, value)| (name.as_str(), value.as_str()));
    query_of(&columns.collect::<Vec<_>>()).replacen('?', "&", 1)
}

/// Views that every list has, with the columns that it is shown with.
fn system_views(list: &str, now: UnixMillis, columns: String) -> Vec<SavedView> {
    // Whole minutes: the list is read again and again, and its links stay.
    let ago = |minutes: i64| UnixMillis((now.0 / 60_000 - minutes) * 60_000);
    let view =
        |name: &str, filter: TaskFilter| SavedView { name: name.to_owned(), list: list.to_owned(), query: list_query(&filter) + &columns };
    let state = |status| TaskFilter { statuses: vec![status], ..TaskFilter::default() };
    vec![
        view(t!("Failed in the last 24 hours"), TaskFilter { started_from: Some(ago(24 * 60)), ..state(TaskStatus::Failed) }),
        view(t!("Running longer than 10 minutes"), TaskFilter { started_to: Some(ago(10)), ..state(TaskStatus::Running) }),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b05_system_views_are_filters_up_to_the_minute() {
        let queries: Vec<String> =
            system_views("/r/all-tasks", UnixMillis(1_795_521_665_002), String::new()).into_iter().map(|view| view.address()).collect();
        assert_eq!(
            queries,
            ["/r/all-tasks?status=Failed&from=2026-11-23T12%3A01%3A00", "/r/all-tasks?status=Running&to=2026-11-24T11%3A51%3A00"]
        );
    }

    #[test]
    fn b05_what_a_user_calls_a_view_is_text() {
        let view = |name: &str, query: &str| SavedView { name: name.to_owned(), list: "/r/all-tasks".to_owned(), query: query.to_owned() };
        let views = vec![view("<script>alert(1)</script>", "?status=Failed"), view("Mine", "?invocationIdPrefix=\"><b>")];
        let text = Owner::new().with(|| markup(views, "?status=Failed", "/r/save-view".to_owned(), "/r/saved-views".to_owned()));
        assert!(!text.contains("<script") && !text.contains("<b>"), "{text}");
        assert!(text.contains("&lt;script&gt;") && text.contains("href=\"/r/all-tasks?status=Failed\""), "{text}");
        assert_eq!(text.matches("aria-current=\"true\"").count(), 1, "{text}");
    }
}
