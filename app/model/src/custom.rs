//! Members of a function that custom runtimes and instance hooks are made of (`fc-api.md` 3.2, 5.5). They are stored as they were sent.

use crate::{Error, FunctionSpec, Result, limits};
use serde_json::{Map, Value};

/// Member of [`FunctionSpec::extra`] with the port of a custom runtime.
const PORT: &str = "caPort";
const CUSTOM: &str = "customRuntimeConfig";
const CONTAINER: &str = "customContainerConfig";
const LIFECYCLE: &str = "instanceLifecycleConfig";

/// When a hook runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookKind {
    /// When an instance has become idle.
    PreFreeze,
    /// Before an instance is ended.
    PreStop,
}

impl HookKind {
    /// Its name on the wire.
    fn member(self) -> &'static str {
        match self {
            Self::PreFreeze => "preFreeze",
            Self::PreStop => "preStop",
        }
    }
}

impl std::fmt::Display for HookKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::PreFreeze => "PreFreeze",
            Self::PreStop => "PreStop",
        })
    }
}

/// A hook that is configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// Like the function's handler; custom runtimes don't look at it.
    pub handler: String,
    pub timeout_s: u64,
}

/// What a function of a container image runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContainerConfig {
    /// As a container engine names it, such as `registry.example.org/team/app:1`.
    pub image: String,
    /// Instead of the image's entry point; empty leaves that.
    pub command: Vec<String>,
    /// Instead of the image's arguments; empty leaves those, unless there is a command.
    pub args: Vec<String>,
}

impl FunctionSpec {
    /// The image, for the runtime of images.
    pub fn container(&self) -> Option<ContainerConfig> {
        let config = self.extra.get(CONTAINER).filter(|_| self.runtime.is_container())?;
        let image = config.get("image").and_then(Value::as_str).unwrap_or_default();
        let words = |member: &str| words(config.get(member)).unwrap_or_default();
        (!image.is_empty()).then(|| ContainerConfig { image: image.to_owned(), command: words("command"), args: words("args") })
    }

    /// Checks what the runtime of images needs.
    pub(crate) fn validate_container(&self) -> Result<()> {
        if !self.runtime.is_container() {
            return Ok(());
        }
        let config = self.extra.get(CONTAINER);
        let image = config.and_then(|config| config.get("image")).and_then(Value::as_str).unwrap_or_default();
        // It becomes an argument of the engine's command.
        let fits = image.starts_with(|c: char| c.is_ascii_alphanumeric()) && image.chars().all(|c| c.is_ascii_graphic());
        if !fits || image.len() > limits::IMAGE_CHARS_MAX {
            return Err(Error::invalid(format!(
                "customContainerConfig.image is set to an invalid value (allowed: the name of an image, such as \
                 registry.example.org/team/app:1; actual: '{image}')"
            )));
        }
        for member in ["command", "args"] {
            let given = config.and_then(|config| config.get(member));
            if words(given).is_none() {
                return Err(Error::invalid(format!(
                    "customContainerConfig.{member} must be a JSON array of strings, such as [\"node\",\"app.js\"]"
                )));
            }
        }
        if config.and_then(|config| config.get("webServerMode")) == Some(&Value::Bool(false)) {
            return Err(Error::invalid("customContainerConfig.webServerMode must be true: images without a web server are not run here"));
        }
        Ok(())
    }

    /// Port that a custom runtime listens on.
    pub fn ca_port(&self) -> u16 {
        let port = self.extra.get(PORT).and_then(Value::as_u64);
        port.and_then(|port| u16::try_from(port).ok()).filter(|port| *port > 0).unwrap_or(limits::CA_PORT_DEFAULT)
    }

    /// Program and arguments that start a custom runtime; empty means the file `bootstrap` of the code.
    pub fn custom_command(&self) -> Vec<String> {
        let words = |member: &str| {
            let list = self.extra.get(CUSTOM).and_then(|custom| custom.get(member)).and_then(Value::as_array);
            list.into_iter().flatten().filter_map(|word| word.as_str().map(str::to_owned)).collect::<Vec<_>>()
        };
        let command = words("command");
        if command.is_empty() && words("args").is_empty() { command } else { [command, words("args")].concat() }
    }

    /// A hook, if it is configured.
    pub fn hook(&self, kind: HookKind) -> Option<Hook> {
        let hook = self.extra.get(LIFECYCLE)?.get(kind.member())?;
        let handler = hook.get("handler").and_then(Value::as_str).unwrap_or_default();
        let timeout_s = hook.get("timeout").and_then(Value::as_u64).unwrap_or(limits::HOOK_TIMEOUT_S_DEFAULT);
        (!handler.is_empty()).then(|| Hook { handler: handler.to_owned(), timeout_s })
    }
}

/// Words that are an array, or the text of one; `None` for anything else.
fn words(given: Option<&Value>) -> Option<Vec<String>> {
    match given {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::String(text)) if text.trim().is_empty() => Some(Vec::new()),
        Some(Value::String(text)) => serde_json::from_str(text).ok(),
        Some(list) => list.as_array()?.iter().map(|word| word.as_str().map(str::to_owned)).collect(),
    }
}

/// Checks these members against their limits.
pub(crate) fn validate(extra: &Map<String, Value>) -> Result<()> {
    if let Some(port) = extra.get(PORT)
        && !port.as_u64().is_some_and(|port| (1..=65_535).contains(&port))
    {
        return Err(Error::invalid(format!("CAPort is set to an invalid value (allowed: 1 to 65535, actual: '{port}')")));
    }
    for kind in [HookKind::PreFreeze, HookKind::PreStop] {
        let Some(hook) = extra.get(LIFECYCLE).and_then(|config| config.get(kind.member())).filter(|hook| !hook.is_null()) else { continue };
        if let Some(timeout) = hook.get("timeout").filter(|timeout| !timeout.is_null())
            && !timeout.as_u64().is_some_and(|timeout| (1..=limits::HOOK_TIMEOUT_S_MAX).contains(&timeout))
        {
            let most = limits::HOOK_TIMEOUT_S_MAX;
            return Err(Error::invalid(format!(
                "the timeout of {kind} is set to an invalid value (allowed: 1 to {most}, actual: '{timeout}')"
            )));
        }
        let chars = hook.get("handler").and_then(Value::as_str).map_or(0, |handler| handler.chars().count());
        if chars > limits::HANDLER_CHARS_MAX {
            return Err(Error::invalid(format!("the handler of {kind} has more than {} characters", limits::HANDLER_CHARS_MAX)));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RuntimeName;
    use serde_json::json;

    fn spec(extra: Value) -> FunctionSpec {
        let mut spec = FunctionSpec::new(RuntimeName::from_stored("custom"), "index.handler");
        spec.extra = extra.as_object().cloned().unwrap();
        spec
    }

    #[test]
    fn i4_port_and_command_have_defaults() {
        let plain = spec(json!({}));
        assert_eq!((plain.ca_port(), plain.custom_command()), (9_000, vec![]));
        let set = spec(json!({ "caPort": 8080, "customRuntimeConfig": { "command": ["python3"], "args": ["app.py", "-v"] } }));
        assert_eq!((set.ca_port(), set.custom_command().join(" ")), (8_080, "python3 app.py -v".to_owned()));
    }

    #[test]
    fn i4_1_a_function_of_an_image_has_an_image_and_words() {
        let spec = |config: Value| {
            let mut spec = spec(json!({ "customContainerConfig": config }));
            spec.runtime = RuntimeName::from_stored(RuntimeName::CONTAINER);
            spec
        };
        let set = spec(json!({ "image": "localhost/a:1", "command": "[\"node\"]", "args": ["app.js", "-v"] }));
        let found = set.container().unwrap();
        assert_eq!(
            (found.image.as_str(), found.command.join(" "), found.args.join(" ")),
            ("localhost/a:1", "node".to_owned(), "app.js -v".to_owned())
        );
        assert!(set.validate().is_ok());
        let mut other = set.clone();
        other.runtime = RuntimeName::from_stored("custom");
        assert_eq!((other.container(), other.validate().is_ok()), (None, true));
        let check = |config: Value, part: &str| {
            let refused = spec(config.clone()).validate().map_err(|refused| refused.message);
            assert!(
                refused.as_ref().map_or_else(|message| !part.is_empty() && message.contains(part), |()| part.is_empty()),
                "{config}: {refused:?}"
            );
        };
        check(json!({ "image": "registry.example.org:5000/a/b@sha256:00", "command": null, "args": "" }), "");
        check(Value::Null, "customContainerConfig.image");
        check(json!({ "image": "" }), "customContainerConfig.image");
        check(json!({ "image": "--privileged" }), "actual: '--privileged'");
        check(json!({ "image": "a b" }), "customContainerConfig.image");
        check(json!({ "image": "a", "command": "node app.js" }), "customContainerConfig.command");
        check(json!({ "image": "a", "args": [1] }), "customContainerConfig.args");
        check(json!({ "image": "a", "webServerMode": true }), "");
        check(json!({ "image": "a", "webServerMode": false }), "webServerMode");
    }

    #[test]
    fn c58_hooks_are_read_and_bounded() {
        let config = |hook: Value| spec(json!({ "instanceLifecycleConfig": { "preStop": hook, "preFreeze": null } }));
        let set = config(json!({ "handler": "index.stop", "timeout": 5 }));
        assert_eq!(set.hook(HookKind::PreStop), Some(Hook { handler: "index.stop".to_owned(), timeout_s: 5 }));
        assert_eq!(set.hook(HookKind::PreFreeze), None);
        assert_eq!(config(json!({ "handler": "", "timeout": 5 })).hook(HookKind::PreStop), None);
        let check = |hook: Value, fits: bool| assert_eq!(config(hook.clone()).validate().is_ok(), fits, "{hook}");
        check(json!({ "handler": "index.stop", "timeout": 90 }), true);
        check(json!({ "handler": "index.stop", "timeout": 91 }), false);
        check(json!({ "handler": "index.stop", "timeout": 0 }), false);
        check(json!({ "handler": "x".repeat(257) }), false);
        let port = |port: Value, fits: bool| assert_eq!(spec(json!({ "caPort": port })).validate().is_ok(), fits);
        port(json!(65_535), true);
        port(json!(0), false);
        port(json!(70_000), false);
    }
}
