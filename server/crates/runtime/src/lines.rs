//! Splits what a process writes into lines, finds the marks that end a request, and cuts lines that are too long.

use model::limits::LOG_LINE_BYTES_MAX;

/// Hex digits of the request's number at the end of a mark.
const SEQ_DIGITS: usize = 8;

/// What comes out of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A line without its line feed, at most `LOG_LINE_BYTES_MAX` bytes.
    Line(String),
    /// The same, of request number so-and-so.
    LineOf(u32, String),
    /// Everything that request number so-and-so wrote has been read.
    Mark(u32),
}

/// Splits one stream. A mark is `0x1E`, the instance's marker, eight hex digits and a line feed; text in front of it on the same line
/// is a line of its own. A line that begins like a mark, but with `0x1F`, is of the request with that number.
#[derive(Debug)]
pub(crate) struct LineSplitter {
    marker: Vec<u8>,
    /// What a line begins with that says which request it is of.
    label: Vec<u8>,
    /// The first bytes of the line that is being read.
    head: Vec<u8>,
    /// Its last bytes beyond `head`, as many as a mark has.
    rest: Vec<u8>,
    /// All its bytes so far.
    total: usize,
}

impl LineSplitter {
    /// A splitter for a stream of the instance with this marker.
    pub(crate) fn new(marker: &str) -> Self {
        let of = |control: &[u8]| [control, marker.as_bytes()].concat();
        Self { marker: of(b"\x1e"), label: of(b"\x1f"), head: Vec::new(), rest: Vec::new(), total: 0 }
    }

    /// Takes the next bytes of the stream and appends what they complete.
    pub(crate) fn feed(&mut self, chunk: &[u8], out: &mut Vec<Piece>) {
        for part in chunk.split_inclusive(|byte| *byte == b'\n') {
            match part.strip_suffix(b"\n") {
                Some(end) => {
                    self.push(end);
                    self.end_line(out);
                }
                None => self.push(part),
            }
        }
    }

    /// The stream has ended: what is left is a line.
    pub(crate) fn finish(&mut self, out: &mut Vec<Piece>) {
        if self.total > 0 {
            self.end_line(out);
        }
    }

    fn mark_len(&self) -> usize {
        self.marker.len() + SEQ_DIGITS
    }

    fn push(&mut self, bytes: &[u8]) {
        self.total += bytes.len();
        // The head also has room for a label and a mark, so that a line of exactly the limit is not taken for a longer one.
        let room = (LOG_LINE_BYTES_MAX + 2 * self.mark_len()).saturating_sub(self.head.len());
        let (fits, beyond) = bytes.split_at(room.min(bytes.len()));
        self.head.extend_from_slice(fits);
        self.rest.extend_from_slice(beyond.get(beyond.len().saturating_sub(self.mark_len())..).unwrap_or_default());
        let surplus = self.rest.len().saturating_sub(self.mark_len());
        self.rest.drain(..surplus);
    }

    fn end_line(&mut self, out: &mut Vec<Piece>) {
        let mark = self.mark();
        if mark.is_some() {
            self.total -= self.mark_len();
            self.head.truncate(self.total);
        }
        let request = number(&self.label, &self.head);
        let label_len = if request.is_some() { self.mark_len() } else { 0 };
        if self.total > label_len || mark.is_none() {
            let bytes = self.head.get(label_len..).unwrap_or_default();
            let text = line_text(bytes.strip_suffix(b"\r").unwrap_or(bytes), self.total - label_len);
            out.push(match request {
                Some(request) => Piece::LineOf(request, text),
                None => Piece::Line(text),
            });
        }
        out.extend(mark.map(Piece::Mark));
        self.head.clear();
        self.rest.clear();
        self.total = 0;
    }

    /// The request number, when the line ends with a mark.
    fn mark(&self) -> Option<u32> {
        let from_head = self.mark_len().saturating_sub(self.rest.len());
        let head_end = self.head.get(self.head.len().checked_sub(from_head)?..)?;
        let end = [head_end, self.rest.as_slice()].concat();
        number(&self.marker, &end)
    }
}

/// The request number behind such a beginning.
fn number(beginning: &[u8], bytes: &[u8]) -> Option<u32> {
    let digits = bytes.strip_prefix(beginning)?.get(..SEQ_DIGITS)?;
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// The text of a line of `total` bytes whose first bytes are given; no zero character, since databases refuse it.
fn line_text(bytes: &[u8], total: usize) -> String {
    let mut text = String::from_utf8_lossy(bytes).into_owned();
    if text.contains('\0') {
        text = text.replace('\0', "\u{fffd}");
    }
    if total > LOG_LINE_BYTES_MAX || text.len() > LOG_LINE_BYTES_MAX {
        let note = format!(" … [cut: the line has {total} bytes]");
        text.truncate(text.floor_char_boundary(LOG_LINE_BYTES_MAX - note.len()));
        text.push_str(&note);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Splits `input` in chunks of several sizes; each has to give the same.
    #[track_caller]
    fn check(input: &[u8], expected: &[Piece]) {
        for size in [1, 2, 7, 4_096, input.len().max(1)] {
            let mut splitter = LineSplitter::new("abcd");
            let mut out = Vec::new();
            for chunk in input.chunks(size) {
                splitter.feed(chunk, &mut out);
            }
            splitter.finish(&mut out);
            assert_eq!(out, expected, "chunks of {size}");
        }
    }

    fn line(text: impl Into<String>) -> Piece {
        Piece::Line(text.into())
    }

    #[test]
    fn lines_and_marks() {
        check(b"", &[]);
        check(b"a\n\nb\r\nc", &[line("a"), line(""), line("b"), line("c")]);
        check(b"a\n\x1eabcd0000002a\n", &[line("a"), Piece::Mark(42)]);
        check(b"no line feed\x1eabcd00000001\nnext\n", &[line("no line feed"), Piece::Mark(1), line("next")]);
        check(b"\x1eabce00000001\n", &[line("\u{1e}abce00000001")]);
        check(b"\x1eabcd0000000g\n", &[line("\u{1e}abcd0000000g")]);
        check("ä\0\n".as_bytes(), &[line("ä\u{fffd}")]);
        check(b"\xff\n", &[line("\u{fffd}")]);
    }

    #[test]
    fn i4_lines_say_which_request_they_are_of() {
        let of = |request: u32, text: &str| Piece::LineOf(request, text.to_owned());
        check(b"\x1fabcd0000002aa\n\x1fabcd00000001\nb\n", &[of(42, "a"), of(1, ""), line("b")]);
        check(b"\x1fabcd00000007no line feed\x1eabcd00000007\n", &[of(7, "no line feed"), Piece::Mark(7)]);
        check(b"\x1fabce00000001x\n", &[line("\u{1f}abce00000001x")]);
        check(b"x\x1fabcd00000001y\n", &[line("x\u{1f}abcd00000001y")]);
        let whole = "x".repeat(LOG_LINE_BYTES_MAX);
        check(format!("\x1fabcd00000001{whole}\n").as_bytes(), &[of(1, &whole)]);
        let note = format!(" … [cut: the line has {} bytes]", LOG_LINE_BYTES_MAX + 1);
        let cut = "x".repeat(LOG_LINE_BYTES_MAX - note.len()) + &note;
        check(format!("\x1fabcd00000001{whole}x\n").as_bytes(), &[of(1, &cut)]);
    }

    #[test]
    fn long_lines_are_cut_and_say_so() {
        let whole = "x".repeat(LOG_LINE_BYTES_MAX);
        check(format!("{whole}\x1eabcd00000001\n").as_bytes(), &[line(whole.clone()), Piece::Mark(1)]);
        let note = " … [cut: the line has 102400 bytes]";
        let cut = "x".repeat(LOG_LINE_BYTES_MAX - note.len()) + note;
        assert_eq!(cut.len(), LOG_LINE_BYTES_MAX);
        check(format!("{}\n", "x".repeat(102_400)).as_bytes(), &[line(cut.clone())]);
        check(format!("{}\x1eabcd00000007\n", "x".repeat(102_400)).as_bytes(), &[line(cut), Piece::Mark(7)]);
    }
}
