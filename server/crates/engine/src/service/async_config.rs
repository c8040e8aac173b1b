//! Asynchronous configuration of qualifiers.

use crate::engine::Core;
use crate::fault::store_fault;
use model::{AsyncConfig, AsyncConfigPatch, Error, ErrorCode, FunctionRef, ListQuery, Page, Qualifier, Result, UnixMillis};

/// A configuration in which nothing is set.
pub(crate) fn new_config(function: &FunctionRef, qualifier: &Qualifier, now: UnixMillis) -> AsyncConfig {
    AsyncConfig {
        function: function.clone(),
        qualifier: qualifier.clone(),
        stateful_invocation: None,
        max_retry_attempts: None,
        max_event_age_s: None,
        on_success: None,
        on_failure: None,
        created_at: now,
        modified_at: now,
    }
}

impl Core {
    pub(crate) async fn put_async_config(
        &self,
        function: &FunctionRef,
        qualifier: &Qualifier,
        patch: AsyncConfigPatch,
    ) -> Result<AsyncConfig> {
        self.function_at(function, qualifier).await?;
        patch.validate()?;
        self.check_destinations(function, &patch)?;
        let now = self.clock.now();
        let current = self.store.get_async_config(function, qualifier).await.map_err(store_fault)?;
        let current = current.unwrap_or_else(|| new_config(function, qualifier, now));
        let config = AsyncConfig { modified_at: now, ..patch.apply(current) };
        self.store.put_async_config(&config).await.map_err(store_fault)?;
        Ok(config)
    }

    pub(crate) async fn get_async_config(&self, function: &FunctionRef, qualifier: &Qualifier) -> Result<AsyncConfig> {
        self.check_function(function, qualifier).await?;
        let found = self.store.get_async_config(function, qualifier).await.map_err(store_fault)?;
        found.ok_or_else(|| missing(function, qualifier))
    }

    pub(crate) async fn delete_async_config(&self, function: &FunctionRef, qualifier: &Qualifier) -> Result<()> {
        self.check_function(function, qualifier).await?;
        if self.store.delete_async_config(function, qualifier).await.map_err(store_fault)? {
            return Ok(());
        }
        Err(missing(function, qualifier))
    }

    pub(crate) async fn list_async_configs(&self, function: &FunctionRef, query: &ListQuery) -> Result<Page<AsyncConfig>> {
        let page = self.store.list_async_configs(function, query).await.map_err(store_fault)?;
        // Those of versions and aliases outlive the function in LATEST.
        if page.items.is_empty() {
            self.function(function).await?;
        }
        Ok(page)
    }
}

fn missing(function: &FunctionRef, qualifier: &Qualifier) -> Error {
    let text = format!("AsyncConfig for {}:{} of qualifier '{qualifier}' does not exist.", function.service, function.function);
    Error::new(ErrorCode::AsyncConfigNotExists, text)
}
