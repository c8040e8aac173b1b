#[cfg(feature = "ssr")]
use super::super::http_input;
use super::super::http_input::RequestSetup;
use super::super::tasks::{ErrorText, Preview};
#[cfg(feature = "ssr")]
use crate::error::ConsoleError;
use crate::error::Result;
use leptos::prelude::*;
use model::{FunctionName, FunctionRef, HttpResponse, Region, RunFigures, ServiceName};
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

/// What the form begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setup {
    /// The saved task parameters.
    pub event: String,
    /// The saved request; `None` for an event function.
    pub request: Option<RequestSetup>,
    /// Versions and aliases: values and words.
    pub qualifiers: Vec<(String, String)>,
    /// Seconds that the function may take.
    pub timeout_s: u64,
}

/// What a call gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TestResult {
    /// `None` when the function succeeded.
    pub error: Option<ErrorText>,
    /// What the function returned.
    pub value: Preview,
    /// Status and headers of an HTTP function's answer.
    pub head: Option<HttpResponse>,
    /// The whole value within an address, where the preview is not all of it.
    pub file: Option<String>,
    /// The end of the log.
    pub log: String,
    pub duration_ms: i64,
    /// What the log's last line says; `None` when the code never ran.
    pub figures: Option<RunFigures>,
    pub request_id: String,
    pub instance_id: Option<String>,
    pub qualifier: String,
    /// Which interpreter stood in for the runtime.
    pub runtime_note: Option<String>,
}

/// The saved event, and what can be called. `asked` is the qualifier that the address names.
#[server(input = Json)]
pub async fn test_setup(function: FunctionRef, asked: String) -> Result<Setup> {
    use super::super::tasks::DEFAULT_EVENT;
    use crate::pages::qualifiers;
    let (console, _) = crate::server::signed_in()?;
    let timeout_s = console.control.get_function(&function).await?.spec.timeout_s;
    let event = console.control.get_task_parameters(&function).await?.unwrap_or_else(|| DEFAULT_EVENT.to_owned());
    let request = http_input::saved(&console, &function).await?;
    let qualifiers = qualifiers::choices(&console, &function.service_ref(), &asked).await?;
    Ok(Setup { event, request, qualifiers, timeout_s })
}

/// Calls a function and waits for its end. Whoever stops waiting stops the code too: this future is dropped then.
#[server]
pub async fn test_function(
    region: Region,
    service: ServiceName,
    function: FunctionName,
    qualifier: String,
    event: String,
) -> Result<TestResult> {
    use model::Qualifier;
    crate::server::signed_in()?;
    let payload = read::event(event)?;
    let qualifier = Qualifier::parse(&qualifier).map_err(|error| ConsoleError::from(error).at_field("qualifier"))?;
    read::invoke(FunctionRef { region, service, function }, qualifier, payload, None).await
}

/// The same with a request to an HTTP function.
#[server]
pub async fn test_http_function(
    region: Region,
    service: ServiceName,
    function: FunctionName,
    qualifier: String,
    method: String,
    path: String,
    query: String,
    headers: String,
    content_type: String,
    body: String,
) -> Result<TestResult> {
    use model::Qualifier;
    crate::server::signed_in()?;
    let parameters = http_input::parameters([method, path, query, headers, content_type, body])?;
    let qualifier = Qualifier::parse(&qualifier).map_err(|error| ConsoleError::from(error).at_field("qualifier"))?;
    let function = FunctionRef { region, service, function };
    let head = http_input::request(&parameters, &function, &qualifier);
    read::invoke(function, qualifier, parameters.body.into_bytes(), Some(head)).await
}

#[cfg(feature = "ssr")]
mod read {
    use super::*;
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;
    use model::{ErrorCode, HttpRequest, InvocationResult, InvokeRequest, Qualifier, limits};

    /// Calls a function for whoever is signed in.
    pub async fn invoke(function: FunctionRef, qualifier: Qualifier, payload: Vec<u8>, http: Option<HttpRequest>) -> Result<TestResult> {
        let (console, _) = crate::server::signed_in()?;
        let request = InvokeRequest { function, qualifier: qualifier.clone(), request_id: console.request_id.clone(), payload, http };
        let result = console.control.invoke(request).await.map_err(|error| match error.code {
            ErrorCode::VersionNotFound | ErrorCode::AliasNotFound => {
                ConsoleError::new(error.code, "").with_field("qualifier", t!("This version or alias does not exist any more."))
            }
            ErrorCode::TriggerNotFound => {
                let text = t!("The function has no HTTP trigger for this version or alias.");
                ConsoleError::new(error.code, "").with_field("qualifier", text)
            }
            _ => error.into(),
        })?;
        Ok(result_of(result, &qualifier, console.request_id.as_str()))
    }

    /// The event as it was typed: browsers send line ends of forms as two bytes. It is held to the size of what can be saved.
    pub fn event(typed: String) -> Result<Vec<u8>> {
        let event = typed.replace("\r\n", "\n").into_bytes();
        let most = limits::ASYNC_PAYLOAD_BYTES_MAX;
        if event.len() <= most {
            return Ok(event);
        }
        let text =
            t!("The event is {bytes} bytes. The console sends at most {most} bytes; the API takes up to 32 MB.", bytes = event.len(), most);
        Err(ConsoleError::new(ErrorCode::EntityTooLarge, text).at_field("event"))
    }

    /// What the page shows of a result.
    pub fn result_of(result: InvocationResult, qualifier: &Qualifier, request_id: &str) -> TestResult {
        let error = result.error.as_deref().map(|kind| ErrorText::read(kind, &String::from_utf8_lossy(&result.body)));
        let kept = if error.is_some() { &[] } else { result.body.get(..limits::RESULT_BYTES_MAX).unwrap_or(&result.body) };
        let value = Preview::of(kept, if error.is_some() { 0 } else { result.body.len() as u64 });
        let is_all = value.is_text && value.shown_bytes == value.kept_bytes;
        let file = (!is_all).then(|| format!("data:application/octet-stream;base64,{}", BASE64_STANDARD.encode(kept)));
        TestResult {
            error,
            value,
            head: result.http.filter(|_| result.error.is_none()),
            file,
            figures: RunFigures::of_log(&result.log_tail),
            log: result.log_tail,
            duration_ms: result.duration_ms,
            request_id: request_id.to_owned(),
            instance_id: result.instance_id.map(|id| id.to_string()),
            qualifier: qualifier.to_string(),
            runtime_note: result.runtime_note.map(|note| crate::language::message(note.into())),
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        fn answered(body: &[u8], error: Option<&str>) -> TestResult {
            let log_tail = "said\nDuration: 1.54 ms, Billed Duration: 2 ms, Memory Size: 128 MB, Max Memory Used: 14.74 MB\n".to_owned();
            let answer = InvocationResult {
                body: body.to_vec(),
                http: None,
                error: error.map(str::to_owned),
                duration_ms: 2,
                instance_id: None,
                log_tail,
                code_checksum: String::new(),
                runtime_note: None,
            };
            result_of(answer, &Qualifier::latest(), "r-1")
        }

        #[test]
        fn c76_a_value_is_shown_and_an_error_is_taken_apart() {
            let good = answered(br#"{"a":1}"#, None);
            assert_eq!((good.error, good.value.text.as_str(), good.file), (None, "{\n  \"a\": 1\n}", None));
            assert_eq!(good.figures.map(|figures| figures.peak_memory_mb), Some(14.74));
            let bad = answered(br#"{"errorMessage":"boom","errorType":"ValueError"}"#, Some("UnhandledInvocationError"));
            let error = bad.error.unwrap_or_default();
            assert_eq!(
                (error.kind.as_str(), error.class.as_str(), error.message.as_str()),
                ("UnhandledInvocationError", "ValueError", "boom")
            );
            assert_eq!(bad.value, Preview::of(b"", 0));
        }

        #[test]
        fn sc15_what_the_page_cannot_show_is_a_file() {
            assert_eq!(answered(b"\xff\x00", None).file.as_deref(), Some("data:application/octet-stream;base64,/wA="));
            let long = answered(&vec![b'a'; 2 * limits::RESULT_BYTES_MAX], None);
            assert_eq!(long.value.notes(), ["Cut: the first 1 MB of 2 MB were kept.", "Shown are the first 128 KB of 1 MB."]);
            assert!(long.file.is_some_and(|file| file.len() > limits::RESULT_BYTES_MAX));
        }

        #[test]
        fn sc15_events_are_counted_in_bytes() {
            assert_eq!(event("a\r\nb".to_owned()), Ok(b"a\nb".to_vec()));
            let most = limits::ASYNC_PAYLOAD_BYTES_MAX;
            assert!(event("ü".repeat(most / 2)).is_ok());
            let error = event("ü".repeat(most / 2 + 1)).err();
            assert!(
                error
                    .and_then(|error| error.of_field("event").map(str::to_owned))
                    .is_some_and(|text| text.starts_with("The event is 131074 bytes."))
            );
        }
    }
}
