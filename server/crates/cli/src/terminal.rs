//! Asking the user, at the terminal itself, so that standard input stays free for payloads.

use crate::problem::{Outcome, Problem};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal, Write};

/// The terminal to ask at; `None` when nobody sits there.
fn terminal() -> Option<File> {
    if !std::io::stderr().is_terminal() {
        return None;
    }
    File::options().read(true).write(true).open("/dev/tty").ok()
}

/// Asks for a line; `None` when there is nobody to ask.
pub(crate) fn ask(text: &str) -> Outcome<Option<String>> {
    terminal().map(|terminal| line(&terminal, text)).transpose()
}

/// The same for a text that is not shown while it is typed.
pub(crate) fn ask_secret(text: &str) -> Outcome<Option<String>> {
    let Some(terminal) = terminal() else { return Ok(None) };
    let silence = Silence::begin(&terminal)?;
    let answer = line(&terminal, text);
    drop(silence);
    // The line break that was not shown either.
    (&terminal).write_all(b"\n").map_err(|error| broken(&error))?;
    answer.map(Some)
}

fn line(terminal: &File, text: &str) -> Outcome<String> {
    let mut terminal = terminal;
    let mut answer = String::new();
    terminal.write_all(text.as_bytes()).map_err(|error| broken(&error))?;
    let read = BufReader::new(terminal).read_line(&mut answer).map_err(|error| broken(&error))?;
    if read == 0 {
        return Err(Problem::Usage("nothing was answered".to_owned()));
    }
    Ok(answer.trim().to_owned())
}

fn broken(error: &dyn std::fmt::Display) -> Problem {
    Problem::Failed(format!("the terminal can't be used: {error}"))
}

/// While this lives, the terminal does not show what is typed.
struct Silence<'a> {
    terminal: &'a File,
    before: Termios,
}

impl<'a> Silence<'a> {
    fn begin(terminal: &'a File) -> Outcome<Self> {
        let before = tcgetattr(terminal).map_err(|error| broken(&error))?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(terminal, OptionalActions::Flush, &silent).map_err(|error| broken(&error))?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Silence<'_> {
    fn drop(&mut self) {
        // A terminal that is gone shows nothing any more.
        tcsetattr(self.terminal, OptionalActions::Now, &self.before).ok();
    }
}
