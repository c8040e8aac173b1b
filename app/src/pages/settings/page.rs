use super::install::InstallFacts;
use super::limits::Limits;
use crate::bootstrap::{Theme, use_bootstrap};
use crate::chrome::LanguageLinks;
use crate::forms::{FormState, PostedForm};
use crate::pages::search::Shortcuts;
use crate::pages::session::{SetSingleKeys, SetTheme, SetTimeZone};
use crate::routes::{AdminPage, Route};
use crate::ui::{Erase, ErrorSummary, Fact, Facts, FormActions, LinkButton, PageHead, Panel, RadioGroup, Submit, TextField};
use crate::zone;
use leptos::prelude::*;
use model::Region;
use server_fn::ServerFn;

/// `/{region}/settings`.
#[component]
pub(crate) fn SettingsPage(region: Region) -> impl IntoView {
    view! {
        <PageHead title=t!("Settings") within=region.to_string()/>
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
        <Panel title=t!("Yours") narrow=true>
            // A plain post even where scripts run: the page that follows has the theme from its first paint.
            <form method="post" action=SetTheme::PATH class="max-w-lg space-y-4">
                <RadioGroup
                    name="theme"
                    label=t!("Theme")
                    options=themes
                    value=boot.theme.as_str()
                    help=t!("For this browser. System follows what your machine asks for.")
                />
                <FormActions>
                    <Submit>{t!("OK")}</Submit>
                </FormActions>
            </form>
            <KeysForm/>
            // The last: what it puts into context holds for the fields that follow.
            <ZoneForm/>
            <div class="mt-5 border-t border-line pt-4">
                <Facts>
                    <Fact name=t!("Language")><span class="flex gap-4"><LanguageLinks class="text-muted underline-offset-2 hover:underline aria-current:text-ink"/></span></Fact>
                </Facts>
                <p class="mt-4 flex flex-wrap gap-2">
                    <LinkButton href=account>{t!("Password and sessions")}</LinkButton>
                    <LinkButton href=keys>{t!("Access Keys")}</LinkButton>
                </p>
            </div>
        </Panel>
    }
    .erase()
}

/// A plain post, as that of the theme.
#[component]
fn ZoneForm() -> impl IntoView {
    let form = FormState::new(SetTimeZone::PATH, Signal::stored(false), Signal::stored(None), Signal::stored(false));
    provide_context(form);
    let action = use_context::<PostedForm>().unwrap_or_default().action(SetTimeZone::PATH);
    view! {
        <form method="post" action=action class="mt-5 max-w-lg space-y-4 border-t border-line pt-4" novalidate>
            <ErrorSummary error=form.error/>
            <TextField
                name="zone"
                label=t!("Time Zone")
                value=use_bootstrap().zone.as_str()
                list="time-zones"
                required=true
                help=t!("For every time that this browser shows: UTC, browser for the zone of your machine, or a name such as Asia/Shanghai.")
            />
            // Its content is text to the browser: the two may know different zones.
            <datalist id="time-zones" inner_html=zone::options()></datalist>
            <FormActions>
                <Submit>{t!("Set time zone")}</Submit>
            </FormActions>
        </form>
    }
    .erase()
}

/// A plain post, as that of the theme.
#[component]
fn KeysForm() -> impl IntoView {
    view! {
        <form method="post" action=SetSingleKeys::PATH class="mt-5 max-w-lg space-y-4 border-t border-line pt-4">
            <RadioGroup
                name="keys"
                label=t!("Single-key shortcuts")
                options=vec![("on", t!("On")), ("off", t!("Off"))]
                value=if use_bootstrap().single_keys { "on" } else { "off" }
                help=t!("Off: only shortcuts with Ctrl or ⌘, and Esc.")
            />
            <Shortcuts/>
            <FormActions>
                <Submit>{t!("Set shortcuts")}</Submit>
            </FormActions>
        </form>
    }
    .erase()
}
