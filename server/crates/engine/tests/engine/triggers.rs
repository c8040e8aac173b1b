//! Making, changing and deleting triggers (`fc-api.md` 3.3, `console.md` C-61…C-64).

use crate::support::{World, task_mode};
use model::*;
use serde_json::{Value, json};
use store::testing::TestDb;

pub fn name(name: &str) -> TriggerName {
    TriggerName::parse(name).unwrap()
}

pub fn spec(kind: TriggerKind, config: Value) -> TriggerSpec {
    TriggerSpec {
        kind,
        config: TriggerConfig::read(kind, config.as_object().cloned().unwrap(), None).unwrap(),
        qualifier: Qualifier::latest(),
        description: String::new(),
        source_arn: String::new(),
        invocation_role: String::new(),
    }
}

pub fn patch(config: Value) -> TriggerPatch {
    TriggerPatch { config: config.as_object().cloned(), ..TriggerPatch::default() }
}

#[tokio::test]
async fn c64_a_timer_tells_when_it_fires_next() {
    let world = World::with_config(task_mode()).await;
    let timer = spec(TriggerKind::Timer, json!({ "cronExpression": "0 0 * * * *" }));
    let made = world.engine.create_trigger(&world.function, &name("hourly"), timer).await.unwrap();
    assert_eq!((made.next_due_at, made.last_fired_at), (Some(UnixMillis(3_600_000)), None));
    let change = async |config: Value| world.engine.update_trigger(&made.trigger_ref(), patch(config), None).await.unwrap();
    assert_eq!(change(json!({ "enable": false })).await.next_due_at, None);
    assert_eq!(change(json!({ "cronExpression": "@every 5m" })).await.next_due_at, None);
    assert_eq!(change(json!({ "enable": true })).await.next_due_at, Some(UnixMillis(1_300_000)));
    assert_eq!(change(json!({ "payload": "x" })).await.next_due_at, Some(UnixMillis(1_300_000)));
    world.clock.advance(60_000);
    assert_eq!(change(json!({ "payload": "y", "enable": true })).await.next_due_at, Some(UnixMillis(1_300_000)));
    assert_eq!(world.engine.get_trigger(&made.trigger_ref()).await.unwrap().next_due_at, Some(UnixMillis(1_300_000)));
    let run = |ms: i64, local: &str| NextRun { at: UnixMillis(ms), local: local.to_owned() };
    let expected = [run(1_120_000, "1970-01-01 00:18:40 +00:00"), run(1_180_000, "1970-01-01 00:19:40 +00:00")];
    assert_eq!(world.engine.next_runs("@every 1m", 2).unwrap().runs, expected);
}

#[tokio::test]
async fn c64_a_timer_is_run_at_once_and_its_schedule_stays() {
    for db in [Some(TestDb::sqlite().await), TestDb::postgres().await].into_iter().flatten() {
        let world = World::on(db, task_mode()).await;
        let timer = spec(TriggerKind::Timer, json!({ "cronExpression": "0 0 * * * *", "payload": "ok", "enable": false }));
        let made = world.engine.create_trigger(&world.function, &name("hourly"), timer).await.unwrap();
        let receipts =
            [world.engine.run_trigger(&made.trigger_ref()).await.unwrap(), world.engine.run_trigger(&made.trigger_ref()).await.unwrap()];
        for receipt in receipts {
            let id = receipt.task_id.unwrap();
            let task = world.until(id.as_str(), TaskStatus::Succeeded).await;
            let event: Value = serde_json::from_slice(&task.payload.unwrap()).unwrap();
            assert_eq!(event, json!({ "triggerTime": "1970-01-01T00:16:40Z", "triggerName": "hourly", "payload": "ok" }));
        }
        assert_eq!(world.engine.count_tasks(&world.function).await.unwrap().total(), 2);
        assert_eq!(world.engine.get_trigger(&made.trigger_ref()).await.unwrap(), made);
        let gone = world.engine.run_trigger(&world.function.trigger(name("other"))).await.unwrap_err();
        assert_eq!(gone.code, ErrorCode::TriggerNotFound);
    }
}

#[tokio::test]
async fn c64_only_timers_are_run() {
    let world = World::with_config(task_mode()).await;
    let web = spec(TriggerKind::Http, json!({ "methods": ["GET"] }));
    let made = world.engine.create_trigger(&world.function, &name("web"), web).await.unwrap();
    let refused = world.engine.run_trigger(&made.trigger_ref()).await.unwrap_err();
    assert_eq!((refused.code, refused.message.contains("'web' is of type http")), (ErrorCode::InvalidArgument, true), "{refused}");
}

#[tokio::test]
async fn triggers_that_can_t_be_made_are_refused_by_name() {
    let world = World::with_config(task_mode()).await;
    let create = async |at: &str, spec: TriggerSpec| world.engine.create_trigger(&world.function, &name(at), spec).await;
    let timer = |expression: &str| spec(TriggerKind::Timer, json!({ "cronExpression": expression }));
    let check = async |at: &str, spec: TriggerSpec, code: ErrorCode, text: &str| {
        let refused = create(at, spec).await.unwrap_err();
        assert!(refused.code == code && refused.message.contains(text), "{at}: {refused}");
    };
    check("bad", timer("0 0 25 * * *"), ErrorCode::InvalidArgument, "hours is out of range.").await;
    // Also one that is switched off: it is going to be switched on.
    let off = spec(TriggerKind::Timer, json!({ "cronExpression": "x", "enable": false }));
    check("bad", off, ErrorCode::InvalidArgument, "Use six fields").await;
    let elsewhere = TriggerSpec { qualifier: Qualifier::parse("prod").unwrap(), ..timer("@every 5m") };
    check("bad", elsewhere, ErrorCode::AliasNotFound, "'prod'").await;

    let first = create("t0", timer("@every 5m")).await.unwrap();
    check("t0", timer("@every 5m"), ErrorCode::TriggerAlreadyExists, "'t0'").await;
    let http = || spec(TriggerKind::Http, json!({ "methods": ["GET"] }));
    check("web", http(), ErrorCode::InvalidArgument, "it has the timer trigger 't0'").await;
    let bad = patch(json!({ "cronExpression": "0 0 0 0 0 0" }));
    let refused = world.engine.update_trigger(&first.trigger_ref(), bad, None).await.unwrap_err();
    assert_eq!(refused.message, "day is out of range.");
    let stale = world.engine.update_trigger(&first.trigger_ref(), TriggerPatch::default(), Some("e")).await.unwrap_err();
    assert_eq!(stale.code, ErrorCode::PreconditionFailed);
    for n in 1..50 {
        create(&format!("t{n}"), timer("@every 5m")).await.unwrap();
    }
    check("t50", timer("@every 5m"), ErrorCode::LimitExceededError, "50").await;
}

#[tokio::test]
async fn triggers_of_other_kinds_are_kept_and_fire_nothing() {
    let world = World::with_config(task_mode()).await;
    for (kind, config) in [(TriggerKind::Oss, json!({ "events": [] })), (TriggerKind::Eventbridge, json!({ "triggerEnable": true }))] {
        let made = world.engine.create_trigger(&world.function, &name(kind.as_str()), spec(kind, config.clone())).await.unwrap();
        assert_eq!((made.spec.config.wire(), made.next_due_at, kind.is_connected()), (config, None, false));
    }
    let listed = world.engine.list_triggers(&world.function, &ListQuery::default()).await.unwrap();
    assert_eq!(listed.items.len(), 2);
}

#[tokio::test]
async fn c53_a_function_with_triggers_is_not_deleted_and_says_which() {
    let world = World::with_config(task_mode()).await;
    let timer = || spec(TriggerKind::Timer, json!({ "cronExpression": "@every 5m" }));
    for at in ["a", "b"] {
        world.engine.create_trigger(&world.function, &name(at), timer()).await.unwrap();
    }
    let refused = world.engine.delete_function(&world.function, None).await.unwrap_err();
    assert_eq!((refused.code, refused.message.as_str()), (ErrorCode::FunctionNotEmpty, "function 'f' has active triggers: a, b"));
    for at in ["a", "b"] {
        world.engine.delete_trigger(&world.function.trigger(name(at)), None).await.unwrap();
    }
    let gone = world.engine.delete_trigger(&world.function.trigger(name("a")), None).await.unwrap_err();
    assert_eq!(gone.code, ErrorCode::TriggerNotFound);
    world.engine.delete_function(&world.function, None).await.unwrap();
}
