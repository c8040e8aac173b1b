//! Versions, aliases and what their qualifiers decide (issue 3 point 2, issue 5 point 1; `fc-api.md` 3.4, 3.5).

use crate::support::{World, task_mode, words};
use crate::triggers::{name as trigger_name, spec as trigger_spec};
use engine::EngineConfig;
use model::*;
use serde_json::json;
use store::each_backend;
use store::testing::TestDb;

each_backend!(
    i3_2_each_qualifier_has_a_configuration_of_its_own,
    i3_2_a_retried_task_runs_the_version_that_it_was_accepted_for,
    i3_2_weights_of_an_alias_decide_once_per_invocation,
    i3_2_a_deleted_version_ends_its_waiting_tasks_as_invalid,
    i3_2_a_version_deleted_while_its_task_is_taken_ends_it_as_invalid,
    i5_1_a_function_deleted_from_latest_lives_on_in_its_versions,
    i5_1_unknown_qualifiers_are_refused_and_nothing_is_stored,
    i5_1_what_is_in_use_is_not_deleted_and_says_by_what,
    i5_1_publishing_needs_a_change_and_the_current_etag,
    i5_1_a_timer_calls_the_version_that_its_alias_leads_to,
);

fn qualifier(text: &str) -> Qualifier {
    Qualifier::parse(text).unwrap()
}

fn version(number: u64) -> VersionId {
    VersionId::from_stored(number)
}

fn leads_to(number: u64) -> AliasSpec {
    AliasSpec { version: version(number), description: String::new(), additional: None }
}

fn alias(name: &str) -> AliasName {
    AliasName::parse(name).unwrap()
}

/// The description of the function tells which code ran.
async fn describe(world: &World, text: &str) {
    let patch = FunctionPatch { description: Some(text.to_owned()), ..FunctionPatch::default() };
    world.engine.update_function(&world.function, patch, None, None).await.unwrap();
}

async fn publish(world: &World) -> VersionId {
    world.engine.publish_version(&world.function.service_ref(), "", None, false).await.unwrap().id
}

/// Version 1 described as `one`, version 2 as `two`, `LATEST` as `three`, and the alias `prod` leading to version 1.
async fn with_versions(world: &World) {
    for (n, text) in [(1, "one"), (2, "two")] {
        describe(world, text).await;
        assert_eq!(publish(world).await, version(n));
    }
    describe(world, "three").await;
    world.engine.create_alias(&world.function.service_ref(), &alias("prod"), leads_to(1)).await.unwrap();
}

async fn submit(world: &World, id: &str, to: &str, payload: &str, delay_s: u64) -> Result<SubmitReceipt> {
    world
        .engine
        .submit(SubmitRequest {
            function: world.function.clone(),
            qualifier: qualifier(to),
            request_id: RequestId::from_stored(format!("req-{id}")),
            task_id: Some(id.to_owned()),
            force_task: true,
            delay_s,
            payload: payload.as_bytes().to_vec(),
            http: None,
            origin: Origin::Api,
        })
        .await
}

async fn invoke(world: &World, id: &str, to: &str) -> Result<InvocationResult> {
    let (function, qualifier, request_id) = (world.function.clone(), qualifier(to), RequestId::from_stored(id));
    world.engine.invoke(InvokeRequest { function, qualifier, request_id, payload: b"ok".to_vec(), http: None }).await
}

async fn i3_2_each_qualifier_has_a_configuration_of_its_own(db: TestDb) {
    let world = World::on(db, AsyncConfigPatch { max_retry_attempts: Some(7), ..task_mode() }).await;
    with_versions(&world).await;
    let put = async |to: &str, retries: Option<u32>, mode: Option<bool>| {
        let patch = AsyncConfigPatch { max_retry_attempts: retries, stateful_invocation: mode, ..AsyncConfigPatch::default() };
        world.engine.put_async_config(&world.function, &qualifier(to), patch).await.unwrap();
    };
    put("prod", Some(1), Some(true)).await;
    put("1", Some(5), None).await;
    // (qualifier, whether a call without the header becomes a task, retries)
    for (to, mode, retries) in [("LATEST", true, 7), ("prod", true, 1), ("1", false, 5), ("2", false, 3)] {
        let id = format!("t{to}");
        let request = SubmitRequest {
            function: world.function.clone(),
            qualifier: qualifier(to),
            request_id: RequestId::from_stored(format!("plain-{to}")),
            task_id: None,
            force_task: false,
            delay_s: 0,
            payload: b"ok".to_vec(),
            http: None,
            origin: Origin::Api,
        };
        assert_eq!(world.engine.submit(request).await.unwrap().task_id.is_some(), mode, "{to}: task mode");
        submit(&world, &id, to, "ok", 0).await.unwrap();
        let task = world.until(&id, TaskStatus::Succeeded).await;
        assert_eq!((task.qualifier.as_str(), task.max_retries), (to, retries), "{to}: as it was asked for, with its own settings");
    }
    let filter = TaskFilter { qualifier: Some(qualifier("prod")), ..TaskFilter::default() };
    let listed = world.engine.list_tasks(&world.function, &filter).await.unwrap();
    let mut ids: Vec<String> = listed.items.iter().map(|task| task.id.to_string()).collect();
    ids.sort();
    assert_eq!(ids, ["plain-prod", "tprod"]);
    let missing = world.engine.get_async_config(&world.function, &qualifier("2")).await.unwrap_err();
    assert_eq!(missing.code, ErrorCode::AsyncConfigNotExists, "nothing falls back to another qualifier");
}

async fn i3_2_a_retried_task_runs_the_version_that_it_was_accepted_for(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    with_versions(&world).await;
    submit(&world, "t", "prod", "fail-until:1", 0).await.unwrap();
    world.until("t", TaskStatus::Retrying).await;
    let moved = AliasPatch { version: Some(version(2)), ..AliasPatch::default() };
    world.engine.update_alias(&world.function.service_ref(), &alias("prod"), moved, None).await.unwrap();
    world.clock.until_asleep(500..=550).await;
    world.clock.advance(550);
    let task = world.until("t", TaskStatus::Succeeded).await;
    assert_eq!((task.qualifier.as_str(), task.retried), ("prod", 1));
    let old = || ("req-t".to_owned(), "one".to_owned(), Some(version(1)));
    assert_eq!(world.executor.codes(), [old(), old()], "both attempts ran version 1");
    // Who comes later is led to the other one, a re-execution too.
    let again = world.engine.reexecute_task(&world.task_ref("t"), "admin").await.unwrap();
    world.until(again.as_str(), TaskStatus::Retrying).await;
    submit(&world, "u", "LATEST", "ok", 0).await.unwrap();
    world.until("u", TaskStatus::Succeeded).await;
    let codes: Vec<_> = world.executor.codes().into_iter().skip(2).map(|(_, code, version)| (code, version)).collect();
    assert_eq!(codes, [("two".to_owned(), Some(version(2))), ("three".to_owned(), None)]);
}

async fn i3_2_weights_of_an_alias_decide_once_per_invocation(db: TestDb) {
    use std::sync::atomic::{AtomicI64, Ordering};
    static NEXT: AtomicI64 = AtomicI64::new(0);
    /// Goes round in a hundred equal steps.
    fn round(most: i64) -> i64 {
        NEXT.fetch_add(1, Ordering::SeqCst) % 100 * (most + 1) / 100
    }
    // Both stores share it: only one of them counts at a time.
    static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let _turn = TURN.lock().await;
    let world = World::tuned(db, task_mode(), |config: &mut EngineConfig| config.random = round).await;
    with_versions(&world).await;
    let patch =
        |weight: f64| AliasPatch { additional: Some(Some(WeightedVersion { version: version(2), weight })), ..AliasPatch::default() };
    for (weight, expected) in [(0.0, 0), (0.05, 5), (0.5, 50), (1.0, 100)] {
        world.engine.update_alias(&world.function.service_ref(), &alias("prod"), patch(weight), None).await.unwrap();
        let before = world.executor.codes().len();
        NEXT.store(0, Ordering::SeqCst);
        for n in 0..100 {
            invoke(&world, &format!("{weight}-{n}"), "prod").await.unwrap();
        }
        let ran = world.executor.codes().into_iter().skip(before);
        let additional = ran.filter(|(_, code, of)| (code.as_str(), *of) == ("two", Some(version(2)))).count();
        assert_eq!(additional, expected, "weight {weight}");
    }
    // What is read by the alias is the main version, whatever its weights.
    let shown = world.engine.get_function_at(&world.function, &qualifier("prod")).await.unwrap();
    assert_eq!(shown.spec.description, "one");
}

async fn i3_2_a_deleted_version_ends_its_waiting_tasks_as_invalid(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    with_versions(&world).await;
    submit(&world, "retrying", "2", "fail", 0).await.unwrap();
    world.until("retrying", TaskStatus::Retrying).await;
    submit(&world, "running", "2", "block", 0).await.unwrap();
    world.until("running", TaskStatus::Running).await;
    submit(&world, "enqueued", "2", "ok", 60).await.unwrap();
    submit(&world, "other", "1", "ok", 60).await.unwrap();
    submit(&world, "latest", "LATEST", "ok", 60).await.unwrap();
    world.engine.delete_version(&world.function.service_ref(), version(2)).await.unwrap();
    for id in ["retrying", "enqueued"] {
        let task = world.until(id, TaskStatus::Invalid).await;
        assert_eq!((task.error_kind.as_str(), task.error_message.as_str()), ("VersionNotFound", "version '2' was deleted"));
    }
    for id in ["other", "latest"] {
        assert_eq!(world.task(id).await.status, TaskStatus::Enqueued, "{id}");
    }
    world.executor.release();
    world.until("running", TaskStatus::Succeeded).await;
}

async fn i3_2_a_version_deleted_while_its_task_is_taken_ends_it_as_invalid(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    with_versions(&world).await;
    world.executor.set_full(true);
    submit(&world, "t", "2", "ok", 0).await.unwrap();
    world.until_given_back("t").await;
    // As a server does that dies before it has ended them: the next claim finds the version gone.
    world.store.delete_version(&world.function.service_ref(), version(2)).await.unwrap();
    world.clock.until_asleep(500..=550).await;
    world.clock.advance(550);
    let task = world.until("t", TaskStatus::Invalid).await;
    assert_eq!((words(&task), task.error_kind.as_str()), (vec!["Enqueued", "Processed", "Invalid"], "VersionNotFound"));
    assert_eq!(world.executor.codes(), []);
}

async fn i5_1_a_function_deleted_from_latest_lives_on_in_its_versions(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    with_versions(&world).await;
    world.engine.put_async_config(&world.function, &qualifier("prod"), task_mode()).await.unwrap();
    submit(&world, "waits", "prod", "ok", 60).await.unwrap();
    submit(&world, "dies", "LATEST", "ok", 60).await.unwrap();
    world.engine.delete_function(&world.function, None).await.unwrap();
    world.until("dies", TaskStatus::Invalid).await;
    assert_eq!(world.task("waits").await.status, TaskStatus::Enqueued);
    world.clock.until_asleep(30_000..=30_000).await;
    world.clock.advance(60_000);
    world.until("waits", TaskStatus::Succeeded).await;
    submit(&world, "new", "prod", "ok", 0).await.unwrap();
    world.until("new", TaskStatus::Succeeded).await;
    invoke(&world, "sync", "2").await.unwrap();
    let codes: Vec<String> = world.executor.codes().into_iter().map(|(_, code, _)| code).collect();
    assert_eq!(codes, ["one", "one", "two"]);
    let code = |error: Error| error.code;
    assert_eq!(invoke(&world, "latest", "LATEST").await.map_err(code), Err(ErrorCode::FunctionNotFound));
    // Everything of the qualifier is still to be looked at.
    let filter = |to: &str| TaskFilter { qualifier: Some(qualifier(to)), ..TaskFilter::default() };
    assert_eq!(world.engine.list_tasks(&world.function, &filter("prod")).await.unwrap().items.len(), 2);
    assert_eq!(world.engine.list_tasks(&world.function, &filter("LATEST")).await.map_err(code), Err(ErrorCode::FunctionNotFound));
    assert!(world.engine.get_async_config(&world.function, &qualifier("prod")).await.is_ok());
    let service = world.function.service_ref();
    assert_eq!(world.engine.list_functions_at(&service, &qualifier("1"), &ListQuery::default()).await.unwrap().items.len(), 1);
    assert!(!world.engine.get_code_at(&world.function, &qualifier("prod")).await.unwrap().is_empty());
    let refused = world.engine.delete_service(&service, None).await.unwrap_err();
    assert_eq!((refused.code, refused.message.as_str()), (ErrorCode::ServiceNotEmpty, "service 'demo' still has published versions: 2, 1"));
}

async fn i5_1_unknown_qualifiers_are_refused_and_nothing_is_stored(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    with_versions(&world).await;
    let other = world.make_function("late", task_mode()).await;
    let check = async |to: &str, code: ErrorCode, text: &str| {
        let refused = submit(&world, "t", to, "ok", 0).await.unwrap_err();
        assert_eq!((refused.code, refused.message.as_str()), (code, text), "{to}");
        assert_eq!(invoke(&world, "i", to).await.unwrap_err().code, code, "{to}");
        assert_eq!(world.engine.get_function_at(&world.function, &qualifier(to)).await.unwrap_err().code, code, "{to}");
        let config = world.engine.put_async_config(&world.function, &qualifier(to), task_mode()).await.unwrap_err();
        assert_eq!(config.code, code, "{to}");
        let service = world.engine.get_service_at(&world.function.service_ref(), &qualifier(to)).await.unwrap_err();
        assert_eq!(service.code, code, "{to}");
    };
    check("3", ErrorCode::VersionNotFound, "version '3' of service 'demo' does not exist").await;
    check("0", ErrorCode::VersionNotFound, "version '0' of service 'demo' does not exist").await;
    check("99999999999999999999", ErrorCode::VersionNotFound, "version '99999999999999999999' of service 'demo' does not exist").await;
    check("test", ErrorCode::AliasNotFound, "alias 'test' of service 'demo' does not exist").await;
    assert_eq!(world.engine.count_tasks(&world.function).await.unwrap().total(), 0);
    let not_in_it = world.engine.get_function_at(&other, &qualifier("prod")).await.unwrap_err();
    assert_eq!(not_in_it.code, ErrorCode::FunctionNotFound);
    assert_eq!(not_in_it.message, "function 'late' does not exist in version '1' of service 'demo'");
    let nowhere = ServiceRef { service: ServiceName::parse("none").unwrap(), ..world.function.service_ref() };
    for to in ["LATEST", "1", "prod"] {
        assert_eq!(world.engine.get_service_at(&nowhere, &qualifier(to)).await.unwrap_err().code, ErrorCode::ServiceNotFound, "{to}");
    }
}

async fn i5_1_what_is_in_use_is_not_deleted_and_says_by_what(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    with_versions(&world).await;
    let service = world.function.service_ref();
    let check = |refused: Result<()>, code: ErrorCode, text: &str| {
        let refused = refused.unwrap_err();
        assert_eq!((refused.code, refused.message.as_str()), (code, text));
    };
    check(
        world.engine.delete_version(&service, version(1)).await,
        ErrorCode::QualifierInUse,
        "version '1' of service 'demo' is used by aliases: prod",
    );
    let mut timer = trigger_spec(TriggerKind::Timer, json!({ "cronExpression": "@every 5m" }));
    timer.qualifier = qualifier("prod");
    world.engine.create_trigger(&world.function, &trigger_name("t"), timer).await.unwrap();
    check(
        world.engine.delete_alias(&service, &alias("prod"), None).await,
        ErrorCode::QualifierInUse,
        "'prod' of service 'demo' is called by triggers: f/t",
    );
    world.engine.delete_trigger(&world.function.trigger(trigger_name("t")), None).await.unwrap();
    check(
        world.engine.delete_alias(&service, &alias("prod"), Some("e")).await,
        ErrorCode::PreconditionFailed,
        "the resource being modified has been changed",
    );
    world.engine.delete_alias(&service, &alias("prod"), None).await.unwrap();
    world.engine.delete_version(&service, version(1)).await.unwrap();
    check(
        world.engine.delete_version(&service, version(1)).await,
        ErrorCode::VersionNotFound,
        "version '1' of service 'demo' does not exist",
    );
    let duplicate = async || world.engine.create_alias(&service, &alias("beta"), leads_to(2)).await;
    duplicate().await.unwrap();
    assert_eq!(duplicate().await.unwrap_err().code, ErrorCode::AliasAlreadyExists);
    let gone = world.engine.create_alias(&service, &alias("gone"), leads_to(1)).await.unwrap_err();
    assert_eq!(gone.code, ErrorCode::VersionNotFound);
    let major = AliasSpec { additional: Some(WeightedVersion { version: version(2), weight: 0.1 }), ..leads_to(2) };
    let major = world.engine.create_alias(&service, &alias("major"), major).await.unwrap_err();
    assert_eq!(major.code, ErrorCode::AdditionalVersionContainsMajorVersion);
}

async fn i5_1_publishing_needs_a_change_and_the_current_etag(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    let service = world.function.service_ref();
    let publish = async |if_match: Option<&str>, repeat| world.engine.publish_version(&service, "d", if_match, repeat).await;
    let stale = publish(Some("e"), false).await.unwrap_err();
    assert_eq!(stale.code, ErrorCode::PreconditionFailed);
    let etag = world.engine.get_service(&service).await.unwrap().etag;
    let first = publish(Some(&etag), false).await.unwrap();
    assert_eq!((first.id, first.description.as_str(), first.created_at), (version(1), "d", UnixMillis(1_000_000)));
    let again = publish(None, false).await.unwrap_err();
    assert_eq!(again.code, ErrorCode::InvalidArgument);
    assert_eq!(again.message, "service 'demo' has not changed since its version '1' was published; nothing was published");
    assert_eq!(publish(None, true).await.unwrap(), first);
    world.make_function("g", task_mode()).await;
    assert_eq!(publish(None, true).await.unwrap().id, version(2));
    let long = world.engine.publish_version(&service, &"x".repeat(257), None, false).await.unwrap_err();
    assert_eq!(long.code, ErrorCode::InvalidArgument);
}

async fn i5_1_a_timer_calls_the_version_that_its_alias_leads_to(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    with_versions(&world).await;
    world.engine.put_async_config(&world.function, &qualifier("prod"), task_mode()).await.unwrap();
    let mut timer = trigger_spec(TriggerKind::Timer, json!({ "cronExpression": "@every 1m" }));
    timer.qualifier = qualifier("prod");
    world.engine.create_trigger(&world.function, &trigger_name("t"), timer).await.unwrap();
    world.clock.until_asleep(45_000..=45_000).await;
    world.clock.advance(60_000);
    world.executor.until_runs(1).await;
    let codes: Vec<_> = world.executor.codes().into_iter().map(|(_, code, of)| (code, of)).collect();
    assert_eq!(codes, [("one".to_owned(), Some(version(1)))]);
}
