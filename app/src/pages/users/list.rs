use super::api::Users as UsersFn;
use super::role_label;
use crate::reactive::{Load, use_data};
use crate::routes::{AdminPage, Route};
use crate::ui::table::{ACTIONS, CELL, Column, FIGURE, LONG, NAMING, ROW, TELLING, column, figures};
use crate::ui::{Each, Erase, Glyph, Item, LinkButton, Look, PageHead, Pill, Table, TextLink, Timestamp, Tone};
use leptos::prelude::*;
use model::{Region, UserInfo};

const COLUMNS: &[Column] = &[column("User"), column("Role"), column("State"), figures("Created At"), figures("Actions")];

/// `/{region}/users`.
#[component]
pub(crate) fn Users(region: Region) -> impl IntoView {
    let users = use_data(|| UsersFn {});
    let create = Route::Admin(region.clone(), AdminPage::CreateUser).path();
    view! {
        <PageHead title=t!("Users") within=region.to_string() subtitle=t!("Who may sign in to the console, in every region.")>
            <LinkButton href=create look=Look::Primary icon=Glyph::Plus>{t!("Create User")}</LinkButton>
        </PageHead>
        <Load data=users view={move |users: ReadSignal<Vec<UserInfo>>| view! { <List region=region.clone() users/> }.erase()}/>
    }
    .erase()
}

#[component]
fn List(region: Region, users: ReadSignal<Vec<UserInfo>>) -> impl IntoView {
    view! {
        <Table caption=t!("Users") columns=COLUMNS>
            <Each items=move || {
                let item = |user: UserInfo| {
                    let region = region.clone();
                    Item::new(format!("{} {:?} {}", user.name, user.role, user.enabled), move || view! { <UserRow region user/> }.erase())
                };
                users.get().into_iter().map(item).collect()
            }/>
        </Table>
    }
    .erase()
}

#[component]
fn UserRow(region: Region, user: UserInfo) -> impl IntoView {
    let page = Route::Admin(region.clone(), AdminPage::User(user.name.clone())).path();
    let keys = Route::Admin(region, AdminPage::AccessKeys).with_query(&[("user", &user.name)]);
    let label = t!("Access Keys of {name}", name = user.name);
    let (state, tone) = if user.enabled { (t!("Enabled" in "item"), Tone::Good) } else { (t!("Disabled" in "item"), Tone::Idle) };
    view! {
        <tr role="row" class=ROW>
            <td role="cell" class=format!("{NAMING} {LONG} w-full font-medium")><TextLink href=page>{user.name.clone()}</TextLink></td>
            <td role="cell" data-label=t!("Role") class=CELL>{role_label(user.role)}</td>
            <td role="cell" class=format!("{TELLING} {CELL}")><Pill tone>{state}</Pill></td>
            <td role="cell" data-label=t!("Created At") class=FIGURE><span class="text-muted"><Timestamp at=Some(user.created_at)/></span></td>
            <td role="cell" class=ACTIONS>
                <div class="flex justify-end">
                    <TextLink href=keys label>{t!("Access Keys")}</TextLink>
                </div>
            </td>
        </tr>
    }
    .erase()
}
