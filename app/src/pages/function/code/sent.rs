//! What the editor's form sends, and what is done with it.

use super::api::{NotText, function_of};
use super::changes::Changes;
use super::deploy::{Deployment, REVIEW};
use super::package::{Edit, is_path, is_taken, with_edit};
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

/// What a file is to be.
pub(super) struct Sent {
    pub(super) function: FunctionRef,
    pub(super) path: String,
    pub(super) is_review: bool,
    /// The file is not there yet.
    is_new: bool,
    is_deleted: bool,
    /// The path that it is to have.
    target: String,
    /// Checksum of the package that the text was made from.
    checksum: String,
    /// `None` leaves the bytes that it has: it is no text.
    text: Option<String>,
}

/// The function, its package, and the file in it; the file is `None` where it is new or no text.
struct Deployed {
    stored: Function,
    archive: ZipArchive<Cursor<Vec<u8>>>,
    before: Option<Source>,
}

impl Sent {
    /// Reads the form. Errors: a text that is larger than a file may be; a path that no file can have.
    pub(super) async fn read(data: MultipartData, console: &Console) -> Result<Self> {
        let form = read_form_within(data, "file", FORM_BYTES_MAX, console).await?;
        let text = form.verbatim("text");
        if text.len() > SOURCE_BYTES_MAX {
            let (is, most) = (format::bytes(text.len() as u64), format::bytes(SOURCE_BYTES_MAX as u64));
            return Err(refused(ErrorCode::EntityTooLarge, &t!("the file is {is}; the editor takes {most}", is, most)));
        }
        let path = form.verbatim("path");
        let target = Some(form.verbatim("target")).filter(|target| !target.is_empty()).unwrap_or_else(|| path.clone());
        let is_new = form.text("new") == "1";
        if (is_new || target != path) && !is_path(&target) {
            return Err(ConsoleError::field("target", t!("Enter a path within the package, such as lib/util.py.")));
        }
        Ok(Self {
            function: function_of(&form),
            is_review: form.text("intent") == REVIEW,
            is_new,
            is_deleted: form.text("delete") == "on",
            target,
            checksum: form.text("checksum").to_owned(),
            text: (form.text("keeps") != "1").then_some(text),
            path,
        })
    }

    /// The path that the file gets; `None` when it is deleted.
    pub(super) fn target(&self) -> Option<&str> {
        (!self.is_deleted).then_some(&self.target)
    }

    /// What it changes in what is deployed now, whatever it was made from.
    pub(super) async fn review(&self, console: &Console) -> Result<Deployment> {
        let Deployed { stored, before, .. } = self.deployed(console).await?;
        let before = before.map(|before| before.text).unwrap_or_default();
        let after = if self.is_deleted { "" } else { self.text.as_deref().unwrap_or(&before) };
        let changes = Some(Changes::between(&before, after));
        let target = self.target().map(str::to_owned);
        Ok(Deployment { path: self.path.clone(), target, checksum: stored.code_checksum, changes })
    }

    /// Deploys it; returns the checksum of the new package.
    pub(super) async fn deploy(&self, console: &Console) -> Result<String> {
        let Deployed { stored, archive, before } = self.deployed(console).await?;
        if stored.code_checksum != self.checksum {
            return Err(changed_meanwhile(ErrorCode::PreconditionFailed));
        }
        let is_same = self.text.is_none() || before.as_ref().map(|before| &before.text) == self.text.as_ref();
        if is_same && !self.is_new && !self.is_deleted && self.target == self.path {
            return Err(refused(ErrorCode::InvalidArgument, t!("nothing has changed in this file")));
        }
        let bytes =
            self.text.as_ref().map(|text| before.as_ref().map_or_else(|| text.clone().into_bytes(), |before| before.bytes_of(text)));
        let edit = match (self.is_new, self.is_deleted) {
            (false, true) => Edit::Delete { path: &self.path },
            (true, _) => Edit::Create { path: &self.target, bytes: bytes.as_deref().unwrap_or_default() },
            (false, false) => Edit::Change { path: &self.path, target: &self.target, bytes: bytes.as_deref() },
        };
        let archive =
            with_edit(archive.into_inner().into_inner(), edit).map_err(|error| refused(ErrorCode::InvalidArgument, &error.to_string()))?;
        let code = Some(Code::Zip(archive));
        // With the tag that was read just now: only who deploys in between is in the way, not who changes the configuration.
        let changed = console.control.update_function(&self.function, FunctionPatch::default(), code, Some(&stored.etag)).await;
        changed.map(|function| function.code_checksum).map_err(|error| match error.code {
            ErrorCode::PreconditionFailed | ErrorCode::ConcurrentUpdateError => changed_meanwhile(error.code),
            ErrorCode::InvalidArgument | ErrorCode::EntityTooLarge => refused(error.code, &crate::language::message(error.message.into())),
            _ => error.into(),
        })
    }

    async fn deployed(&self, console: &Console) -> Result<Deployed> {
        let stored = console.control.get_function(&self.function).await?;
        let archive = console.control.get_code(&self.function).await?;
        let mut archive = ZipArchive::new(Cursor::new(archive)).map_err(|error| refused(ErrorCode::InvalidArgument, &error.to_string()))?;
        let is_other = stored.code_checksum != self.checksum && !self.is_review;
        let own = (!self.is_new).then_some(self.path.as_str());
        let before = match own.map(|path| Source::read(&mut archive, path)) {
            None => None,
            Some(Ok(source)) => Some(source),
            Some(Err(_)) if is_other => return Err(changed_meanwhile(ErrorCode::PreconditionFailed)),
            Some(Err(NotText::Missing)) => return Err(refused(ErrorCode::InvalidArgument, t!("the package has no such file any more"))),
            Some(Err(_)) if self.text.is_none() || self.is_deleted => None,
            Some(Err(_)) => return Err(refused(ErrorCode::InvalidArgument, t!("the file can't be edited as text"))),
        };
        if !self.is_deleted && own != Some(self.target.as_str()) && is_taken(&archive, &self.target, own) {
            return Err(ConsoleError::field("target", t!("The package has a file or folder of this path already.")));
        }
        Ok(Deployed { stored, archive, before })
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
