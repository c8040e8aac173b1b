//! Whose tasks a bulk action is about.

use crate::{FunctionName, FunctionRef, Region, ServiceName};
use serde::{Deserialize, Serialize};

/// The functions of a region whose tasks are meant; one function where both names are given.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BulkScope {
    pub region: Region,
    /// Only functions of this service; `None` for any.
    pub service: Option<ServiceName>,
    /// Only functions with this name; `None` for any.
    pub function: Option<FunctionName>,
}

impl From<FunctionRef> for BulkScope {
    fn from(FunctionRef { region, service, function }: FunctionRef) -> Self {
        Self { region, service: Some(service), function: Some(function) }
    }
}

impl BulkScope {
    /// Functions with these names; an empty one means any.
    pub fn named(region: Region, service: &str, function: &str) -> Self {
        let (service, function) = (Some(service).filter(|name| !name.is_empty()), Some(function).filter(|name| !name.is_empty()));
        Self { region, service: service.map(ServiceName::from_stored), function: function.map(FunctionName::from_stored) }
    }

    /// The only function, where it is one.
    pub fn only(&self) -> Option<FunctionRef> {
        let (service, function) = (self.service.clone()?, self.function.clone()?);
        Some(FunctionRef { region: self.region.clone(), service, function })
    }

    /// Names of service and function; empty for any.
    pub fn names(&self) -> (&str, &str) {
        (self.service.as_ref().map_or("", ServiceName::as_str), self.function.as_ref().map_or("", FunctionName::as_str))
    }

    /// True for a function whose tasks are meant.
    pub fn wants(&self, function: &FunctionRef) -> bool {
        self.region == function.region
            && self.service.as_ref().is_none_or(|service| *service == function.service)
            && self.function.as_ref().is_none_or(|name| *name == function.function)
    }

    /// In words: `function ev-hello`.
    pub fn words(&self) -> String {
        match self.names() {
            ("", "") => "all functions".to_owned(),
            (service, "") => format!("service {service}"),
            ("", function) => format!("functions named {function}"),
            (_, function) => format!("function {function}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b03_a_scope_is_one_function_or_all_that_have_its_names() {
        let region = || Region::from_stored("r");
        let one = FunctionRef { region: region(), service: ServiceName::from_stored("s"), function: FunctionName::from_stored("f") };
        let check = |service: &str, function: &str, wants: bool, words: &str| {
            let scope = BulkScope::named(region(), service, function);
            assert_eq!((scope.wants(&one), scope.words().as_str(), scope.names()), (wants, words, (service, function)));
        };
        check("", "", true, "all functions");
        check("s", "", true, "service s");
        check("", "f", true, "functions named f");
        check("s", "f", true, "function f");
        check("t", "", false, "service t");
        check("", "g", false, "functions named g");
        assert_eq!(BulkScope::named(region(), "s", "f").only(), Some(one.clone()));
        assert_eq!((BulkScope::named(region(), "s", "").only(), BulkScope::from(one.clone()).only()), (None, Some(one.clone())));
        assert!(!BulkScope::named(Region::from_stored("elsewhere"), "", "").wants(&one));
    }
}
