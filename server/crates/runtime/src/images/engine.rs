//! The container engine of this machine, by its command: podman or Docker. It is asked for images and starts nothing.

use super::{ImageError, Settings};
use crate::{
    catalog::container_engines,
    config::{ContainerEngine, RuntimeConfig},
};
use engine::clock::Clock;
use serde::Deserialize;
use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::Duration,
};
use tokio::process::Command;

/// A question that is not answered by then is given up.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);
/// So is an image that has not come by then, or that has not been copied: some storages do that for every container.
const TRANSFER_LIMIT: Duration = Duration::from_secs(900);
/// By it our containers are known, which live while an image is unpacked.
const LABEL: &str = "taskyard.owner";
/// What an engine finds its storage, its daemon, registries and their passwords by; it gets nothing else of the server's environment.
const VARIABLES: [&str; 16] = [
    "HOME",
    "XDG_RUNTIME_DIR",
    "XDG_CONFIG_HOME",
    "TMPDIR",
    "DOCKER_HOST",
    "DOCKER_CONTEXT",
    "DOCKER_CONFIG",
    "CONTAINERS_CONF",
    "CONTAINERS_STORAGE_CONF",
    "CONTAINERS_REGISTRIES_CONF",
    "REGISTRY_AUTH_FILE",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "https_proxy",
    "no_proxy",
];

/// An engine that answers.
pub(crate) struct Engine {
    /// The program with arguments that every command has.
    words: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    /// Name and version, such as `podman 4.3.1`.
    shown: String,
    label: String,
    pulls: bool,
    clock: Arc<dyn Clock>,
}

/// What `image inspect` tells.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Inspected {
    id: String,
    config: Option<Settings>,
}

impl Engine {
    /// Finds an engine that answers, and removes the containers that an earlier life of this owner has left there. Errors: why there is none.
    pub(crate) async fn find(config: &RuntimeConfig, owner: &str, clock: &Arc<dyn Clock>) -> Result<Self, String> {
        let candidates: Vec<Vec<OsString>> = match &config.container_engine {
            ContainerEngine::Off => return Err("container images are switched off".to_owned()),
            ContainerEngine::Command(words) => vec![words.clone()],
            ContainerEngine::Auto => container_engines(&config.search_path).into_iter().map(|path| vec![path.into()]).collect(),
        };
        if candidates.is_empty() {
            return Err("neither podman nor docker is installed".to_owned());
        }
        let mut env: Vec<_> = VARIABLES.iter().filter_map(|name| Some(((*name).into(), std::env::var_os(name)?))).collect();
        env.push(("PATH".into(), config.search_path.clone()));
        let mut problems = Vec::new();
        for words in candidates {
            let (label, name) = (format!("{LABEL}={owner}"), words.first().map(PathBuf::from).unwrap_or_default());
            let clock = Arc::clone(clock);
            let mut engine = Self { words, env: env.clone(), shown: String::new(), label, pulls: config.pull_images, clock };
            match engine.greet().await {
                Ok(()) => return Ok(engine),
                Err(why) => problems.push(format!("{} does not work: {why}", name.display())),
            }
        }
        Err(problems.join("; "))
    }

    /// Name and version.
    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }

    /// Asks for its version and for our containers: the second needs all that the engine itself needs.
    async fn greet(&mut self) -> Result<(), String> {
        self.shown = version(&self.ask(["--version"]).await?);
        let left = self.ask(["ps", "--all", "--quiet", "--filter", &format!("label={}", self.label)]).await?;
        for id in left.split_ascii_whitespace() {
            tracing::warn!(container.id = id, "removed a container that an earlier life of the server had left behind");
            self.remove(id).await;
        }
        Ok(())
    }

    /// Id and settings of the image of this name; it is pulled when it is not there and may be.
    pub(super) async fn found(&self, name: &str) -> Result<(String, Settings), ImageError> {
        if let Some(found) = self.inspect(name).await? {
            return Ok(found);
        }
        if !self.pulls {
            let program = self.program();
            let text = format!(
                "image '{name}' is not on this server: bring it with '{program} pull {name}', or start with --container-pull missing"
            );
            return Err(ImageError::Refused(text));
        }
        let pulled = self.run(["pull", "--quiet", "--", name], TRANSFER_LIMIT).await;
        pulled.map_err(|why| ImageError::Refused(format!("image '{name}' can't be pulled: {why}")))?;
        let found = self.inspect(name).await?;
        found.ok_or_else(|| ImageError::Platform(format!("image '{name}' was pulled and is not there")))
    }

    async fn inspect(&self, name: &str) -> Result<Option<(String, Settings)>, ImageError> {
        let told = match self.ask(["image", "inspect", "--", name]).await {
            Ok(told) => told,
            Err(why) if is_unknown(&why) => return Ok(None),
            Err(why) => return Err(ImageError::Platform(format!("{}: {why}", self.program()))),
        };
        let found: Vec<Inspected> =
            serde_json::from_str(&told).map_err(|error| ImageError::Platform(format!("{}: {error}", self.program())))?;
        let Some(Inspected { id, config }) = found.into_iter().next() else { return Ok(None) };
        let id = id.rsplit(':').next().unwrap_or_default().to_owned();
        // It becomes the name of a directory.
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(ImageError::Platform(format!("{}: '{id}' is not the id of an image", self.program())));
        }
        Ok(Some((id, config.unwrap_or_default())))
    }

    /// Writes the files of an image into an empty directory, by way of a container that never runs.
    pub(super) async fn export(&self, image: &str, into: &Path) -> Result<(), ImageError> {
        let failed = |what: &str, why: String| ImageError::Platform(format!("the image can't be unpacked: {what}: {why}"));
        // The command is for images that have none.
        let create = ["create", "--pull", "never", "--network", "none", "--label", &self.label, "--", image, "/none"];
        let container = self.run(create, TRANSFER_LIMIT).await.map_err(|why| failed(&self.program(), why))?;
        let container = container.trim();
        let copied = self.copy(container, into).await;
        self.remove(container).await;
        copied.map_err(|(what, why)| failed(&what, why))
    }

    /// Errors: which program has failed and what it said.
    async fn copy(&self, container: &str, into: &Path) -> Result<(), (String, String)> {
        let shown = |what: &str| {
            let what = what.to_owned();
            move |error: std::io::Error| (what, error.to_string())
        };
        let mut export = self.command(["export", container]);
        let mut export = export.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(shown("export"))?;
        let stream = export.stdout.take().ok_or_else(|| ("export".to_owned(), "no pipe".to_owned()))?;
        let stream = stream.into_owned_fd().map_err(shown("export"))?;
        let mut tar = Command::new("tar");
        // Anchored: else it would leave out what lies in any directory of that name.
        tar.args(["--extract", "--no-same-owner", "--anchored", "--exclude=dev/*", "--file=-", "--directory"]).arg(into);
        tar.env("LC_ALL", "C").stdin(stream).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        let both = async { tokio::join!(tar.output(), export.wait_with_output()) };
        let (unpacked, exported) = tokio::select! {
            both = both => both,
            () = self.clock.sleep(TRANSFER_LIMIT) => return Err(("export".to_owned(), "it takes too long".to_owned())),
        };
        for (what, output) in [("export", exported), ("tar", unpacked)] {
            let output = output.map_err(shown(what))?;
            if !output.status.success() {
                return Err((what.to_owned(), last_line(&output.stderr)));
            }
        }
        Ok(())
    }

    /// Removes a container of ours; one that is left is removed at the next start.
    async fn remove(&self, container: &str) {
        if let Err(error) = self.run(["rm", "--force", container], TRANSFER_LIMIT).await {
            tracing::warn!(container.id = container, %error, "container left behind");
        }
    }

    fn program(&self) -> String {
        let name = self.words.first().map(Path::new).and_then(Path::file_name).unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    fn command(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        let mut command = Command::new(self.words.first().map_or(OsStr::new(""), OsString::as_os_str));
        command.args(self.words.iter().skip(1)).args(args).env_clear().envs(self.env.iter().cloned());
        command.current_dir("/").stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    async fn ask(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Result<String, String> {
        self.run(args, ANSWER_LIMIT).await
    }

    /// What a command prints. Errors: the last line of what it complained about.
    async fn run(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>, limit: Duration) -> Result<String, String> {
        let mut command = self.command(args);
        let output = tokio::select! {
            output = command.output() => output.map_err(|error| error.to_string())?,
            () = self.clock.sleep(limit) => return Err(format!("no answer within {} s", limit.as_secs())),
        };
        if !output.status.success() {
            return Err(last_line(&output.stderr));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

/// The last line that says anything.
fn last_line(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let line = text.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or("it failed and does not say why");
    line.trim_start_matches("Error: ").to_owned()
}

/// True when an engine says that it has no such image.
fn is_unknown(why: &str) -> bool {
    let why = why.to_ascii_lowercase();
    ["no such image", "image not known", "unable to find"].iter().any(|words| why.contains(words))
}

/// Name and number in `podman version 4.3.1` or `Docker version 20.10.24, build 297e128`.
fn version(told: &str) -> String {
    let mut words = told.split_ascii_whitespace();
    let name = words.next().unwrap_or("engine").to_ascii_lowercase();
    let number = words.find(|word| word.starts_with(|c: char| c.is_ascii_digit())).unwrap_or_default();
    format!("{name} {}", number.trim_end_matches(',')).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i4_1_what_engines_say_is_understood() {
        assert_eq!(version("podman version 4.3.1\n"), "podman 4.3.1");
        assert_eq!(version("Docker version 20.10.24+dfsg1, build 297e128\n"), "docker 20.10.24+dfsg1");
        assert_eq!(version(""), "engine");
        for text in ["inspecting object: x:1: image not known", "Error: No such image: x:1", "x: no such image"] {
            assert!(is_unknown(text), "{text}");
        }
        assert!(!is_unknown("Cannot connect to the Docker daemon"));
        assert_eq!(last_line(b"warning\nError: it is broken\n\n"), "it is broken");
        assert_eq!(last_line(b""), "it failed and does not say why");
    }
}
