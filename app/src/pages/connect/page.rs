use super::api::{Connected, Connection as ReadConnection, Setup};
use crate::reactive::{Load, use_data};
use crate::routes::{AdminPage, Route};
use crate::ui::{CodeBlock, Copy, CopyText, Erase, Fact, Facts, Hint, LinkButton, PageHead, Panel, TextLink};
use leptos::prelude::*;
use model::Region;

/// `/{region}/connect`.
#[component]
pub(crate) fn Connect(region: Region) -> impl IntoView {
    let connected = {
        let region = region.clone();
        use_data(move || ReadConnection { region: region.clone() })
    };
    let keys = Route::Admin(region.clone(), AdminPage::AccessKeys).path();
    let of_head = keys.clone();
    view! {
        <PageHead title=t!("Connect") within=region.to_string() subtitle=t!("Programs written for Function Compute work here once their client has this address and a key.")>
            <LinkButton href=of_head>{t!("Access Keys")}</LinkButton>
        </PageHead>
        <Load
            data=connected
            view={move |connected: ReadSignal<Connected>| {
                let (connected, region, keys) = (connected.get_untracked(), region.clone(), keys.clone());
                view! { <Shown connected region keys/> }.erase()
            }}
        />
    }
    .erase()
}

#[component]
fn Shown(connected: Connected, region: Region, keys: String) -> impl IntoView {
    let Connected { endpoint, account_id, default_region, setups } = connected;
    let elsewhere = (region != default_region).then(|| {
        let words = t!("A call that names no region goes to {default_region}. Calls for {region} need the header ", default_region, region);
        let header = format!("X-Fc-Region: {region}");
        view! { <Hint>{words}<code class="font-mono">{header}</code>{t!(", which the command line sends by itself.")}</Hint> }.erase()
    });
    let region = region.to_string();
    view! {
        <div class="max-w-4xl space-y-4">
            <Panel>
                <Facts>
                    <Fact name=t!("Endpoint") double=true><CopyText text=endpoint what=t!("endpoint")/></Fact>
                    <Fact name=t!("Region")><CopyText text=region what=t!("region")/></Fact>
                    <Fact name=t!("Account ID") double=true><CopyText text=account_id what=t!("account ID")/></Fact>
                </Facts>
                <p class="mt-4 max-w-prose text-muted [&_a]:underline">
                    {t!("The programs below read the key from ")} <code class="font-mono text-ink">"ALIBABA_CLOUD_ACCESS_KEY_ID"</code> {t!(" and ")}
                    <code class="font-mono text-ink">"ALIBABA_CLOUD_ACCESS_KEY_SECRET"</code> {t!(". A key is made on the page ")}
                    <TextLink href=keys>{t!("Access Keys")}</TextLink> {t!(".")}
                </p>
            </Panel>
            {elsewhere}
            {setups.into_iter().map(|setup| view! { <Client setup/> }.erase()).collect::<Vec<_>>()}
        </div>
    }
    .erase()
}

#[component]
fn Client(setup: Setup) -> impl IntoView {
    let Setup { title, install, code } = setup;
    let copied = code.clone();
    let what = t!("{title} setup", title);
    let label = title.clone();
    let copy = move || view! { <Copy text=copied.clone() what=what.clone()/> }.erase();
    view! {
        <Panel title actions=std::sync::Arc::new(copy)>
            <div class="space-y-3">
                {(!install.is_empty()).then(|| view! { <CopyText text=install what=t!("{label} install command", label)/> }.erase())}
                <CodeBlock text=code label/>
            </div>
        </Panel>
    }
    .erase()
}
