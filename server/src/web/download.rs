//! Code packages as files.

use super::router::Web;
use app::routes::Route;
use app::server::Console;
use axum::extract::{Extension, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use model::{FunctionName, FunctionRef, Region, ServiceName};
use serde::Deserialize;
use std::sync::Arc;

/// Which function's.
#[derive(Deserialize)]
pub(super) struct Wanted {
    region: String,
    service: String,
    function: String,
}

/// The ZIP archive of a function's code.
pub(super) async fn code(State(web): State<Arc<Web>>, Extension(console): Extension<Console>, Query(wanted): Query<Wanted>) -> Response {
    if console.user.is_none() {
        return Redirect::to(&Route::SignIn.path()).into_response();
    }
    let function = FunctionRef {
        region: Region::from_stored(wanted.region),
        service: ServiceName::from_stored(wanted.service),
        function: FunctionName::from_stored(wanted.function),
    };
    match web.state.control.get_code(&function).await {
        Ok(archive) => {
            // Names of stored functions are plain; what is not was never found.
            let disposition = format!("attachment; filename=\"{}.zip\"", function.function);
            ([(header::CONTENT_TYPE, "application/zip".to_owned()), (header::CONTENT_DISPOSITION, disposition)], archive).into_response()
        }
        Err(error) => {
            let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, format!("{}: {}\n", error.code, error.message)).into_response()
        }
    }
}
