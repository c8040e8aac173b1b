use super::api::Details;
use super::history::{Lane, Phase, Span, Step, lanes, tick_label, tick_ms};
use super::zoom::{Zoom, ZoomBar};
use crate::reactive::memo;
use crate::ui::{Each, Erase, Item, Panel, StatusBadge, Timestamp, dynamic};
use crate::zone::use_clock;
use leptos::prelude::*;
use model::{UnixMillis, format};

/// The history twice: to be seen as a whole, and to be read exactly.
#[component]
pub(super) fn Events(details: ReadSignal<Details>, now: Signal<UnixMillis>) -> impl IntoView {
    let steps = memo(move || details.read().steps.clone());
    let is_over = memo(move || details.read().record.status.is_terminal());
    // A finished history does not follow the clock.
    let until = memo(move || match steps.with(|steps| steps.last().map(|step| step.at)) {
        Some(at) if is_over.get() => at,
        _ => now.get(),
    });
    let due_at = memo(move || details.read().record.due_at);
    let zoom = RwSignal::new(Zoom::ALL);
    view! {
        <Panel title=t!("Events")>
            <ZoomBar zoom/>
            {dynamic(move || {
                let until = until.get();
                let (start, lanes) = steps.with(|steps| (steps.first().map_or(until, |step| step.at), lanes(steps, due_at.get(), until)));
                view! { <Timeline lanes axis=Axis::new(start, zoom.get().window(start, until))/> }.erase()
            })}
            <ol class="mt-4 border-t border-line" aria-label=t!("Events")>
                <Each items=move || {
                    let item = |step: Step| Item::new(step.id, move || view! { <Event step steps/> }.erase());
                    steps.get().into_iter().map(item).collect()
                }/>
            </ol>
        </Panel>
    }
    .erase()
}

#[component]
fn Event(step: Step, steps: Memo<Vec<Step>>) -> impl IntoView {
    let previous = steps.with_untracked(|steps| steps.iter().find(|other| other.id + 1 == step.id).map(|other| other.at));
    let later = previous.map(|previous| format!("+{}", format::duration_ms(step.at.since(previous))));
    view! {
        <li class="grid grid-cols-[1.25rem_1fr_auto] items-center gap-x-3 gap-y-0.5 border-b border-line py-1 sm:grid-cols-[1.25rem_7rem_10.5rem_5.5rem_1fr]">
            <span class="text-right text-meta text-faint tabular-nums">{step.id}</span>
            <span><StatusBadge status=step.status/></span>
            <span class="max-sm:order-1 max-sm:col-span-2 max-sm:col-start-2"><Timestamp exact=true at=Some(step.at)/></span>
            <span class="text-right text-meta text-muted tabular-nums">{later}</span>
            <span class="min-w-0 text-meta text-muted wrap-anywhere empty:hidden max-sm:order-2 max-sm:col-span-2 max-sm:col-start-2">{step.words}</span>
        </li>
    }
    .erase()
}

/// A part of the whole length in thousandths of a percent of its width.
fn share(part: i64, whole: i64) -> i64 {
    part.saturating_mul(100_000) / whole.max(1)
}

fn percent(share: i64) -> String {
    format!("{}.{:03}%", share / 1_000, share % 1_000)
}

/// What the lanes are drawn on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Axis {
    /// The task's begin, from which its ticks count.
    start: UnixMillis,
    from: UnixMillis,
    to: UnixMillis,
    tick_ms: i64,
}

impl Axis {
    fn new(start: UnixMillis, (from, to): (UnixMillis, UnixMillis)) -> Self {
        Self { start, from, to, tick_ms: tick_ms(to.since(from)) }
    }

    fn length(self) -> i64 {
        self.to.since(self.from).max(1)
    }

    /// How far from the left an instant lies, in thousandths of a percent.
    fn place(self, at: UnixMillis) -> i64 {
        share(at.since(self.from), self.length())
    }

    /// The instants of the ticks.
    fn ticks(self) -> impl Iterator<Item = UnixMillis> {
        let (first, last) = (self.from.since(self.start), self.to.since(self.start));
        let first = first + (self.tick_ms - first % self.tick_ms) % self.tick_ms;
        let count = usize::try_from((last - first).max(-self.tick_ms) / self.tick_ms + i64::from(last >= first)).unwrap_or(0);
        (first..).step_by(usize::try_from(self.tick_ms).unwrap_or(1)).take(count).map(move |at| self.start.plus_ms(at))
    }
}

/// One lane per attempt in true proportions; drawn on the server too.
#[component]
fn Timeline(lanes: Vec<Lane>, axis: Axis) -> impl IntoView {
    let label = t!(
        "Timeline: {lanes} in {length}, the same as the list below",
        lanes = lanes_words(lanes.len()),
        length = format::duration_ms(axis.length())
    );
    view! {
        <figure role="img" aria-label=label class="grid grid-cols-[auto_1fr] items-center gap-x-3 gap-y-1">
            <Patterns/>
            {lanes.into_iter().map(|lane| view! { <LaneRow lane axis/> }.erase()).collect::<Vec<_>>()}
            <span></span>
            <svg class="h-5 w-full overflow-visible text-meta max-sm:[&>text:nth-child(even)]:hidden" aria-hidden="true">
                {axis
                    .ticks()
                    .map(|at| {
                        let x = axis.place(at);
                        // The outer labels would stand beyond the edge, most of all on a narrow screen.
                        let anchor = if x > 86_000 { "end" } else if x < 4_000 { "start" } else { "middle" };
                        view! {
                            <text x=percent(x) y="14" text-anchor=anchor class="fill-muted tabular-nums">
                                {tick_label(at.since(axis.start), axis.tick_ms)}
                            </text>
                        }
                        .erase()
                    })
                    .collect::<Vec<_>>()}
            </svg>
        </figure>
    }
    .erase()
}

fn lanes_words(lanes: usize) -> String {
    if lanes == 1 { t!("1 lane").to_owned() } else { t!("{lanes} lanes", lanes) }
}

/// Hatched in the queue, dotted for the wait before a retry: told apart without colour.
#[component]
fn Patterns() -> impl IntoView {
    view! {
        <svg class="absolute size-0" aria-hidden="true">
            <defs>
                <pattern id="lane-waiting" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                    <rect width="6" height="6" class="fill-idle-tint"></rect>
                    <path d="M0 0v6" class="stroke-idle" stroke-width="2.5"></path>
                </pattern>
                <pattern id="lane-retry" width="6" height="6" patternUnits="userSpaceOnUse">
                    <rect width="6" height="6" class="fill-warn-tint"></rect>
                    <circle cx="3" cy="3" r="1.3" class="fill-warn"></circle>
                </pattern>
            </defs>
        </svg>
    }
    .erase()
}

#[component]
fn LaneRow(lane: Lane, axis: Axis) -> impl IntoView {
    let lines = axis
        .ticks()
        .map(|at| {
            let x = percent(axis.place(at));
            view! { <line x1=x.clone() x2=x y1="0" y2="100%" class="stroke-line"></line> }.erase()
        })
        .collect::<Vec<_>>();
    let spans = lane.spans.into_iter().filter_map(|span| Some(view! { <Bar span shown=span.within(axis.from, axis.to)? axis/> }.erase()));
    view! {
        <span class="whitespace-nowrap text-right text-meta text-muted tabular-nums">{lane.label}</span>
        <svg class="h-6 w-full overflow-visible" aria-hidden="true">{lines} {spans.collect::<Vec<_>>()}</svg>
    }
    .erase()
}

/// A phase, of which the part within the axis is drawn; its words tell of all of it.
#[component]
fn Bar(span: Span, shown: Span, axis: Axis) -> impl IntoView {
    let (x, width) = (axis.place(shown.from), share(shown.to.since(shown.from), axis.length()));
    let (fill, class) = match span.phase {
        Phase::Delayed => (None, "fill-surface stroke-idle"),
        Phase::Queued => (Some("url(#lane-waiting)"), "stroke-idle"),
        Phase::Dispatch => (None, "fill-idle stroke-idle"),
        Phase::RetryWait => (Some("url(#lane-retry)"), "stroke-warn"),
        Phase::Running => (None, "fill-active stroke-active"),
        Phase::Stopping => (None, "fill-warn stroke-warn"),
    };
    let clock = use_clock();
    let time = move |at: UnixMillis| clock.text(at).get(11..).unwrap_or_default().to_owned();
    let words = move || {
        let length = format::duration_ms(span.to.since(span.from));
        format!("{}: {} – {} {}, {length}", span.phase.label(), time(span.from), time(span.to), clock.offset(span.to))
    };
    view! {
        <rect x=percent(x) y="4" width=percent(width) height="16" rx="1.5" stroke-width="1" fill=fill class=class>
            <title>{dynamic(words)}</title>
        </rect>
    }
    .erase()
}
