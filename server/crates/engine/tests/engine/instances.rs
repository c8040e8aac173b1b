//! Instances of every server on the store: listed together, and entered wherever they are.

use crate::support::{SimExecutor, SimWebhook, TestClock, World};
use async_trait::async_trait;
use engine::ports::{Node, PeerHost, Peers, WorkerId};
use engine::{ChangeHub, Engine, EngineConfig, Running};
use model::*;
use std::collections::HashMap;
use std::sync::Arc;

/// Reaches engines by their names, without a network.
#[derive(Default)]
struct Direct(HashMap<String, Engine>);

impl Direct {
    fn at(&self, node: &Node) -> std::result::Result<&Engine, String> {
        self.0.get(&node.address).ok_or_else(|| "nobody is there".to_owned())
    }
}

#[async_trait]
impl Peers for Direct {
    async fn instances(&self, node: &Node, function: &FunctionRef) -> std::result::Result<Vec<InstanceInfo>, String> {
        Ok(self.at(node)?.own_instances(function).await)
    }

    async fn region_instances(&self, node: &Node, region: &Region) -> std::result::Result<Vec<InstanceInfo>, String> {
        Ok(self.at(node)?.own_region_instances(region).await)
    }

    async fn exec(
        &self,
        node: &Node,
        function: &FunctionRef,
        instance: &InstanceId,
        request: &ExecRequest,
    ) -> std::result::Result<Result<ExecSession>, String> {
        Ok(self.at(node)?.own_exec(function, instance, request.clone()).await)
    }

    async fn drain(&self, node: &Node, function: &FunctionRef, instance: &InstanceId) -> std::result::Result<Result<()>, String> {
        Ok(self.at(node)?.own_drain(function, instance).await)
    }
}

fn node(name: &str) -> Node {
    Node { worker: WorkerId(name.to_owned()), address: name.to_owned(), secret: "s".to_owned() }
}

fn instance(function: &FunctionRef, id: &str, created_at: i64, request: &str) -> InstanceInfo {
    InstanceInfo {
        id: InstanceId::from_stored(id),
        function: function.clone(),
        qualifier: Qualifier::latest(),
        version: None,
        state: InstanceState::Busy,
        created_at: UnixMillis(created_at),
        last_used_at: None,
        requests: vec![RequestId::from_stored(request)],
        tasks: Vec::new(),
        memory_bytes: 0,
        memory_peak_bytes: 0,
        memory_mb: 128,
        cpu_ms: 0,
        sessions: 0,
    }
}

#[tokio::test]
async fn i4_6_instances_are_listed_with_their_tasks_and_by_qualifier() {
    let world = World::new().await;
    world.submit("t1", "block").await.unwrap();
    world.until("t1", TaskStatus::Running).await;
    let of_alias = InstanceInfo { qualifier: Qualifier::from_stored("7"), ..instance(&world.function, "c-alias", 2, "req-other") };
    let other = FunctionRef { function: FunctionName::from_stored("g"), ..world.function.clone() };
    world.executor.set_instances(vec![instance(&world.function, "c-1", 3, "req-t1"), of_alias, instance(&other, "c-g", 1, "req-g")]);
    let all = world.engine.list_instances(&world.function, None).await.unwrap();
    let shown = all.iter().map(|one| (one.id.as_str(), one.tasks.len())).collect::<Vec<_>>();
    assert_eq!(shown, [("c-alias", 0), ("c-1", 1)], "the oldest first");
    assert_eq!(all[1].tasks[0].as_str(), "t1");
    let latest = world.engine.list_instances(&world.function, Some(&Qualifier::latest())).await.unwrap();
    assert_eq!(latest.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["c-1"]);
    let missing = world.engine.list_instances(&world.function, Some(&Qualifier::from_stored("7"))).await;
    assert_eq!(missing.unwrap_err().code, ErrorCode::VersionNotFound);
    assert_eq!(world.engine.list_instances(&other, None).await.unwrap_err().code, ErrorCode::FunctionNotFound);
    let of_region = world.engine.region_instances(&world.function.region).await.unwrap();
    let shown = of_region.iter().map(|one| (one.id.as_str(), one.tasks.len())).collect::<Vec<_>>();
    assert_eq!(shown, [("c-g", 0), ("c-alias", 0), ("c-1", 1)], "B-16");
    let nowhere = world.engine.region_instances(&Region::from_stored("nowhere")).await.unwrap_err();
    assert_eq!(nowhere.code, ErrorCode::RegionNotFound);
    let none = world.engine.get_instance(&world.function, &InstanceId::from_stored("c-g")).await;
    assert_eq!(none.unwrap_err().code, ErrorCode::InstanceNotFound);
    world.executor.release();
}

#[tokio::test]
async fn i4_6_instances_of_every_server_are_listed_and_entered() {
    let here = World::new().await;
    let there = here.beside("w2").await;
    let other = FunctionRef { function: FunctionName::from_stored("g"), ..here.function.clone() };
    let elsewhere = FunctionRef { region: Region::from_stored("elsewhere"), ..here.function.clone() };
    here.executor.set_instances(vec![
        instance(&here.function, "c-here", 3, "r1"),
        instance(&other, "c-other", 2, "r3"),
        instance(&elsewhere, "c-elsewhere", 1, "r4"),
    ]);
    there.executor.set_instances(vec![instance(&here.function, "c-there", 1, "r2")]);
    for name in ["w1", "w2", "w-dead"] {
        here.store.put_node(&node(name), UnixMillis(1), UnixMillis(0)).await.unwrap();
    }
    let peers = Arc::new(Direct(HashMap::from([("w1".to_owned(), here.engine.clone()), ("w2".to_owned(), there.engine.clone())])));
    drop(here.engine.clone().among(node("w1"), peers.clone()));
    drop(there.engine.clone().among(node("w2"), peers));
    for world in [&here, &there] {
        let found = world.engine.list_instances(&here.function, None).await.unwrap();
        assert_eq!(found.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["c-there", "c-here"], "and the dead one is left out");
        let of_region = world.engine.region_instances(&here.function.region).await.unwrap();
        assert_eq!(of_region.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["c-there", "c-other", "c-here"], "B-16");
        for id in ["c-here", "c-there"] {
            let id = InstanceId::from_stored(id);
            assert_eq!(world.engine.get_instance(&here.function, &id).await.unwrap().id, id);
            world.engine.exec(&here.function, &id, ExecRequest::shell("ann")).await.unwrap();
        }
        let none = world.engine.exec(&here.function, &InstanceId::from_stored("c-none"), ExecRequest::shell("ann")).await;
        assert_eq!(none.err().map(|error| error.code), Some(ErrorCode::InstanceNotFound));
    }
    here.engine.drain_instance(&here.function, &InstanceId::from_stored("c-there")).await.unwrap();
    let none = here.engine.drain_instance(&here.function, &InstanceId::from_stored("c-other")).await;
    assert_eq!(none.err().map(|error| error.code), Some(ErrorCode::InstanceNotFound), "an instance of another function");
    let states = |found: Vec<InstanceInfo>| found.iter().map(|one| one.state).collect::<Vec<_>>();
    let found = here.engine.list_instances(&here.function, None).await.unwrap();
    assert_eq!(states(found), [InstanceState::Draining, InstanceState::Busy], "B-16: on whichever server it lives");
    let visit = |id: &str| ("ann".to_owned(), id.to_owned());
    assert_eq!(here.executor.visits(), [visit("c-here"), visit("c-here")]);
    assert_eq!(there.executor.visits(), [visit("c-there"), visit("c-there")]);
    let never = ExecRequest { idle_timeout_s: 0, ..ExecRequest::shell("ann") };
    let refused = here.engine.exec(&here.function, &InstanceId::from_stored("c-here"), never).await;
    assert_eq!(refused.err().map(|error| error.code), Some(ErrorCode::InvalidArgument));
}

#[tokio::test]
async fn i4_6_a_server_is_found_from_its_start_to_its_end() {
    let world = World::new().await;
    world.store.put_node(&node("w-before"), UnixMillis(1_000_000), UnixMillis(0)).await.unwrap();
    let mut config = EngineConfig::new(AccountId::from_stored("1"), vec![Region::from_stored("r1")], WorkerId("w-now".to_owned()));
    config.previous_worker = Some(WorkerId("w-before".to_owned()));
    let clock = Arc::new(TestClock::new(1_000_000));
    let engine = Engine::new(
        config,
        world.store.clone(),
        Arc::new(SimExecutor::default()),
        Arc::new(SimWebhook::default()),
        clock.clone(),
        Running::default(),
        ChangeHub::default(),
    );
    let engine = engine.among(node("w-now"), Arc::new(Direct::default()));
    engine.start().await;
    clock.until_sleepers(600_000, 2).await;
    assert_eq!(world.store.list_nodes().await.unwrap(), [node("w-now")], "the life before is forgotten");
    world.store.delete_node(&WorkerId("w-now".to_owned())).await.unwrap();
    clock.advance(600_000);
    clock.until_sleepers(600_000, 2).await;
    assert_eq!(world.store.list_nodes().await.unwrap(), [node("w-now")], "it shows itself again");
    engine.drain();
    engine.drained().await;
    engine.retire().await;
    assert_eq!(world.store.list_nodes().await.unwrap(), []);
}
