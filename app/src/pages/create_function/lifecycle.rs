//! What runs beside the handler in an instance's life (C-58).

use crate::ui::{Erase, NumberField, TextField};
use leptos::prelude::*;
use model::limits;
use serde::{Deserialize, Serialize};

/// Handlers, empty for none, and their time limits in seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifecycle {
    pub initializer: String,
    pub initializer_timeout_s: u64,
    pub pre_freeze: String,
    pub pre_freeze_timeout_s: u64,
    pub pre_stop: String,
    pub pre_stop_timeout_s: u64,
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self {
            initializer: String::new(),
            initializer_timeout_s: limits::INITIALIZATION_TIMEOUT_S_DEFAULT,
            pre_freeze: String::new(),
            pre_freeze_timeout_s: limits::HOOK_TIMEOUT_S_DEFAULT,
            pre_stop: String::new(),
            pre_stop_timeout_s: limits::HOOK_TIMEOUT_S_DEFAULT,
        }
    }
}

/// Initializer, PreFreeze and PreStop with their time limits.
#[component]
pub(crate) fn LifecycleFields(lifecycle: Lifecycle) -> impl IntoView {
    let Lifecycle { initializer, initializer_timeout_s, pre_freeze, pre_freeze_timeout_s, pre_stop, pre_stop_timeout_s } = lifecycle;
    let (hook_s, start_s) = (limits::HOOK_TIMEOUT_S_MAX, limits::INITIALIZATION_TIMEOUT_S_MAX);
    view! {
        <p class="text-meta text-muted">
            {t!("Each is a handler, such as index.initialize; empty means none. In a custom runtime any word switches it on, and the program gets POST /initialize, GET /pre-freeze and GET /pre-stop.")}
        </p>
        <div class="grid gap-4 sm:grid-cols-[1fr_12rem]">
            <TextField name="initializer" label=t!("Initializer") value=initializer mono=true help=t!("Once in each new instance, before its first request.")/>
            <NumberField name="initializer_timeout" label=t!("Initializer Timeout (s)") value=initializer_timeout_s.to_string() min=1 max=start_s help=t!("1 to 300.")/>
            <TextField name="pre_freeze" label=t!("PreFreeze") value=pre_freeze mono=true help=t!("When an instance has nothing to do.")/>
            <NumberField name="pre_freeze_timeout" label=t!("PreFreeze Timeout (s)") value=pre_freeze_timeout_s.to_string() min=1 max=hook_s help=t!("1 to 90.")/>
            <TextField name="pre_stop" label=t!("PreStop") value=pre_stop mono=true help=t!("Before an instance is ended.")/>
            <NumberField name="pre_stop_timeout" label=t!("PreStop Timeout (s)") value=pre_stop_timeout_s.to_string() min=1 max=hook_s help=t!("1 to 90.")/>
        </div>
    }
    .erase()
}

#[cfg(feature = "ssr")]
mod server {
    use super::*;
    use crate::forms::Checks;
    use model::{FunctionSpec, HookKind};
    use serde_json::{Map, Value, json};

    impl Lifecycle {
        /// That of a function.
        pub fn of(spec: &FunctionSpec) -> Self {
            let new = Self::default();
            let hook = |kind| spec.hook(kind).map(|hook| (hook.handler, hook.timeout_s));
            let (pre_freeze, pre_freeze_timeout_s) = hook(HookKind::PreFreeze).unwrap_or((String::new(), new.pre_freeze_timeout_s));
            let (pre_stop, pre_stop_timeout_s) = hook(HookKind::PreStop).unwrap_or((String::new(), new.pre_stop_timeout_s));
            Self {
                initializer: spec.initializer.clone(),
                initializer_timeout_s: spec.initialization_timeout_s,
                pre_freeze,
                pre_freeze_timeout_s,
                pre_stop,
                pre_stop_timeout_s,
            }
        }

        /// Reads the fields by their names; what is wrong with them is noted.
        pub fn read<'a>(text: impl Fn(&str) -> &'a str, checks: &mut Checks) -> Self {
            let mut seconds = |field: &str, most: u64| checks.number(field, text(field), 1, most, t!("Enter 1 to {most} seconds.", most));
            let lifecycle = Self {
                initializer: text("initializer").trim().to_owned(),
                initializer_timeout_s: seconds("initializer_timeout", limits::INITIALIZATION_TIMEOUT_S_MAX),
                pre_freeze: text("pre_freeze").trim().to_owned(),
                pre_freeze_timeout_s: seconds("pre_freeze_timeout", limits::HOOK_TIMEOUT_S_MAX),
                pre_stop: text("pre_stop").trim().to_owned(),
                pre_stop_timeout_s: seconds("pre_stop_timeout", limits::HOOK_TIMEOUT_S_MAX),
            };
            for (field, handler) in
                [("initializer", &lifecycle.initializer), ("pre_freeze", &lifecycle.pre_freeze), ("pre_stop", &lifecycle.pre_stop)]
            {
                if handler.chars().count() > limits::HANDLER_CHARS_MAX {
                    checks.fail(field, t!("Enter at most {most} characters.", most = limits::HANDLER_CHARS_MAX));
                }
            }
            lifecycle
        }

        /// The member of a spec that holds the hooks.
        pub fn members(&self) -> Map<String, Value> {
            let hook = |handler: &str, timeout_s: u64| match handler {
                "" => Value::Null,
                handler => json!({ "handler": handler, "timeout": timeout_s }),
            };
            let (freeze, stop) = (hook(&self.pre_freeze, self.pre_freeze_timeout_s), hook(&self.pre_stop, self.pre_stop_timeout_s));
            let config = if freeze.is_null() && stop.is_null() { Value::Null } else { json!({ "preFreeze": freeze, "preStop": stop }) };
            [("instanceLifecycleConfig".to_owned(), config)].into_iter().collect()
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use model::{FunctionPatch, RuntimeName};

        #[test]
        fn c58_what_the_fields_say_is_what_the_function_does() {
            let fields = |name: &str| match name {
                "initializer" => " index.start ",
                "pre_stop" => "index.stop",
                "pre_stop_timeout" => "90",
                "pre_freeze" => "",
                _ => "3",
            };
            let mut checks = Checks::default();
            let lifecycle = Lifecycle::read(fields, &mut checks);
            checks.finish().expect("nothing is wrong");
            let spec = FunctionSpec::new(RuntimeName::from_stored("python3"), "index.handler");
            let patch = FunctionPatch {
                initializer: Some(lifecycle.initializer.clone()),
                initialization_timeout_s: Some(lifecycle.initializer_timeout_s),
                extra: lifecycle.members(),
                ..FunctionPatch::default()
            };
            let spec = patch.apply(spec);
            assert_eq!((Lifecycle::of(&spec), spec.initializer.as_str()), (lifecycle, "index.start"));
            let none = Lifecycle::default();
            let spec = FunctionPatch { extra: none.members(), initializer: Some(String::new()), ..FunctionPatch::default() }.apply(spec);
            assert_eq!(Lifecycle::of(&spec), none);
        }

        #[test]
        fn c58_time_limits_are_checked() {
            let mut checks = Checks::default();
            Lifecycle::read(|name| if name.ends_with("timeout") { "0" } else { "" }, &mut checks);
            let error = checks.finish().expect_err("all three are wrong");
            let messages: Vec<&str> = error.fields.iter().map(|field| field.message.as_str()).collect();
            assert_eq!(messages, ["Enter 1 to 300 seconds.", "Enter 1 to 90 seconds.", "Enter 1 to 90 seconds."]);
        }
    }
}
