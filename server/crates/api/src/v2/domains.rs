//! CreateCustomDomain, GetCustomDomain, ListCustomDomains, UpdateCustomDomain, DeleteCustomDomain (`fc-api.md` 3.9).

use super::respond::{instant, no_content, ok, ok_tagged};
use crate::{
    error::{ApiError, ApiResult},
    extract::{Document, IfMatch, Query, path_part},
    legacy::Edition,
    state::{self, ApiState, Call},
};
use axum::{
    extract::{FromRequestParts, State},
    http::request::Parts,
    response::Response,
};
use model::{
    Certificate, CustomDomain, DomainName, DomainPatch, DomainProtocol, DomainRef, DomainRoute, DomainSpec, FunctionName, Qualifier,
    ServiceName, TlsSettings,
};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;
use std::convert::Infallible;

/// Body of CreateCustomDomain and UpdateCustomDomain; the latter ignores the name.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DomainIn {
    domain_name: Option<String>,
    /// `HTTP`, `HTTPS` or `HTTP,HTTPS`. TLS is ended in front of this server.
    protocol: Option<String>,
    route_config: Option<RouteConfigIn>,
    cert_config: Option<CertConfigIn>,
    tls_config: Option<TlsConfig>,
    waf_config: Option<WafConfig>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RouteConfigIn {
    routes: Option<Vec<RouteIn>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RouteIn {
    path: String,
    service_name: String,
    function_name: String,
    qualifier: Option<String>,
    methods: Option<Vec<String>>,
    rewrite_config: Option<RewriteIn>,
}

/// Rules by which the path is changed on its way: not here, so there may be none.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RewriteIn {
    equal_rules: Option<Vec<serde_json::Value>>,
    regex_rules: Option<Vec<serde_json::Value>>,
    wildcard_rules: Option<Vec<serde_json::Value>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct CertConfigIn {
    cert_name: Option<String>,
    certificate: Option<String>,
    /// Not kept: nothing here would use it.
    #[expect(dead_code, reason = "callers send it, and there is nothing to do with it")]
    #[schemars(with = "Option<String>")]
    private_key: Option<Forgotten>,
}

/// A text that is dropped as soon as it has been read.
#[derive(Debug)]
struct Forgotten;

impl<'de> Deserialize<'de> for Forgotten {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|_| Self)
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TlsConfig {
    min_version: Option<String>,
    max_version: Option<String>,
    cipher_suites: Option<Vec<String>>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct WafConfig {
    #[serde(rename = "enableWAF")]
    enable_waf: Option<bool>,
}

impl RouteIn {
    fn read(self) -> ApiResult<DomainRoute> {
        let rules = self.rewrite_config.map(|rewrite| [rewrite.equal_rules, rewrite.regex_rules, rewrite.wildcard_rules]);
        if rules.into_iter().flatten().flatten().any(|rules| !rules.is_empty()) {
            return Err(ApiError::invalid("member 'routeConfig.routes.rewriteConfig' can't have rules: paths are not rewritten here"));
        }
        Ok(DomainRoute {
            path: self.path,
            methods: self.methods.unwrap_or_default(),
            service: ServiceName::parse(&self.service_name)?,
            function: FunctionName::parse(&self.function_name)?,
            qualifier: Qualifier::parse(self.qualifier.as_deref().unwrap_or_default())?,
        })
    }
}

impl DomainIn {
    fn into_patch(self) -> ApiResult<DomainPatch> {
        let routes = self.route_config.map(|config| config.routes.unwrap_or_default().into_iter().map(RouteIn::read).collect());
        let certificate = self
            .cert_config
            .map(|config| Certificate { name: config.cert_name.unwrap_or_default(), certificate: config.certificate.unwrap_or_default() });
        let tls = self.tls_config.map(|config| TlsSettings {
            min_version: config.min_version,
            max_version: config.max_version,
            cipher_suites: config.cipher_suites.unwrap_or_default(),
        });
        Ok(DomainPatch {
            // An empty one is one that was not sent: some SDKs send every member.
            protocol: self.protocol.as_deref().filter(|given| !given.is_empty()).map(DomainProtocol::parse).transpose()?,
            routes: routes.transpose()?,
            certificate,
            tls,
            waf: self.waf_config.and_then(|config| config.enable_waf),
        })
    }
}

/// The domain as every answer shows it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DomainOut {
    domain_name: String,
    account_id: String,
    /// The version by which it was asked for.
    api_version: String,
    protocol: &'static str,
    route_config: RouteConfigOut,
    /// Without the private key.
    cert_config: Option<CertConfigOut>,
    tls_config: Option<TlsConfig>,
    waf_config: Option<WafConfig>,
    created_time: String,
    last_modified_time: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct RouteConfigOut {
    routes: Vec<RouteOut>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RouteOut {
    path: String,
    service_name: String,
    function_name: String,
    qualifier: String,
    /// Empty for all.
    methods: Vec<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct CertConfigOut {
    cert_name: String,
    certificate: String,
}

/// What an answer says beside the domain.
pub(crate) struct Shown {
    edition: Edition,
    account: String,
}

impl FromRequestParts<ApiState> for Shown {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Infallible> {
        let edition = Edition::from_request_parts(parts, state).await?;
        Ok(Self { edition, account: state.account_id.to_string() })
    }
}

impl Shown {
    fn out(&self, domain: CustomDomain) -> DomainOut {
        let CustomDomain { at, spec, created_at, modified_at, .. } = domain;
        let route = |route: DomainRoute| RouteOut {
            path: route.path,
            service_name: route.service.to_string(),
            function_name: route.function.to_string(),
            qualifier: route.qualifier.to_string(),
            methods: route.methods,
        };
        DomainOut {
            domain_name: at.name.to_string(),
            account_id: self.account.clone(),
            api_version: self.edition.prefix().trim_start_matches('/').to_owned(),
            protocol: spec.protocol.as_str(),
            route_config: RouteConfigOut { routes: spec.routes.into_iter().map(route).collect() },
            cert_config: spec.certificate.map(|kept| CertConfigOut { cert_name: kept.name, certificate: kept.certificate }),
            tls_config: spec.tls.map(|tls| TlsConfig {
                min_version: tls.min_version,
                max_version: tls.max_version,
                cipher_suites: Some(tls.cipher_suites),
            }),
            waf_config: spec.waf.map(|on| WafConfig { enable_waf: Some(on) }),
            created_time: instant(created_at),
            last_modified_time: instant(modified_at),
        }
    }

    fn answer(&self, domain: CustomDomain) -> Response {
        let etag = domain.etag.clone();
        ok_tagged(self.out(domain), &etag)
    }
}

/// The domain that the path names, in the call's region.
pub(crate) struct OfPath(DomainRef);

impl<S: Send + Sync> FromRequestParts<S> for OfPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let region = Call::from_request_parts(parts, state).await?.region;
        Ok(Self(DomainRef { region, name: DomainName::parse(&path_part(parts, "domain").await?)? }))
    }
}

/// The name by which this server itself was called, if it could be a domain's.
pub(crate) struct OwnName(Option<DomainName>);

impl<S: Send + Sync> FromRequestParts<S> for OwnName {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(DomainName::of_host(state::host(&parts.headers, &parts.uri))))
    }
}

impl OwnName {
    /// Refuses a domain that would take this server away from its callers.
    fn check(&self, wanted: &DomainName) -> ApiResult<()> {
        match &self.0 {
            Some(own) if wanted.covers(own) => {
                Err(ApiError::invalid(format!("DomainName is set to an invalid value: by '{own}' this server itself is called")))
            }
            _ => Ok(()),
        }
    }
}

pub(crate) async fn create(
    State(state): State<ApiState>,
    call: Call,
    own: OwnName,
    shown: Shown,
    Document(body): Document<DomainIn>,
) -> ApiResult<Response> {
    let given = body.domain_name.as_deref().ok_or_else(|| ApiError::invalid("member 'domainName' is required"))?;
    let name = DomainName::parse(given)?;
    own.check(&name)?;
    let spec = body.into_patch()?.apply(DomainSpec::default());
    Ok(shown.answer(state.control.create_domain(&DomainRef { region: call.region, name }, spec).await?))
}

pub(crate) async fn get(State(state): State<ApiState>, OfPath(at): OfPath, shown: Shown) -> ApiResult<Response> {
    Ok(shown.answer(state.control.get_domain(&at).await?))
}

pub(crate) async fn list(State(state): State<ApiState>, call: Call, query: Query, shown: Shown) -> ApiResult<Response> {
    let page = state.control.list_domains(&call.region, &query.list()?).await?.map(|domain| shown.out(domain));
    Ok(ok(json!({"customDomains": page.items, "nextToken": page.next_token})))
}

pub(crate) async fn update(
    State(state): State<ApiState>,
    OfPath(at): OfPath,
    if_match: IfMatch,
    shown: Shown,
    Document(body): Document<DomainIn>,
) -> ApiResult<Response> {
    Ok(shown.answer(state.control.update_domain(&at, body.into_patch()?, if_match.etag()).await?))
}

pub(crate) async fn delete(State(state): State<ApiState>, OfPath(at): OfPath, if_match: IfMatch) -> ApiResult<Response> {
    state.control.delete_domain(&at, if_match.etag()).await?;
    Ok(no_content())
}
