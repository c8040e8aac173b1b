//! The conversation over the control channel (`protocol.rs`), which the bootstrap files of Python and Node.js speak.

mod several;

use crate::{
    conversation::{Broken, Call, Conversation, EndedEarly, LoadError, Output, Reply, Several, Starting, What, Writing, too_large},
    errors,
    executor::Host,
    protocol::{Frame, FrameReader, FromInstance, Status, ToInstance, write_frame},
};
use async_trait::async_trait;
use engine::ports::Invocation;
use model::{HookKind, Qualifier};
use std::{
    ffi::OsString,
    io,
    os::{
        fd::{AsRawFd, OwnedFd},
        unix::net::UnixStream as StdUnixStream,
    },
    time::Duration,
};
use tokio::net::{
    UnixStream,
    unix::{OwnedReadHalf, OwnedWriteHalf},
};

/// Environment variable with the number of the control channel's descriptor.
pub(crate) const CHANNEL_VARIABLE: &str = "TASKYARD_CHANNEL";

/// The server's end of a control channel.
pub(crate) struct Frames {
    reader: FrameReader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
    /// False while a frame is half written.
    writable: bool,
    /// It hears a cancel while the handler runs.
    cancellable: bool,
    /// The instance's end, until its process has been started. Having it is the proof of being the instance: there is no address that a
    /// stranger could connect to.
    far: Option<OwnedFd>,
    /// The descriptor's number, which is the same in the instance.
    number: i32,
    /// The answer to the call that runs.
    writing: Writing,
}

impl Frames {
    /// A channel of which the instance's end waits for its process; a read of that may wait for so long.
    pub(crate) fn open(read_limit: Option<Duration>) -> io::Result<Self> {
        let (near, far) = StdUnixStream::pair()?;
        far.set_read_timeout(read_limit)?;
        near.set_nonblocking(true)?;
        let (reader, writer) = UnixStream::from_std(near)?.into_split();
        let number = far.as_raw_fd();
        Ok(Self {
            reader: FrameReader::new(reader),
            writer,
            writable: true,
            cancellable: false,
            far: Some(far.into()),
            number,
            writing: Writing::default(),
        })
    }

    async fn write(&mut self, message: &ToInstance<'_>, payload: &[u8]) -> io::Result<()> {
        self.writable = false;
        write_frame(&mut self.writer, message, payload).await?;
        self.writable = true;
        Ok(())
    }

    async fn frame(&mut self) -> Result<Frame, Broken> {
        self.reader.next().await?.ok_or_else(|| Broken("the instance closed the control channel".to_owned()))
    }

    async fn asked_to_cancel(&mut self, host: &Host, request_id: &str) -> Option<Reply> {
        self.write(&ToInstance::Cancel { request_id }, &[]).await.ok()?;
        let first = tokio::select! {
            frame = self.frame() => frame.ok()?,
            () = host.clock.sleep(host.config.cancel_answer) => return None,
        };
        match first.message {
            FromInstance::Cancelling { observed: true, .. } => self.reply().await.ok(),
            _ => reply_of(first).map(|reply| self.writing.end(reply)),
        }
    }
}

#[async_trait]
impl Conversation for Frames {
    fn inherited(&mut self) -> Option<OwnedFd> {
        self.far.take()
    }

    fn environment(&self) -> Vec<(&'static str, OsString)> {
        vec![(CHANNEL_VARIABLE, self.number.to_string().into())]
    }

    /// Waits for the process to run and to load the user's module.
    async fn load(&mut self, starting: &Starting<'_>) -> Result<(), LoadError> {
        if self.frame().await?.message != FromInstance::Hello {
            return Err(LoadError::Exited);
        }
        starting.greet();
        let spec = &starting.invocation.function.spec;
        let hook = |kind| spec.hook(kind).map(|hook| hook.handler).unwrap_or_default();
        let (code_dir, pre_freeze, pre_stop) = (starting.places.code.to_string_lossy(), hook(HookKind::PreFreeze), hook(HookKind::PreStop));
        let init = ToInstance::Init {
            marker: starting.marker,
            code_dir: &code_dir,
            handler: &spec.handler,
            initializer: &spec.initializer,
            pre_freeze: &pre_freeze,
            pre_stop: &pre_stop,
            request_id: starting.invocation.request_id.as_str(),
            context: &context(starting.host, starting.invocation),
            concurrency: starting.concurrency,
        };
        self.write(&init, &[]).await.map_err(Broken::from)?;
        let frame = self.frame().await?;
        match frame.message {
            FromInstance::Ready { cancellable } => {
                self.cancellable = cancellable;
                Ok(())
            }
            FromInstance::Failed => Err(LoadError::Function(frame.payload.into())),
            _ => Err(LoadError::Exited),
        }
    }

    fn not_ready(&self, seconds: u64) -> Vec<u8> {
        errors::start_timed_out(seconds)
    }

    fn ended_early(&self, _: &str) -> EndedEarly {
        EndedEarly::Platform
    }

    async fn send(&mut self, call: &Call<'_>) -> Result<(), Broken> {
        let Call { request_id, retry_count, what } = *call;
        match what {
            What::Initializer => self.write(&ToInstance::Initialize { request_id }, &[]).await?,
            What::Handler { seq, payload, http, .. } => {
                self.writing = Writing::of(call);
                self.write(&ToInstance::Invoke { request_id, seq, retry_count, http }, payload).await?;
            }
        }
        Ok(())
    }

    async fn reply(&mut self) -> Result<Reply, Broken> {
        loop {
            self.writing.passed_on().await;
            let frame = self.frame().await?;
            match frame.message {
                FromInstance::Head { http, .. } => self.writing.begin(http),
                FromInstance::Chunk { .. } => self.writing.add(frame.payload),
                _ => {
                    if let Some(reply) = reply_of(frame) {
                        return Ok(self.writing.end(reply));
                    }
                }
            }
        }
    }

    async fn cancel(&mut self, host: &Host, request_id: &str) -> Option<Reply> {
        if self.cancellable && self.writable { self.asked_to_cancel(host, request_id).await } else { None }
    }

    async fn hook(&mut self, hook: HookKind, request_id: &str) -> Result<Result<(), Vec<u8>>, Broken> {
        if !self.writable {
            return Err(Broken("the instance does not read what it was sent".to_owned()));
        }
        let hook = match hook {
            HookKind::PreFreeze => "pre_freeze",
            HookKind::PreStop => "pre_stop",
        };
        self.write(&ToInstance::Hook { hook, request_id }, &[]).await?;
        loop {
            let frame = self.frame().await?;
            if let FromInstance::Hooked { ok } = frame.message {
                return Ok(if ok { Ok(()) } else { Err(frame.payload.into()) });
            }
        }
    }

    fn marks_its_log(&self) -> bool {
        true
    }

    fn several(self: Box<Self>) -> Box<dyn Several> {
        Box::new(several::Many::new(*self))
    }
}

fn reply_of(frame: Frame) -> Option<Reply> {
    let FromInstance::Result { status, fatal, cancelled, http, .. } = frame.message else {
        return None;
    };
    let body = Vec::from(frame.payload);
    let outcome = match (frame.oversized, status) {
        (Some(bytes), _) => Err(too_large(bytes)),
        (None, Status::Ok) => Ok(match http {
            Some(head) => Output::Answer(head, body),
            None => Output::Result(body),
        }),
        (None, Status::Handled) => Err((errors::HANDLED, body)),
        (None, Status::Unhandled) => Err((errors::UNHANDLED, body)),
    };
    Some(Reply { outcome, is_fatal: fatal, is_cancelled: cancelled })
}

/// The part of the context that is the same for every request (`fc-api.md` 5.3).
fn context(host: &Host, invocation: &Invocation) -> serde_json::Value {
    let function = &invocation.function;
    let spec = &function.spec;
    serde_json::json!({
        "credentials": { "access_key_id": "", "access_key_secret": "", "security_token": "" },
        "function": {
            "name": function.name,
            "handler": spec.handler,
            "memory": spec.memory_mb,
            "timeout": spec.timeout_s,
            "initializer": spec.initializer,
            "initialization_timeout": spec.initialization_timeout_s,
        },
        "service": {
            "name": function.service,
            "log_project": "",
            "log_store": "",
            "qualifier": invocation.qualifier,
            "version_id": version_id(invocation),
        },
        "tracing": { "span_context": "", "jaeger_endpoint": "", "span_baggages": {} },
        "region": function.region,
        "account_id": host.config.account_id,
    })
}

/// The version as resolved; the current code has no number.
pub(crate) fn version_id(invocation: &Invocation) -> String {
    invocation.version.map_or_else(|| Qualifier::LATEST.to_owned(), |version| version.to_string())
}
