//! The part of the port that is about triggers.

use crate::engine::Engine;
use async_trait::async_trait;
use model::*;

#[async_trait]
impl TriggerControl for Engine {
    async fn create_trigger(&self, function: &FunctionRef, name: &TriggerName, spec: TriggerSpec) -> Result<Trigger> {
        self.core.create_trigger(function, name, spec).await
    }

    async fn get_trigger(&self, trigger: &TriggerRef) -> Result<Trigger> {
        self.core.get_trigger(trigger).await
    }

    async fn http_trigger(&self, function: &FunctionRef, qualifier: &Qualifier) -> Result<Trigger> {
        self.core.http_trigger(function, qualifier).await
    }

    async fn list_triggers(&self, function: &FunctionRef, query: &ListQuery) -> Result<Page<Trigger>> {
        self.core.list_triggers(function, query).await
    }

    async fn update_trigger(&self, trigger: &TriggerRef, patch: TriggerPatch, if_match: Option<&str>) -> Result<Trigger> {
        self.core.update_trigger(trigger, patch, if_match).await
    }

    async fn delete_trigger(&self, trigger: &TriggerRef, if_match: Option<&str>) -> Result<()> {
        self.core.delete_trigger(trigger, if_match).await
    }

    async fn run_trigger(&self, trigger: &TriggerRef) -> Result<SubmitReceipt> {
        self.core.run_trigger(trigger).await
    }

    fn next_runs(&self, cron_expression: &str, count: usize) -> Result<NextRuns> {
        self.core.next_runs(cron_expression, count)
    }
}
