use super::super::error_panel::ErrorPanel;
use super::api::TestResult;
use super::value::ValuePanel;
use crate::forms::{CallState, LongCall};
use crate::reactive::wire::decode;
use crate::reactive::{derive, effect, memo};
use crate::ui::{CodeBlock, Copy, CopyText, Duration, Erase, Fact, Facts, Glyph, Hint, Icon, Panel, Pill, Tone, dynamic};
use leptos::html;
use leptos::prelude::*;
use model::{HttpResponse, RunFigures, format};

/// What came of the last call; says so without taking the focus.
#[component]
pub(super) fn Outcome(call: LongCall) -> impl IntoView {
    let state = memo(move || call.state());
    let node = NodeRef::<html::Section>::new();
    // A page that answers a form posted by the browser begins at its result.
    let is_answer = matches!(state.get_untracked(), CallState::Done(_));
    effect(move || {
        // On a narrow screen it begins below the window.
        if state.get() == CallState::Running
            && let Some(node) = node.get_untracked()
            && window().inner_width().ok().and_then(|width| width.as_f64()).is_some_and(|width| width < 1024.0)
        {
            node.scroll_into_view();
        }
    });
    view! {
        <section
            node_ref=node
            aria-label=t!("Result")
            tabindex="-1"
            autofocus=is_answer
            class="min-w-0 scroll-mt-16 outline-none"
        >
            // Beside what is busy: nothing in there would be read out.
            <p role="status" class="sr-only">{dynamic(move || state.with(said))}</p>
            <div class="space-y-4" aria-busy=derive(move || state.with(|state| *state == CallState::Running).then_some("true"))>
                {dynamic(move || match state.get() {
                    CallState::Idle => quiet(
                        t!("No result yet"),
                        t!("The result, the end of the log and what the run took appear here. A test makes no task."),
                    ),
                    CallState::Cancelled => quiet(
                        t!("Cancelled"),
                        t!("The call was ended and the code stopped. What it had done by then stays done."),
                    ),
                    CallState::Running => view! { <Running/> }.erase(),
                    CallState::Done(json) => match decode::<TestResult>(&json) {
                        Ok(result) => view! { <Shown result/> }.erase(),
                        Err(_) => quiet(t!("No result"), t!("The answer can't be read. Reload the page and try again.")),
                    },
                })}
            </div>
        </section>
    }
    .erase()
}

/// The state in one sentence.
fn said(state: &CallState) -> String {
    match state {
        CallState::Idle => String::new(),
        CallState::Running => t!("The function is running.").to_owned(),
        CallState::Cancelled => t!("The test was cancelled.").to_owned(),
        CallState::Done(json) => match decode::<TestResult>(json) {
            Ok(TestResult { error: Some(error), .. }) => t!("The function failed: {message}", message = error.message),
            Ok(result) => t!("The function succeeded in {length}.", length = format::duration_ms(result.duration_ms)),
            Err(_) => String::new(),
        },
    }
}

fn quiet(title: &'static str, text: &'static str) -> AnyView {
    view! {
        <div class="rounded-panel border border-dashed border-line-strong px-6 py-12 text-center">
            <h2 class="text-head font-semibold">{title}</h2>
            <p class="mx-auto mt-1 max-w-md text-muted">{text}</p>
        </div>
    }
    .erase()
}

#[component]
fn Running() -> impl IntoView {
    let elapsed = use_elapsed();
    view! {
        <div class="flex items-center gap-2 rounded-panel border border-line bg-surface px-4 py-3 text-active">
            <Icon glyph=Glyph::Running class="size-4 motion-safe:animate-turn"/>
            <h2 class="font-medium">{t!("Running")}</h2>
            <span class="ml-auto text-muted tabular-nums">{dynamic(move || elapsed_words(elapsed.get()))}</span>
        </div>
    }
    .erase()
}

/// Whole seconds since now.
fn use_elapsed() -> Signal<i64> {
    let elapsed = RwSignal::new(0_i64);
    #[cfg(feature = "hydrate")]
    {
        let begin = js_sys::Date::now();
        let tick = move || elapsed.set((js_sys::Date::now() - begin) as i64 / 1_000);
        if let Ok(handle) = set_interval_with_handle(tick, std::time::Duration::from_secs(1)) {
            on_cleanup(move || handle.clear());
        }
    }
    elapsed.into()
}

fn elapsed_words(s: i64) -> String {
    if s < 60 { format!("{s} s") } else { format::duration_ms(s.saturating_mul(1_000)) }
}

#[component]
fn Shown(result: TestResult) -> impl IntoView {
    let TestResult { error, value, head, file, log, duration_ms, figures, request_id, instance_id, qualifier, runtime_note } = result;
    let (word, tone, glyph) = match &error {
        None => (t!("Succeeded"), Tone::Good, Glyph::Succeeded),
        Some(_) => (t!("Failed"), Tone::Bad, Glyph::Failed),
    };
    view! {
        <div class="flex flex-wrap items-center gap-x-3 gap-y-1">
            <h2 class="text-head font-semibold">{t!("Result")}</h2>
            <Pill tone><Icon glyph class="size-3.5"/>{word}</Pill>
            <span class="text-muted"><Duration ms=Signal::stored(Some(duration_ms))/></span>
        </div>
        {head.map(|head| view! { <Head head/> }.erase())}
        {match error {
            Some(error) => view! { <ErrorPanel error is_final=true/> }.erase(),
            None => view! { <ValuePanel value file/> }.erase(),
        }}
        <LogPanel log/>
        <Panel title=t!("Request Information")>
            <Facts>
                <Fact name=t!("Request ID") wide=true><CopyText text=request_id what=t!("request ID")/></Fact>
                <Fact name=t!("Instance ID") wide=true>
                    {match instance_id {
                        Some(text) => view! { <CopyText text what=t!("instance ID")/> }.erase(),
                        None => view! { <span>{t!("No instance was started")}</span> }.erase(),
                    }}
                </Fact>
                <Fact name=t!("Version or Alias")><span class="font-mono text-meta">{qualifier}</span></Fact>
                {figures.map(|figures| view! { <Figures figures/> }.erase())}
            </Facts>
            {runtime_note.map(|note| view! { <div class="mt-4"><Hint>{note}</Hint></div> }.erase())}
        </Panel>
    }
    .erase()
}

/// Status and headers of an HTTP function's answer.
#[component]
fn Head(head: HttpResponse) -> impl IntoView {
    let tone = if head.status < 400 { Tone::Good } else { Tone::Bad };
    let lines: String = head.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    view! {
        <Panel title=t!("Response")>
            <Facts>
                <Fact name=t!("Status")><Pill tone>{head.status.to_string()}</Pill></Fact>
            </Facts>
            <div class="mt-3"><CodeBlock text=lines label=t!("Response Headers")/></div>
        </Panel>
    }
    .erase()
}

#[component]
fn Figures(figures: RunFigures) -> impl IntoView {
    let RunFigures { duration_ms, billed_ms, memory_mb, peak_memory_mb } = figures;
    view! {
        <Fact name=t!("Duration")><span class="tabular-nums">{format!("{duration_ms:.2} ms")}</span></Fact>
        <Fact name=t!("Billed Duration")><span class="tabular-nums">{format!("{} ms", format::count(billed_ms))}</span></Fact>
        <Fact name=t!("Memory Size")><span class="tabular-nums">{format!("{} MB", format::count(memory_mb))}</span></Fact>
        <Fact name=t!("Maximum Memory Used")><span class="tabular-nums">{format!("{peak_memory_mb:.2} MB")}</span></Fact>
    }
    .erase()
}

#[component]
fn LogPanel(log: String) -> impl IntoView {
    let text = log.trim_end().to_owned();
    let is_empty = text.is_empty();
    let copied = text.clone();
    let actions = move || view! { <Copy text=copied.clone() what=t!("log")/> }.erase();
    view! {
        <Panel title=t!("Log Output") actions=std::sync::Arc::new(actions)>
            {if is_empty {
                view! { <p class="text-muted">{t!("Empty")}</p> }.erase()
            } else {
                view! {
                    <CodeBlock text label=t!("Log Output") coloured=true/>
                    <p class="mt-2 text-meta text-muted">{t!("The end of the log, at most 4 KB.")}</p>
                }
                    .erase()
            }}
        </Panel>
    }
    .erase()
}
