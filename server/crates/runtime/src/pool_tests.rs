use super::state::PASSED_MAX;
use super::*;
use async_trait::async_trait;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

#[derive(Clone)]
struct Item {
    name: u32,
    key: PoolKey,
    alive: Arc<AtomicBool>,
    visited: Arc<AtomicBool>,
    drained: Arc<AtomicBool>,
}

impl Pooled for Item {
    fn key(&self) -> &PoolKey {
        &self.key
    }
    fn is_alive(&self) -> bool {
        self.alive.load(Ordering::Relaxed)
    }
    fn is_visited(&self) -> bool {
        self.visited.load(Ordering::Relaxed)
    }
    fn another(&self) -> Option<Self> {
        Some(self.clone())
    }
    fn is_open(&self) -> bool {
        self.is_alive() && !self.drained.load(Ordering::Relaxed)
    }
}

fn item(name: u32, key: &PoolKey) -> Item {
    Item { name, key: key.clone(), alive: Arc::new(AtomicBool::new(true)), visited: Arc::default(), drained: Arc::default() }
}

/// A clock that stands still until a test moves it; each sleep ends when the time it asked for has come.
#[derive(Default)]
struct HandClock {
    now: AtomicI64,
    moved: Notify,
    sleeping: Notify,
}

#[async_trait]
impl Clock for HandClock {
    fn now(&self) -> UnixMillis {
        UnixMillis(self.now.load(Ordering::SeqCst))
    }
    async fn sleep(&self, length: Duration) {
        let until = self.now.load(Ordering::SeqCst) + i64::try_from(length.as_millis()).unwrap();
        loop {
            let moved = self.moved.notified();
            if self.now.load(Ordering::SeqCst) >= until {
                return;
            }
            self.sleeping.notify_one();
            moved.await;
        }
    }
}

struct Bench {
    pool: Arc<Pool<Item>>,
    clock: Arc<HandClock>,
    retired: UnboundedReceiver<(Item, Slot<Item>)>,
}

fn bench(max: usize) -> Bench {
    bench_of(max, None)
}

fn bench_of(max: usize, starts_max: Option<usize>) -> Bench {
    let clock = Arc::new(HandClock::default());
    let (ended, retired): (UnboundedSender<(Item, Slot<Item>)>, _) = unbounded_channel();
    // Sending fails when a test is over and its receiver gone.
    let retire = Box::new(move |item: Item, slot: Slot<Item>| drop(ended.send((item, slot))));
    let pool = Pool::new(max, 8, starts_max, Arc::<HandClock>::clone(&clock), retire);
    Bench { pool, clock, retired }
}

fn key(scope: &str, version: &str) -> PoolKey {
    in_group(scope, version, scope)
}

/// A version of a function and qualifier.
fn in_group(scope: &str, version: &str, group: &str) -> PoolKey {
    PoolKey { scope: scope.to_owned(), version: version.to_owned(), group: group.to_owned(), region: "r".to_owned(), places: 1 }
}

fn caps(groups: &[(&str, usize)], region: Option<usize>) -> Caps {
    Caps { groups: groups.iter().map(|(group, most)| ((*group).to_owned(), *most)).collect(), region }
}

impl Bench {
    async fn start(&self, name: u32, key: &PoolKey) -> Lease<Item> {
        match self.pool.acquire(key, false).await {
            Ok(Grant::Slot(slot)) => Lease::new(item(name, key), slot),
            Ok(Grant::Warm(_)) => panic!("a slot was expected, not a warm instance"),
            Err(refusal) => panic!("{refusal:?}"),
        }
    }

    async fn warm(&self, key: &PoolKey) -> Lease<Item> {
        match self.pool.acquire(key, false).await {
            Ok(Grant::Warm(lease)) => lease,
            _ => panic!("a warm instance was expected"),
        }
    }

    /// An invocation that waits; it is in the queue when this returns.
    async fn waiting(&self, key: &PoolKey) -> tokio::task::JoinHandle<Result<Grant<Item>, Refusal>> {
        let before = self.pool.state().waiters.len();
        let (pool, key) = (Arc::clone(&self.pool), key.clone());
        let task = tokio::spawn(async move { pool.acquire(&key, false).await });
        while self.pool.state().waiters.len() == before {
            tokio::task::yield_now().await;
        }
        task
    }

    /// Lets time pass for those that sleep.
    async fn pass(&self, ms: i64) {
        self.clock.now.fetch_add(ms, Ordering::SeqCst);
        self.clock.moved.notify_waiters();
    }

    fn retired_names(&mut self) -> Vec<u32> {
        std::iter::from_fn(|| self.retired.try_recv().ok()).map(|(item, _slot)| item.name).collect()
    }
}

fn name(lease: &Lease<Item>) -> u32 {
    lease.get().unwrap().name
}

#[tokio::test]
async fn the_last_used_instance_is_used_first() {
    let bench = bench(4);
    let f = key("f", "1");
    let (one, two) = (bench.start(1, &f).await, bench.start(2, &f).await);
    drop(one);
    drop(two);
    let first = bench.warm(&f).await;
    assert_eq!(name(&first), 2);
    assert_eq!(name(&bench.warm(&f).await), 1);
}

#[tokio::test]
async fn a_new_version_replaces_idle_and_busy_instances() {
    let mut bench = bench(4);
    let (old, new) = (key("f", "1"), key("f", "2"));
    let (busy, idle) = (bench.start(1, &old).await, bench.start(2, &old).await);
    drop(idle);
    let fresh = bench.start(3, &new).await;
    assert_eq!(bench.retired_names(), [2]);
    drop(busy);
    assert_eq!(bench.retired_names(), [1]);
    drop(fresh);
    assert!(bench.retired_names().is_empty());
}

#[tokio::test]
async fn at_the_limit_invocations_wait_in_order_and_an_idle_instance_of_another_function_makes_room() {
    let mut bench = bench(1);
    let (f, g) = (key("f", "1"), key("g", "1"));
    drop(bench.start(1, &f).await);
    let first = bench.waiting(&g).await;
    let second = bench.waiting(&f).await;
    let (evicted, slot) = bench.retired.recv().await.unwrap();
    assert_eq!(evicted.name, 1);
    assert!(!first.is_finished() && !second.is_finished(), "the place is free only when the instance has ended");
    drop(slot);
    let Ok(Ok(Grant::Slot(slot))) = first.await else { panic!("the first in line gets the place") };
    assert!(!second.is_finished());
    drop(slot);
    assert!(matches!(second.await, Ok(Ok(Grant::Slot(_)))));
}

#[tokio::test]
async fn a_freed_instance_goes_to_a_waiting_invocation_that_it_fits() {
    let mut bench = bench(1);
    let f = key("f", "1");
    let busy = bench.start(1, &f).await;
    let waiting = bench.waiting(&f).await;
    drop(busy);
    let Ok(Ok(Grant::Warm(lease))) = waiting.await else { panic!("a warm instance was expected") };
    assert_eq!(name(&lease), 1);
    assert!(bench.retired_names().is_empty());
}

#[tokio::test]
async fn nobody_is_passed_for_ever() {
    let mut bench = bench(1);
    let (f, g) = (key("f", "1"), key("g", "1"));
    let mut busy = bench.start(1, &f).await;
    let front = bench.waiting(&g).await;
    for _ in 0..PASSED_MAX {
        let passing = bench.waiting(&f).await;
        drop(busy);
        let Ok(Ok(Grant::Warm(lease))) = passing.await else { panic!("a warm instance was expected") };
        busy = lease;
    }
    let last = bench.waiting(&f).await;
    drop(busy);
    assert_eq!(bench.retired_names(), [1], "the instance is ended for the front of the line");
    assert!(matches!(front.await, Ok(Ok(Grant::Slot(_)))));
    last.abort();
}

#[tokio::test]
async fn a_waiting_invocation_that_goes_away_loses_nothing() {
    let bench = bench(1);
    let f = key("f", "1");
    let busy = bench.start(1, &f).await;
    let (gone, next) = (bench.waiting(&f).await, bench.waiting(&f).await);
    gone.abort();
    assert!(gone.await.is_err_and(|error| error.is_cancelled()));
    drop(busy);
    assert!(matches!(next.await, Ok(Ok(Grant::Warm(_)))));
}

#[tokio::test]
async fn dead_instances_are_not_given() {
    let mut bench = bench(2);
    let f = key("f", "1");
    let lease = bench.start(1, &f).await;
    let alive = Arc::clone(&lease.get().unwrap().alive);
    drop(lease);
    alive.store(false, Ordering::Relaxed);
    let _second = bench.start(2, &f).await;
    assert_eq!(bench.retired_names(), [1]);
}

#[tokio::test]
async fn too_long_a_line_and_a_closed_pool_refuse() {
    let bench = bench(1);
    let f = key("f", "1");
    let busy = bench.start(1, &f).await;
    let mut line = Vec::new();
    for _ in 0..8 {
        line.push(bench.waiting(&f).await);
    }
    assert_eq!(bench.pool.acquire(&f, false).await.err(), Some(Refusal::Full));
    bench.pool.close();
    for waiting in line {
        assert_eq!(waiting.await.unwrap().err(), Some(Refusal::Closed));
    }
    let empty = tokio::spawn({
        let pool = Arc::clone(&bench.pool);
        async move { pool.wait_empty().await }
    });
    drop(busy);
    let mut bench = bench;
    assert_eq!(bench.retired_names(), [1]);
    empty.await.unwrap();
}

#[tokio::test]
async fn instances_without_work_end_after_the_idle_timeout() {
    let mut bench = bench(2);
    let f = key("f", "1");
    let reaper = tokio::spawn({
        let pool = Arc::clone(&bench.pool);
        async move { pool.end_idle(Duration::from_millis(100)).await }
    });
    drop(bench.start(1, &f).await);
    bench.clock.sleeping.notified().await;
    bench.clock.now.store(99, Ordering::SeqCst);
    bench.clock.moved.notify_waiters();
    bench.clock.sleeping.notified().await;
    assert!(bench.retired_names().is_empty());
    bench.clock.now.store(100, Ordering::SeqCst);
    bench.clock.moved.notify_waiters();
    assert_eq!(bench.retired.recv().await.unwrap().0.name, 1);
    reaper.abort();
}

#[tokio::test]
async fn idle_instances_that_fit_are_reserved_the_last_used_first() {
    let bench = bench(3);
    let (mine, other) = (key("f", "1"), key("g", "1"));
    let started = [bench.start(1, &mine).await, bench.start(2, &mine).await, bench.start(3, &other).await];
    started.into_iter().for_each(drop);
    let names = |leases: &[Lease<Item>]| leases.iter().map(|lease| lease.get().unwrap().name).collect::<Vec<_>>();
    let one = bench.pool.take_idle(&mine, 1);
    assert_eq!(names(&one), [2]);
    let rest = bench.pool.take_idle(&mine, 9);
    assert_eq!(names(&rest), [1]);
    assert_eq!(names(&bench.pool.take_idle(&key("f", "2"), 9)), [0; 0], "another version's are of no use");
    drop(rest);
    assert_eq!(bench.warm(&mine).await.get().unwrap().name, 1, "one that is not used is given back");
}

/// A busy instance whose start has taken 30 ms, and an invocation that is patient.
async fn patient(bench: &Bench, f: &PoolKey) -> (Lease<Item>, tokio::task::JoinHandle<Result<Grant<Item>, Refusal>>) {
    let Ok(Grant::Slot(slot)) = bench.pool.acquire(f, false).await else { panic!("a slot was expected") };
    bench.pass(30).await;
    let busy = Lease::new(item(1, f), slot);
    let waiting = bench.waiting(f).await;
    bench.clock.sleeping.notified().await;
    (busy, waiting)
}

#[tokio::test]
async fn a_busy_instance_is_waited_for_as_long_as_two_starts_take() {
    let bench = bench_of(4, Some(1));
    let f = key("f", "1");
    let (busy, waiting) = patient(&bench, &f).await;
    bench.pass(59).await;
    bench.clock.sleeping.notified().await;
    drop(busy);
    let Ok(Ok(Grant::Warm(busy))) = waiting.await else { panic!("a warm instance was expected") };
    let waiting = bench.waiting(&f).await;
    bench.clock.sleeping.notified().await;
    bench.pass(60).await;
    assert!(matches!(waiting.await, Ok(Ok(Grant::Slot(_)))));
    assert_eq!(name(&busy), 1);
}

#[tokio::test]
async fn one_that_has_waited_long_enough_and_finds_no_room_waits_for_room() {
    let mut bench = bench_of(2, Some(1));
    let (f, g) = (key("f", "1"), key("g", "1"));
    let (_busy, waiting) = patient(&bench, &f).await;
    let other = bench.start(2, &g).await;
    bench.pass(60).await;
    while bench.pool.state().waiters.iter().any(|waiter| waiter.patient) {
        tokio::task::yield_now().await;
    }
    assert!(!waiting.is_finished());
    drop(other);
    let (_item, slot) = bench.retired.recv().await.unwrap();
    drop(slot);
    assert!(matches!(waiting.await, Ok(Ok(Grant::Slot(_)))));
}

#[tokio::test]
async fn a_patient_one_keeps_no_other_function_from_its_instances_and_begins_when_its_own_have_ended() {
    let bench = bench_of(4, Some(1));
    let (f, g) = (key("f", "1"), key("g", "1"));
    let (busy, waiting) = patient(&bench, &f).await;
    drop(bench.start(2, &g).await);
    assert_eq!(bench.pool.take_idle(&g, 9).len(), 1);
    let (_, slot) = busy.into_parts().unwrap();
    drop(slot);
    assert!(matches!(waiting.await, Ok(Ok(Grant::Slot(_)))));
}

#[tokio::test]
async fn only_so_many_instances_of_a_function_start_at_once() {
    let bench = bench_of(4, Some(1));
    let f = key("f", "1");
    let (_busy, first) = patient(&bench, &f).await;
    let second = bench.waiting(&f).await;
    bench.clock.sleeping.notified().await;
    bench.pass(60).await;
    let Ok(Ok(Grant::Slot(slot))) = first.await else { panic!("a slot was expected") };
    bench.clock.sleeping.notified().await;
    assert!(!second.is_finished(), "one starts already");
    let _started = Lease::new(item(2, &f), slot);
    bench.pass(20).await;
    assert!(matches!(second.await, Ok(Ok(Grant::Slot(_)))));
}

#[tokio::test]
async fn i4_7_an_instance_that_somebody_has_logged_on_to_is_neither_idle_nor_makes_room() {
    let mut bench = bench(2);
    let (f, g, h) = (key("f", "1"), key("g", "1"), key("h", "1"));
    let entered = bench.start(1, &f).await;
    let visited = Arc::clone(&entered.get().unwrap().visited);
    visited.store(true, Ordering::Relaxed);
    drop(entered);
    bench.clock.now.store(1_000, Ordering::SeqCst);
    let reaper = tokio::spawn({
        let pool = Arc::clone(&bench.pool);
        async move { pool.end_idle(Duration::from_millis(100)).await }
    });
    drop(bench.start(2, &g).await);
    bench.clock.sleeping.notified().await;
    bench.pass(99).await;
    // The entered instance is long over its time; the other one, used later, makes room.
    let waiting = bench.waiting(&h).await;
    let (item, slot) = bench.retired.recv().await.unwrap();
    assert_eq!(item.name, 2);
    drop(slot);
    let Grant::Slot(_third) = waiting.await.unwrap().unwrap() else { panic!("a slot was expected") };
    assert!(bench.retired_names().is_empty());
    assert_eq!(name(&bench.warm(&f).await), 1, "it serves meanwhile");
    visited.store(false, Ordering::Relaxed);
    bench.pool.left(|item| item.name == 1);
    bench.clock.sleeping.notified().await;
    bench.pass(99).await;
    bench.clock.sleeping.notified().await;
    assert!(bench.retired_names().is_empty(), "its time begins when the visitor has left");
    bench.pass(1).await;
    assert_eq!(bench.retired.recv().await.unwrap().0.name, 1);
    reaper.abort();
}

#[tokio::test]
async fn i3_5_a_function_has_no_more_instances_than_its_cap_and_others_are_not_held_back() {
    let mut bench = bench(4);
    let (f, g) = (key("f", "1"), key("g", "1"));
    bench.pool.set_caps(caps(&[("f", 1)], None));
    let busy = bench.start(1, &f).await;
    let waiting = bench.waiting(&f).await;
    drop(bench.start(2, &g).await);
    assert_eq!(bench.pool.take_idle(&g, 9).len(), 1, "an idle instance of another function is of no help");
    assert!(bench.retired_names().is_empty());
    drop(busy);
    assert!(matches!(waiting.await, Ok(Ok(Grant::Warm(_)))));
}

#[tokio::test]
async fn i3_5_both_versions_of_an_alias_share_its_cap() {
    let mut bench = bench(4);
    let (one, two) = (in_group("f@1", "1", "f/prod"), in_group("f@2", "1", "f/prod"));
    bench.pool.set_caps(caps(&[("f/prod", 1)], None));
    drop(bench.start(1, &key("g", "1")).await);
    drop(bench.start(2, &one).await);
    let waiting = bench.waiting(&two).await;
    let (ended, slot) = bench.retired.recv().await.unwrap();
    assert_eq!(ended.name, 2, "the one that counts against the cap makes room, not the longest idle one");
    drop(slot);
    assert!(matches!(waiting.await, Ok(Ok(Grant::Slot(_)))));
    assert!(bench.retired_names().is_empty());
}

#[tokio::test]
async fn i3_5_a_region_has_no_more_instances_than_its_cap() {
    let mut bench = bench(4);
    let elsewhere = PoolKey { region: "elsewhere".to_owned(), ..key("h", "1") };
    bench.pool.set_caps(caps(&[], Some(1)));
    drop(bench.start(1, &elsewhere).await);
    drop(bench.start(2, &key("f", "1")).await);
    let waiting = bench.waiting(&key("g", "1")).await;
    let (ended, slot) = bench.retired.recv().await.unwrap();
    assert_eq!(ended.name, 2);
    drop(slot);
    assert!(matches!(waiting.await, Ok(Ok(Grant::Slot(_)))));
}

#[tokio::test]
async fn i3_5_who_is_in_haste_is_refused_under_a_cap_after_a_moment_and_others_wait_on() {
    let bench = bench(4);
    let f = key("f", "1");
    bench.pool.set_caps(caps(&[("f", 1)], None));
    let busy = bench.start(1, &f).await;
    let waiting = bench.waiting(&f).await;
    let hasty = tokio::spawn({
        let (pool, f) = (Arc::clone(&bench.pool), f.clone());
        async move { pool.acquire(&f, true).await }
    });
    bench.clock.sleeping.notified().await;
    // The start before took no time: the shortest patience.
    bench.pass(9).await;
    bench.clock.sleeping.notified().await;
    assert!(!hasty.is_finished());
    bench.pass(1).await;
    assert_eq!(hasty.await.unwrap().err(), Some(Refusal::Capped));
    assert!(!waiting.is_finished());
    drop(busy);
    assert!(matches!(waiting.await, Ok(Ok(Grant::Warm(_)))));
}

#[tokio::test]
async fn i3_5_who_is_in_haste_and_patient_is_refused_when_the_cap_is_reached_meanwhile() {
    let bench = bench_of(4, Some(1));
    let f = key("f", "1");
    let Ok(Grant::Slot(slot)) = bench.pool.acquire(&f, false).await else { panic!("a slot was expected") };
    let _busy = Lease::new(item(1, &f), slot);
    let hasty = tokio::spawn({
        let (pool, f) = (Arc::clone(&bench.pool), f.clone());
        async move { pool.acquire(&f, true).await }
    });
    bench.clock.sleeping.notified().await;
    bench.pool.set_caps(caps(&[("f", 1)], None));
    bench.pass(200).await;
    assert_eq!(hasty.await.unwrap().err(), Some(Refusal::Capped));
}

#[path = "pool_drain_tests.rs"]
mod drain;
#[path = "pool_floor_tests.rs"]
mod floors;

#[path = "pool_line_tests.rs"]
mod lines;

#[path = "pool_share_tests.rs"]
mod share;
