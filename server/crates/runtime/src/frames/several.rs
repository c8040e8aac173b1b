//! The control channel with several requests at once: one task reads, and each answer goes to who waits for it.

use super::{Frames, reply_of};
use crate::{
    conversation::{Broken, Call, Reply, Several, What, Writing, too_large},
    executor::Host,
    protocol::{Frame, FrameReader, FromInstance, ToInstance, write_frame},
};
use async_trait::async_trait;
use model::{HookKind, limits::SYNC_PAYLOAD_BYTES_MAX};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{
    net::unix::{OwnedReadHalf, OwnedWriteHalf},
    sync::{mpsc, oneshot},
};
use tokio_util::task::AbortOnDropHandle;

/// The server's end of a control channel that carries several requests.
pub(super) struct Many {
    writer: tokio::sync::Mutex<Writer>,
    waiting: Arc<Waiting>,
    cancellable: bool,
    _reader: AbortOnDropHandle<()>,
}

struct Writer {
    half: OwnedWriteHalf,
    /// False while a frame is half written.
    is_whole: bool,
}

/// Who waits for what the instance says.
#[derive(Default)]
struct Waiting {
    lists: Mutex<Lists>,
}

#[derive(Default)]
struct Lists {
    /// Nothing comes any more.
    is_over: bool,
    calls: HashMap<String, Listener>,
    cancels: HashMap<String, oneshot::Sender<bool>>,
    hook: Option<oneshot::Sender<Frame>>,
}

/// Who waits for what a call brings.
struct Listener {
    frames: mpsc::UnboundedSender<Frame>,
    /// Bytes of an answer that its caller has not taken; the reader must not wait for one caller, since it reads for all.
    untaken: Arc<AtomicUsize>,
}

impl Waiting {
    fn lists(&self) -> MutexGuard<'_, Lists> {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands a frame to who waits for it; what nobody waits for is dropped.
    fn deliver(&self, frame: Frame) {
        let mut lists = self.lists();
        // A receiver that is gone wanted to know no more.
        match &frame.message {
            FromInstance::Result { request_id: Some(id), .. } => {
                // Its code has not heard the cancel, or has answered before.
                lists.cancels.remove(id);
                if let Some(call) = lists.calls.remove(id) {
                    drop(call.frames.send(frame));
                }
            }
            FromInstance::Head { request_id: Some(id), .. } | FromInstance::Chunk { request_id: Some(id) } => {
                let Some(call) = lists.calls.get(id) else { return };
                let untaken = call.untaken.fetch_add(frame.payload.len(), Ordering::Relaxed) + frame.payload.len();
                if untaken > SYNC_PAYLOAD_BYTES_MAX {
                    // Its listener hears that by the end of its frames.
                    lists.calls.remove(id);
                } else {
                    drop(call.frames.send(frame));
                }
            }
            FromInstance::Cancelling { observed, request_id: Some(id) } => {
                if let Some(cancel) = lists.cancels.remove(id) {
                    _ = cancel.send(*observed);
                }
            }
            FromInstance::Hooked { .. } => {
                if let Some(hook) = lists.hook.take() {
                    drop(hook.send(frame));
                }
            }
            _ => {}
        }
    }

    /// Ends every wait.
    fn close(&self) {
        *self.lists() = Lists { is_over: true, ..Lists::default() };
    }
}

fn closed() -> Broken {
    Broken("the instance closed the control channel".to_owned())
}

async fn read(mut reader: FrameReader<OwnedReadHalf>, waiting: Arc<Waiting>) {
    loop {
        match reader.next().await {
            Ok(Some(frame)) => waiting.deliver(frame),
            Ok(None) => break,
            Err(error) => {
                tracing::debug!(%error, "the control channel of an instance has ended");
                break;
            }
        }
    }
    waiting.close();
}

impl Many {
    /// Goes on with a channel on which no answer is due.
    pub(super) fn new(frames: Frames) -> Self {
        let Frames { reader, writer, writable, cancellable, .. } = frames;
        let waiting = Arc::new(Waiting::default());
        let reading = tokio::spawn(read(reader, Arc::clone(&waiting)));
        let writer = tokio::sync::Mutex::new(Writer { half: writer, is_whole: writable });
        Self { writer, waiting, cancellable, _reader: AbortOnDropHandle::new(reading) }
    }

    async fn write(&self, message: &ToInstance<'_>, payload: &[u8]) -> Result<(), Broken> {
        let mut writer = self.writer.lock().await;
        if !std::mem::replace(&mut writer.is_whole, false) {
            return Err(Broken("the instance does not read what it was sent".to_owned()));
        }
        write_frame(&mut writer.half, message, payload).await?;
        writer.is_whole = true;
        Ok(())
    }

    /// Writes a message and waits for what `listen` has asked to hear.
    async fn ask<T>(
        &self,
        message: &ToInstance<'_>,
        payload: &[u8],
        listen: impl FnOnce(&mut Lists, oneshot::Sender<T>),
    ) -> Result<T, Broken> {
        let (told, answer) = oneshot::channel();
        {
            let mut lists = self.waiting.lists();
            if lists.is_over {
                return Err(closed());
            }
            listen(&mut lists, told);
        }
        self.write(message, payload).await?;
        answer.await.map_err(|_| closed())
    }
}

#[async_trait]
impl Several for Many {
    async fn call(&self, call: &Call<'_>) -> Result<Reply, Broken> {
        let Call { request_id, retry_count, what } = *call;
        let (frames, mut coming) = mpsc::unbounded_channel();
        let untaken = Arc::new(AtomicUsize::new(0));
        {
            let mut lists = self.waiting.lists();
            if lists.is_over {
                return Err(closed());
            }
            lists.calls.insert(request_id.to_owned(), Listener { frames, untaken: Arc::clone(&untaken) });
        }
        match what {
            What::Initializer => self.write(&ToInstance::Initialize { request_id }, &[]).await?,
            What::Handler { seq, payload, http, .. } => {
                self.write(&ToInstance::Invoke { request_id, seq, retry_count, http }, payload).await?;
            }
        }
        let mut writing = Writing::of(call);
        while let Some(frame) = coming.recv().await {
            let bytes = frame.payload.len();
            match frame.message {
                FromInstance::Head { http, .. } => writing.begin(http),
                FromInstance::Chunk { .. } => writing.add(frame.payload),
                _ => return reply_of(frame).map(|reply| writing.end(reply)).ok_or_else(closed),
            }
            writing.passed_on().await;
            untaken.fetch_sub(bytes, Ordering::Relaxed);
        }
        if self.waiting.lists().is_over {
            return Err(closed());
        }
        Ok(Reply { outcome: Err(too_large(untaken.load(Ordering::Relaxed))), is_fatal: false, is_cancelled: false })
    }

    async fn cancel(&self, host: &Host, request_id: &str) -> bool {
        if !self.cancellable {
            return false;
        }
        let listen = |lists: &mut Lists, told| drop(lists.cancels.insert(request_id.to_owned(), told));
        let message = ToInstance::Cancel { request_id };
        tokio::select! {
            heard = self.ask(&message, &[], listen) => heard.unwrap_or(false),
            () = host.clock.sleep(host.config.cancel_answer) => false,
        }
    }

    async fn hook(&self, hook: HookKind, request_id: &str) -> Result<Result<(), Vec<u8>>, Broken> {
        let hook = match hook {
            HookKind::PreFreeze => "pre_freeze",
            HookKind::PreStop => "pre_stop",
        };
        let listen = |lists: &mut Lists, told| lists.hook = Some(told);
        let frame = self.ask(&ToInstance::Hook { hook, request_id }, &[], listen).await?;
        let is_ok = matches!(frame.message, FromInstance::Hooked { ok: true });
        Ok(if is_ok { Ok(()) } else { Err(frame.payload.into()) })
    }

    fn marks_its_log(&self) -> bool {
        true
    }

    fn breaks_singly(&self) -> bool {
        false
    }
}
