use super::api::{AccessKeys as AccessKeysFn, SwitchAccessKey};
use super::{grant_label, services_label};
use crate::reactive::{Load, memo, use_data, use_query};
use crate::routes::{AdminPage, Route};
use crate::ui::table::{CELL, Column, FIGURE, NAMING, ROW, TELLING, YIELDING, column, figures};
use crate::ui::{
    Chip, Each, EmptyState, Erase, Glyph, HiddenField, Item, LinkButton, Look, PageHead, Pill, PostForm, RowActions, Submit, Table,
    TextLink, Timestamp, Tone, dynamic,
};
use leptos::prelude::*;
use model::{AccessKeyInfo, Region};
use server_fn::ServerFn;

const COLUMNS: &[Column] = &[
    column("Name"),
    column("Access Key ID"),
    column("User"),
    column("Policy"),
    column("Services\u{4}key"),
    column("State"),
    figures("Created At"),
    figures("Last Used"),
    figures("Actions"),
];

/// `/{region}/access-keys`.
#[component]
pub(crate) fn AccessKeys(region: Region) -> impl IntoView {
    let keys = use_data(|| AccessKeysFn {});
    let create = Route::Admin(region.clone(), AdminPage::CreateAccessKey).path();
    view! {
        <PageHead title=t!("Access Keys") within=region.to_string() subtitle=t!("What signs calls of the API. A key is valid in every region.")>
            <LinkButton href=create look=Look::Primary icon=Glyph::Plus>{t!("Create Access Key")}</LinkButton>
        </PageHead>
        <Load data=keys view={move |keys: ReadSignal<Vec<AccessKeyInfo>>| view! { <List region=region.clone() keys/> }.erase()}/>
    }
    .erase()
}

#[component]
fn List(region: Region, keys: ReadSignal<Vec<AccessKeyInfo>>) -> impl IntoView {
    let query = use_query();
    let user = memo(move || query.with(|query| query.get("user")).unwrap_or_default());
    let all = Route::Admin(region.clone(), AdminPage::AccessKeys).path();
    let chip = move || {
        let (name, all) = (user.get(), all.clone());
        (!name.is_empty())
            .then(|| view! { <p class="mb-3"><Chip href=all active=true removable=true>{t!("User {name}", name)}</Chip></p> }.erase())
    };
    view! {
        {dynamic(chip)}
        <Rows region keys user/>
    }
    .erase()
}

#[component]
fn Rows(region: Region, keys: ReadSignal<Vec<AccessKeyInfo>>, user: Memo<String>) -> impl IntoView {
    let keys = memo(move || {
        let wanted = user.get();
        let mut keys = keys.get();
        keys.retain(|key| wanted.is_empty() || key.user == wanted);
        keys
    });
    let is_empty = memo(move || keys.with(Vec::is_empty));
    dynamic(move || {
        let region = region.clone();
        if is_empty.get() {
            let create = Route::Admin(region, AdminPage::CreateAccessKey).path();
            return view! {
                <div class="rounded-panel border border-line bg-surface">
                    <EmptyState title=t!("No access keys yet") text=t!("A key signs calls of the API and may do no more than its user.")>
                        <LinkButton href=create look=Look::Primary label=t!("Create Access Key now")>{t!("Create Access Key")}</LinkButton>
                    </EmptyState>
                </div>
            }
            .erase();
        }
        view! {
            <Table caption=t!("Access keys") columns=COLUMNS full=true>
                <Each items=move || {
                    let item = |key: AccessKeyInfo| {
                        let region = region.clone();
                        let used = key.last_used_at.map_or(0, |at| at.0);
                        Item::new(format!("{} {} {used}", key.id, key.enabled), move || view! { <KeyRow region key/> }.erase())
                    };
                    keys.get().into_iter().map(item).collect()
                }/>
            </Table>
        }
        .erase()
    })
}

#[component]
fn KeyRow(region: Region, key: AccessKeyInfo) -> impl IntoView {
    let delete = Route::Admin(region.clone(), AdminPage::DeleteAccessKey(key.id.clone())).path();
    let of_user = Route::Admin(region.clone(), AdminPage::AccessKeys).with_query(&[("user", &key.user)]);
    let (state, tone) = if key.enabled { (t!("Enabled" in "item"), Tone::Good) } else { (t!("Disabled" in "item"), Tone::Idle) };
    let services = services_label(&key.policy);
    let user = key.user.clone();
    let used = match key.last_used_at {
        Some(at) => view! { <Timestamp brief=true at=Some(at)/> }.erase(),
        None => view! { <span>{t!("Never")}</span> }.erase(),
    };
    view! {
        <tr role="row" class=ROW>
            <td role="cell" class=format!("{NAMING} {YIELDING} w-full font-medium") title=key.name.clone()>{key.name.clone()}</td>
            <td role="cell" data-label=t!("Access Key ID") class=CELL><code class="font-mono text-meta">{key.id.clone()}</code></td>
            <td role="cell" data-label=t!("User") class=format!("{CELL} max-w-24 truncate") title=user.clone()><TextLink href=of_user>{key.user}</TextLink></td>
            <td role="cell" data-label=t!("Policy") class=CELL>{grant_label(key.policy.grant)}</td>
            <td role="cell" data-label=t!("Services" in "key") class=format!("{CELL} max-w-28 truncate text-muted") title=services.clone()>{services.clone()}</td>
            <td role="cell" class=format!("{TELLING} {CELL}")><Pill tone>{state}</Pill></td>
            <td role="cell" data-label=t!("Created At") class=FIGURE><span class="text-muted"><Timestamp day=true at=Some(key.created_at)/></span></td>
            <td role="cell" data-label=t!("Last Used") class=FIGURE><span class="text-muted">{used}</span></td>
            <RowActions key=key.id.clone() of=key.name.clone()>
                <Switch region id=key.id.clone() name=key.name.clone() enabled=key.enabled/>
                <TextLink href=delete label=t!("Delete {name}", name = key.name)>{t!("Delete")}</TextLink>
            </RowActions>
        </tr>
    }
    .erase()
}

/// The button that disables an enabled key, or enables a disabled one.
#[component]
fn Switch(region: Region, id: String, name: String, enabled: bool) -> impl IntoView {
    let (words, label) =
        if enabled { (t!("Disable" in "item"), t!("Disable {name}", name)) } else { (t!("Enable" in "item"), t!("Enable {name}", name)) };
    view! {
        <PostForm path=SwitchAccessKey::PATH class="contents" stays=true>
            <HiddenField name="region" value=region.to_string()/>
            <HiddenField name="id" value=id/>
            <HiddenField name="enabled" value=(!enabled).to_string()/>
            <Submit look=Look::Quiet label>{words}</Submit>
        </PostForm>
    }
    .erase()
}
