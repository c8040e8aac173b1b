use crate::error::Result;
use leptos::prelude::*;
use model::{FunctionRef, InstalledRuntime, UnixMillis};
use serde::{Deserialize, Serialize};
use server_fn::codec::{Json, MultipartData, MultipartFormData};

/// A code package as the tab shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Package {
    /// True for what can be changed: that of `LATEST`.
    pub is_latest: bool,
    /// The function's runtime and what runs it here.
    pub runtime: InstalledRuntime,
    pub handler: String,
    /// Bytes of the archive.
    pub size: u64,
    pub checksum: String,
    pub modified_at: UnixMillis,
    /// Paths and unpacked bytes, at most `package::FILES_MAX`.
    pub files: Vec<(String, u64)>,
    /// Files in the archive.
    pub file_count: usize,
    /// The file that was asked for, else that of the handler, else the first; `None` where there is none.
    pub opened: Option<Opened>,
}

/// A file of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    pub path: String,
    /// Unpacked bytes.
    pub size: u64,
    /// Its text with `\n` at the ends of its lines.
    pub text: std::result::Result<String, NotText>,
}

/// Why a file is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotText {
    /// The package has no such file.
    Missing,
    /// It is not UTF-8, or has a zero byte.
    Binary,
    /// Larger than `limits::SOURCE_BYTES_MAX`.
    Large,
    /// Its lines end in more than one way, which an editor would not keep.
    LineEnds,
}

/// Reads the function's package as a qualifier shows it, and one of its files; an empty qualifier is `LATEST`.
#[server(input = Json)]
pub async fn code_package(function: FunctionRef, qualifier: String, file: String) -> Result<Package> {
    use super::package;
    let qualifier = model::Qualifier::parse(&qualifier)?;
    let (console, _) = crate::server::signed_in()?;
    let stored = console.control.get_function_at(&function, &qualifier).await?;
    let archive = console.control.get_code_at(&function, &qualifier).await?;
    let contents = package::read(archive, &file, &stored.spec.handler, stored.spec.runtime.language());
    let runtime = console.control.runtimes().into_iter().find(|runtime| runtime.name == stored.spec.runtime).unwrap_or(InstalledRuntime {
        language: stored.spec.runtime.language(),
        name: stored.spec.runtime.clone(),
        interpreter: None,
        exact: false,
    });
    Ok(Package {
        is_latest: qualifier == model::Qualifier::latest(),
        runtime,
        handler: stored.spec.handler,
        size: stored.code_size,
        checksum: stored.code_checksum,
        modified_at: stored.modified_at,
        files: contents.files,
        file_count: contents.file_count,
        opened: contents.opened,
    })
}

/// Replaces the package by the ZIP archive of a multipart form.
#[server(input = MultipartFormData)]
pub async fn upload_code(data: MultipartData) -> Result<()> {
    use crate::{error::ConsoleError, notice::Notice, routes::FunctionPage, routes::Route, server, upload::read_form};
    use model::{Code, ErrorCode, FunctionPatch};
    let (console, _) = server::signed_in()?;
    let mut form = read_form(data, "file", &console).await?;
    let function = function_of(&form);
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

/// The function that a form names.
#[cfg(feature = "ssr")]
pub(super) fn function_of(form: &crate::upload::ReadForm) -> FunctionRef {
    use model::{FunctionName, Region, ServiceName};
    FunctionRef {
        region: Region::from_stored(form.text("region")),
        service: ServiceName::from_stored(form.text("service")),
        function: FunctionName::from_stored(form.text("function")),
    }
}
