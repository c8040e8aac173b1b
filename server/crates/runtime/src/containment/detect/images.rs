//! Instances of images: a sandbox whose root is the image's (`root.rs`), for a server that is root.

use super::{Containment, Request, try_out};
use crate::containment::{
    enter,
    root::{self, Mounts},
    sandbox::{ImageView, Sandbox},
};
use engine::clock::Clock;
use std::{
    ffi::OsString,
    fs, io,
    os::{
        fd::{AsRawFd, OwnedFd, RawFd},
        unix::fs::PermissionsExt,
    },
    path::{Path, PathBuf},
};
use tokio::process::Command;

/// What is mounted over the image of a trial.
const TRIAL_BYTES: u64 = 1 << 20;
/// The program in the image of a trial.
const TRIAL_PROGRAM: &str = "trial";

/// What instances of images are made with.
#[derive(Debug)]
pub(super) struct Rooms {
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
        enter: RawFd,
    ) -> io::Result<(PathBuf, Vec<OsString>, Mounts)> {
        let users = sandbox.users.as_ref().ok_or(io::ErrorKind::PermissionDenied)?;
        let user = users.next();
        let mounts = Mounts::new(&request.code_dir, &self.point, request.disk_mb << 20, user)?;
        let root = root::root_below(&self.point);
        let view = ImageView { root: &root, user, dir, internet: request.internet, hold: request.hold, enter, late: &request.late };
        let command = std::iter::once(OsString::from(request.program.clone())).chain(request.args.iter().cloned());
        Ok((sandbox.program.clone(), sandbox.args_of_image(&view, filters, command), mounts))
    }
}

impl Containment {
    /// Gets ready for instances of images that lie below `images`, and tries one; `dir` is for what that needs. Errors: why there can be none.
    pub(crate) async fn prepare_images(&mut self, images: &Path, dir: &Path, clock: &dyn Clock) -> Result<(), String> {
        let sandbox = self.sandbox.as_ref().ok_or("there is no sandbox for functions")?;
        if sandbox.users.is_none() {
            return Err("only a server that is root runs images".to_owned());
        }
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
        // The only program there is; by itself it does nothing.
        let made = made.and_then(|()| fs::write(trial.join(TRIAL_PROGRAM), enter::PROGRAM));
        let made = made.and_then(|()| fs::set_permissions(trial.join(TRIAL_PROGRAM), fs::Permissions::from_mode(0o755)));
        made.and_then(|()| crate::images::lay_out(&trial)).map_err(|error| format!("no directory for a trial: {error}"))?;
        let rooms = Rooms { point };
        let tried = self.try_image(sandbox, &rooms, &trial, clock).await;
        fs::remove_dir_all(&trial).map_err(|error| format!("a trial can't be removed: {error}"))?;
        tried.map_err(|why| format!("an image can't be mounted here: {why}"))?;
        self.rooms = Some(rooms);
        Ok(())
    }

    /// Runs a program in an image that has nothing in it.
    async fn try_image(&self, sandbox: &Sandbox, rooms: &Rooms, image: &Path, clock: &dyn Clock) -> Result<(), String> {
        let shown = |error: io::Error| error.to_string();
        let mut descriptors = self.open_filters().map_err(shown)?;
        let entrance = sandbox.entrance().map_err(shown)?.ok_or("there are no users for instances")?;
        let mounts = Mounts::new(image, &rooms.point, TRIAL_BYTES, 0).map_err(shown)?;
        let root = root::root_below(&rooms.point);
        let user = sandbox.users.as_ref().map_or(0, |users| users.next());
        let enter = entrance.as_raw_fd();
        let view = ImageView { root: &root, user, dir: "/".as_ref(), internet: false, hold: None, enter, late: &[] };
        let mut command = Command::new(&sandbox.program);
        command.args(sandbox.args_of_image(&view, &descriptors, [Path::new("/").join(TRIAL_PROGRAM).into()]));
        descriptors.push(entrance);
        mounts.apply(&mut command);
        crate::process::inherit(&mut command, &descriptors);
        try_out(command, clock).await
    }

    /// Sandbox and rooms for instances of images, if they can be had.
    pub(super) fn of_images(&self) -> Option<(&Sandbox, &Rooms)> {
        Some((self.sandbox.as_ref()?, self.rooms.as_ref()?))
    }
}
