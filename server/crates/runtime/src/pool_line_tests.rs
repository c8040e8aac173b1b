//! Lines that do not end.

use super::*;

/// True when one that joins the line when it is so old gets an instance at once.
async fn joins_after(ms: i64, in_haste: bool) -> bool {
    let bench = bench_of(4, Some(2));
    let f = key("f", "1");
    // A start took 30 ms, so a wait of 60 ms is worth one more.
    let (_busy, _first) = patient(&bench, &f).await;
    bench.pass(ms).await;
    let second = bench.pool.acquire(&f, in_haste);
    tokio::select! {
        biased;
        granted = second => matches!(granted, Ok(Grant::Slot(_))),
        () = tokio::task::yield_now() => false,
    }
}

#[tokio::test]
async fn i4_2_a_line_that_does_not_end_gets_an_instance_more() {
    // The first one's own patience has not ended: it was there from the beginning, and 59 ms are not enough for it.
    assert!(!joins_after(59, false).await);
    assert!(joins_after(60, false).await);
    assert!(!joins_after(60, true).await, "who waits for an answer is not kept waiting by a start");
}

/// So many instances, as a line brings them.
async fn started(bench: &Bench, f: &PoolKey, count: u32) -> Vec<Lease<Item>> {
    let mut leases = Vec::new();
    for name in 0..count {
        let acquired = bench.pool.acquire(f, false);
        tokio::pin!(acquired);
        let granted = loop {
            tokio::select! {
                biased;
                granted = &mut acquired => break granted,
                () = bench.clock.sleeping.notified() => bench.pass(200).await,
            }
        };
        let Ok(Grant::Slot(slot)) = granted else { panic!("a slot was expected") };
        leases.push(Lease::new(item(name, f), slot));
    }
    leases
}

#[tokio::test]
async fn i4_2_instances_flow_while_one_is_free_soon_and_a_line_would_bring_no_other() {
    // Where one starts at once, a line brings eight.
    let bench = bench_of(20, Some(1));
    let f = key("f", "1");
    let mut leases = started(&bench, &f, 7).await;
    drop(leases.pop());
    assert!(!bench.pool.flows(&f), "a line would bring one more");
    leases.extend(bench.pool.take_idle(&f, 1));
    leases.extend(started(&bench, &f, 1).await);
    bench.pass(10).await;
    assert!(!bench.pool.flows(&f), "none was free for as long as a wait is worth");
    drop(leases.pop());
    bench.pool.until_free().await;
    leases.extend(bench.pool.take_idle(&f, 1));
    assert!(bench.pool.flows(&f));
    assert!(!bench.pool.flows(&key("g", "1")) && !bench.pool.flows(&key("f", "2")));
    let waiting = bench.waiting(&f).await;
    assert!(!bench.pool.flows(&f), "who waits has the next one");
    waiting.abort();
    assert!(waiting.await.is_err());
    bench.pool.state().waiters.retain(|waiter| !waiter.reply.is_closed());
    bench.pass(9).await;
    assert!(bench.pool.flows(&f));
    bench.pass(1).await;
    assert!(!bench.pool.flows(&f), "a wait this long is worth a start");
}
