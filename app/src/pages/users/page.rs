use super::api::{Account as AccountFn, UserAccount};
use super::manage::Manage;
use super::own::Own;
use super::role_label;
use crate::bootstrap::use_bootstrap;
use crate::reactive::{Load, memo, use_data};
use crate::routes::{AdminPage, Route};
use crate::ui::{Back, Erase, Fact, Facts, PageHead, Panel, dynamic};
use leptos::prelude::*;
use model::Region;

/// `/{region}/users/{name}`: one's own page, or for administrators that of another user.
#[component]
pub(crate) fn UserPage(region: Region, name: String) -> impl IntoView {
    let list = Route::Admin(region.clone(), AdminPage::Users).path();
    let is_own = use_bootstrap().user.as_ref() == Some(&name);
    let title = name.clone();
    let account = use_data(move || AccountFn { name: name.clone() });
    view! {
        {(!is_own).then(|| view! { <Back href=list>{t!("Users")}</Back> }.erase())}
        <PageHead title within=region.to_string()/>
        <Load
            data=account
            view={move |account: ReadSignal<UserAccount>| view! { <Shown region=region.clone() account/> }.erase()}
        />
    }
    .erase()
}

#[component]
fn Shown(region: Region, account: ReadSignal<UserAccount>) -> impl IntoView {
    let facts = memo(move || account.with(|account| (account.role, account.enabled)));
    let is_own = account.with_untracked(|account| account.is_own);
    let name = account.with_untracked(|account| account.name.clone());
    let rest = if is_own {
        let sessions = memo(move || account.with(|account| account.sessions.clone()));
        view! { <Own region sessions/> }.erase()
    } else {
        // Once one of them has changed, the forms begin anew.
        dynamic(move || {
            let (role, enabled) = facts.get();
            view! { <Manage region=region.clone() name=name.clone() role enabled/> }.erase()
        })
    };
    view! {
        <div class="space-y-4">
            <Panel narrow=true>
                <Facts>
                    <Fact name=t!("Role")>{dynamic(move || role_label(facts.get().0))}</Fact>
                    <Fact name=t!("State")>{dynamic(move || if facts.get().1 { t!("Enabled" in "item") } else { t!("Disabled" in "item") })}</Fact>
                </Facts>
            </Panel>
            {rest}
        </div>
    }
    .erase()
}
