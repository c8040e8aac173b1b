//! Checking destinations when they are configured, and looking at deliveries.

use crate::engine::Core;
use crate::fault::store_fault;
use model::{AsyncConfigPatch, Delivery, Destination, Error, FunctionRef, Result, TaskRef};

impl Core {
    /// Fails when a destination that is about to be configured can't be one. Whether a function exists is not asked: it may be made later
    /// and deleted again; a delivery to one that does not exist fails and says so.
    pub(crate) fn check_destinations(&self, function: &FunctionRef, patch: &AsyncConfigPatch) -> Result<()> {
        let set = [&patch.on_success, &patch.on_failure];
        for text in set.into_iter().flatten().filter(|text| !text.is_empty()) {
            match Destination::parse(text, &function.region)? {
                Destination::Webhook(url) => self
                    .webhook
                    .check(&url)
                    .map_err(|why| Error::invalid(format!("Destination is set to an invalid value: {why} (actual: '{url}')")))?,
                Destination::Function { function: target, .. } if target == *function => {
                    return Err(Error::invalid("A function cannot be its own destination."));
                }
                Destination::Function { function: target, .. } => self.check_region(&target.region).map_err(|_| {
                    Error::invalid(format!(
                        "Destination is set to an invalid value: region '{}' does not exist (actual: '{text}')",
                        target.region
                    ))
                })?,
            }
        }
        Ok(())
    }

    pub(crate) async fn get_delivery(&self, task: &TaskRef) -> Result<Option<Delivery>> {
        let row = self.task_row(task).await?;
        self.store.get_delivery(row.seq).await.map_err(store_fault)
    }

    pub(crate) async fn redrive_destination(&self, task: &TaskRef, user: &str) -> Result<()> {
        let row = self.task_row(task).await?;
        let Some(delivery) = self.store.get_delivery(row.seq).await.map_err(store_fault)? else {
            return Err(Error::invalid("The outcome of this task is not delivered to anybody."));
        };
        if let Some(refusal) = delivery.status.redrive_refusal() {
            return Err(Error::invalid(refusal));
        }
        if !self.store.redrive_delivery(row.seq, user, self.clock.now()).await.map_err(store_fault)? {
            return Err(Error::invalid("The outcome of this task is being delivered already."));
        }
        tracing::info!(task.id = %task.id, function.name = %task.function, target = delivery.target, user, "delivery asked for again");
        self.deliver.notify_one();
        self.publish(task, row.task.status, false);
        Ok(())
    }
}
