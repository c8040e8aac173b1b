//! What the editor's form sends, and what is done with it.

use super::api::{NotText, function_of};
use super::changes::Changes;
use super::deploy::{Deployment, REVIEW};
use super::package::with_file;
use super::source::Source;
use crate::error::{ConsoleError, Result};
use crate::server::Console;
use crate::upload::read_form_within;
use model::{Code, ErrorCode, Function, FunctionPatch, FunctionRef, format, limits::SOURCE_BYTES_MAX};
use server_fn::codec::MultipartData;
use std::io::Cursor;
use zip::ZipArchive;

/// Bytes of the form: browsers send the end of a line as two, and there are some other fields.
const FORM_BYTES_MAX: usize = 2 * SOURCE_BYTES_MAX + 64 * 1024;

/// A file's new text.
pub(super) struct Sent {
    pub(super) function: FunctionRef,
    pub(super) path: String,
    pub(super) is_review: bool,
    /// Checksum of the package that the text was made from.
    checksum: String,
    text: String,
}

impl Sent {
    /// Reads the form. Errors: a text that is larger than a file may be.
    pub(super) async fn read(data: MultipartData, console: &Console) -> Result<Self> {
        let form = read_form_within(data, "file", FORM_BYTES_MAX, console).await?;
        let text = form.verbatim("text");
        if text.len() > SOURCE_BYTES_MAX {
            let (is, most) = (format::bytes(text.len() as u64), format::bytes(SOURCE_BYTES_MAX as u64));
            return Err(refused(ErrorCode::EntityTooLarge, &t!("the file is {is}; the editor takes {most}", is, most)));
        }
        Ok(Self {
            function: function_of(&form),
            path: form.verbatim("path"),
            is_review: form.text("intent") == REVIEW,
            checksum: form.text("checksum").to_owned(),
            text,
        })
    }

    /// What the text changes in what is deployed now, whatever it was made from.
    pub(super) async fn review(&self, console: &Console) -> Result<Deployment> {
        let (stored, _, before) = self.deployed(console).await?;
        let changes = Some(Changes::between(&before.text, &self.text));
        Ok(Deployment { path: self.path.clone(), checksum: stored.code_checksum, changes })
    }

    /// Deploys it; returns the checksum of the new package.
    pub(super) async fn deploy(&self, console: &Console) -> Result<String> {
        let (stored, archive, before) = self.deployed(console).await?;
        if stored.code_checksum != self.checksum {
            return Err(changed_meanwhile(ErrorCode::PreconditionFailed));
        }
        if before.text == self.text {
            return Err(refused(ErrorCode::InvalidArgument, t!("nothing has changed in this file")));
        }
        let archive = with_file(archive, &self.path, &before.bytes_of(&self.text))
            .map_err(|error| refused(ErrorCode::InvalidArgument, &error.to_string()))?;
        let code = Some(Code::Zip(archive));
        // With the tag that was read just now: only who deploys in between is in the way, not who changes the configuration.
        let changed = console.control.update_function(&self.function, FunctionPatch::default(), code, Some(&stored.etag)).await;
        changed.map(|function| function.code_checksum).map_err(|error| match error.code {
            ErrorCode::PreconditionFailed | ErrorCode::ConcurrentUpdateError => changed_meanwhile(error.code),
            ErrorCode::InvalidArgument | ErrorCode::EntityTooLarge => refused(error.code, &crate::language::message(error.message.into())),
            _ => error.into(),
        })
    }

    /// The function, its package, and the file in it.
    async fn deployed(&self, console: &Console) -> Result<(Function, Vec<u8>, Source)> {
        let stored = console.control.get_function(&self.function).await?;
        let archive = console.control.get_code(&self.function).await?;
        let mut opened = ZipArchive::new(Cursor::new(archive)).map_err(|error| refused(ErrorCode::InvalidArgument, &error.to_string()))?;
        match Source::read(&mut opened, &self.path) {
            Ok(source) => Ok((stored, opened.into_inner().into_inner(), source)),
            Err(_) if stored.code_checksum != self.checksum && !self.is_review => Err(changed_meanwhile(ErrorCode::PreconditionFailed)),
            Err(NotText::Missing) => Err(refused(ErrorCode::InvalidArgument, t!("the package has no such file any more"))),
            Err(_) => Err(refused(ErrorCode::InvalidArgument, t!("the file can't be edited as text"))),
        }
    }
}

fn refused(code: ErrorCode, why: &str) -> ConsoleError {
    ConsoleError::new(code, t!("The code could not be deployed: {why}.", why = why.trim_end_matches(['.', '。'])))
}

fn changed_meanwhile(code: ErrorCode) -> ConsoleError {
    ConsoleError::new(
        code,
        t!(
            "Somebody deployed other code meanwhile; yours is still in the editor. Show Changes compares it with the current code, after which Deploy takes it. Reload the page to see the current code alone."
        ),
    )
}
