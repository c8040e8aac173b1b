//! The way to the instance that runs a task (C-24).

use super::record::Record;
use crate::permission;
use crate::reactive::memo;
use crate::routes::{FunctionPage, Route};
use crate::ui::{DRAWN, Erase, Glyph, Icon, dynamic};
use leptos::prelude::*;
use model::{FunctionRef, TaskId, TaskStatus};

/// A link to the terminal of the task's instance. Where there is none it stays reachable and says why.
#[component]
pub(super) fn LogOn(function: FunctionRef, id: TaskId, record: Signal<Record>) -> impl IntoView {
    let label = t!("Log on to Instance {id}", id);
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
        match page.get() {
            // The page has another frame and other files: the browser loads it by itself.
            Some(page) => view! {
                <a href=page rel="external" class=DRAWN aria-label=label.clone() title=t!("Log on to Instance")>
                    <Icon glyph=Glyph::Terminal class="size-3.5"/>
                </a>
            }
            .erase(),
            None => view! {
                <a role="link" tabindex="0" aria-disabled="true" class=DRAWN aria-label=label.clone() title=refusal.clone()>
                    <Icon glyph=Glyph::Terminal class="size-3.5"/>
                </a>
            }
            .erase(),
        }
    })
}
