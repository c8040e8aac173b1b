//! Code packages: what is accepted, and the samples.

use crc::{CRC_64_XZ, Crc};
use model::{Error, Language, Result, limits, sample::sample};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::io::{Cursor, Write};

/// A checked ZIP archive with the numbers that are kept of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    pub(crate) zip: Vec<u8>,
    /// Hex SHA-256: the package's id.
    pub(crate) id: String,
    /// Decimal CRC-64/XZ, as SDKs compare it (`fc-api.md` 3.2).
    pub(crate) checksum: String,
}

impl Package {
    /// Checks an archive: readable, within the limits, no path that leaves its folder.
    pub(crate) fn from_zip(zip: Vec<u8>) -> Result<Self> {
        check(&zip)?;
        Ok(Self::of(zip))
    }

    fn of(zip: Vec<u8>) -> Self {
        let id = hex::encode(Sha256::digest(&zip));
        let checksum = Crc::<u64>::new(&CRC_64_XZ).checksum(&zip).to_string();
        Self { zip, id, checksum }
    }

    /// An archive with nothing in it, for functions whose code is elsewhere.
    pub(crate) fn empty() -> Result<Self> {
        let zip = zip::ZipWriter::new(Cursor::new(Vec::new())).finish().map_err(|error| {
            tracing::error!(error = %error, "empty archive not made");
            Error::internal()
        })?;
        Ok(Self::of(zip.into_inner()))
    }

    /// The sample of a language as an archive.
    pub(crate) fn sample(language: Language, is_http: bool) -> Result<Self> {
        let sample =
            sample(language, is_http).ok_or_else(|| Error::invalid("there is no sample code for this runtime; upload a ZIP archive"))?;
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let written = writer
            .start_file(sample.file, zip::write::SimpleFileOptions::default())
            .and_then(|()| writer.write_all(sample.text.as_bytes()).map_err(Into::into))
            .and_then(|()| writer.finish());
        let zip = written.map_err(|error| {
            tracing::error!(error = %error, "sample code not packed");
            Error::internal()
        })?;
        Self::from_zip(zip.into_inner())
    }
}

fn check(zip: &[u8]) -> Result<()> {
    if zip.len() > limits::CODE_ZIP_BYTES_MAX {
        let text = format!(
            "the package is {}; the limit is {}",
            model::format::bytes(zip.len() as u64),
            model::format::bytes(limits::CODE_ZIP_BYTES_MAX as u64)
        );
        return Err(Error::new(model::ErrorCode::EntityTooLarge, text));
    }
    let not_zip = |_| Error::invalid("The file is not a valid ZIP archive.");
    let mut archive = zip::ZipArchive::new(Cursor::new(zip)).map_err(not_zip)?;
    if archive.is_empty() {
        return Err(Error::invalid("The archive is empty."));
    }
    if archive.len() > limits::CODE_ENTRIES_MAX {
        return Err(Error::invalid(format!("The archive holds {} files; the limit is {}.", archive.len(), limits::CODE_ENTRIES_MAX)));
    }
    let mut unpacked: u64 = 0;
    let mut files = HashSet::new();
    let twice = || Error::invalid("The archive holds two files of the same name.");
    if archive.has_duplicate_names() {
        return Err(twice());
    }
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(not_zip)?;
        let name = entry.enclosed_name().ok_or_else(|| Error::invalid("The archive holds a path that leaves its folder."))?;
        if !entry.is_dir() && !files.insert(name) {
            return Err(twice());
        }
        unpacked = unpacked.saturating_add(entry.size());
    }
    if unpacked > limits::CODE_UNPACKED_BYTES_MAX {
        let most = model::format::bytes(limits::CODE_UNPACKED_BYTES_MAX);
        return Err(Error::invalid(format!("The archive unpacks to {}; the limit is {most}.", model::format::bytes(unpacked))));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(names: &[&str]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for name in names {
            writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn bad_archives_are_refused_with_the_screen_s_words() {
        let check = |zip: Vec<u8>, message: &str| assert_eq!(Package::from_zip(zip).unwrap_err().message, message);
        check(b"hello".to_vec(), "The file is not a valid ZIP archive.");
        check(archive(&[]), "The archive is empty.");
        check(archive(&["../evil.py"]), "The archive holds a path that leaves its folder.");
        assert!(Package::from_zip(archive(&["index.py", "lib/a.py"])).is_ok());
        assert_eq!(Package::empty().unwrap().zip, archive(&[]), "but for functions whose code is elsewhere");
    }

    #[test]
    fn samples_are_valid_packages() {
        let python = Package::sample(Language::Python, false).unwrap();
        assert_eq!(python.id.len(), 64);
        assert!(python.checksum.parse::<u64>().is_ok());
        assert!(Package::sample(Language::Nodejs, true).is_ok());
        assert!(Package::sample(Language::Custom, true).is_err());
    }

    #[test]
    fn checksum_is_crc64_xz() {
        assert_eq!(Crc::<u64>::new(&CRC_64_XZ).checksum(b"123456789"), 0x995d_c9bb_df19_39fa);
    }
}
