//! Instances that are kept, whether there is work for them or not, and caps that change.

use super::*;

/// Instances that are to be kept, started as the keeper does it.
async fn kept(bench: &Bench, key: &PoolKey, names: &[u32]) {
    for name in names {
        let slot = bench.pool.slot_to_keep(key).unwrap();
        drop(Lease::new(item(*name, key), slot));
    }
}

#[tokio::test]
async fn i4_2_kept_instances_outlive_the_idle_timeout_and_others_do_not() {
    let mut bench = bench(8);
    let f = key("f", "1");
    assert_eq!(bench.pool.set_floors(&[(f.clone(), 2)]), [2]);
    kept(&bench, &f, &[1, 2, 3]).await;
    let reaper = tokio::spawn({
        let pool = Arc::clone(&bench.pool);
        async move { pool.end_idle(Duration::from_millis(100)).await }
    });
    bench.clock.sleeping.notified().await;
    bench.pass(100).await;
    assert_eq!(bench.retired.recv().await.unwrap().0.name, 1, "the one above the floor");
    bench.pass(1_000).await;
    tokio::task::yield_now().await;
    assert_eq!((bench.pool.live(&f), bench.retired_names()), (2, Vec::new()));
    // When they need not be kept any more, they have been idle for long enough.
    bench.pool.set_floors(&[]);
    let ended = [bench.retired.recv().await.unwrap().0.name, bench.retired.recv().await.unwrap().0.name];
    assert!(ended == [2, 3] || ended == [3, 2], "{ended:?}");
    reaper.abort();
}

#[tokio::test]
async fn i4_2_no_kept_instance_makes_room_for_another_function() {
    let mut bench = bench(4);
    let (f, g) = (key("f", "1"), key("g", "1"));
    bench.pool.set_floors(&[(f.clone(), 2)]);
    kept(&bench, &f, &[1, 2, 3]).await;
    let busy = bench.start(4, &g).await;
    let (first, second) = (bench.waiting(&key("h", "1")).await, bench.waiting(&key("i", "1")).await);
    assert_eq!(bench.retired_names(), [1]);
    let Ok(Ok(Grant::Slot(_place))) = first.await else { panic!("a slot was expected") };
    let used = bench.warm(&f).await;
    drop(used);
    assert!(bench.retired_names().is_empty(), "nor after it has worked");
    drop(busy);
    assert_eq!(bench.retired_names(), [4]);
    assert!(matches!(second.await, Ok(Ok(Grant::Slot(_)))));
}

#[tokio::test]
async fn i4_2_a_new_version_is_kept_in_place_of_the_old_one() {
    let mut bench = bench(8);
    let (old, new) = (key("f", "1"), key("f", "2"));
    bench.pool.set_floors(&[(old.clone(), 1)]);
    kept(&bench, &old, &[1]).await;
    bench.pool.set_floors(&[(new.clone(), 1)]);
    assert_eq!(bench.pool.slot_to_keep(&old).err(), Some(Unready::Gone), "what was to be kept before is not started again");
    assert_eq!(bench.retired_names(), [1]);
    kept(&bench, &new, &[2]).await;
    assert_eq!((bench.pool.ready(&new), bench.pool.live(&old)), (1, 0));
}

#[tokio::test]
async fn i4_2_a_kept_instance_that_dies_is_missed() {
    let mut bench = bench(8);
    let f = key("f", "1");
    bench.pool.set_floors(&[(f.clone(), 1)]);
    kept(&bench, &f, &[1]).await;
    bench.pool.discard(|item| item.name == 1);
    assert_eq!((bench.retired_names(), bench.pool.live(&f)), (vec![1], 0));
    bench.pool.freed().await;
}

#[tokio::test]
async fn i4_2_floors_leave_a_quarter_of_the_places_to_others_and_caps_hold() {
    let mut bench = bench(4);
    let (f, g) = (key("f", "1"), key("g", "1"));
    assert_eq!(bench.pool.set_floors(&[(f.clone(), 2), (g.clone(), 9)]), [2, 1]);
    bench.pool.set_caps(caps(&[("f", 1)], None));
    kept(&bench, &f, &[1]).await;
    assert_eq!(bench.pool.slot_to_keep(&f).err(), Some(Unready::Function));
    let _busy = [bench.start(2, &key("h", "1")).await, bench.start(3, &key("h", "1")).await];
    drop(bench.start(4, &key("i", "1")).await);
    assert_eq!(bench.pool.slot_to_keep(&g).err(), Some(Unready::Server));
    assert_eq!(bench.retired_names(), [4], "an idle one that is not kept makes room");
    kept(&bench, &g, &[5]).await;
}

#[tokio::test]
async fn i3_5_a_higher_cap_lets_those_who_wait_go_on_and_a_lower_one_ends_idle_instances() {
    let mut bench = bench(4);
    let f = key("f", "1");
    bench.pool.set_caps(caps(&[("f", 1)], None));
    let busy = bench.start(1, &f).await;
    let waiting = bench.waiting(&f).await;
    bench.pool.set_caps(caps(&[("f", 3)], None));
    let Ok(Ok(Grant::Slot(slot))) = waiting.await else { panic!("a slot was expected") };
    let second = Lease::new(item(2, &f), slot);
    let third = bench.start(3, &f).await;
    drop(second);
    bench.pool.set_caps(caps(&[("f", 1)], None));
    assert_eq!(bench.retired_names(), [2], "one that is idle ends at once");
    drop(third);
    assert_eq!(bench.retired_names(), [3], "one that works, when it has ended its work");
    drop(busy);
    assert!(bench.retired_names().is_empty());
}
