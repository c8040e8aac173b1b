//! Aligned columns.

/// What a cell's colour says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Good,
    Bad,
    Busy,
    Quiet,
}

impl Tone {
    /// The colour's number in ECMA-48; `None` leaves the text alone.
    fn code(self) -> Option<&'static str> {
        match self {
            Tone::Plain => None,
            Tone::Good => Some("32"),
            Tone::Bad => Some("31"),
            Tone::Busy => Some("36"),
            Tone::Quiet => Some("2"),
        }
    }

    /// That of a task's state.
    pub fn of_status(status: &str) -> Self {
        match status {
            "Succeeded" => Tone::Good,
            "Failed" | "Expired" | "Invalid" => Tone::Bad,
            "Running" | "Retrying" | "Stopping" => Tone::Busy,
            "Stopped" => Tone::Quiet,
            _ => Tone::Plain,
        }
    }
}

/// A text with a colour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    /// A text; what could steer a terminal is made visible.
    pub fn new(text: &str, tone: Tone) -> Self {
        let is_harmless = |c: char| !c.is_control() || c == '\n' || c == '\t';
        let text = text.chars().map(|c| if is_harmless(c) { c } else { char::REPLACEMENT_CHARACTER }).collect();
        Self { text, tone }
    }

    /// A text in the terminal's own colour.
    pub fn plain(text: impl AsRef<str>) -> Self {
        Self::new(text.as_ref(), Tone::Plain)
    }

    /// A task's state in its colour.
    pub fn status(status: &str) -> Self {
        Self::new(status, Tone::of_status(status))
    }

    /// True when there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    fn width(&self) -> usize {
        self.text.chars().count()
    }

    /// The text with its colour, where colours are wanted.
    pub fn paint(&self, has_colour: bool) -> String {
        match self.tone.code().filter(|_| has_colour && !self.is_empty()) {
            Some(code) => format!("\x1b[{code}m{}\x1b[0m", self.text),
            None => self.text.clone(),
        }
    }
}

/// A table whose head is printed once and whose columns only ever grow.
pub(crate) struct Table {
    heads: &'static [&'static str],
    widths: Vec<usize>,
    is_begun: bool,
}

impl Table {
    /// A table with these columns; the last one may hold text of any length.
    pub fn new(heads: &'static [&'static str]) -> Self {
        Self { heads, widths: heads.iter().map(|head| head.len()).collect(), is_begun: false }
    }

    /// The next rows as text, below the head when they are the first.
    pub fn page(&mut self, rows: &[Vec<Cell>], has_colour: bool) -> String {
        for row in rows {
            for (width, cell) in self.widths.iter_mut().zip(row) {
                *width = cell.width().max(*width);
            }
        }
        let mut text = String::new();
        if !std::mem::replace(&mut self.is_begun, true) {
            let heads: Vec<Cell> = self.heads.iter().map(|head| Cell::new(head, Tone::Quiet)).collect();
            self.print(&heads, has_colour, &mut text);
        }
        for row in rows {
            self.print(row, has_colour, &mut text);
        }
        text
    }

    fn print(&self, row: &[Cell], has_colour: bool, text: &mut String) {
        let last = row.iter().rposition(|cell| !cell.is_empty()).unwrap_or_default();
        for (column, (cell, width)) in row.iter().zip(&self.widths).enumerate().take(last + 1) {
            text.push_str(&cell.paint(has_colour));
            if column < last {
                text.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.width()) + 2));
            }
        }
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(texts: [&str; 3]) -> Vec<Cell> {
        let [name, status, rest] = texts;
        vec![Cell::plain(name), Cell::status(status), Cell::plain(rest)]
    }

    #[test]
    fn i5_columns_are_aligned_and_grow_from_page_to_page() {
        let mut table = Table::new(&["TASK", "STATUS", "ERROR"]);
        let first = table.page(&[row(["job-1", "Failed", "no luck"]), row(["jöb", "Running", ""])], false);
        assert_eq!(first, "TASK   STATUS   ERROR\njob-1  Failed   no luck\njöb    Running\n");
        assert_eq!(table.page(&[row(["a-long-name", "Stopped", "x"])], false), "a-long-name  Stopped  x\n");
    }

    #[test]
    fn i5_colours_only_where_they_are_wanted() {
        assert_eq!(Cell::status("Failed").paint(false), "Failed");
        assert_eq!(Cell::status("Failed").paint(true), "\x1b[31mFailed\x1b[0m");
        assert_eq!(Cell::status("Enqueued").paint(true), "Enqueued");
    }

    #[test]
    fn i5_a_text_from_elsewhere_can_not_steer_the_terminal() {
        assert_eq!(Cell::plain("a\x1b[2Jb\r\u{9b}c\nd").paint(true), "a\u{fffd}[2Jb\u{fffd}\u{fffd}c\nd");
    }
}
