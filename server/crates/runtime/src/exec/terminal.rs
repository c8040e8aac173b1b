//! Terminals.

use model::TerminalSize;
use rustix::{
    pty::{OpenptFlags, ioctl_tiocgptpeer, unlockpt},
    termios::{Winsize, tcsetwinsize},
};
use std::{
    fs::File,
    io,
    os::{
        fd::OwnedFd,
        unix::fs::{OpenOptionsExt, fchown},
    },
    path::Path,
};

/// Size of a terminal of which nothing is said.
const SIZE: TerminalSize = TerminalSize { cols: 80, rows: 24 };

/// Both ends of a terminal.
#[derive(Debug)]
pub(crate) struct Terminal {
    /// Ours; does not block.
    pub(crate) ours: OwnedFd,
    /// The command's.
    pub(crate) line: OwnedFd,
}

impl Terminal {
    /// Makes a terminal, in the instance's own `/dev/pts` where there is one, so that programs in it find it by its name.
    pub(crate) fn open(inside: Option<&Path>, size: Option<TerminalSize>, (uid, gid): (u32, u32)) -> io::Result<Self> {
        let open = |path: &Path| {
            let flags = nix::libc::O_NOCTTY | nix::libc::O_NONBLOCK | nix::libc::O_NOFOLLOW;
            File::options().read(true).write(true).custom_flags(flags).open(path)
        };
        let ours: OwnedFd = open(inside.unwrap_or(Path::new("/dev/ptmx")))?.into();
        unlockpt(&ours)?;
        let line = ioctl_tiocgptpeer(&ours, OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        if nix::unistd::Uid::effective().is_root() {
            // Else the command could use it, but not open it again.
            fchown(&line, Some(uid), Some(gid))?;
        }
        let terminal = Self { ours, line };
        resize(&terminal.ours, size.unwrap_or(SIZE))?;
        Ok(terminal)
    }
}

/// Tells the terminal its size; the programs on it hear of that.
pub(crate) fn resize(ours: &OwnedFd, size: TerminalSize) -> io::Result<()> {
    tcsetwinsize(ours, Winsize { ws_row: size.rows, ws_col: size.cols, ws_xpixel: 0, ws_ypixel: 0 })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};

    #[test]
    fn i4_7_what_is_written_on_one_end_comes_out_of_the_other() {
        let own = (nix::unistd::getuid().as_raw(), nix::unistd::getgid().as_raw());
        let terminal = Terminal::open(None, Some(TerminalSize { cols: 101, rows: 33 }), own).unwrap();
        let size = rustix::termios::tcgetwinsize(&terminal.line).unwrap();
        assert_eq!((size.ws_col, size.ws_row), (101, 33));
        File::from(terminal.line).write_all(b"hello\n").unwrap();
        let mut seen = [0; 7];
        File::from(terminal.ours).read_exact(&mut seen).unwrap();
        assert_eq!(&seen, b"hello\r\n");
    }
}
