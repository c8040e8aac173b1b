//! Custom domains: names under which HTTP functions are reached, each with its routes (`fc-api.md` 3.9).

use crate::{Error, FunctionName, FunctionRef, ListQuery, Page, Qualifier, Region, Result, ServiceName, UnixMillis, limits};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Methods that a route may be limited to.
pub const ROUTE_METHODS: [&str; 7] = ["HEAD", "GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"];
/// Versions of TLS that a domain may be limited to.
const TLS_VERSIONS: [&str; 4] = ["TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"];

/// A domain in lower case, such as `shop.example.org`, or `*.example.org` for every name with one label in front of it.
///
/// An address or a name of one label is none: by these a server is reached itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DomainName(Arc<str>);

impl DomainName {
    /// Checks a name given by a user.
    pub fn parse(given: &str) -> Result<Self> {
        let name = given.to_ascii_lowercase();
        let plain = name.strip_prefix("*.").unwrap_or(&name);
        // A wildcard over a whole top-level domain would be most of the world.
        if is_domain(plain) && name.len() <= limits::DOMAIN_CHARS_MAX {
            return Ok(Self(name.into()));
        }
        Err(Error::invalid(format!(
            "DomainName is set to an invalid value (allowed: a name such as shop.example.org or *.example.org, at most {} letters, digits, - and \
             dots, and no address; actual: '{given}')",
            limits::DOMAIN_CHARS_MAX
        )))
    }

    /// Takes back a name that this system stored, without checking it again.
    pub fn from_stored(value: impl Into<Arc<str>>) -> Self {
        Self(value.into())
    }

    /// The domain that a request was sent to, by its host with or without a port; `None` for an address, and for a name that can be no
    /// custom domain.
    pub fn of_host(host: &str) -> Option<Self> {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name).trim_end_matches('.');
        (name.len() <= limits::DOMAIN_CHARS_MAX && is_domain(name)).then(|| Self(name.to_ascii_lowercase().into()))
    }

    /// The wildcard that covers the name.
    pub fn wildcard(&self) -> Self {
        let rest = self.0.split_once('.').map_or("", |(_, rest)| rest);
        Self(format!("*.{rest}").into())
    }

    /// True when requests to that name go by this domain, unless it has one of its own.
    pub fn covers(&self, name: &DomainName) -> bool {
        self == name || *self == name.wildcard()
    }

    /// The text of the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// At least two labels of letters, digits and inner hyphens, of which the last is no number: else it is an address.
fn is_domain(name: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    name.contains('.') && name.split('.').all(is_label) && !last.bytes().all(|byte| byte.is_ascii_digit())
}

impl std::fmt::Display for DomainName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A custom domain by its full name. A name belongs to one region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DomainRef {
    pub region: Region,
    pub name: DomainName,
}

/// Which requests a domain takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum DomainProtocol {
    /// All.
    #[default]
    Http,
    /// Those that came to the proxy in front of this server by TLS.
    Https,
    /// All.
    Both,
}

impl DomainProtocol {
    /// Every protocol.
    pub const ALL: [DomainProtocol; 3] = [Self::Http, Self::Https, Self::Both];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "HTTP",
            Self::Https => "HTTPS",
            Self::Both => "HTTP,HTTPS",
        }
    }

    /// Reads the word; empty means HTTP.
    pub fn parse(given: &str) -> Result<Self> {
        if given.is_empty() {
            return Ok(Self::default());
        }
        Self::ALL.into_iter().find(|protocol| protocol.as_str() == given).ok_or_else(|| {
            Error::invalid(format!("Protocol is set to an invalid value (allowed: HTTP, HTTPS or HTTP,HTTPS; actual: '{given}')"))
        })
    }
}

/// Which requests to a domain go to which function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainRoute {
    /// A whole path, or with `/*` at its end all that begin with what stands before the `*`.
    pub path: String,
    /// Of [`ROUTE_METHODS`]; none means all.
    pub methods: Vec<String>,
    pub service: ServiceName,
    pub function: FunctionName,
    pub qualifier: Qualifier,
}

impl DomainRoute {
    /// The function, which is in the domain's region.
    pub fn function_ref(&self, region: &Region) -> FunctionRef {
        FunctionRef { region: region.clone(), service: self.service.clone(), function: self.function.clone() }
    }

    /// Bytes of the path that the route names if it covers this one: the more, the better it fits, and best if it names all of it.
    fn fits(&self, path: &str) -> Option<usize> {
        match self.path.strip_suffix('*') {
            Some(begin) => path.starts_with(begin).then_some(begin.len()),
            None => (self.path == path).then_some(usize::MAX),
        }
    }

    fn validate(&self) -> Result<()> {
        let invalid = |text: String| Err(Error::invalid(format!("RouteConfig is set to an invalid value: {text}")));
        let plain = self.path.strip_suffix("/*").map_or(self.path.as_str(), |begin| if begin.is_empty() { "/" } else { begin });
        let is_path = plain.starts_with('/') && plain.bytes().all(|byte| byte.is_ascii_graphic() && !b"*?#".contains(&byte));
        if !is_path || self.path.len() > limits::ROUTE_PATH_BYTES_MAX {
            return invalid(format!(
                "a path begins with a slash, has at most {} bytes, and a * only as /* at its end (actual: '{}')",
                limits::ROUTE_PATH_BYTES_MAX,
                self.path
            ));
        }
        match self.methods.iter().find(|method| !ROUTE_METHODS.contains(&method.as_str())) {
            Some(method) => invalid(format!("'{method}' is none of the methods {}", ROUTE_METHODS.join(", "))),
            None => Ok(()),
        }
    }
}

/// What is kept of a certificate. Its private key is not: nothing here would use it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    pub name: String,
    /// PEM.
    pub certificate: String,
}

/// What a domain asks of TLS; kept for whoever ends it in front of this server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsSettings {
    pub min_version: Option<String>,
    pub max_version: Option<String>,
    pub cipher_suites: Vec<String>,
}

/// What its maker says about a domain.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DomainSpec {
    pub protocol: DomainProtocol,
    pub routes: Vec<DomainRoute>,
    pub certificate: Option<Certificate>,
    pub tls: Option<TlsSettings>,
    /// Asks for a firewall; kept and not acted on.
    pub waf: Option<bool>,
}

/// Members to change; `None` keeps the stored value.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DomainPatch {
    pub protocol: Option<DomainProtocol>,
    pub routes: Option<Vec<DomainRoute>>,
    pub certificate: Option<Certificate>,
    pub tls: Option<TlsSettings>,
    pub waf: Option<bool>,
}

impl DomainPatch {
    /// The specification with the given members changed.
    pub fn apply(self, before: DomainSpec) -> DomainSpec {
        DomainSpec {
            protocol: self.protocol.unwrap_or(before.protocol),
            routes: self.routes.unwrap_or(before.routes),
            certificate: self.certificate.or(before.certificate),
            tls: self.tls.or(before.tls),
            waf: self.waf.or(before.waf),
        }
    }
}

/// A custom domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomDomain {
    pub at: DomainRef,
    pub spec: DomainSpec,
    pub created_at: UnixMillis,
    pub modified_at: UnixMillis,
    pub etag: String,
}

impl CustomDomain {
    /// The route that a path takes: the one that names it, else the one that names most of it.
    pub fn route(&self, path: &str) -> Option<&DomainRoute> {
        let fitting = self.spec.routes.iter().filter_map(|route| Some((route.fits(path)?, route)));
        fitting.max_by_key(|(bytes, _)| *bytes).map(|(_, route)| route)
    }
}

impl DomainSpec {
    /// Checks every member against its rule.
    pub fn validate(&self) -> Result<()> {
        if self.routes.len() > limits::DOMAIN_ROUTES_MAX {
            let text = format!("RouteConfig has {} routes; the limit is {}", self.routes.len(), limits::DOMAIN_ROUTES_MAX);
            return Err(Error::invalid(text));
        }
        self.routes.iter().try_for_each(DomainRoute::validate)?;
        let mut paths: Vec<&str> = self.routes.iter().map(|route| route.path.as_str()).collect();
        paths.sort_unstable();
        if let Some(twice) = paths.windows(2).find(|pair| pair.first() == pair.last()).and_then(|pair| pair.first()) {
            return Err(Error::invalid(format!("RouteConfig is set to an invalid value: path '{twice}' is named twice")));
        }
        self.check_certificate()?;
        self.tls.as_ref().map_or(Ok(()), TlsSettings::validate)
    }

    fn check_certificate(&self) -> Result<()> {
        let Some(Certificate { name, certificate }) = &self.certificate else { return Ok(()) };
        if certificate.len() > limits::CERTIFICATE_BYTES_MAX || name.chars().count() > limits::NAME_CHARS_MAX {
            return Err(Error::invalid(format!(
                "CertConfig is set to an invalid value: a certificate has at most {} bytes, its name {} characters",
                limits::CERTIFICATE_BYTES_MAX,
                limits::NAME_CHARS_MAX
            )));
        }
        Ok(())
    }
}

impl TlsSettings {
    fn validate(&self) -> Result<()> {
        let invalid = |text: String| Err(Error::invalid(format!("TLSConfig is set to an invalid value: {text}")));
        if let Some(other) = self.min_version.iter().chain(&self.max_version).find(|version| !TLS_VERSIONS.contains(&version.as_str())) {
            return invalid(format!("'{other}' is none of the versions {}", TLS_VERSIONS.join(", ")));
        }
        let long = |suite: &String| suite.len() > limits::NAME_CHARS_MAX;
        if self.cipher_suites.len() > limits::CIPHER_SUITES_MAX || self.cipher_suites.iter().any(long) {
            let text = format!("at most {} cipher suites of {} characters", limits::CIPHER_SUITES_MAX, limits::NAME_CHARS_MAX);
            return invalid(text);
        }
        Ok(())
    }
}

/// The part of [`crate::ControlPlane`] that is about custom domains.
#[async_trait]
pub trait DomainControl: Send + Sync {
    /// Makes a domain; its routes lead to functions that exist. Errors: `DomainNameAlreadyExists` also when another region has it,
    /// `LimitExceededError`, `VersionNotFound`, `AliasNotFound`.
    async fn create_domain(&self, domain: &DomainRef, spec: DomainSpec) -> Result<CustomDomain>;

    /// Errors: `DomainNameNotFound`.
    async fn get_domain(&self, domain: &DomainRef) -> Result<CustomDomain>;

    /// The domains of a region by name.
    async fn list_domains(&self, region: &Region, query: &ListQuery) -> Result<Page<CustomDomain>>;

    /// Changes a domain; routes that it had already may lead to what has gone since. Errors: `DomainNameNotFound`, `PreconditionFailed`,
    /// `VersionNotFound`, `AliasNotFound`.
    async fn update_domain(&self, domain: &DomainRef, patch: DomainPatch, if_match: Option<&str>) -> Result<CustomDomain>;

    /// Deletes a domain. Errors: `DomainNameNotFound`, `PreconditionFailed`.
    async fn delete_domain(&self, domain: &DomainRef, if_match: Option<&str>) -> Result<()>;

    /// The domain that requests to this name go to, whatever its region: that of the name, else that of its wildcard.
    async fn domain_of_host(&self, name: &DomainName) -> Result<Option<Arc<CustomDomain>>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(path: &str) -> DomainRoute {
        let (service, function) = (ServiceName::from_stored("s"), FunctionName::from_stored("f"));
        DomainRoute { path: path.to_owned(), methods: Vec::new(), service, function, qualifier: Qualifier::latest() }
    }

    fn with(paths: &[&str]) -> DomainSpec {
        DomainSpec { routes: paths.iter().map(|path| route(path)).collect(), ..DomainSpec::default() }
    }

    #[test]
    fn i5_1_names_of_domains() {
        let check = |given: &str, expected: Option<&str>| {
            assert_eq!(DomainName::parse(given).ok().as_ref().map(DomainName::as_str), expected, "{given}");
        };
        check("shop.example.org", Some("shop.example.org"));
        check("Shop.Example.ORG", Some("shop.example.org"));
        check("*.example.org", Some("*.example.org"));
        check("1.2.3.a4", Some("1.2.3.a4"));
        let long = format!("{}.org", ["a".repeat(60).as_str(); 5].join("."));
        for bad in
            ["", "localhost", "127.0.0.1", "a..b", ".a.b", "a.b.", "-a.b", "a-.b", "a_b.c", "*.org", "a.*.org", "a.b:80", "ü.org", &long]
        {
            check(bad, None);
        }
    }

    #[test]
    fn i5_1_the_domain_of_a_host() {
        let check = |host: &str, expected: Option<&str>| {
            assert_eq!(DomainName::of_host(host).as_ref().map(DomainName::as_str), expected, "{host}");
        };
        check("Shop.example.org:3000", Some("shop.example.org"));
        check("shop.example.org.", Some("shop.example.org"));
        check("shop.example.org", Some("shop.example.org"));
        for other in ["", "localhost:3000", "127.0.0.1:3000", "[::1]:3000", "*.example.org"] {
            check(other, None);
        }
        let name = |text: &str| DomainName::parse(text).unwrap();
        assert_eq!(name("a.b.example.org").wildcard(), name("*.b.example.org"));
        assert!(name("a.example.org").covers(&name("a.example.org")) && name("*.example.org").covers(&name("a.example.org")));
        assert!(!name("*.example.org").covers(&name("a.b.example.org")) && !name("b.example.org").covers(&name("a.example.org")));
    }

    #[test]
    fn i5_1_the_longest_route_wins_and_a_whole_path_before_all() {
        let at = DomainRef { region: Region::from_stored("r"), name: DomainName::from_stored("a.b") };
        let spec = with(&["/*", "/api/*", "/api/v1/*", "/api/v1/x", "/plain"]);
        let domain = CustomDomain { at, spec, created_at: UnixMillis(0), modified_at: UnixMillis(0), etag: String::new() };
        let check = |path: &str, expected: &str| assert_eq!(domain.route(path).map(|route| route.path.as_str()), Some(expected), "{path}");
        check("/", "/*");
        check("/api", "/*");
        check("/api/", "/api/*");
        check("/api/v1/x", "/api/v1/x");
        check("/api/v1/x/", "/api/v1/*");
        check("/plain", "/plain");
        check("/plain/", "/*");
        let narrow = CustomDomain { spec: with(&["/plain"]), ..domain };
        assert_eq!(narrow.route("/plainer"), None);
    }

    #[test]
    fn i5_1_routes_have_rules() {
        let check = |spec: DomainSpec, fits: bool| assert_eq!(spec.validate().is_ok(), fits, "{spec:?}");
        check(with(&["/*", "/", "/a/b%20c", "/a/*"]), true);
        for bad in ["", "a", "*", "/a*", "/*/b", "/a b", "/a?b", "/ü", &format!("/{}", "x".repeat(limits::ROUTE_PATH_BYTES_MAX))] {
            check(with(&[bad]), false);
        }
        check(with(&["/a", "/a"]), false);
        let numbered: Vec<String> = (0..=limits::DOMAIN_ROUTES_MAX).map(|n| format!("/{n}")).collect();
        check(with(&numbered.iter().map(String::as_str).collect::<Vec<_>>()), false);
        let limited = |method: &str| DomainSpec {
            routes: vec![DomainRoute { methods: vec![method.to_owned()], ..route("/") }],
            ..DomainSpec::default()
        };
        check(limited("GET"), true);
        check(limited("get"), false);
        check(limited("TRACE"), false);
    }

    #[test]
    fn i5_1_certificates_and_tls_have_limits() {
        let check = |spec: DomainSpec, fits: bool| assert_eq!(spec.validate().is_ok(), fits, "{spec:?}");
        let certificate = |bytes: usize| DomainSpec {
            certificate: Some(Certificate { name: "n".to_owned(), certificate: "x".repeat(bytes) }),
            ..DomainSpec::default()
        };
        check(certificate(limits::CERTIFICATE_BYTES_MAX), true);
        check(certificate(limits::CERTIFICATE_BYTES_MAX + 1), false);
        let tls = |min_version: &str, suites: usize| DomainSpec {
            tls: Some(TlsSettings {
                min_version: Some(min_version.to_owned()),
                max_version: None,
                cipher_suites: vec!["s".to_owned(); suites],
            }),
            ..DomainSpec::default()
        };
        check(tls("TLSv1.2", 3), true);
        check(tls("SSLv3", 0), false);
        check(tls("TLSv1.2", limits::CIPHER_SUITES_MAX + 1), false);
        assert_eq!(DomainProtocol::parse("HTTP,HTTPS"), Ok(DomainProtocol::Both));
        assert!(DomainProtocol::parse("http").is_err());
    }
}
