//! Asynchronous configuration of a function's qualifier (`fc-api.md` 3.5, `console.md` C-65…C-67).

use crate::{Error, FunctionRef, Qualifier, Result, UnixMillis, limits};
use serde::{Deserialize, Serialize};

/// The configuration as stored. A member that was never set is `None` and shows as `null` on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsyncConfig {
    pub function: FunctionRef,
    pub qualifier: Qualifier,
    /// Task mode: every asynchronous call of the qualifier becomes a task.
    pub stateful_invocation: Option<bool>,
    pub max_retry_attempts: Option<u32>,
    pub max_event_age_s: Option<u64>,
    /// ARN that receives the outcome of a success; empty means none.
    pub on_success: Option<String>,
    /// ARN that receives the outcome of a failure; empty means none.
    pub on_failure: Option<String>,
    pub created_at: UnixMillis,
    pub modified_at: UnixMillis,
}

impl AsyncConfig {
    /// True when asynchronous calls become tasks.
    pub fn task_mode(&self) -> bool {
        self.stateful_invocation.unwrap_or(false)
    }

    /// Retries after function errors that apply.
    pub fn retries(&self) -> u32 {
        self.max_retry_attempts.unwrap_or(limits::RETRY_ATTEMPTS_DEFAULT)
    }

    /// Seconds that a due task may wait, as they apply.
    pub fn event_age_s(&self) -> u64 {
        self.max_event_age_s.unwrap_or(limits::EVENT_AGE_S_DEFAULT)
    }
}

/// Members to change; `None` keeps the stored value.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AsyncConfigPatch {
    pub stateful_invocation: Option<bool>,
    pub max_retry_attempts: Option<u32>,
    pub max_event_age_s: Option<u64>,
    /// An empty text removes the destination.
    pub on_success: Option<String>,
    /// An empty text removes the destination.
    pub on_failure: Option<String>,
}

impl AsyncConfigPatch {
    /// Checks every given member against its limit.
    pub fn validate(&self) -> Result<()> {
        if self.max_retry_attempts.is_some_and(|n| n > limits::RETRY_ATTEMPTS_MAX) {
            return Err(Error::invalid(format!(
                "MaxAsyncRetryAttempts is set to an invalid value (allowed: 0 to {}, actual: '{}')",
                limits::RETRY_ATTEMPTS_MAX,
                self.max_retry_attempts.unwrap_or_default()
            )));
        }
        if self.max_event_age_s.is_some_and(|s| !(1..=limits::EVENT_AGE_S_MAX).contains(&s)) {
            return Err(Error::invalid(format!(
                "MaxAsyncEventAgeInSeconds is set to an invalid value (allowed: 1 to {}, actual: '{}')",
                limits::EVENT_AGE_S_MAX,
                self.max_event_age_s.unwrap_or_default()
            )));
        }
        Ok(())
    }

    /// The configuration with the patch applied; `modified_at` is the caller's to set.
    pub fn apply(self, mut config: AsyncConfig) -> AsyncConfig {
        config.stateful_invocation = self.stateful_invocation.or(config.stateful_invocation);
        config.max_retry_attempts = self.max_retry_attempts.or(config.max_retry_attempts);
        config.max_event_age_s = self.max_event_age_s.or(config.max_event_age_s);
        config.on_success = self.on_success.or(config.on_success);
        config.on_failure = self.on_failure.or(config.on_failure);
        config
    }
}
