//! Limits and minimums of instances, and what the limits leave to claims.

use crate::fixtures::{at, change, claim_one, function_ref, region, service_ref, start, task_of, with_functions, worker};
use engine::ports::{ClaimedTask, ProvisionState, Store, StoreError, WorkerId};
use model::{
    AliasName, AliasSpec, ListQuery, OnDemandConfig, ProvisionConfig, ProvisionQuery, ProvisionSpec, Qualifier, ServiceName, TaskStatus,
    VersionId,
};
use std::collections::BTreeMap;
use store::each_backend;
use store::testing::{TestDb, claim_any, next_due};

each_backend!(
    i3_5_limits_of_instances_are_kept_changed_and_deleted,
    i3_5_limits_of_instances_are_listed_by_resource,
    i3_5_what_is_configured_goes_with_function_version_and_alias,
    i3_5_a_claim_takes_as_many_tasks_as_there_may_be_instances,
    i4_an_instance_counts_for_as_many_tasks_as_it_serves_at_once,
    i3_5_the_smaller_of_both_limits_holds,
    i3_5_servers_that_claim_together_do_not_overfill_a_limit_of_instances,
    i3_5_a_full_qualifier_does_not_hold_back_another_one,
    i3_5_a_full_qualifier_is_looked_past_only_so_far,
    i4_2_minimums_are_kept_changed_listed_and_deleted,
    i4_2_what_servers_have_ready_counts_until_its_time,
);

fn on_demand(function: &str, qualifier: &str, max_instances: u32) -> OnDemandConfig {
    let qualifier = Qualifier::from_stored(qualifier);
    OnDemandConfig { function: function_ref(function), qualifier, max_instances, modified_at: at(1), etag: format!("e{max_instances}") }
}

fn provision(function: &str, qualifier: &str, target: u32) -> ProvisionConfig {
    let actions = serde_json::json!([{"name": "night", "target": 7}]);
    let spec =
        ProvisionSpec { target, always_allocate_cpu: true, scheduled_actions: actions, target_tracking_policies: serde_json::Value::Null };
    let qualifier = Qualifier::from_stored(qualifier);
    ProvisionConfig { function: function_ref(function), qualifier, spec, modified_at: at(1), etag: format!("e{target}") }
}

async fn claim(store: &dyn Store, limit: u32) -> Vec<ClaimedTask> {
    claim_any(store, &worker("w"), at(0), at(9_000), limit).await.unwrap()
}

/// How many of each qualifier.
fn by_qualifier(claimed: &[ClaimedTask]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    claimed.iter().for_each(|task| *counts.entry(task.qualifier.as_str()).or_default() += 1);
    counts
}

/// Tasks of a qualifier of `f` that are due from `due` on, in order.
async fn fill(store: &dyn Store, qualifier: &str, count: usize, due: i64) {
    let task = |n: usize| {
        let mut new = task_of("f", &format!("{qualifier}{n}"));
        (new.qualifier, new.due_at) = (Qualifier::from_stored(qualifier), at(due));
        new
    };
    store.insert_tasks((0..count).map(task).collect()).await.unwrap();
}

async fn i3_5_limits_of_instances_are_kept_changed_and_deleted(db: TestDb) {
    with_functions(&db, &["f"]).await;
    let store = db.store();
    let latest = Qualifier::latest();
    assert_eq!(store.get_on_demand(&function_ref("f"), &latest).await.unwrap(), None);
    let first = on_demand("f", "LATEST", 3);
    store.put_on_demand(&first, None).await.unwrap();
    assert_eq!(store.get_on_demand(&function_ref("f"), &latest).await.unwrap(), Some(first.clone()));
    let second = on_demand("f", "LATEST", 4);
    for stale in [None, Some("e9")] {
        assert!(matches!(store.put_on_demand(&second, stale).await, Err(StoreError::Conflict("on-demand configuration"))), "{stale:?}");
    }
    store.put_on_demand(&second, Some("e3")).await.unwrap();
    assert_eq!(store.all_on_demand().await.unwrap(), [second]);
    assert!(matches!(store.put_on_demand(&on_demand("none", "LATEST", 1), None).await, Err(StoreError::Conflict("function"))));
    let stale = store.delete_on_demand(&function_ref("f"), &latest, "e3").await;
    assert!(matches!(stale, Err(StoreError::Conflict("on-demand configuration"))));
    store.delete_on_demand(&function_ref("f"), &latest, "e4").await.unwrap();
    assert_eq!(store.all_on_demand().await.unwrap(), []);
}

async fn i3_5_limits_of_instances_are_listed_by_resource(db: TestDb) {
    with_functions(&db, &["f", "g"]).await;
    let store = db.store();
    for (function, qualifier) in [("g", "prod"), ("g", "LATEST"), ("f", "prod"), ("f", "LATEST")] {
        store.put_on_demand(&on_demand(function, qualifier, 1), None).await.unwrap();
    }
    let page = async |query: ListQuery| {
        let page = store.list_on_demand(&region(), &query).await.unwrap();
        (page.items.iter().map(OnDemandConfig::resource).collect::<Vec<_>>(), page.next_token)
    };
    let resource = |qualifier: &str, function: &str| format!("services/demo.{qualifier}/functions/{function}");
    let (items, token) = page(ListQuery { limit: 3, ..ListQuery::default() }).await;
    assert_eq!(items, [resource("LATEST", "f"), resource("LATEST", "g"), resource("prod", "f")]);
    assert_eq!(page(ListQuery { next_token: token, ..ListQuery::default() }).await, (vec![resource("prod", "g")], String::new()));
    let prefix = "services/demo.prod/".to_owned();
    assert_eq!(page(ListQuery { prefix, ..ListQuery::default() }).await.0.len(), 2);
}

async fn i3_5_what_is_configured_goes_with_function_version_and_alias(db: TestDb) {
    with_functions(&db, &["f", "g"]).await;
    let store = db.store();
    store.publish_version(&service_ref("demo"), "e1", "", at(2)).await.unwrap();
    let name = AliasName::parse("prod").unwrap();
    let spec = AliasSpec { version: VersionId::from_stored(1), description: String::new(), additional: None };
    let alias =
        model::Alias { service: service_ref("demo"), name: name.clone(), spec, created_at: at(2), modified_at: at(2), etag: "a".into() };
    store.insert_alias(&alias).await.unwrap();
    for (function, qualifier) in [("f", "LATEST"), ("f", "prod"), ("f", "1"), ("g", "prod")] {
        store.put_on_demand(&on_demand(function, qualifier, 1), None).await.unwrap();
        store.put_provision(&provision(function, qualifier, 1), None).await.unwrap();
    }
    let left = async || {
        let limits = store.all_on_demand().await.unwrap();
        let minimums = store.all_provisions().await.unwrap();
        let of = |function: &model::FunctionRef, qualifier: &Qualifier| format!("{}@{qualifier}", function.function);
        let limits: Vec<_> = limits.iter().map(|config| of(&config.function, &config.qualifier)).collect();
        assert_eq!(limits, minimums.iter().map(|config| of(&config.function, &config.qualifier)).collect::<Vec<_>>());
        limits
    };
    store.delete_function(&function_ref("f"), "e1").await.unwrap();
    assert_eq!(left().await, ["f@1", "f@prod", "g@prod"], "the version has the function");
    store.delete_alias(&service_ref("demo"), &name, "a").await.unwrap();
    assert_eq!(left().await, ["f@1"]);
    store.delete_version(&service_ref("demo"), VersionId::from_stored(1)).await.unwrap();
    assert_eq!(left().await, [""; 0]);
}

async fn i3_5_a_claim_takes_as_many_tasks_as_there_may_be_instances(db: TestDb) {
    with_functions(&db, &["f"]).await;
    let store = db.store();
    fill(&*store, "LATEST", 5, 0).await;
    assert_eq!(claim(&*store, 1).await.len(), 1, "no limit yet, and so it is remembered");
    store.put_on_demand(&on_demand("f", "LATEST", 2), None).await.unwrap();
    let mut claimed = claim(&*store, 9).await;
    assert_eq!(claimed.len(), 1, "the one that is held counts");
    assert_eq!(store.held_of_qualifier(&function_ref("f"), &Qualifier::latest()).await.unwrap(), 2);
    assert_eq!((claim(&*store, 9).await.len(), next_due(&*store).await.unwrap()), (0, None), "what may not be claimed is not waited for");
    start(&*store, &mut claimed[0], 1).await;
    assert_eq!(claim(&*store, 9).await, [], "it runs and still counts");
    assert_eq!(store.apply(vec![change(&claimed[0], TaskStatus::Succeeded, 2)]).await.unwrap(), [true]);
    assert_eq!(claim(&*store, 9).await.len(), 1);
    store.delete_on_demand(&function_ref("f"), &Qualifier::latest(), "e2").await.unwrap();
    assert_eq!(claim(&*store, 9).await.len(), 2);
}

async fn i4_an_instance_counts_for_as_many_tasks_as_it_serves_at_once(db: TestDb) {
    with_functions(&db, &["f"]).await;
    let store = db.store();
    fill(&*store, "LATEST", 20, 0).await;
    store.put_on_demand(&on_demand("f", "LATEST", 2), None).await.unwrap();
    let concurrency = async |concurrency: u32, before: &str| {
        let mut function = crate::fixtures::function("f");
        function.spec.instance_concurrency = concurrency;
        function.etag = format!("of-{concurrency}");
        store.update_function(&function, None, before).await.unwrap();
    };
    concurrency(3, "e1").await;
    assert_eq!(claim(&*store, 20).await.len(), 6);
    concurrency(5, "of-3").await;
    assert_eq!(claim(&*store, 20).await.len(), 4, "six are held");
    let mut other = crate::fixtures::function("g");
    other.spec.instance_concurrency = 4;
    store.insert_function(&other, b"zip", None).await.unwrap();
    store.put_on_demand(&on_demand("g", "LATEST", 1), None).await.unwrap();
    store.insert_tasks((0..9).map(|n| task_of("g", &format!("g{n}"))).collect()).await.unwrap();
    assert_eq!(claim(&*store, 20).await.len(), 4);
}

async fn i3_5_the_smaller_of_both_limits_holds(db: TestDb) {
    with_functions(&db, &["f"]).await;
    let store = db.store();
    fill(&*store, "LATEST", 9, 0).await;
    let scope = model::QueueScope::Function(function_ref("f"));
    store.put_on_demand(&on_demand("f", "LATEST", 3), None).await.unwrap();
    store.limit_queue(&scope, Some(2)).await.unwrap();
    assert_eq!(claim(&*store, 9).await.len(), 2);
    store.limit_queue(&scope, Some(8)).await.unwrap();
    assert_eq!(claim(&*store, 9).await.len(), 1);
}

async fn i3_5_servers_that_claim_together_do_not_overfill_a_limit_of_instances(db: TestDb) {
    with_functions(&db, &["f"]).await;
    fill(&*db.store(), "LATEST", 60, 0).await;
    db.store().put_on_demand(&on_demand("f", "LATEST", 5), None).await.unwrap();
    let mut running = tokio::task::JoinSet::new();
    for n in 0..6 {
        let store = db.other_handle().await;
        running.spawn(async move {
            let mut mine = 0;
            for _ in 0..10 {
                mine += claim_any(&*store, &worker(&format!("w{n}")), at(0), at(1), 3).await.unwrap().len();
            }
            mine
        });
    }
    assert_eq!(running.join_all().await.into_iter().sum::<usize>(), 5);
}

async fn i3_5_a_full_qualifier_does_not_hold_back_another_one(db: TestDb) {
    with_functions(&db, &["f"]).await;
    let store = db.store();
    store.put_on_demand(&on_demand("f", "LATEST", 2), None).await.unwrap();
    store.put_on_demand(&on_demand("f", "prod", 4), None).await.unwrap();
    fill(&*store, "LATEST", 20, -9).await;
    fill(&*store, "prod", 7, -8).await;
    fill(&*store, "beta", 3, -7).await;
    let first = claim(&*store, 8).await;
    assert_eq!(by_qualifier(&first), BTreeMap::from([("LATEST", 2), ("beta", 2), ("prod", 4)]));
    assert_eq!(next_due(&*store).await.unwrap(), Some(at(-7)), "the first one that may be taken");
    assert_eq!(by_qualifier(&claim(&*store, 8).await), BTreeMap::from([("beta", 1)]));
    assert_eq!((claim(&*store, 8).await.len(), next_due(&*store).await.unwrap()), (0, None));
    let mut ends = first.into_iter().find(|task| task.qualifier.as_str() == "prod").unwrap();
    start(&*store, &mut ends, 1).await;
    assert_eq!(store.apply(vec![change(&ends, TaskStatus::Failed, 2)]).await.unwrap(), [true]);
    assert_eq!(claim_one(&*store, "w", at(3)).await.qualifier.as_str(), "prod");
}

async fn i3_5_a_full_qualifier_is_looked_past_only_so_far(db: TestDb) {
    with_functions(&db, &["f"]).await;
    let store = db.store();
    store.put_on_demand(&on_demand("f", "LATEST", 1), None).await.unwrap();
    fill(&*store, "LATEST", 1_001, -9).await;
    fill(&*store, "prod", 1, -8).await;
    assert_eq!(by_qualifier(&claim(&*store, 1).await), BTreeMap::from([("LATEST", 1)]));
    assert_eq!((claim(&*store, 9).await.len(), next_due(&*store).await.unwrap()), (0, None), "1,000 of the full one are before it");
    store.put_on_demand(&on_demand("f", "LATEST", 2), Some("e1")).await.unwrap();
    assert_eq!(by_qualifier(&claim(&*store, 9).await), BTreeMap::from([("LATEST", 1)]));
    assert_eq!(by_qualifier(&claim(&*store, 9).await), BTreeMap::from([("prod", 1)]));
}

async fn i4_2_minimums_are_kept_changed_listed_and_deleted(db: TestDb) {
    with_functions(&db, &["f", "g"]).await;
    let store = db.store();
    let config = provision("f", "LATEST", 2);
    store.put_provision(&config, None).await.unwrap();
    assert_eq!(store.get_provision(&config.function, &config.qualifier).await.unwrap(), Some(config.clone()));
    assert!(matches!(store.put_provision(&config, None).await, Err(StoreError::Conflict("provision configuration"))));
    let changed = provision("f", "LATEST", 3);
    store.put_provision(&changed, Some("e2")).await.unwrap();
    assert!(matches!(store.put_provision(&provision("none", "LATEST", 1), None).await, Err(StoreError::Conflict("function"))));
    for (function, qualifier) in [("g", "LATEST"), ("g", "prod")] {
        store.put_provision(&provision(function, qualifier, 1), None).await.unwrap();
    }
    let list = async |query: ProvisionQuery| {
        let page = store.list_provisions(&region(), &query).await.unwrap();
        (page.items.iter().map(ProvisionConfig::resource).collect::<Vec<_>>().join(" "), page.next_token)
    };
    let first = ProvisionQuery { page: ListQuery { limit: 2, ..ListQuery::default() }, ..ProvisionQuery::default() };
    assert_eq!(list(first).await, ("demo#LATEST#f demo#LATEST#g".to_owned(), "demo#prod#g".to_owned()));
    let of = |service: Option<&str>, qualifier: Option<&str>| ProvisionQuery {
        service: service.map(ServiceName::from_stored),
        qualifier: qualifier.map(Qualifier::from_stored),
        page: ListQuery::default(),
    };
    assert_eq!(list(of(Some("demo"), Some("prod"))).await.0, "demo#prod#g");
    assert_eq!(list(of(Some("other"), None)).await.0, "");
    let gone = store.delete_provision(&config.function, &config.qualifier, "e2").await;
    assert!(matches!(gone, Err(StoreError::Conflict("provision configuration"))));
    store.delete_provision(&config.function, &config.qualifier, "e3").await.unwrap();
    assert_eq!(store.all_provisions().await.unwrap().len(), 2);
}

async fn i4_2_what_servers_have_ready_counts_until_its_time(db: TestDb) {
    let store = db.store();
    let state = |instances: u32, problem: &str| ProvisionState {
        function: function_ref("f"),
        qualifier: Qualifier::latest(),
        instances,
        problem: problem.to_owned(),
    };
    let report = async |by: &str, states: &[ProvisionState], now: i64| {
        store.report_provisions(&WorkerId(by.to_owned()), states, at(now), at(now + 10)).await.unwrap();
    };
    let states = async |now: i64| store.provision_states(&function_ref("f"), &Qualifier::latest(), at(now)).await.unwrap();
    report("w1", &[state(2, "")], 0).await;
    report("w2", &[state(1, "no room")], 5).await;
    assert_eq!(states(10).await, [state(2, ""), state(1, "no room")]);
    assert_eq!(states(11).await, [state(1, "no room")], "the first has not said it again");
    report("w2", &[], 12).await;
    assert_eq!(states(12).await, []);
    assert_eq!(db.texts("select worker_id from provision_state").await, Vec::<Vec<String>>::new(), "what does not count is forgotten");
}
