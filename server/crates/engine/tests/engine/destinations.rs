//! Outcomes go to destinations (issue 3, point 4; `fc-api.md` 4.6), on both stores.

use crate::support::{World, task_mode};
use engine::ports::WebhookCall;
use model::*;
use std::collections::BTreeMap;
use store::each_backend;
use store::testing::TestDb;

each_backend!(
    i3_4_a_success_goes_to_one_destination_and_every_other_end_to_the_other,
    i3_4_a_function_is_invoked_with_the_outcome_as_its_event,
    i3_4_an_outcome_larger_than_an_event_from_outside_is_delivered_and_run_again,
    i3_4_a_delivery_is_retried_three_times_then_failed_and_sent_again_when_asked_for,
    i3_4_nothing_to_send_again_is_an_error_that_says_why,
    i3_4_the_destination_is_the_one_of_the_submission,
    i3_4_what_a_dead_server_was_delivering_is_delivered_by_its_next_life,
    i3_4_what_a_dead_server_was_delivering_is_delivered_by_another_one_when_the_lease_has_passed,
    i3_4_a_draining_server_ends_its_deliveries_and_begins_none,
    i3_4_a_target_that_does_not_answer_leaves_room_for_the_others,
    c67_a_destination_that_can_not_be_one_is_refused_when_it_is_configured,
);

const GOOD: &str = "https://good.test/";
const BAD: &str = "https://bad.test/";

fn to(good: &str, bad: &str) -> AsyncConfigPatch {
    AsyncConfigPatch { on_success: Some(good.to_owned()), on_failure: Some(bad.to_owned()), max_retry_attempts: Some(0), ..task_mode() }
}

fn json(call: &WebhookCall) -> serde_json::Value {
    serde_json::from_slice(&call.body).unwrap()
}

async fn i3_4_a_success_goes_to_one_destination_and_every_other_end_to_the_other(db: TestDb) {
    let world = World::on(db, AsyncConfigPatch { max_event_age_s: Some(5), ..to(GOOD, BAD) }).await;
    world.submit("ok", "ok").await.unwrap();
    world.submit("fails", "fail").await.unwrap();
    world.until_delivery("ok", DeliveryStatus::Succeeded).await;
    world.until_delivery("fails", DeliveryStatus::Succeeded).await;
    world.submit("stopped", "block").await.unwrap();
    world.until("stopped", TaskStatus::Running).await;
    world.engine.stop_task(&world.task_ref("stopped"), "admin").await.unwrap();
    world.submit_delayed("purged", "ok", 60).await.unwrap();
    world.engine.purge_queue(&world.function, "admin").await.unwrap();
    world.submit_delayed("expires", "ok", 1).await.unwrap();
    world.clock.until_asleep(1_000..=1_000).await;
    world.clock.advance(10_000);
    world.until("expires", TaskStatus::Expired).await;
    world.submit_delayed("orphan", "ok", 60).await.unwrap();
    world.engine.delete_function(&world.function, None).await.unwrap();
    let calls = world.hook.until_calls(6).await;
    let told: BTreeMap<String, (String, String)> = calls
        .iter()
        .map(|call| {
            let condition = json(call)["requestContext"]["condition"].as_str().unwrap().to_owned();
            (call.request_id.to_string(), (call.url.clone(), condition))
        })
        .collect();
    let expected = [
        ("ok", GOOD, ""),
        ("fails", BAD, "UnhandledInvocationError"),
        ("stopped", BAD, "AsyncInvocationStopped"),
        ("purged", BAD, "AsyncInvocationStopped"),
        ("expires", BAD, "AsyncEventExpired"),
        ("orphan", BAD, "FunctionNotFound"),
    ];
    let expected = expected.into_iter().map(|(id, url, condition)| (format!("req-{id}"), (url.to_owned(), condition.to_owned()))).collect();
    assert_eq!((told, calls.len()), (expected, 6));
}

async fn i3_4_a_function_is_invoked_with_the_outcome_as_its_event(db: TestDb) {
    let world = World::on(db, to("acs:fc:::services/demo.LATEST/functions/listed", "acs:fc:r1:1:services/demo/functions/unlisted")).await;
    let listed = world.make_function("listed", task_mode()).await;
    world.make_function("unlisted", AsyncConfigPatch::default()).await;
    world.submit("job-1", "ok").await.unwrap();
    let delivery = world.until_delivery("job-1", DeliveryStatus::Succeeded).await;
    assert_eq!((delivery.attempts, delivery.last_error.as_str(), delivery.next_at), (1, "", None));
    let tasks = world.engine.list_tasks(&listed, &TaskFilter::default()).await.unwrap().items;
    assert_eq!(tasks.len(), 1);
    let told = world.engine.get_task(&tasks[0].task_ref()).await.unwrap();
    assert_eq!(told.id.as_str(), told.request_id.as_str(), "its id is the delivery's, so that it is invoked once");
    let ended_at = world.task("job-1").await.ended_at.unwrap();
    let event: serde_json::Value = serde_json::from_slice(&told.payload.unwrap()).unwrap();
    assert_eq!(
        event,
        serde_json::json!({
            "timestamp": ended_at.0,
            "requestContext": {
                "requestId": "req-job-1", "functionArn": "acs:fc:::services/demo.LATEST/functions/f", "condition": "",
                "approximateInvokeCount": 1,
            },
            "requestPayload": "ok",
            "responseContext": { "statusCode": 200, "functionError": "" },
            "responsePayload": "done",
        })
    );
    world.submit("job-2", "fail").await.unwrap();
    world.until_delivery("job-2", DeliveryStatus::Succeeded).await;
    world.executor.until_runs(4).await;
}

async fn i3_4_an_outcome_larger_than_an_event_from_outside_is_delivered_and_run_again(db: TestDb) {
    let world = World::on(db, to("acs:fc:::services/demo/functions/g", "")).await;
    let target = world.make_function("g", task_mode()).await;
    world.submit("big", &format!("ok:{}", "x".repeat(limits::ASYNC_PAYLOAD_BYTES_MAX - 3))).await.unwrap();
    world.until_delivery("big", DeliveryStatus::Succeeded).await;
    let told = world.engine.list_tasks(&target, &TaskFilter::default()).await.unwrap().items.remove(0);
    let mut changes = world.engine.changes(ChangeScope::Task(told.task_ref()));
    while !world.engine.get_task(&told.task_ref()).await.unwrap().status.is_terminal() {
        futures::StreamExt::next(&mut changes).await;
    }
    world.engine.reexecute_task(&told.task_ref(), "admin").await.unwrap();
    world.executor.until_runs(3).await;
}

async fn i3_4_a_delivery_is_retried_three_times_then_failed_and_sent_again_when_asked_for(db: TestDb) {
    let world = World::on(db, to(GOOD, "")).await;
    world.hook.fail(4);
    world.submit("job-1", "ok").await.unwrap();
    for (n, wait) in [500, 1_000, 2_000].into_iter().enumerate() {
        world.hook.until_calls(n + 1).await;
        world.clock.until_asleep(wait..=wait + wait / 10).await;
        let task = world.task("job-1").await;
        assert_eq!((task.status, task.destination_status.as_str()), (TaskStatus::Succeeded, "Running"));
        let delivery = world.engine.get_delivery(&task.task_ref()).await.unwrap().unwrap();
        assert_eq!((delivery.attempts as usize, delivery.last_error.as_str()), (n + 1, "it answered 500"));
        world.clock.advance(wait + wait / 10);
    }
    let given_up = world.until_delivery("job-1", DeliveryStatus::Failed).await;
    assert_eq!((given_up.attempts, given_up.last_error.as_str()), (4, "DestinationDeliveryFailed: it answered 500"));
    world.engine.redrive_destination(&world.task_ref("job-1"), "admin").await.unwrap();
    let delivered = world.until_delivery("job-1", DeliveryStatus::Succeeded).await;
    assert_eq!((delivered.attempts, delivered.last_error.as_str(), delivered.redriven_by.as_str()), (1, "", "admin"));
    let calls = world.hook.calls();
    assert_eq!(calls.len(), 5);
    assert!(calls.iter().all(|call| *call == calls[0]), "each try sends the same: {calls:?}");
}

async fn i3_4_nothing_to_send_again_is_an_error_that_says_why(db: TestDb) {
    let world = World::on(db, to(GOOD, "")).await;
    let refused = async |id: &str, code, words: &str| {
        let error = world.engine.redrive_destination(&world.task_ref(id), "admin").await.unwrap_err();
        assert!(error.code == code && error.message.contains(words), "{error}");
    };
    refused("unknown", ErrorCode::StatefulAsyncInvocationNotFound, "does not exist").await;
    world.submit("fails", "fail").await.unwrap();
    world.until("fails", TaskStatus::Failed).await;
    assert_eq!(world.engine.get_delivery(&world.task_ref("fails")).await.unwrap(), None);
    refused("fails", ErrorCode::InvalidArgument, "not delivered to anybody").await;
    world.hook.close();
    world.submit("ok", "ok").await.unwrap();
    world.until("ok", TaskStatus::Succeeded).await;
    refused("ok", ErrorCode::InvalidArgument, "is being delivered").await;
    world.hook.open();
    world.until_delivery("ok", DeliveryStatus::Succeeded).await;
    refused("ok", ErrorCode::InvalidArgument, "has been delivered").await;
}

async fn i3_4_the_destination_is_the_one_of_the_submission(db: TestDb) {
    let world = World::on(db, to(GOOD, BAD)).await;
    world.submit("before", "block").await.unwrap();
    world.until("before", TaskStatus::Running).await;
    world.engine.put_async_config(&world.function, &Qualifier::latest(), to("", BAD)).await.unwrap();
    world.executor.release();
    assert_eq!(world.until_delivery("before", DeliveryStatus::Succeeded).await.target, GOOD);
    world.submit("after", "ok").await.unwrap();
    let after = world.until("after", TaskStatus::Succeeded).await;
    assert_eq!(after.destination_status, "");
}

async fn i3_4_what_a_dead_server_was_delivering_is_delivered_by_its_next_life(db: TestDb) {
    let world = World::on(db, to(GOOD, "")).await;
    world.hook.close();
    world.submit("job-1", "ok").await.unwrap();
    let first = world.hook.until_calls(1).await;
    let second = world.reborn("w2", "w1").await;
    second.until_delivery("job-1", DeliveryStatus::Succeeded).await;
    assert_eq!(second.hook.calls(), first, "sent twice, and the receiver can tell");
    // The first life hears of its own success too late.
    world.hook.open();
    world.engine.drain();
    world.engine.drained().await;
    let delivery = world.engine.get_delivery(&world.task_ref("job-1")).await.unwrap().unwrap();
    assert_eq!((delivery.status, delivery.attempts), (DeliveryStatus::Succeeded, 1));
}

async fn i3_4_what_a_dead_server_was_delivering_is_delivered_by_another_one_when_the_lease_has_passed(db: TestDb) {
    let world = World::on(db, to(GOOD, "")).await;
    world.hook.close();
    world.submit("job-1", "ok").await.unwrap();
    world.hook.until_calls(1).await;
    // Nothing is heard of the first one any more.
    world.engine.drain();
    let other = world.beside("w2").await;
    world.clock.advance(29_999);
    // The other one has looked and waits for the rest of the lease.
    other.clock.until_asleep(1..=30_000).await;
    assert!(other.hook.calls().is_empty());
    world.clock.advance(31_000);
    other.until_delivery("job-1", DeliveryStatus::Succeeded).await;
    assert_eq!(other.hook.calls().len(), 1);
}

async fn i3_4_a_draining_server_ends_its_deliveries_and_begins_none(db: TestDb) {
    let world = World::on(db, to(GOOD, "")).await;
    world.hook.close();
    world.submit("under-way", "ok").await.unwrap();
    world.hook.until_calls(1).await;
    world.submit("runs", "block").await.unwrap();
    world.until("runs", TaskStatus::Running).await;
    world.engine.drain();
    world.executor.release();
    world.until("runs", TaskStatus::Succeeded).await;
    world.hook.open();
    world.engine.drained().await;
    let status = async |id: &str| world.engine.get_delivery(&world.task_ref(id)).await.unwrap().unwrap().status;
    assert_eq!((status("under-way").await, status("runs").await), (DeliveryStatus::Succeeded, DeliveryStatus::Running));
    // The next life delivers what is left; ended in the middle, it leaves that to the one after it.
    let second = world.reborn("w2", "w1").await;
    second.until_delivery("runs", DeliveryStatus::Succeeded).await;
    second.hook.close();
    second.submit("given-up", "ok").await.unwrap();
    second.hook.until_calls(2).await;
    second.engine.drain();
    second.engine.abandon();
    second.engine.drained().await;
    let delivery = second.engine.get_delivery(&second.task_ref("given-up")).await.unwrap().unwrap();
    assert_eq!((delivery.status, delivery.attempts), (DeliveryStatus::Running, 0));
    let third = second.reborn("w3", "w2").await;
    third.until_delivery("given-up", DeliveryStatus::Succeeded).await;
}

async fn i3_4_a_target_that_does_not_answer_leaves_room_for_the_others(db: TestDb) {
    const MANY: usize = 40;
    let world = World::on(db, to("https://deaf.test/", BAD)).await;
    for n in 0..MANY {
        world.submit(&format!("deaf-{n}"), "ok").await.unwrap();
    }
    for n in 0..MANY {
        world.until(&format!("deaf-{n}"), TaskStatus::Succeeded).await;
    }
    world.submit("other", "fail").await.unwrap();
    world.until_delivery("other", DeliveryStatus::Succeeded).await;
    let deaf = world.hook.calls().into_iter().filter(|call| call.url.contains("deaf")).count();
    assert!((8..16).contains(&deaf), "{deaf} under way to one target");
}

async fn c67_a_destination_that_can_not_be_one_is_refused_when_it_is_configured(db: TestDb) {
    let world = World::on(db, to(GOOD, "")).await;
    let latest = Qualifier::latest();
    for (target, words) in [
        ("acs:fc:::services/demo/functions/f", "A function cannot be its own destination."),
        ("acs:fc:r1:1:services/demo.LATEST/functions/f", "A function cannot be its own destination."),
        ("acs:fc:elsewhere::services/demo/functions/g", "region 'elsewhere' does not exist"),
        ("acs:mns:::/queues/q/messages", "queues, topics and event buses"),
        ("https://forbidden.test/", "webhooks must not call it"),
        ("nonsense", "neither a function nor an address"),
    ] {
        for patch in [to(target, ""), to("", target)] {
            let error = world.engine.put_async_config(&world.function, &latest, patch.clone()).await.unwrap_err();
            assert!(error.code == ErrorCode::InvalidArgument && error.message.contains(words), "{target}: {error}");
            let (service, name) = (world.function.service_ref(), world.function.function.clone());
            let spec = FunctionSpec::new(RuntimeName::from_stored("python3"), "index.handler");
            assert!(
                world
                    .engine
                    .create_function(&service, &name, spec, Code::Sample, Some(patch))
                    .await
                    .is_err_and(|error| error.message.contains(words))
            );
        }
    }
    let stored = world.engine.get_async_config(&world.function, &latest).await.unwrap();
    assert_eq!((stored.on_success.as_deref(), stored.on_failure.as_deref()), (Some(GOOD), Some("")), "nothing was half stored");
}
