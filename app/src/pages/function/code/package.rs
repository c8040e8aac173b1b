//! What is in a package, and the same package with one file changed.

use super::api::Opened;
use super::source::Source;
use model::Language;
use std::io::{Cursor, Write};
use zip::result::{ZipError, ZipResult};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// Files of a package that are listed.
const FILES_MAX: usize = 1_000;

/// Bytes of a path in a package that is given here.
const PATH_BYTES_MAX: usize = 512;

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

/// What becomes of a file of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit<'a> {
    /// A file that there was not.
    Create {
        path: &'a str,
        bytes: &'a [u8],
    },
    /// Another path and other bytes; `None` leaves those it has.
    Change {
        path: &'a str,
        target: &'a str,
        bytes: Option<&'a [u8]>,
    },
    Delete {
        path: &'a str,
    },
}

/// The archive with one file created, changed or deleted. A changed one keeps its place, mode and time. Everything else is copied as it is
/// stored: the order, names, modes, times, links, and the packed bytes, which are never unpacked here.
pub fn with_edit(archive: Vec<u8>, edit: Edit<'_>) -> ZipResult<Vec<u8>> {
    let size = archive.len();
    let mut archive = ZipArchive::new(Cursor::new(archive))?;
    let changed = match edit {
        Edit::Create { .. } => None,
        Edit::Change { path, .. } | Edit::Delete { path } => Some(archive.index_for_name(path).ok_or(ZipError::FileNotFound)?),
    };
    let mut writer = ZipWriter::new(Cursor::new(Vec::with_capacity(size)));
    writer.set_raw_comment(archive.comment().into())?;
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index)?;
        match edit {
            Edit::Change { target, bytes: Some(bytes), .. } if changed == Some(index) => {
                let options = entry.options().compression_method(CompressionMethod::Deflated).large_file(false);
                writer.start_file(target, options)?;
                writer.write_all(bytes)?;
            }
            Edit::Change { target, bytes: None, .. } if changed == Some(index) => writer.raw_copy_file_rename(entry, target)?,
            Edit::Delete { .. } if changed == Some(index) => {}
            _ => writer.raw_copy_file(entry)?,
        }
    }
    if let Edit::Create { path, bytes } = edit {
        writer.start_file(path, SimpleFileOptions::default().unix_permissions(0o644))?;
        writer.write_all(bytes)?;
    }
    Ok(writer.finish()?.into_inner())
}

/// True for a path that a file can have within a package: relative, without `.` and `..`, in no other system's words.
pub fn is_path(path: &str) -> bool {
    let is_name = |name: &str| !matches!(name, "" | "." | "..") && !name.contains(|c: char| c.is_control() || matches!(c, '\\' | ':'));
    path.len() <= PATH_BYTES_MAX && path.split('/').all(is_name)
}

/// True when a file of this path would stand in the way of another one: it is there, or is a folder of others, or lies below a file.
pub fn is_taken(archive: &ZipArchive<Cursor<Vec<u8>>>, path: &str, except: Option<&str>) -> bool {
    let below = |inner: &str, outer: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'));
    archive.file_names().flatten().filter(|name| except != Some(name.as_ref())).any(|name| {
        let plain = name.trim_end_matches('/');
        plain == path || below(plain, path) || (!name.ends_with('/') && below(path, plain))
    })
}

#[cfg(test)]
mod tests {
    use super::super::api::NotText;
    use super::*;
    use model::limits::SOURCE_BYTES_MAX;
    use std::io::Read;
    use zip::DateTime;

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

        let edit = Edit::Change { path: "bootstrap", target: "bootstrap", bytes: Some(b"#!/bin/sh\necho after\n") };
        let after = with_edit(before.clone(), edit).unwrap();

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
    fn b11_a_file_that_the_package_does_not_have_is_not_changed() {
        let before = archive(&[("index.py", b"x")]);
        for path in ["../evil.py", "/etc/passwd", "new.py", ""] {
            let refused = |edit| assert!(matches!(with_edit(before.clone(), edit), Err(ZipError::FileNotFound)), "{path}");
            refused(Edit::Change { path, target: path, bytes: Some(b"y") });
            refused(Edit::Delete { path });
        }
    }

    #[test]
    fn b11_files_are_created_renamed_and_deleted() {
        let before = archive(&[("index.py", b"x"), ("logo.png", b"\x89PNG\0"), ("old.py", b"old")]);
        let after = |edit| {
            let listed = read(with_edit(before.clone(), edit).unwrap(), "", "", Language::Custom).files;
            listed.into_iter().map(|(path, size)| format!("{path} {size}")).collect::<Vec<_>>()
        };
        assert_eq!(after(Edit::Create { path: "lib/new.py", bytes: b"12" }), ["index.py 1", "logo.png 5", "old.py 3", "lib/new.py 2"]);
        assert_eq!(after(Edit::Delete { path: "old.py" }), ["index.py 1", "logo.png 5"]);
        assert_eq!(after(Edit::Change { path: "logo.png", target: "a/logo.png", bytes: None }), ["index.py 1", "old.py 3", "a/logo.png 5"]);
        let renamed = with_edit(before.clone(), Edit::Change { path: "old.py", target: "new.py", bytes: Some(b"new") }).unwrap();
        assert_eq!(opened(&renamed, "new.py").1.as_deref(), Ok("new"));
        assert_eq!(opened(&renamed, "old.py").1, Err(NotText::Missing));
    }

    #[test]
    fn b11_paths_stay_within_the_package_and_overwrite_nothing() {
        let long = "a".repeat(PATH_BYTES_MAX + 1);
        for path in ["", "/a", "a/", "a//b", "../a", "a/../b", "./a", "a\\b", "C:a", "a\0", "a\nb", &long] {
            assert!(!is_path(path), "{path:?}");
        }
        for path in ["a", "a/b.py", "ü/.env", "..a/b.."] {
            assert!(is_path(path), "{path:?}");
        }
        let archive = ZipArchive::new(Cursor::new(archive(&[("lib/a.py", b""), ("index.py", b"")]))).unwrap();
        for path in ["lib/a.py", "lib", "index.py", "index.py/b"] {
            assert!(is_taken(&archive, path, None), "{path}");
        }
        assert!(
            !is_taken(&archive, "lib/b.py", None) && !is_taken(&archive, "lib2", None) && !is_taken(&archive, "index.py", Some("index.py"))
        );
    }
}
