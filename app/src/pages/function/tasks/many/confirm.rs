use super::super::record::Record;
use super::api::{BulkPlan, Plan, StartBulk};
use super::choose::{Choose, choice_of, is_choosing};
use super::place::{filters_of, list_of, list_words, within};
use crate::navigation::use_location;
use crate::reactive::{Load, memo, use_still_data};
use crate::routes::Route;
use crate::ui::table::{CELL, Column, LONG, NAMING, ROW, TELLING, column};
use crate::ui::{
    Back, Cancel, EmptyState, Erase, Fact, Facts, FormActions, HiddenField, Hint, HintKind, LinkButton, Look, PageHead, Panel, PostForm,
    StatusBadge, Submit, Table, TextField, TextLink, Timestamp, dynamic,
};
use leptos::prelude::*;
use model::{BulkAction, BulkScope, format, limits};
use server_fn::ServerFn;

const COLUMNS: &[Column] = &[column("Task ID"), column("Status"), column("Submitted"), column("Start Time")];
const OF_REGION: &[Column] = &[column("Task ID"), column("Function Name"), column("Status"), column("Submitted"), column("Start Time")];

/// Says what would be done to which tasks of a function's or of a region's list, and asks.
#[component]
pub(crate) fn BulkConfirm(scope: BulkScope, action: BulkAction) -> impl IntoView {
    let search = use_location().search;
    let choosing = memo(move || is_choosing(&search.read()));
    dynamic(move || {
        let scope = scope.clone();
        match choosing.get() {
            true => view! { <Choose scope action/> }.erase(),
            false => view! { <Asked scope action/> }.erase(),
        }
    })
}

#[component]
fn Asked(scope: BulkScope, action: BulkAction) -> impl IntoView {
    let search = use_location().search;
    let asked = memo(move || search.get());
    let back = filters_of(&scope, &search.read_untracked()).link(&list_of(&scope), |_| ());
    let plan = {
        let scope = scope.clone();
        // Once it is begun there is nothing to read again.
        use_still_data(move || BulkPlan { scope: scope.clone(), action, query: asked.get() })
    };
    let (list, to) = (list_words(&scope), back.clone());
    view! {
        <Back href=to>{list}</Back>
        <Load
            data=plan
            titled=true
            view={move |plan: ReadSignal<Plan>| {
                let (scope, plan, back) = (scope.clone(), plan.get_untracked(), back.clone());
                view! { <Planned scope plan back/> }.erase()
            }}
        />
    }
    .erase()
}

/// `Stop 1,204 tasks`.
fn title(action: BulkAction, count: u64) -> String {
    let n = format::count(count);
    match (action, count) {
        (BulkAction::Stop, 1) => t!("Stop 1 task").to_owned(),
        (BulkAction::Stop, _) => t!("Stop {n} tasks", n),
        (BulkAction::Reexecute, 1) => t!("Re-execute 1 task").to_owned(),
        (BulkAction::Reexecute, _) => t!("Re-execute {n} tasks", n),
    }
}

#[component]
fn Planned(scope: BulkScope, plan: Plan, back: String) -> impl IntoView {
    let within = within(&scope);
    let title = title(plan.action, plan.count);
    if plan.count == 0 && !plan.is_partial {
        let (nothing, text) = match plan.action {
            BulkAction::Stop => (t!("Nothing to stop"), t!("No task that matches can be stopped: none waits, and none runs.")),
            BulkAction::Reexecute => (t!("Nothing to re-execute"), t!("No task that matches has ended.")),
        };
        return view! {
            <PageHead title within=within small=true/>
            <div class="rounded-panel border border-line bg-surface">
                <EmptyState title=nothing text>
                    <LinkButton href=back>{t!("Show the tasks")}</LinkButton>
                </EmptyState>
            </div>
        }
        .erase();
    }
    view! {
        <PageHead title=title.clone() within=within small=true/>
        <Panel narrow=true>
            <Form scope title plan back/>
        </Panel>
    }
    .erase()
}

#[component]
fn Form(scope: BulkScope, title: String, plan: Plan, back: String) -> impl IntoView {
    let Plan { action, query, words, count, http, is_partial, until, samples } = plan;
    let must_type = count > limits::BULK_TYPED_ABOVE;
    let choice = choice_of(&scope, action, &query);
    let (service, function) = scope.names();
    let (region, service, function) = (scope.region.to_string(), service.to_owned(), function.to_owned());
    let look = if action == BulkAction::Stop { Look::Danger } else { Look::Primary };
    view! {
        <PostForm path=StartBulk::PATH class="space-y-4">
            <Facts>
                <Fact name=t!("Filter") wide=true>{words}</Fact>
                <Fact name=t!("Tasks")><span class="tabular-nums">{format::count(count)}</span></Fact>
            </Facts>
            <p class="max-w-prose text-muted">{effect_of(action)} {t!(" Tasks that are submitted from now on are not touched.")}</p>
            {(http > 0).then(|| view! { <Hint kind=HintKind::Warning>{skipped(http)}</Hint> }.erase())}
            {is_partial.then(|| view! { <Hint kind=HintKind::Warning>{partial(count)}</Hint> }.erase())}
            <Samples scope samples count/>
            {choice.map(|to| view! { <p><TextLink href=to>{t!("Choose among them")}</TextLink></p> }.erase())}
            <HiddenField name="region" value=region/>
            <HiddenField name="service" value=service/>
            <HiddenField name="function" value=function/>
            <HiddenField name="action" value=action.as_str().to_owned()/>
            <HiddenField name="query" value=query/>
            <HiddenField name="until" value=until.to_string()/>
            <HiddenField name="count" value=count.to_string()/>
            {must_type.then(|| view! { <div class="max-w-lg"><TextField name="typed" label=t!("Type {count} to confirm.", count)/></div> }.erase())}
            <FormActions>
                <Submit look>{title}</Submit>
                <Cancel href=back/>
            </FormActions>
        </PostForm>
    }
    .erase()
}

fn effect_of(action: BulkAction) -> &'static str {
    match action {
        BulkAction::Stop => t!("Tasks that wait are stopped at once and never run; the code of those that run is ended."),
        BulkAction::Reexecute => {
            t!("Each gets a new task with the same input, which runs the current code. The old ones stay as they are.")
        }
    }
}

fn skipped(http: u64) -> String {
    match http {
        1 => t!("1 of them is a request to an HTTP function, which can't be re-executed, and is skipped.").to_owned(),
        n => t!("{n} of them are requests to an HTTP function, which can't be re-executed, and is skipped.", n = format::count(n)),
    }
}

fn partial(count: u64) -> String {
    if count >= limits::BULK_TASKS_MAX {
        let n = format::count(count);
        return t!("More tasks match. One bulk action takes {n} of them; begin another one for the others.", n);
    }
    t!("There are very many tasks to look through, and more of them may match. They are found while the bulk action goes on.").to_owned()
}

#[component]
fn Samples(scope: BulkScope, samples: Vec<Record>, count: u64) -> impl IntoView {
    let shown = samples.len() as u64;
    let rest = count.saturating_sub(shown);
    let only = scope.only();
    let columns = if only.is_some() { COLUMNS } else { OF_REGION };
    let row = move |record: Record| {
        let function = only.clone().unwrap_or_else(|| record.function_in(scope.region.clone()));
        let to = Route::task(&function.task(record.id.clone())).path();
        view! {
            <tr role="row" class=ROW>
                <td role="cell" class=format!("{NAMING} {LONG} w-full font-mono text-meta")><TextLink href=to>{record.id.to_string()}</TextLink></td>
                {only.is_none().then(|| view! { <td role="cell" data-label=t!("Function Name") class=LONG title=record.of.clone()>{function.function.to_string()}</td> }.erase())}
                <td role="cell" class=format!("{TELLING} {CELL}")><StatusBadge status=record.status/></td>
                <td role="cell" data-label=t!("Submitted") class=CELL><Timestamp at=Some(record.submitted_at)/></td>
                <td role="cell" data-label=t!("Start Time") class=CELL><Timestamp at=record.started_at/></td>
            </tr>
        }
        .erase()
    };
    view! {
        <Table caption=t!("The first tasks") columns>{samples.into_iter().map(row).collect::<Vec<_>>()}</Table>
        {(rest > 0).then(|| view! { <p class="text-meta text-muted">{t!("and {n} more", n = format::count(rest))}</p> }.erase())}
    }
    .erase()
}
