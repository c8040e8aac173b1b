//! A private Postgres, shared by the tests of one run: the first test that needs it starts it, a supervisor ends it when the run is over.
//!
//! Every test process holds a shared lock on `users.lock` until it ends, however it ends. The supervisor stops the server only under the
//! exclusive lock, so it never takes the server away from a running test.

use crate::{migrations, postgres};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

const SUPERVISE: &str = include_str!("supervise.sh");
const TEMPLATE: &str = "taskyard_template";
/// Data of the tests is thrown away, so it need not reach the disk; that a commit waits for its log record is kept.
const SETTINGS: &str = "-c listen_addresses= -c fsync=off -c full_page_writes=off -c max_connections=200 -c shared_buffers=64MB";

type Outcome<T> = Result<T, String>;

/// The cluster of this test run and this process's share of its lock.
struct Cluster {
    folder: PathBuf,
    bin: PathBuf,
    /// The command prefix that runs a server program as a user who may: Postgres refuses root.
    as_server: Vec<String>,
    _in_use: File,
}

static CLUSTER: OnceLock<Outcome<Cluster>> = OnceLock::new();

/// A database of one test; dropped with it.
pub(super) struct Database {
    name: String,
    cluster: &'static Cluster,
}

impl Database {
    pub(super) fn url(&self) -> String {
        self.cluster.url(&self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let mut drop_database = Command::new(self.cluster.bin.join("dropdb"));
        drop_database.args(["--force", "--if-exists", "--username=postgres", "--host"]).arg(self.cluster.socket()).arg(&self.name);
        // The whole cluster goes with the run: what is left here only takes space until then.
        let _ = run(&mut drop_database);
    }
}

/// Makes a new database with the current schema.
pub(super) async fn database() -> Outcome<Database> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let cluster = tokio::task::spawn_blocking(|| CLUSTER.get_or_init(join)).await.map_err(text)?.as_ref().map_err(Clone::clone)?;
    let name = format!("t_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    cluster.query("postgres", format!("create database {name} template {TEMPLATE}")).await?;
    Ok(Database { name, cluster })
}

/// Joins the run's cluster, starting it if this is the first test to need it.
fn join() -> Outcome<Cluster> {
    let folder = std::env::temp_dir().join(format!("taskyard-test-postgres-{}", std::os::unix::process::parent_id()));
    let in_use = share(&folder).map_err(text)?;
    let bin = programs()?;
    let is_root = fs::metadata(&folder).map_err(text)?.uid() == 0;
    let as_server =
        if is_root { ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"].map(str::to_owned).into() } else { vec![] };
    let cluster = Cluster { folder, bin, as_server, _in_use: in_use };
    let starting = File::create(cluster.folder.join("start.lock")).map_err(text)?;
    starting.lock().map_err(text)?;
    let ready = cluster.folder.join("ready");
    if !ready.exists() {
        cluster.start(is_root)?;
        tokio::runtime::Handle::current().block_on(cluster.make_template())?;
        cluster.supervise().map_err(text)?;
        File::create(ready).map_err(text)?;
    }
    Ok(cluster)
}

/// Takes a shared lock on the folder's `users.lock`; anew if the supervisor removed the folder meanwhile.
fn share(folder: &Path) -> io::Result<File> {
    let path = folder.join("users.lock");
    loop {
        fs::create_dir_all(folder)?;
        // The server's user has to pass through.
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
        let file = match File::options().read(true).append(true).create(true).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            opened => opened?,
        };
        file.lock_shared()?;
        if fs::metadata(&path).is_ok_and(|there| file.metadata().is_ok_and(|ours| ours.ino() == there.ino())) {
            return Ok(file);
        }
    }
}

/// The folder of the newest installed server's programs.
fn programs() -> Outcome<PathBuf> {
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    let on_path = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect::<Vec<_>>()).unwrap_or_default();
    let version = |bin: &PathBuf| bin.parent().and_then(Path::file_name).and_then(|name| name.to_str()?.parse::<u32>().ok());
    let mut found: Vec<PathBuf> =
        installed.chain(on_path).filter(|bin| bin.join("initdb").exists() && bin.join("pg_ctl").exists()).collect();
    found.sort_by_key(version);
    found.pop().ok_or_else(|| "initdb and pg_ctl are neither in /usr/lib/postgresql/*/bin nor on PATH".to_owned())
}

impl Cluster {
    fn socket(&self) -> PathBuf {
        self.folder.join("server")
    }

    fn data(&self) -> PathBuf {
        self.socket().join("data")
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://postgres@localhost/{database}?host={}", self.socket().display())
    }

    /// A server program, run as a user who may run it.
    fn program(&self, name: &str) -> Command {
        let path = self.bin.join(name);
        let mut command = match self.as_server.split_first() {
            Some((first, rest)) => {
                let mut command = Command::new(first);
                command.args(rest).arg(path);
                command
            }
            None => Command::new(path),
        };
        command.current_dir("/");
        command
    }

    fn start(&self, is_root: bool) -> Outcome<()> {
        // What a starter that was killed left behind.
        let _ = run(self.program("pg_ctl").args(["stop", "--mode=immediate", "--pgdata"]).arg(self.data()));
        let _ = fs::remove_dir_all(self.socket());
        let mut folder = Command::new("install");
        folder.args(["-d", "-m", "0700"]).args(is_root.then_some(["-o", "postgres"]).iter().flatten()).arg(self.socket());
        run(&mut folder)?;
        let init = |locale: &[&str]| {
            let mut initdb = self.program("initdb");
            initdb
                .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync"])
                .args(locale)
                .arg("--pgdata")
                .arg(self.data());
            run(&mut initdb)
        };
        // A language's order, where it can be had, shows up every comparison that forgot to ask for the order of bytes.
        init(&["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US"]).or_else(|_| init(&["--locale=C.UTF-8"]))?;
        let settings = format!("{SETTINGS} -c unix_socket_directories={}", self.socket().display());
        let mut start = self.program("pg_ctl");
        start.args(["start", "--wait", "--timeout=60", "--options", &settings, "--pgdata"]).arg(self.data());
        start.arg("--log").arg(self.socket().join("log"));
        run(&mut start)
    }

    /// Makes the database that every test's is a copy of.
    async fn make_template(&self) -> Outcome<()> {
        self.query("postgres", format!("create database {TEMPLATE}")).await?;
        let options = postgres::options(&self.url(TEMPLATE)).map_err(text)?;
        let mut connection = PgConnection::connect_with(&options).await.map_err(text)?;
        migrations::postgres().run_direct(None, &mut connection, false).await.map_err(text)?;
        connection.close().await.map_err(text)
    }

    async fn query(&self, database: &str, statement: String) -> Outcome<()> {
        let mut connection = PgConnection::connect(&self.url(database)).await.map_err(text)?;
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.map_err(text)?;
        connection.close().await.map_err(text)
    }

    /// Leaves a process behind that ends the cluster.
    fn supervise(&self) -> io::Result<()> {
        let stop = self.program("pg_ctl");
        let runner = std::os::unix::process::parent_id().to_string();
        let mut supervisor = Command::new("sh");
        supervisor.args(["-c", SUPERVISE, "supervise"]).arg(&self.folder).arg(runner).arg(stop.get_program()).args(stop.get_args());
        supervisor.args(["stop", "--mode=immediate", "--pgdata"]).arg(self.data());
        // Outside of the test's process group, which the runner may kill, and away from its output, which the runner waits for.
        supervisor.current_dir("/").process_group(0).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        supervisor.spawn().map(drop)
    }
}

/// Runs a program to its end; what it says goes into the error only.
fn run(command: &mut Command) -> Outcome<()> {
    let program = format!("{:?}", command.get_program());
    // Files, not pipes: the server that a program leaves behind would keep a pipe open for ever.
    let said = tempfile::tempfile().map_err(text)?;
    command.stdin(Stdio::null()).stdout(said.try_clone().map_err(text)?).stderr(said.try_clone().map_err(text)?);
    let status = command.status().map_err(|why| format!("{program} can't be run: {why}"))?;
    if status.success() {
        return Ok(());
    }
    let mut said = said;
    let rewound = io::Seek::rewind(&mut said).and_then(|()| io::read_to_string(said));
    Err(format!("{program} failed with {status}: {}", rewound.unwrap_or_default()))
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
