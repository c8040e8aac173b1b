use crate::error::Result;
use leptos::prelude::*;
use model::{FunctionRef, InstalledRuntime, UnixMillis};
use serde::{Deserialize, Serialize};
use server_fn::codec::{Json, MultipartData, MultipartFormData};

/// A code package as the tab shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Package {
    /// The function's runtime and what runs it here.
    pub runtime: InstalledRuntime,
    pub handler: String,
    /// Bytes of the archive.
    pub size: u64,
    pub checksum: String,
    pub modified_at: UnixMillis,
    /// Paths and unpacked bytes, by path, at most `package::FILES_MAX`.
    pub files: Vec<(String, u64)>,
    /// Files in the archive.
    pub file_count: usize,
    /// Path and text of the handler's file, when it is text.
    pub preview: Option<(String, String)>,
}

/// Reads the function's package as a qualifier shows it; an empty one is `LATEST`.
#[server(input = Json)]
pub async fn code_package(function: FunctionRef, qualifier: String) -> Result<Package> {
    use super::package;
    let qualifier = model::Qualifier::parse(&qualifier)?;
    let (console, _) = crate::server::signed_in()?;
    let stored = console.control.get_function_at(&function, &qualifier).await?;
    let archive = console.control.get_code_at(&function, &qualifier).await?;
    let contents = package::read(archive, &stored.spec.handler, stored.spec.runtime.language());
    let runtime = console.control.runtimes().into_iter().find(|runtime| runtime.name == stored.spec.runtime).unwrap_or(InstalledRuntime {
        language: stored.spec.runtime.language(),
        name: stored.spec.runtime.clone(),
        interpreter: None,
        exact: false,
    });
    Ok(Package {
        runtime,
        handler: stored.spec.handler,
        size: stored.code_size,
        checksum: stored.code_checksum,
        modified_at: stored.modified_at,
        files: contents.files,
        file_count: contents.file_count,
        preview: contents.preview,
    })
}

/// Replaces the package by the ZIP archive of a multipart form.
#[server(input = MultipartFormData)]
pub async fn upload_code(data: MultipartData) -> Result<()> {
    use crate::{error::ConsoleError, notice::Notice, routes::FunctionPage, routes::Route, server, upload::read_form};
    use model::{Code, ErrorCode, FunctionName, FunctionPatch, Region, ServiceName};
    let (console, _) = server::signed_in()?;
    let mut form = read_form(data, "file", &console).await?;
    let function = FunctionRef {
        region: Region::from_stored(form.text("region")),
        service: ServiceName::from_stored(form.text("service")),
        function: FunctionName::from_stored(form.text("function")),
    };
    let archive = form.take_file().ok_or_else(|| ConsoleError::field("file", t!("Choose a ZIP archive.")))?;
    console.control.update_function(&function, FunctionPatch::default(), Some(Code::Zip(archive)), None).await.map_err(
        |error| match error.code {
            ErrorCode::InvalidArgument => ConsoleError::from(error).at_field("file"),
            _ => error.into(),
        },
    )?;
    server::redirect(&Route::Function(function, FunctionPage::Code).with_notice(Notice::CodeUpdated));
    Ok(())
}
