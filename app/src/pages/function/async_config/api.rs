use crate::error::Result;
use leptos::prelude::*;
use model::{AsyncConfig, FunctionName, FunctionRef, Region, ServiceName};
use server_fn::codec::Json;

/// The configuration of a qualifier, an empty one being `LATEST`; `None` while the default is in use.
#[server(input = Json)]
pub async fn async_policy(function: FunctionRef, qualifier: String) -> Result<Option<AsyncConfig>> {
    use model::{ErrorCode, Qualifier};
    let (console, _) = crate::server::signed_in()?;
    let qualifier = Qualifier::parse(&qualifier)?;
    console.control.get_function_at(&function, &qualifier).await?;
    match console.control.get_async_config(&function, &qualifier).await {
        Ok(config) => Ok(Some(config)),
        Err(error) if error.code == ErrorCode::AsyncConfigNotExists => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Changes the destinations of a qualifier (C-67).
#[server]
pub async fn modify_destinations(
    region: Region,
    service: ServiceName,
    function: FunctionName,
    qualifier: String,
    on_success: String,
    on_failure: String,
) -> Result<()> {
    use crate::{forms::Checks, notice::Notice, server};
    use model::{AsyncConfigPatch, Destination, Qualifier};
    let (console, _) = server::signed_in()?;
    let function = FunctionRef { region, service, function };
    let of = Qualifier::parse(&qualifier)?;
    let (on_success, on_failure) = (on_success.trim().to_owned(), on_failure.trim().to_owned());
    let mut checks = Checks::default();
    let mut notice = Notice::DestinationsSaved;
    for (field, text) in [("on_success", &on_success), ("on_failure", &on_failure)] {
        match Destination::parse(text, &function.region) {
            _ if text.is_empty() => {}
            Ok(Destination::Function { function: target, .. }) if target == function => {
                checks.fail(field, t!("A function cannot be its own destination."));
            }
            Ok(Destination::Function { function: target, qualifier }) => {
                if console.control.get_function(&target).await.is_err() {
                    let text = t!(
                        "There is no function {function} in the service {service}.",
                        function = target.function,
                        service = target.service
                    );
                    checks.fail(field, text);
                }
                if leads_to(&console, &target, &qualifier, &function).await {
                    notice = Notice::DestinationsInCircle;
                }
            }
            Ok(Destination::Webhook(_)) => {}
            Err(error) => checks.refuse(field, model::Error { message: why(error.message), ..error }),
        }
    }
    checks.finish()?;
    let patch = AsyncConfigPatch { on_success: Some(on_success), on_failure: Some(on_failure), ..AsyncConfigPatch::default() };
    console.control.put_async_config(&function, &of, patch).await?;
    server::redirect(&tab_with_notice(function, &qualifier, notice));
    Ok(())
}

/// Why a text is no destination, without what the API adds to it: the form has the text itself, and says what is allowed.
#[cfg(feature = "ssr")]
fn why(message: String) -> String {
    let found = message.strip_prefix("Destination is set to an invalid value: ").and_then(|rest| rest.rsplit_once(" (allowed: "));
    found.map_or_else(|| message.clone(), |(why, _)| why.to_owned())
}

/// True when a task of `from` may be followed by one of `to`.
#[cfg(feature = "ssr")]
async fn leads_to(console: &crate::server::Console, from: &FunctionRef, qualifier: &model::Qualifier, to: &FunctionRef) -> bool {
    use model::Destination;
    let Ok(config) = console.control.get_async_config(from, qualifier).await else { return false };
    let mut targets = [config.on_success, config.on_failure].into_iter().flatten();
    targets.any(|text| matches!(Destination::parse(&text, &from.region), Ok(Destination::Function { function, .. }) if function == *to))
}

/// The tab of the same qualifier, which also says what was just done.
#[cfg(feature = "ssr")]
fn tab_with_notice(function: FunctionRef, qualifier: &str, notice: crate::notice::Notice) -> String {
    use crate::routes::{FunctionPage, Route};
    Route::Function(function, FunctionPage::AsyncConfig).with_query(&[("qualifier", qualifier), ("notice", notice.as_str())])
}

/// Changes task mode, retries and message lifetime of a qualifier (C-66).
#[server]
pub async fn modify_async_policy(
    region: Region,
    service: ServiceName,
    function: FunctionName,
    qualifier: String,
    task_mode: String,
    max_retries: String,
    max_lifetime: String,
) -> Result<()> {
    use crate::{forms::Checks, notice::Notice, server};
    use model::{AsyncConfigPatch, Qualifier, limits};
    let (console, _) = server::signed_in()?;
    let mut checks = Checks::default();
    let retries =
        checks.number("max_retries", &max_retries, 0, u64::from(limits::RETRY_ATTEMPTS_MAX), t!("Enter a whole number from 0 to 8."));
    let lifetime = checks.number("max_lifetime", &max_lifetime, 1, limits::EVENT_AGE_S_MAX, t!("Enter 1 to 2592000 seconds (30 days)."));
    checks.finish()?;
    let patch = AsyncConfigPatch {
        stateful_invocation: Some(task_mode == "enable"),
        max_retry_attempts: u32::try_from(retries).ok(),
        max_event_age_s: Some(lifetime),
        ..AsyncConfigPatch::default()
    };
    let function = FunctionRef { region, service, function };
    console.control.put_async_config(&function, &Qualifier::parse(&qualifier)?, patch).await?;
    server::redirect(&tab_with_notice(function, &qualifier, Notice::PolicySaved));
    Ok(())
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::language::{Language, message, within};
    use model::Destination;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    #[test]
    fn c67_the_form_says_why_without_what_it_shows_itself_and_in_both_languages() {
        let long = format!("https://{}", "a".repeat(model::limits::DESTINATION_BYTES_MAX));
        let wrong =
            ["nowhere", "acs:mns:::q", "acs:fc:r", "http://", "http://a b", "http://user:word@host/", "http://host/#part", long.as_str()];
        for text in wrong {
            let refused = Destination::parse(text, &model::Region::from_stored("r1")).unwrap_err().message;
            let why = why(refused.clone());
            assert!(
                refused.contains(&why) && !why.contains("invalid value") && !why.contains("allowed") && !why.contains("actual"),
                "{why}"
            );
            let said = pin!(within(Language::SimplifiedChinese, async { message(why.clone().into()) }))
                .poll(&mut Context::from_waker(Waker::noop()));
            assert!(matches!(&said, Poll::Ready(said) if *said != why), "no Chinese for {why}");
        }
        assert_eq!(why("another".to_owned()), "another");
    }
}
