use super::api::{MetricsView, ReadMetrics};
use super::windows::{CONTROL, WindowSelect, beside, typed};
use crate::navigation::{Going, use_location, use_navigate};
use crate::pages::function::tasks::parse_time;
use crate::reactive::{Load, derive, memo, use_data, use_polled};
use crate::routes::{AdminPage, FunctionPage, Route};
use crate::ui::{Chart, ChartData, EmptyState, Erase, Fact, Facts, GetForm, LinkButton, LiveSwitch, Look, PageHead, Submit, dynamic};
use leptos::prelude::*;
use model::{FunctionRef, MetricWindow, Region, UnixMillis};

/// What names the figures of the page, in the order of the charts.
const IDS: [&str; 8] = ["chart-1", "chart-2", "chart-3", "chart-4", "chart-5", "chart-6", "chart-7", "chart-8"];

/// `/{region}/metrics`.
#[component]
pub(in crate::pages) fn MetricsPage(region: Region) -> impl IntoView {
    area(region, None)
}

/// The tab of a function.
#[component]
pub(in crate::pages) fn MetricsTab(function: FunctionRef) -> impl IntoView {
    area(function.region.clone(), Some(function))
}

fn area(region: Region, function: Option<FunctionRef>) -> AnyView {
    let search = use_location().search;
    let found = {
        let (region, function) = (region.clone(), function.clone());
        use_data(move || ReadMetrics { region: region.clone(), function: function.clone(), search: search.get() })
    };
    // Nothing tells of what is counted.
    use_polled(found);
    view! {
        <Load
            data=found
            titled=true
            view={move |found: ReadSignal<MetricsView>| view! { <Found region=region.clone() function=function.clone() found/> }.erase()}
        />
    }
    .erase()
}

#[component]
fn Found(region: Region, function: Option<FunctionRef>, found: ReadSignal<MetricsView>) -> impl IntoView {
    let page = match &function {
        Some(function) => Route::Function(function.clone(), FunctionPage::Metrics),
        None => Route::Admin(region.clone(), AdminPage::Metrics),
    };
    let tasks = match &function {
        Some(function) => Route::Function(function.clone(), FunctionPage::Tasks),
        None => Route::Admin(region.clone(), AdminPage::AllTasks),
    };
    let navigate = use_navigate();
    let of_brush = page.clone();
    let on_window = Callback::new(move |(from, to): (UnixMillis, UnixMillis)| {
        let to = with_window(&of_brush, from, to, &found.read_untracked().qualifier);
        navigate(&to, Going { scroll: false, ..Going::default() });
    });
    let longest = page.with_query(&[("minutes", "44640")]);
    let subtitle = if function.is_some() { "" } else { t!("All functions of the region together. Figures are kept for 31 days.") };
    let problem = memo(move || found.read().problem.clone());
    let facts = memo(move || found.read().facts.clone());
    let count = memo(move || found.read().charts.len());
    view! {
        <PageHead title=t!("Metrics") within=region.to_string() subtitle small=function.is_some()>
            <LiveSwitch polls=true/>
            {dynamic(move || {
                let found = found.read();
                let href = tasks.with_query(&[("from", &found.from), ("to", &found.to), ("qualifier", &found.qualifier)]);
                view! { <LinkButton href>{t!("Open tasks in this window")}</LinkButton> }.erase()
            })}
        </PageHead>
        <Filters page=page.clone() found/>
        <ZoomBar page found/>
        {dynamic(move || {
            let problem = problem.get();
            (!problem.is_empty()).then(|| view! { <p role="alert" class="mb-3 text-bad">{problem}</p> }.erase())
        })}
        {dynamic(move || {
            let facts = facts.get();
            (!facts.is_empty()).then(|| {
                let fact = |(name, value, title): (String, String, String)| {
                    view! { <Fact name><span class="text-head font-semibold tabular-nums" title=title>{value}</span></Fact> }.erase()
                };
                view! {
                    <div class="mb-4 rounded-panel border border-line bg-surface p-4">
                        <Facts>{facts.into_iter().map(fact).collect::<Vec<_>>()}</Facts>
                    </div>
                }
                .erase()
            })
        })}
        {dynamic(move || match count.get() {
            0 if problem.read().is_empty() => view! { <Empty longest=longest.clone()/> }.erase(),
            count => {
                let charts = IDS.into_iter().take(count).enumerate().map(|(n, id)| {
                    let first = found.with_untracked(|found| found.charts.get(n).cloned());
                    // A chart stays while its figures change, so that its table stays open.
                    let data = first.map(|first| memo(move || found.with(|found| found.charts.get(n).cloned()).unwrap_or_else(|| first.clone())));
                    data.map(|data: Memo<ChartData>| view! { <Chart id data on_window/> }.erase())
                });
                view! { <div class="grid gap-4 lg:grid-cols-2">{charts.collect::<Vec<_>>()}</div> }.erase()
            }
        })}
    }
    .erase()
}

#[component]
fn Empty(longest: String) -> impl IntoView {
    view! {
        <div class="rounded-panel border border-line bg-surface">
            <EmptyState title=t!("No data in this window") text=t!("Nothing was invoked or submitted then. Figures appear with the first invocation.")>
                <LinkButton href=longest>{t!("Last 31 days")}</LinkButton>
            </EmptyState>
        </div>
    }
    .erase()
}

/// The page with the figures of another window.
fn with_window(page: &Route, from: UnixMillis, to: UnixMillis, qualifier: &str) -> String {
    page.with_query(&[("from", &typed(from)), ("to", &typed(to)), ("qualifier", qualifier)])
}

/// Links to the windows beside the one that is shown, for the keyboard and the pointer alike, scripts or none.
#[component]
fn ZoomBar(page: Route, found: ReadSignal<MetricsView>) -> impl IntoView {
    let shown = memo(move || {
        let found = found.read();
        Some(MetricWindow { from: parse_time(&found.from)?, until: parse_time(&found.to)? }).filter(|_| found.problem.is_empty())
    });
    dynamic(move || {
        let qualifier = found.with(|found| found.qualifier.clone());
        shown.get().map(|shown| {
            let link = |(words, window): (&'static str, MetricWindow)| {
                let href = with_window(&page, window.from, window.until, &qualifier);
                view! { <a href=href class=Look::Quiet.classes()>{words}</a> }.erase()
            };
            view! {
                <div class="mb-3 -mt-1 flex flex-wrap items-center gap-1">
                    <p class="js-only mr-auto text-meta text-muted">{t!("Drag over a chart to zoom into a part of it.")}</p>
                    <div role="group" aria-label=t!("Time window") class="-mx-3 flex flex-wrap gap-1 sm:mx-0">{beside(shown).map(link).into_iter().collect::<Vec<_>>()}</div>
                </div>
            }
            .erase()
        })
    })
}

/// Two plain GET forms: a window before now, or one by its ends.
#[component]
fn Filters(page: Route, found: ReadSignal<MetricsView>) -> impl IntoView {
    let (path, of_ends) = (page.path(), page.path());
    let from = move || found.with(|found| if found.minutes == 0 { found.from.clone() } else { String::new() });
    let to = move || found.with(|found| if found.minutes == 0 { found.to.clone() } else { String::new() });
    let qualifier = memo(move || found.read().qualifier.clone());
    let choices = found.with_untracked(|found| found.choices.clone());
    view! {
        <div class="mb-4 flex flex-wrap items-center gap-x-6 gap-y-2">
            <GetForm action=path class="flex min-w-0 flex-wrap items-center gap-2">
                <WindowSelect minutes=memo(move || found.read().minutes)/>
                {(!choices.is_empty()).then(|| view! { <QualifierChoice choices qualifier/> }.erase())}
                <Submit reads=true look=Look::Plain>{t!("Apply")}</Submit>
            </GetForm>
            <GetForm action=of_ends>
                <label class="flex min-w-0 items-center gap-1.5">
                    <span class="text-meta whitespace-nowrap text-muted max-sm:w-18">{t!("From (UTC)")}</span>
                    <input type="datetime-local" name="from" class=CONTROL value=untrack(from) prop:value=from/>
                </label>
                <label class="flex min-w-0 items-center gap-1.5">
                    <span class="text-meta whitespace-nowrap text-muted max-sm:w-18">{t!("To (UTC)")}</span>
                    <input type="datetime-local" name="to" class=CONTROL value=untrack(to) prop:value=to/>
                </label>
                <input type="hidden" name="qualifier" value=derive(move || qualifier.get())/>
                <Submit reads=true look=Look::Plain label=t!("Show this window")>{t!("Show")}</Submit>
            </GetForm>
        </div>
    }
    .erase()
}

#[component]
fn QualifierChoice(choices: Vec<(String, String)>, qualifier: Memo<String>) -> impl IntoView {
    let choice = move |(value, words): (String, String)| {
        let own = value.clone();
        view! { <option value=value selected=derive(move || qualifier.with(|qualifier| *qualifier == own))>{words}</option> }.erase()
    };
    view! {
        <label class="flex min-w-0 max-w-full items-center gap-1.5">
            <span class="whitespace-nowrap text-meta text-muted">{t!("Version or Alias")}</span>
            <select name="qualifier" class=format!("{CONTROL} select-arrow max-w-56 pr-7")>
                <option value="">{t!("All")}</option>
                {choices.into_iter().map(choice).collect::<Vec<_>>()}
            </select>
        </label>
    }
    .erase()
}
