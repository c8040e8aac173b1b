//! Instances that serve several requests at once.

use super::*;

fn several(scope: &str, places: usize) -> PoolKey {
    PoolKey { places, ..key(scope, "1") }
}

/// What a waiting invocation gets.
async fn granted(waiting: tokio::task::JoinHandle<Result<Grant<Item>, Refusal>>) -> Lease<Item> {
    match waiting.await {
        Ok(Ok(Grant::Warm(lease))) => lease,
        _ => panic!("a place was expected"),
    }
}

impl Bench {
    /// Starts an instance in a slot.
    fn begun(&self, name: u32, slot: Slot<Item>, key: &PoolKey) -> Lease<Item> {
        Lease::new(item(name, key), slot)
    }
}

#[tokio::test]
async fn i4_an_instance_with_a_free_place_is_taken_before_another_one_is_started() {
    let mut bench = bench(4);
    let f = several("f", 3);
    let first = bench.start(1, &f).await;
    let more = [bench.warm(&f).await, bench.warm(&f).await];
    assert!(more.iter().all(|lease| name(lease) == 1));
    let second = bench.start(2, &f).await;
    drop(first);
    // Of two with places the fuller one, so that the other gets idle.
    let again = bench.warm(&f).await;
    assert_eq!(name(&again), 1);
    drop((again, more, second));
    assert_eq!(bench.retired_names(), [0; 0]);
    assert_eq!(bench.pool.state().idle.len(), 2);
    assert_eq!(bench.pool.take_idle(&f, 9).len(), 6, "each place for one");
}

#[tokio::test]
async fn i4_a_new_instance_serves_those_who_have_waited_for_it() {
    let bench = bench_of(8, Some(2));
    let f = several("f", 3);
    let Ok(Grant::Slot(slot)) = bench.pool.acquire(&f, false).await else { panic!("a slot was expected") };
    let waiting = [bench.waiting(&f).await, bench.waiting(&f).await, bench.waiting(&f).await];
    let first = bench.begun(1, slot, &f);
    let [one, two, three] = waiting;
    let served = [granted(one).await, granted(two).await];
    assert!(served.iter().all(|lease| name(lease) == 1));
    // The last one gets the first place that is free again.
    drop(first);
    assert_eq!(name(&granted(three).await), 1);
}

#[tokio::test]
async fn i4_no_more_instances_are_started_than_there_are_requests_for() {
    let bench = bench_of(8, Some(4));
    let f = several("f", 3);
    let Ok(Grant::Slot(_slot)) = bench.pool.acquire(&f, false).await else { panic!("a slot was expected") };
    let _two = [bench.waiting(&f).await, bench.waiting(&f).await];
    assert!(bench.pool.state().starts_enough(&f, 4), "three places come, and two wait");
    let _more = [bench.waiting(&f).await, bench.waiting(&f).await];
    assert!(!bench.pool.state().starts_enough(&f, 4));
}

#[tokio::test]
async fn i4_an_instance_is_idle_when_none_of_its_places_is_taken() {
    let mut bench = bench(2);
    let f = several("f", 2);
    let (one, two) = (bench.start(1, &f).await, bench.warm(&f).await);
    let reaper = tokio::spawn({
        let pool = Arc::clone(&bench.pool);
        async move { pool.end_idle(Duration::from_millis(100)).await }
    });
    drop(one);
    bench.pass(1_000).await;
    tokio::task::yield_now().await;
    assert_eq!(bench.retired_names(), [0; 0]);
    drop(two);
    bench.clock.sleeping.notified().await;
    bench.pass(100).await;
    assert_eq!(bench.retired.recv().await.unwrap().0.name, 1);
    reaper.abort();
}

#[tokio::test]
async fn i4_what_ends_an_instance_waits_for_its_last_request() {
    let mut bench = bench(8);
    // A new version, an instance that has died, and a cap.
    let f = several("f", 2);
    let old = [bench.start(1, &f).await, bench.warm(&f).await];
    let new = bench.start(2, &PoolKey { version: "2".to_owned(), ..f.clone() }).await;
    let [one, two] = old;
    drop(one);
    assert_eq!(bench.retired_names(), [0; 0]);
    drop(two);
    assert_eq!(bench.retired_names(), [1]);
    drop(new);
    let g = several("g", 2);
    let dead = [bench.start(3, &g).await, bench.warm(&g).await];
    dead[0].get().unwrap().alive.store(false, Ordering::Relaxed);
    let fresh = bench.start(4, &g).await;
    drop(dead);
    assert_eq!(bench.retired_names(), [3]);
    let other = [bench.warm(&g).await, bench.start(5, &g).await];
    bench.pool.set_caps(caps(&[("g", 1)], None));
    let [with_4, with_5] = other;
    drop(with_5);
    assert_eq!(bench.retired_names(), [5], "one too many");
    drop((with_4, fresh));
    assert_eq!(bench.retired_names(), [0; 0], "and no more than that");
}

#[tokio::test]
async fn i4_who_waits_for_room_is_not_passed_for_ever_by_requests_with_a_place() {
    let mut bench = bench(1);
    let (f, g) = (several("f", 2), key("g", "1"));
    let mut running = bench.start(1, &f).await;
    let waiting = bench.waiting(&g).await;
    for _ in 0..PASSED_MAX {
        let next = bench.warm(&f).await;
        drop(std::mem::replace(&mut running, next));
    }
    let late = bench.waiting(&f).await;
    assert_eq!(bench.retired_names(), [0; 0], "one runs");
    drop(running);
    let (item, slot) = bench.retired.recv().await.unwrap();
    assert_eq!(item.name, 1);
    drop(slot);
    let Ok(Ok(Grant::Slot(slot))) = waiting.await else { panic!("a slot was expected") };
    drop(slot);
    assert!(matches!(late.await, Ok(Ok(Grant::Slot(_)))));
}

#[tokio::test]
async fn i4_caps_count_instances_and_not_their_requests() {
    let bench = bench(8);
    let f = several("f", 2);
    bench.pool.set_caps(caps(&[("f", 2)], Some(3)));
    let _taken = [bench.start(1, &f).await, bench.warm(&f).await, bench.start(2, &f).await, bench.warm(&f).await];
    let waiting = bench.waiting(&f).await;
    let _other = bench.start(3, &several("g", 2)).await;
    let _second_of_other = bench.warm(&several("g", 2)).await;
    assert!(!waiting.is_finished());
    waiting.abort();
}
