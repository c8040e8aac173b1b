use super::api::{BulkAction as ReadBulk, BulkShown, RetryBulk, StopBulk};
use super::in_words::{scope, title};
use super::outcomes::Outcomes;
use super::state_label;
use crate::navigation::use_location;
use crate::pages::function::tasks::scope_words;
use crate::reactive::{Load, derive, memo, use_data, use_live, use_poll};
use crate::routes::{AdminPage, FunctionPage, Route, bulk_download};
use crate::ui::{
    Back, Erase, Fact, Facts, Glyph, HiddenField, LinkButton, Look, PageHead, Panel, Pill, PostForm, Submit, TextLink, Timestamp, dynamic,
};
use leptos::prelude::*;
use model::{Bulk, BulkScope, ChangeScope, Region, format};
use server_fn::ServerFn;

/// `/{region}/bulk/{id}`.
#[component]
pub(crate) fn BulkPage(region: Region, id: String) -> impl IntoView {
    let search = use_location().search;
    let found = {
        let region = region.clone();
        use_data(move || ReadBulk { region: region.clone(), id: id.clone(), search: search.get() })
    };
    view! {
        <Back href=Route::Admin(region, AdminPage::Bulks).path()>{t!("Bulk Actions")}</Back>
        <Load
            data=found
            titled=true
            view={move |shown: ReadSignal<BulkShown>| {
                view! { <Shown shown refetch=Callback::new(move |()| found.refetch())/> }.erase()
            }}
        />
    }
    .erase()
}

/// Reads it again while it goes on: with the changes of its functions' tasks, and now and then, since tasks that are skipped don't change.
fn follow(shown: ReadSignal<BulkShown>, refetch: Callback<()>) {
    let (scope, is_active) = shown.with_untracked(|shown| (shown.bulk.scope.clone(), shown.bulk.state.is_active()));
    if is_active {
        let changes = scope.only().map_or(ChangeScope::Region(scope.region), ChangeScope::Function);
        use_live(changes, move || refetch.run(()));
        use_poll(derive(move || shown.read().bulk.state.is_active()), move || refetch.run(()));
    }
}

#[component]
fn Shown(shown: ReadSignal<BulkShown>, refetch: Callback<()>) -> impl IntoView {
    follow(shown, refetch);
    let head = memo(move || shown.with(|shown| (title(&shown.bulk), shown.bulk.state.is_active(), shown.bulk.failed > 0)));
    let (region, id) = shown.with_untracked(|shown| (shown.bulk.scope.region.clone(), shown.bulk.id.clone()));
    view! {
        {dynamic(move || {
            let (title, is_active, has_failed) = head.get();
            let (of_stop, of_retry) = (region.clone(), region.clone());
            let (to_stop, to_retry) = (id.clone(), id.clone());
            let file = bulk_download(&region, &id);
            view! {
                <PageHead title within=region.to_string()>
                    <LinkButton href=file icon=Glyph::Download external=true>{t!("Download outcomes")}</LinkButton>
                    {(!is_active && has_failed).then(|| view! { <Retry region=of_retry id=to_retry/> }.erase())}
                    {is_active.then(|| view! { <Stop region=of_stop id=to_stop/> }.erase())}
                </PageHead>
            }
            .erase()
        })}
        <div class="space-y-4">
            <Panel>
                <Progress shown/>
                <About shown/>
            </Panel>
            <Outcomes shown/>
        </div>
    }
    .erase()
}

#[component]
fn Stop(region: Region, id: String) -> impl IntoView {
    view! {
        <PostForm path=StopBulk::PATH class="contents" stays=true>
            <HiddenField name="region" value=region.to_string()/>
            <HiddenField name="id" value=id/>
            <Submit look=Look::Danger>{t!("Stop this bulk action")}</Submit>
        </PostForm>
    }
    .erase()
}

#[component]
fn Retry(region: Region, id: String) -> impl IntoView {
    view! {
        <PostForm path=RetryBulk::PATH class="contents">
            <HiddenField name="region" value=region.to_string()/>
            <HiddenField name="id" value=id/>
            <Submit>{t!("Retry failures")}</Submit>
        </PostForm>
    }
    .erase()
}

/// How far it is, as a bar and in figures. What failed has its own part of the bar, and its own colour in both.
#[component]
fn Progress(shown: ReadSignal<BulkShown>) -> impl IntoView {
    let words = memo(move || shown.with(|shown| figures(&shown.bulk)));
    let ended = derive(move || shown.read().bulk.ended().to_string());
    // A bar without any is at its beginning, not at its end.
    let total = derive(move || shown.read().bulk.total.max(1).to_string());
    view! {
        <div class="mb-4">
            <div
                role="progressbar"
                aria-label=t!("Progress")
                aria-valuemin="0"
                aria-valuemax=total
                aria-valuenow=ended
                aria-valuetext=derive(move || words.get().concat())
                class="h-2 overflow-hidden rounded-full bg-line"
                inner_html=derive(move || shown.with(|shown| bar(&shown.bulk)))
            ></div>
            <p role="status" class="mt-1.5 tabular-nums text-muted">
                {dynamic(move || {
                    let [done, failed, skipped] = words.get();
                    view! { {done} <span class="font-medium text-bad">{failed}</span> {skipped} }.erase()
                })}
            </p>
        </div>
    }
    .erase()
}

/// The parts of the bar side by side: lengths are attributes, since the content policy takes no inline styles.
fn bar(bulk: &Bulk) -> String {
    let total = bulk.total.max(1) as f64;
    let mut parts = String::new();
    let mut from = 0;
    for (class, count) in [("fill-accent", bulk.done), ("fill-danger", bulk.failed), ("fill-faint", bulk.skipped)] {
        if count > 0 {
            let (x, width) = (from as f64 / total * 1_000.0, count as f64 / total * 1_000.0);
            parts.push_str(&format!(r#"<rect class="{class}" x="{x:.1}" width="{width:.1}" height="8"/>"#));
        }
        from += count;
    }
    format!(r#"<svg viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true" class="block size-full">{parts}</svg>"#)
}

/// `640 of 1,204 done`, `, 3 failed`, `, 1 skipped`; the last two are empty while there are none.
fn figures(bulk: &Bulk) -> [String; 3] {
    let (done, total) = (format::count(bulk.done), format::count(bulk.total));
    let some = |n: u64, words: fn(String) -> String| if n > 0 { words(format::count(n)) } else { String::new() };
    [
        t!("{done} of {total} done", done, total),
        some(bulk.failed, |n| t!(", {n} failed", n)),
        some(bulk.skipped, |n| t!(", {n} skipped", n)),
    ]
}

#[component]
fn About(shown: ReadSignal<BulkShown>) -> impl IntoView {
    let bulk = shown.with_untracked(|shown| shown.bulk.clone());
    let words = scope(&bulk);
    let state = memo(move || shown.read().bulk.state);
    let stopped_by = memo(move || shown.with(|shown| shown.bulk.stopped_by.clone()));
    let label = move || {
        let (word, tone) = state_label(state.get());
        let by = stopped_by.get();
        view! { <Pill tone>{word}</Pill> {(!by.is_empty()).then(|| t!(" by {user}", user = by))} }.erase()
    };
    let retried = bulk.retry_of.as_ref().map(|id| {
        let to = Route::Admin(bulk.scope.region.clone(), AdminPage::Bulk(id.clone())).path();
        view! { <Fact name=t!("Tries Again")><TextLink href=to>{t!("Failures of this bulk action")}</TextLink></Fact> }.erase()
    });
    let Bulk { scope, user, created_at, .. } = bulk;
    view! {
        <Facts>
            <Fact name=t!("Filter") wide=true>{words}</Fact>
            <Fact name=t!("State")>{dynamic(label)}</Fact>
            <Whose scope/>
            <Fact name=t!("Started By")>{user}</Fact>
            <Fact name=t!("Started At")><Timestamp at=Some(created_at)/></Fact>
            <Fact name=t!("Ended At")><Timestamp at=derive(move || shown.read().bulk.ended_at)/></Fact>
            {retried}
        </Facts>
    }
    .erase()
}

/// Whose tasks it is about, with the list of these.
#[component]
fn Whose(scope: BulkScope) -> impl IntoView {
    if let Some(function) = scope.only() {
        let (list, name) = (Route::Function(function.clone(), FunctionPage::Tasks).path(), function.function.to_string());
        return view! { <Fact name=t!("Function")><TextLink href=list>{name}</TextLink></Fact> }.erase();
    }
    let (service, function) = scope.names();
    let list = Route::Admin(scope.region.clone(), AdminPage::AllTasks).with_query(&[("service", service), ("function", function)]);
    view! { <Fact name=t!("Functions" in "bulk")><TextLink href=list>{scope_words(&scope)}</TextLink></Fact> }.erase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{BulkAction, BulkFilter, BulkState, UnixMillis};

    #[test]
    fn sc24_figures_name_what_is_not_done() {
        let bulk = Bulk {
            id: "b".to_owned(),
            scope: BulkScope::named(Region::from_stored("r"), "s", "f"),
            action: BulkAction::Stop,
            filter: BulkFilter::default(),
            retry_of: None,
            user: "admin".to_owned(),
            created_at: UnixMillis(0),
            ended_at: None,
            state: BulkState::Running,
            stopped_by: String::new(),
            total: 1_204,
            done: 640,
            failed: 0,
            skipped: 0,
        };
        assert_eq!((title(&bulk), figures(&bulk).concat()), ("Stop 1,204 tasks".to_owned(), "640 of 1,204 done".to_owned()));
        let bulk = Bulk { failed: 301, skipped: 1, ..bulk };
        assert_eq!(figures(&bulk), ["640 of 1,204 done", ", 301 failed", ", 1 skipped"]);
        let bar = bar(&bulk);
        assert!(
            bar.contains(
                r#"<rect class="fill-accent" x="0.0" width="531.6" height="8"/><rect class="fill-danger" x="531.6" width="250.0""#
            ),
            "{bar}"
        );
        assert!(!super::bar(&Bulk { failed: 0, ..bulk }).contains("danger"));
    }
}
