//! What is in a package, and the same package with one file changed.

use super::api::Opened;
use super::source::Source;
use model::Language;
use std::io::{Cursor, Write};
use zip::result::{ZipError, ZipResult};
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// Files of a package that are listed.
const FILES_MAX: usize = 1_000;

/// What is in an archive; empty for one that can't be read.
#[derive(Default)]
pub struct Contents {
    pub files: Vec<(String, u64)>,
    pub file_count: usize,
    pub opened: Option<Opened>,
}

/// Lists an archive and reads one of its files: `wanted`, else the one that defines `handler`, else the first.
pub fn read(archive: Vec<u8>, wanted: &str, handler: &str, language: Language) -> Contents {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(archive)) else { return Contents::default() };
    let mut files: Vec<(String, u64)> = (0..archive.len())
        .filter_map(|n| {
            let file = archive.by_index_raw(n).ok()?;
            let name = file.name().ok()?.into_owned();
            file.is_file().then(|| (name, file.size()))
        })
        .collect();
    // A function's own files are mostly less deep than what it brings along: they come first where not all are listed.
    files.sort_by_cached_key(|(path, _)| (path.matches('/').count(), path.clone()));
    let file_count = files.len();
    files.truncate(FILES_MAX);
    let of_handler = || handler_file(handler, language).filter(|path| archive.index_for_name(path).is_some());
    let path = match wanted {
        "" => of_handler().or_else(|| files.first().map(|(path, _)| path.clone())),
        wanted => Some(wanted.to_owned()),
    };
    let opened = path.map(|path| {
        let size = archive.by_name(&path).map_or(0, |file| file.size());
        let text = Source::read(&mut archive, &path).map(|source| source.text);
        Opened { path, size, text }
    });
    Contents { files, file_count, opened }
}

/// `index.handler` is in `index.py` or `index.js`, `a/b.handler` in a folder.
fn handler_file(handler: &str, language: Language) -> Option<String> {
    let extension = match language {
        Language::Python => "py",
        Language::Nodejs => "js",
        Language::Custom => return None,
    };
    let (module, _) = handler.rsplit_once('.')?;
    Some(format!("{module}.{extension}"))
}

/// The archive with other bytes for one file, which keeps its mode and time. Everything else is copied as it is stored: the order, names,
/// modes, times, links, and the packed bytes, which are never unpacked here.
pub fn with_file(archive: Vec<u8>, path: &str, bytes: &[u8]) -> ZipResult<Vec<u8>> {
    let size = archive.len();
    let mut archive = ZipArchive::new(Cursor::new(archive))?;
    let changed = archive.index_for_name(path).ok_or(ZipError::FileNotFound)?;
    let mut writer = ZipWriter::new(Cursor::new(Vec::with_capacity(size)));
    writer.set_raw_comment(archive.comment().into())?;
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index)?;
        if index != changed {
            writer.raw_copy_file(entry)?;
            continue;
        }
        let options = entry.options().compression_method(CompressionMethod::Deflated).large_file(false);
        writer.start_file(path, options)?;
        writer.write_all(bytes)?;
    }
    Ok(writer.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::super::api::NotText;
    use super::*;
    use model::limits::SOURCE_BYTES_MAX;
    use std::io::Read;
    use zip::DateTime;
    use zip::write::SimpleFileOptions;

    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (path, bytes) in files {
            writer.start_file(*path, SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn opened(archive: &[u8], wanted: &str) -> (String, Result<String, NotText>) {
        let opened = read(archive.to_vec(), wanted, "index.handler", Language::Python).opened.unwrap();
        (opened.path, opened.text)
    }

    #[test]
    fn a_package_is_listed_and_its_handlers_file_shown() {
        let archive = archive(&[("lib/b.py", b"x"), ("index.py", b"def handler(event, context): pass"), ("a.py", b"")]);
        let contents = read(archive.clone(), "", "index.handler", Language::Python);
        let listed = [("a.py".to_owned(), 0), ("index.py".to_owned(), 33), ("lib/b.py".to_owned(), 1)];
        assert_eq!(contents.files, listed);
        assert_eq!(opened(&archive, ""), ("index.py".to_owned(), Ok("def handler(event, context): pass".to_owned())));
        assert_eq!(opened(&archive, "lib/b.py"), ("lib/b.py".to_owned(), Ok("x".to_owned())));
        let of = |handler| read(archive.clone(), "", handler, Language::Python).opened.unwrap().path;
        assert_eq!((of("lib/b.run").as_str(), of("none.run").as_str()), ("lib/b.py", "a.py"));
        assert_eq!(read(b"no archive".to_vec(), "", "index.handler", Language::Python).file_count, 0);
    }

    #[test]
    fn b11_only_files_of_the_package_are_read_and_only_texts_shown() {
        let large = vec![b'a'; SOURCE_BYTES_MAX + 1];
        let archive = archive(&[("index.py", b"x"), ("logo.png", b"\x89PNG\0"), ("large.txt", &large)]);
        let check = |wanted: &str, why| assert_eq!(opened(&archive, wanted), (wanted.to_owned(), Err(why)));
        check("../index.py", NotText::Missing);
        check("/etc/passwd", NotText::Missing);
        check("logo.png", NotText::Binary);
        check("large.txt", NotText::Large);
        let of_large = read(archive.clone(), "large.txt", "", Language::Custom).opened.unwrap();
        assert_eq!(of_large.size, SOURCE_BYTES_MAX as u64 + 1);
    }

    #[test]
    fn b11_one_file_changes_and_all_else_stays_byte_for_byte() {
        let at = DateTime::from_date_and_time(2020, 2, 3, 4, 5, 6).unwrap();
        let options = SimpleFileOptions::default().last_modified_time(at);
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        writer.set_comment("made by hand").unwrap();
        writer.add_directory("bin/", options.unix_permissions(0o750)).unwrap();
        let program: Vec<u8> = (0..40_000_u32).map(|n| (n * n % 251) as u8).collect();
        writer.start_file("bin/tool", options.unix_permissions(0o755)).unwrap();
        writer.write_all(&program).unwrap();
        writer.start_file("bootstrap", options.unix_permissions(0o755)).unwrap();
        writer.write_all(b"#!/bin/sh\necho before\n").unwrap();
        writer.start_file("ü/plain.bin", options.unix_permissions(0o640).compression_method(CompressionMethod::Stored)).unwrap();
        writer.write_all(&program).unwrap();
        writer.add_symlink("bin/latest", "tool", options).unwrap();
        let before = writer.finish().unwrap().into_inner();

        let after = with_file(before.clone(), "bootstrap", b"#!/bin/sh\necho after\n").unwrap();

        // Of each entry: name, mode, time, what else is kept of it, and the bytes as they are packed.
        let entries = |archive: &[u8]| {
            let mut archive = ZipArchive::new(Cursor::new(archive.to_vec())).unwrap();
            let entry = |n| {
                let mut entry = archive.by_index_raw(n).unwrap();
                let rest = format!("{:?}", (entry.is_symlink(), entry.is_dir(), entry.compression(), entry.crc32()));
                let (name, mode, at) = (entry.name().unwrap().into_owned(), entry.unix_mode(), entry.last_modified());
                let mut packed = Vec::new();
                entry.read_to_end(&mut packed).unwrap();
                (name, mode, at, rest, packed)
            };
            (0..5).map(entry).collect::<Vec<_>>()
        };
        let (old, new) = (entries(&before), entries(&after));
        for (n, (old, new)) in old.iter().zip(&new).enumerate() {
            assert_eq!((&old.0, old.1, old.2), (&new.0, new.1, new.2), "name, mode and time, of the changed file too");
            if n == 2 {
                assert_ne!(old.4, new.4);
            } else {
                assert_eq!((&old.3, &old.4), (&new.3, &new.4), "{}", old.0);
            }
        }
        assert_eq!(new[1].1.map(|mode| mode & 0o777), Some(0o755));
        assert_eq!(opened(&after, "bootstrap").1.as_deref(), Ok("#!/bin/sh\necho after\n"));
        assert_eq!(ZipArchive::new(Cursor::new(after)).unwrap().comment(), b"made by hand");
    }

    #[test]
    fn b11_a_file_that_the_package_does_not_have_is_not_written() {
        let before = archive(&[("index.py", b"x")]);
        for path in ["../evil.py", "/etc/passwd", "new.py", ""] {
            assert!(matches!(with_file(before.clone(), path, b"y"), Err(ZipError::FileNotFound)), "{path}");
        }
    }
}
