//! The pieces of containment and which of them are in force here.

use std::fmt;

/// How much containment a server insists on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Containment {
    /// A piece that the kernel denies keeps the server from starting.
    Strict,
    /// Functions run with the pieces that there are; the log says which are missing.
    BestEffort,
}

/// A piece of what keeps functions apart from the server and from each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// Functions have a user of their own and no capabilities.
    User,
    /// Functions see the system's programs, their own code and a private `/tmp` of the configured size, nothing else.
    Files,
    /// Functions see and reach only processes of their own instance, which all end with it.
    Processes,
    /// Functions of a service without internet access have no network.
    Network,
    /// Functions can't make the system calls that administer the machine.
    SystemCalls,
    /// An instance has no more memory than is configured.
    Memory,
    /// An instance has at most so many processes and threads (`fc-api.md` 5.4).
    ProcessCount,
    /// An instance has no more processor time than is configured.
    Cpu,
}

impl Piece {
    /// Every piece.
    pub const ALL: [Self; 8] =
        [Self::User, Self::Files, Self::Processes, Self::Network, Self::SystemCalls, Self::Memory, Self::ProcessCount, Self::Cpu];

    /// Its name in logs and in `taskyard doctor`.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "own user",
            Self::Files => "own files",
            Self::Processes => "own processes",
            Self::Network => "network switch",
            Self::SystemCalls => "system call filter",
            Self::Memory => "memory limit",
            Self::ProcessCount => "process limit",
            Self::Cpu => "processor limit",
        }
    }
}

/// Whether a piece is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It is, by this means.
    InForce(&'static str),
    /// A weaker means stands in, and why.
    Weaker(&'static str, String),
    /// It is not, and why.
    Missing(String),
}

/// What was found out about a piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub piece: Piece,
    pub state: State,
}

impl Finding {
    /// True when the piece is in force as it should be.
    pub fn is_in_force(&self) -> bool {
        matches!(self.state, State::InForce(_))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.state {
            State::InForce(by) => write!(f, "{}: by {by}", self.piece.name()),
            State::Weaker(by, why) => write!(f, "{}: only by {by}: {why}", self.piece.name()),
            State::Missing(why) => write!(f, "{}: missing: {why}", self.piece.name()),
        }
    }
}
