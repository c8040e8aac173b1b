//! The way to the instance that runs a task (C-24).

use super::actions::row_button;
use super::record::Record;
use crate::permission;
use crate::reactive::memo;
use crate::routes::{FunctionPage, Route};
use crate::ui::{Erase, Glyph, Icon, Look, dynamic};
use leptos::prelude::*;
use model::{FunctionRef, TaskId, TaskStatus};

/// A link to the terminal of the task's instance. Where there is none it stays reachable and says why.
#[component]
pub(super) fn LogOn(
    function: FunctionRef,
    id: TaskId,
    record: Signal<Record>,
    /// True shows its words too.
    #[prop(optional)]
    wide: bool,
) -> impl IntoView {
    let label = t!("Log on to Instance {id}", id);
    let class = if wide { Look::Plain.classes() } else { row_button(Glyph::Terminal) };
    let denied = permission::refusal(permission::LOG_ON);
    let is_denied = denied.is_some();
    let refusal = denied.unwrap_or_else(|| t!("Only running tasks have an instance to log on to.").to_owned());
    let page = memo(move || {
        let record = record.read();
        let is_running = matches!(record.status, TaskStatus::Running | TaskStatus::Stopping);
        record
            .instance_id
            .clone()
            .filter(|_| is_running && !is_denied)
            .map(|instance| Route::Function(function.clone(), FunctionPage::Terminal(instance)).path())
    });
    dynamic(move || {
        let page = page.get();
        let is_refused = page.is_none();
        let title = if is_refused { refusal.clone() } else { t!("Log on to Instance").to_owned() };
        // The page has another frame and other files: the browser loads it by itself.
        view! {
            <a
                href=page
                rel=(!is_refused).then_some("external")
                role=is_refused.then_some("link")
                tabindex=is_refused.then_some("0")
                aria-disabled=is_refused.then_some("true")
                class=class.clone()
                aria-label=label.clone()
                title=title
            >
                {wide.then(|| view! { <Icon glyph=Glyph::Terminal class="size-3.5"/> {t!("Log on to Instance")} }.erase())}
            </a>
        }
        .erase()
    })
}
