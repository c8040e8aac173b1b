//! From figures to charts.

use crate::ui::{ChartData, ChartLine, ChartTone, ChartUnit};
use model::{Backlog, Figures, Histogram, Metrics, UnixMillis, format};

type Count = fn(&Figures) -> u64;
type Lengths = fn(&Figures) -> &Histogram;
type Length = fn(&Histogram) -> Option<u64>;

fn chart(metrics: &Metrics, title: &str, unit: ChartUnit, lines: Vec<ChartLine>) -> ChartData {
    ChartData { title: title.to_owned(), unit, from: metrics.window.from, step_ms: metrics.step_ms, lines }
}

fn counts(metrics: &Metrics, title: &str, lines: &[(&str, ChartTone, Count)]) -> ChartData {
    let line = |(label, tone, count): &(&str, ChartTone, Count)| ChartLine {
        label: (*label).to_owned(),
        tone: *tone,
        values: metrics.points.iter().map(|point| Some(count(&point.figures))).collect(),
        whole: Some(count(&metrics.total)),
    };
    chart(metrics, title, ChartUnit::Count, lines.iter().map(line).collect())
}

fn lengths(metrics: &Metrics, title: &str, of: Lengths) -> ChartData {
    let figures: [(&str, ChartTone, Length); 4] = [
        ("P50", ChartTone::Main, |lengths| lengths.percentile(50)),
        ("P90", ChartTone::Second, |lengths| lengths.percentile(90)),
        ("P99", ChartTone::Third, |lengths| lengths.percentile(99)),
        (t!("Max"), ChartTone::Fourth, Histogram::max),
    ];
    let line = |(label, tone, figure): (&str, ChartTone, Length)| ChartLine {
        label: label.to_owned(),
        tone,
        values: metrics.points.iter().map(|point| figure(of(&point.figures))).collect(),
        whole: figure(of(&metrics.total)),
    };
    chart(metrics, title, ChartUnit::Milliseconds, figures.into_iter().map(line).collect())
}

/// Invocations and those of them that failed.
pub(in crate::pages) fn throughput(metrics: &Metrics) -> ChartData {
    counts(
        metrics,
        t!("Throughput and failures"),
        &[(t!("Invocations"), ChartTone::Main, |figures| figures.invocations), (t!("Failed"), ChartTone::Bad, Figures::errors)],
    )
}

/// Every chart of a window; none when nothing was counted.
pub(super) fn all(metrics: &Metrics) -> Vec<ChartData> {
    let total = &metrics.total;
    if *total == Figures::default() {
        return Vec::new();
    }
    let mut charts = vec![
        counts(metrics, t!("Invocations"), &[(t!("Invocations"), ChartTone::Main, |figures| figures.invocations)]),
        counts(
            metrics,
            t!("Errors by kind"),
            &[
                (t!("Function" in "errors"), ChartTone::Bad, |figures| figures.function_errors),
                (t!("Server" in "errors"), ChartTone::Second, |figures| figures.server_errors),
                (t!("Client" in "errors"), ChartTone::Third, |figures| figures.client_errors),
            ],
        ),
        lengths(metrics, t!("Duration"), |figures| &figures.duration),
        counts(metrics, t!("Throttles"), &[(t!("Throttled"), ChartTone::Third, |figures| figures.throttles)]),
        counts(
            metrics,
            t!("Enqueued and processed"),
            &[
                (t!("Enqueued"), ChartTone::Main, |figures| figures.enqueued),
                (t!("Processed"), ChartTone::Second, |figures| figures.processed),
            ],
        ),
        lengths(metrics, t!("Message latency"), |figures| &figures.wait),
        counts(
            metrics,
            t!("Expired and destination results"),
            &[
                (t!("Expired"), ChartTone::Third, |figures| figures.expired),
                (t!("Delivered"), ChartTone::Main, |figures| figures.delivered),
                (t!("Not delivered"), ChartTone::Bad, |figures| figures.undelivered),
            ],
        ),
    ];
    if total.http_2xx + total.http_3xx + total.http_4xx + total.http_5xx > 0 {
        charts.push(counts(
            metrics,
            t!("HTTP answers"),
            &[
                ("2xx", ChartTone::Main, |figures| figures.http_2xx),
                ("3xx", ChartTone::Second, |figures| figures.http_3xx),
                ("4xx", ChartTone::Third, |figures| figures.http_4xx),
                ("5xx", ChartTone::Bad, |figures| figures.http_5xx),
            ],
        ));
    }
    charts
}

/// Invocations without an error, in words.
pub(in crate::pages) fn success(total: &Figures) -> String {
    total.success_per_mille().map_or_else(|| "–".to_owned(), |per_mille| format!("{}.{} %", per_mille / 10, per_mille % 10))
}

/// The figures of the whole window, and what waits now.
pub(super) fn facts(total: &Figures, backlog: &Backlog, now: UnixMillis) -> Vec<(String, String, String)> {
    let fact = |name: &str, value: String, title: &str| (name.to_owned(), value, title.to_owned());
    let oldest = backlog.oldest_due.map(|due| now.since(due)).filter(|ms| *ms > 0);
    vec![
        fact(t!("Invocations"), format::count(total.invocations), t!("In this window: attempts of tasks and synchronous calls")),
        fact(t!("Succeeded" in "share"), success(total), t!("In this window: invocations that ended without an error")),
        fact(t!("Backlog"), format::count(backlog.counts.waiting()), t!("Now: tasks that wait")),
        fact(t!("In process"), format::count(backlog.counts.running()), t!("Now: tasks whose code runs")),
        fact(
            t!("Oldest waiting"),
            oldest.map_or_else(|| "–".to_owned(), format::duration_ms),
            t!("Now: how long a task has been due that nobody has taken"),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{MetricPoint, MetricWindow};

    fn metrics(total: Figures) -> Metrics {
        let window = MetricWindow { from: UnixMillis(0), until: UnixMillis(60_000) };
        Metrics { window, step_ms: 60_000, points: vec![MetricPoint { at: UnixMillis(0), figures: total.clone() }], total }
    }

    #[test]
    fn sc20_charts_are_named_and_http_answers_only_where_there_are_any() {
        assert_eq!(all(&metrics(Figures::default())), []);
        let mut total = Figures { invocations: 8, function_errors: 2, ..Figures::default() };
        total.duration.record(12);
        let titles = |total: &Figures| all(&metrics(total.clone())).into_iter().map(|chart| chart.title).collect::<Vec<_>>();
        assert_eq!(
            titles(&total),
            [
                "Invocations",
                "Errors by kind",
                "Duration",
                "Throttles",
                "Enqueued and processed",
                "Message latency",
                "Expired and destination results"
            ]
        );
        total.answered(200);
        assert_eq!(titles(&total).last().map(String::as_str), Some("HTTP answers"));
        let duration = all(&metrics(total.clone())).swap_remove(2);
        assert!(duration.lines.iter().all(|line| line.values == [Some(12)] && line.whole == Some(12)), "{duration:?}");
        assert_eq!(success(&total), "75.0 %");
        assert_eq!(success(&Figures::default()), "–");
    }

    #[test]
    fn sc20_a_task_that_is_not_due_yet_does_not_wait() {
        let waits = |due: i64| {
            let backlog = Backlog { oldest_due: Some(UnixMillis(due)), ..Backlog::default() };
            facts(&Figures::default(), &backlog, UnixMillis(5_000)).pop().map(|(_, value, _)| value)
        };
        assert_eq!((waits(1_000).as_deref(), waits(9_000).as_deref()), (Some("4.000 s"), Some("–")));
    }
}
