//! An image for the cases of containers, made of this machine's files: nothing is downloaded. It is made once and kept below `target`.

use crate::harness::Bench;
use runtime::ContainerEngine;
use std::{
    ffi::OsString,
    fs::{self, File},
    hash::{DefaultHasher, Hash, Hasher},
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Prints the files of the standard library that the fixtures need, with what was compiled of them.
const MODULES: &str = "
import asyncio, encodings.idna, encodings.latin_1, http.server, importlib, itertools, json, logging, socket, subprocess, sys, traceback
for module in list(sys.modules.values()):
    for name in ('__file__', '__cached__'):
        file = getattr(module, name, None)
        if file: print(file)";
/// Programs that the fixtures run.
const PROGRAMS: [&str; 6] = ["/bin/sh", "/bin/cat", "/bin/readlink", "/bin/sleep", "/usr/bin/env", "/usr/bin/setsid"];
/// Fixtures that are in the image.
const FIXTURES: [&str; 4] = ["basic", "http", "nasty", "stop"];

/// An engine with a storage of its own, and the image in it.
pub struct Shelf {
    pub engine: Vec<OsString>,
    pub image: String,
}

impl Shelf {
    /// The engine with the image; `None` where none works, which is said on stdout.
    pub fn open() -> Option<Self> {
        if !nix::unistd::Uid::effective().is_root() {
            println!("skipped: containers are run by root only");
            return None;
        }
        if Command::new("podman").arg("--version").stdout(Stdio::null()).status().is_err() {
            println!("skipped: podman is not installed");
            return None;
        }
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("containers");
        fs::create_dir_all(&dir).unwrap();
        let [storage, run] = ["storage", "run"].map(|name| dir.join(name).into_os_string());
        let engine = ["podman".into(), "--root".into(), storage, "--runroot".into(), run, "--storage-driver".into(), "vfs".into()].to_vec();
        // The cases run in processes of their own, and the first of them makes the image for all.
        let lock = File::options().create(true).truncate(false).write(true).open(dir.join("lock")).unwrap();
        lock.lock().unwrap();
        let shelf = Self { engine, image: format!("localhost/taskyard-test:{:016x}", content()) };
        if !shelf.podman(&["image", "inspect", &shelf.image]).0 {
            shelf.make(&dir);
        }
        Some(shelf)
    }

    /// Runs a command of the engine: whether it worked, and what it printed.
    pub fn podman(&self, args: &[&str]) -> (bool, String) {
        let output = Command::new(&self.engine[0]).args(&self.engine[1..]).args(args).stderr(Stdio::null()).output().unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap().trim().to_owned())
    }

    /// Ids of the containers of the server with this data folder; tests that run meanwhile have some of their own.
    pub fn containers_of(&self, data_dir: &Path) -> String {
        let owner = std::fs::read_to_string(data_dir.join("owner")).unwrap();
        let (listed, ids) = self.podman(&["ps", "--all", "--quiet", "--filter", &format!("label=taskyard.owner={owner}")]);
        assert!(listed);
        ids
    }

    fn make(&self, dir: &Path) {
        // Those of other fixtures.
        let (_, old) = self.podman(&["images", "--quiet", "localhost/taskyard-test"]);
        old.lines().for_each(|old| drop(self.podman(&["rmi", "--force", old])));
        let root = tempfile::tempdir_in(dir).unwrap();
        fill(root.path());
        let mut tar = Command::new("tar").arg("-C").arg(root.path()).args(["-cf", "-", "."]).stdout(Stdio::piped()).spawn().unwrap();
        let entry = format!("ENTRYPOINT [\"{}\",\"/srv/serve.py\"]", python().display());
        let changes = [entry.as_str(), "CMD [\"basic\"]", "ENV FROM_IMAGE=yes", "WORKDIR /srv/made", "USER 33"];
        let mut import = Command::new(&self.engine[0]);
        import.args(&self.engine[1..]).args(["import", "--quiet"]).args(changes.iter().flat_map(|change| ["--change", change]));
        import.args(["-", &self.image]).stdin(tar.stdout.take().unwrap()).stdout(Stdio::null());
        assert!(import.status().unwrap().success() && tar.wait().unwrap().success());
    }

    /// An executor that runs images.
    pub async fn bench(&self) -> Bench {
        Bench::with(|config| config.container_engine = ContainerEngine::Command(self.engine.clone())).await
    }
}

/// The interpreter's real file, which lies where its library is looked for.
fn python() -> PathBuf {
    fs::canonicalize("/usr/bin/python3").unwrap()
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// Files of the fixtures and where they are in the image.
fn sources() -> Vec<(PathBuf, PathBuf)> {
    let own = ["container/serve.py", "custom/bootstrap"].map(|name| fixtures().join(name));
    let own = own.map(|path| (path.clone(), Path::new("srv").join(path.file_name().unwrap()))).into_iter();
    let others = FIXTURES.map(|name| (fixtures().join("python").join(name).join("index.py"), Path::new("srv").join(name).join("index.py")));
    own.chain(others).collect()
}

/// What the image depends on, as a number.
fn content() -> u64 {
    let mut content = DefaultHasher::new();
    (python(), fs::metadata(python()).unwrap().len(), MODULES, PROGRAMS, include_str!("images.rs")).hash(&mut content);
    for (from, to) in sources() {
        (fs::read(from).unwrap(), to).hash(&mut content);
    }
    content.finish()
}

fn fill(root: &Path) {
    let listed = Command::new(python()).args(["-S", "-c", MODULES]).output().unwrap();
    let mut files: Vec<String> = String::from_utf8(listed.stdout).unwrap().lines().map(str::to_owned).collect();
    files.extend(PROGRAMS.map(str::to_owned));
    files.push(python().display().to_string());
    let programs =
        PROGRAMS.iter().map(PathBuf::from).chain([python()]).chain(files.iter().map(PathBuf::from).filter(|file| file.ends_with(".so")));
    let needed = Command::new("ldd").args(programs).output().unwrap();
    let needed = String::from_utf8(needed.stdout).unwrap();
    files.extend(needed.split_ascii_whitespace().filter(|word| word.starts_with('/') && !word.ends_with(':')).map(str::to_owned));
    files.retain(|file| Path::new(file).exists());
    files.sort();
    files.dedup();
    let mut pack = Command::new("tar");
    pack.args(["-C", "/", "--dereference", "--files-from=-", "-cf", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut pack = pack.spawn().unwrap();
    let mut unpack = Command::new("tar").arg("-C").arg(root).args(["-xf", "-"]).stdin(pack.stdout.take().unwrap()).spawn().unwrap();
    for file in files {
        writeln!(pack.stdin.as_ref().unwrap(), "{}", file.trim_start_matches('/')).unwrap();
    }
    drop(pack.stdin.take());
    assert!(pack.wait().unwrap().success() && unpack.wait().unwrap().success());
    fs::create_dir_all(root.join("etc")).unwrap();
    fs::write(root.join("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n").unwrap();
    for (from, to) in sources() {
        fs::create_dir_all(root.join(&to).parent().unwrap()).unwrap();
        fs::copy(from, root.join(to)).unwrap();
    }
    // Only the devices of the image itself are left out.
    fs::create_dir_all(root.join("srv/nasty/dev")).unwrap();
    fs::write(root.join("srv/nasty/dev/kept"), "").unwrap();
}
