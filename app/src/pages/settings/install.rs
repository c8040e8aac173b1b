use super::api::{Install, ReadInstall};
use crate::pages::create_function::runtime_label;
use crate::reactive::{Load, use_still_data};
use crate::ui::table::{CELL, Column, NAMING, ROW, column};
use crate::ui::{CopyText, Erase, Fact, Facts, Panel, Table};
use leptos::prelude::*;
use model::InstalledRuntime;

const COLUMNS: &[Column] = &[column("Setting"), column("Value"), column("Flag")];

/// What a flag of `taskyard serve` sets.
fn label(flag: &str) -> &'static str {
    match flag {
        "--database-url" => t!("Store"),
        "--max-tasks" => t!("Tasks that this server runs at once"),
        "--max-instances" => t!("Instances on this server"),
        "--region-instances" => t!("Instances of a region"),
        "--stop-grace" => t!("Time that stopped code has to end"),
        "--drain-timeout" => t!("Time that running tasks have when the server ends"),
        "--retention-days" => t!("How long records and logs are kept"),
        "--strict-runtimes" => t!("Runtimes that are not installed exactly"),
        "--webhook-targets" => t!("Where webhooks may lead"),
        "--containment" => t!("Containment of functions"),
        "--container-pull" => t!("Images that are not there"),
        "--clock-skew" => t!("How far a signed request's date may lie off"),
        "--replay-protection" => t!("Signed requests that come twice"),
        _ => "",
    }
}

/// The install's names and what its server was started with; read-only, since the server has to be started anew for a change.
#[component]
pub(super) fn InstallFacts() -> impl IntoView {
    let install = use_still_data(|| ReadInstall {});
    view! {
        <Load data=install rows=8 view={move |install: ReadSignal<Install>| view! { <Shown install=install.get_untracked()/> }.erase()}/>
    }
    .erase()
}

#[component]
fn Shown(install: Install) -> impl IntoView {
    let Install { regions, account_id, flags, runtimes } = install;
    let regions = regions.iter().map(|region| region.as_str()).collect::<Vec<_>>().join(t!(", "));
    let row = |(flag, value): (String, String)| {
        view! {
            <tr role="row" class=ROW>
                <td role="cell" class=format!("{NAMING} {CELL}")>{label(&flag)}</td>
                <td role="cell" data-label=t!("Value") class=CELL>{value}</td>
                <td role="cell" data-label=t!("Flag") class=CELL><code class="font-mono text-meta text-muted">{flag.clone()}</code></td>
            </tr>
        }
        .erase()
    };
    let rows = flags.into_iter().map(row).collect::<Vec<_>>();
    let runtime = |runtime: InstalledRuntime| view! { <li>{runtime_label(&runtime)}</li> }.erase();
    let runtimes = runtimes.into_iter().map(runtime).collect::<Vec<_>>();
    view! {
        <div class="space-y-4">
            <Panel title=t!("Install") narrow=true>
                <Facts>
                    <Fact name=t!("Account ID") double=true><CopyText text=account_id what=t!("account ID")/></Fact>
                    <Fact name=t!("Regions") wide=true>{regions}</Fact>
                    <Fact name=t!("Runtimes") wide=true><ul class="grid gap-x-6 sm:grid-cols-2">{runtimes}</ul></Fact>
                </Facts>
            </Panel>
            <section class="space-y-2">
                <h2 class="text-head font-semibold">{t!("Server")}</h2>
                <p class="text-muted">{t!("Set by flags of ")} <code class="font-mono text-ink">"taskyard serve"</code> {t!("; a change needs a new start.")}</p>
                <Table caption=t!("Server") columns=COLUMNS>{rows}</Table>
            </section>
        </div>
    }
    .erase()
}

#[cfg(test)]
mod tests {
    #[test]
    fn sc26_unknown_flags_have_no_words() {
        assert_eq!(super::label("--max-tasks"), "Tasks that this server runs at once");
        assert_eq!(super::label("--secret"), "");
    }
}
