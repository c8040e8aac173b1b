use super::super::api::TaskPage;
use crate::error::Result;
use leptos::prelude::*;
use model::Region;
use server_fn::codec::Json;

/// Tasks of a region; `query` is the list's own query string.
#[server(input = Json)]
pub async fn all_tasks(region: Region, query: String) -> Result<TaskPage> {
    use super::super::record::Record;
    use crate::routes::{AdminPage, Route};
    let (console, user) = crate::server::signed_in()?;
    let filters = super::filter::read(&query);
    let list = Route::Admin(region.clone(), AdminPage::AllTasks);
    let of_table = super::row::COLUMNS[0];
    let (columns, without) = (super::super::columns::form(&list, &filters, of_table), super::super::columns::without(&filters, of_table));
    let filter = super::filter::wanted(filters);
    let found = console.control.list_region_tasks(&region, &filter).await?;
    let functions: Vec<String> = found.functions.iter().map(|of| format!("{}/{}", of.service, of.function)).collect();
    let mut wanted = found.functions.iter().filter(|of| filter.wants(of));
    let only = wanted.next().filter(|_| wanted.next().is_none()).cloned();
    let mut views = crate::pages::views::views_bar(&console, &user, &list, &query).await?;
    let back = format!("{}{query}", list.path());
    views.push_str(&crate::pages::function::queue_markup(&console, region, only, &back).await);
    Ok(TaskPage {
        query,
        rows: found.tasks.iter().map(Record::of_region).collect(),
        next_token: found.next_token,
        counts: found.counts,
        task_mode: true,
        now: console.control.now(),
        views,
        columns,
        without,
        functions: functions.join("\n"),
        is_partial: found.is_partial,
    })
}
