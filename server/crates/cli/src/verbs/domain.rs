//! `taskyard domain …`: custom domains of HTTP functions (`fc-api.md` 3.9).

use crate::call::Call;
use crate::output::{Cell, Times, Tone};
use crate::problem::{EXIT_CODES, Outcome, Problem};
use crate::session::{Listing, Pages, Session, text};
use crate::settings::Connection;
use crate::target::FunctionTarget;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

/// Arguments of `domain`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct DomainArgs {
    #[command(flatten)]
    pub(crate) connection: Connection,
    #[command(subcommand)]
    pub(crate) verb: DomainVerb,
}

/// What can be done with custom domains.
#[derive(Debug, Subcommand)]
pub(crate) enum DomainVerb {
    /// Lists the custom domains of the region
    List {
        /// Only domains whose name begins with this
        #[arg(long, value_name = "TEXT")]
        prefix: Option<String>,
        #[command(flatten)]
        pages: Pages,
    },
    /// Shows a custom domain
    Get { domain: String },
    /// Sends requests to a name, such as shop.example.org or *.example.org, to HTTP functions
    Create {
        domain: String,
        #[command(flatten)]
        config: Config,
    },
    /// Changes what is named; the routes that are given replace all that there are
    Update {
        domain: String,
        #[command(flatten)]
        config: Config,
        /// Only if it still has this ETag
        #[arg(long, value_name = "ETAG")]
        if_match: Option<String>,
    },
    /// Deletes a custom domain
    Delete {
        domain: String,
        /// Only if it still has this ETag
        #[arg(long, value_name = "ETAG")]
        if_match: Option<String>,
    },
}

/// What may be said of a custom domain.
#[derive(Debug, Args)]
pub(crate) struct Config {
    /// Which requests go where, `/api/*=demo/web:prod` or with methods `GET,POST /api/*=demo/web`; may be repeated, and the longest path wins
    #[arg(long = "route", value_name = "PATH=SERVICE/FUNCTION[:QUALIFIER]", value_parser = route)]
    routes: Vec<Route>,
    /// HTTP, HTTPS or HTTP,HTTPS; TLS is ended in front of the server
    #[arg(long, value_name = "PROTOCOL")]
    protocol: Option<String>,
}

/// One `--route`.
#[derive(Debug, Clone)]
struct Route {
    path: String,
    methods: Vec<String>,
    function: FunctionTarget,
}

fn route(given: &str) -> Result<Route, String> {
    let (front, function) = given.rsplit_once('=').ok_or("expected PATH=SERVICE/FUNCTION, for example /*=demo/web")?;
    let (methods, path) = front.split_once(' ').unwrap_or(("", front));
    let methods = methods.split(',').filter(|method| !method.is_empty()).map(str::to_owned).collect();
    Ok(Route { path: path.to_owned(), methods, function: function.parse()? })
}

impl Config {
    fn members(&self) -> Map<String, Value> {
        let mut members = Map::new();
        members.extend(self.protocol.as_ref().map(|protocol| ("protocol".to_owned(), json!(protocol))));
        if !self.routes.is_empty() {
            let routes: Vec<Value> = self.routes.iter().map(Route::json).collect();
            members.insert("routeConfig".to_owned(), json!({"routes": routes}));
        }
        members
    }
}

impl Route {
    fn json(&self) -> Value {
        let FunctionTarget { service, function, qualifier } = &self.function;
        json!({"path": self.path, "methods": self.methods, "serviceName": service, "functionName": function, "qualifier": qualifier})
    }
}

impl DomainVerb {
    /// The first call.
    pub fn call(&self) -> Outcome<Call> {
        Ok(match self {
            Self::List { prefix, .. } => {
                Call::new("ListCustomDomains", "GET", &["custom-domains"]).with_query("prefix", prefix.clone().unwrap_or_default())
            }
            Self::Get { domain } => Call::new("GetCustomDomain", "GET", &["custom-domains", domain]),
            Self::Create { domain, config } => {
                let mut members = config.members();
                members.insert("domainName".to_owned(), json!(domain));
                Call::new("CreateCustomDomain", "POST", &["custom-domains"]).with_json(&Value::Object(members))
            }
            Self::Update { domain, config, if_match } => {
                let members = config.members();
                if members.is_empty() {
                    return Err(Problem::Usage("nothing is to be changed; name something, for example --route '/*=demo/web'".to_owned()));
                }
                let call = Call::new("UpdateCustomDomain", "PUT", &["custom-domains", domain]);
                call.with_header("if-match", if_match.as_deref()).with_json(&Value::Object(members))
            }
            Self::Delete { domain, if_match } => {
                Call::new("DeleteCustomDomain", "DELETE", &["custom-domains", domain]).with_header("if-match", if_match.as_deref())
            }
        })
    }

    pub async fn run(&self, session: &mut Session) -> Outcome<()> {
        let call = self.call()?;
        match self {
            Self::List { pages, .. } => session.list(call, pages, &DOMAINS).await,
            Self::Get { .. } | Self::Create { .. } | Self::Update { .. } => session.show(&call, fields).await,
            Self::Delete { domain, .. } => session.perform(&call, &format!("custom domain {domain} is deleted")).await,
        }
    }
}

const DOMAINS: Listing =
    Listing { member: "customDomains", what: "custom domains", heads: &["DOMAIN", "PROTOCOL", "CHANGED", "ROUTES"], row };

fn row(domain: &Value, times: &Times) -> Vec<Cell> {
    vec![
        Cell::plain(text(domain, "domainName")),
        Cell::plain(text(domain, "protocol")),
        Cell::new(&times.relative_of(text(domain, "lastModifiedTime")), Tone::Quiet),
        Cell::plain(routes(domain).join("; ")),
    ]
}

fn fields(domain: &Value, times: &Times) -> Vec<(&'static str, Cell)> {
    let certificate = domain.get("certConfig").unwrap_or(&Value::Null);
    vec![
        ("domain", Cell::plain(text(domain, "domainName"))),
        ("protocol", Cell::plain(text(domain, "protocol"))),
        ("routes", Cell::plain(routes(domain).join("\n"))),
        ("certificate", Cell::plain(text(certificate, "certName"))),
        ("created", Cell::plain(times.both_of(text(domain, "createdTime")))),
        ("changed", Cell::plain(times.both_of(text(domain, "lastModifiedTime")))),
    ]
}

/// The routes in the form in which `--route` takes them.
fn routes(domain: &Value) -> Vec<String> {
    let given = domain.pointer("/routeConfig/routes").and_then(Value::as_array);
    let one = |route: &Value| {
        let methods: Vec<&str> = route.get("methods").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let methods = if methods.is_empty() { String::new() } else { format!("{} ", methods.join(",")) };
        let qualifier = Some(text(route, "qualifier")).filter(|given| !given.is_empty() && *given != "LATEST");
        let qualifier = qualifier.map_or_else(String::new, |given| format!(":{given}"));
        format!("{methods}{}={}/{}{qualifier}", text(route, "path"), text(route, "serviceName"), text(route, "functionName"))
    };
    given.into_iter().flatten().map(one).collect()
}
