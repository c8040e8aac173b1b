use super::install::InstallFacts;
use super::limits::Limits;
use crate::bootstrap::{Theme, use_bootstrap};
use crate::pages::session::SetTheme;
use crate::routes::{AdminPage, Route};
use crate::ui::{Erase, Fact, Facts, FormActions, LinkButton, PageHead, Panel, RadioGroup, Submit};
use leptos::prelude::*;
use model::Region;
use server_fn::ServerFn;

/// `/{region}/settings`.
#[component]
pub(crate) fn SettingsPage(region: Region) -> impl IntoView {
    view! {
        <PageHead title="Settings" within=region.to_string()/>
        <div class="max-w-4xl space-y-6">
            <Own region/>
            <InstallFacts/>
            <Limits/>
        </div>
    }
    .erase()
}

/// What a user chooses.
#[component]
fn Own(region: Region) -> impl IntoView {
    let boot = use_bootstrap();
    let account = Route::Admin(region.clone(), AdminPage::User(boot.user.unwrap_or_default())).path();
    let keys = Route::Admin(region, AdminPage::AccessKeys).path();
    let themes = Theme::ALL.map(|theme| (theme.as_str(), theme.label())).to_vec();
    view! {
        <Panel title="Yours" narrow=true>
            // A plain post even where scripts run: the page that follows has the theme from its first paint.
            <form method="post" action=SetTheme::PATH class="max-w-lg space-y-4">
                <RadioGroup
                    name="theme"
                    label="Theme"
                    options=themes
                    value=boot.theme.as_str()
                    help="For this browser. System follows what your machine asks for."
                />
                <FormActions>
                    <Submit>"OK"</Submit>
                </FormActions>
            </form>
            <div class="mt-5 border-t border-line pt-4">
                <Facts>
                    <Fact name="Time Zone" double=true>"That of your browser; hover over a time for UTC"</Fact>
                    <Fact name="Single-key shortcuts" double=true>"None: every shortcut needs Ctrl or ⌘"</Fact>
                </Facts>
                <p class="mt-4 flex flex-wrap gap-2">
                    <LinkButton href=account>"Password and sessions"</LinkButton>
                    <LinkButton href=keys>"Access Keys"</LinkButton>
                </p>
            </div>
        </Panel>
    }
    .erase()
}
