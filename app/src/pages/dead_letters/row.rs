use super::api::DismissDeadLetters;
use crate::navigation::use_location;
use crate::pages::function::FunctionFields;
use crate::pages::function::tasks::{ErrorText, list_query};
use crate::routes::{FunctionPage, Route, pairs};
use crate::ui::table::{CELL, FIGURE, LONG, NAMING, ROW, TELLING};
use crate::ui::{CodeBlock, Erase, Glyph, HiddenField, Icon, Look, PostForm, RowActions, StatusBadge, Submit, TextLink, Timestamp};
use leptos::prelude::*;
use model::{BulkFilter, DeadLetterGroup, DeadLetterKey, TaskFilter, UnixMillis, format};
use server_fn::ServerFn;

/// One group.
#[component]
pub(super) fn GroupRow(group: DeadLetterGroup, error: ErrorText, since: Option<UnixMillis>) -> impl IntoView {
    let DeadLetterKey { function, status, error_kind } = group.key.clone();
    let kind = if error_kind.is_empty() { t!("No error kind").to_owned() } else { error_kind.clone() };
    let name = t!("{kind} of {function}", kind, function = function.function);
    let message = error.message.lines().next().unwrap_or_default().to_owned();
    let tasks = Route::Function(function.clone(), FunctionPage::Tasks).path();
    let open = Route::Function(function.clone(), FunctionPage::Tasks).with_query(&[("status", status.as_str())]);
    let reexecute = address_of(&group, since);
    let whole_name = function.to_string();
    let key = format!("{}-{}-{}", function.service, function.function, group.sample);
    let (sample, sample_id) = (Route::task(&function.task(group.sample.clone())).path(), group.sample.to_string());
    let of_title = sample_id.clone();
    view! {
        <tr role="row" class=ROW>
            <td role="cell" class=format!("{NAMING} {LONG} w-full")>
                <span class="font-medium">{kind}</span>
                <span class="block truncate text-meta text-muted" title=error.message.clone()>{message}</span>
                <ErrorDetails error name=name.clone()/>
            </td>
            <td role="cell" data-label=t!("Function") class=LONG title=whole_name><TextLink href=tasks>{function.function.to_string()}</TextLink></td>
            <td role="cell" class=format!("{TELLING} {CELL}")><StatusBadge status/></td>
            <td role="cell" data-label=t!("Count") class=FIGURE>{format::count(group.count)}</td>
            <td role="cell" data-label=t!("First seen") class=CELL><span class="text-muted"><Timestamp brief=true at=Some(group.first_at)/></span></td>
            <td role="cell" data-label=t!("Last seen") class=CELL><span class="text-muted"><Timestamp brief=true at=Some(group.last_at)/></span></td>
            <td role="cell" data-label=t!("Sample") class=format!("{CELL} cut-before max-w-26 truncate font-mono text-meta") title=of_title>
                <TextLink href=sample>{sample_id}</TextLink>
            </td>
            <RowActions key=key of=name.clone()>
                {drawn(open, t!("Open"), t!("Open {name}", name), Glyph::Eye)}
                {drawn(reexecute, t!("Re-execute all"), t!("Re-execute all {name}", name), Glyph::Refresh)}
                <Dismiss group name/>
            </RowActions>
        </tr>
    }
    .erase()
}

/// A link that is a drawing; its words show on hover.
fn drawn(href: String, title: &'static str, label: String, glyph: Glyph) -> AnyView {
    view! {
        <a href=href class=format!("{} drawn {}", Look::Drawn.classes(), glyph.class()) aria-label=label title=title></a>
    }
    .erase()
}

/// The whole message, and where it happened.
#[component]
fn ErrorDetails(error: ErrorText, name: String) -> impl IntoView {
    let ErrorText { class, message, trace, .. } = error;
    (!message.is_empty()).then(|| {
        view! {
            <details class="whitespace-normal text-meta">
                <summary class="w-fit text-accent underline-offset-2 hover:underline" aria-label=t!("Details of {name}", name)>{t!("Details")}</summary>
                {(!class.is_empty()).then(|| view! { <p class="mt-1 font-mono text-muted wrap-anywhere">{class}</p> }.erase())}
                <p class="mt-1 whitespace-pre-wrap wrap-anywhere">{message}</p>
                {(!trace.is_empty()).then(|| {
                    let label = t!("Stack trace of {name}", name);
                    view! { <div class="my-2"><CodeBlock text=trace.join("\n") label coloured=true/></div> }.erase()
                })}
            </details>
        }
        .erase()
    })
}

/// The page that confirms the re-execution of a group.
fn address_of(group: &DeadLetterGroup, since: Option<UnixMillis>) -> String {
    let tasks = TaskFilter { statuses: vec![group.key.status], started_from: since, ..TaskFilter::default() };
    let mut query = pairs(&list_query(&tasks));
    let filter = BulkFilter { error_kind: Some(group.key.error_kind.clone()), ended_after: group.dismissed_until, ..BulkFilter::default() };
    query.extend(filter.pairs().into_iter().map(|(name, value)| (name.to_owned(), value)));
    let query: Vec<(&str, &str)> = query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    Route::Function(group.key.function.clone(), FunctionPage::ReexecuteTasks).with_query(&query)
}

/// The button that leaves the group out until its error comes again.
#[component]
fn Dismiss(group: DeadLetterGroup, name: String) -> impl IntoView {
    let location = use_location();
    let (path, search) = (location.pathname.get_untracked(), location.search.get_untracked());
    let back = if search.is_empty() { path } else { format!("{path}?{}", search.trim_start_matches('?')) };
    view! {
        <PostForm path=DismissDeadLetters::PATH class="contents" stays=true>
            <FunctionFields function=group.key.function/>
            <HiddenField name="status" value=group.key.status.to_string()/>
            <HiddenField name="kind" value=group.key.error_kind/>
            <HiddenField name="until" value=group.last_at.0.to_string()/>
            <HiddenField name="back" value=back/>
            <Submit look=Look::Drawn label=t!("Dismiss {name}", name)>
                <Icon glyph=Glyph::Close class="size-3.5"/>
            </Submit>
        </PostForm>
    }
    .erase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{FunctionName, FunctionRef, Region, ServiceName, TaskId, TaskStatus};

    #[test]
    fn sc23_a_group_is_executed_again_without_what_was_dismissed() {
        let function = FunctionRef {
            region: Region::from_stored("r"),
            service: ServiceName::from_stored("s"),
            function: FunctionName::from_stored("f"),
        };
        let group = DeadLetterGroup {
            key: DeadLetterKey { function, status: TaskStatus::Failed, error_kind: "UnhandledInvocationError".to_owned() },
            count: 2,
            first_at: UnixMillis(1),
            last_at: UnixMillis(2),
            sample: TaskId::from_stored("t"),
            message: String::new(),
            dismissed_until: Some(UnixMillis(7)),
        };
        let address = "/r/services/s/functions/f/reexecute-tasks?status=Failed&from=2026-11-24T12%3A01%3A05&\
                       errorKind=UnhandledInvocationError&endedAfter=7";
        assert_eq!(address_of(&group, Some(UnixMillis(1_795_521_665_000))), address);
    }
}
