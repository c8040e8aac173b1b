//! Commands in a running instance: somebody logs on to it.
//!
//! A command is one of the instance's processes in everything that keeps a function to itself: namespaces, user, control groups, system
//! call filter, no capabilities (`passage.rs`). It takes none of the instance's concurrency, keeps it from being ended as idle, and ends
//! with it; all that it started ends with the command (`session.rs`).
//!
//! How it was decided:
//!
//! | way | what speaks against it |
//! | --- | --- |
//! | `nsenter` and `setpriv` of util-linux | no system call filter before util-linux 2.40 (Debian 12 has 2.38); two passes over the namespaces that fail for the nested user namespaces of a server that is not root |
//! | a shell asked for over the control channel | runs as the function does, but each runtime would need its own terminal code, and a function that hangs in its handler could not be entered |
//! | `portable-pty` | opens the terminal in the server's `/dev/pts`, where the command can't find its own name; its spawner has no place for namespaces, filters and control groups; blocking reads on threads |
//! | our spawner, terminals by `rustix` | some lines between fork and exec (`passage.rs`): taken, because everything needed is already here |

mod passage;
mod session;
mod spawn;
mod terminal;

use crate::{
    containment::Subgroup,
    executor::Host,
    held::Held,
    pool::Pool,
    registry::{Entry, Visit},
    tree::Tree,
};
use engine::ports::no_instance;
use model::{Error, ErrorCode, ExecRequest, ExecSession, InstanceState, Result, limits};
use passage::Passage;
use spawn::Order;
use std::{ffi::OsString, io, path::Path, sync::Arc};
use terminal::Terminal;

/// Environment variable that marks a command's processes with a number of its own.
const SESSION_VARIABLE: &str = "TASKYARD_SESSION";
/// The shells that are tried when no command is given.
const SHELLS: [&str; 2] = ["/bin/bash", "/bin/sh"];

/// Starts a command in an instance. Errors: as `ControlPlane::exec`.
pub(crate) async fn begin(host: Arc<Host>, pool: Arc<Pool<Held>>, entry: Arc<Entry>, request: ExecRequest) -> Result<ExecSession> {
    match entry.state() {
        InstanceState::Starting => {
            return Err(Error::new(ErrorCode::InstanceNotFound, format!("instance '{}' is still starting", entry.id)));
        }
        InstanceState::Stopping => return Err(released()),
        InstanceState::Idle | InstanceState::Busy | InstanceState::Draining => {}
    }
    let most = limits::EXEC_SESSIONS_MAX;
    let visit = Visit::begin(Arc::clone(&entry), most).ok_or_else(|| {
        Error::new(ErrorCode::ResourceExhausted, format!("{most} commands run in this instance already: end one of them"))
    })?;
    let id = uuid::Uuid::new_v4().simple().to_string();
    let (preparing, containment, wanted, name) = (Arc::clone(&entry), Arc::clone(&host.containment), request.clone(), id.clone());
    let prepared = tokio::task::spawn_blocking(move || prepare(&preparing, containment.programs(), &wanted, &name));
    let prepared = prepared.await.map_err(|_| Error::internal())??;
    let Prepared { order, ends, group } = prepared;
    let program = order.program.clone();
    let process = spawn::spawn(order).await.map_err(|error| not_started(&entry, &program, &error))?;
    let mut tree = Tree::marked(SESSION_VARIABLE, &id);
    tree.add_root(process.pid());
    if let Some(group) = &group {
        tree.add_group(group.processes());
    }
    tracing::info!(audit = "exec", instance.id = %entry.id, user = request.user, process.pid = process.pid(), "command begun in an instance");
    session::begin(host, pool, session::Parts { process, tree, ends, group, visit, request })
}

fn released() -> Error {
    Error::new(ErrorCode::InstanceNotFound, model::ExecEnd::InstanceReleased.text())
}

/// What a session has to keep of a command that is about to be started.
struct Prepared {
    order: Order,
    ends: session::Ends,
    group: Option<Subgroup>,
}

/// Opens everything that the command needs.
fn prepare(entry: &Entry, filters: &[seccompiler::BpfProgram], request: &ExecRequest, id: &str) -> Result<Prepared> {
    let frame = entry.frame().ok_or_else(|| no_instance(&entry.id))?;
    let main = frame.main.get().ok_or_else(|| no_instance(&entry.id))?;
    let failed = |what: &'static str| {
        move |error: io::Error| {
            tracing::warn!(instance.id = %entry.id, %error, "{what}");
            if entry.ending.is_cancelled() { released() } else { Error::internal() }
        }
    };
    let group = match &frame.cgroup {
        Some(cgroup) => cgroup.subgroup(&format!("exec-{id}")).map_err(failed("no control group for a command"))?,
        None => None,
    };
    let entrances = match (&group, &frame.cgroup) {
        (Some(group), _) => group.entrances(),
        (None, Some(cgroup)) => cgroup.entrances(),
        (None, None) => Ok(Vec::new()),
    };
    let entrances = entrances.map_err(failed("an instance's control groups can't be entered"))?;
    let filters = if frame.is_sandboxed { filters } else { &[] };
    let passage =
        Passage::into_process(main, frame.is_sandboxed, &frame.code, entrances, filters).map_err(failed("an instance can't be entered"))?;
    let command = match request.command.as_slice() {
        [] => vec![shell(&main.path("root"))?],
        // What the vendor's client sends when it is told nothing.
        [only] if only == SHELLS[0] => vec![shell(&main.path("root"))?],
        given => given.to_vec(),
    };
    let mut env = frame.env.clone();
    env.push((SESSION_VARIABLE.into(), id.into()));
    if request.tty {
        env.retain(|(name, _)| name != "TERM");
        env.push(("TERM".into(), "xterm-256color".into()));
    }
    let terminal = match request.tty {
        false => None,
        true => {
            let inside = frame.is_sandboxed.then(|| main.path("root/dev/pts/ptmx"));
            Some(Terminal::open(inside.as_deref(), request.size, passage.user()).map_err(failed("no terminal for a command"))?)
        }
    };
    let (ends, stdio) = session::Ends::new(terminal, request).map_err(failed("no pipes for a command"))?;
    let mut words = command.into_iter().map(OsString::from);
    let program = words.next().unwrap_or_default();
    Ok(Prepared { order: Order { program, args: words.collect(), env, stdio, passage }, ends, group })
}

/// The instance's shell, as it sees it.
fn shell(root: &Path) -> Result<String> {
    let is_there = |path: &str| root.join(path.trim_start_matches('/')).symlink_metadata().is_ok();
    let found = SHELLS.into_iter().find(|path| is_there(path));
    found.map(str::to_owned).ok_or_else(|| Error::invalid("No shell was found in this image."))
}

fn not_started(entry: &Entry, program: &OsString, error: &io::Error) -> Error {
    let program = program.to_string_lossy();
    tracing::info!(instance.id = %entry.id, %program, %error, "a command was not started");
    if entry.ending.is_cancelled() {
        return released();
    }
    match error.kind() {
        io::ErrorKind::NotFound => Error::invalid(format!("command '{program}' was not found in the instance")),
        io::ErrorKind::PermissionDenied => Error::invalid(format!("command '{program}' may not be run in the instance")),
        _ => Error::invalid(format!("command '{program}' can't be started in the instance: {error}")),
    }
}
