//! `taskyard layer …` (`fc-api.md` 3.9).

use super::function::{NeededSource, code};
use crate::call::Call;
use crate::output::{Cell, Table, Times, Tone};
use crate::problem::{EXIT_CODES, Outcome, Problem};
use crate::session::{Listing, Pages, Session, number, text};
use crate::settings::Connection;
use clap::{Args, Subcommand};
use model::{format, limits};
use serde_json::{Value, json};

/// Arguments of `layer`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct LayerArgs {
    #[command(flatten)]
    pub(crate) connection: Connection,
    #[command(subcommand)]
    pub(crate) verb: LayerVerb,
}

/// What can be done with layers.
#[derive(Debug, Subcommand)]
pub(crate) enum LayerVerb {
    /// Publishes the next version of a layer from a folder or a ZIP archive
    Publish {
        layer: String,
        #[command(flatten)]
        source: NeededSource,
        /// Free text
        #[arg(long, value_name = "TEXT")]
        description: Option<String>,
        /// Name of its licence
        #[arg(long, value_name = "TEXT")]
        license: Option<String>,
        /// A runtime that it is for; may be repeated
        #[arg(long, value_name = "RUNTIME")]
        runtime: Vec<String>,
    },
    /// Lists the layers of the region by their latest version, or all versions of one layer
    List {
        #[arg(conflicts_with_all = ["prefix", "limit", "all", "next_token"])]
        layer: Option<String>,
        /// Only layers whose name begins with this
        #[arg(long, value_name = "TEXT")]
        prefix: Option<String>,
        #[command(flatten)]
        pages: Pages,
    },
    /// Shows a version of a layer
    Get { layer: String, version: u32 },
    /// Deletes a version of a layer; functions that have it keep it
    Delete { layer: String, version: u32 },
}

impl LayerVerb {
    /// The first call.
    pub fn call(&self) -> Outcome<Call> {
        let at =
            |action, method, layer: &str, version: &u32| Call::new(action, method, &["layers", layer, "versions", &version.to_string()]);
        Ok(match self {
            Self::Publish { layer, source, description, license, runtime } => {
                let document = json!({
                    "code": code(source.zip.as_deref(), source.dir.as_deref())?,
                    "description": description.clone().unwrap_or_default(),
                    "license": license.clone().unwrap_or_default(),
                    "compatibleRuntime": runtime,
                });
                let call = Call::new("CreateLayerVersion", "POST", &["layers", layer, "versions"]).with_json(&document);
                Call { is_patient: true, ..call }
            }
            Self::List { layer: None, prefix, .. } => {
                Call::new("ListLayers", "GET", &["layers"]).with_query("prefix", prefix.clone().unwrap_or_default())
            }
            Self::List { layer: Some(layer), .. } => versions(layer, 1),
            Self::Get { layer, version } => at("GetLayerVersion", "GET", layer, version),
            Self::Delete { layer, version } => at("DeleteLayerVersion", "DELETE", layer, version),
        })
    }

    pub async fn run(&self, session: &mut Session) -> Outcome<()> {
        let call = self.call()?;
        match self {
            Self::Publish { .. } | Self::Get { .. } => session.show(&call, fields).await,
            Self::List { layer: None, pages, .. } => session.list(call, pages, &LAYERS).await,
            Self::List { layer: Some(layer), .. } => every_version(session, layer, call).await,
            Self::Delete { layer, version } => session.perform(&call, &format!("version {version} of layer {layer} is deleted")).await,
        }
    }
}

fn versions(layer: &str, start: i64) -> Call {
    let call = Call::new("ListLayerVersions", "GET", &["layers", layer, "versions"]);
    call.with_query("limit", limits::PAGE_ROWS_MAX.to_string()).with_query("startVersion", start.to_string())
}

/// All pages; this list is paged by the numbers of versions.
async fn every_version(session: &mut Session, layer: &str, mut call: Call) -> Outcome<()> {
    let mut table = Table::new(LAYERS.heads);
    let mut start = 1;
    loop {
        let page = session.object(&call).await?;
        let items = page.get(LAYERS.member).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        session.page(&mut table, items, &LAYERS)?;
        let next = number(&page, "nextVersion");
        if next == 0 {
            let is_told = items.is_empty() && start == 1 && !session.output.is_json;
            return if is_told { session.output.note("there are no versions") } else { Ok(()) };
        }
        if next <= start {
            return Err(Problem::Failed("the server gave the same page twice".to_owned()));
        }
        start = next;
        call = versions(layer, start);
    }
}

const LAYERS: Listing =
    Listing { member: "layers", what: "layers", heads: &["LAYER", "VERSION", "RUNTIMES", "CODE", "CREATED", "DESCRIPTION"], row };

fn row(layer: &Value, times: &Times) -> Vec<Cell> {
    vec![
        Cell::plain(text(layer, "layerName")),
        Cell::plain(number(layer, "version").to_string()),
        Cell::plain(runtimes(layer)),
        Cell::plain(size(layer)),
        Cell::new(&times.relative_of(text(layer, "createTime")), Tone::Quiet),
        Cell::plain(text(layer, "description").replace('\n', " ")),
    ]
}

fn fields(layer: &Value, times: &Times) -> Vec<(&'static str, Cell)> {
    vec![
        ("layer", Cell::plain(text(layer, "layerName"))),
        ("version", Cell::plain(number(layer, "version").to_string())),
        ("arn", Cell::plain(text(layer, "arn"))),
        ("description", Cell::plain(text(layer, "description"))),
        ("license", Cell::plain(text(layer, "license"))),
        ("runtimes", Cell::plain(runtimes(layer))),
        ("code", Cell::plain(format!("{}, CRC-64 {}", size(layer), text(layer, "codeChecksum")))),
        ("created", Cell::plain(times.both_of(text(layer, "createTime")))),
    ]
}

fn runtimes(layer: &Value) -> String {
    let names = layer.get("compatibleRuntime").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    names.collect::<Vec<_>>().join(", ")
}

fn size(layer: &Value) -> String {
    format::bytes(u64::try_from(number(layer, "codeSize")).unwrap_or_default())
}
