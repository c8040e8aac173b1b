//! Keeps instances ready: of what has to be, so many are started before there is work for them, and again when one has ended or the code has
//! changed. A start that fails is tried again, later each time.

use crate::{
    executor::{Host, begin, key_of},
    held::Held,
    pool::{Pool, PoolKey, Unready},
};
use engine::ports::{AcquireError, Invocation, Keep, ProvisionState};
use model::{RequestId, UnixMillis};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;

/// Waits before a start that failed is tried again, in milliseconds: the first, each further one twice as long, and the longest.
const RETRY_MS_FIRST: i64 = 1_000;
const RETRY_MS_MAX: i64 = 60_000;
/// Wait before room is looked for again.
const ROOM_RETRY_MS: i64 = 500;
/// Characters kept of what is wrong.
const PROBLEM_CHARS_MAX: usize = 500;

/// What has to be ready, and what has come of it.
pub(crate) struct Keeper {
    places: Mutex<Vec<Place>>,
    /// What was said last of what is ready.
    said: Mutex<Vec<ProvisionState>>,
    /// What has to be ready has changed, or a start has ended.
    changed: Notify,
    /// What is ready has changed.
    news: Notify,
    /// One for each start that may be under way.
    starts: Arc<Semaphore>,
}

/// Instances of one kind that have to be ready.
#[derive(Debug, Clone)]
struct Place {
    keep: Keep,
    key: PoolKey,
    /// How many of them the pool has a place for.
    granted: usize,
    failures: u32,
    /// No start before then.
    try_at: UnixMillis,
    problem: String,
}

impl Keeper {
    /// With nothing to keep; so many instances start at once.
    pub(crate) fn new(starts_max: usize) -> Arc<Self> {
        Arc::new(Self {
            places: Mutex::default(),
            said: Mutex::default(),
            changed: Notify::new(),
            news: Notify::new(),
            starts: Arc::new(Semaphore::new(starts_max)),
        })
    }

    fn places(&self) -> MutexGuard<'_, Vec<Place>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has this ready from now on. What it is about already goes on as it was, with the wait after its last failure.
    pub(crate) fn keep(&self, pool: &Arc<Pool<Held>>, wanted: Vec<Keep>) {
        let mut places = self.places();
        let same = |place: &Place, keep: &Keep, key: &PoolKey| place.key == *key && place.keep.instances == keep.instances;
        let mut next = Vec::with_capacity(wanted.len());
        for keep in wanted {
            let key = key_of(&keep.function, &keep.qualifier, keep.version);
            let known = places.iter().find(|place| same(place, &keep, &key)).cloned();
            next.push(known.unwrap_or(Place { keep, key, granted: 0, failures: 0, try_at: UnixMillis(0), problem: String::new() }));
        }
        let floors: Vec<_> = next.iter().map(|place| (place.key.clone(), size(place.keep.instances))).collect();
        for (place, granted) in next.iter_mut().zip(pool.set_floors(&floors)) {
            place.granted = granted;
        }
        *places = next;
        drop(places);
        self.changed.notify_one();
    }

    /// What is ready of what has to be.
    pub(crate) fn kept(&self, pool: &Pool<Held>) -> Vec<ProvisionState> {
        let state = |place: &Place| {
            let wanted = size(place.keep.instances);
            let ready = pool.ready(&place.key).min(wanted);
            let problem = match (ready < wanted, place.granted < wanted) {
                (false, _) => String::new(),
                (true, true) if place.problem.is_empty() => {
                    format!("a server keeps at most {} instances ready (three quarters of those that it may have)", pool.floors_max())
                }
                (true, _) => place.problem.clone(),
            };
            ProvisionState {
                function: place.keep.function.function_ref(),
                qualifier: place.keep.qualifier.clone(),
                instances: u32::try_from(ready).unwrap_or(u32::MAX),
                problem,
            }
        };
        self.places().iter().map(state).collect()
    }

    /// Returns when what is ready has changed since the last call.
    pub(crate) async fn news(&self) {
        self.news.notified().await;
    }

    /// Works until the executor shuts down.
    pub(crate) async fn run(self: Arc<Self>, host: Arc<Host>, pool: Arc<Pool<Held>>) {
        loop {
            let next = self.start_missing(&host, &pool);
            self.tell(&pool);
            let later = async {
                match next {
                    Some(at) => host.clock.sleep(Duration::from_millis(at.since(host.clock.now()).max(1).unsigned_abs())).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = host.shutdown.cancelled() => return,
                () = self.changed.notified() => {}
                () = pool.freed() => {}
                () = later => {}
            }
        }
    }

    fn tell(&self, pool: &Pool<Held>) {
        let kept = self.kept(pool);
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if *said != kept {
            *said = kept;
            self.news.notify_one();
        }
    }

    /// Begins to start what is missing; returns when to look again for what could not be begun, if nothing tells earlier.
    fn start_missing(self: &Arc<Self>, host: &Arc<Host>, pool: &Arc<Pool<Held>>) -> Option<UnixMillis> {
        let now = host.clock.now();
        let mut next: Option<UnixMillis> = None;
        for place in self.places().iter_mut() {
            while pool.live(&place.key) < place.granted {
                if place.try_at > now {
                    next = Some(next.map_or(place.try_at, |earlier| earlier.min(place.try_at)));
                    break;
                }
                // The end of a start under way tells.
                let Ok(permit) = Arc::clone(&self.starts).try_acquire_owned() else { return next };
                match pool.slot_to_keep(&place.key) {
                    Ok(slot) => {
                        let (keeper, host, pool) = (Arc::clone(self), Arc::clone(host), Arc::clone(pool));
                        let (key, call) = (place.key.clone(), call_of(&place.keep));
                        host.tracker.clone().spawn(async move {
                            let started = begin(&host, &pool, &call, key.clone(), slot, &CancellationToken::new()).await;
                            let book = started.as_ref().ok().and_then(|lease| lease.get()).map(|held| Arc::clone(held.book()));
                            if let Some(book) = book {
                                // What it writes later belongs to nobody until it has a request.
                                book.finish().await;
                            }
                            // It stands ready before its start is said to be over.
                            let failed = started.map(drop).err();
                            keeper.started(&key, failed, host.clock.now());
                            drop(permit);
                            keeper.changed.notify_one();
                        });
                    }
                    // The code has changed since; what has to be ready is about to.
                    Err(Unready::Gone) => break,
                    Err(unready) => {
                        place.problem = unready.to_string();
                        place.try_at = now.plus_ms(ROOM_RETRY_MS);
                    }
                }
            }
        }
        next
    }

    /// Learns what became of a start.
    fn started(&self, key: &PoolKey, failed: Option<AcquireError>, now: UnixMillis) {
        let mut places = self.places();
        let Some(place) = places.iter_mut().find(|place| place.key == *key) else { return };
        let Some(error) = failed else {
            (place.failures, place.problem) = (0, String::new());
            return;
        };
        let text = match error {
            AcquireError::FunctionError { kind, body, .. } => format!("{kind}: {}", String::from_utf8_lossy(&body)),
            other => other.to_string(),
        };
        tracing::warn!(function.name = %place.keep.function.name, qualifier = %place.keep.qualifier, cause = text, "instance not ready");
        place.problem = text.chars().take(PROBLEM_CHARS_MAX).collect();
        place.try_at = now.plus_ms(RETRY_MS_FIRST.saturating_mul(1 << place.failures.min(16)).min(RETRY_MS_MAX));
        place.failures += 1;
    }
}

fn size(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// An instance is started for a call; this one is never made.
fn call_of(keep: &Keep) -> Invocation {
    Invocation {
        function: keep.function.clone(),
        qualifier: keep.qualifier.clone(),
        version: keep.version,
        request_id: RequestId::generate(),
        payload: Vec::new(),
        http: None,
        retry_count: 0,
        bodies: None,
    }
}
