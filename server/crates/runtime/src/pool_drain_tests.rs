//! Instances that are drained: they get no further request, and end when they serve none.

use super::*;

impl Bench {
    /// Drains it, as the executor does.
    fn drain(&self, item: &Item) {
        item.drained.store(true, Ordering::Relaxed);
        self.pool.discard(|idle| idle.name == item.name);
    }
}

#[tokio::test]
async fn b16_a_drained_instance_that_serves_nobody_ends_at_once() {
    let mut bench = bench(2);
    let f = key("f", "1");
    let lease = bench.start(1, &f).await;
    let drained = lease.get().unwrap().clone();
    drop(lease);
    bench.drain(&drained);
    assert_eq!(bench.retired_names(), [1]);
    assert!(bench.pool.take_idle(&f, 1).is_empty());
}

#[tokio::test]
async fn b16_a_drained_instance_ends_with_its_last_request_and_who_waits_gets_another_one() {
    let mut bench = bench(1);
    let f = key("f", "1");
    let lease = bench.start(1, &f).await;
    let next = bench.waiting(&f).await;
    bench.drain(&lease.get().unwrap().clone());
    assert_eq!(bench.retired_names(), [0; 0], "what it serves is not cut off");
    drop(lease);
    let (item, slot) = bench.retired.try_recv().unwrap();
    assert_eq!(item.name, 1);
    drop((item, slot));
    assert!(matches!(next.await, Ok(Ok(Grant::Slot(_)))), "the place is free for a new one");
}

#[tokio::test]
async fn b16_one_that_was_drained_between_two_requests_is_not_given_before_the_pool_hears_of_it() {
    let mut bench = bench(2);
    let f = key("f", "1");
    let lease = bench.start(1, &f).await;
    let drained = lease.get().unwrap().clone();
    drop(lease);
    drained.drained.store(true, Ordering::Relaxed);
    assert!(bench.pool.take_idle(&f, 1).is_empty());
    drop(bench.start(2, &f).await);
    assert_eq!(bench.retired_names(), [1]);
}

#[tokio::test]
async fn b16_a_drained_instance_with_several_places_fills_none_of_them_again() {
    let mut bench = bench(4);
    let f = PoolKey { places: 2, ..key("f", "1") };
    let first = bench.start(1, &f).await;
    let second = bench.warm(&f).await;
    bench.drain(&first.get().unwrap().clone());
    drop(first);
    let other = bench.start(2, &f).await;
    assert_eq!(bench.retired_names(), [0; 0]);
    drop(second);
    assert_eq!(bench.retired_names(), [1]);
    drop(other);
}
