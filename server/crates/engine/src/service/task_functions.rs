//! The functions that have task mode on, with what their tasks do.

use crate::engine::Core;
use crate::fault::store_fault;
use model::{FunctionRef, FunctionTasks, HttpParameters, ListQuery, Page, Region, Result};

impl Core {
    pub(crate) async fn list_task_functions(&self, region: &Region, query: &ListQuery) -> Result<Page<FunctionTasks>> {
        self.check_region(region)?;
        let page = self.store.list_task_functions(region, query).await.map_err(store_fault)?;
        let mut items = Vec::with_capacity(page.items.len());
        for (function, qualifiers) in page.items {
            let function_ref = function.function_ref();
            let counts = self.store.count_tasks(&function_ref).await.map_err(store_fault)?;
            let last_task_at = self.store.last_task_at(&function_ref).await.map_err(store_fault)?;
            items.push(FunctionTasks { function, qualifiers, counts, last_task_at });
        }
        Ok(Page { items, next_token: page.next_token })
    }

    pub(crate) async fn get_task_parameters(&self, function: &FunctionRef) -> Result<Option<String>> {
        self.function(function).await?;
        self.store.get_task_parameters(function).await.map_err(store_fault)
    }

    pub(crate) async fn put_task_parameters(&self, function: &FunctionRef, event: &str) -> Result<()> {
        super::submit::check_size(event.len())?;
        self.function(function).await?;
        self.store.put_task_parameters(function, event).await.map_err(store_fault)
    }

    pub(crate) async fn get_http_parameters(&self, function: &FunctionRef) -> Result<Option<HttpParameters>> {
        self.function(function).await?;
        self.store.get_http_parameters(function).await.map_err(store_fault)
    }

    pub(crate) async fn put_http_parameters(&self, function: &FunctionRef, request: &HttpParameters) -> Result<()> {
        super::submit::check_size(request.body.len())?;
        request.validate()?;
        self.function(function).await?;
        self.store.put_http_parameters(function, request).await.map_err(store_fault)
    }
}
