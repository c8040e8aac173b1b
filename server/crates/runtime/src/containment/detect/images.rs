//! Instances of images: a sandbox whose root is the image's (`root.rs`), for a server that is root.

use super::{Containment, Request, try_out};
use crate::containment::{
    entry::Entry,
    root::{self, Mounts},
    sandbox::{BOOTSTRAP, ImageView, Sandbox},
};
use engine::clock::Clock;
use std::{
    ffi::OsString,
    fs, io,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
};
use tokio::process::Command;

/// What is mounted over the image of a trial.
const TRIAL_BYTES: u64 = 1 << 20;

/// What instances of images are made with.
#[derive(Debug)]
pub(super) struct Rooms {
    entry: Entry,
    /// The empty directory at which each instance mounts its own root.
    point: PathBuf,
}

impl Rooms {
    /// The command that starts an image's instance, and what has to be mounted first. Errors: no user can be given.
    pub(super) fn furnish(
        &self,
        sandbox: &Sandbox,
        request: &Request,
        dir: &Path,
        filters: &[OwnedFd],
    ) -> io::Result<(PathBuf, Vec<OsString>, Mounts)> {
        let users = sandbox.users.as_ref().ok_or(io::ErrorKind::PermissionDenied)?;
        let user = users.next();
        let mounts = Mounts::new(&request.code_dir, &self.point, request.disk_mb << 20, user)?;
        let root = root::root_below(&self.point);
        let view =
            ImageView { root: &root, entry: &self.entry, user, dir, internet: request.internet, hold: request.hold, late: &request.late };
        let command = std::iter::once(OsString::from(request.program.clone())).chain(request.args.iter().cloned());
        Ok((sandbox.program.clone(), sandbox.args_of_image(&view, filters, command), mounts))
    }
}

impl Containment {
    /// Gets ready for instances of images that lie below `images`, and tries one; `dir` is for what that needs. Errors: why there can be none.
    pub(crate) async fn prepare_images(&mut self, images: &Path, dir: &Path, clock: &dyn Clock) -> Result<(), String> {
        let sandbox = self.sandbox.as_ref().ok_or("there is no sandbox for functions")?;
        let users = sandbox.users.as_ref().ok_or("only a server that is root runs images")?;
        if !sandbox.processes {
            return Err("the kernel refuses a process namespace".to_owned());
        }
        for place in [images, dir] {
            if let Some(problem) = root::problem_of(place) {
                return Err(problem);
            }
        }
        let (point, trial) = (dir.join("root"), dir.join("trial"));
        let made = [&point, &trial].into_iter().try_for_each(fs::create_dir_all);
        made.and_then(|()| crate::images::lay_out(&trial)).map_err(|error| format!("no directory for a trial: {error}"))?;
        let rooms = Rooms { entry: Entry::stage(dir, Path::new(BOOTSTRAP), &users.setpriv).await?, point };
        let tried = self.try_image(sandbox, &rooms, &trial, clock).await;
        fs::remove_dir_all(&trial).map_err(|error| format!("a trial can't be removed: {error}"))?;
        tried.map_err(|why| format!("an image can't be mounted here: {why}"))?;
        self.rooms = Some(rooms);
        Ok(())
    }

    /// Runs a program in an image that has nothing in it.
    async fn try_image(&self, sandbox: &Sandbox, rooms: &Rooms, image: &Path, clock: &dyn Clock) -> Result<(), String> {
        let shown = |error: io::Error| error.to_string();
        let filters = self.open_filters().map_err(shown)?;
        let mounts = Mounts::new(image, &rooms.point, TRIAL_BYTES, 0).map_err(shown)?;
        let root = root::root_below(&rooms.point);
        let user = sandbox.users.as_ref().map_or(0, |users| users.next());
        let view = ImageView { root: &root, entry: &rooms.entry, user, dir: "/".as_ref(), internet: false, hold: None, late: &[] };
        // The only program there is.
        let version = rooms.entry.env.iter().cloned().chain(["--version".into()]);
        let mut command = Command::new(&sandbox.program);
        command.args(sandbox.args_of_image(&view, &filters, version));
        mounts.apply(&mut command);
        crate::process::inherit(&mut command, &filters);
        try_out(command, clock).await
    }

    /// Sandbox and rooms for instances of images, if they can be had.
    pub(super) fn of_images(&self) -> Option<(&Sandbox, &Rooms)> {
        Some((self.sandbox.as_ref()?, self.rooms.as_ref()?))
    }
}
