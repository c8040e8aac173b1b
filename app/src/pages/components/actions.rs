//! What is pressed and what is gone to.

use super::page::{Form, section, shown, states};
use crate::ui::{
    Back, Button, Chip, Copy, CopyText, Dialog, DialogButton, DialogShape, Erase, Glyph, Icon, LinkButton, LiveSwitch, Look, MenuItem,
    Pager, Popover, SearchForm, Submit, Tab, Tabs, TextLink, Toggle,
};
use leptos::prelude::*;

const HERE: &str = "/-/components";
const LOOKS: [(Look, &str); 4] = [(Look::Primary, "Primary"), (Look::Plain, "Plain"), (Look::Quiet, "Quiet"), (Look::Danger, "Danger")];

pub(super) fn all() -> Vec<AnyView> {
    vec![section("Buttons", buttons()), section("Links", links()), section("Filters", filters()), section("Menus and dialogs", overlays())]
}

fn buttons() -> AnyView {
    let nothing = || Callback::new(|()| {});
    let row = |disabled: bool| {
        let button = |(look, words): (Look, &'static str)| {
            let label = format!("{words} {}", if disabled { "disabled" } else { "button" });
            view! { <Button look label disabled=Signal::stored(disabled) on_press=nothing()>{words}</Button> }.erase()
        };
        view! { <div class="flex flex-wrap gap-2">{Vec::from(LOOKS.map(button))}</div> }.erase()
    };
    let forms = view! {
        <div class="flex flex-wrap gap-2">
            <Form><Submit>"OK"</Submit></Form>
            <Form pending=true><Submit label="OK that waits">"OK"</Submit></Form>
            <Form><Submit label="Stop that is refused" refusal="Needs fc:StopStatefulAsyncInvocation, which the role viewer does not include.">"Stop"</Submit></Form>
        </div>
    }
    .erase();
    let icons = view! {
        <div class="flex flex-wrap gap-2">
            <Button icon=Glyph::Refresh on_press=nothing()>"Refresh"</Button>
            <Toggle label="Wrap" on=RwSignal::new(false)/>
            <Toggle label="Follow" on=RwSignal::new(true)/>
            <LiveSwitch/>
            <Copy text="copied" what="example"/>
        </div>
    }
    .erase();
    states(vec![
        shown("Ready", row(false)),
        shown("Disabled", row(true)),
        shown("In forms: ready, waiting, refused", forms),
        shown("With a drawing, pressed or not", icons),
    ])
}

fn links() -> AnyView {
    let link = |(look, words): (Look, &'static str)| {
        view! { <LinkButton href=HERE look label=format!("{words} link")>{words}</LinkButton> }.erase()
    };
    let tab = |(word, label): (&str, &'static str)| Tab { href: format!("{HERE}{word}"), label, keeps_query: false };
    let tabs = [("", "Current"), ("?tab=2", "Another"), ("?tab=3", "One more")].map(tab).to_vec();
    view! {
        <div class="space-y-4">
            <div class="flex flex-wrap items-center gap-4">
                {Vec::from(LOOKS.map(link))}
                <TextLink href=HERE>"A link in text"</TextLink>
                <Back href=HERE>"Back"</Back>
                <CopyText text="c-2f1e9a".to_owned() what="instance ID"/>
            </div>
            <div class="border-b border-line"><Tabs label="Example" tabs current=Signal::stored(HERE.to_owned())/></div>
        </div>
    }
    .erase()
}

fn filters() -> AnyView {
    view! {
        <div class="space-y-4">
            <div class="flex flex-wrap gap-2">
                <Chip href=HERE>"Plain 12"</Chip>
                <Chip href=HERE active=Signal::stored(true)>"Active 3"</Chip>
                <Chip href=HERE dimmed=Signal::stored(true)>"Dimmed 0"</Chip>
                <Chip href=HERE removable=true>"Removable"</Chip>
            </div>
            <SearchForm action=HERE label="Search an example" value=Signal::stored("typed".to_owned())/>
            <Pager
                first=Signal::stored(Some(HERE.to_owned()))
                next=Signal::stored(Some(HERE.to_owned()))
                note="20 of many"
            />
        </div>
    }
    .erase()
}

fn overlays() -> AnyView {
    let (centre, side) = (RwSignal::new(false), RwSignal::new(false));
    let more = || view! { <Icon glyph=Glyph::More/> }.erase();
    view! {
        <div class="flex flex-wrap items-center gap-2">
            <Popover id="example-menu" label="Example menu" button=more()>
                <MenuItem href=HERE icon=Glyph::Eye>"With a drawing"</MenuItem>
                <MenuItem href=HERE>"Without"</MenuItem>
            </Popover>
            <DialogButton page=HERE open=centre>"Dialog"</DialogButton>
            <DialogButton page=HERE open=side look=Look::Primary>"Side panel"</DialogButton>
            <Dialog open=centre title="In the middle" id="example-centre"><p>"What a dialog holds."</p></Dialog>
            <Dialog open=side title="At the side" id="example-side" shape=DialogShape::Side><p>"What a side panel holds."</p></Dialog>
        </div>
    }
    .erase()
}
