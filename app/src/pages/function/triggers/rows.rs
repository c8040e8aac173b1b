use super::super::FunctionFields;
use super::api::{Address, Row, RunTrigger, SwitchTrigger};
use super::fields::anyone_can_run;
use super::words;
use crate::reactive::derive;
use crate::routes::{FunctionPage, Route};
use crate::ui::table::{CELL, FIGURE, NAMING, ROW, TELLING, YIELDING};
use crate::ui::{
    CodeBlock, Copy, CopyText, Erase, Fact, Facts, HiddenField, Hint, HintKind, Look, Panel, Pill, PostForm, RowActions, Submit, TextLink,
    Timestamp, Tone,
};
use leptos::prelude::*;
use model::{FunctionRef, TriggerKind, TriggerName, UnixMillis};
use server_fn::ServerFn;

/// One trigger. When it fired and fires is read from the list, so that the row stays while its times move on.
#[component]
pub(super) fn TriggerRow(function: FunctionRef, row: Row, rows: ReadSignal<Vec<Row>>) -> impl IntoView {
    let name = row.name.to_string();
    let to = |page: FunctionPage| Route::Function(function.clone(), page).path();
    let (modify, delete) = (to(FunctionPage::ModifyTrigger(row.name.clone())), to(FunctionPage::DeleteTrigger(row.name.clone())));
    let now = {
        let name = row.name.clone();
        move |read: fn(&Row) -> Option<UnixMillis>| {
            let name = name.clone();
            derive(move || rows.with(|rows| rows.iter().find(|row| row.name == name).and_then(read)))
        }
    };
    let (fired, next) = (now(|row| row.last_fired_at), now(|row| row.next_due_at));
    let has_form = matches!(row.kind, TriggerKind::Timer | TriggerKind::Http);
    let state = match row.enabled {
        Some(true) => view! { <Pill tone=Tone::Good>{t!("Enabled" in "item")}</Pill> }.erase(),
        Some(false) => view! { <Pill>{t!("Disabled" in "item")}</Pill> }.erase(),
        None => view! { <span class="text-muted">"–"</span> }.erase(),
    };
    let url = row.address.map(|address| view! { <CopyText text=address.url what=t!("URL of {name}", name)/> }.erase());
    view! {
        <tr role="row" class=ROW>
            <td role="cell" class=format!("{NAMING} {YIELDING} w-[14%] font-medium") title=name.clone()>{name.clone()}</td>
            <td role="cell" data-label=t!("Trigger Type") class=CELL>{words::kind(row.kind)}</td>
            <td role="cell" data-label=t!("Version or Alias") class=CELL><code class="font-mono text-meta">{row.qualifier.to_string()}</code></td>
            <td role="cell" data-label=t!("Rule") class=CELL><div class="max-w-72 whitespace-normal">{row.rule} {url}</div></td>
            <td role="cell" data-label=t!("Enabled" in "trigger") class=format!("{TELLING} {CELL}")>{state}</td>
            <td role="cell" data-label=t!("Last fired") class=FIGURE><span class="text-muted"><Timestamp brief=true at=fired/></span></td>
            <td role="cell" data-label=t!("Next") class=FIGURE><span class="text-muted"><Timestamp brief=true at=next/></span></td>
            <RowActions key=name.clone() of=name.clone()>
                {has_form.then(|| view! { <TextLink href=modify label=t!("Modify {name}", name)>{t!("Modify")}</TextLink> }.erase())}
                {row.enabled
                    .map(|enabled| {
                        view! {
                            <Run function=function.clone() name=row.name.clone()/>
                            <Switch function name=row.name enabled/>
                        }
                        .erase()
                    })}
                <TextLink href=delete label=t!("Delete {name}", name)>{t!("Delete")}</TextLink>
            </RowActions>
        </tr>
    }
    .erase()
}

/// The button that lets a trigger fire by its schedule, or keeps it from that.
#[component]
fn Switch(function: FunctionRef, name: TriggerName, enabled: bool) -> impl IntoView {
    let (words, label) =
        if enabled { (t!("Disable" in "item"), t!("Disable {name}", name)) } else { (t!("Enable" in "item"), t!("Enable {name}", name)) };
    view! {
        <PostForm path=SwitchTrigger::PATH class="contents" stays=true>
            <FunctionFields function/>
            <HiddenField name="trigger" value=name.to_string()/>
            <HiddenField name="enabled" value=(!enabled).to_string()/>
            <Submit look=Look::Quiet label>{words}</Submit>
        </PostForm>
    }
    .erase()
}

#[component]
fn Run(function: FunctionRef, name: TriggerName) -> impl IntoView {
    view! {
        <PostForm path=RunTrigger::PATH class="contents" stays=true>
            <FunctionFields function/>
            <HiddenField name="trigger" value=name.to_string()/>
            <Submit look=Look::Quiet label=t!("Run now {name}", name)>{t!("Run now")}</Submit>
        </PostForm>
    }
    .erase()
}

/// How an HTTP trigger is called, with a command that does it.
#[component]
pub(super) fn Call(name: TriggerName, address: Address) -> impl IntoView {
    let Address { url, curl, open_to_all } = address;
    let (copied, what, label) = (curl.clone(), t!("curl command of {name}", name), t!("curl command of {name}", name));
    let copy = move || view! { <Copy text=copied.clone() what=what.clone()/> }.erase();
    let about = if open_to_all {
        view! { <Hint kind=HintKind::Warning>{anyone_can_run()}</Hint> }.erase()
    } else {
        view! {
            <p class="text-meta text-muted">
                {t!("Calls have to be signed. The command reads a key from ")} <code class="font-mono">"ALIBABA_CLOUD_ACCESS_KEY_ID"</code> {t!(" and ")}
                <code class="font-mono">"ALIBABA_CLOUD_ACCESS_KEY_SECRET"</code> {t!(".")}
            </p>
        }
        .erase()
    };
    view! {
        <Panel title=t!("Call {name}", name) actions=std::sync::Arc::new(copy)>
            <div class="space-y-3">
                <Facts>
                    <Fact name="URL" wide=true><code class="font-mono text-meta wrap-anywhere">{url}</code></Fact>
                </Facts>
                <CodeBlock text=curl label/>
                {about}
            </div>
        </Panel>
    }
    .erase()
}
