//! Code packages and payloads as files.

use app::error::ConsoleError;
use app::routes::Route;
use app::server::Console;
use axum::extract::{Extension, Query};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use model::{FunctionName, FunctionRef, Qualifier, Region, ServiceName, TaskId};
use serde::Deserialize;

/// Which function's.
#[derive(Deserialize)]
pub(super) struct Wanted {
    region: String,
    service: String,
    function: String,
    /// Absent for `LATEST`.
    #[serde(default)]
    qualifier: String,
}

/// The ZIP archive of a function's code.
pub(super) async fn code(Extension(console): Extension<Console>, Query(wanted): Query<Wanted>) -> Response {
    if console.user.is_none() {
        return Redirect::to(&Route::SignIn.path()).into_response();
    }
    let function = function_ref(wanted.region, wanted.service, wanted.function);
    let code = match Qualifier::parse(&wanted.qualifier) {
        Ok(qualifier) => console.control.get_code_at(&function, &qualifier).await,
        Err(error) => Err(error),
    };
    match code {
        Ok(archive) => {
            // Names of stored functions are plain; what is not was never found.
            let disposition = format!("attachment; filename=\"{}.zip\"", function.function);
            ([(header::CONTENT_TYPE, "application/zip".to_owned()), (header::CONTENT_DISPOSITION, disposition)], archive).into_response()
        }
        Err(error) => refused(&error),
    }
}

/// Which task's, and whether its event (`input`) or its return value (`result`).
#[derive(Deserialize)]
pub(super) struct WantedPayload {
    region: String,
    service: String,
    function: String,
    task: String,
    part: String,
}

/// A task's event or return value, byte for byte as it is stored.
pub(super) async fn payload(Extension(console): Extension<Console>, Query(wanted): Query<WantedPayload>) -> Response {
    if console.user.is_none() {
        return Redirect::to(&Route::SignIn.path()).into_response();
    }
    let function = function_ref(wanted.region, wanted.service, wanted.function);
    match console.control.get_task(&function.task(TaskId::from_stored(wanted.task))).await {
        Ok(task) => {
            let (name, bytes) = if wanted.part == "result" { ("result", task.result) } else { ("input", task.payload) };
            let disposition = format!("attachment; filename=\"{name}.bin\"");
            let headers = [(header::CONTENT_TYPE, "application/octet-stream".to_owned()), (header::CONTENT_DISPOSITION, disposition)];
            (headers, bytes.unwrap_or_default()).into_response()
        }
        Err(error) => refused(&error),
    }
}

fn function_ref(region: String, service: String, function: String) -> FunctionRef {
    FunctionRef {
        region: Region::from_stored(region),
        service: ServiceName::from_stored(service),
        function: FunctionName::from_stored(function),
    }
}

/// The answer to what can't be had.
pub(super) fn refused(error: &model::Error) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, format!("{}: {}\n", error.code, ConsoleError::from(error.clone()).message)).into_response()
}
