//! Several servers on one Postgres (issue 3): what one does, another learns at once. The clock stands still in here, so nothing is found
//! by looking now and then: neither a poll nor a heartbeat ever comes.

use crate::support::{TestClock, World, task_mode, words};
use engine::ports::{LogOrigin, LogSink};
use futures::StreamExt;
use model::*;
use std::sync::Arc;
use std::time::Duration;
use store::testing::TestDb;

/// Two servers: one that has no slot left since it runs `first`, and an idle one. Both know of each other.
async fn full_and_idle() -> Option<(World, World)> {
    let full = World::tuned(TestDb::postgres().await?, task_mode(), |config| config.slots = 1).await;
    full.submit("first", "deaf").await.unwrap();
    full.until("first", TaskStatus::Running).await;
    let idle = full.beside("w2").await;
    full.submit("met", "ok").await.unwrap();
    // Told by the other one: so the way back works as well.
    full.until("met", TaskStatus::Succeeded).await;
    assert_eq!(idle.executor.runs().len(), 1);
    Some((full, idle))
}

#[tokio::test]
async fn i3_a_submission_at_a_full_server_runs_at_another_at_once() {
    let Some((full, idle)) = full_and_idle().await else { return };
    for n in 0..20 {
        let id = format!("job-{n}");
        full.submit(&id, "ok").await.unwrap();
        let task = idle.until(&id, TaskStatus::Succeeded).await;
        assert_eq!(words(&task), ["Enqueued", "Processed", "Running", "Succeeded"]);
    }
    assert_eq!((full.executor.runs().len(), idle.executor.runs().len()), (1, 21));
}

#[tokio::test]
async fn i3_a_stop_asked_at_one_server_ends_the_code_at_another_at_once() {
    let Some((full, idle)) = full_and_idle().await else { return };
    full.submit("job", "block").await.unwrap();
    full.until("job", TaskStatus::Running).await;
    let status = full.engine.stop_task(&full.task_ref("job"), "admin").await.unwrap();
    assert_eq!(status, TaskStatus::Stopping);
    let task = idle.until("job", TaskStatus::Stopped).await;
    assert_eq!(words(&task), ["Enqueued", "Processed", "Running", "Stopping", "Stopped"]);
}

#[tokio::test]
async fn i3_changes_made_by_one_server_reach_listeners_at_another() {
    let Some((full, idle)) = full_and_idle().await else { return };
    let listen = |id: &str| full.engine.changes(ChangeScope::Task(full.task_ref(id)));
    let (by_full, at_idle) = (listen("job"), idle.engine.changes(ChangeScope::Task(full.task_ref("job"))));
    full.submit("job", "block").await.unwrap();
    let seen = async |changes: ChangeStream, count: usize| -> Vec<(TaskStatus, bool)> {
        changes.take(count).map(|change| change.map(|change| (change.status, change.is_new)).unwrap()).collect().await
    };
    let mut seen_at_full = seen(by_full, 3).await;
    seen_at_full.sort_by_key(|(status, _)| status.as_str());
    use TaskStatus::{Enqueued, Processed, Running};
    assert_eq!(seen_at_full, [(Enqueued, true), (Processed, false), (Running, false)]);
    let mut seen_at_idle = seen(at_idle, 3).await;
    seen_at_idle.sort_by_key(|(status, _)| status.as_str());
    assert_eq!(seen_at_idle, seen_at_full);

    // The log grows where the code runs.
    let mut changes = listen("job");
    let line = LogLine::new(UnixMillis(1), LogStream::Stdout, "hello");
    let origin =
        LogOrigin { function: idle.function.clone(), request: RequestId::from_stored("req-job"), instance: InstanceId::from_stored("c-1") };
    idle.log.write(&origin, vec![line.clone()]).await;
    assert_eq!(changes.next().await.unwrap().unwrap().status, Running);
    assert_eq!(full.engine.task_log(&full.task_ref("job"), 0, 10).await.unwrap().items, [line]);
}

#[tokio::test]
async fn i3_a_limit_freed_at_one_server_lets_another_claim() {
    let Some((full, idle)) = full_and_idle().await else { return };
    full.engine.limit_queue(&QueueScope::Function(full.function.clone()), Some(1)).await.unwrap();
    idle.submit("job", "ok").await.unwrap();
    // It has looked and waits as long as when there is nothing.
    idle.clock.until_asleep(30_000..=30_000).await;
    assert_eq!(idle.task("job").await.status, TaskStatus::Enqueued);
    // The one that holds the only task allowed takes no other.
    full.engine.drain();
    full.executor.release();
    idle.until("job", TaskStatus::Succeeded).await;
    assert_eq!(idle.executor.runs().len(), 2);
}

#[tokio::test]
async fn i3_a_queue_resumed_at_one_server_is_taken_up_by_another() {
    let Some((full, idle)) = full_and_idle().await else { return };
    let scope = QueueScope::Function(full.function.clone());
    full.engine.pause_queue(&scope).await.unwrap();
    full.submit("job", "ok").await.unwrap();
    idle.clock.until_asleep(30_000..=30_000).await;
    full.engine.resume_queue(&scope).await.unwrap();
    idle.until("job", TaskStatus::Succeeded).await;
    assert_eq!(idle.executor.runs().len(), 2);
}

#[tokio::test]
async fn i3_a_task_due_earlier_than_what_another_server_waits_for_is_taken_by_it() {
    let Some((full, idle)) = full_and_idle().await else { return };
    full.submit_delayed("far", "ok", 20).await.unwrap();
    idle.clock.until_asleep(20_000..=20_000).await;
    full.submit_delayed("near", "ok", 5).await.unwrap();
    idle.clock.until_asleep(5_000..=5_000).await;
    idle.clock.advance(5_000);
    idle.until("near", TaskStatus::Succeeded).await;
}

#[tokio::test]
async fn i3_a_server_that_lost_its_connection_listens_anew_and_reads_everything_again() {
    let Some((full, idle)) = full_and_idle().await else { return };
    let mut changes = idle.engine.changes(ChangeScope::Task(full.task_ref("nothing")));
    for n in 0..3 {
        let ended = full
            .db
            .texts(
                "select pg_terminate_backend(pid)::text from pg_stat_activity \
                 where datname = current_database() and application_name = 'taskyard signals'",
            )
            .await;
        assert!(ended.len() >= 2, "{ended:?}");
        assert_eq!(changes.next().await, Some(None), "listeners are told that they missed something");
        let id = format!("job-{n}");
        full.submit(&id, "block").await.unwrap();
        idle.until(&id, TaskStatus::Running).await;
        full.engine.stop_task(&full.task_ref(&id), "admin").await.unwrap();
        full.until(&id, TaskStatus::Stopped).await;
    }
}

#[tokio::test]
async fn i3_a_server_without_others_sends_no_signal() {
    let Some(db) = TestDb::postgres().await else { return };
    let world = World::on(db, task_mode()).await;
    let stranger = world.db.other_handle().await;
    let mut heard = stranger.hear_signals().await.unwrap().unwrap();
    for n in 0..5 {
        world.submit(&format!("job-{n}"), "ok").await.unwrap();
        world.until(&format!("job-{n}"), TaskStatus::Succeeded).await;
    }
    world.engine.drain();
    world.engine.drained().await;
    world.engine.retire().await;
    stranger.send_signal("end").await.unwrap();
    let mut texts = Vec::new();
    while texts.last().is_none_or(|last| last != "end") {
        texts.push(heard.next().await.unwrap());
    }
    // It may have asked who else is there after the stranger began to listen.
    texts.retain(|text| text != r#"{"from":"w1","ask":true}"#);
    assert_eq!(texts, ["end"]);
}

#[tokio::test]
async fn i3_tasks_left_by_a_draining_server_run_elsewhere_at_once() {
    let Some((full, idle)) = full_and_idle().await else { return };
    idle.submit("job", "block").await.unwrap();
    idle.until("job", TaskStatus::Running).await;
    full.executor.release();
    full.until("first", TaskStatus::Succeeded).await;
    idle.engine.drain();
    idle.engine.abandon();
    idle.engine.drained().await;
    idle.engine.retire().await;
    full.executor.until_runs(2).await;
    full.executor.release();
    let task = full.until("job", TaskStatus::Succeeded).await;
    assert_eq!(words(&task), ["Enqueued", "Processed", "Running", "Retrying", "Running", "Succeeded"]);
    assert_eq!(task.retried, 0);
}

#[tokio::test]
async fn i3_a_dead_server_s_task_runs_elsewhere_as_soon_as_its_lease_has_passed() {
    let Some(db) = TestDb::postgres().await else { return };
    let living = World::tuned(db, task_mode(), |config| {
        config.slots = 1;
        config.rescue_interval = Some(Duration::from_secs(2));
        // So that its own heartbeats are not taken for the looks that are waited for below.
        config.lease = Duration::from_secs(9);
    });
    let living = living.await;
    living.submit("own", "block").await.unwrap();
    living.until("own", TaskStatus::Running).await;
    let dead = living.beside_at("w2", Arc::new(TestClock::new(1_000_000))).await;
    living.submit("job", "deaf").await.unwrap();
    dead.until("job", TaskStatus::Running).await;
    living.executor.release();
    living.until("own", TaskStatus::Succeeded).await;
    for look_ms in [2_000, 2_000, 2_000, 20] {
        living.clock.until_asleep(look_ms..=look_ms).await;
        living.clock.advance(look_ms);
    }
    // 6.02 s after the last sign of life.
    living.executor.until_runs(2).await;
    dead.executor.release();
    living.executor.release();
    let task = living.until("job", TaskStatus::Succeeded).await;
    assert_eq!(words(&task), ["Enqueued", "Processed", "Running", "Retrying", "Running", "Succeeded"]);
    assert_eq!((task.retried, task.attempt), (0, 2));
}
