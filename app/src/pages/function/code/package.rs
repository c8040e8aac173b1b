use model::Language;
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// Files of a package that are listed.
const FILES_MAX: usize = 200;

/// Bytes of a file that are shown.
const PREVIEW_BYTES_MAX: u64 = 128 * 1024;

/// What is in an archive; empty for one that can't be read.
#[derive(Default)]
pub struct Contents {
    pub files: Vec<(String, u64)>,
    pub file_count: usize,
    pub preview: Option<(String, String)>,
}

/// Lists an archive and reads the file that defines `handler`.
pub fn read(archive: Vec<u8>, handler: &str, language: Language) -> Contents {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(archive)) else { return Contents::default() };
    let mut files: Vec<(String, u64)> = (0..archive.len())
        .filter_map(|n| {
            let file = archive.by_index_raw(n).ok()?;
            let name = file.name().ok()?.into_owned();
            file.is_file().then(|| (name, file.size()))
        })
        .collect();
    files.sort();
    let file_count = files.len();
    files.truncate(FILES_MAX);
    let preview = handler_file(handler, language).and_then(|path| {
        let file = archive.by_name(&path).ok()?;
        let mut bytes = Vec::new();
        file.take(PREVIEW_BYTES_MAX).read_to_end(&mut bytes).ok()?;
        Some((path, String::from_utf8(bytes).ok()?))
    });
    Contents { files, file_count, preview }
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::write::{SimpleFileOptions, ZipWriter};

    #[test]
    fn a_package_is_listed_and_its_handlers_file_shown() {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (path, text) in [("lib/b.py", "x"), ("index.py", "def handler(event, context): pass")] {
            writer.start_file(path, SimpleFileOptions::default()).expect("starts");
            writer.write_all(text.as_bytes()).expect("writes");
        }
        let archive = writer.finish().expect("finishes").into_inner();
        let contents = read(archive.clone(), "index.handler", Language::Python);
        assert_eq!(contents.files, [("index.py".to_owned(), 33), ("lib/b.py".to_owned(), 1)]);
        assert_eq!(contents.preview, Some(("index.py".to_owned(), "def handler(event, context): pass".to_owned())));
        assert_eq!(read(archive, "lib/b.run", Language::Python).preview, Some(("lib/b.py".to_owned(), "x".to_owned())));
        assert_eq!(read(b"no archive".to_vec(), "index.handler", Language::Python).file_count, 0);
    }
}
