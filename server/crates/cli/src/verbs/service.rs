//! `taskyard service …` (`fc-api.md` 3.1).

use crate::call::Call;
use crate::output::{Cell, Times, Tone};
use crate::problem::{EXIT_CODES, Outcome};
use crate::session::{Listing, Pages, Session, text};
use crate::settings::Connection;
use crate::target::ServiceTarget;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

/// Arguments of `service`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct ServiceArgs {
    #[command(flatten)]
    pub(crate) connection: Connection,
    #[command(subcommand)]
    pub(crate) verb: ServiceVerb,
}

/// What can be done with services.
#[derive(Debug, Subcommand)]
pub(crate) enum ServiceVerb {
    /// Lists the services of the region
    List {
        /// Only services whose name begins with this
        #[arg(long, value_name = "TEXT")]
        prefix: Option<String>,
        #[command(flatten)]
        pages: Pages,
    },
    /// Shows a service
    Get {
        #[arg(value_name = "SERVICE[:QUALIFIER]")]
        service: ServiceTarget,
    },
    /// Creates a service
    Create {
        #[arg(value_name = "SERVICE")]
        name: String,
        /// Free text
        #[arg(long, value_name = "TEXT")]
        description: Option<String>,
        /// Keep its functions from the network
        #[arg(long)]
        no_internet: bool,
    },
    /// Deletes a service that has neither functions nor versions
    Delete {
        #[arg(value_name = "SERVICE")]
        name: String,
        /// Only if it still has this ETag
        #[arg(long, value_name = "ETAG")]
        if_match: Option<String>,
    },
}

impl ServiceVerb {
    /// The first call.
    pub fn call(&self) -> Call {
        match self {
            Self::List { prefix, .. } => {
                Call::new("ListServices", "GET", &["services"]).with_query("prefix", prefix.clone().unwrap_or_default())
            }
            Self::Get { service } => {
                Call::new("GetService", "GET", &["services", &service.service]).with_query("qualifier", &service.qualifier)
            }
            Self::Create { name, description, no_internet } => {
                let mut document = json!({"serviceName": name});
                if let Value::Object(members) = &mut document {
                    members.extend(description.as_ref().map(|text| ("description".to_owned(), json!(text))));
                    members.extend(no_internet.then(|| ("internetAccess".to_owned(), json!(false))));
                }
                Call::new("CreateService", "POST", &["services"]).with_json(&document)
            }
            Self::Delete { name, if_match } => {
                Call::new("DeleteService", "DELETE", &["services", name]).with_header("if-match", if_match.as_deref())
            }
        }
    }

    pub async fn run(&self, session: &mut Session) -> Outcome<()> {
        let call = self.call();
        match self {
            Self::List { pages, .. } => session.list(call, pages, &SERVICES).await,
            Self::Get { .. } | Self::Create { .. } => session.show(&call, fields).await,
            Self::Delete { name, .. } => session.perform(&call, &format!("service {name} is deleted")).await,
        }
    }
}

const SERVICES: Listing = Listing { member: "services", what: "services", heads: &["SERVICE", "INTERNET", "CHANGED", "DESCRIPTION"], row };

fn row(service: &Value, times: &Times) -> Vec<Cell> {
    vec![
        Cell::plain(text(service, "serviceName")),
        Cell::plain(internet(service)),
        Cell::new(&times.relative_of(text(service, "lastModifiedTime")), Tone::Quiet),
        Cell::plain(text(service, "description").replace('\n', " ")),
    ]
}

fn fields(service: &Value, times: &Times) -> Vec<(&'static str, Cell)> {
    vec![
        ("service", Cell::plain(text(service, "serviceName"))),
        ("description", Cell::plain(text(service, "description"))),
        ("role", Cell::plain(text(service, "role"))),
        ("internet", Cell::plain(internet(service))),
        ("created", Cell::plain(times.both_of(text(service, "createdTime")))),
        ("changed", Cell::plain(times.both_of(text(service, "lastModifiedTime")))),
        ("id", Cell::plain(text(service, "serviceId"))),
    ]
}

fn internet(service: &Value) -> &'static str {
    if service.get("internetAccess") == Some(&Value::Bool(false)) { "no" } else { "yes" }
}
