//! Verbs, flags and their environment variables (`product.md` 2).

use clap::{Args, Parser, Subcommand, ValueEnum};
use model::limits;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Self-hosted Function Compute for asynchronous tasks.
#[derive(Debug, Parser)]
#[command(name = "taskyard", version, about)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// What the binary can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Serves the console and the Function Compute API.
    Serve(Box<ServeArgs>),
    /// Lists what this machine offers and what is missing: runtimes, containment, disk, database. Takes the flags of `serve`.
    Doctor(Box<ServeArgs>),
    /// Makes, lists, switches and deletes the API's access keys in the server's own store. With SQLite the server must not run meanwhile.
    Key(KeyArgs),
    /// Makes, lists, changes and deletes the console's users in the server's own store. With SQLite the server must not run meanwhile.
    User(UserArgs),
    /// Prints the OpenAPI 3.1 document of the API; a running server has it at `/openapi.json` and to read at `/openapi`.
    Openapi,
    /// What is done with a server from afar.
    #[command(flatten)]
    Remote(::cli::Verb),
}

/// Flags of `key`.
#[derive(Debug, Args)]
pub(crate) struct KeyArgs {
    #[command(subcommand)]
    pub(crate) verb: KeyVerb,

    #[command(flatten)]
    pub(crate) store: StoreArgs,

    /// Answer in JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// What can be done with access keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeyVerb {
    /// Makes a key and prints its secret, once.
    Create {
        /// What the key is for, 1 to 64 characters.
        #[arg(long)]
        name: String,

        /// What it may do: `full`, `read-only` (whatever is named Get… and List…) or `invoke-only` (InvokeFunction).
        #[arg(long, default_value = "full")]
        policy: String,

        /// Limits it to the resources of this service; may be given several times.
        #[arg(long = "service")]
        services: Vec<String>,

        /// Whose key it is: it may do no more than this user.
        #[arg(long, default_value = "admin")]
        user: String,
    },
    /// Lists the keys, without their secrets.
    List,
    /// Keeps a key out until it is enabled again.
    Disable { id: String },
    /// Lets a key in again.
    Enable { id: String },
    /// Deletes a key for good.
    Delete { id: String },
}

/// Flags of `user`.
#[derive(Debug, Args)]
pub(crate) struct UserArgs {
    #[command(subcommand)]
    pub(crate) verb: UserVerb,

    #[command(flatten)]
    pub(crate) store: StoreArgs,

    /// Answer in JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// What can be done with users.
#[derive(Debug, Subcommand)]
pub(crate) enum UserVerb {
    /// Makes a user; prints a generated password, once, unless one is given.
    Add {
        /// 1 to 64 letters, digits, _ or -, starting with a letter or _.
        name: String,

        /// What it may do: `admin` (everything), `operator` (submit, stop, re-execute, read), `viewer` (read) or `invoker` (submit, read tasks).
        #[arg(long)]
        role: String,

        /// Take the password from the first line of standard input.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Lists the users.
    List,
    /// Gives a user another password, generated and printed once unless one is given, and ends its sessions.
    Password {
        name: String,

        /// Take the password from the first line of standard input.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Gives a user another role.
    Role { name: String, role: String },
    /// Ends a user's sessions and keeps it and its access keys out until it is enabled again.
    Disable { name: String },
    /// Lets a user in again.
    Enable { name: String },
    /// Deletes a user with its sessions and access keys.
    Delete { name: String },
}

/// Where the store is and what opens its secrets.
#[derive(Debug, Args)]
pub(crate) struct StoreArgs {
    /// The server's data folder.
    #[arg(long, env = "TASKYARD_DATA_DIR", default_value = "./data", global = true)]
    pub(crate) data_dir: PathBuf,

    /// The server's `sqlite:<file>` or `postgres://…`; SQLite in the data folder by default.
    #[arg(long, env = "TASKYARD_DATABASE_URL", hide_env_values = true, global = true)]
    pub(crate) database_url: Option<String>,

    /// The server's file with the key that seals secrets; `secret.key` in the data folder by default.
    #[arg(long, env = "TASKYARD_SECRET_KEY_FILE", global = true)]
    pub(crate) secret_key_file: Option<PathBuf>,
}

/// Values of `--containment`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Containment {
    /// Every piece has to be in force.
    Strict,
    /// Missing pieces are told in the log and by `doctor`.
    BestEffort,
}

/// Values of `--webhook-targets`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum WebhookTargets {
    /// Also this machine and its private networks, but never link-local addresses and metadata services of clouds
    Any,
    /// Only addresses of the public internet
    Public,
}

/// When images are pulled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ContainerPull {
    /// Functions run the images that are there
    Never,
    /// What is missing is pulled
    Missing,
}

/// Flags of `serve`.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Address of console, API, health and metrics.
    #[arg(long, env = "TASKYARD_LISTEN", default_value = "127.0.0.1:3000")]
    pub(crate) listen: SocketAddr,

    /// Folder of the SQLite file, unpacked code and instance data; one server at a time.
    #[arg(long, env = "TASKYARD_DATA_DIR", default_value = "./data")]
    pub(crate) data_dir: PathBuf,

    /// `sqlite:<file>` or `postgres://…`; SQLite in the data folder by default.
    #[arg(long, env = "TASKYARD_DATABASE_URL", hide_env_values = true)]
    pub(crate) database_url: Option<String>,

    /// Host and port at which other servers on the same Postgres reach this one; the address of `--listen` by default.
    #[arg(long, env = "TASKYARD_ADVERTISE")]
    pub(crate) advertise: Option<String>,

    /// Account id in ARNs and function contexts.
    #[arg(long, env = "TASKYARD_ACCOUNT_ID", default_value = "1000000000000001")]
    pub(crate) account_id: String,

    /// Regions, separated by commas; the first is the default.
    #[arg(long, env = "TASKYARD_REGIONS", default_value = "cn-hangzhou,cn-shanghai", value_delimiter = ',')]
    pub(crate) regions: Vec<String>,

    /// Seeds the service `demo` with a few functions and tasks.
    #[arg(long, env = "TASKYARD_DEMO")]
    pub(crate) demo: bool,

    /// Tasks that run at once on this server.
    #[arg(long, env = "TASKYARD_MAX_TASKS", default_value_t = 1_024)]
    pub(crate) max_tasks: usize,

    /// Instances that live at once on this server.
    #[arg(long, env = "TASKYARD_MAX_INSTANCES", default_value_t = 64)]
    pub(crate) max_instances: usize,

    /// Instances that the functions of one region may have at once, on all servers together.
    #[arg(long, env = "TASKYARD_REGION_INSTANCES", default_value_t = 100)]
    pub(crate) region_instances: u32,

    /// Seconds between SIGTERM and SIGKILL when a task is stopped.
    #[arg(long, env = "TASKYARD_STOP_GRACE", default_value_t = 10)]
    pub(crate) stop_grace: u64,

    /// Seconds that running tasks get to end when the server is asked to end; then they wait for the next start.
    #[arg(long, env = "TASKYARD_DRAIN_TIMEOUT", default_value_t = 25)]
    pub(crate) drain_timeout: u64,

    /// Days that ended tasks and their logs are kept; 0 keeps them for ever.
    #[arg(long, env = "TASKYARD_RETENTION_DAYS", default_value_t = 7)]
    pub(crate) retention_days: u32,

    /// Refuse a runtime whose exact version is not installed instead of running it on the nearest newer one.
    #[arg(long, env = "TASKYARD_STRICT_RUNTIMES")]
    pub(crate) strict_runtimes: bool,

    /// Addresses that webhooks may call.
    #[arg(long, env = "TASKYARD_WEBHOOK_TARGETS", value_enum, default_value_t = WebhookTargets::Any)]
    pub(crate) webhook_targets: WebhookTargets,

    /// Whether a piece of containment that the kernel denies keeps the server from starting.
    #[arg(long, env = "TASKYARD_CONTAINMENT", value_enum, default_value_t = Containment::BestEffort)]
    pub(crate) containment: Containment,

    /// Where the container images of functions come from: `auto` takes podman or Docker, the first that is installed and works, `off` runs
    /// none; else a command, such as `podman --root /srv/images`.
    #[arg(long, env = "TASKYARD_CONTAINER_ENGINE", default_value = "auto")]
    pub(crate) container_engine: String,

    /// Whether an image that the engine does not have is pulled from its registry when a function needs it.
    #[arg(long, env = "TASKYARD_CONTAINER_PULL", value_enum, default_value_t = ContainerPull::Never)]
    pub(crate) container_pull: ContainerPull,

    /// Where large chunks of function logs lie: `folder:PATH`, `s3://BUCKET/PREFIX`, or `database`; `logs` in the data folder with SQLite, the
    /// database with Postgres by default.
    #[arg(long, env = "TASKYARD_LOG_STORE")]
    pub(crate) log_store: Option<String>,

    /// Address of a store that speaks S3; that of the region by default. One that begins with the bucket's name is used as it is.
    #[arg(long, env = "TASKYARD_LOG_STORE_ENDPOINT")]
    pub(crate) log_store_endpoint: Option<String>,

    /// Region of the bucket.
    #[arg(long, env = "TASKYARD_LOG_STORE_REGION", default_value = "us-east-1")]
    pub(crate) log_store_region: String,

    /// Id of the key for the bucket.
    #[arg(long, env = "TASKYARD_LOG_STORE_ACCESS_KEY_ID", hide = true)]
    pub(crate) log_store_access_key_id: Option<String>,

    /// Secret of the key for the bucket.
    #[arg(long, env = "TASKYARD_LOG_STORE_ACCESS_KEY_SECRET", hide = true, hide_env_values = true)]
    pub(crate) log_store_access_key_secret: Option<String>,

    /// File with the key that seals stored secrets, made when there is none; `secret.key` in the data folder by default. Servers on one
    /// Postgres need the same one.
    #[arg(long, env = "TASKYARD_SECRET_KEY_FILE")]
    pub(crate) secret_key_file: Option<PathBuf>,

    /// Seconds by which a signed request's date may lie off this server's clock, both ways; 0 accepts any date.
    #[arg(long, env = "TASKYARD_CLOCK_SKEW", default_value_t = 900)]
    pub(crate) clock_skew: u32,

    /// Refuse a request whose nonce this server has seen (signature ACS3-HMAC-SHA256 only; other servers don't know of it).
    #[arg(long, env = "TASKYARD_REPLAY_PROTECTION")]
    pub(crate) replay_protection: bool,

    /// Connections at once, websockets included; one more gets a 503. Fewer where the hard limit of open files is too low for so many.
    #[arg(long, env = "TASKYARD_MAX_CONNECTIONS", default_value_t = limits::CONNECTIONS_DEFAULT)]
    pub(crate) max_connections: u32,

    /// Seconds that a connection may lie idle, and within which the headers of a request have to be there.
    #[arg(long, env = "TASKYARD_IDLE_TIMEOUT", default_value_t = limits::IDLE_TIMEOUT_S_DEFAULT)]
    pub(crate) idle_timeout: u64,

    /// Seconds for which nothing of a request's body need come, or nothing of an answer be taken.
    #[arg(long, env = "TASKYARD_STALL_TIMEOUT", default_value_t = limits::STALL_TIMEOUT_S_DEFAULT)]
    pub(crate) stall_timeout: u64,

    /// Megabytes of request bodies in memory at once; a body for which there is no room gets a 429.
    #[arg(long, env = "TASKYARD_UPLOAD_MEMORY", default_value_t = limits::UPLOAD_MEMORY_MB_DEFAULT)]
    pub(crate) upload_memory: u32,

    /// Write the log as JSON lines.
    #[arg(long, env = "TASKYARD_LOG_JSON")]
    pub(crate) log_json: bool,

    /// Password of the user `admin`; generated and printed once when unset at the first start.
    #[arg(long, env = "TASKYARD_ADMIN_PASSWORD", hide = true, hide_env_values = true)]
    pub(crate) admin_password: Option<String>,

    /// Id of the first API key; generated and printed once when unset at the first start.
    #[arg(long, env = "TASKYARD_ACCESS_KEY_ID", hide = true)]
    pub(crate) access_key_id: Option<String>,

    /// Secret of the first API key.
    #[arg(long, env = "TASKYARD_ACCESS_KEY_SECRET", hide = true, hide_env_values = true)]
    pub(crate) access_key_secret: Option<String>,
}
