//! A command while it runs: what comes and goes, and how it ends with everything that it started.

use super::{
    spawn::Line,
    terminal::{self, Terminal},
};
use crate::{
    containment::Subgroup,
    executor::Host,
    held::Held,
    pool::Pool,
    process::Process,
    registry::Visit,
    tree::{self, Tree},
};
use async_trait::async_trait;
use model::{Error, ExecEnd, ExecInput, ExecOutput, ExecRequest, ExecSession, ExecSink, Result};
use nix::fcntl::OFlag;
use std::{io, os::fd::OwnedFd, process::Stdio, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::unix::pipe::{Receiver, Sender},
    sync::mpsc,
};

/// Messages on their way in either direction; with more the command, or who types, waits.
const MESSAGES_MAX: usize = 16;
/// Bytes of one message of output.
const CHUNK_BYTES: usize = 16 * 1024;
/// How long the command may take to end when its terminal is gone, before it is killed.
const GRACE: Duration = Duration::from_millis(300);
/// How long what an ended command has written is waited for; it lies in the kernel already.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Our ends of a command's streams.
#[derive(Debug)]
pub(crate) struct Ends {
    input: Option<OwnedFd>,
    output: Option<OwnedFd>,
    errors: Option<OwnedFd>,
    terminal: Option<OwnedFd>,
}

impl Ends {
    /// Makes what the request wants, and the command's ends of it.
    pub(super) fn new(terminal: Option<Terminal>, request: &ExecRequest) -> io::Result<(Self, Line)> {
        if let Some(Terminal { ours, line }) = terminal {
            let stdio = Line { stdin: line.try_clone()?.into(), stdout: line.try_clone()?.into(), stderr: line.into(), is_terminal: true };
            let input = if request.stdin { Some(ours.try_clone()?) } else { None };
            // Read in any case: a terminal that nobody reads stops what writes to it.
            return Ok((Self { input, output: Some(ours.try_clone()?), errors: None, terminal: Some(ours) }, stdio));
        }
        let pipe = |wanted: bool| -> io::Result<Option<(OwnedFd, OwnedFd)>> {
            if wanted { Ok(Some(nix::unistd::pipe2(OFlag::O_CLOEXEC)?)) } else { Ok(None) }
        };
        let (stdin, input) = pipe(request.stdin)?.map_or((Stdio::null(), None), |(read, write)| (read.into(), Some(write)));
        let reading = |ends: Option<(OwnedFd, OwnedFd)>| ends.map_or((None, Stdio::null()), |(read, write)| (Some(read), write.into()));
        let ((output, stdout), (errors, stderr)) = (reading(pipe(request.stdout)?), reading(pipe(request.stderr)?));
        Ok((Self { input, output, errors, terminal: None }, Line { stdin, stdout, stderr, is_terminal: false }))
    }
}

/// What a session is made of.
pub(super) struct Parts {
    pub(super) process: Process,
    pub(super) tree: Tree,
    pub(super) ends: Ends,
    pub(super) group: Option<Subgroup>,
    pub(super) visit: Visit,
    pub(super) request: ExecRequest,
}

/// Lets the session run in the background. Errors: the runtime's; the command is ended then.
pub(super) fn begin(host: Arc<Host>, pool: Arc<Pool<Held>>, parts: Parts) -> Result<ExecSession> {
    let (input, inputs) = mpsc::channel(MESSAGES_MAX);
    let (outputs, mut output) = mpsc::channel(MESSAGES_MAX);
    let Parts { process, tree, ends, group, visit, request } = parts;
    let wires = Wires::new(ends, request.stdout).map_err(|error| {
        tracing::error!(%error, "a command's streams can't be used");
        Error::internal()
    })?;
    let session = Session { wires, inputs: Some(inputs), outputs, idle_timeout: Duration::from_secs(request.idle_timeout_s) };
    let tracker = host.tracker.clone();
    tracker.spawn(async move {
        session.run(&host, process, tree, &visit, &request.user).await;
        let id = visit.entry.id.clone();
        // The kernel may take a while to remove a control group.
        drop(tokio::task::spawn_blocking(move || drop(group)));
        drop(visit);
        pool.left(|held| *held.id() == id);
    });
    let output = futures::stream::poll_fn(move |context| output.poll_recv(context));
    Ok(ExecSession { input: Box::new(Sink(input)), output: Box::pin(output) })
}

struct Sink(mpsc::Sender<ExecInput>);

#[async_trait]
impl ExecSink for Sink {
    async fn send(&mut self, input: ExecInput) -> bool {
        self.0.send(input).await.is_ok()
    }
}

/// Our ends, read and written without blocking.
#[derive(Debug)]
struct Wires {
    input: Option<Sender>,
    output: Option<Receiver>,
    errors: Option<Receiver>,
    terminal: Option<OwnedFd>,
    /// What the command writes is for somebody.
    is_shown: bool,
}

impl Wires {
    fn new(ends: Ends, is_shown: bool) -> io::Result<Self> {
        let Ends { input, output, errors, terminal } = ends;
        for end in [&input, &output, &errors].into_iter().flatten() {
            let flags = OFlag::from_bits_retain(nix::fcntl::fcntl(end, nix::fcntl::F_GETFL)?);
            nix::fcntl::fcntl(end, nix::fcntl::F_SETFL(flags | OFlag::O_NONBLOCK))?;
        }
        // A terminal is no pipe, but read and written like one.
        Ok(Self {
            input: input.map(Sender::from_owned_fd_unchecked).transpose()?,
            output: output.map(Receiver::from_owned_fd_unchecked).transpose()?,
            errors: errors.map(Receiver::from_owned_fd_unchecked).transpose()?,
            terminal,
            is_shown,
        })
    }
}

/// Waits until there is something to read and room to tell it; `None` at the end.
async fn read<'a>(wire: &mut Option<Receiver>, outputs: &'a mpsc::Sender<ExecOutput>) -> Option<(mpsc::Permit<'a, ExecOutput>, Vec<u8>)> {
    let Some(open) = wire else { return std::future::pending().await };
    let permit = outputs.reserve().await.ok()?;
    let mut chunk = vec![0; CHUNK_BYTES];
    // A terminal whose other end is closed answers with an error.
    match open.read(&mut chunk).await {
        Ok(bytes @ 1..) => {
            chunk.truncate(bytes);
            Some((permit, chunk))
        }
        Ok(0) | Err(_) => {
            *wire = None;
            None
        }
    }
}

struct Session {
    wires: Wires,
    inputs: Option<mpsc::Receiver<ExecInput>>,
    outputs: mpsc::Sender<ExecOutput>,
    idle_timeout: Duration,
}

impl Session {
    /// Runs until the command ends or has to; nothing of it is left then.
    async fn run(mut self, host: &Host, process: Process, tree: Tree, visit: &Visit, user: &str) {
        let end = self.converse(host, &process, visit).await;
        // Whoever is on the terminal hears that it is gone; what doesn't listen is killed.
        (self.wires.input, self.wires.terminal) = (None, None);
        let grace = match end {
            ExecEnd::Exited | ExecEnd::InstanceReleased => Duration::ZERO,
            ExecEnd::Idle | ExecEnd::Disconnected => {
                self.wires.output = None;
                GRACE
            }
        };
        let ended = tree::end(&process, tree, &*host.clock, grace, || ()).await;
        if let Err(tree::Survivors(pids)) = ended {
            tracing::error!(instance.id = %visit.entry.id, process.pids = ?pids, "processes of a command can't be ended");
        }
        tokio::select! {
            () = self.last_words() => {}
            () = host.clock.sleep(LAST_WORDS) => {}
        }
        tracing::info!(audit = "exec", instance.id = %visit.entry.id, user, process.pid = process.pid(), end = ?end, "command ended in an instance");
        // Nobody may listen any more, or not take anything any more.
        drop(self.outputs.try_send(ExecOutput::Ended(end)));
    }

    async fn converse(&mut self, host: &Host, process: &Process, visit: &Visit) -> ExecEnd {
        let mut pending: Vec<u8> = Vec::new();
        let Self { wires, inputs, outputs, idle_timeout } = self;
        let Wires { input, output, errors, terminal, is_shown } = wires;
        loop {
            tokio::select! {
                () = visit.entry.ending.cancelled() => return ExecEnd::InstanceReleased,
                () = host.shutdown.cancelled() => return ExecEnd::Disconnected,
                () = outputs.closed() => return ExecEnd::Disconnected,
                _ = process.wait_end() => return ExecEnd::Exited,
                chunk = read(output, outputs) => if let Some((permit, chunk)) = chunk && *is_shown {
                    permit.send(ExecOutput::Stdout(chunk));
                },
                chunk = read(errors, outputs) => if let Some((permit, chunk)) = chunk {
                    permit.send(ExecOutput::Stderr(chunk));
                },
                written = write(input, &pending), if !pending.is_empty() => match written {
                    Some(bytes) => drop(pending.drain(..bytes)),
                    None => {
                        pending.clear();
                        *input = None;
                    }
                },
                given = next(inputs), if pending.is_empty() => match given {
                    Some(ExecInput::Data(data)) => pending = if input.is_some() { data } else { Vec::new() },
                    Some(ExecInput::Resize(size)) => {
                        if let Some(terminal) = terminal && let Err(error) = terminal::resize(terminal, size) {
                            tracing::debug!(%error, "a terminal can't be resized");
                        }
                    }
                    None => {
                        *inputs = None;
                        // A terminal stays open: what its user types comes as bytes.
                        if terminal.is_none() {
                            *input = None;
                        }
                    }
                },
                () = host.clock.sleep(*idle_timeout) => return ExecEnd::Idle,
            }
        }
    }

    /// Tells what the command has written before its end.
    async fn last_words(&mut self) {
        let Wires { output, errors, is_shown, .. } = &mut self.wires;
        while output.is_some() || errors.is_some() {
            tokio::select! {
                chunk = read(output, &self.outputs) => match chunk {
                    Some((permit, chunk)) if *is_shown => permit.send(ExecOutput::Stdout(chunk)),
                    Some(_) => {}
                    None if self.outputs.is_closed() => return,
                    None => {}
                },
                chunk = read(errors, &self.outputs) => match chunk {
                    Some((permit, chunk)) => permit.send(ExecOutput::Stderr(chunk)),
                    None if self.outputs.is_closed() => return,
                    None => {}
                },
            }
        }
    }
}

/// Writes some of it; `None` when the command takes nothing any more.
async fn write(wire: &mut Option<Sender>, bytes: &[u8]) -> Option<usize> {
    wire.as_mut()?.write(bytes).await.ok()
}

async fn next(inputs: &mut Option<mpsc::Receiver<ExecInput>>) -> Option<ExecInput> {
    match inputs {
        Some(inputs) => inputs.recv().await,
        None => std::future::pending().await,
    }
}
