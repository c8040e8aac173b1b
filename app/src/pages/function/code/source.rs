//! Text files as an editor has them: lines that end in `\n`, whatever they end in within the package.

use super::api::NotText;
use model::limits::SOURCE_BYTES_MAX;
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// A text, and how its lines end in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) text: String,
    /// True for `\r\n`.
    ends_in_two: bool,
}

impl Source {
    /// Reads a file of an archive. Reads no more of it than an editor takes: what an archive says of its sizes is only a claim.
    pub(super) fn read(archive: &mut ZipArchive<Cursor<Vec<u8>>>, path: &str) -> Result<Self, NotText> {
        let Ok(file) = archive.by_name(path) else { return Err(NotText::Missing) };
        if !file.is_file() {
            return Err(NotText::Binary);
        }
        let mut bytes = Vec::new();
        file.take(SOURCE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(|_| NotText::Binary)?;
        Self::of(bytes)
    }

    fn of(bytes: Vec<u8>) -> Result<Self, NotText> {
        if bytes.len() > SOURCE_BYTES_MAX {
            return Err(NotText::Large);
        }
        // The text of a page can't have a zero byte.
        let text = String::from_utf8(bytes).ok().filter(|text| !text.contains('\0')).ok_or(NotText::Binary)?;
        let count = |end: &str| text.matches(end).count();
        match (count("\r\n"), count("\r"), count("\n")) {
            (0, 0, _) => Ok(Self { text, ends_in_two: false }),
            (both, returns, feeds) if both == returns && both == feeds => Ok(Self { text: text.replace("\r\n", "\n"), ends_in_two: true }),
            _ => Err(NotText::LineEnds),
        }
    }

    /// The bytes of the file when its text is this one.
    pub(super) fn bytes_of(&self, text: &str) -> Vec<u8> {
        if self.ends_in_two { text.replace('\n', "\r\n").into_bytes() } else { text.as_bytes().to_vec() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_told_from_what_an_editor_would_break() {
        let check = |bytes: &[u8], expected: Result<&str, NotText>| {
            assert_eq!(Source::of(bytes.to_vec()).as_ref().map(|source| source.text.as_str()).map_err(|why| *why), expected, "{bytes:?}");
        };
        check(b"", Ok(""));
        check("a\nä \u{feff}\n".as_bytes(), Ok("a\nä \u{feff}\n"));
        check(b"a\r\nb\r\n", Ok("a\nb\n"));
        check(b"a\r\nb\n", Err(NotText::LineEnds));
        check(b"a\rb", Err(NotText::LineEnds));
        check(b"a\0b", Err(NotText::Binary));
        check(b"\xff\xfe", Err(NotText::Binary));
        check(&vec![b'a'; SOURCE_BYTES_MAX + 1], Err(NotText::Large));
        assert!(Source::of(vec![b'a'; SOURCE_BYTES_MAX]).is_ok());
    }

    #[test]
    fn lines_end_as_they_did() {
        let check = |before: &[u8], text: &str, after: &[u8]| {
            assert_eq!(Source::of(before.to_vec()).unwrap().bytes_of(text), after);
        };
        check(b"a\r\nb", "a\nc\n", b"a\r\nc\r\n");
        check(b"a\nb", "a\nc\n", b"a\nc\n");
        check(b"", "a\n", b"a\n");
    }
}
