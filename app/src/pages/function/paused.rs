//! Says over a function's pages that its tasks are held back (B-18).

use crate::error::Result;
use crate::navigation::use_location;
use crate::reactive::{Load, derive, use_data, use_poll};
use crate::ui::Erase;
use leptos::prelude::*;
use model::{FunctionRef, Region};
use server_fn::codec::Json;

/// Markup that says since when the tasks of the function are held back; empty while they are not. `back` is the page that it is on.
#[server(input = Json)]
pub async fn queue_notice(function: FunctionRef, back: String) -> Result<String> {
    let (console, _) = crate::server::signed_in()?;
    Ok(read::markup(&console, function.region.clone(), Some(function), &back).await)
}

/// Has the tasks of a region, or of a function where one is named, taken from the queue again.
#[server]
pub async fn resume_queue(
    region: Region,
    #[server(default)] service: String,
    #[server(default)] function: String,
    back: String,
) -> Result<()> {
    use crate::{routes, server};
    use model::{FunctionName, QueueScope, ServiceName};
    let (console, _) = server::signed_in()?;
    let scope = match (service.as_str(), function.as_str()) {
        ("", "") => QueueScope::Region(region),
        (service, function) => QueueScope::Function(FunctionRef {
            region,
            service: ServiceName::from_stored(service),
            function: FunctionName::from_stored(function),
        }),
    };
    console.control.resume_queue(&scope).await?;
    server::redirect(&routes::safe_next(&back));
    Ok(())
}

/// The notice over a page that has no data of its own with it.
#[component]
pub(crate) fn PausedNotice(function: FunctionRef) -> impl IntoView {
    let location = use_location();
    let notice = use_data(move || QueueNotice { function: function.clone(), back: location.pathname.get() });
    use_poll(Signal::stored(true), move || notice.refetch());
    view! { <Load data=notice rows=0 view={move |markup: ReadSignal<String>| view! { <div inner_html=derive(move || markup.get())></div> }.erase()}/> }.erase()
}

#[cfg(feature = "ssr")]
pub(crate) use read::markup as queue_markup;

#[cfg(feature = "ssr")]
mod read {
    use super::*;
    use crate::server::Console;
    use crate::ui::{Glyph, Icon, Look};
    use crate::zone;
    use model::{Action, QueueScope, Role, UnixMillis, format};
    use server_fn::ServerFn;

    /// The same for the tasks of a region, and of a function in it. What can't be read says nothing: the page itself tells why.
    pub(crate) async fn markup(console: &Console, region: Region, function: Option<FunctionRef>, back: &str) -> String {
        let mut notices = String::new();
        for scope in std::iter::once(QueueScope::Region(region)).chain(function.map(QueueScope::Function)) {
            let since = console.control.get_queue(&scope).await.ok().and_then(|queue| queue.paused_at);
            if let (Some(since), Some(user)) = (since, &console.user) {
                notices.push_str(&notice(&scope, since, user.role, back));
            }
        }
        notices
    }

    fn notice(scope: &QueueScope, since: UnixMillis, role: Role, back: &str) -> String {
        let (words, service, function) = match scope {
            QueueScope::Region(_) => (t!("The queues of the region have been paused since "), String::new(), String::new()),
            QueueScope::Function(of) => {
                (t!("The queue of the function has been paused since "), of.service.to_string(), of.function.to_string())
            }
        };
        let time = zone::in_words(since);
        let refusal = (!role.allows(Action::PutQueue))
            .then(|| t!("Needs {action}, which the role {role} does not include.", action = Action::PutQueue, role = role.as_str()));
        let field = |name: &'static str, value: String| view! { <input type="hidden" name=name value=value/> }.erase();
        view! {
            <div class="mb-3 flex flex-wrap items-center gap-x-4 gap-y-2 rounded-control border border-warn/40 bg-warn-tint px-3 py-2 text-warn">
                <p class="flex min-w-0 grow items-start gap-2">
                    <Icon glyph=Glyph::Pause class="mt-0.5 size-3.5"/>
                    <span class="min-w-0">
                        {words} <time class="tabular-nums whitespace-nowrap" datetime=format::rfc3339(since)>{time}</time>
                        {t!(". Tasks are still accepted, and wait.")}
                    </span>
                </p>
                <form method="post" action=ResumeQueue::PATH>
                    {field("region", scope.region().to_string())} {field("service", service)} {field("function", function)}
                    {field("back", back.to_owned())}
                    <button type="submit" class=Look::Plain.classes() disabled=refusal.is_some() title=refusal.clone()>{t!("Resume")}</button>
                </form>
            </div>
        }
        .erase()
        .to_html()
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use model::{FunctionName, ServiceName};

        #[test]
        fn b18_the_notice_says_since_when_and_who_may_resume() {
            let scope = QueueScope::Function(FunctionRef {
                region: Region::from_stored("r"),
                service: ServiceName::from_stored("s"),
                function: FunctionName::from_stored("f"),
            });
            let of = |role| Owner::new().with(|| notice(&scope, UnixMillis(1_795_521_665_002), role, "/r/tasks?a=\"><b>"));
            let operator = of(Role::Operator);
            assert!(
                operator.contains("2026-11-24 12:01:05") && operator.contains("resume_queue") && operator.contains("Resume"),
                "{operator}"
            );
            assert!(!operator.contains("<b>") && !operator.replace("disabled:", "").contains("disabled"), "{operator}");
            let viewer = of(Role::Viewer);
            assert!(
                viewer.contains("Needs fc:PutQueue, which the role viewer does not include.")
                    && viewer.replace("disabled:", "").contains("disabled"),
                "{viewer}"
            );
        }
    }
}
