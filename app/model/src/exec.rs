//! A command, usually a shell, in a running instance (`fc-api.md` 3.6.1).

use crate::{Error, Result, limits};
use async_trait::async_trait;
use futures_core::Stream;
use serde::{Deserialize, Serialize};
use std::pin::Pin;

/// Size of a terminal in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TerminalSize {
    pub cols: u16,
    pub rows: u16,
}

/// What to run in an instance, and what to be connected to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecRequest {
    /// Program and arguments; empty: the instance's shell.
    pub command: Vec<String>,
    pub stdin: bool,
    pub stdout: bool,
    /// With a terminal, error output comes as output.
    pub stderr: bool,
    /// Gives it a terminal.
    pub tty: bool,
    /// The terminal's size at the start.
    pub size: Option<TerminalSize>,
    /// Seconds without a byte in either direction after which it is ended.
    pub idle_timeout_s: u64,
    /// Who asks: told in the log.
    pub user: String,
}

impl ExecRequest {
    /// A shell with a terminal.
    pub fn shell(user: impl Into<String>) -> Self {
        Self {
            command: Vec::new(),
            stdin: true,
            stdout: true,
            stderr: false,
            tty: true,
            size: None,
            idle_timeout_s: limits::EXEC_IDLE_S_DEFAULT,
            user: user.into(),
        }
    }

    /// Checks what a caller has given.
    pub fn validate(&self) -> Result<()> {
        let bytes: usize = self.command.iter().map(String::len).sum();
        if bytes > limits::EXEC_COMMAND_BYTES_MAX || self.command.len() > limits::EXEC_COMMAND_WORDS_MAX {
            return Err(Error::invalid(format!(
                "Command is too long (allowed: {} words with {} bytes)",
                limits::EXEC_COMMAND_WORDS_MAX,
                limits::EXEC_COMMAND_BYTES_MAX
            )));
        }
        if self.command.first().is_some_and(String::is_empty) || self.command.iter().any(|word| word.contains('\0')) {
            return Err(Error::invalid("Command is set to an invalid value (its first word names a program, and none has a zero byte)"));
        }
        if !(1..=limits::EXEC_IDLE_S_MAX).contains(&self.idle_timeout_s) {
            let most = limits::EXEC_IDLE_S_MAX;
            return Err(Error::invalid(format!(
                "IdleTimeout is set to an invalid value (allowed: 1 to {most}, actual: '{}')",
                self.idle_timeout_s
            )));
        }
        Ok(())
    }
}

/// What goes to the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExecInput {
    /// Bytes for its standard input.
    Data(Vec<u8>),
    /// The terminal has another size now.
    Resize(TerminalSize),
}

/// What comes from the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExecOutput {
    Stdout(Vec<u8>),
    Stderr(Vec<u8>),
    /// The last thing that comes.
    Ended(ExecEnd),
}

/// Why a command is over; none of its processes is left then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExecEnd {
    /// The command has ended by itself.
    Exited,
    /// Nothing came or went for the time that was asked for.
    Idle,
    /// The instance has ended.
    InstanceReleased,
    /// The server ends, or the way to it was lost.
    Disconnected,
}

impl ExecEnd {
    /// The end in words for the user.
    pub fn text(self) -> &'static str {
        match self {
            Self::Exited => "The command has ended.",
            Self::Idle => "Disconnected after a time without activity.",
            Self::InstanceReleased => "The instance has been released.",
            Self::Disconnected => "The server has ended the connection.",
        }
    }

    /// The end of which these are the words.
    pub fn from_text(text: &str) -> Option<Self> {
        [Self::Exited, Self::Idle, Self::InstanceReleased, Self::Disconnected].into_iter().find(|end| end.text() == text)
    }
}

/// Where input for a command goes; dropping it closes the command's input.
#[async_trait]
pub trait ExecSink: Send {
    /// Waits until the input is taken; false when the command takes none any more.
    async fn send(&mut self, input: ExecInput) -> bool;
}

/// What comes from a command, in order.
pub type ExecStream = Pin<Box<dyn Stream<Item = ExecOutput> + Send>>;

/// A running command. Dropping `output` ends it with everything it started.
pub struct ExecSession {
    pub input: Box<dyn ExecSink>,
    pub output: ExecStream,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_and_times_are_checked() {
        let check = |change: fn(&mut ExecRequest), fits: bool| {
            let mut request = ExecRequest::shell("someone");
            change(&mut request);
            assert_eq!(request.validate().is_ok(), fits, "{request:?}");
        };
        check(|_| (), true);
        check(|request| request.command = vec!["ls".to_owned(), String::new()], true);
        check(|request| request.command = vec![String::new()], false);
        check(|request| request.command = vec!["a\0b".to_owned()], false);
        check(|request| request.command = vec!["x".repeat(limits::EXEC_COMMAND_BYTES_MAX + 1)], false);
        check(|request| request.command = vec!["x".to_owned(); limits::EXEC_COMMAND_WORDS_MAX + 1], false);
        check(|request| request.idle_timeout_s = 0, false);
        check(|request| request.idle_timeout_s = limits::EXEC_IDLE_S_MAX + 1, false);
    }

    #[test]
    fn an_end_is_known_by_its_words() {
        assert_eq!(ExecEnd::from_text(ExecEnd::Idle.text()), Some(ExecEnd::Idle));
        assert_eq!(ExecEnd::from_text("else"), None);
    }
}
