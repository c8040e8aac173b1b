use super::api::{PolicyCalls, Setup, SubmissionCalls, TaskCalls, TaskPrograms};
use crate::reactive::{Load, use_data, use_still_data};
use crate::ui::{CodeBlock, Copy, CopyText, Erase, dynamic};
use leptos::prelude::*;
use model::{FunctionRef, TaskRef};

/// What a task's page shows, and its submission, as programs.
#[component]
pub(crate) fn CopyTaskAs(task: TaskRef) -> impl IntoView {
    let found = use_still_data(move || TaskCalls { task: task.clone() });
    let view = |calls: ReadSignal<TaskPrograms>| {
        let TaskPrograms { read, submit } = calls.get_untracked();
        view! {
            <Programs title=t!("Read this task") programs=read/>
            {(!submit.is_empty()).then(|| view! { <Programs title=t!("Submit its input again") programs=submit/> }.erase())}
        }
        .erase()
    };
    view! { <Folded><Load data=found rows=2 view/></Folded> }.erase()
}

/// The submission of a function's saved event as programs.
#[component]
pub(crate) fn CopySubmissionAs(function: FunctionRef) -> impl IntoView {
    let found = use_still_data(move || SubmissionCalls { function: function.clone() });
    let view = |calls: ReadSignal<Vec<Setup>>| {
        view! {
            <p class="text-muted">
                {t!("With a generated ID, at once. The header ")}<code class="font-mono">"X-Fc-Stateful-Async-Invocation-Id"</code>
                {t!(" names another ID, ")}<code class="font-mono">"X-Fc-Async-Delay"</code>{t!(" a delay in seconds.")}
            </p>
            <Programs title=t!("Submit a task") programs=calls.get_untracked()/>
        }
        .erase()
    };
    view! { <Folded><Load data=found rows=2 view/></Folded> }.erase()
}

/// The policy of a function's asynchronous invocations as programs that set it (C-29).
#[component]
pub(crate) fn CopyPolicyAs(function: FunctionRef, qualifier: Memo<String>) -> impl IntoView {
    let found = use_data(move || PolicyCalls { function: function.clone(), qualifier: qualifier.get() });
    let view = |calls: ReadSignal<Vec<Setup>>| {
        view! {
            <p class="text-muted">{t!("Sets what is in force now; members that are left out stay as they are.")}</p>
            {dynamic(move || view! { <Programs title=t!("Set this policy") programs=calls.get()/> }.erase())}
        }
        .erase()
    };
    view! { <Folded><Load data=found rows=2 view/></Folded> }.erase()
}

/// Out of sight until it is wanted; the browser opens it, with and without scripts.
#[component]
fn Folded(children: Children) -> impl IntoView {
    view! {
        <details class="rounded-panel border border-line bg-surface">
            <summary class="cursor-pointer px-4 py-2.5 font-medium">{t!("Copy as")}</summary>
            <div class="space-y-4 border-t border-line p-4">
                {children()}
                <p class="text-meta text-muted">
                    {t!("The key is read from ")} <code class="font-mono">"ALIBABA_CLOUD_ACCESS_KEY_ID"</code> {t!(" and ")}
                    <code class="font-mono">"ALIBABA_CLOUD_ACCESS_KEY_SECRET"</code> {t!(".")}
                </p>
            </div>
        </details>
    }
    .erase()
}

#[component]
fn Programs(title: &'static str, programs: Vec<Setup>) -> impl IntoView {
    let program = |setup: Setup| {
        let Setup { title: client, install, code } = setup;
        let label = format!("{title} – {client}");
        view! {
            <div class="space-y-2">
                <div class="flex items-center gap-1">
                    <p class="text-meta font-medium">{client.clone()}</p>
                    <Copy text=code.clone() what=label.clone()/>
                </div>
                {(!install.is_empty()).then(|| view! { <CopyText text=install what=t!("{label} install command", label)/> }.erase())}
                <CodeBlock text=code label/>
            </div>
        }
        .erase()
    };
    view! {
        <section class="space-y-3" aria-label=title>
            <p class="font-semibold">{title}</p>
            {programs.into_iter().map(program).collect::<Vec<_>>()}
        </section>
    }
    .erase()
}
