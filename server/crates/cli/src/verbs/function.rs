//! `taskyard function …` (`fc-api.md` 3.2).

use crate::archive;
use crate::call::Call;
use crate::output::{Cell, Times, Tone};
use crate::problem::{EXIT_CODES, Outcome, Problem};
use crate::session::{Listing, Pages, Session, number, text};
use crate::settings::Connection;
use crate::target::{FunctionTarget, ServiceTarget};
use base64::{Engine, prelude::BASE64_STANDARD};
use clap::{Args, Subcommand};
use model::format;
use serde_json::{Map, Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Arguments of `function`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct FunctionArgs {
    #[command(flatten)]
    pub(crate) connection: Connection,
    #[command(subcommand)]
    pub(crate) verb: FunctionVerb,
}

/// What can be done with functions.
#[derive(Debug, Subcommand)]
pub(crate) enum FunctionVerb {
    /// Lists the functions of a service
    List {
        #[arg(value_name = "SERVICE[:QUALIFIER]")]
        service: ServiceTarget,
        /// Only functions whose name begins with this
        #[arg(long, value_name = "TEXT")]
        prefix: Option<String>,
        #[command(flatten)]
        pages: Pages,
    },
    /// Shows a function
    Get {
        #[arg(value_name = "SERVICE/FUNCTION[:QUALIFIER]")]
        function: FunctionTarget,
    },
    /// Creates a function from a folder or a ZIP archive
    Create(Box<Create>),
    /// Changes what is named; everything else stays as it is
    Update(Box<Update>),
    /// Deletes a function; its waiting tasks become Invalid
    Delete {
        #[arg(value_name = "SERVICE/FUNCTION")]
        function: FunctionTarget,
        /// Only if it still has this ETag
        #[arg(long, value_name = "ETAG")]
        if_match: Option<String>,
    },
    /// Downloads the code as a ZIP archive; with --json only prints the link
    Code {
        #[arg(value_name = "SERVICE/FUNCTION[:QUALIFIER]")]
        function: FunctionTarget,
        /// Where to write it, `-` for standard output; FUNCTION.zip in this folder by default
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Replace a file that exists
        #[arg(long)]
        force: bool,
    },
}

/// Arguments of `function create`.
#[derive(Debug, Args)]
pub(crate) struct Create {
    #[arg(value_name = "SERVICE/FUNCTION")]
    function: FunctionTarget,
    #[command(flatten)]
    source: NeededSource,
    /// Runtime, for example python3.10 or nodejs20
    #[arg(long)]
    runtime: String,
    /// Where the code begins, for example index.handler
    #[arg(long)]
    handler: String,
    #[command(flatten)]
    options: Options,
}

/// Arguments of `function update`.
#[derive(Debug, Args)]
pub(crate) struct Update {
    #[arg(value_name = "SERVICE/FUNCTION")]
    function: FunctionTarget,
    #[command(flatten)]
    source: Source,
    /// Runtime, for example python3.10 or nodejs20
    #[arg(long)]
    runtime: Option<String>,
    /// Where the code begins, for example index.handler
    #[arg(long)]
    handler: Option<String>,
    #[command(flatten)]
    options: Options,
    /// Remove all environment variables
    #[arg(long, conflicts_with = "env")]
    clear_env: bool,
    /// Remove all layers
    #[arg(long, conflicts_with = "layers")]
    clear_layers: bool,
    /// Only if it still has this ETag
    #[arg(long, value_name = "ETAG")]
    if_match: Option<String>,
}

/// Where the code of a new function or layer comes from.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct NeededSource {
    /// The code as a ZIP archive
    #[arg(long, value_name = "FILE")]
    pub(crate) zip: Option<PathBuf>,
    /// The code as a folder, which is packed
    #[arg(long, value_name = "FOLDER")]
    pub(crate) dir: Option<PathBuf>,
}

/// Where new code of a function comes from, if it gets any.
#[derive(Debug, Args)]
#[group(multiple = false)]
struct Source {
    /// New code as a ZIP archive
    #[arg(long, value_name = "FILE")]
    zip: Option<PathBuf>,
    /// New code as a folder, which is packed
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
}

/// What may be said of a function.
#[derive(Debug, Args)]
struct Options {
    /// Megabytes of memory, a multiple of 64
    #[arg(long, value_name = "MB")]
    memory: Option<u64>,
    /// Seconds that one execution may take
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u64>,
    /// An environment variable; may be repeated, and all together replace those that there are
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    env: Vec<(String, String)>,
    /// Handler that runs once in each instance before its first request
    #[arg(long, value_name = "HANDLER")]
    initializer: Option<String>,
    /// A version of a layer, or its ARN; may be repeated, the first one wins, and all together replace those that there are
    #[arg(long = "layer", value_name = "LAYER:VERSION", value_parser = layer)]
    layers: Vec<String>,
    /// Free text
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

/// The ARN of `LAYER:VERSION`; an ARN stays as it is.
fn layer(given: &str) -> Result<String, String> {
    if given.starts_with("acs:fc:") {
        return Ok(given.to_owned());
    }
    match given.split_once(':') {
        Some((layer, version)) if !layer.is_empty() && version.parse::<u32>().is_ok() => {
            Ok(format!("acs:fc:::layers/{layer}/versions/{version}"))
        }
        _ => Err("expected LAYER:VERSION, for example tools:1".to_owned()),
    }
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

impl Options {
    fn members(&self) -> Outcome<Map<String, Value>> {
        let mut members = Map::new();
        let mut put = |name: &str, value: Option<Value>| members.extend(value.map(|value| (name.to_owned(), value)));
        put("memorySize", self.memory.map(Value::from));
        put("timeout", self.timeout.map(Value::from));
        put("initializer", self.initializer.as_deref().map(Value::from));
        put("description", self.description.as_deref().map(Value::from));
        put("layers", (!self.layers.is_empty()).then(|| json!(self.layers)));
        let mut variables = Map::new();
        for (name, value) in &self.env {
            if variables.insert(name.clone(), json!(value)).is_some() {
                return Err(Problem::Usage(format!("--env names {name} twice")));
            }
        }
        put("environmentVariables", (!variables.is_empty()).then_some(Value::Object(variables)));
        Ok(members)
    }
}

/// The member `code`, when there is a source.
pub(super) fn code(zip: Option<&Path>, dir: Option<&Path>) -> Outcome<Option<Value>> {
    let bytes = match (zip, dir) {
        (Some(file), _) => archive::read(file)?,
        (None, Some(folder)) => archive::of_folder(folder)?,
        (None, None) => return Ok(None),
    };
    Ok(Some(json!({"zipFile": BASE64_STANDARD.encode(bytes)})))
}

impl Create {
    fn call(&self) -> Outcome<Call> {
        let function = self.function.unqualified()?;
        let mut members = self.options.members()?;
        members.insert("functionName".to_owned(), json!(function.function));
        members.insert("runtime".to_owned(), json!(self.runtime));
        members.insert("handler".to_owned(), json!(self.handler));
        members.extend(code(self.source.zip.as_deref(), self.source.dir.as_deref())?.map(|code| ("code".to_owned(), code)));
        let call = Call::new("CreateFunction", "POST", &["services", &function.service, "functions"]);
        Ok(with_code(call, members))
    }
}

impl Update {
    fn call(&self) -> Outcome<Call> {
        let function = self.function.unqualified()?;
        let mut members = self.options.members()?;
        members.extend(self.runtime.as_ref().map(|runtime| ("runtime".to_owned(), json!(runtime))));
        members.extend(self.handler.as_ref().map(|handler| ("handler".to_owned(), json!(handler))));
        members.extend(self.clear_env.then(|| ("environmentVariables".to_owned(), json!({}))));
        members.extend(self.clear_layers.then(|| ("layers".to_owned(), json!([]))));
        members.extend(code(self.source.zip.as_deref(), self.source.dir.as_deref())?.map(|code| ("code".to_owned(), code)));
        if members.is_empty() {
            return Err(Problem::Usage("nothing is to be changed; name something, for example --dir FOLDER or --timeout 60".to_owned()));
        }
        let call = Call::new("UpdateFunction", "PUT", &["services", &function.service, "functions", &function.function]);
        Ok(with_code(call.with_header("if-match", self.if_match.as_deref()), members))
    }
}

/// A large package takes as long as the network does.
fn with_code(call: Call, members: Map<String, Value>) -> Call {
    Call { is_patient: members.contains_key("code"), ..call.with_json(&Value::Object(members)) }
}

impl FunctionVerb {
    /// The first call.
    pub fn call(&self) -> Outcome<Call> {
        let at = |action, method, target: &FunctionTarget| {
            Call::new(action, method, &["services", &target.service, "functions", &target.function])
        };
        Ok(match self {
            Self::List { service, prefix, .. } => Call::new("ListFunctions", "GET", &["services", &service.service, "functions"])
                .with_query("prefix", prefix.clone().unwrap_or_default())
                .with_query("qualifier", &service.qualifier),
            Self::Get { function } => at("GetFunction", "GET", function).with_query("qualifier", &function.qualifier),
            Self::Create(create) => create.call()?,
            Self::Update(update) => update.call()?,
            Self::Delete { function, if_match } => {
                at("DeleteFunction", "DELETE", function.unqualified()?).with_header("if-match", if_match.as_deref())
            }
            Self::Code { function: FunctionTarget { service, function, qualifier }, .. } => {
                Call::new("GetFunctionCode", "GET", &["services", service, "functions", function, "code"])
                    .with_query("qualifier", qualifier)
            }
        })
    }

    pub async fn run(&self, session: &mut Session) -> Outcome<()> {
        let call = self.call()?;
        match self {
            Self::List { pages, .. } => session.list(call, pages, &FUNCTIONS).await,
            Self::Get { .. } | Self::Create(_) | Self::Update(_) => session.show(&call, fields).await,
            Self::Delete { function, .. } => session.perform(&call, &format!("function {function} is deleted")).await,
            Self::Code { function, output, force } => download(session, &call, function, output.as_deref(), *force).await,
        }
    }
}

async fn download(session: &mut Session, call: &Call, function: &FunctionTarget, output: Option<&Path>, force: bool) -> Outcome<()> {
    let is_stdout = output == Some(Path::new("-"));
    if is_stdout && session.output.is_terminal && !session.output.is_json {
        return Err(Problem::Usage("an archive is nothing for a terminal; name a file with --output, or pipe it".to_owned()));
    }
    let link = session.object(call).await?;
    if session.output.is_json {
        return session.output.document(&link);
    }
    let bytes = session.transport.fetch(text(&link, "url")).await?;
    if is_stdout {
        return session.output.raw(&bytes);
    }
    let file = output.map_or_else(|| PathBuf::from(format!("{}.zip", function.function)), Path::to_path_buf);
    write(&file, &bytes, force)?;
    session.output.line(&format!("{} in {}", format::bytes(bytes.len() as u64), file.display()))
}

fn write(file: &Path, bytes: &[u8], force: bool) -> Outcome<()> {
    let mut open = std::fs::File::options();
    open.write(true);
    if force {
        open.create(true).truncate(true)
    } else {
        open.create_new(true)
    };
    open.open(file).and_then(|mut file| file.write_all(bytes)).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Problem::Usage(format!("{} exists; --force replaces it", file.display())),
        _ => Problem::Failed(format!("{} can't be written: {error}", file.display())),
    })
}

const FUNCTIONS: Listing = Listing {
    member: "functions",
    what: "functions",
    heads: &["FUNCTION", "RUNTIME", "HANDLER", "MEMORY", "TIMEOUT", "CODE", "CHANGED"],
    row,
};

fn row(function: &Value, times: &Times) -> Vec<Cell> {
    vec![
        Cell::plain(text(function, "functionName")),
        Cell::plain(text(function, "runtime")),
        Cell::plain(text(function, "handler")),
        Cell::plain(format!("{} MB", number(function, "memorySize"))),
        Cell::plain(format!("{} s", number(function, "timeout"))),
        Cell::plain(code_size(function)),
        Cell::new(&times.relative_of(text(function, "lastModifiedTime")), Tone::Quiet),
    ]
}

fn fields(function: &Value, times: &Times) -> Vec<(&'static str, Cell)> {
    let layers = function.get("layers").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let variables = function.get("environmentVariables").and_then(Value::as_object);
    let variables: Vec<String> =
        variables.into_iter().flatten().map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default())).collect();
    vec![
        ("function", Cell::plain(text(function, "functionName"))),
        ("description", Cell::plain(text(function, "description"))),
        ("runtime", Cell::plain(text(function, "runtime"))),
        ("handler", Cell::plain(text(function, "handler"))),
        ("initializer", Cell::plain(text(function, "initializer"))),
        ("memory", Cell::plain(format!("{} MB", number(function, "memorySize")))),
        ("timeout", Cell::plain(format!("{} s", number(function, "timeout")))),
        ("code", Cell::plain(format!("{}, CRC-64 {}", code_size(function), text(function, "codeChecksum")))),
        ("environment", Cell::plain(variables.join("\n"))),
        ("layers", Cell::plain(layers.collect::<Vec<_>>().join("\n"))),
        ("created", Cell::plain(times.both_of(text(function, "createdTime")))),
        ("changed", Cell::plain(times.both_of(text(function, "lastModifiedTime")))),
        ("id", Cell::plain(text(function, "functionId"))),
    ]
}

fn code_size(function: &Value) -> String {
    format::bytes(u64::try_from(number(function, "codeSize")).unwrap_or_default())
}
