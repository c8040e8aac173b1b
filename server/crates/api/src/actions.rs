//! Which operation a method and path are: the table by which policies decide and the audit names (`fc-api.md` 3.0). A route that is not in
//! it is refused whoever asks, so none can be added without a decision.

use crate::legacy::Edition;
use axum::{
    extract::MatchedPath,
    http::{Method, request::Parts},
};
use model::Action;

/// Where an operation says what it is done to, beside its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Names {
    /// Nowhere.
    Path,
    /// In this member of the body, which comes after the path.
    Member(&'static str),
    /// In the ARN of this member of the body, instead of the path.
    ArnInBody(&'static str),
    /// In the ARN of this part of the query, instead of the path.
    ArnInQuery(&'static str),
}

/// One row: method, path below the prefix, what it is, where it names what it is done to.
pub(crate) type Operation = (&'static str, &'static str, Action, Names);

const SERVICE: &str = "/services/{service}";
const FUNCTION: &str = "/services/{service}/functions/{function}";

/// A row for a path below a function's is written with what follows it.
macro_rules! below {
    ($base:literal) => {
        concat!("/services/{service}/functions/{function}", $base)
    };
}

/// Every operation that is signed.
#[rustfmt::skip]
pub(crate) static OPERATIONS: [Operation; 69] = [
    ("GET", "/services", Action::ListServices, Names::Path),
    ("POST", "/services", Action::CreateService, Names::Member("serviceName")),
    ("GET", SERVICE, Action::GetService, Names::Path),
    ("PUT", SERVICE, Action::UpdateService, Names::Path),
    ("DELETE", SERVICE, Action::DeleteService, Names::Path),
    ("GET", "/services/{service}/versions", Action::ListServiceVersions, Names::Path),
    ("POST", "/services/{service}/versions", Action::PublishServiceVersion, Names::Path),
    ("DELETE", "/services/{service}/versions/{version}", Action::DeleteServiceVersion, Names::Path),
    ("GET", "/services/{service}/aliases", Action::ListAliases, Names::Path),
    ("POST", "/services/{service}/aliases", Action::CreateAlias, Names::Member("aliasName")),
    ("GET", "/services/{service}/aliases/{alias}", Action::GetAlias, Names::Path),
    ("PUT", "/services/{service}/aliases/{alias}", Action::UpdateAlias, Names::Path),
    ("DELETE", "/services/{service}/aliases/{alias}", Action::DeleteAlias, Names::Path),
    ("GET", "/services/{service}/functions", Action::ListFunctions, Names::Path),
    ("POST", "/services/{service}/functions", Action::CreateFunction, Names::Member("functionName")),
    ("GET", FUNCTION, Action::GetFunction, Names::Path),
    ("PUT", FUNCTION, Action::UpdateFunction, Names::Path),
    ("DELETE", FUNCTION, Action::DeleteFunction, Names::Path),
    ("GET", below!("/code"), Action::GetFunctionCode, Names::Path),
    ("GET", below!("/triggers"), Action::ListTriggers, Names::Path),
    ("POST", below!("/triggers"), Action::CreateTrigger, Names::Member("triggerName")),
    ("GET", below!("/triggers/{trigger}"), Action::GetTrigger, Names::Path),
    ("PUT", below!("/triggers/{trigger}"), Action::UpdateTrigger, Names::Path),
    ("DELETE", below!("/triggers/{trigger}"), Action::DeleteTrigger, Names::Path),
    ("PUT", below!("/async-invoke-config"), Action::PutFunctionAsyncInvokeConfig, Names::Path),
    ("GET", below!("/async-invoke-config"), Action::GetFunctionAsyncInvokeConfig, Names::Path),
    ("DELETE", below!("/async-invoke-config"), Action::DeleteFunctionAsyncInvokeConfig, Names::Path),
    ("GET", below!("/async-invoke-configs"), Action::ListFunctionAsyncInvokeConfigs, Names::Path),
    ("PUT", below!("/on-demand-config"), Action::PutFunctionOnDemandConfig, Names::Path),
    ("GET", below!("/on-demand-config"), Action::GetFunctionOnDemandConfig, Names::Path),
    ("DELETE", below!("/on-demand-config"), Action::DeleteFunctionOnDemandConfig, Names::Path),
    ("GET", "/on-demand-configs", Action::ListOnDemandConfigs, Names::Path),
    ("PUT", below!("/provision-config"), Action::PutProvisionConfig, Names::Path),
    ("GET", below!("/provision-config"), Action::GetProvisionConfig, Names::Path),
    ("GET", "/provision-configs", Action::ListProvisionConfigs, Names::Path),
    ("POST", below!("/invocations"), Action::InvokeFunction, Names::Path),
    ("GET", below!("/stateful-async-invocations"), Action::ListStatefulAsyncInvocations, Names::Path),
    ("GET", below!("/stateful-async-invocations/{task}"), Action::GetStatefulAsyncInvocation, Names::Path),
    ("PUT", below!("/stateful-async-invocations/{task}"), Action::StopStatefulAsyncInvocation, Names::Path),
    ("GET", below!("/stateful-async-invocations/{task}/logs"), Action::GetStatefulAsyncInvocationLogs, Names::Path),
    ("GET", below!("/instances"), Action::ListInstances, Names::Path),
    // It reads nothing: it opens a way in.
    ("GET", below!("/instances/{instance}/exec"), Action::InstanceExec, Names::Path),
    ("POST", below!("/instances/{instance}/drain"), Action::DrainInstance, Names::Path),
    ("GET", below!("/queue"), Action::GetQueue, Names::Path),
    ("PUT", below!("/queue"), Action::PutQueue, Names::Path),
    ("DELETE", below!("/queue/tasks"), Action::PurgeQueue, Names::Path),
    ("GET", "/queue", Action::GetQueue, Names::Path),
    ("PUT", "/queue", Action::PutQueue, Names::Path),
    ("GET", "/stateful-async-invocation-functions", Action::ListStatefulAsyncInvocationFunctions, Names::Path),
    ("GET", "/layers", Action::ListLayers, Names::Path),
    ("GET", "/layers/{layer}/versions", Action::ListLayerVersions, Names::Path),
    ("POST", "/layers/{layer}/versions", Action::CreateLayerVersion, Names::Path),
    ("GET", "/layers/{layer}/versions/{layer_version}", Action::GetLayerVersion, Names::Path),
    ("DELETE", "/layers/{layer}/versions/{layer_version}", Action::DeleteLayerVersion, Names::Path),
    ("PUT", "/layers/{layer}/acl", Action::PutLayerACL, Names::Path),
    ("GET", "/layerarn/{arn}", Action::GetLayerVersionByArn, Names::Path),
    ("GET", "/custom-domains", Action::ListCustomDomains, Names::Path),
    ("POST", "/custom-domains", Action::CreateCustomDomain, Names::Member("domainName")),
    ("GET", "/custom-domains/{domain}", Action::GetCustomDomain, Names::Path),
    ("PUT", "/custom-domains/{domain}", Action::UpdateCustomDomain, Names::Path),
    ("DELETE", "/custom-domains/{domain}", Action::DeleteCustomDomain, Names::Path),
    ("GET", "/account-settings", Action::GetAccountSettings, Names::Path),
    ("GET", "/reserved-capacities", Action::ListReservedCapacities, Names::Path),
    ("GET", "/reservedCapacities", Action::ListReservedCapacities, Names::Path),
    ("GET", "/tag", Action::GetResourceTags, Names::ArnInQuery("resourceArn")),
    ("POST", "/tag", Action::TagResource, Names::ArnInBody("resourceArn")),
    ("PUT", "/tag", Action::UntagResource, Names::ArnInBody("resourceArn")),
    ("DELETE", "/tag", Action::UntagResource, Names::ArnInBody("resourceArn")),
    ("GET", "/tags", Action::ListTaggedResources, Names::Path),
];

/// The row of a request that the router has matched.
pub(crate) fn operation(parts: &Parts) -> Option<&'static Operation> {
    let matched = parts.extensions.get::<MatchedPath>()?.as_str();
    let path = Edition::ALL.into_iter().find_map(|edition| matched.strip_prefix(edition.prefix()))?;
    // The router answers a HEAD by what answers the GET.
    let method = if parts.method == Method::HEAD { "GET" } else { parts.method.as_str() };
    OPERATIONS.iter().find(|(of, at, ..)| *of == method && *at == path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Method and path of each route that `router.rs` signs, read from its text.
    fn routes() -> BTreeSet<(String, String)> {
        let text: String = include_str!("router.rs").split("#[cfg(test)]").next().unwrap().split_whitespace().collect();
        let mut found = BTreeSet::new();
        for route in text.split(".route(&").skip(1).filter(|route| route.contains("small(") || route.contains("signed(")) {
            let route = route.split(".route(").next().unwrap();
            // Calls of HTTP functions: admitted, and checked, by themselves.
            if route.starts_with("format!") {
                continue;
            }
            let (path, methods) = route.split_once("),").unwrap();
            let path = match (path.strip_prefix("at(\""), path.strip_prefix("function(\"")) {
                (Some(path), _) => path.trim_end_matches('"').to_owned(),
                (_, Some(path)) => format!("{FUNCTION}{}", path.trim_end_matches('"')),
                _ if path.contains("reserved_capacities") => Edition::Open.reserved_capacities().to_owned(),
                _ => panic!("a route that this test can't read: {path}"),
            };
            for method in ["get", "post", "put", "delete", "patch", "any"] {
                let called = |before: &str| methods.contains(&format!("{before}{method}("));
                if called("(") || called(".") || called(",") {
                    found.insert((method.to_uppercase(), path.clone()));
                }
            }
        }
        found
    }

    #[test]
    fn c86_every_signed_route_is_an_operation() {
        let routes = routes();
        assert!(routes.len() > 50, "{routes:?}");
        for (method, path) in &routes {
            assert!(OPERATIONS.iter().any(|(of, at, ..)| of == method && at == path), "{method} {path} has no action");
        }
        let listed = |method: &str, path: &str| routes.contains(&(method.to_owned(), path.to_owned()));
        for (method, path, ..) in OPERATIONS.iter().filter(|(_, path, ..)| *path != Edition::Legacy.reserved_capacities()) {
            assert!(listed(method, path), "{method} {path} is no route");
        }
    }

    #[test]
    fn c86_what_is_not_read_by_get_is_audited_or_an_invocation() {
        for (method, path, action, _) in OPERATIONS {
            let is_harmless = action.kind() == model::ActionKind::Read;
            assert!(method == "GET" || !is_harmless, "{method} {path} is {action}");
            assert!(!is_harmless || !action.is_audited());
        }
    }
}
