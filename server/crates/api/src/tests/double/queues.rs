//! The double's queues.

use super::kept::Double;
use model::{Error, QueueScope, Result};

impl Double {
    /// Limits how many tasks of the scope may run.
    pub(super) fn limit(&self, scope: &QueueScope, most: Option<u32>) -> Result<()> {
        if most == Some(0) {
            return Err(Error::invalid("pause instead"));
        }
        self.queue(scope)?.queues.entry(format!("{scope:?}")).or_default().max_running = most;
        Ok(())
    }
}
