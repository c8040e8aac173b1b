//! Limits and minimums of instances (issue 3 point 5, issue 4 point 2; `fc-api.md` 3.6).

use crate::support::{World, task_mode, until, words};
use model::*;
use serde_json::Value;
use store::each_backend;
use store::testing::TestDb;

each_backend!(
    i3_5_a_function_s_limit_of_instances_lets_the_next_begin_when_one_ends,
    i3_5_a_raised_or_removed_limit_of_instances_holds_at_once,
    i3_5_a_region_s_limit_of_instances_holds_over_all_functions,
    i4_a_limit_of_instances_is_one_of_as_many_tasks_as_they_serve_at_once,
    i4_a_region_s_instances_serve_several_tasks_each,
    i3_5_limits_of_instances_are_those_of_a_qualifier_and_reach_the_executor,
    i4_2_what_has_to_be_ready_is_told_the_executor_and_what_is_ready_is_told_the_caller,
    i4_2_what_has_to_be_ready_follows_code_and_alias,
    i4_2_a_call_that_waits_while_the_code_is_replaced_runs_the_new_code,
);

fn latest() -> Qualifier {
    Qualifier::latest()
}

fn target(target: u32) -> ProvisionSpec {
    ProvisionSpec { target, always_allocate_cpu: true, scheduled_actions: Value::Null, target_tracking_policies: Value::Null }
}

async fn why(world: &World, id: &str) -> Option<WaitReason> {
    world.engine.wait_reason(&world.task_ref(id)).await.unwrap()
}

async fn i3_5_a_function_s_limit_of_instances_lets_the_next_begin_when_one_ends(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    world.engine.put_on_demand(&world.function, &latest(), 1, None).await.unwrap();
    world.submit("first", "block").await.unwrap();
    world.until("first", TaskStatus::Running).await;
    for id in ["second", "third"] {
        world.submit(id, "ok").await.unwrap();
    }
    world.clock.until_asleep(30_000..=30_000).await;
    assert_eq!(world.task("second").await.status, TaskStatus::Enqueued);
    let scope = QueueScope::Function(world.function.clone());
    let full = |ahead| Some(WaitReason::LimitReached { scope: scope.clone(), running: 1, limit: 1, ahead });
    assert_eq!((why(&world, "second").await, why(&world, "third").await), (full(0), full(1)));
    world.executor.release();
    world.until("second", TaskStatus::Succeeded).await;
    let third = world.until("third", TaskStatus::Succeeded).await;
    assert_eq!(words(&third), ["Enqueued", "Processed", "Running", "Succeeded"]);
}

async fn i3_5_a_raised_or_removed_limit_of_instances_holds_at_once(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    world.engine.put_on_demand(&world.function, &latest(), 1, None).await.unwrap();
    for id in ["a", "b", "c"] {
        world.submit(id, "block").await.unwrap();
    }
    world.until("a", TaskStatus::Running).await;
    world.engine.put_on_demand(&world.function, &latest(), 2, None).await.unwrap();
    world.until("b", TaskStatus::Running).await;
    world.clock.until_asleep(30_000..=30_000).await;
    assert_eq!(world.task("c").await.status, TaskStatus::Enqueued);
    world.engine.delete_on_demand(&world.function, &latest(), None).await.unwrap();
    world.until("c", TaskStatus::Running).await;
}

async fn serve_at_once(world: &World, concurrency: u32) {
    let patch = FunctionPatch { instance_concurrency: Some(concurrency), ..FunctionPatch::default() };
    world.engine.update_function(&world.function, patch, None, None).await.unwrap();
}

async fn i4_a_limit_of_instances_is_one_of_as_many_tasks_as_they_serve_at_once(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    serve_at_once(&world, 2).await;
    world.engine.put_on_demand(&world.function, &latest(), 1, None).await.unwrap();
    for id in ["a", "b", "c"] {
        world.submit(id, "block").await.unwrap();
    }
    world.until("a", TaskStatus::Running).await;
    world.until("b", TaskStatus::Running).await;
    world.clock.until_asleep(30_000..=30_000).await;
    assert_eq!(world.task("c").await.status, TaskStatus::Enqueued);
    let scope = QueueScope::Function(world.function.clone());
    assert_eq!(why(&world, "c").await, Some(WaitReason::LimitReached { scope, running: 2, limit: 2, ahead: 0 }));
    serve_at_once(&world, 3).await;
    world.until("c", TaskStatus::Running).await;
}

async fn i4_a_region_s_instances_serve_several_tasks_each(db: TestDb) {
    let world = World::tuned(db, task_mode(), |config| config.region_instances = Some(1)).await;
    serve_at_once(&world, 3).await;
    for id in ["a", "b", "c", "d"] {
        world.submit(id, "block").await.unwrap();
    }
    for id in ["a", "b", "c"] {
        world.until(id, TaskStatus::Running).await;
    }
    world.clock.until_asleep(30_000..=30_000).await;
    assert_eq!(world.task("d").await.status, TaskStatus::Enqueued);
    world.executor.release();
    world.until("d", TaskStatus::Running).await;
}

async fn i3_5_a_region_s_limit_of_instances_holds_over_all_functions(db: TestDb) {
    let world = World::tuned(db, task_mode(), |config| config.region_instances = Some(2)).await;
    world.submit("first", "block").await.unwrap();
    world.until("first", TaskStatus::Running).await;
    let other = World { function: world.make_function("other", task_mode()).await, ..world };
    for id in ["second", "third"] {
        other.submit(id, "block").await.unwrap();
    }
    other.until("second", TaskStatus::Running).await;
    other.clock.until_asleep(30_000..=30_000).await;
    assert_eq!(other.task("third").await.status, TaskStatus::Enqueued);
    let scope = QueueScope::Region(other.function.region.clone());
    assert_eq!(why(&other, "third").await, Some(WaitReason::LimitReached { scope, running: 2, limit: 2, ahead: 0 }));
    until("the executor was told", async || other.executor.limits().by_region == Some(2)).await;
    other.executor.release();
    other.until("third", TaskStatus::Running).await;
}

async fn i3_5_limits_of_instances_are_those_of_a_qualifier_and_reach_the_executor(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    let service = world.function.service_ref();
    let version = world.engine.publish_version(&service, "", None, false).await.unwrap().id;
    let (alias, prod) = (AliasName::parse("prod").unwrap(), Qualifier::parse("prod").unwrap());
    let spec = AliasSpec { version, description: String::new(), additional: None };
    world.engine.create_alias(&service, &alias, spec).await.unwrap();
    let put = async |qualifier: &Qualifier, most, if_match| world.engine.put_on_demand(&world.function, qualifier, most, if_match).await;
    let code = |refused: Result<OnDemandConfig>| refused.unwrap_err().code;
    assert_eq!(code(put(&Qualifier::parse("beta").unwrap(), 1, None).await), ErrorCode::AliasNotFound);
    assert_eq!(code(put(&Qualifier::from(version), 1, None).await), ErrorCode::InvalidArgument, "a version has no limit of its own");
    assert_eq!(code(put(&prod, 0, None).await), ErrorCode::InvalidArgument);
    assert_eq!(code(put(&prod, 1, Some("any")).await), ErrorCode::PreconditionFailed);
    let first = put(&prod, 3, None).await.unwrap();
    assert_eq!(code(put(&prod, 4, Some("another")).await), ErrorCode::PreconditionFailed);
    let second = put(&prod, 4, Some(&first.etag)).await.unwrap();
    assert_ne!(first.etag, second.etag);
    assert_eq!(world.engine.get_on_demand(&world.function, &prod).await.unwrap(), second);
    let none = world.engine.get_on_demand(&world.function, &latest()).await;
    assert_eq!(code(none), ErrorCode::OnDemandConfigNotFound);
    let limits = |world: &World| world.executor.limits().by_qualifier.into_iter().collect::<Vec<_>>();
    assert_eq!(limits(&world), [((world.function.clone(), prod.clone()), 4)]);
    let page = world.engine.list_on_demand(&world.function.region, &ListQuery::default()).await.unwrap();
    assert_eq!(page.items, [second]);
    // It goes with the alias.
    world.engine.delete_alias(&service, &alias, None).await.unwrap();
    until("no limit left", async || limits(&world).is_empty()).await;
    let gone = world.engine.delete_on_demand(&world.function, &prod, None).await.unwrap_err();
    assert_eq!(gone.code, ErrorCode::OnDemandConfigNotFound);
}

async fn i4_2_what_has_to_be_ready_is_told_the_executor_and_what_is_ready_is_told_the_caller(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    let put = async |count| world.engine.put_provision(&world.function, &latest(), target(count), None).await.unwrap();
    let get = async || world.engine.get_provision(&world.function, &latest()).await;
    let first = put(3).await;
    assert_eq!((first.current, first.current_error.as_str()), (3, ""));
    assert_eq!(world.executor.wanted().iter().map(|keep| (keep.instances, keep.version)).collect::<Vec<_>>(), [(3, None)]);
    world.executor.miss("it does not start");
    let second = put(4).await;
    assert_eq!((second.current, second.current_error.as_str()), (3, "it does not start"));
    assert_eq!(get().await.unwrap(), second);
    let stale = world.engine.put_provision(&world.function, &latest(), target(1), Some(&first.config.etag)).await.unwrap_err();
    assert_eq!(stale.code, ErrorCode::PreconditionFailed);
    let page = world.engine.list_provisions(&world.function.region, &ProvisionQuery::default()).await.unwrap();
    assert_eq!(page.items, [second]);
    assert_eq!(put(0).await.current, 0);
    assert_eq!((get().await.unwrap_err().code, world.executor.wanted()), (ErrorCode::ProvisionConfigNotFound, Vec::new()));
    put(0).await;
    put(1).await;
    world.engine.delete_function(&world.function, None).await.unwrap();
    until("nothing has to be ready", async || world.executor.wanted().is_empty()).await;
}

async fn i4_2_what_has_to_be_ready_follows_code_and_alias(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    let service = world.function.service_ref();
    let describe = async |text: &str| {
        let patch = FunctionPatch { description: Some(text.to_owned()), ..FunctionPatch::default() };
        world.engine.update_function(&world.function, patch, None, None).await.unwrap().etag
    };
    let mut versions = Vec::new();
    for text in ["one", "two"] {
        describe(text).await;
        versions.push(world.engine.publish_version(&service, "", None, false).await.unwrap().id);
    }
    let alias = AliasName::parse("prod").unwrap();
    let spec = AliasSpec { version: versions[0], description: String::new(), additional: None };
    world.engine.create_alias(&service, &alias, spec).await.unwrap();
    for qualifier in [latest(), Qualifier::from(&alias)] {
        world.engine.put_provision(&world.function, &qualifier, target(1), None).await.unwrap();
    }
    let wanted = || {
        let keeps = world.executor.wanted();
        keeps.into_iter().map(|keep| (keep.function.spec.description, keep.version)).collect::<Vec<_>>()
    };
    assert_eq!(wanted(), [("two".to_owned(), None), ("one".to_owned(), Some(versions[0]))]);
    describe("three").await;
    until("the new code", async || wanted()[0] == ("three".to_owned(), None)).await;
    let patch = AliasPatch { version: Some(versions[1]), ..AliasPatch::default() };
    world.engine.update_alias(&service, &alias, patch, None).await.unwrap();
    until("the version that the alias leads to by now", async || wanted()[1] == ("two".to_owned(), Some(versions[1]))).await;
}

async fn i4_2_a_call_that_waits_while_the_code_is_replaced_runs_the_new_code(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    let call = || InvokeRequest {
        function: world.function.clone(),
        qualifier: latest(),
        request_id: RequestId::from_stored("r"),
        payload: b"moved".to_vec(),
        http: None,
    };
    let waits = tokio::spawn({
        let (engine, call) = (world.engine.clone(), call());
        async move { engine.invoke(call).await }
    });
    tokio::task::yield_now().await;
    // Without another code there is nothing to run in its place.
    world.executor.release();
    assert_eq!(waits.await.unwrap().unwrap_err().code, ErrorCode::InternalServerError);
    let waits = tokio::spawn({
        let (engine, call) = (world.engine.clone(), call());
        async move { engine.invoke(call).await }
    });
    let patch = FunctionPatch { description: Some("new".to_owned()), ..FunctionPatch::default() };
    world.engine.update_function(&world.function, patch, None, None).await.unwrap();
    world.executor.release();
    assert_eq!(waits.await.unwrap().unwrap().body, b"done");
}

#[tokio::test]
async fn i4_2_servers_share_what_has_to_be_ready_and_a_region_s_limit() {
    let Some(db) = TestDb::postgres().await else { return };
    let tune = |config: &mut engine::EngineConfig| {
        (config.region_instances, config.rescue_interval) = (Some(5), Some(std::time::Duration::from_secs(2)));
    };
    let one = World::tuned(db, task_mode(), tune).await;
    one.engine.put_provision(&one.function, &latest(), target(3), None).await.unwrap();
    assert_eq!(one.executor.wanted()[0].instances, 3);
    let two = one.beside("w2").await;
    let shares = || [&one, &two].map(|world| world.executor.wanted().first().map_or(0, |keep| keep.instances));
    until("a share for each", async || shares() == [2, 1]).await;
    assert_eq!(one.executor.limits().by_region, Some(3), "the second has no limit of its own in this test");
    let current = async || two.engine.get_provision(&two.function, &latest()).await.unwrap().current;
    until("both have said what they have", async || current().await == 3).await;
    // A change at one is a change at the other.
    two.engine.put_provision(&two.function, &latest(), target(6), None).await.unwrap();
    until("shares of six", async || shares() == [3, 3] && current().await == 6).await;
    two.engine.drain();
    two.engine.drained().await;
    two.engine.retire().await;
    until("all of it", async || shares()[0] == 6 && current().await == 6).await;
}
