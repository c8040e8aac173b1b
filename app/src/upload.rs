//! Reads the parts of a multipart form on the server, within limits.

use crate::error::{ConsoleError, Result};
use crate::server::Console;
use model::{Error, ErrorCode, limits};
use server_fn::codec::MultipartData;

/// Bytes of all text fields of a form together.
const TEXT_BYTES_MAX: usize = 64 * 1024;

/// A form with at most one file.
#[derive(Debug, Default)]
pub struct ReadForm {
    fields: Vec<(String, String)>,
    file: Vec<u8>,
}

impl ReadForm {
    /// A form with these fields and no file.
    pub fn of(fields: Vec<(String, String)>) -> Self {
        Self { fields, file: Vec::new() }
    }

    /// Value of a field; empty when it was not sent.
    pub fn text(&self, name: &str) -> &str {
        self.fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.trim())
    }

    /// Values of a field that may be sent several times.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.fields.iter().filter(|(field, _)| field == name).map(|(_, value)| value.as_str()).collect()
    }

    /// Value of a field as it was typed: browsers send line ends as two bytes.
    pub fn verbatim(&self, name: &str) -> String {
        self.fields.iter().find(|(field, _)| field == name).map_or_else(String::new, |(_, value)| value.replace("\r\n", "\n"))
    }

    /// The file's bytes, if one was chosen.
    pub fn take_file(&mut self) -> Option<Vec<u8>> {
        let file = std::mem::take(&mut self.file);
        (!file.is_empty()).then_some(file)
    }
}

/// Reads the whole form. Errors: at field `file_field` when the file is over the limit for code packages.
pub async fn read_form(data: MultipartData, file_field: &str, console: &Console) -> Result<ReadForm> {
    read_form_within(data, file_field, TEXT_BYTES_MAX, console).await
}

/// Like [`read_form`] with another limit, in bytes, for all text fields together.
pub async fn read_form_within(data: MultipartData, file_field: &str, text_bytes_max: usize, console: &Console) -> Result<ReadForm> {
    let mut form = ReadForm::default();
    let mut parts = data.into_inner().ok_or_else(Error::internal)?;
    let mut file_bytes = 0_usize;
    let mut text_bytes = 0_usize;
    while let Some(mut part) = parts.next_field().await.map_err(|_| cut())? {
        let name = part.name().unwrap_or_default().to_owned();
        let is_file = name == file_field;
        let mut bytes = Vec::new();
        while let Some(chunk) = part.chunk().await.map_err(|_| cut())? {
            if is_file {
                file_bytes += chunk.len();
                // The rest is read and dropped, so that the browser gets the answer instead of a broken connection.
                if file_bytes <= limits::CODE_ZIP_BYTES_MAX {
                    form.file.extend_from_slice(&chunk);
                }
            } else {
                text_bytes += chunk.len();
                if text_bytes > text_bytes_max {
                    let message = t!("The form is larger than {n} KB.", n = text_bytes_max >> 10);
                    return Err(ConsoleError::new(ErrorCode::EntityTooLarge, message));
                }
                bytes.extend_from_slice(&chunk);
            }
        }
        if !is_file {
            let value = String::from_utf8(bytes).map_err(|_| invalid(t!("The form is not UTF-8 text.")))?;
            if let Ok(mut read) = console.read_fields.lock() {
                read.push((name.clone(), value.clone()));
            }
            form.fields.push((name, value));
        }
    }
    if file_bytes > limits::CODE_ZIP_BYTES_MAX {
        let (size, most) = (file_bytes.div_ceil(1 << 20), limits::CODE_ZIP_BYTES_MAX >> 20);
        let message = t!("The package is {size} MB. The limit is {most} MB.", size, most);
        return Err(ConsoleError::new(ErrorCode::EntityTooLarge, "").with_field(file_field, message));
    }
    Ok(form)
}

fn cut() -> ConsoleError {
    invalid(t!("The upload was cut off. Try again."))
}

fn invalid(message: &str) -> ConsoleError {
    ConsoleError::new(ErrorCode::InvalidArgument, message)
}
