//! Outcomes reach real web servers that misbehave (issue 3, point 4).

use crate::support::{World, task_mode};
use axum::Router;
use axum::http::StatusCode;
use model::*;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use store::each_backend;
use store::testing::TestDb;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use webhook::{HttpWebhook, Targets};

each_backend!(
    i3_4_a_webhook_that_answers_500_twice_gets_the_outcome_at_the_third_try,
    i3_4_a_webhook_that_never_answers_is_given_up_after_its_tries,
    i3_4_a_webhook_that_is_killed_in_between_gets_the_outcome_when_it_is_back,
);

async fn world(db: TestDb, address: SocketAddr) -> World {
    let config = AsyncConfigPatch { on_success: Some(format!("http://{address}/hook")), ..task_mode() };
    let webhook = HttpWebhook::with_timeout(Targets::Any, Duration::from_millis(500));
    World::calling(db, config, Some(Arc::new(webhook)), |_| {}).await
}

/// Serves on the listener: fails the first calls with 500, then takes every one; `None` answers nobody.
fn serve(listener: TcpListener, failures: Option<usize>) -> Arc<AtomicUsize> {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let answer = move || async move {
        let number = counted.fetch_add(1, Ordering::SeqCst);
        match failures {
            None => std::future::pending().await,
            Some(failures) if number < failures => StatusCode::INTERNAL_SERVER_ERROR,
            Some(_) => StatusCode::NO_CONTENT,
        }
    };
    tokio::spawn(axum::serve(listener, Router::new().fallback(answer)).into_future());
    calls
}

async fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// Lets the wait before the next try pass.
async fn pass(world: &World, wait: i64) {
    world.clock.until_asleep(wait..=wait + wait / 10).await;
    world.clock.advance(wait + wait / 10);
}

async fn i3_4_a_webhook_that_answers_500_twice_gets_the_outcome_at_the_third_try(db: TestDb) {
    let (listener, address) = listener().await;
    let calls = serve(listener, Some(2));
    let world = world(db, address).await;
    world.submit("job-1", "ok").await.unwrap();
    pass(&world, 500).await;
    pass(&world, 1_000).await;
    let delivery = world.until_delivery("job-1", DeliveryStatus::Succeeded).await;
    assert_eq!((delivery.attempts, calls.load(Ordering::SeqCst)), (3, 3));
}

async fn i3_4_a_webhook_that_never_answers_is_given_up_after_its_tries(db: TestDb) {
    let (listener, address) = listener().await;
    let calls = serve(listener, None);
    let world = world(db, address).await;
    world.submit("job-1", "ok").await.unwrap();
    for wait in [500, 1_000, 2_000] {
        pass(&world, wait).await;
    }
    let delivery = world.until_delivery("job-1", DeliveryStatus::Failed).await;
    assert_eq!(delivery.last_error, "DestinationDeliveryFailed: the webhook did not answer within 500 ms");
    assert_eq!((delivery.attempts, calls.load(Ordering::SeqCst)), (4, 4));
}

async fn i3_4_a_webhook_that_is_killed_in_between_gets_the_outcome_when_it_is_back(db: TestDb) {
    let (first, address) = listener().await;
    let world = world(db, address).await;
    world.submit("job-1", "ok").await.unwrap();
    // It dies with the request in its hands.
    let (mut stream, _) = first.accept().await.unwrap();
    stream.read_exact(&mut [0; 16]).await.unwrap();
    drop((stream, first));
    world.clock.until_asleep(500..=550).await;
    let error = async || world.engine.get_delivery(&world.task_ref("job-1")).await.unwrap().unwrap().last_error;
    assert!(error().await.starts_with("the webhook broke off"), "{}", error().await);
    // Nobody is there.
    world.clock.advance(550);
    world.clock.until_asleep(1_000..=1_100).await;
    assert!(error().await.starts_with("the webhook can't be reached"), "{}", error().await);
    let calls = serve(TcpListener::bind(address).await.unwrap(), Some(0));
    world.clock.advance(1_100);
    let delivery = world.until_delivery("job-1", DeliveryStatus::Succeeded).await;
    assert_eq!((delivery.attempts, calls.load(Ordering::SeqCst)), (3, 1));
}
