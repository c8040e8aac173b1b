use super::api::{AuditEntries, Entries};
use crate::navigation::use_location;
use crate::reactive::{Load, derive, memo, use_data};
use crate::routes::{self, AUDIT_DOWNLOAD, AdminPage, Route};
use crate::ui::table::{CELL, Column, NAMING, ROW, TELLING, YIELDING, column};
use crate::ui::{
    Each, EmptyState, Erase, GetForm, Glyph, Item, LinkButton, Look, PageHead, Pager, Pill, Submit, Table, Timestamp, Tone, dynamic,
};
use leptos::prelude::*;
use model::audit::OUTCOME_OK;
use model::{Action, ActorKind, AuditEntry, AuditQuery, Region};

const COLUMNS: &[Column] =
    &[column("Time"), column("User"), column("Action"), column("Target"), column("Result"), column("Source"), column("Details")];
const CONTROL: &str = "h-8 min-w-0 rounded-control border border-line-strong bg-field px-2 placeholder:text-faint hover:border-faint";

/// `/{region}/audit`.
#[component]
pub(crate) fn AuditPage(region: Region) -> impl IntoView {
    let search = use_location().search;
    let found = use_data(move || AuditEntries { search: search.get() });
    view! {
        <Load
            data=found
            titled=true
            view={move |found: ReadSignal<Entries>| view! { <Found region=region.clone() found/> }.erase()}
        />
    }
    .erase()
}

#[component]
fn Found(region: Region, found: ReadSignal<Entries>) -> impl IntoView {
    let query = memo(move || found.read().query.clone());
    let list = Route::Admin(region.clone(), AdminPage::Audit);
    let (of_first, of_next, of_empty) = (list.clone(), list.clone(), list.clone());
    let first = derive(move || query.with(|query| (!query.next_token.is_empty()).then(|| page_with(&of_first, query, ""))));
    let next =
        derive(move || found.with(|found| (!found.next_token.is_empty()).then(|| page_with(&of_next, &found.query, &found.next_token))));
    let is_empty = memo(move || found.with(|found| found.rows.is_empty()));
    let within = region.to_string();
    view! {
        {dynamic(move || {
            let file = query.with(download);
            view! {
                <PageHead title=t!("Audit") within=within.clone() subtitle=t!("Every change, stop, log-on and sign-in, in all regions.")>
                    <LinkButton href=file icon=Glyph::Download external=true>{t!("Download")}</LinkButton>
                </PageHead>
            }
            .erase()
        })}
        <Filter list=list.clone() query/>
        {dynamic(move || {
            if is_empty.get() {
                let all = of_empty.path();
                return view! {
                    <div class="rounded-panel border border-line bg-surface">
                        <EmptyState title=t!("No entries match") text=t!("Nobody did anything that these filters describe.")>
                            <LinkButton href=all>{t!("Clear filters")}</LinkButton>
                        </EmptyState>
                    </div>
                }
                .erase();
            }
            view! {
                <Table caption=t!("Audit entries") columns=COLUMNS full=true>
                    <Each items=move || {
                        let item = |(n, entry): (usize, AuditEntry)| {
                            let key = format!("{} {} {} {n}", entry.at.0, entry.request_id, entry.action);
                            Item::new(key, move || view! { <EntryRow entry/> }.erase())
                        };
                        found.read().rows.iter().cloned().enumerate().map(item).collect()
                    }/>
                </Table>
                <Pager first next/>
            }
            .erase()
        })}
    }
    .erase()
}

/// The page with what the query asks for, from a token on.
fn page_with(list: &Route, query: &AuditQuery, token: &str) -> String {
    let query = AuditQuery { next_token: token.to_owned(), ..query.clone() };
    let pairs = query.pairs();
    list.with_query(&pairs.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>())
}

/// The file with every entry that the query asks for.
fn download(query: &AuditQuery) -> String {
    let query = AuditQuery { next_token: String::new(), ..query.clone() };
    let pairs = query.pairs();
    format!("{AUDIT_DOWNLOAD}{}", routes::query(&pairs.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>()))
}

#[component]
fn Filter(list: Route, query: Memo<AuditQuery>) -> impl IntoView {
    let actor = move || query.read().actor.clone();
    let resource = move || query.read().resource.clone();
    let from = move || query.read().day_from();
    let to = move || query.read().day_to();
    let actions = Action::ALL.iter().filter(|action| action.is_audited());
    view! {
        <GetForm action=list.path() search=true class="mb-3 flex flex-wrap items-center gap-2">
            <input name="actor" aria-label=t!("User or access key ID") placeholder=t!("User or access key ID") class=format!("{CONTROL} w-44") value=untrack(actor) prop:value=actor/>
            <select name="action" aria-label=t!("Action") class=format!("{CONTROL} select-arrow w-48 pr-7")>
                <option value="">{t!("All actions")}</option>
                {actions
                    .map(|action| {
                        let name = action.as_str().trim_start_matches("fc:");
                        let chosen = query.with_untracked(|query| query.action == name || query.action == action.as_str());
                        view! { <option value=name selected=chosen>{name}</option> }.erase()
                    })
                    .collect::<Vec<_>>()}
            </select>
            <input name="resource" aria-label=t!("Target begins with") placeholder=t!("Target begins with") class=format!("{CONTROL} w-48 font-mono text-meta") value=untrack(resource) prop:value=resource/>
            <label class="flex items-center gap-1.5">
                <span class="text-meta text-muted">{t!("From")}</span>
                <input type="date" name="from" class=format!("{CONTROL} w-34") value=untrack(from) prop:value=from/>
            </label>
            <label class="flex items-center gap-1.5">
                <span class="text-meta text-muted">{t!("To")}</span>
                <input type="date" name="to" class=format!("{CONTROL} w-34") value=untrack(to) prop:value=to/>
            </label>
            <Submit reads=true look=Look::Plain>{t!("Search")}</Submit>
        </GetForm>
    }
    .erase()
}

#[component]
fn EntryRow(entry: AuditEntry) -> impl IntoView {
    let AuditEntry { at, actor_kind, actor, address, action, resource, region, outcome, request_id } = entry;
    let tone = if outcome == OUTCOME_OK { Tone::Good } else { Tone::Bad };
    let kind = match actor_kind {
        ActorKind::User => t!("User"),
        ActorKind::AccessKey => t!("Access key"),
        ActorKind::CommandLine => t!("Command line"),
    };
    let or_dash = |text: String| if text.is_empty() { "–".to_owned() } else { text };
    let place = if region.is_empty() { t!("All regions").to_owned() } else { region };
    let details = if request_id.is_empty() { place } else { t!("{place}, request {request_id}", place, request_id) };
    view! {
        <tr role="row" class=ROW>
            <td role="cell" data-label=t!("Time") class=CELL><span class="text-muted"><Timestamp brief=true at=Some(at)/></span></td>
            <td role="cell" data-label=t!("User") class=format!("{CELL} max-w-32 truncate") title=kind>{or_dash(actor)}</td>
            <td role="cell" class=format!("{NAMING} {CELL}")>{action.trim_start_matches("fc:").to_owned()}</td>
            <td role="cell" data-label=t!("Target") class=format!("cut-before {YIELDING} w-[75%] font-mono text-meta") title=resource.clone()>{or_dash(resource.clone())}</td>
            <td role="cell" class=format!("{TELLING} {CELL}")><Pill tone>{outcome}</Pill></td>
            <td role="cell" data-label=t!("Source") class=format!("{CELL} max-w-32 truncate tabular-nums text-muted") title=address.clone()>{or_dash(address.clone())}</td>
            <td role="cell" data-label=t!("Details") class=format!("{YIELDING} w-[25%] text-muted") title=details.clone()>{details.clone()}</td>
        </tr>
    }
    .erase()
}
