//! Triggers.

use super::lookup::{check_etag, new_etag};
use crate::engine::Core;
use crate::fault::store_fault;
use crate::ports::StoreError;
use crate::schedule::Schedule;
use model::{
    Error, ErrorCode, FunctionRef, HttpRequest, ListQuery, NextRun, NextRuns, Origin, Page, Qualifier, RequestId, Result, SubmitReceipt,
    SubmitRequest, Trigger, TriggerKind, TriggerName, TriggerPatch, TriggerRef, TriggerSpec, UnixMillis, limits,
};

impl Core {
    pub(crate) async fn create_trigger(&self, function: &FunctionRef, name: &TriggerName, spec: TriggerSpec) -> Result<Trigger> {
        self.function(function).await?;
        self.function_at(function, &spec.qualifier).await?;
        spec.validate()?;
        let now = self.clock.now();
        let next_due_at = next_due(&spec, now)?;
        let query = ListQuery { limit: limits::TRIGGERS_MAX, ..ListQuery::default() };
        let others = self.store.list_triggers(function, &query).await.map_err(store_fault)?.items;
        check_beside(&others, name, &spec)?;
        let trigger = Trigger {
            function: function.clone(),
            name: name.clone(),
            id: uuid::Uuid::new_v4().to_string(),
            spec,
            created_at: now,
            modified_at: now,
            etag: new_etag(),
            next_due_at,
            last_fired_at: None,
        };
        self.store.insert_trigger(&trigger).await.map_err(|error| match error {
            StoreError::Exists(_) => exists(name),
            error => store_fault(error),
        })?;
        self.timers.notify_one();
        Ok(trigger)
    }

    pub(crate) async fn get_trigger(&self, trigger: &TriggerRef) -> Result<Trigger> {
        if let Some(found) = self.store.get_trigger(trigger).await.map_err(store_fault)? {
            return Ok(found);
        }
        let TriggerRef { function, name } = trigger;
        self.function(function).await?;
        let text = format!("trigger '{name}' does not exist on function '{}' of service '{}'", function.function, function.service);
        Err(Error::new(ErrorCode::TriggerNotFound, text))
    }

    /// The trigger by which an HTTP function is called under a qualifier.
    pub(crate) async fn http_trigger(&self, function: &FunctionRef, qualifier: &Qualifier) -> Result<Trigger> {
        let triggers = self.store.http_triggers(function).await.map_err(store_fault)?;
        if let Some(found) = triggers.into_iter().find(|trigger| trigger.spec.qualifier == *qualifier) {
            return Ok(found);
        }
        self.function_at(function, qualifier).await?;
        let FunctionRef { service, function, .. } = function;
        let text = format!("function '{function}' of service '{service}' has no HTTP trigger for '{qualifier}'; it takes no HTTP requests");
        Err(Error::new(ErrorCode::TriggerNotFound, text))
    }

    /// Fails unless the function takes such a call: HTTP functions take HTTP requests, and all others events.
    pub(crate) async fn check_takes(&self, function: &FunctionRef, qualifier: &Qualifier, http: Option<&HttpRequest>) -> Result<()> {
        if http.is_some() {
            return self.http_trigger(function, qualifier).await.map(drop);
        }
        match self.store.http_triggers(function).await.map_err(store_fault)?.first() {
            None => Ok(()),
            Some(trigger) => Err(Error::invalid(format!(
                "function '{}' takes HTTP requests and no events, because of its HTTP trigger '{}'",
                function.function, trigger.name
            ))),
        }
    }

    pub(crate) async fn list_triggers(&self, function: &FunctionRef, query: &ListQuery) -> Result<Page<Trigger>> {
        self.function(function).await?;
        self.store.list_triggers(function, query).await.map_err(store_fault)
    }

    pub(crate) async fn update_trigger(&self, trigger: &TriggerRef, patch: TriggerPatch, if_match: Option<&str>) -> Result<Trigger> {
        let current = self.get_trigger(trigger).await?;
        check_etag(if_match, &current.etag)?;
        if let Some(qualifier) = &patch.qualifier {
            self.function_at(&trigger.function, qualifier).await?;
        }
        let spec = patch.apply(current.spec.clone())?;
        spec.validate()?;
        let now = self.clock.now();
        let plan = |spec: &TriggerSpec| spec.config.timer().map(|timer| (timer.enable, timer.cron_expression.clone()));
        let replan = plan(&spec) != plan(&current.spec);
        let next_due_at = match replan {
            // Not before what has fired already: the clock may have been set back.
            true => next_due(&spec, current.last_fired_at.map_or(now, |fired| fired.max(now)))?,
            false => current.next_due_at,
        };
        let changed = Trigger { spec, modified_at: now, etag: new_etag(), next_due_at, ..current.clone() };
        self.store.update_trigger(&changed, &current.etag, replan).await.map_err(store_fault)?;
        self.timers.notify_one();
        Ok(changed)
    }

    pub(crate) async fn delete_trigger(&self, trigger: &TriggerRef, if_match: Option<&str>) -> Result<()> {
        let current = self.get_trigger(trigger).await?;
        check_etag(if_match, &current.etag)?;
        self.store.delete_trigger(trigger, &current.etag).await.map_err(store_fault)?;
        self.timers.notify_one();
        Ok(())
    }

    pub(crate) async fn run_trigger(&self, trigger: &TriggerRef) -> Result<SubmitReceipt> {
        let found = self.get_trigger(trigger).await?;
        let Some(timer) = found.spec.config.timer() else {
            return Err(Error::invalid(format!("only time triggers can be run; '{}' is of type {}", found.name, found.spec.kind.as_str())));
        };
        // Not `submit`: its event holds a message that was accepted before.
        self.accept(SubmitRequest {
            payload: timer.event(&found.name, self.clock.now()),
            function: found.function,
            qualifier: found.spec.qualifier,
            request_id: RequestId::generate(),
            task_id: None,
            force_task: false,
            delay_s: 0,
            http: None,
            origin: Origin::Trigger { name: found.name },
        })
        .await
    }

    pub(crate) fn next_runs(&self, cron_expression: &str, count: usize) -> Result<NextRuns> {
        const MOST: usize = 100;
        let now = self.clock.now();
        let schedule = Schedule::parse(cron_expression, now)?;
        let runs = schedule.preview(now, count.min(MOST)).into_iter();
        let runs = runs.map(|at| NextRun { at, local: schedule.local(at) }).collect();
        Ok(NextRuns { runs, meets_a_shift: schedule.meets_a_shift(now) })
    }
}

/// When a trigger fires first after an instant; `None` for those that don't fire by the clock or are switched off.
fn next_due(spec: &TriggerSpec, after: UnixMillis) -> Result<Option<UnixMillis>> {
    let Some(timer) = spec.config.timer() else { return Ok(None) };
    // Read also when it is switched off, so that it can be switched on.
    let schedule = Schedule::parse(&timer.cron_expression, after)?;
    Ok(schedule.after(after).filter(|_| timer.enable))
}

/// What the function's other triggers say against a new one (`fc-api.md` 3.3, `console.md` C-61).
fn check_beside(others: &[Trigger], name: &TriggerName, spec: &TriggerSpec) -> Result<()> {
    if others.iter().any(|other| other.name == *name) {
        return Err(exists(name));
    }
    if others.len() >= limits::TRIGGERS_MAX as usize {
        let text = format!("the function has {} triggers; that is the most", limits::TRIGGERS_MAX);
        return Err(Error::new(ErrorCode::LimitExceededError, text));
    }
    let is_http = |kind: TriggerKind| kind == TriggerKind::Http;
    if let Some(other) = others.iter().find(|other| is_http(other.spec.kind) != is_http(spec.kind)) {
        return Err(Error::invalid(format!(
            "a function with an HTTP trigger can't have triggers of other types; it has the {} trigger '{}'",
            other.spec.kind.as_str(),
            other.name
        )));
    }
    let same = others.iter().find(|other| is_http(other.spec.kind) && is_http(spec.kind) && other.spec.qualifier == spec.qualifier);
    match same {
        Some(other) => Err(Error::invalid(format!("version or alias '{}' has an HTTP trigger already, '{}'", spec.qualifier, other.name))),
        None => Ok(()),
    }
}

fn exists(name: &TriggerName) -> Error {
    Error::new(ErrorCode::TriggerAlreadyExists, format!("trigger '{name}' already exists"))
}
