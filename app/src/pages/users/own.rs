//! What a user does about itself: another password, and an end to sessions that were left open somewhere.

use super::api::{ChangePassword, EndSession};
use crate::reactive::derive;
use crate::ui::table::{ACTIONS, CELL, Column, FIGURE, LONG, NAMING, ROW, column, figures};
use crate::ui::{Each, Erase, FormActions, HiddenField, Item, Keyed, Look, Panel, PostForm, Submit, Table, TextField, Timestamp};
use leptos::prelude::*;
use model::{Region, SessionInfo};
use server_fn::ServerFn;

const COLUMNS: &[Column] = &[figures("Signed In At"), column("Address"), column("Browser"), figures("Ends At"), figures("Actions")];

/// `Change Password` and `Sessions`.
#[component]
pub(super) fn Own(region: Region, sessions: Memo<Vec<SessionInfo>>) -> impl IntoView {
    let changes = RwSignal::new(0_u32);
    // A form without what was typed takes the place of one that was taken.
    let form = {
        let region = region.clone();
        move |()| view! { <ChangeForm region=region.clone() changes/> }.erase()
    };
    view! {
        <Panel title=t!("Change Password") narrow=true>
            <Keyed key=derive(move || changes.get().to_string()) view=form/>
        </Panel>
        <section class="space-y-3">
            <h2 class="text-head font-semibold">{t!("Sessions")}</h2>
            <Table caption=t!("Sessions") columns=COLUMNS>
                <Each items=move || {
                    let item = |session: SessionInfo| {
                        let region = region.clone();
                        Item::new(session.id.clone(), move || view! { <SessionRow region session/> }.erase())
                    };
                    sessions.get().into_iter().map(item).collect()
                }/>
            </Table>
        </section>
    }
    .erase()
}

#[component]
fn ChangeForm(region: Region, changes: RwSignal<u32>) -> impl IntoView {
    view! {
        <PostForm path=ChangePassword::PATH stays=true on_done=Some(Callback::new(move |()| changes.update(|count| *count += 1)))>
            <HiddenField name="region" value=region.to_string()/>
            <TextField name="present" label=t!("Present password") kind="password" autocomplete="current-password" required=true/>
            <TextField
                name="password"
                label=t!("New password")
                kind="password"
                autocomplete="new-password"
                required=true
                help=t!("8 to 1000 characters. Your other sessions end.")
            />
            <TextField name="repeated" label=t!("Repeat the new password") kind="password" autocomplete="new-password" required=true/>
            <FormActions>
                <Submit>{t!("Change Password")}</Submit>
            </FormActions>
        </PostForm>
    }
    .erase()
}

#[component]
fn SessionRow(region: Region, session: SessionInfo) -> impl IntoView {
    let SessionInfo { id, created_at, ends_at, origin, is_current } = session;
    let or_none = |text: String| if text.is_empty() { "–".to_owned() } else { text };
    let (address, agent) = (or_none(origin.address), or_none(origin.agent));
    let end = if is_current {
        view! { <span class="text-muted">{t!("This session")}</span> }.erase()
    } else {
        view! { <End region id address=address.clone()/> }.erase()
    };
    view! {
        <tr role="row" class=ROW>
            <td role="cell" data-label=t!("Signed In At") class=FIGURE><Timestamp at=Some(created_at)/></td>
            <td role="cell" class=format!("{NAMING} {CELL}")><code class="font-mono text-meta">{address}</code></td>
            <td role="cell" data-label=t!("Browser") class=format!("{LONG} w-full text-muted") title=agent.clone()>{agent.clone()}</td>
            <td role="cell" data-label=t!("Ends At") class=FIGURE><span class="text-muted"><Timestamp at=Some(ends_at)/></span></td>
            <td role="cell" class=ACTIONS><div class="flex justify-end">{end}</div></td>
        </tr>
    }
    .erase()
}

#[component]
fn End(region: Region, id: String, address: String) -> impl IntoView {
    let short = id.get(..6).unwrap_or(&id).to_owned();
    view! {
        <PostForm path=EndSession::PATH class="contents" stays=true>
            <HiddenField name="region" value=region.to_string()/>
            <HiddenField name="id" value=id/>
            <Submit look=Look::Quiet label=t!("End session {short} of {address}", short, address)>{t!("End" in "session")}</Submit>
        </PostForm>
    }
    .erase()
}
