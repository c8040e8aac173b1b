//! States, facts, and words about what happened.

use super::page::{section, shown, states};
use crate::error::ConsoleError;
use crate::ui::{
    CodeBlock, Duration, EmptyState, Erase, ErrorSummary, Fact, Facts, Glyph, Hint, HintKind, Icon, LinkButton, Look, Panel, Pill,
    Skeleton, StatusBadge, Timestamp, Tone, log_text,
};
use leptos::prelude::*;
use model::{ErrorCode, TaskStatus, UnixMillis};

/// The instant of every example, so that pictures of the page are alike.
const AT: UnixMillis = UnixMillis(1_795_521_665_002);

pub(super) fn all() -> Vec<AnyView> {
    vec![
        section("States", badges()),
        section("Drawings", glyphs()),
        section("Facts", facts()),
        section("Remarks", remarks()),
        section("Errors", errors()),
        section("Nothing there, not there yet", absent()),
    ]
}

fn badges() -> AnyView {
    let badge = |status: TaskStatus| view! { <StatusBadge status=Signal::stored(status)/> }.erase();
    let tones = [(Tone::Idle, "Idle"), (Tone::Active, "Active"), (Tone::Good, "Good"), (Tone::Warn, "Warn"), (Tone::Bad, "Bad")];
    let pill = |(tone, words): (Tone, &'static str)| view! { <Pill tone=Signal::stored(tone)>{words}</Pill> }.erase();
    view! {
        <div class="space-y-3">
            <div class="flex flex-wrap gap-3">{TaskStatus::ALL.iter().copied().map(badge).collect::<Vec<_>>()}</div>
            <div class="flex flex-wrap gap-3">{Vec::from(tones.map(pill))}</div>
        </div>
    }
    .erase()
}

fn glyphs() -> AnyView {
    let icon = |glyph: Glyph| {
        let name = format!("{glyph:?}");
        view! {
            <li class="flex w-32 items-center gap-2 text-meta">
                <Icon glyph/>
                {name}
            </li>
        }
        .erase()
    };
    view! { <ul class="flex flex-wrap gap-y-2">{Vec::from(Glyph::ALL.map(icon))}</ul> }.erase()
}

fn facts() -> AnyView {
    view! {
        <div class="space-y-4">
            <Panel title="A panel with a title">
                <Facts>
                    <Fact name="Timestamp"><Timestamp at=Signal::stored(Some(AT))/></Fact>
                    <Fact name="Exact"><Timestamp exact=true at=Signal::stored(Some(AT))/></Fact>
                    <Fact name="Brief"><Timestamp brief=true at=Signal::stored(Some(AT))/></Fact>
                    <Fact name="No time"><Timestamp at=Signal::stored(None)/></Fact>
                    <Fact name="Duration"><Duration ms=Signal::stored(Some(93_412_i64))/></Fact>
                    <Fact name="No duration"><Duration ms=Signal::stored(None)/></Fact>
                    <Fact name="Of two columns" double=true>"The words of a fact that is longer than the others."</Fact>
                    <Fact name="Of all columns" wide=true>{"x".repeat(180)}</Fact>
                </Facts>
            </Panel>
            <Panel narrow=true><p>"A narrow panel without one."</p></Panel>
            <CodeBlock label="Example of code" text="def handler(event, context):\n    return event"/>
            <CodeBlock label="Example of a log" text=log_of_all_colours() coloured=true/>
            <div class="rounded-panel border border-line bg-surface p-3 font-mono text-meta">
                {log_text("What was \x1b[31msearched for\x1b[0m is marked, and \x1b[1;32mSearched\x1b[0m too.", "searched")}
            </div>
        </div>
    }
    .erase()
}

/// Each colour of a terminal, by itself and on each ground.
fn log_of_all_colours() -> String {
    let on = |ground: Option<u8>| {
        let ground = ground.map(|ground| format!(";4{ground}")).unwrap_or_default();
        let inks = (0..8).map(|ink| format!("\x1b[3{ink}{ground}m ink {ink} \x1b[0m")).collect::<String>();
        format!("{inks}\x1b[90{ground}m grey \x1b[0;1{ground}m bold \x1b[0;2;3{ground}m dim \x1b[0;7{ground}m reversed \x1b[0m\n")
    };
    std::iter::once(None).chain((0..8).map(Some)).map(on).collect()
}

fn remarks() -> AnyView {
    view! {
        <div class="max-w-3xl space-y-3">
            <Hint>"What is good to know beside what it explains."</Hint>
            <Hint kind=HintKind::Warning>"What may go wrong."</Hint>
        </div>
    }
    .erase()
}

fn errors() -> AnyView {
    let error = |code: ErrorCode, message: &str| ConsoleError {
        code,
        message: message.to_owned(),
        request_id: "1-67a2".to_owned(),
        fields: Vec::new(),
    };
    let summary = Signal::stored(Some(error(ErrorCode::PreconditionFailed, "Somebody changed this function meanwhile.")));
    let of_fields = error(ErrorCode::InvalidArgument, "")
        .with_field("bad_text", "A function with this name exists.")
        .with_field("bad_number", "Enter 1 to 86400 seconds.");
    // Error pages are pages: they give the answer its status and the document its title.
    states(vec![
        shown("Of a form", view! { <ErrorSummary error=summary/> }.erase()),
        shown("Of its fields", view! { <ErrorSummary error=Signal::stored(Some(of_fields))/> }.erase()),
    ])
}

fn absent() -> AnyView {
    view! {
        <div class="grid grid-cols-1 gap-4 lg:grid-cols-2">
            <EmptyState title="No functions yet" text="One sentence that says what would be here.">
                <LinkButton href="/-/components" look=Look::Primary label="Create Function, an example">"Create Function"</LinkButton>
            </EmptyState>
            <Skeleton rows=4/>
        </div>
    }
    .erase()
}
