//! Every instance that lives, what it does, and what it uses: for those who list instances or enter one.

use crate::{containment::Cgroup, process::Main, usage::Usage};
use engine::ports::Invocation;
use model::{FunctionRef, InstanceId, InstanceInfo, InstanceState, Qualifier, Region, RequestId, UnixMillis, VersionId};
use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};
use tokio_util::sync::CancellationToken;

/// Everything that lives here.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    entries: Mutex<BTreeMap<InstanceId, Arc<Entry>>>,
}

/// An instance as others than its holder see it.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) id: InstanceId,
    pub(crate) function: FunctionRef,
    qualifier: Qualifier,
    version: Option<VersionId>,
    memory_mb: u64,
    created_at: UnixMillis,
    doing: Mutex<Doing>,
    body: OnceLock<Frame>,
    /// Cancelled when the instance is being ended: commands in it end with it.
    pub(crate) ending: CancellationToken,
}

/// What there is to look at and to enter, once the instance's process runs.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) main: Arc<OnceLock<Main>>,
    pub(crate) cgroup: Option<Arc<Cgroup>>,
    /// The environment of its process.
    pub(crate) env: Vec<(OsString, OsString)>,
    /// Where the function finds its code.
    pub(crate) code: PathBuf,
    /// Its namespaces are those of a sandbox.
    pub(crate) is_sandboxed: bool,
}

#[derive(Debug)]
struct Doing {
    state: InstanceState,
    requests: Vec<RequestId>,
    last_used_at: Option<UnixMillis>,
    sessions: u32,
}

impl Registry {
    fn entries(&self) -> MutexGuard<'_, BTreeMap<InstanceId, Arc<Entry>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters an instance that is about to be started for this invocation; it is in the list as long as the card.
    pub(crate) fn enter(self: &Arc<Self>, id: InstanceId, invocation: &Invocation, now: UnixMillis) -> Card {
        let entry = Arc::new(Entry {
            id: id.clone(),
            function: invocation.function.function_ref(),
            qualifier: invocation.qualifier.clone(),
            version: invocation.version,
            memory_mb: invocation.function.spec.memory_mb,
            created_at: now,
            doing: Mutex::new(Doing { state: InstanceState::Starting, requests: Vec::new(), last_used_at: None, sessions: 0 }),
            body: OnceLock::new(),
            ending: CancellationToken::new(),
        });
        self.entries().insert(id, Arc::clone(&entry));
        Card { registry: Arc::clone(self), entry }
    }

    /// The instance of this id.
    pub(crate) fn get(&self, id: &InstanceId) -> Option<Arc<Entry>> {
        self.entries().get(id).cloned()
    }

    /// The instances of a function.
    pub(crate) fn of(&self, function: &FunctionRef) -> Vec<Arc<Entry>> {
        self.entries().values().filter(|entry| entry.function == *function).cloned().collect()
    }

    /// The instances of every function of a region.
    pub(crate) fn of_region(&self, region: &Region) -> Vec<Arc<Entry>> {
        self.entries().values().filter(|entry| entry.function.region == *region).cloned().collect()
    }
}

impl Entry {
    fn doing(&self) -> MutexGuard<'_, Doing> {
        self.doing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn state(&self) -> InstanceState {
        self.doing().state
    }

    /// It takes no more requests.
    pub(crate) fn drain(&self) {
        let mut doing = self.doing();
        if doing.state.takes_requests() {
            doing.state = InstanceState::Draining;
        }
    }

    /// What there is to enter; `None` while its process is being started.
    pub(crate) fn frame(&self) -> Option<&Frame> {
        self.body.get()
    }

    /// The entry with what the instance uses now; reads small files of the kernel's.
    pub(crate) fn info(&self) -> InstanceInfo {
        let usage = self.frame().map_or_else(Usage::default, |frame| Usage::of(frame.cgroup.as_deref(), frame.main.get()));
        let doing = self.doing();
        InstanceInfo {
            id: self.id.clone(),
            function: self.function.clone(),
            qualifier: self.qualifier.clone(),
            version: self.version,
            state: doing.state,
            created_at: self.created_at,
            last_used_at: doing.last_used_at,
            requests: doing.requests.clone(),
            tasks: Vec::new(),
            memory_bytes: usage.memory_bytes,
            memory_peak_bytes: usage.memory_peak_bytes,
            memory_mb: self.memory_mb,
            cpu_ms: usage.cpu_ms,
            sessions: doing.sessions,
        }
    }
}

/// The holder's side of an entry; dropping it takes the instance off the list.
#[derive(Debug)]
pub(crate) struct Card {
    registry: Arc<Registry>,
    entry: Arc<Entry>,
}

impl Card {
    /// Its process runs.
    pub(crate) fn started(&self, frame: Frame) {
        drop(self.entry.body.set(frame));
    }

    /// It has loaded the function.
    pub(crate) fn ready(&self) {
        let mut doing = self.entry.doing();
        if doing.state == InstanceState::Starting {
            doing.state = InstanceState::Idle;
        }
    }

    /// It begins a request.
    pub(crate) fn begin(&self, request: &RequestId, now: UnixMillis) {
        let mut doing = self.entry.doing();
        doing.requests.push(request.clone());
        doing.last_used_at = Some(now);
        if doing.state == InstanceState::Idle {
            doing.state = InstanceState::Busy;
        }
    }

    /// It has ended a request.
    pub(crate) fn end(&self, request: &RequestId, now: UnixMillis) {
        let mut doing = self.entry.doing();
        doing.requests.retain(|other| other != request);
        doing.last_used_at = Some(now);
        if doing.state == InstanceState::Busy && doing.requests.is_empty() {
            doing.state = InstanceState::Idle;
        }
    }

    /// It is being ended.
    pub(crate) fn stopping(&self) {
        self.entry.doing().state = InstanceState::Stopping;
        self.entry.ending.cancel();
    }

    /// True when it is to take no more requests.
    pub(crate) fn is_draining(&self) -> bool {
        self.entry.state() == InstanceState::Draining
    }

    /// True while a command runs in it that somebody has logged on for.
    pub(crate) fn is_visited(&self) -> bool {
        self.entry.doing().sessions > 0
    }
}

impl Drop for Card {
    fn drop(&mut self) {
        self.stopping();
        self.registry.entries().remove(&self.entry.id);
    }
}

/// A command in an instance, counted while it lives.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) entry: Arc<Entry>,
}

impl Visit {
    /// Counts one more unless there are `most` already.
    pub(crate) fn begin(entry: Arc<Entry>, most: u32) -> Option<Self> {
        {
            let mut doing = entry.doing();
            if doing.sessions >= most {
                return None;
            }
            doing.sessions += 1;
        }
        Some(Self { entry })
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.entry.doing().sessions -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Function, FunctionName, FunctionSpec, Region, RuntimeName, ServiceName};

    const NOW: UnixMillis = UnixMillis(1_000);

    fn invocation() -> Invocation {
        let function = Function {
            region: Region::from_stored("r"),
            service: ServiceName::from_stored("s"),
            name: FunctionName::from_stored("f"),
            id: "id".to_owned(),
            spec: FunctionSpec::new(RuntimeName::from_stored("python3"), "index.handler"),
            package_id: String::new(),
            code_size: 0,
            code_checksum: String::new(),
            created_at: NOW,
            modified_at: NOW,
            etag: String::new(),
        };
        let request_id = RequestId::from_stored("first");
        Invocation {
            function,
            qualifier: Qualifier::latest(),
            version: None,
            request_id,
            payload: Vec::new(),
            http: None,
            retry_count: 0,
            bodies: None,
        }
    }

    #[test]
    fn i4_6_an_instance_is_listed_from_its_start_to_its_end() {
        let (registry, invocation) = (Arc::new(Registry::default()), invocation());
        let function = invocation.function.function_ref();
        let card = registry.enter(InstanceId::from_stored("c-1"), &invocation, NOW);
        let now = || registry.of(&function).first().map(|entry| entry.info());
        let state = || now().map(|info| (info.state, info.requests.len()));
        assert_eq!(state(), Some((InstanceState::Starting, 0)));
        card.ready();
        assert_eq!(state(), Some((InstanceState::Idle, 0)));
        let (one, two) = (RequestId::from_stored("1"), RequestId::from_stored("2"));
        card.begin(&one, UnixMillis(2_000));
        card.begin(&two, UnixMillis(2_500));
        card.end(&one, UnixMillis(3_000));
        assert_eq!(state(), Some((InstanceState::Busy, 1)));
        card.end(&two, UnixMillis(4_000));
        assert_eq!(state(), Some((InstanceState::Idle, 0)));
        assert_eq!(now().unwrap().last_used_at, Some(UnixMillis(4_000)));
        assert!(registry.get(&InstanceId::from_stored("c-1")).is_some());
        card.begin(&one, NOW);
        registry.get(&InstanceId::from_stored("c-1")).unwrap().drain();
        card.begin(&two, NOW);
        card.end(&one, NOW);
        assert_eq!((state(), card.is_draining()), (Some((InstanceState::Draining, 1)), true), "B-16");
        card.stopping();
        registry.get(&InstanceId::from_stored("c-1")).unwrap().drain();
        card.end(&two, NOW);
        assert_eq!(state(), Some((InstanceState::Stopping, 0)), "an end is final");
        drop(card);
        assert_eq!(state(), None);
    }

    #[test]
    fn i4_7_commands_are_counted_up_to_a_limit() {
        let (registry, invocation) = (Arc::new(Registry::default()), invocation());
        let card = registry.enter(InstanceId::from_stored("c-1"), &invocation, NOW);
        let entry = registry.get(&InstanceId::from_stored("c-1")).unwrap();
        let first = Visit::begin(Arc::clone(&entry), 2).unwrap();
        let second = Visit::begin(Arc::clone(&entry), 2).unwrap();
        assert!(Visit::begin(Arc::clone(&entry), 2).is_none() && card.is_visited());
        drop((first, second));
        assert!(!card.is_visited());
        drop(card);
        assert!(entry.ending.is_cancelled(), "who holds the entry longer hears of the end");
    }
}
