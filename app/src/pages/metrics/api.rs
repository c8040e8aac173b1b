use crate::error::Result;
use crate::ui::ChartData;
use leptos::prelude::*;
use model::{FunctionRef, Region};
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

/// Minutes before now that the page shows when its address names no window.
#[cfg(feature = "ssr")]
const MINUTES_DEFAULT: i64 = 60;

/// What a page of metrics shows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MetricsView {
    /// The offered window; 0 for one by its ends.
    pub minutes: i64,
    /// Both ends as they were typed, or as they are, in UTC.
    pub from: String,
    pub to: String,
    /// Why nothing is shown, in words for the user.
    pub problem: String,
    /// The qualifier that is shown; empty for all.
    pub qualifier: String,
    /// Versions and aliases to choose from: values and words; none for a region.
    pub choices: Vec<(String, String)>,
    /// What is true now: name, value, and what the hover tells.
    pub facts: Vec<(String, String, String)>,
    /// None when nothing was counted.
    pub charts: Vec<ChartData>,
}

/// What was counted of a function, or of the region where none is given, in the window that the page's query string asks for.
#[server(input = Json)]
pub async fn read_metrics(region: Region, function: Option<FunctionRef>, search: String) -> Result<MetricsView> {
    use super::{charts, windows};
    use crate::pages::function::tasks::parse_time;
    use crate::routes;
    use model::{ErrorCode, MetricScope, MetricWindow, Qualifier, QueueScope, UnixMillis};
    let (console, _) = crate::server::signed_in()?;
    let pairs = routes::pairs(&search);
    let typed = |name: &str| pairs.iter().rfind(|(found, _)| found == name).map(|(_, value)| value.clone()).unwrap_or_default();
    let (qualifier, from, to) = (typed("qualifier"), typed("from"), typed("to"));
    let now = console.control.now();
    let is_custom = !(from.is_empty() && to.is_empty());
    let minutes = if is_custom { 0 } else { windows::minutes_of(&search, MINUTES_DEFAULT) };
    let time = |text: &str, otherwise: UnixMillis| if text.is_empty() { Some(otherwise) } else { parse_time(text) };
    let choices = match &function {
        Some(function) => crate::pages::qualifiers::choices(&console, &function.service_ref(), &qualifier).await?,
        None => Vec::new(),
    };
    let shown =
        MetricsView { minutes, from: from.clone(), to: to.clone(), qualifier: qualifier.clone(), choices, ..MetricsView::default() };
    let window = if is_custom {
        match (time(&from, UnixMillis(0)), time(&to, now)) {
            (Some(from), Some(until)) => MetricWindow { from, until },
            _ => return Ok(MetricsView { problem: t!("Enter times like 2026-11-24 12:01.").to_owned(), ..shown }),
        }
    } else {
        MetricWindow::last_minutes(minutes, now)
    };
    let chosen = if qualifier.is_empty() { None } else { Some(Qualifier::parse(&qualifier)?) };
    let (scope, queue) = match function {
        None => (MetricScope::Region(region.clone()), QueueScope::Region(region)),
        Some(function) => (MetricScope::Function(function.clone(), chosen), QueueScope::Function(function)),
    };
    let metrics = match console.control.metrics(&scope, window).await {
        Err(error) if error.code == ErrorCode::InvalidArgument => {
            return Ok(MetricsView { problem: crate::language::message(error.message.into()), ..shown });
        }
        read => read?,
    };
    let backlog = console.control.backlog(&queue).await?;
    let (from, to) = if is_custom { (from, to) } else { (windows::typed(metrics.window.from), windows::typed(metrics.window.until)) };
    Ok(MetricsView { from, to, facts: charts::facts(&metrics.total, &backlog, now), charts: charts::all(&metrics), ..shown })
}
