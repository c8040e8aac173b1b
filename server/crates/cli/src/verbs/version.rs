//! `taskyard version …` and `taskyard alias …` (`fc-api.md` 3.4).

use crate::call::Call;
use crate::output::{Cell, Times, Tone};
use crate::problem::{EXIT_CODES, Outcome};
use crate::session::{Listing, Pages, Session, text};
use crate::settings::Connection;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

/// Arguments of `version`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct VersionArgs {
    #[command(flatten)]
    pub(crate) connection: Connection,
    #[command(subcommand)]
    pub(crate) verb: VersionVerb,
}

/// What can be done with versions.
#[derive(Debug, Subcommand)]
pub(crate) enum VersionVerb {
    /// Lists the published versions of a service, newest first
    List {
        service: String,
        #[command(flatten)]
        pages: Pages,
    },
    /// Keeps the service and all its functions as they are now, under the next number
    Publish {
        service: String,
        /// Free text
        #[arg(long, value_name = "TEXT")]
        description: Option<String>,
    },
    /// Deletes a version that no alias leads to
    Delete { service: String, version: String },
}

impl VersionVerb {
    /// The first call.
    pub fn call(&self) -> Call {
        match self {
            Self::List { service, .. } => Call::new("ListServiceVersions", "GET", &["services", service, "versions"]),
            Self::Publish { service, description } => Call::new("PublishServiceVersion", "POST", &["services", service, "versions"])
                .with_json(&json!({"description": description.clone().unwrap_or_default()})),
            Self::Delete { service, version } => Call::new("DeleteServiceVersion", "DELETE", &["services", service, "versions", version]),
        }
    }

    pub async fn run(&self, session: &mut Session) -> Outcome<()> {
        let call = self.call();
        match self {
            Self::List { pages, .. } => session.list(call, pages, &VERSIONS).await,
            Self::Publish { .. } => session.show(&call, version_fields).await,
            Self::Delete { service, version } => session.perform(&call, &format!("version {version} of {service} is deleted")).await,
        }
    }
}

const VERSIONS: Listing =
    Listing { member: "versions", what: "versions", heads: &["VERSION", "PUBLISHED", "DESCRIPTION"], row: version_row };

fn version_row(version: &Value, times: &Times) -> Vec<Cell> {
    vec![
        Cell::plain(text(version, "versionId")),
        Cell::new(&times.relative_of(text(version, "createdTime")), Tone::Quiet),
        Cell::plain(text(version, "description").replace('\n', " ")),
    ]
}

fn version_fields(version: &Value, times: &Times) -> Vec<(&'static str, Cell)> {
    vec![
        ("version", Cell::plain(text(version, "versionId"))),
        ("description", Cell::plain(text(version, "description"))),
        ("published", Cell::plain(times.both_of(text(version, "createdTime")))),
    ]
}

/// Arguments of `alias`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct AliasArgs {
    #[command(flatten)]
    pub(crate) connection: Connection,
    #[command(subcommand)]
    pub(crate) verb: AliasVerb,
}

/// What can be done with aliases.
#[derive(Debug, Subcommand)]
pub(crate) enum AliasVerb {
    /// Lists the aliases of a service
    List {
        service: String,
        #[command(flatten)]
        pages: Pages,
    },
    /// Creates an alias that leads to a version
    Create(Leading),
    /// Leads an alias to another version; without --weight it gets all calls
    Update(Leading),
    /// Deletes an alias
    Delete { service: String, alias: String },
}

/// Where an alias leads.
#[derive(Debug, Args)]
pub(crate) struct Leading {
    service: String,
    alias: String,
    version: String,
    /// A second version that gets this part of the calls, for example 3=0.1
    #[arg(long, value_name = "VERSION=PART", value_parser = weight)]
    weight: Option<(String, f64)>,
    /// Free text
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

fn weight(text: &str) -> Result<(String, f64), String> {
    let parsed = text.split_once('=').and_then(|(version, part)| Some((version.to_owned(), part.parse::<f64>().ok()?)));
    parsed
        .filter(|(version, part)| !version.is_empty() && part.is_finite())
        .ok_or_else(|| "expected VERSION=PART, for example 3=0.1".to_owned())
}

impl Leading {
    /// Everything that is said; without a weight there is no second version.
    fn document(&self) -> Value {
        let weights: serde_json::Map<String, Value> = self.weight.iter().map(|(version, part)| (version.clone(), json!(part))).collect();
        let mut document = json!({"versionId": self.version, "additionalVersionWeight": weights});
        if let (Value::Object(members), Some(text)) = (&mut document, &self.description) {
            members.insert("description".to_owned(), json!(text));
        }
        document
    }
}

impl AliasVerb {
    /// The first call.
    pub fn call(&self) -> Call {
        match self {
            Self::List { service, .. } => Call::new("ListAliases", "GET", &["services", service, "aliases"]),
            Self::Create(leading) => {
                let mut document = leading.document();
                if let Value::Object(members) = &mut document {
                    members.insert("aliasName".to_owned(), json!(leading.alias));
                }
                Call::new("CreateAlias", "POST", &["services", &leading.service, "aliases"]).with_json(&document)
            }
            Self::Update(leading) => {
                Call::new("UpdateAlias", "PUT", &["services", &leading.service, "aliases", &leading.alias]).with_json(&leading.document())
            }
            Self::Delete { service, alias } => Call::new("DeleteAlias", "DELETE", &["services", service, "aliases", alias]),
        }
    }

    pub async fn run(&self, session: &mut Session) -> Outcome<()> {
        let call = self.call();
        match self {
            Self::List { pages, .. } => session.list(call, pages, &ALIASES).await,
            Self::Create(_) | Self::Update(_) => session.show(&call, alias_fields).await,
            Self::Delete { service, alias } => session.perform(&call, &format!("alias {alias} of {service} is deleted")).await,
        }
    }
}

const ALIASES: Listing =
    Listing { member: "aliases", what: "aliases", heads: &["ALIAS", "VERSION", "ALSO", "CHANGED", "DESCRIPTION"], row: alias_row };

fn alias_row(alias: &Value, times: &Times) -> Vec<Cell> {
    vec![
        Cell::plain(text(alias, "aliasName")),
        Cell::plain(text(alias, "versionId")),
        Cell::plain(weights(alias)),
        Cell::new(&times.relative_of(text(alias, "lastModifiedTime")), Tone::Quiet),
        Cell::plain(text(alias, "description").replace('\n', " ")),
    ]
}

fn alias_fields(alias: &Value, times: &Times) -> Vec<(&'static str, Cell)> {
    vec![
        ("alias", Cell::plain(text(alias, "aliasName"))),
        ("version", Cell::plain(text(alias, "versionId"))),
        ("also", Cell::plain(weights(alias))),
        ("description", Cell::plain(text(alias, "description"))),
        ("changed", Cell::plain(times.both_of(text(alias, "lastModifiedTime")))),
    ]
}

/// The second version with its part of the calls: `3=0.1`.
fn weights(alias: &Value) -> String {
    let weights = alias.get("additionalVersionWeight").and_then(Value::as_object);
    weights.into_iter().flatten().map(|(version, part)| format!("{version}={part}")).collect::<Vec<_>>().join(" ")
}
