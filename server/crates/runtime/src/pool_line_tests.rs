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
