//! Functions and their code.

use super::async_config::new_config;
use super::lookup::{check_etag, new_etag};
use crate::code::Package;
use crate::engine::Core;
use crate::fault::store_fault;
use crate::ports::StoreError;
use crate::rescue;
use model::{
    AsyncConfigPatch, Code, Error, ErrorCode, Function, FunctionName, FunctionPatch, FunctionRef, FunctionSpec, Language, ListQuery, Page,
    Qualifier, Result, RuntimeName, ServiceRef,
};

/// Triggers that a refused deletion names at most.
const NAMED: u32 = 5;

impl Core {
    pub(crate) async fn create_function(
        &self,
        service: &ServiceRef,
        name: &FunctionName,
        spec: FunctionSpec,
        code: Code,
        async_config: Option<AsyncConfigPatch>,
    ) -> Result<Function> {
        self.service(service).await?;
        spec.validate()?;
        self.check_runtime(&spec.runtime)?;
        self.check_layers(&spec, None, &service.region).await?;
        if let Some(patch) = &async_config {
            patch.validate()?;
            self.check_destinations(
                &FunctionRef { region: service.region.clone(), service: service.service.clone(), function: name.clone() },
                patch,
            )?;
        }
        let package = package_of(code, &spec.runtime).await?;
        let now = self.clock.now();
        let function = Function {
            region: service.region.clone(),
            service: service.service.clone(),
            name: name.clone(),
            id: uuid::Uuid::new_v4().to_string(),
            spec,
            package_id: package.id,
            code_size: package.zip.len() as u64,
            code_checksum: package.checksum,
            created_at: now,
            modified_at: now,
            etag: new_etag(),
        };
        let config = async_config.map(|patch| patch.apply(new_config(&function.function_ref(), &Qualifier::latest(), now)));
        self.store.insert_function(&function, &package.zip, config.as_ref()).await.map_err(|error| match error {
            StoreError::Exists(_) => {
                let text = format!("function '{name}' already exists in service '{}'", service.service);
                Error::new(ErrorCode::FunctionAlreadyExists, text)
            }
            StoreError::Conflict(_) => Error::new(ErrorCode::ServiceNotFound, format!("service '{}' does not exist", service.service)),
            error => store_fault(error),
        })?;
        Ok(function)
    }

    pub(crate) async fn list_functions(&self, service: &ServiceRef, query: &ListQuery) -> Result<Page<Function>> {
        self.service(service).await?;
        self.store.list_functions(service, query).await.map_err(store_fault)
    }

    pub(crate) async fn update_function(
        &self,
        function: &FunctionRef,
        patch: FunctionPatch,
        code: Option<Code>,
        if_match: Option<&str>,
    ) -> Result<Function> {
        let current = self.function(function).await?;
        check_etag(if_match, &current.etag)?;
        let concurrency = current.spec.instance_concurrency;
        let spec = patch.apply(current.spec.clone());
        spec.validate()?;
        self.check_runtime(&spec.runtime)?;
        self.check_layers(&spec, Some(&current.spec), &function.region).await?;
        let package = match code {
            Some(code) => Some(package_of(code, &spec.runtime).await?),
            None => None,
        };
        let mut changed = Function { spec, modified_at: self.clock.now(), etag: new_etag(), ..current };
        if let Some(package) = &package {
            changed.package_id = package.id.clone();
            changed.code_size = package.zip.len() as u64;
            changed.code_checksum = package.checksum.clone();
        }
        let zip = package.as_ref().map(|package| package.zip.as_slice());
        self.store.update_function(&changed, zip, &current.etag).await.map_err(store_fault)?;
        self.rescale();
        if changed.spec.instance_concurrency > concurrency {
            // A limit of instances lets more tasks go on.
            self.due();
        }
        Ok(changed)
    }

    pub(crate) async fn delete_function(&self, function: &FunctionRef, if_match: Option<&str>) -> Result<()> {
        let current = self.function(function).await?;
        check_etag(if_match, &current.etag)?;
        match self.store.delete_function(function, &current.etag).await {
            Err(StoreError::NotEmpty(_)) => return Err(self.has_triggers(function).await?),
            deleted => deleted.map_err(store_fault)?,
        }
        self.rescale();
        rescue::end_orphans(self).await;
        Ok(())
    }

    /// The error that names the triggers which keep a function from being deleted.
    async fn has_triggers(&self, function: &FunctionRef) -> Result<Error> {
        let query = ListQuery { limit: NAMED, ..ListQuery::default() };
        let triggers = self.store.list_triggers(function, &query).await.map_err(store_fault)?.items;
        let names: Vec<&str> = triggers.iter().map(|trigger| trigger.name.as_str()).collect();
        let text = format!("function '{}' has active triggers: {}", function.function, names.join(", "));
        Ok(Error::new(ErrorCode::FunctionNotEmpty, text))
    }

    pub(crate) async fn get_code(&self, function: &FunctionRef) -> Result<Vec<u8>> {
        self.get_code_at(function, &Qualifier::latest()).await
    }

    pub(crate) async fn get_code_at(&self, function: &FunctionRef, qualifier: &Qualifier) -> Result<Vec<u8>> {
        let function = self.function_at(function, qualifier).await?;
        let code = self.store.get_code(&function.package_id).await.map_err(store_fault)?;
        code.ok_or_else(|| {
            tracing::error!(function.name = %function.name, package.id = function.package_id, "code package missing");
            Error::internal()
        })
    }

    fn check_runtime(&self, runtime: &RuntimeName) -> Result<()> {
        let installed = self.executor.runtimes().into_iter().any(|found| found.name == *runtime && found.is_installed());
        if installed {
            return Ok(());
        }
        let why = match runtime.is_container() {
            true => "is not installed on this server: it needs podman or Docker there, and `taskyard doctor` says what is missing",
            false => "is not installed on this server",
        };
        Err(Error::invalid(format!("Runtime is set to an invalid value: '{runtime}' {why}")))
    }
}

/// The package of a function; one of an image has nothing in it.
async fn package_of(code: Code, runtime: &RuntimeName) -> Result<Package> {
    if !runtime.is_container() {
        return package(code, runtime.language()).await;
    }
    match code {
        Code::Zip(zip) if !zip.is_empty() => {
            Err(Error::invalid(format!("code is not allowed for the runtime '{runtime}': its code is its image")))
        }
        _ => Package::empty(),
    }
}

/// Packs or checks the code off the async threads: reading a large archive takes a while.
pub(super) async fn package(code: Code, language: Language) -> Result<Package> {
    let work = move || match code {
        Code::Zip(zip) => Package::from_zip(zip),
        Code::Sample => Package::sample(language, false),
        Code::HttpSample => Package::sample(language, true),
    };
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        tracing::error!(error = %error, "code package not read");
        Err(Error::internal())
    })
}
