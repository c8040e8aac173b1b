//! Where results go: tables and texts for people, JSON for programs.

mod table;
mod times;

pub(crate) use table::{Cell, Table, Tone};
pub(crate) use times::{Times, parse_instant};

use crate::problem::Outcome;
use serde_json::Value;
use std::io::Write;

/// Standard output and error of a verb.
pub(crate) struct Output {
    pub out: Box<dyn Write + Send>,
    pub err: Box<dyn Write + Send>,
    /// The API's own JSON instead of tables.
    pub is_json: bool,
    /// Standard output understands colours, and they are wanted.
    pub has_colour: bool,
    /// Somebody reads standard output as it comes.
    pub is_terminal: bool,
}

impl Output {
    /// A line for whoever asked.
    pub fn line(&mut self, text: &str) -> Outcome<()> {
        Ok(writeln!(self.out, "{text}")?)
    }

    /// Bytes exactly as they are.
    pub fn raw(&mut self, bytes: &[u8]) -> Outcome<()> {
        self.out.write_all(bytes)?;
        Ok(self.out.flush()?)
    }

    /// A line beside the result.
    pub fn note(&mut self, text: &str) -> Outcome<()> {
        Ok(writeln!(self.err, "{text}")?)
    }

    /// One document, indented.
    pub fn document(&mut self, value: &Value) -> Outcome<()> {
        self.line(&format!("{value:#}"))
    }

    /// One item of a list, on one line.
    pub fn item(&mut self, value: &Value) -> Outcome<()> {
        self.line(&value.to_string())?;
        // Whoever follows a list reads it as it comes.
        Ok(self.out.flush()?)
    }

    /// Rows of a table that is printed page by page.
    pub fn rows(&mut self, table: &mut Table, rows: &[Vec<Cell>]) -> Outcome<()> {
        let text = table.page(rows, self.has_colour);
        Ok(self.out.write_all(text.as_bytes())?)
    }

    /// Names and values, one a line; empty values are left out.
    pub fn fields(&mut self, fields: &[(&str, Cell)]) -> Outcome<()> {
        let shown: Vec<&(&str, Cell)> = fields.iter().filter(|(_, cell)| !cell.is_empty()).collect();
        let width = shown.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
        for (name, cell) in shown {
            // Lines of a longer text begin where its first does.
            let text = cell.paint(self.has_colour).replace('\n', &format!("\n{}", " ".repeat(width + 2)));
            self.line(&format!("{name:width$}  {text}"))?;
        }
        Ok(())
    }
}
