#[cfg(feature = "ssr")]
use super::super::http_input;
use super::super::http_input::RequestSetup;
use crate::error::Result;
use leptos::prelude::*;
use model::{FunctionName, FunctionRef, Region, ServiceName};
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

/// What a submission says of itself when task mode is off (SC-13).
pub(super) fn task_mode_off() -> &'static str {
    t!("Task mode is off for this function.")
}

/// What the submission form shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// Names this opening of the form, so that a form sent twice makes one task.
    pub once: String,
    /// Method and path of the request that is sent; empty for an event.
    pub request: String,
    /// Bytes of the event that is sent, or of the request's body.
    pub event_bytes: u64,
    /// Of `LATEST`.
    pub task_mode: bool,
}

/// What the submission form shows.
#[server(input = Json)]
pub async fn submission_facts(function: FunctionRef) -> Result<Submission> {
    let (console, _) = crate::server::signed_in()?;
    let (input, http) = read::input(&console, &function).await?;
    let request = http.map(|http| format!("{} {}", http.method, http.path)).unwrap_or_default();
    let task_mode = super::api::read::async_config(&console, &function).await?.is_some_and(|config| config.task_mode());
    Ok(Submission { once: console.request_id.to_string(), request, event_bytes: input.len() as u64, task_mode })
}

/// Submits a task with the saved parameters and leads to the list (C-17…C-19).
#[server]
pub async fn submit_task(
    region: Region,
    service: ServiceName,
    function: FunctionName,
    once: String,
    id_method: String,
    task_id: String,
    execution: String,
    delay_s: String,
) -> Result<()> {
    use crate::{notice::Notice, routes::FunctionPage, routes::Route, server};
    let (console, user) = server::signed_in()?;
    let function = FunctionRef { region, service, function };
    let age_s = read::lifetime_s(&console, &function).await?;
    let wish = read::Wish::read(&id_method, &task_id, &execution, &delay_s, age_s)?;
    let id = read::submit(&console, user, &function, &once, wish).await?;
    let pairs = [("notice", Notice::TaskSubmitted.as_str()), ("task", id.as_str())];
    server::redirect(&Route::Function(function, FunctionPage::Tasks).with_query(&pairs));
    Ok(())
}

/// What submissions send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Parameters {
    Event(String),
    Request(RequestSetup),
}

/// What submissions send.
#[server(input = Json)]
pub async fn task_parameters(function: FunctionRef) -> Result<Parameters> {
    let (console, _) = crate::server::signed_in()?;
    if let Some(setup) = http_input::saved(&console, &function).await? {
        return Ok(Parameters::Request(setup));
    }
    let saved = console.control.get_task_parameters(&function).await?;
    Ok(Parameters::Event(saved.unwrap_or_else(|| super::parameters::DEFAULT_EVENT.to_owned())))
}

/// Saves the event that later submissions send; leads to the submission form when `next` is `submit`, else to the list (C-20).
#[server]
pub async fn save_task_parameters(region: Region, service: ServiceName, function: FunctionName, event: String, next: String) -> Result<()> {
    use crate::{notice::Notice, routes::FunctionPage, routes::Route, server};
    let (console, _) = server::signed_in()?;
    let function = FunctionRef { region, service, function };
    // Browsers send line ends of forms as two bytes; the event has what was typed.
    let event = event.replace("\r\n", "\n");
    read::check_size(event.len()).map_err(|error| error.at_field("event"))?;
    console.control.put_task_parameters(&function, event).await?;
    let page = if next == "submit" { FunctionPage::SubmitTask } else { FunctionPage::Tasks };
    server::redirect(&Route::Function(function, page).with_notice(Notice::ParametersSaved));
    Ok(())
}

/// The same for the request of an HTTP function (C-22).
#[server]
pub async fn save_http_parameters(
    region: Region,
    service: ServiceName,
    function: FunctionName,
    method: String,
    path: String,
    query: String,
    headers: String,
    content_type: String,
    body: String,
    next: String,
) -> Result<()> {
    use crate::{notice::Notice, routes::FunctionPage, routes::Route, server};
    let (console, _) = server::signed_in()?;
    let function = FunctionRef { region, service, function };
    let request = http_input::parameters([method, path, query, headers, content_type, body])?;
    console.control.put_http_parameters(&function, request).await?;
    let page = if next == "submit" { FunctionPage::SubmitTask } else { FunctionPage::Tasks };
    server::redirect(&Route::Function(function, page).with_notice(Notice::ParametersSaved));
    Ok(())
}

#[cfg(feature = "ssr")]
pub(super) mod read {
    use super::*;
    use crate::error::ConsoleError;
    use crate::forms::Checks;
    use crate::server::Console;
    use model::{AsyncConfig, ErrorCode, HttpRequest, Origin, Qualifier, RequestId, SubmitRequest, TaskId, TaskRef, limits};
    use std::hash::{DefaultHasher, Hash, Hasher};

    /// When and under which id a task shall run.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct Wish {
        /// `None` leaves the id to the system.
        pub task_id: Option<TaskId>,
        pub delay_s: u64,
    }

    impl Wish {
        /// Reads the form; the error names every wrong field with the words of SC-13.
        pub fn read(id_method: &str, task_id: &str, execution: &str, delay_s: &str, lifetime_s: u64) -> Result<Self> {
            let mut checks = Checks::default();
            let mut wish = Self::default();
            if id_method == "custom" {
                match TaskId::parse_custom(task_id) {
                    Ok(id) => wish.task_id = Some(id),
                    Err(_) => {
                        checks.fail("task_id", t!("Start with a letter or _; use letters, digits, _ and -; at most 128 characters."));
                    }
                }
            }
            if execution == "delay" {
                wish.delay_s = checks.number("delay_s", delay_s, 1, limits::ASYNC_DELAY_S_MAX, t!("Enter 1 to 3600 seconds."));
                if wish.delay_s >= lifetime_s {
                    let text = t!("The delay must be shorter than the message lifetime ({lifetime_s} s).", lifetime_s);
                    checks.fail("delay_s", text);
                }
            }
            checks.finish()?;
            Ok(wish)
        }
    }

    /// Seconds that a task may wait. Fails when task mode is off.
    pub async fn lifetime_s(console: &Console, function: &FunctionRef) -> Result<u64> {
        let config = super::super::api::read::async_config(console, function).await?.filter(AsyncConfig::task_mode);
        config.map(|config| config.event_age_s()).ok_or_else(|| ConsoleError::new(ErrorCode::InvalidArgument, task_mode_off()))
    }

    /// Fails when the event of a submission is too large.
    pub fn check_size(bytes: usize) -> Result<()> {
        let most = limits::ASYNC_PAYLOAD_BYTES_MAX;
        if bytes <= most {
            return Ok(());
        }
        let text = t!("The input is {bytes} bytes. The limit for asynchronous invocations is {most} bytes.", bytes, most);
        Err(ConsoleError::new(ErrorCode::EntityTooLarge, text))
    }

    /// The saved event, or body and head of the saved request to an HTTP function.
    pub async fn input(console: &Console, function: &FunctionRef) -> Result<(String, Option<HttpRequest>)> {
        if let Some(RequestSetup { request, .. }) = http_input::saved(console, function).await? {
            let head = http_input::request(&request, function, &Qualifier::latest());
            return Ok((request.body, Some(head)));
        }
        let event = console.control.get_task_parameters(function).await?;
        Ok((event.unwrap_or_else(|| super::super::parameters::DEFAULT_EVENT.to_owned()), None))
    }

    /// Submits; the same form sent again finds the task that it made the first time.
    pub async fn submit(console: &Console, user: String, function: &FunctionRef, once: &str, wish: Wish) -> Result<TaskId> {
        let (payload, http) = input(console, function).await?;
        check_size(payload.len())?;
        let request_id = request_id_of(once, wish.task_id.as_ref());
        let id = wish.task_id.clone().unwrap_or_else(|| TaskId::from_stored(request_id.as_str()));
        let request = SubmitRequest {
            function: function.clone(),
            qualifier: Qualifier::latest(),
            request_id: request_id.clone(),
            task_id: wish.task_id.map(|id| id.to_string()),
            force_task: false,
            delay_s: wish.delay_s,
            payload: payload.into_bytes(),
            http,
            origin: Origin::Console { user },
        };
        let sent = console.control.submit(request).await.map(drop);
        once_only(console, function.task(id), &request_id, sent).await
    }

    /// The id of what was submitted under this request id: the same form sent again finds the task that it made the first time.
    pub async fn once_only(console: &Console, task: TaskRef, request_id: &RequestId, sent: model::Result<()>) -> Result<TaskId> {
        match sent {
            Ok(()) => Ok(task.id),
            Err(error) if error.code == ErrorCode::StatefulAsyncInvocationAlreadyExists => {
                let earlier = console.control.get_task(&task).await;
                if earlier.is_ok_and(|earlier| earlier.request_id == *request_id) {
                    return Ok(task.id);
                }
                let text = t!("A task with this ID already exists. Nothing was submitted.");
                Err(ConsoleError::new(error.code, "").with_field("task_id", text))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// One request id for one opening of the form and one chosen id, in the form of a UUID (version 8).
    pub fn request_id_of(once: &str, id: Option<&TaskId>) -> RequestId {
        let half = |salt: u8| {
            let mut hasher = DefaultHasher::new();
            (salt, once, id).hash(&mut hasher);
            hasher.finish()
        };
        let (high, low) = (half(0) & !0xf000 | 0x8000, half(1) & !(0b11 << 62) | 1 << 63);
        let text = format!("{high:016x}{low:016x}");
        let part = |range| text.get(range).unwrap_or_default();
        RequestId::from_stored(format!("{}-{}-{}-{}-{}", part(0..8), part(8..12), part(12..16), part(16..20), part(20..32)))
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn sc13_wishes_are_checked_field_by_field() {
            let check = |[id_method, task_id, execution, delay_s]: [&str; 4],
                         expected: std::result::Result<(Option<&str>, u64), &[&str]>| {
                let found = Wish::read(id_method, task_id, execution, delay_s, 1_800);
                let found = found.as_ref().map(|wish| (wish.task_id.as_ref().map(TaskId::as_str), wish.delay_s));
                let found = found.map_err(|error| error.fields.iter().map(|field| field.message.as_str()).collect::<Vec<_>>());
                assert_eq!(found, expected.map_err(<[&str]>::to_vec), "{id_method} {task_id} {execution} {delay_s}");
            };
            const ID: &str = "Start with a letter or _; use letters, digits, _ and -; at most 128 characters.";
            const DELAY: &str = "Enter 1 to 3600 seconds.";
            check(["auto", "1 bad", "now", "bad"], Ok((None, 0)));
            check(["custom", "job-7", "delay", " 60 "], Ok((Some("job-7"), 60)));
            check(["custom", "1task", "delay", "0"], Err(&[ID, DELAY]));
            check(["custom", "", "now", ""], Err(&[ID]));
            check(["auto", "", "delay", "3601"], Err(&[DELAY]));
            check(["auto", "", "delay", "1799"], Ok((None, 1_799)));
            check(["auto", "", "delay", "1800"], Err(&["The delay must be shorter than the message lifetime (1800 s)."]));
        }

        #[test]
        fn one_form_and_one_id_make_one_request_id() {
            let id = TaskId::from_stored("job-7");
            let of = |once: &str, id: Option<&TaskId>| request_id_of(once, id).to_string();
            assert_eq!(of("a", Some(&id)), of("a", Some(&id)));
            assert_ne!(of("a", Some(&id)), of("b", Some(&id)));
            assert_ne!(of("a", Some(&id)), of("a", None));
            let text = of("a", None);
            assert_eq!(text.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
            assert!(text.split('-').nth(2).is_some_and(|part| part.starts_with('8')), "{text}");
        }
    }
}
