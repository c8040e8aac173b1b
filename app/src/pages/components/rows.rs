//! Tables and charts.

use super::page::section;
use crate::ui::table::{CELL, Column, FIGURE, LONG, NAMING, ROW, TELLING, column, figures};
use crate::ui::{Chart, ChartData, ChartLine, ChartTone, ChartUnit, Each, Erase, Item, StatusBadge, Table};
use leptos::prelude::*;
use model::{TaskStatus, UnixMillis};

const COLUMNS: &[Column] = &[column("Task ID"), column("Status"), column("Error"), figures("Duration")];
const ROWS: [(&str, TaskStatus, &str, &str); 3] = [
    ("job-7", TaskStatus::Failed, "ValueError: a message that is longer than its cell and is cut at the end", "1.204 s"),
    ("任务-1", TaskStatus::Running, "", "9 s"),
    ("a-very-long-identifier-of-a-task-that-somebody-chose", TaskStatus::Succeeded, "", "312 ms"),
];

pub(super) fn all() -> Vec<AnyView> {
    vec![section("Tables", tables()), section("Charts", charts())]
}

fn tables() -> AnyView {
    let item = |(id, status, error, duration): (&'static str, TaskStatus, &'static str, &'static str)| {
        Item::new(id, move || {
            view! {
                <tr role="row" class=ROW>
                    <td role="cell" class=format!("{NAMING} {CELL}")><code class="font-mono text-meta">{id}</code></td>
                    <td role="cell" class=format!("{TELLING} {CELL}")><StatusBadge status=Signal::stored(status)/></td>
                    <td role="cell" data-label="Error" class=LONG title=error>{error}</td>
                    <td role="cell" data-label="Duration" class=FIGURE>{duration}</td>
                </tr>
            }
            .erase()
        })
    };
    view! {
        <Table caption="Example of tasks" columns=COLUMNS>
            <Each items=move || ROWS.map(item).into_iter().collect()/>
        </Table>
    }
    .erase()
}

/// A chart of each unit; the second has a gap.
fn charts() -> AnyView {
    let line = |label: &str, tone, values: Vec<Option<u64>>| ChartLine {
        label: label.to_owned(),
        tone,
        whole: values.iter().copied().flatten().max(),
        values,
    };
    let wave = |scale: u64| (0..60).map(|n: u64| Some((n * 7 % 23 + n / 3) * scale)).collect::<Vec<_>>();
    let mut gap = wave(100);
    gap.iter_mut().skip(20).take(12).for_each(|value| *value = None);
    let chart = |id: &'static str, title: &str, unit, lines| {
        let data = ChartData { title: title.to_owned(), unit, from: UnixMillis(1_795_521_660_000), step_ms: 60_000, lines };
        view! { <Chart id data=Signal::stored(data)/> }.erase()
    };
    view! {
        <div class="grid grid-cols-1 gap-4 lg:grid-cols-2">
            {chart("example-counts", "Throughput and failures, an example", ChartUnit::Count, vec![line("Invocations", ChartTone::Main, wave(12)), line("Failed", ChartTone::Bad, wave(1))])}
            {chart("example-lengths", "Duration with a gap, an example", ChartUnit::Milliseconds, vec![line("P50", ChartTone::Second, gap)])}
        </div>
    }
    .erase()
}
