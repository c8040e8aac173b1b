//! The request that submissions and tests send to an HTTP function (C-22).

mod fields;
#[cfg(feature = "ssr")]
mod read;
mod text;

pub(crate) use fields::RequestFields;
#[cfg(feature = "ssr")]
pub(crate) use read::{base_path, parameters, request, saved};

use model::HttpParameters;
use serde::{Deserialize, Serialize};

/// What a form for a request begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestSetup {
    pub request: HttpParameters,
    /// Methods that the HTTP trigger takes.
    pub methods: Vec<String>,
}
