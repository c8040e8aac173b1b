//! What the form of a trigger holds.

use super::times::Times;
use model::TriggerKind;
use serde::{Deserialize, Serialize};

/// The fields of the form, as they were typed or as the trigger has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Values {
    pub kind: TriggerKind,
    pub name: String,
    /// Version or alias; empty for `LATEST`.
    pub qualifier: String,
    pub times: Times,
    /// What a time trigger sends along.
    pub message: String,
    /// False keeps a time trigger from firing.
    pub enabled: bool,
    pub methods: Vec<String>,
    /// `authType` of an HTTP trigger.
    pub auth: String,
    pub url_disabled: bool,
}

impl Values {
    /// What a new trigger of this type begins with.
    pub fn new(kind: TriggerKind) -> Self {
        Self {
            kind,
            name: default_name(kind).to_owned(),
            qualifier: String::new(),
            times: Times::default(),
            message: String::new(),
            enabled: true,
            methods: vec!["GET".to_owned(), "POST".to_owned()],
            auth: "function".to_owned(),
            url_disabled: false,
        }
    }
}

/// The name that is offered for a new trigger.
pub(super) fn default_name(kind: TriggerKind) -> &'static str {
    if kind == TriggerKind::Http { "http-trigger" } else { "timer-trigger" }
}
