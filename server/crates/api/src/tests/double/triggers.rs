//! The double's triggers.

use super::NOW;
use super::kept::{Double, matching, page};
use async_trait::async_trait;
use model::{
    Error, ErrorCode, FunctionRef, ListQuery, NextRuns, Page, Qualifier, Result, SubmitReceipt, Trigger, TriggerControl, TriggerName,
    TriggerPatch, TriggerRef, TriggerSpec,
};

#[async_trait]
impl TriggerControl for Double {
    async fn create_trigger(&self, at: &FunctionRef, name: &TriggerName, spec: TriggerSpec) -> Result<Trigger> {
        let (mut kept, _) = self.with_function(at)?;
        let (id, etag) = (format!("id-of-{name}"), kept.etag());
        let (function, name) = (at.clone(), name.clone());
        let trigger = Trigger { function, name, id, spec, created_at: NOW, modified_at: NOW, etag, next_due_at: None, last_fired_at: None };
        if kept.triggers.contains_key(&trigger.trigger_ref()) {
            return Err(Error::new(ErrorCode::TriggerAlreadyExists, "trigger exists"));
        }
        kept.triggers.insert(trigger.trigger_ref(), trigger.clone());
        Ok(trigger)
    }

    async fn get_trigger(&self, at: &TriggerRef) -> Result<Trigger> {
        let (kept, _) = self.with_function(&at.function)?;
        kept.triggers.get(at).cloned().ok_or_else(|| Error::new(ErrorCode::TriggerNotFound, "no trigger"))
    }

    async fn http_trigger(&self, at: &FunctionRef, qualifier: &Qualifier) -> Result<Trigger> {
        self.with_function(at)?.0.http_trigger(qualifier)
    }

    async fn list_triggers(&self, at: &FunctionRef, query: &ListQuery) -> Result<Page<Trigger>> {
        let (kept, _) = self.with_function(at)?;
        let rows: Vec<_> = kept.triggers.values().map(|trigger| (trigger.name.to_string(), trigger.clone())).collect();
        Ok(page(&rows, query))
    }

    async fn update_trigger(&self, at: &TriggerRef, patch: TriggerPatch, if_match: Option<&str>) -> Result<Trigger> {
        let mut trigger = self.get_trigger(at).await?;
        matching(if_match, &trigger.etag)?;
        let mut kept = self.kept();
        trigger.spec = patch.apply(trigger.spec)?;
        trigger.etag = kept.etag();
        kept.triggers.insert(at.clone(), trigger.clone());
        Ok(trigger)
    }

    async fn delete_trigger(&self, at: &TriggerRef, if_match: Option<&str>) -> Result<()> {
        matching(if_match, &self.get_trigger(at).await?.etag)?;
        self.kept().triggers.remove(at);
        Ok(())
    }

    async fn run_trigger(&self, _: &TriggerRef) -> Result<SubmitReceipt> {
        unimplemented!("no operation of the API calls it")
    }

    fn next_runs(&self, _: &str, _: usize) -> Result<NextRuns> {
        unimplemented!("no operation of the API calls it")
    }
}
