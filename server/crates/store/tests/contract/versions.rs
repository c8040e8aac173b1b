//! Versions never change and keep what they are made of; aliases lead to them.

use crate::fixtures::{at, config, function, function_ref, insert, region, service, service_ref, task_of, with_functions};
use engine::ports::{NewTask, Published, Store, StoreError};
use model::{
    Alias, AliasName, AliasSpec, Direction, Function, FunctionName, FunctionRef, ListQuery, Page, Qualifier, ServiceName, Version,
    VersionId, VersionQuery, WeightedVersion,
};
use store::each_backend;
use store::testing::TestDb;

each_backend!(
    a_version_is_a_snapshot_of_the_service_and_all_its_functions,
    numbers_grow_and_are_never_given_twice,
    nothing_is_published_when_nothing_has_changed,
    publishing_needs_the_current_etag,
    servers_that_publish_together_get_different_numbers,
    a_version_keeps_its_code_and_gives_it_back,
    a_version_that_an_alias_leads_to_is_not_deleted,
    a_service_with_versions_is_not_deleted,
    aliases_are_read_back_changed_listed_and_deleted,
    configurations_of_versions_outlive_the_function_in_latest,
    i3_2_tasks_of_a_deleted_version_are_found_and_no_others,
);

fn number(id: u64) -> VersionId {
    VersionId::from_stored(id)
}

async fn publish(store: &dyn Store, etag: &str, description: &str) -> Published {
    store.publish_version(&service_ref("demo"), etag, description, at(7)).await.unwrap()
}

/// Publishes and insists on a new version; returns its number.
async fn published(store: &dyn Store) -> u64 {
    match publish(store, "e1", "").await {
        Published::New(version) => version.id.number(),
        other => panic!("nothing was published: {other:?}"),
    }
}

/// Changes a function in place: another etag, another description, and other code if any is given.
async fn change(store: &dyn Store, name: &str, from: &str, to: &str, code: Option<(&str, &[u8])>) -> Function {
    let before = store.get_function(&function_ref(name)).await.unwrap().unwrap();
    let mut changed = Function { etag: to.to_owned(), ..before };
    changed.spec.description = format!("as of {to}");
    if let Some((package, _)) = code {
        changed.package_id = package.to_owned();
    }
    store.update_function(&changed, code.map(|(_, zip)| zip), from).await.unwrap();
    changed
}

fn alias(name: &str, version: u64, additional: Option<u64>) -> Alias {
    let additional = additional.map(|id| WeightedVersion { version: number(id), weight: 0.05 });
    Alias {
        service: service_ref("demo"),
        name: AliasName::from_stored(name),
        spec: AliasSpec { version: number(version), description: "ä".to_owned(), additional },
        created_at: at(0),
        modified_at: at(1),
        etag: "e1".to_owned(),
    }
}

async fn versions(store: &dyn Store, direction: Direction, start: Option<u64>, limit: u32) -> (Vec<u64>, String) {
    let query = VersionQuery { direction, start: start.map(number), limit };
    let Page { items, next_token } = store.list_versions(&service_ref("demo"), query).await.unwrap();
    (items.iter().map(|version| version.id.number()).collect(), next_token)
}

async fn a_version_is_a_snapshot_of_the_service_and_all_its_functions(db: TestDb) {
    with_functions(&db, &["f", "g"]).await;
    let store = db.store();
    let expected = Version { service: service_ref("demo"), id: number(1), description: "first ä".to_owned(), created_at: at(7) };
    // Asked before there is one: the answer is not remembered.
    assert_eq!(store.function_version(&function_ref("f"), number(1)).await.unwrap(), None);
    assert_eq!(publish(&*store, "e1", "first ä").await, Published::New(expected.clone()));
    let before = store.get_function(&function_ref("f")).await.unwrap();
    assert_eq!(store.function_version(&function_ref("f"), number(1)).await.unwrap(), before);

    change(&*store, "f", "e1", "e2", None).await;
    store.delete_function(&function_ref("g"), "e1").await.unwrap();
    store.insert_function(&function("h"), b"zip", None).await.unwrap();
    let mut renewed = service("demo");
    (renewed.etag, renewed.spec.description) = ("e2".to_owned(), "new".to_owned());
    store.update_service(&renewed, "e1").await.unwrap();

    assert_eq!(store.service_version(&service_ref("demo"), number(1)).await.unwrap(), Some(service("demo")));
    assert_eq!(store.function_version(&function_ref("f"), number(1)).await.unwrap(), before);
    assert!(store.function_version(&function_ref("g"), number(1)).await.unwrap().is_some(), "deleted later");
    assert_eq!(store.function_version(&function_ref("h"), number(1)).await.unwrap(), None, "made later");
    assert_eq!(store.function_version(&function_ref("f"), number(2)).await.unwrap(), None);
    assert_eq!(store.service_version(&service_ref("demo"), number(2)).await.unwrap(), None);
    let first = ListQuery { limit: 1, ..ListQuery::default() };
    let page = store.list_function_versions(&service_ref("demo"), number(1), &first).await.unwrap();
    let names: Vec<&str> = page.items.iter().map(|function| function.name.as_str()).collect();
    assert_eq!((names, page.next_token.as_str()), (vec!["f"], "g"));

    assert!(matches!(publish(&*store, "e2", "").await, Published::New(version) if version.id == number(2)));
    let h = store.function_version(&function_ref("h"), number(2)).await.unwrap();
    assert_eq!(h.map(|h| h.spec), Some(store.get_function(&function_ref("h")).await.unwrap().unwrap().spec));
    let page = store.list_versions(&service_ref("demo"), VersionQuery::default()).await.unwrap();
    assert_eq!(page.items.last(), Some(&expected));
}

async fn numbers_grow_and_are_never_given_twice(db: TestDb) {
    with_functions(&db, &["f"]).await;
    let store = db.store();
    for n in 1..=11 {
        assert_eq!(published(&*store).await, n);
        change(&*store, "f", &format!("e{n}"), &format!("e{}", n + 1), None).await;
    }
    store.delete_version(&service_ref("demo"), number(11)).await.unwrap();
    store.delete_version(&service_ref("demo"), number(3)).await.unwrap();
    assert_eq!(published(&*store).await, 12);
    let again = store.delete_version(&service_ref("demo"), number(3)).await;
    assert!(matches!(again, Err(StoreError::Conflict("version"))), "{again:?}");
    // By number, not by text.
    let check = async |direction, start, limit, expected: &[u64], token: &str| {
        assert_eq!(versions(&*store, direction, start, limit).await, (expected.to_vec(), token.to_owned()), "{direction:?} {start:?}");
    };
    check(Direction::Backward, None, 3, &[12, 10, 9], "8").await;
    check(Direction::Backward, Some(8), 20, &[8, 7, 6, 5, 4, 2, 1], "").await;
    check(Direction::Forward, None, 4, &[1, 2, 4, 5], "6").await;
    check(Direction::Forward, Some(9), 0, &[9, 10, 12], "").await;
    // A service made anew under the name begins at 1 again.
    store.insert_service(&service("other")).await.unwrap();
    let first = store.publish_version(&service_ref("other"), "e1", "", at(0)).await.unwrap();
    assert!(matches!(first, Published::New(version) if version.id == number(1)), "a service without functions too");
}

async fn nothing_is_published_when_nothing_has_changed(db: TestDb) {
    with_functions(&db, &["f", "g"]).await;
    let store = db.store();
    assert_eq!(published(&*store).await, 1);
    let unchanged = |id: u64, found: Published| assert!(matches!(&found, Published::Unchanged(of) if of.id == number(id)), "{found:?}");
    unchanged(1, publish(&*store, "e1", "again").await);
    change(&*store, "f", "e1", "e2", None).await;
    assert_eq!(published(&*store).await, 2, "a refused one costs no number");
    unchanged(2, publish(&*store, "e1", "").await);
    store.delete_function(&function_ref("g"), "e1").await.unwrap();
    assert_eq!(published(&*store).await, 3);
    let mut renewed = service("demo");
    renewed.etag = "e2".to_owned();
    store.update_service(&renewed, "e1").await.unwrap();
    assert!(matches!(publish(&*store, "e2", "").await, Published::New(_)));
}

async fn publishing_needs_the_current_etag(db: TestDb) {
    with_functions(&db, &["f"]).await;
    let store = db.store();
    for service in ["demo", "nobody"] {
        let stale = store.publish_version(&service_ref(service), "e0", "", at(0)).await;
        assert!(matches!(stale, Err(StoreError::Conflict("service"))), "{stale:?}");
    }
    assert_eq!(published(&*store).await, 1);
}

async fn servers_that_publish_together_get_different_numbers(db: TestDb) {
    with_functions(&db, &["f"]).await;
    let (one, two) = (db.store(), db.other_handle().await);
    let mut numbers = Vec::new();
    for n in 1..=5 {
        let (demo, demo_too) = (service_ref("demo"), service_ref("demo"));
        let both =
            futures::future::join(one.publish_version(&demo, "e1", "", at(0)), two.publish_version(&demo_too, "e1", "", at(0))).await;
        for found in [both.0.unwrap(), both.1.unwrap()] {
            match found {
                Published::New(version) => numbers.push(version.id.number()),
                // The other one was faster, and nothing had changed since.
                Published::Unchanged(version) => assert_eq!(version.id, number(n)),
            }
        }
        change(&*one, "f", &format!("e{n}"), &format!("e{}", n + 1), None).await;
    }
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
}

async fn a_version_keeps_its_code_and_gives_it_back(db: TestDb) {
    with_functions(&db, &["f", "g"]).await;
    let store = db.store();
    let kept = async |package: &str| store.get_code(package).await.unwrap().is_some();
    published(&*store).await;
    change(&*store, "f", "e1", "e2", Some(("p2", b"two"))).await;
    store.delete_function(&function_ref("g"), "e1").await.unwrap();
    assert!(kept("p1").await && kept("p2").await);
    published(&*store).await;
    change(&*store, "f", "e2", "e3", Some(("p3", b"three"))).await;
    store.delete_version(&service_ref("demo"), number(1)).await.unwrap();
    assert!(!kept("p1").await && kept("p2").await && kept("p3").await);
    published(&*store).await;
    store.delete_version(&service_ref("demo"), number(3)).await.unwrap();
    assert!(kept("p3").await, "LATEST has it");
    store.delete_function(&function_ref("f"), "e3").await.unwrap();
    assert!(!kept("p3").await && kept("p2").await);
    assert!(store.function_version(&function_ref("f"), number(2)).await.unwrap().is_some(), "a version outlives its function");
    store.delete_version(&service_ref("demo"), number(2)).await.unwrap();
    assert!(!kept("p2").await);
    store.delete_service(&service_ref("demo"), "e1").await.unwrap();
}

async fn a_version_that_an_alias_leads_to_is_not_deleted(db: TestDb) {
    with_functions(&db, &["f"]).await;
    let store = db.store();
    published(&*store).await;
    change(&*store, "f", "e1", "e2", None).await;
    published(&*store).await;
    let demo = service_ref("demo");
    store.insert_alias(&alias("prod", 1, Some(2))).await.unwrap();
    store.insert_alias(&alias("beta", 2, None)).await.unwrap();
    for id in [1, 2] {
        let used = store.delete_version(&demo, number(id)).await;
        assert!(matches!(used, Err(StoreError::NotEmpty("version"))), "{used:?}");
        assert!(store.function_version(&function_ref("f"), number(id)).await.unwrap().is_some(), "nothing is half deleted");
    }
    let names = store.aliases_of_version(&demo, number(2), 5).await.unwrap();
    assert_eq!(names.iter().map(AliasName::as_str).collect::<Vec<_>>(), ["beta", "prod"]);
    store.update_alias(&Alias { etag: "e2".to_owned(), ..alias("prod", 2, None) }, "e1").await.unwrap();
    store.delete_version(&demo, number(1)).await.unwrap();
    let gone = store.insert_alias(&alias("late", 1, None)).await;
    assert!(matches!(gone, Err(StoreError::Conflict("version"))), "{gone:?}");
    let gone = store.update_alias(&alias("beta", 2, Some(1)), "e1").await;
    assert!(matches!(gone, Err(StoreError::Conflict("version"))), "{gone:?}");
}

async fn a_service_with_versions_is_not_deleted(db: TestDb) {
    with_functions(&db, &["f"]).await;
    let store = db.store();
    published(&*store).await;
    store.delete_function(&function_ref("f"), "e1").await.unwrap();
    let full = store.delete_service(&service_ref("demo"), "e1").await;
    assert!(matches!(full, Err(StoreError::NotEmpty("service"))), "{full:?}");
    store.delete_version(&service_ref("demo"), number(1)).await.unwrap();
    store.delete_service(&service_ref("demo"), "e1").await.unwrap();
}

async fn aliases_are_read_back_changed_listed_and_deleted(db: TestDb) {
    with_functions(&db, &["f"]).await;
    let store = db.store();
    published(&*store).await;
    change(&*store, "f", "e1", "e2", None).await;
    published(&*store).await;
    let demo = service_ref("demo");
    let prod = alias("prod", 1, Some(2));
    // Asked before there is one: the answer is not remembered.
    assert_eq!(store.get_alias(&demo, &prod.name).await.unwrap(), None);
    for alias in [&prod, &alias("beta", 1, None), &alias("pre", 1, None)] {
        store.insert_alias(alias).await.unwrap();
    }
    let again = store.insert_alias(&alias("prod", 2, None)).await;
    assert!(matches!(again, Err(StoreError::Exists("alias"))), "{again:?}");
    assert_eq!(store.get_alias(&demo, &prod.name).await.unwrap(), Some(prod.clone()));
    let changed = Alias { etag: "e2".to_owned(), modified_at: at(9), ..alias("prod", 2, None) };
    let stale = store.update_alias(&changed, "e0").await;
    assert!(matches!(stale, Err(StoreError::Conflict("alias"))), "{stale:?}");
    store.update_alias(&changed, "e1").await.unwrap();
    assert_eq!(store.get_alias(&demo, &prod.name).await.unwrap(), Some(changed));
    let list = async |prefix: &str, limit| {
        let page = store.list_aliases(&demo, &ListQuery { prefix: prefix.to_owned(), limit, ..ListQuery::default() }).await.unwrap();
        (page.items.iter().map(|alias| alias.name.to_string()).collect::<Vec<_>>().join(" "), page.next_token)
    };
    assert_eq!(list("", 0).await, ("beta pre prod".to_owned(), String::new()));
    assert_eq!(list("pr", 1).await, ("pre".to_owned(), "prod".to_owned()));
    let stale = store.delete_alias(&demo, &prod.name, "e1").await;
    assert!(matches!(stale, Err(StoreError::Conflict("alias"))), "{stale:?}");
    store.delete_alias(&demo, &prod.name, "e2").await.unwrap();
    assert_eq!(store.get_alias(&demo, &prod.name).await.unwrap(), None);
}

async fn configurations_of_versions_outlive_the_function_in_latest(db: TestDb) {
    with_functions(&db, &["f", "g"]).await;
    let store = db.store();
    published(&*store).await;
    store.insert_alias(&alias("prod", 1, None)).await.unwrap();
    let put = async |function: &FunctionRef, qualifier: &str| store.put_async_config(&config(function, qualifier, Some(true))).await;
    let qualifiers = async |function: &FunctionRef| {
        let page = store.list_async_configs(function, &ListQuery::default()).await.unwrap();
        page.items.iter().map(|config| config.qualifier.to_string()).collect::<Vec<_>>().join(" ")
    };
    let (f, g, h) = (function_ref("f"), function_ref("g"), function_ref("h"));
    store.insert_function(&function("h"), b"zip", None).await.unwrap();
    for function in [&f, &g, &h] {
        for qualifier in ["LATEST", "1", "prod"] {
            put(function, qualifier).await.unwrap();
        }
    }
    store.delete_function(&f, "e1").await.unwrap();
    assert_eq!(qualifiers(&f).await, "1 prod");
    put(&f, "prod").await.unwrap();
    store.delete_function(&h, "e1").await.unwrap();
    assert_eq!(qualifiers(&h).await, "", "it is in no version");
    assert!(matches!(put(&h, "prod").await, Err(StoreError::Conflict("function"))));

    store.delete_alias(&service_ref("demo"), &AliasName::from_stored("prod"), "e1").await.unwrap();
    assert_eq!((qualifiers(&f).await, qualifiers(&g).await), ("1".to_owned(), "1 LATEST".to_owned()));
    put(&f, "prod").await.unwrap();
    store.delete_version(&service_ref("demo"), number(1)).await.unwrap();
    assert_eq!((qualifiers(&f).await, qualifiers(&g).await), (String::new(), "LATEST".to_owned()), "f is nowhere any more");
    assert_eq!(store.get_async_config(&f, &Qualifier::from_stored("1")).await.unwrap(), None);
}

async fn i3_2_tasks_of_a_deleted_version_are_found_and_no_others(db: TestDb) {
    with_functions(&db, &["f", "g"]).await;
    let store = db.store();
    published(&*store).await;
    change(&*store, "f", "e1", "e2", None).await;
    published(&*store).await;
    let of = |function: &str, version: Option<u64>, id: &str| NewTask { version: version.map(number), ..task_of(function, id) };
    for (function, version, id) in
        [("f", None, "f"), ("f", Some(1), "f1"), ("f", Some(2), "f2"), ("g", Some(1), "g1"), ("g", None, "g"), ("f", Some(1), "f1b")]
    {
        insert(&*store, of(function, version, id)).await;
    }
    let orphans = async |limit| {
        let mut found = store.orphaned_tasks(limit).await.unwrap();
        found.sort_by(|a, b| a.task.cmp(&b.task));
        found.into_iter().map(|task| (task.task.id.to_string(), task.version.map(VersionId::number))).collect::<Vec<_>>()
    };
    let expect = |ids: &[(&str, Option<u64>)]| ids.iter().map(|(id, version)| (id.to_string(), *version)).collect::<Vec<_>>();
    assert_eq!(orphans(10).await, []);
    store.delete_function(&function_ref("g"), "e1").await.unwrap();
    assert_eq!(orphans(10).await, expect(&[("g", None)]), "the version's task goes on");
    store.delete_version(&service_ref("demo"), number(1)).await.unwrap();
    assert_eq!(orphans(10).await, expect(&[("f1", Some(1)), ("f1b", Some(1)), ("g", None), ("g1", Some(1))]));
    assert_eq!(orphans(2).await.len(), 2);
    // What a claim gives names the version.
    let claimed = crate::fixtures::claim_one(&*store, "w", at(0)).await;
    assert_eq!((claimed.task.id.as_str(), claimed.version), ("f", None));
    // The other function has its turn.
    let claimed = crate::fixtures::claim_one(&*store, "w", at(0)).await;
    assert_eq!((claimed.task.id.as_str(), claimed.version), ("g1", Some(number(1))));
    let elsewhere =
        FunctionRef { region: region(), service: ServiceName::from_stored("another"), function: FunctionName::from_stored("f") };
    assert_eq!(store.function_version(&elsewhere, number(2)).await.unwrap(), None);
}
