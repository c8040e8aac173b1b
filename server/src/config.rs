//! The configuration, checked once; nothing reads flags or environment later.

use crate::cli::{ContainerPull, Containment, ServeArgs, WebhookTargets};
use crate::http::HttpLimits;
use model::{AccessKey, AccountId, Region, limits};
use runtime::{ContainerEngine, ContainmentMode};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use store::{Bucket, LogPlace};
use webhook::Targets;

/// Least characters of a password set from outside.
const PASSWORD_CHARS_MIN: usize = model::limits::PASSWORD_CHARS_MIN;

/// Everything that `serve` needs to know.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) listen: SocketAddr,
    /// Where other servers on the store reach this one; `None`: where it listens.
    pub(crate) advertise: Option<String>,
    pub(crate) data_dir: PathBuf,
    pub(crate) database_url: String,
    pub(crate) account_id: AccountId,
    pub(crate) regions: Vec<Region>,
    pub(crate) demo: bool,
    pub(crate) max_tasks: usize,
    pub(crate) max_instances: usize,
    pub(crate) region_instances: u32,
    pub(crate) stop_grace: Duration,
    pub(crate) drain_timeout: Duration,
    pub(crate) retention_days: u32,
    pub(crate) strict_runtimes: bool,
    pub(crate) webhook_targets: Targets,
    pub(crate) containment: ContainmentMode,
    pub(crate) container_engine: ContainerEngine,
    /// True: images that are not there are pulled.
    pub(crate) pull_images: bool,
    /// Where large chunks of function logs lie.
    pub(crate) log_place: LogPlace,
    /// What seals the secrets in the store.
    pub(crate) secret_key_file: PathBuf,
    /// Milliseconds by which a request's date may lie off; `None` accepts any.
    pub(crate) skew_ms: Option<i64>,
    pub(crate) replay_protection: bool,
    pub(crate) http: HttpLimits,
    /// Bytes of request bodies in memory at once.
    pub(crate) upload_bytes: usize,
    pub(crate) log_json: bool,
    pub(crate) admin_password: Option<Secret>,
    pub(crate) access_key: Option<AccessKey>,
}

/// A text that must not be printed.
#[derive(Clone)]
pub(crate) struct Secret(pub(crate) String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

impl Config {
    /// Checks the flags; the error says which flag is wrong and what it may be.
    pub(crate) fn from_args(args: ServeArgs) -> Result<Self, String> {
        let regions: Vec<Region> = args.regions.iter().map(|name| region(name)).collect::<Result<_, _>>()?;
        if regions.is_empty() {
            return Err("--regions names no region; give at least one, for example cn-hangzhou".to_owned());
        }
        if args.account_id.is_empty() || !args.account_id.bytes().all(|b| b.is_ascii_digit()) {
            return Err(format!("--account-id is '{}'; it must be digits only, for example 1000000000000001", args.account_id));
        }
        if args.max_tasks == 0 || args.max_instances == 0 || args.region_instances == 0 {
            return Err("--max-tasks, --max-instances and --region-instances must be at least 1".to_owned());
        }
        if let Some(password) = &args.admin_password
            && password.chars().count() < PASSWORD_CHARS_MIN
        {
            return Err(format!("TASKYARD_ADMIN_PASSWORD is too short; use at least {PASSWORD_CHARS_MIN} characters"));
        }
        let access_key = match (args.access_key_id, args.access_key_secret) {
            (None, None) => None,
            (Some(id), Some(secret)) if !id.is_empty() && secret.len() >= PASSWORD_CHARS_MIN => Some(AccessKey::full(id, secret)),
            _ => {
                let text = "TASKYARD_ACCESS_KEY_ID and TASKYARD_ACCESS_KEY_SECRET go together; the secret needs at least 8 characters";
                return Err(text.to_owned());
            }
        };
        let database_url = database_url(args.database_url)?;
        if args.replay_protection && args.clock_skew == 0 {
            let text = "--replay-protection needs --clock-skew: a request whose date does not count would have to be remembered for ever";
            return Err(text.to_owned());
        }
        if args.max_connections == 0 || args.idle_timeout == 0 || args.stall_timeout == 0 {
            return Err("--max-connections, --idle-timeout and --stall-timeout must be at least 1".to_owned());
        }
        if args.upload_memory < limits::UPLOAD_MEMORY_MB_MIN {
            return Err(format!("--upload-memory is {}; a code package needs {}", args.upload_memory, limits::UPLOAD_MEMORY_MB_MIN));
        }
        let bucket_key = (args.log_store_access_key_id, args.log_store_access_key_secret);
        let log_place = match args.log_store.as_deref() {
            // Each server of a shared database has a data folder of its own.
            None if database_url.starts_with("sqlite:") => LogPlace::Folder(args.data_dir.join("logs")),
            None | Some("database") => LogPlace::Database,
            Some(place) => log_place(place, args.log_store_endpoint, args.log_store_region, bucket_key)?,
        };
        Ok(Self {
            secret_key_file: secret_key_file(args.secret_key_file, &args.data_dir),
            skew_ms: (args.clock_skew > 0).then_some(i64::from(args.clock_skew) * 1_000),
            replay_protection: args.replay_protection,
            http: HttpLimits {
                connections: args.max_connections as usize,
                idle_timeout: Duration::from_secs(args.idle_timeout),
                stall_timeout: Duration::from_secs(args.stall_timeout),
                body_timeout: Duration::from_secs(limits::BODY_S_MAX),
            },
            upload_bytes: args.upload_memory as usize * 1024 * 1024,
            listen: args.listen,
            advertise: args.advertise.filter(|given| !given.is_empty()),
            data_dir: args.data_dir,
            database_url,
            account_id: AccountId::from_stored(args.account_id),
            regions,
            demo: args.demo,
            max_tasks: args.max_tasks,
            max_instances: args.max_instances,
            region_instances: args.region_instances,
            stop_grace: Duration::from_secs(args.stop_grace),
            drain_timeout: Duration::from_secs(args.drain_timeout),
            retention_days: args.retention_days,
            strict_runtimes: args.strict_runtimes,
            webhook_targets: match args.webhook_targets {
                WebhookTargets::Any => Targets::Any,
                WebhookTargets::Public => Targets::Public,
            },
            containment: match args.containment {
                Containment::Strict => ContainmentMode::Strict,
                Containment::BestEffort => ContainmentMode::BestEffort,
            },
            container_engine: container_engine(&args.container_engine)?,
            pull_images: args.container_pull == ContainerPull::Missing,
            log_place,
            log_json: args.log_json,
            admin_password: args.admin_password.map(Secret),
            access_key,
        })
    }

    /// The flags that every user may know, and what they are set to: nothing secret, and no place where something lies.
    pub(crate) fn shown_flags(&self) -> Vec<(&'static str, String)> {
        let seconds = |time: Duration| model::format::seconds(time.as_secs());
        let either = |is: bool, yes: &str, no: &str| if is { yes } else { no }.to_owned();
        let kept = if self.retention_days == 0 { "For ever".to_owned() } else { format!("{} days", self.retention_days) };
        vec![
            ("--database-url", either(self.is_shared_store(), "PostgreSQL", "SQLite")),
            ("--max-tasks", self.max_tasks.to_string()),
            ("--max-instances", self.max_instances.to_string()),
            ("--region-instances", self.region_instances.to_string()),
            ("--stop-grace", seconds(self.stop_grace)),
            ("--drain-timeout", seconds(self.drain_timeout)),
            ("--retention-days", kept),
            ("--strict-runtimes", either(self.strict_runtimes, "Refused", "Run on the nearest newer one")),
            ("--webhook-targets", either(self.webhook_targets == Targets::Public, "Public addresses", "Any address")),
            ("--containment", either(self.containment == ContainmentMode::Strict, "Strict", "Best effort")),
            ("--container-pull", either(self.pull_images, "Pulled", "Refused")),
            ("--clock-skew", self.skew_ms.map_or("Any".to_owned(), |ms| model::format::seconds(ms.unsigned_abs() / 1_000))),
            ("--replay-protection", either(self.replay_protection, "Refused", "Accepted")),
        ]
    }

    /// True when several servers may share the store.
    pub(crate) fn is_shared_store(&self) -> bool {
        !self.database_url.starts_with("sqlite:")
    }
}

fn log_place(place: &str, endpoint: Option<String>, region: String, key: (Option<String>, Option<String>)) -> Result<LogPlace, String> {
    if let Some(folder) = place.strip_prefix("folder:").filter(|folder| !folder.is_empty()) {
        return Ok(LogPlace::Folder(PathBuf::from(folder)));
    }
    let Some((name, prefix)) = place.strip_prefix("s3://").map(|rest| rest.split_once('/').unwrap_or((rest, ""))) else {
        return Err(format!("--log-store is '{place}'; it must be folder:PATH, s3://BUCKET/PREFIX or database"));
    };
    let (Some(access_key_id), Some(access_key_secret)) = key else {
        return Err("--log-store s3://… needs TASKYARD_LOG_STORE_ACCESS_KEY_ID and TASKYARD_LOG_STORE_ACCESS_KEY_SECRET".to_owned());
    };
    if endpoint.as_deref().is_some_and(|url| !url.starts_with("http://") && !url.starts_with("https://")) {
        return Err("--log-store-endpoint must begin with http:// or https://".to_owned());
    }
    let (name, prefix) = (name.to_owned(), prefix.trim_matches('/').to_owned());
    Ok(LogPlace::Bucket(Bucket { name, prefix, endpoint, region, access_key_id, access_key_secret }))
}

fn container_engine(text: &str) -> Result<ContainerEngine, String> {
    match text {
        "auto" => Ok(ContainerEngine::Auto),
        "off" => Ok(ContainerEngine::Off),
        command if command.trim().is_empty() => Err("--container-engine must be auto, off or a command, such as podman".to_owned()),
        command => Ok(ContainerEngine::Command(command.split_ascii_whitespace().map(Into::into).collect())),
    }
}

fn region(name: &str) -> Result<Region, String> {
    let fits = !name.is_empty() && name.len() <= 64 && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if fits {
        return Ok(Region::from_stored(name));
    }
    Err(format!("--regions holds '{name}'; a region is 1 to 64 lower-case letters, digits and -"))
}

/// The place of what seals secrets.
pub(crate) fn secret_key_file(given: Option<PathBuf>, data_dir: &Path) -> PathBuf {
    given.unwrap_or_else(|| data_dir.join("secret.key"))
}

/// The store's address; without one the store's own file in the data folder.
pub(crate) fn database_url(url: Option<String>) -> Result<String, String> {
    let Some(url) = url else { return Ok("sqlite:".to_owned()) };
    if ["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
        return Ok(url);
    }
    Err("--database-url must begin with sqlite: or postgres://".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Verb};
    use clap::Parser;

    fn parse(flags: &[&str]) -> Result<Config, String> {
        let cli = Cli::try_parse_from(["taskyard", "serve"].iter().chain(flags)).map_err(|error| error.to_string())?;
        let Verb::Serve(args) = cli.verb else { panic!("another verb") };
        Config::from_args(*args)
    }

    #[test]
    fn defaults_are_those_of_the_contract() {
        let config = parse(&[]).unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:3000");
        assert_eq!(config.database_url, "sqlite:");
        assert_eq!(config.account_id.as_str(), "1000000000000001");
        assert_eq!(config.regions.iter().map(Region::as_str).collect::<Vec<_>>(), ["cn-hangzhou", "cn-shanghai"]);
        assert!(!config.demo);
        assert_eq!(config.secret_key_file, PathBuf::from("./data/secret.key"));
        assert_eq!((config.skew_ms, config.replay_protection), (Some(api::SKEW_MS_DEFAULT), false));
        assert_eq!(parse(&["--clock-skew", "0"]).unwrap().skew_ms, None);
        assert_eq!(config.webhook_targets, Targets::Any);
        assert_eq!(parse(&["--webhook-targets", "public"]).unwrap().webhook_targets, Targets::Public);
    }

    #[test]
    fn i4_large_chunks_of_logs_go_where_the_flags_say() {
        let place = |flags: &[&str]| parse(flags).map(|config| config.log_place);
        assert_eq!(place(&["--data-dir", "d"]), Ok(LogPlace::Folder("d/logs".into())));
        assert_eq!(place(&["--database-url", "postgres://h/d"]), Ok(LogPlace::Database));
        assert_eq!(place(&["--log-store", "database"]), Ok(LogPlace::Database));
        assert_eq!(
            place(&["--log-store", "folder:/mnt/logs", "--database-url", "postgres://h/d"]),
            Ok(LogPlace::Folder("/mnt/logs".into()))
        );
        let key = ["--log-store-access-key-id", "id", "--log-store-access-key-secret", "very-secret-3"];
        let bucket = [["--log-store", "s3://b/p/q/"].as_slice(), &key].concat();
        let Ok(LogPlace::Bucket(bucket)) = place(&bucket) else { panic!("another place") };
        assert_eq!((bucket.name.as_str(), bucket.prefix.as_str(), bucket.endpoint.as_deref()), ("b", "p/q", None));
        assert!(!format!("{bucket:?}").contains("very-secret"));
        for (flags, part) in [
            (["--log-store", "ftp://x"].as_slice(), "folder:PATH"),
            (&["--log-store", "folder:"], "folder:PATH"),
            (&["--log-store", "s3://b"], "TASKYARD_LOG_STORE_ACCESS_KEY_ID"),
        ] {
            assert!(parse(flags).is_err_and(|problem| problem.contains(part)), "{flags:?}");
        }
    }

    #[test]
    fn i4_1_container_images_come_from_where_the_flags_say() {
        let parsed = |flags: &[&str]| parse(flags).map(|config| (config.container_engine, config.pull_images)).unwrap();
        assert_eq!(parsed(&[]), (ContainerEngine::Auto, false));
        assert_eq!(parsed(&["--container-engine", "off", "--container-pull", "missing"]), (ContainerEngine::Off, true));
        let command = ContainerEngine::Command(["podman", "--root", "/x"].map(Into::into).to_vec());
        assert_eq!(parsed(&["--container-engine", "podman --root /x"]).0, command);
    }

    #[test]
    fn i5_6_limits_of_connections_are_those_of_the_flags() {
        let seconds = Duration::from_secs;
        let limits_of = |flags: &[&str]| parse(flags).map(|config| (config.http, config.upload_bytes)).unwrap();
        let usual = HttpLimits { connections: 16_384, idle_timeout: seconds(75), stall_timeout: seconds(60), body_timeout: seconds(3_600) };
        assert_eq!(limits_of(&[]), (usual, 512 * 1024 * 1024));
        let flags = ["--max-connections", "7", "--idle-timeout", "8", "--stall-timeout", "9", "--upload-memory", "140"];
        let chosen = HttpLimits { connections: 7, idle_timeout: seconds(8), stall_timeout: seconds(9), ..usual };
        assert_eq!(limits_of(&flags), (chosen, limits::API_CODE_BODY_BYTES_MAX));
    }

    #[test]
    fn mistakes_are_named() {
        let check = |flags: &[&str], part: &str| {
            let problem = parse(flags).unwrap_err();
            assert!(problem.contains(part), "{problem}");
        };
        check(&["--listen", "here"], "--listen");
        check(&["--regions", "A b"], "--regions");
        check(&["--region-instances", "0"], "--region-instances");
        check(&["--account-id", "x"], "--account-id");
        check(&["--webhook-targets", "some"], "--webhook-targets");
        check(&["--database-url", "mysql://x"], "--database-url");
        check(&["--access-key-id", "only"], "TASKYARD_ACCESS_KEY_SECRET");
        check(&["--admin-password", "short"], "TASKYARD_ADMIN_PASSWORD");
        check(&["--containment", "some"], "best-effort");
        check(&["--container-engine", " "], "--container-engine");
        check(&["--container-pull", "always"], "missing");
        check(&["--replay-protection", "--clock-skew", "0"], "--clock-skew");
        check(&["--max-connections", "0"], "--max-connections");
        check(&["--idle-timeout", "0"], "--idle-timeout");
        check(&["--stall-timeout", "0"], "--stall-timeout");
        check(&["--upload-memory", "139"], "140");
    }

    #[test]
    fn secrets_are_not_printed() {
        let config =
            parse(&["--admin-password", "very-secret-1", "--access-key-id", "id", "--access-key-secret", "very-secret-2"]).unwrap();
        assert!(!format!("{config:?}").contains("very-secret"));
    }
}
