//! Lines over time as plain SVG, drawn on the server too, and the same figures as a table.

use super::Erase;
use super::brush::Brush;
use crate::reactive::{derive, memo};
use crate::ui::dynamic;
use crate::zone::{Clock, use_clock};
use leptos::prelude::*;
use model::{UnixMillis, format};
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// What the figures of a chart are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum ChartUnit {
    #[default]
    Count,
    Milliseconds,
}

impl ChartUnit {
    fn words(self, figure: u64) -> String {
        match self {
            ChartUnit::Count => format::count(figure),
            ChartUnit::Milliseconds => format::duration_ms(i64::try_from(figure).unwrap_or(i64::MAX)),
        }
    }
}

/// Colour and dashes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChartTone {
    Main,
    Second,
    Third,
    Fourth,
    /// Failures, always the same.
    Bad,
}

impl ChartTone {
    /// Class and dashes of the line: told apart without colour too.
    fn stroke(self) -> (&'static str, &'static str) {
        match self {
            ChartTone::Main => ("stroke-active", ""),
            ChartTone::Second => ("stroke-odd", "6 3"),
            ChartTone::Third => ("stroke-warn", "2 3"),
            ChartTone::Fourth => ("stroke-idle", "9 3 2 3"),
            ChartTone::Bad => ("stroke-bad", ""),
        }
    }
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChartLine {
    pub label: String,
    pub tone: ChartTone,
    /// A figure for each point; `None` where there is nothing to draw.
    pub values: Vec<Option<u64>>,
    /// The figure of the whole window.
    pub whole: Option<u64>,
}

/// What a chart shows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ChartData {
    pub title: String,
    pub unit: ChartUnit,
    /// Instant of the first point.
    pub from: UnixMillis,
    /// Milliseconds between two points.
    pub step_ms: i64,
    pub lines: Vec<ChartLine>,
}

/// Width and height of the drawing, which is stretched over its place.
pub(super) const SIDE: u64 = 1_000;

impl ChartData {
    fn points(&self) -> usize {
        self.lines.iter().map(|line| line.values.len()).max().unwrap_or(0)
    }

    fn at(&self, point: usize) -> UnixMillis {
        self.from.plus_ms(self.step_ms.saturating_mul(i64::try_from(point).unwrap_or(i64::MAX)))
    }

    /// The figures at a point, if there is anything but zeros.
    fn figures(&self, point: usize) -> Option<Vec<Option<u64>>> {
        let figures: Vec<Option<u64>> = self.lines.iter().map(|line| line.values.get(point).copied().flatten()).collect();
        figures.iter().any(|figure| figure.is_some_and(|figure| figure > 0)).then_some(figures)
    }

    /// The time that two places of the drawing enclose: that of whole points, of one at least.
    pub(super) fn window(&self, from: u64, to: u64) -> Option<(UnixMillis, UnixMillis)> {
        let steps = steps(self.points());
        let (first, last) = ((from * steps).div_ceil(SIDE), to * steps / SIDE);
        let nearest = ((from + to) * steps + SIDE) / (2 * SIDE);
        let (first, last) = if first <= last { (first, last) } else { (nearest, nearest) };
        let at = |point: u64| usize::try_from(point).ok().map(|point| self.at(point));
        Some((at(first)?, at(last + 1)?)).filter(|_| self.points() > 0)
    }

    /// The figure at the upper edge.
    fn top(&self) -> u64 {
        ceiling(self.lines.iter().flat_map(|line| line.values.iter().flatten()).copied().max().unwrap_or(0))
    }

    /// A point's time of day, with the date where the window is longer than one.
    fn time(&self, point: usize, clock: Clock) -> String {
        let is_long = self.step_ms.saturating_mul(i64::try_from(self.points()).unwrap_or(i64::MAX)) > 26 * 3_600_000;
        clock.text(self.at(point)).get(if is_long { 5 } else { 11 }..16).unwrap_or_default().to_owned()
    }

    /// The drawing: a grid, the lines, and over them what the pointer is told.
    fn drawing(&self, clock: Clock) -> String {
        let (points, top) = (self.points(), self.top());
        let mut svg = String::from(
            r#"<path class="stroke-line" fill="none" vector-effect="non-scaling-stroke" d="M0 0H1000M0 500H1000M0 1000H1000"/>"#,
        );
        for line in &self.lines {
            let (class, dashes) = line.tone.stroke();
            // Writing to a text can't fail.
            _ = write!(
                svg,
                r#"<path class="{class}" fill="none" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" stroke-dasharray="{dashes}" vector-effect="non-scaling-stroke" d="{}"/>"#,
                path(&line.values, top)
            );
        }
        let width = SIDE.checked_div(steps(points)).unwrap_or(SIDE).max(1);
        for point in 0..points {
            let Some(figures) = self.figures(point) else { continue };
            let left = x(point, points).saturating_sub(width / 2);
            let words =
                self.lines.iter().zip(figures).filter_map(|(line, figure)| Some(format!("{} {}", line.label, self.unit.words(figure?))));
            let words = words.collect::<Vec<_>>().join(", ");
            let (time, zone) = (self.time(point, clock), clock.offset(self.at(point)));
            _ = write!(
                svg,
                r#"<rect x="{left}" width="{width}" height="1000" fill="transparent"><title>{time} {zone}: {words}</title></rect>"#
            );
        }
        svg
    }
}

/// The least of 1, 2, 5, 10, 20 … that is not below the figure.
fn ceiling(figure: u64) -> u64 {
    let mut decade = 1_u64;
    loop {
        for step in [1, 2, 5] {
            let top = decade.saturating_mul(step);
            if top >= figure {
                return top;
            }
        }
        decade = decade.saturating_mul(10);
    }
}

/// Steps between so many points.
fn steps(points: usize) -> u64 {
    u64::try_from(points.saturating_sub(1)).unwrap_or(u64::MAX)
}

fn x(point: usize, points: usize) -> u64 {
    u64::try_from(point).unwrap_or(u64::MAX).saturating_mul(SIDE).checked_div(steps(points)).unwrap_or(SIDE / 2)
}

/// Half the length of the bar that a point alone is: a dot would be taken for dirt.
const LONE: u64 = 8;

/// A line with a gap where there is nothing; a point alone is a short bar.
fn path(values: &[Option<u64>], top: u64) -> String {
    let mut path = String::new();
    let mut is_drawing = false;
    for (point, value) in values.iter().enumerate() {
        let Some(value) = value else {
            is_drawing = false;
            continue;
        };
        let y = SIDE.saturating_sub(value.saturating_mul(SIDE).checked_div(top).unwrap_or(0));
        let x = x(point, values.len());
        let is_alone = !is_drawing && values.get(point + 1).copied().flatten().is_none();
        _ = match (is_alone, is_drawing) {
            (true, _) => write!(path, "M{} {y}h{}", x.saturating_sub(LONE), 2 * LONE),
            (_, true) => write!(path, "L{x} {y}"),
            (_, false) => write!(path, "M{x} {y}"),
        };
        is_drawing = true;
    }
    path
}

/// A named figure: the lines' names with their figures, the drawing, and the same as a table.
#[component]
pub fn Chart(
    /// Of the figure's name.
    id: &'static str,
    /// What it shows.
    #[prop(into)]
    data: Signal<ChartData>,
    /// Runs with the ends of a time window that is chosen by dragging over the drawing.
    #[prop(optional)]
    on_window: Option<Callback<(UnixMillis, UnixMillis)>>,
) -> impl IntoView {
    let title = data.with_untracked(|data| data.title.clone());
    // A round figure: seconds without their thousandths.
    let top = memo(move || data.with(|data| data.unit.words(data.top()).replace(".000", "")));
    let clock = use_clock();
    let edge = move |of: fn(usize) -> usize| dynamic(move || data.with(|data| data.time(of(data.points()), clock)));
    let drawing = view! {
        <svg
            viewBox="0 0 1000 1000"
            preserveAspectRatio="none"
            aria-hidden="true"
            class="block h-32 w-full"
            inner_html=derive(move || data.with(|data| data.drawing(clock)))
        ></svg>
    }
    .erase();
    let drawing = match on_window {
        Some(on_window) => view! { <Brush data on_window drawing/> }.erase(),
        None => drawing,
    };
    view! {
        <figure aria-labelledby=id class="min-w-0 rounded-panel border border-line bg-surface p-4">
            <figcaption id=id class="font-semibold">{title.clone()}</figcaption>
            {dynamic(move || data.with(|data| view! { <Names data=data.clone()/> }.erase()))}
            <p class="mt-2 text-meta text-muted tabular-nums" aria-hidden="true">{dynamic(move || top.get())}</p>
            {drawing}
            <p class="mt-1 flex justify-between text-meta text-muted tabular-nums" aria-hidden="true">
                <span>{edge(|_| 0)}</span>
                <span>{edge(|points| points / 2)}</span>
                <span>{edge(|points| points.saturating_sub(1))}</span>
            </p>
            <details class="mt-2">
                <summary class="w-fit text-meta text-accent hover:underline underline-offset-2">{t!("Show as table")}</summary>
                <div class="mt-2 max-h-72 overflow-auto" tabindex="0" role="region" aria-label=t!("{title} as a table", title)>
                    {dynamic(move || data.with(|data| view! { <Figures data=data.clone() zone=clock.offset(data.from) clock/> }.erase()))}
                </div>
            </details>
        </figure>
    }
    .erase()
}

/// Names of the lines, each with its stroke and the figure of the whole window.
#[component]
fn Names(data: ChartData) -> impl IntoView {
    let unit = data.unit;
    let name = |line: ChartLine| {
        let (class, dashes) = line.tone.stroke();
        let stroke = format!(r#"<path class="{class}" stroke-width="2" stroke-dasharray="{dashes}" d="M0 4H24"/>"#);
        view! {
            <li class="flex items-center gap-1.5">
                <svg viewBox="0 0 24 8" class="h-2 w-6 shrink-0" aria-hidden="true" inner_html=stroke></svg>
                <span class="text-muted">{line.label}</span>
                <span class="font-medium tabular-nums">{line.whole.map_or_else(|| "–".to_owned(), |figure| unit.words(figure))}</span>
            </li>
        }
        .erase()
    };
    view! { <ul class="mt-1 flex flex-wrap gap-x-4 gap-y-0.5 text-meta">{data.lines.into_iter().map(name).collect::<Vec<_>>()}</ul> }
        .erase()
}

/// The points that have anything in them, the newest first.
#[component]
fn Figures(
    data: ChartData,
    /// Of the time's column; read where it is followed.
    zone: String,
    clock: Clock,
) -> impl IntoView {
    const HEAD: &str = "px-2 py-1 font-medium text-right first:text-left";
    const CELL: &str = "px-2 py-1 text-right first:text-left tabular-nums";
    let heads = data.lines.iter().map(|line| view! { <th scope="col" class=HEAD>{line.label.clone()}</th> }.erase()).collect::<Vec<_>>();
    let row = |point: usize| {
        let figures = data
            .figures(point)?
            .into_iter()
            .map(|figure| view! { <td class=CELL>{figure.map_or_else(|| "–".to_owned(), |figure| data.unit.words(figure))}</td> }.erase());
        let at = clock.text(data.at(point)).get(..16).unwrap_or_default().to_owned();
        Some(view! { <tr class="border-t border-line"><td class=CELL>{at}</td>{figures.collect::<Vec<_>>()}</tr> }.erase())
    };
    let rows: Vec<AnyView> = (0..data.points()).rev().filter_map(row).collect();
    view! {
        <table class="w-full border-collapse whitespace-nowrap text-meta">
            <caption class="sr-only">{data.title.clone()}</caption>
            <thead class="text-muted">
                <tr>
                    <th scope="col" class=HEAD>{t!("Time ({zone})", zone)}</th>
                    {heads}
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .erase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sc20_the_upper_edge_is_a_round_figure() {
        let check = |figure: u64, top: u64| assert_eq!(ceiling(figure), top, "{figure}");
        for (figure, top) in [(0, 1), (1, 1), (3, 5), (6, 10), (10, 10), (11, 20), (1_204, 2_000), (51_000, 100_000)] {
            check(figure, top);
        }
    }

    #[test]
    fn sc20_lines_have_gaps_and_single_points_are_bars() {
        assert_eq!(path(&[Some(0), Some(5), None, Some(10), None], 10), "M0 1000L250 500M742 0h16");
        assert_eq!(path(&[Some(10)], 10), "M492 0h16");
        assert_eq!(path(&[], 1), "");
    }

    #[test]
    fn b15_a_part_of_the_drawing_is_the_time_of_its_points() {
        let line = |points: usize| ChartLine { label: String::new(), tone: ChartTone::Main, values: vec![Some(1); points], whole: None };
        let data = |points: usize| ChartData { step_ms: 60_000, lines: vec![line(points)], ..ChartData::default() };
        let minutes = |points: usize, from: u64, to: u64| data(points).window(from, to).map(|(from, to)| (from.0 / 60_000, to.0 / 60_000));
        assert_eq!(minutes(11, 0, 1_000), Some((0, 11)));
        assert_eq!(minutes(11, 450, 720), Some((5, 8)));
        assert_eq!(minutes(11, 460, 490), Some((5, 6)), "the nearest point");
        assert_eq!((minutes(1, 0, 400), minutes(0, 0, 1_000)), (Some((0, 1)), None));
    }

    #[test]
    fn sc20_points_without_anything_are_left_out_of_the_table_and_the_hover() {
        let line = |label: &str, values: &[u64]| ChartLine {
            label: label.to_owned(),
            tone: ChartTone::Main,
            values: values.iter().copied().map(Some).collect(),
            whole: None,
        };
        let data = ChartData {
            title: "Invocations".to_owned(),
            unit: ChartUnit::Count,
            from: UnixMillis(1_795_521_660_000),
            step_ms: 60_000,
            lines: vec![line("Good", &[0, 1_204]), line("Bad", &[0, 0])],
        };
        assert_eq!((data.figures(0), data.figures(1)), (None, Some(vec![Some(1_204), Some(0)])));
        let drawing = data.drawing(Clock::default());
        assert!(drawing.contains("<title>12:02 UTC: Good 1,204, Bad 0</title>"), "{drawing}");
        assert_eq!(drawing.matches("<rect").count(), 1);
    }
}
