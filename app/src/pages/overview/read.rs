//! Puts the page together.

use super::api::{Counted, Failure, OverviewView, Part, Slow, Tasks, Tile};
use crate::error::Result;
use crate::pages::metrics::{minutes_of, success, throughput};
use crate::server::{Console, signed_in};
use model::{
    Backlog, Figures, FunctionRef, ListQuery, MetricScope, MetricWindow, Metrics, QueueScope, Region, StateCounts, TaskFilter, TaskStatus,
    UnixMillis, format,
};

/// Minutes before now that the page shows when its address names no window.
const MINUTES_DEFAULT: i64 = 24 * 60;
/// Rows of each table.
const ROWS_MAX: usize = 5;
/// Functions whose lists are looked through for failed tasks, those with the most errors first.
const SOURCES_MAX: usize = 8;
/// Services that are looked through for a function.
const SERVICES_MAX: u32 = 20;
/// Ends that call for a look.
const FAILED: [TaskStatus; 3] = [TaskStatus::Failed, TaskStatus::Expired, TaskStatus::Invalid];

pub(super) async fn read(region: Region, search: &str) -> Result<OverviewView> {
    let (console, _) = signed_in()?;
    let control = &console.control;
    let minutes = minutes_of(search, MINUTES_DEFAULT);
    let window = MetricWindow::last_minutes(minutes, control.now());
    let metrics = part(control.metrics(&MetricScope::Region(region.clone()), window).await)?;
    let backlog = part(control.backlog(&QueueScope::Region(region.clone())).await)?;
    let functions = part(control.metrics_by_function(&region, window).await)?;
    let failures = match &functions {
        Ok(functions) => part(failures(&console, functions, window.from).await)?,
        Err(error) => Err(error.clone()),
    };
    let is_still = matches!((&metrics, &backlog), (Ok(metrics), Ok(backlog)) if is_still(metrics, backlog));
    Ok(OverviewView {
        minutes,
        is_empty: is_still && has_no_function(&console, &region).await?,
        counted: metrics.map(|metrics| counted(&metrics)),
        tasks: backlog.map(|backlog| tasks(&backlog.counts)),
        slowest: functions.map(slowest),
        failures,
    })
}

/// What the server could not read now leaves its part of the page without it; what the user may not read, or is not there, leaves no page.
fn part<T>(read: model::Result<T>) -> Result<Part<T>> {
    match read {
        Ok(value) => Ok(Ok(value)),
        Err(error) if error.code.status() >= 500 => Ok(Err(error.into())),
        Err(error) => Err(error.into()),
    }
}

/// Nothing was done, and nothing waits.
fn is_still(metrics: &Metrics, backlog: &Backlog) -> bool {
    metrics.total == Figures::default() && backlog.counts.total() == 0
}

fn tile(name: &str, value: String, title: &str) -> Tile {
    (name.to_owned(), value, title.to_owned())
}

fn counted(metrics: &Metrics) -> Counted {
    let total = &metrics.total;
    Counted {
        tiles: vec![
            tile(t!("Invocations"), format::count(total.invocations), t!("In this window: attempts of tasks and synchronous calls")),
            tile(t!("Succeeded" in "share"), success(total), t!("In this window: invocations that ended without an error")),
        ],
        chart: throughput(metrics),
    }
}

fn tasks(counts: &StateCounts) -> Tasks {
    Tasks {
        tiles: vec![
            tile(t!("Backlog"), format::count(counts.waiting()), t!("Now: tasks that wait")),
            tile(t!("Running"), format::count(counts.running()), t!("Now: tasks whose code runs")),
        ],
        states: TaskStatus::ALL.into_iter().map(|status| (status, counts.get(status))).collect(),
    }
}

/// The functions whose slow executions are the slowest.
fn slowest(functions: Vec<(FunctionRef, Figures)>) -> Vec<Slow> {
    let slow = |(function, figures): (FunctionRef, Figures)| {
        Some(Slow {
            function,
            invocations: figures.invocations,
            failed: figures.errors(),
            p50: figures.duration.percentile(50)?,
            p90: figures.duration.percentile(90)?,
            max: figures.duration.max()?,
        })
    };
    let mut slowest: Vec<Slow> = functions.into_iter().filter_map(slow).collect();
    slowest.sort_by_key(|slow| std::cmp::Reverse((slow.p90, slow.max)));
    slowest.truncate(ROWS_MAX);
    slowest
}

/// The latest tasks that did not succeed.
async fn failures(console: &Console, functions: &[(FunctionRef, Figures)], from: UnixMillis) -> model::Result<Vec<Failure>> {
    let bad = |figures: &Figures| figures.function_errors + figures.server_errors + figures.expired;
    let mut sources: Vec<(u64, &FunctionRef)> = functions.iter().map(|(function, figures)| (bad(figures), function)).collect();
    sources.retain(|(bad, _)| *bad > 0);
    sources.sort_by_key(|(bad, _)| std::cmp::Reverse(*bad));
    let filter = TaskFilter {
        statuses: FAILED.to_vec(),
        started_from: Some(from),
        limit: u32::try_from(ROWS_MAX).unwrap_or(u32::MAX),
        ..TaskFilter::default()
    };
    let mut failures = Vec::new();
    for (_, function) in sources.into_iter().take(SOURCES_MAX) {
        match console.control.list_tasks(function, &filter).await {
            Ok(page) => failures.extend(page.items.into_iter().map(|task| Failure {
                task: task.task_ref(),
                status: task.status,
                at: task.ended_at,
                error: task.error_kind,
            })),
            // It was deleted since.
            Err(error) if error.code.status() == 404 => {}
            Err(error) => return Err(error),
        }
    }
    failures.sort_by_key(|failure| std::cmp::Reverse(failure.at));
    failures.truncate(ROWS_MAX);
    Ok(failures)
}

async fn has_no_function(console: &Console, region: &Region) -> Result<bool> {
    let services = console.control.list_services(region, &ListQuery { limit: SERVICES_MAX, ..ListQuery::default() }).await?;
    for service in services.items {
        let of = model::ServiceRef { region: region.clone(), service: service.name };
        if !console.control.list_functions(&of, &ListQuery { limit: 1, ..ListQuery::default() }).await?.items.is_empty() {
            return Ok(false);
        }
    }
    Ok(services.next_token.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Error, ErrorCode, FunctionName, ServiceName};

    #[test]
    fn sc02_what_can_t_be_read_now_is_missing_in_its_part_alone() {
        let refused = |code| part::<u8>(Err(Error::new(code, "why")));
        assert_eq!(part(Ok(7)), Ok(Ok(7)));
        assert_eq!(refused(ErrorCode::ServiceUnavailable).unwrap().unwrap_err().code, ErrorCode::ServiceUnavailable);
        assert_eq!(refused(ErrorCode::AccessDenied).unwrap_err().code, ErrorCode::AccessDenied);
    }

    #[test]
    fn sc02_the_slowest_come_first_and_what_did_not_run_is_not_among_them() {
        let of = |name: &str, lengths: &[i64]| {
            let mut figures = Figures { invocations: lengths.len() as u64, ..Figures::default() };
            lengths.iter().for_each(|ms| figures.duration.record(*ms));
            let (region, service) = (Region::from_stored("r"), ServiceName::from_stored("s"));
            (FunctionRef { region, service, function: FunctionName::from_stored(name) }, figures)
        };
        let mut functions: Vec<_> = ["a", "b", "c", "d", "e"].into_iter().map(|name| of(name, &[1])).collect();
        functions.extend([of("slow", &[900]), of("never", &[]), of("slower-at-times", &[5, 5, 5, 5, 900, 2_000])]);
        let names: Vec<String> = slowest(functions).into_iter().map(|slow| slow.function.function.to_string()).collect();
        assert_eq!(names.len(), ROWS_MAX);
        assert_eq!(names.first().map(String::as_str), Some("slower-at-times"));
        assert_eq!(names.get(1).map(String::as_str), Some("slow"));
    }
}
