//! The dark bar that is the same in both themes.

use super::logo::Logo;
use crate::bootstrap::{Theme, use_bootstrap};
use crate::language::{LANGUAGE_PARAMETER, LANGUAGE_SWITCH, Language};
use crate::navigation::use_location;
use crate::pages::{SetTheme, SetTimeZone, SignOut};
use crate::reactive::{derive, use_live_control};
use crate::routes::{AdminPage, REGION_SWITCH, Route};
use crate::ui::{Erase, Glyph, Icon, Popover, PostForm, dynamic};
use crate::zone::Zone;
use leptos::ev;
use leptos::prelude::*;
use model::Region;
use server_fn::ServerFn;

const BAR_BUTTON: &str = "inline-flex h-8 min-w-8 items-center justify-center gap-1.5 rounded-control px-1.5 text-bar-muted hover:bg-bar-hover hover:text-bar-ink";
const GO: &str = "h-7 whitespace-nowrap rounded-control border border-bar-line px-2 text-meta";
const ENTRY: &str = "flex h-8 w-full cursor-pointer items-center gap-2 whitespace-nowrap rounded-control px-2.5 text-left hover:bg-hover";

/// Product, region, theme, user.
#[component]
pub(super) fn TopBar(
    /// The region in force.
    region: Memo<Region>,
    /// The navigation for narrow screens.
    menu: AnyView,
) -> impl IntoView {
    view! {
        <header class="sticky top-0 z-10 flex h-12 items-center gap-2 bg-bar px-3 text-bar-ink on-bar">
            <div class="md:hidden">
                <Popover id="nav-menu" label=t!("Menu") class=BAR_BUTTON button=view! { <Icon glyph=Glyph::Menu/> }.erase()>
                    {menu}
                </Popover>
            </div>
            <a href=derive(move || Route::Tasks(region.get()).path()) class="flex items-center gap-2 rounded-control px-1.5 font-semibold tracking-tight">
                <Logo/>
                <span class="max-sm:sr-only">"Taskyard"</span>
            </a>
            <RegionSelect region/>
            <div class="ml-auto flex items-center gap-1">
                <a href=derive(move || Route::Admin(region.get(), AdminPage::Search).path()) class=BAR_BUTTON aria-label=t!("Search")>
                    <Icon glyph=Glyph::Search/>
                </a>
                <ZoneMenu region/>
                <ThemeMenu/>
                <LanguageMenu/>
                <UserMenu region/>
            </div>
        </header>
    }
    .erase()
}

/// A choice sends the form at once; without scripts the button does (C-02).
#[component]
fn RegionSelect(region: Memo<Region>) -> impl IntoView {
    let regions = use_bootstrap().regions;
    let path = use_location().pathname;
    let choose = move |event: ev::Event| {
        use leptos::wasm_bindgen::JsCast;
        let select = event.target().and_then(|target| target.dyn_into::<leptos::web_sys::HtmlSelectElement>().ok());
        if let Some(form) = select.and_then(|select| select.form()) {
            _ = form.submit();
        }
    };
    view! {
        <form method="get" action=REGION_SWITCH class="flex min-w-0 items-center gap-1 border-l border-bar-line pl-2">
            <input type="hidden" name="from" value=path/>
            <label class="flex min-w-0 items-center gap-1.5">
                <span class="text-meta text-bar-muted max-sm:sr-only">{t!("Region")}</span>
                <select
                    name="region"
                    class="select-arrow h-8 min-w-0 rounded-control bg-bar pl-1.5 pr-6 font-medium text-bar-ink hover:bg-bar-hover"
                    on:change=choose
                >
                    {regions
                        .into_iter()
                        .map(|option| {
                            let words = option.to_string();
                            view! {
                                <option value=words.clone() selected=derive(move || region.get() == option)>
                                    {words.clone()}
                                </option>
                            }
                            .erase()
                        })
                        .collect::<Vec<_>>()}
                </select>
            </label>
            // Where scripts run, its content is text to the browser: it must not be hydrated.
            <noscript inner_html=format!(r#"<button type="submit" class="{GO}">{}</button>"#, t!("Go"))></noscript>
        </form>
    }
    .erase()
}

#[component]
fn ThemeMenu() -> impl IntoView {
    let chosen = RwSignal::new(use_bootstrap().theme);
    let glyph = derive(move || match chosen.get() {
        Theme::System => Glyph::Screen,
        Theme::Light => Glyph::Sun,
        Theme::Dark => Glyph::Moon,
    });
    let show = move |theme: Theme| {
        chosen.set(theme);
        if let Some(root) = document().document_element() {
            _ = root.set_attribute("data-theme", theme.as_str());
        }
    };
    view! {
        <Popover id="theme-menu" label=t!("Theme") class=BAR_BUTTON button=view! { <Icon glyph/> }.erase()>
            {Theme::ALL
                .into_iter()
                .map(|theme| {
                    let pressed = move || if chosen.get() == theme { "true" } else { "false" };
                    view! {
                        <PostForm path=SetTheme::PATH class="contents">
                            <input type="hidden" name="theme" value=theme.as_str()/>
                            <button type="submit" class=ENTRY aria-pressed=pressed on:click=move |_| show(theme)>
                                <span class="w-4">
                                    {dynamic(move || (chosen.get() == theme).then(|| view! { <Icon glyph=Glyph::Check class="size-3.5"/> }.erase()))}
                                </span>
                                {theme.label()}
                            </button>
                        </PostForm>
                    }
                    .erase()
                })
                .collect::<Vec<_>>()}
        </Popover>
    }
    .erase()
}

/// A plain post even where scripts run: the page that follows has the zone from its first paint.
#[component]
fn ZoneMenu(region: Memo<Region>) -> impl IntoView {
    let chosen = use_bootstrap().zone;
    let label = t!("Time zone: {zone}", zone = chosen.label());
    let button = view! { <span class="text-meta whitespace-nowrap">{chosen.short()}</span> }.erase();
    let mut offered = vec![Zone::Utc, Zone::Browser];
    if !offered.contains(&chosen) {
        offered.push(chosen.clone());
    }
    view! {
        // Narrow screens have the settings behind the user's menu.
        <span class="max-sm:hidden">
            <Popover id="zone-menu" label class=BAR_BUTTON button>
                <form method="post" action=SetTimeZone::PATH>
                    {offered
                        .into_iter()
                        .map(|zone| {
                            let pressed = if zone == chosen { "true" } else { "false" };
                            view! {
                                <button type="submit" name="zone" value=zone.as_str().to_owned() class=ENTRY aria-pressed=pressed>
                                    {zone.label()}
                                </button>
                            }
                            .erase()
                        })
                        .collect::<Vec<_>>()}
                </form>
                <a href=derive(move || Route::Admin(region.get(), AdminPage::Settings).path()) class=ENTRY>
                    {t!("Another…")}
                </a>
            </Popover>
        </span>
    }
    .erase()
}

/// Links, because what the browser has loaded speaks one language.
#[component]
fn LanguageMenu() -> impl IntoView {
    let chosen = use_bootstrap().language;
    let button =
        view! { <span class="text-meta whitespace-nowrap" lang=chosen.as_str()>{if chosen == Language::English { "EN" } else { "中文" }}</span> }.erase();
    view! {
        <Popover id="language-menu" label=t!("Language") class=BAR_BUTTON button>
            <LanguageLinks class=ENTRY/>
        </Popover>
    }
    .erase()
}

/// A link for each language, to the page as it is.
#[component]
pub(crate) fn LanguageLinks(
    /// Classes of a link.
    class: &'static str,
) -> impl IntoView {
    let chosen = use_bootstrap().language;
    Language::ALL
        .into_iter()
        .map(|language| {
            let tag = language.as_str();
            let current = (language == chosen).then_some("true");
            view! {
                <a href=format!("{LANGUAGE_SWITCH}?{LANGUAGE_PARAMETER}={tag}") rel="external" lang=tag aria-current=current class=class>
                    {language.label()}
                </a>
            }
            .erase()
        })
        .collect::<Vec<_>>()
}

#[component]
fn UserMenu(region: Memo<Region>) -> impl IntoView {
    let user = use_bootstrap().user.unwrap_or_default();
    let live = use_live_control();
    let own = AdminPage::User(user.clone());
    let button = view! {
        <Icon glyph=Glyph::User/>
        <span class="max-w-32 truncate max-sm:sr-only">{user.clone()}</span>
    }
    .erase();
    view! {
        <Popover id="user-menu" label=t!("User {name}", name = user) class=BAR_BUTTON button>
            <p class="px-2.5 py-1.5 text-meta text-muted">{t!("Signed in as ")} <strong class="font-medium text-ink">{user.clone()}</strong></p>
            <a href=derive(move || Route::Admin(region.get(), own.clone()).path()) class=ENTRY>
                {t!("Account")}
            </a>
            <a href=derive(move || Route::Admin(region.get(), AdminPage::Settings).path()) class=ENTRY>
                {t!("Settings")}
            </a>
            // A plain post even where scripts run: the page that follows starts from nothing.
            <form method="post" action=SignOut::PATH on:submit=move |_| live.sign_out()>
                <button type="submit" class=ENTRY>
                    {t!("Sign out")}
                </button>
            </form>
        </Popover>
    }
    .erase()
}
