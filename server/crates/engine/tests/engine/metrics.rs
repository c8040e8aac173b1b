//! What is counted, when it is stored, and what is read of it (`console.md` C-79).

use crate::support::{World, task_mode};
use model::*;
use store::each_backend;
use store::testing::TestDb;

each_backend!(
    c79_every_attempt_is_an_invocation_and_an_acceptance_is_none,
    c79_an_idle_server_stores_nothing_and_a_busy_one_once_a_minute,
    c79_what_ends_a_process_stores_what_was_counted,
    c79_two_servers_count_together,
    c79_expired_throttled_and_delivered,
    sc20_a_window_has_every_point_and_is_checked,
);

const MINUTE: i64 = 60_000;

fn hour_of(world: &World) -> MetricWindow {
    MetricWindow::last_minutes(60, world.engine.now().plus_ms(1))
}

async fn total(world: &World) -> Figures {
    let scope = MetricScope::Function(world.function.clone(), None);
    world.engine.metrics(&scope, hour_of(world)).await.unwrap().total
}

async fn rows(world: &World) -> String {
    world.db.texts("select cast(count(*) as text) from metric").await.concat().concat()
}

async fn call(world: &World, payload: &str) -> Result<InvocationResult> {
    let request = InvokeRequest {
        function: world.function.clone(),
        qualifier: Qualifier::latest(),
        request_id: RequestId::from_stored("sync"),
        payload: payload.as_bytes().to_vec(),
        http: None,
    };
    world.engine.invoke(request).await
}

async fn c79_every_attempt_is_an_invocation_and_an_acceptance_is_none(db: TestDb) {
    let world = World::on(db, AsyncConfigPatch { max_retry_attempts: Some(1), ..task_mode() }).await;
    world.submit_delayed("later", "ok", 60).await.unwrap();
    let accepted = total(&world).await;
    assert_eq!((accepted.enqueued, accepted.processed, accepted.invocations), (1, 0, 0));
    world.submit("fails", "fail").await.unwrap();
    world.until("fails", TaskStatus::Retrying).await;
    world.clock.until_asleep(500..=550).await;
    world.clock.advance(550);
    world.until("fails", TaskStatus::Failed).await;
    world.submit("starts-not", "no-start").await.unwrap();
    world.until("starts-not", TaskStatus::Retrying).await;
    call(&world, "ok").await.unwrap();
    assert_eq!(call(&world, "fail").await.unwrap().error.as_deref(), Some("UnhandledInvocationError"));
    let counted = total(&world).await;
    assert_eq!((counted.enqueued, counted.processed), (3, 2), "a retry is not taken from the queue anew");
    assert_eq!((counted.invocations, counted.function_errors, counted.server_errors), (5, 4, 0));
    assert_eq!((counted.duration.count(), counted.duration.max()), (4, Some(5)), "what did not start took no time");
    assert_eq!((counted.wait.count(), counted.wait.max()), (2, Some(0)));
    // The same of the region, of the qualifier, and of each function.
    for scope in
        [MetricScope::Region(world.function.region.clone()), MetricScope::Function(world.function.clone(), Some(Qualifier::latest()))]
    {
        assert_eq!(world.engine.metrics(&scope, hour_of(&world)).await.unwrap().total, counted, "{scope:?}");
    }
    let by_function = world.engine.metrics_by_function(&world.function.region, hour_of(&world)).await.unwrap();
    assert_eq!(by_function, [(world.function.clone(), counted)]);
}

async fn c79_an_idle_server_stores_nothing_and_a_busy_one_once_a_minute(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    assert!(total(&world).await == Figures::default());
    assert_eq!(rows(&world).await, "0");
    for id in ["a", "b", "c"] {
        world.submit(id, "ok").await.unwrap();
        world.until(id, TaskStatus::Succeeded).await;
    }
    assert_eq!(rows(&world).await, "0", "no write for each call");
    world.clock.until_asleep(MINUTE..=MINUTE).await;
    world.clock.advance(MINUTE);
    // A minute and an hour, of the function and of the region.
    crate::support::until("figures are stored", async || rows(&world).await == "4").await;
    let region = MetricScope::Region(world.function.region.clone());
    assert_eq!(world.engine.metrics(&region, hour_of(&world)).await.unwrap().total.invocations, 3);
}

async fn c79_what_ends_a_process_stores_what_was_counted(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    world.submit("t", "ok").await.unwrap();
    world.until("t", TaskStatus::Succeeded).await;
    world.engine.drain();
    world.engine.drained().await;
    assert_eq!(rows(&world).await, "0");
    world.engine.retire().await;
    assert_eq!(rows(&world).await, "4");
    let reborn = world.reborn("w2", "w1").await;
    assert_eq!(total(&reborn).await.invocations, 1);
}

async fn c79_two_servers_count_together(db: TestDb) {
    let one = World::on(db, task_mode()).await;
    let two = one.beside("w2").await;
    for (world, id) in [(&one, "a"), (&two, "b"), (&two, "c")] {
        world.submit(id, "ok").await.unwrap();
        // Whichever server runs it may tell its own listeners only.
        crate::support::until("it has ended", async || world.task(id).await.status == TaskStatus::Succeeded).await;
    }
    // Each has its own stored when it reads; whichever ran them, both were the ones that accepted.
    assert_eq!(total(&one).await.enqueued, 1);
    assert_eq!(total(&two).await.enqueued, 3);
    assert_eq!(total(&one).await.invocations, 3);
}

async fn c79_expired_throttled_and_delivered(db: TestDb) {
    let to = Some("https://hook.example/ok".to_owned());
    let config = AsyncConfigPatch { max_event_age_s: Some(1), on_failure: to.clone(), on_success: to, ..task_mode() };
    let world = World::on(db, config).await;
    world.submit("done", "ok").await.unwrap();
    world.until_delivery("done", DeliveryStatus::Succeeded).await;
    world.executor.set_full(true);
    let refused = call(&world, "ok").await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::ResourceExhausted);
    world.submit("waits", "ok").await.unwrap();
    world.until_given_back("waits").await;
    world.clock.until_asleep(500..=550).await;
    world.clock.advance(1_200);
    world.until("waits", TaskStatus::Expired).await;
    world.until_delivery("waits", DeliveryStatus::Succeeded).await;
    crate::support::until("both are counted", async || total(&world).await.delivered == 2).await;
    let counted = total(&world).await;
    assert_eq!((counted.throttles, counted.expired, counted.undelivered), (2, 1, 0));
    assert_eq!((counted.invocations, counted.processed), (1, 2), "what found no instance is no invocation");
}

async fn sc20_a_window_has_every_point_and_is_checked(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    world.submit("t", "ok").await.unwrap();
    world.until("t", TaskStatus::Succeeded).await;
    let scope = MetricScope::Function(world.function.clone(), None);
    let window = MetricWindow::last_minutes(15, world.engine.now().plus_ms(1));
    let read = world.engine.metrics(&scope, window).await.unwrap();
    assert_eq!((read.step_ms, read.points.len(), read.window), (MINUTE, 16, window.to_whole_points()));
    assert!(read.points.iter().zip(read.points.iter().skip(1)).all(|(point, next)| next.at.since(point.at) == MINUTE));
    assert_eq!(read.points.iter().map(|point| point.figures.invocations).collect::<Vec<_>>(), [vec![0; 15], vec![1]].concat());
    let refused = |window: MetricWindow| {
        let (world, scope) = (&world, &scope);
        async move { world.engine.metrics(scope, window).await.unwrap_err().code }
    };
    assert_eq!(refused(MetricWindow::last_minutes(31 * 24 * 60 + 1, world.engine.now())).await, ErrorCode::InvalidArgument);
    let missing = MetricScope::Function(FunctionRef { function: FunctionName::from_stored("nothing"), ..world.function.clone() }, None);
    assert_eq!(world.engine.metrics(&missing, window).await.unwrap_err().code, ErrorCode::FunctionNotFound);
    let backlog = world.engine.backlog(&QueueScope::Region(world.function.region.clone())).await.unwrap();
    assert_eq!((backlog.counts.get(TaskStatus::Succeeded), backlog.oldest_due), (1, None));
}
