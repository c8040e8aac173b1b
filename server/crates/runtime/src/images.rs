//! Container images: where they come from, and their files, unpacked once for all instances.
//!
//! How it was decided (podman 4.3 and runc 1.1 of Debian 12, vfs storage, an image of 17 MB, two cores):
//!
//! | way | cold start | what speaks against it |
//! | --- | --- | --- |
//! | `podman run` for each instance | 0.6 s, most of it a copy of the image | its container is not the server's child: it outlives a killed server; stop, out of memory, exec and the way to its port would be built a second time on what the engine tells; Docker's containers are not even on the server's process tree |
//! | `runc` on an unpacked image | not measured | the same second way, without an engine's network |
//! | the engine for its images, our sandbox for the instance | 0.06 s: 0.04 s to ask for the image, 0.02 s as without one | the image's user is not taken: each instance has its own, as all functions have |
//!
//! So the engine is asked what an image is and for its files; an instance is an ordinary one whose root is the image (`containment/root.rs`).
//! The files are open to every user, because an instance has one of its own (as OpenShift does it); nobody but root gets at them from outside.

mod engine;
mod layout;

pub(crate) use engine::Engine;
pub(crate) use layout::lay_out;

use crate::{errors, language::Refused};
use model::ContainerConfig;
use serde::Deserialize;
use std::{
    collections::HashMap,
    fs, io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

/// Unpacked images that are kept though no instance uses them.
const UNUSED_MAX: usize = 8;
/// Where programs are looked for when an image does not say it.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Why an image can't be used.
#[derive(Debug)]
pub(crate) enum ImageError {
    /// There is none, or it is not fit.
    Refused(String),
    /// The engine or the disk is at fault.
    Platform(String),
}

impl From<io::Error> for ImageError {
    fn from(error: io::Error) -> Self {
        Self::Platform(format!("the image can't be unpacked: {error}"))
    }
}

/// What an image says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Settings {
    env: Option<Vec<String>>,
    entrypoint: Option<Vec<String>>,
    cmd: Option<Vec<String>>,
    working_dir: Option<String>,
}

/// An image whose files are unpacked; they are kept as long as somebody has it.
#[derive(Debug)]
pub(crate) struct Image {
    root: PathBuf,
    settings: Settings,
    _used: Arc<()>,
}

impl Image {
    /// Where its files lie.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where its program starts, as it sees it.
    pub(crate) fn dir(&self) -> PathBuf {
        let dir = self.settings.working_dir.as_deref().unwrap_or_default();
        if dir.starts_with('/') { dir.into() } else { "/".into() }
    }

    /// Its environment, which has a search path in any case.
    pub(crate) fn env(&self) -> Vec<(String, String)> {
        let given = self.settings.env.iter().flatten().filter_map(|entry| entry.split_once('='));
        let mut env: Vec<_> = given.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        if !env.iter().any(|(name, _)| name == "PATH") {
            env.push(("PATH".to_owned(), PATH.to_owned()));
        }
        env
    }

    /// Program and arguments: the function's, and where it says nothing the image's. A command of the function's own leaves none of the
    /// image's. Errors: there is none.
    pub(crate) fn command(&self, given: &ContainerConfig) -> Result<Vec<String>, Refused> {
        let Settings { entrypoint, cmd, .. } = &self.settings;
        let of_image = |words: &Option<Vec<String>>| words.clone().unwrap_or_default();
        let arguments = match (given.args.is_empty(), given.command.is_empty()) {
            (false, _) => given.args.clone(),
            (true, true) => of_image(cmd),
            (true, false) => Vec::new(),
        };
        let program = if given.command.is_empty() { of_image(entrypoint) } else { given.command.clone() };
        let words = [program, arguments].concat();
        if words.is_empty() {
            let message = format!("image '{}' does not say what to start: give the function a command", given.image);
            return Err(Refused { code: errors::FILE_NOT_FOUND, message });
        }
        Ok(words)
    }
}

/// The unpacked images of a data directory.
pub(crate) struct Images {
    dir: PathBuf,
    /// `None` where no images are run.
    engine: Option<Arc<Engine>>,
    /// Who uses which.
    used: Arc<Mutex<HashMap<String, Weak<()>>>>,
    /// One lock for each image that somebody waits for.
    locks: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

/// Where the unpacked images of a data directory lie.
pub(crate) fn images_dir(data_dir: &Path) -> PathBuf {
    data_dir.join("images")
}

impl Images {
    /// Finds those that were unpacked before; what was begun and not ended is removed.
    pub(crate) fn open(data_dir: &Path, engine: Option<Engine>) -> io::Result<Self> {
        let dir = images_dir(data_dir);
        if engine.is_some() {
            // The files in it are open to everybody who gets there.
            fs::DirBuilder::new().recursive(true).mode(0o700).create(&dir)?;
        }
        for entry in fs::read_dir(&dir).into_iter().flatten().flatten().filter(|entry| is_unfinished(&entry.path())) {
            fs::remove_dir_all(entry.path())?;
        }
        Ok(Self { dir, engine: engine.map(Arc::new), used: Arc::default(), locks: Mutex::default() })
    }

    /// The image of this name as the engine has it now, unpacked at the first call. Who gives up waiting does not end the unpacking.
    pub(crate) async fn ready(&self, name: &str) -> Result<Image, ImageError> {
        let engine = self.engine.as_ref().ok_or_else(|| ImageError::Platform("no images are run on this server".to_owned()))?;
        let (id, settings) = engine.found(name).await?;
        let lock = Arc::clone(self.locks.lock().unwrap_or_else(PoisonError::into_inner).entry(id.clone()).or_default());
        let held = lock.lock_owned().await;
        let root = self.dir.join(&id).join("root");
        let image = |used| Image { root: root.clone(), settings: settings.clone(), _used: used };
        if let Some(used) = self.take(&id) {
            return Ok(image(used));
        }
        let (engine, dir, used, wanted) = (Arc::clone(engine), self.dir.clone(), Arc::clone(&self.used), id.clone());
        let working_dir = image(Arc::default()).dir();
        let unpacking = tokio::spawn(async move {
            let _held = held;
            unpack(&engine, &dir, &wanted, &working_dir).await?;
            let taken = take(&used, &dir, &wanted);
            let pruned = tokio::task::spawn_blocking(move || prune(&used, &dir)).await;
            pruned.map_err(io::Error::other)??;
            taken.ok_or_else(|| ImageError::Platform("the unpacked image is gone".to_owned()))
        });
        let used = unpacking.await.map_err(|error| ImageError::Platform(error.to_string()))??;
        self.locks.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        Ok(image(used))
    }

    fn take(&self, id: &str) -> Option<Arc<()>> {
        take(&self.used, &self.dir, id)
    }
}

/// A half of an unpacking or of a removal has a name that begins with a dot.
fn is_unfinished(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

fn lock(used: &Mutex<HashMap<String, Weak<()>>>) -> MutexGuard<'_, HashMap<String, Weak<()>>> {
    used.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Begins to use an image; `None` when it is not unpacked.
fn take(used: &Mutex<HashMap<String, Weak<()>>>, dir: &Path, id: &str) -> Option<Arc<()>> {
    let mut used = lock(used);
    if !dir.join(id).is_dir() {
        return None;
    }
    let known = used.get(id).and_then(Weak::upgrade);
    let taken = known.unwrap_or_default();
    used.insert(id.to_owned(), Arc::downgrade(&taken));
    Some(taken)
}

/// Unpacks an image, all of it or nothing.
async fn unpack(engine: &Engine, dir: &Path, id: &str, working_dir: &Path) -> Result<(), ImageError> {
    let scratch = dir.join(format!(".{}", uuid::Uuid::new_v4().simple()));
    let root = scratch.join("root");
    tokio::fs::create_dir_all(&root).await?;
    let exported = engine.export(id, &root).await;
    let (target, working_dir) = (dir.join(id), working_dir.to_owned());
    let finish = move || {
        let finished = exported.and_then(|()| {
            lay_out(&root)?;
            layout::add_dir(&root, &working_dir)?;
            // A power failure must not leave an image of which half is missing.
            nix::unistd::syncfs(fs::File::open(&root)?).map_err(io::Error::from)?;
            Ok(fs::rename(&scratch, &target)?)
        });
        if finished.is_err()
            && let Err(error) = fs::remove_dir_all(&scratch)
        {
            tracing::debug!(%error, "scratch directory left behind");
        }
        finished
    };
    tokio::task::spawn_blocking(finish).await.map_err(|error| ImageError::Platform(error.to_string()))?
}

/// Removes the oldest of those that nobody uses.
fn prune(used: &Mutex<HashMap<String, Weak<()>>>, dir: &Path) -> io::Result<()> {
    let gone: Vec<PathBuf> = {
        // Nobody begins to use one meanwhile.
        let mut used = lock(used);
        used.retain(|_, of| of.strong_count() > 0);
        let mut unused = Vec::new();
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if !is_unfinished(&entry.path()) && !used.contains_key(&name) {
                unused.push((entry.metadata()?.modified()?, name));
            }
        }
        unused.sort_unstable();
        let surplus = unused.len().saturating_sub(UNUSED_MAX);
        let surplus = unused.into_iter().take(surplus).map(|(_, name)| (dir.join(&name), dir.join(format!(".{name}"))));
        surplus.map(|(from, to)| fs::rename(from, &to).map(|()| to)).collect::<io::Result<_>>()?
    };
    gone.into_iter().try_for_each(fs::remove_dir_all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(settings: serde_json::Value) -> Image {
        Image { root: "/x".into(), settings: serde_json::from_value(settings).unwrap(), _used: Arc::default() }
    }

    #[test]
    fn i4_1_the_function_says_what_is_started_or_the_image_does() {
        let plain = image(serde_json::json!({ "Entrypoint": ["/run"], "Cmd": ["a", "b"], "WorkingDir": "/app", "Env": null }));
        let check = |image: &Image, command: &[&str], args: &[&str], expected: &str| {
            let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
            let given = ContainerConfig { image: "i".to_owned(), command: words(command), args: words(args) };
            let found = image.command(&given).map(|words| words.join(" ")).map_err(|refused| refused.code);
            assert_eq!(found.unwrap_or_else(str::to_owned), expected, "{command:?} {args:?}");
        };
        check(&plain, &[], &[], "/run a b");
        check(&plain, &[], &["c"], "/run c");
        check(&plain, &["/other"], &[], "/other");
        check(&plain, &["/other"], &["c"], "/other c");
        check(&image(serde_json::json!({ "Cmd": ["sh"] })), &[], &[], "sh");
        check(&image(serde_json::json!({ "Entrypoint": null })), &[], &[], "CAFileNotFound");
    }

    #[test]
    fn i4_1_an_image_has_an_environment_and_a_directory() {
        let set = image(serde_json::json!({ "Env": ["A=1=2", "PATH=/bin", "odd"], "WorkingDir": "/app" }));
        assert_eq!(set.env(), [("A".to_owned(), "1=2".to_owned()), ("PATH".to_owned(), "/bin".to_owned())]);
        assert_eq!(set.dir(), Path::new("/app"));
        let plain = image(serde_json::json!({}));
        assert_eq!((plain.env(), plain.dir()), (vec![("PATH".to_owned(), PATH.to_owned())], PathBuf::from("/")));
    }

    #[test]
    fn i4_1_the_oldest_unused_images_go() {
        let dir = tempfile::tempdir().unwrap();
        let used = Mutex::default();
        let mut held = Vec::new();
        for n in 0..UNUSED_MAX + 3 {
            let path = dir.path().join(format!("{n:02}"));
            fs::create_dir(&path).unwrap();
            let at = std::time::UNIX_EPOCH + std::time::Duration::from_secs(n as u64);
            fs::File::open(&path).unwrap().set_modified(at).unwrap();
        }
        fs::create_dir(dir.path().join(".half")).unwrap();
        held.push(take(&used, dir.path(), "00").unwrap());
        assert!(take(&used, dir.path(), "nothere").is_none());
        prune(&used, dir.path()).unwrap();
        let left = |name: &str| dir.path().join(name).exists();
        assert_eq!(["00", "01", "02", "03", ".half"].map(left), [true, false, false, true, true]);
        held.clear();
        prune(&used, dir.path()).unwrap();
        assert!(!left("00") && left("03"), "{UNUSED_MAX} are kept");
    }
}
