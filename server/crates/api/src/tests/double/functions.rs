//! How the double makes functions.

use super::NOW;
use super::kept::{Double, store_code};
use model::{Code, Error, ErrorCode, Function, FunctionName, FunctionSpec, Result, ServiceRef};

impl Double {
    pub(super) fn made_function(&self, at: &ServiceRef, name: &FunctionName, spec: FunctionSpec, code: Code) -> Result<Function> {
        let (mut kept, _) = self.with_service(at)?;
        spec.validate()?;
        let mut function = Function {
            region: at.region.clone(),
            service: at.service.clone(),
            name: name.clone(),
            id: format!("id-of-{name}"),
            spec,
            package_id: String::new(),
            code_size: 0,
            code_checksum: String::new(),
            created_at: NOW,
            modified_at: NOW,
            etag: kept.etag(),
        };
        let at = function.function_ref();
        if kept.functions.contains_key(&at) {
            let text = format!("function '{name}' already exists in service '{}'", at.service);
            return Err(Error::new(ErrorCode::FunctionAlreadyExists, text));
        }
        let bytes = store_code(&mut function, code);
        kept.code.insert(at.clone(), bytes);
        kept.functions.insert(at, function.clone());
        Ok(function)
    }
}
