use crate::fixtures::{at, config, function, function_ref, insert, region, service, service_ref, task, with_functions};
use engine::ports::StoreError;
use model::{FunctionName, HttpParameters, ListQuery, Qualifier, TaskId};
use std::sync::Arc;
use store::each_backend;
use store::testing::TestDb;

each_backend!(
    is_stored_with_code_and_configuration_in_one_go,
    needs_a_service_and_a_free_name,
    update_needs_the_current_etag_and_replaces_the_code,
    packages_are_shared_and_swept_with_the_last_user,
    functions_that_share_a_package_come_and_go_together,
    delete_takes_configuration_and_parameters_but_no_tasks,
    service_and_function_never_miss_each_other,
    lists_by_name,
    configurations_are_replaced_listed_and_deleted,
    parameters_are_replaced,
    c22_requests_are_kept_beside_events_and_go_with_their_function,
    c21_task_functions_are_those_with_task_mode_on_any_qualifier,
);

async fn is_stored_with_code_and_configuration_in_one_go(db: TestDb) {
    let store = db.store();
    store.insert_service(&service("demo")).await.unwrap();
    let stored = function("f");
    let latest = config(&function_ref("f"), Qualifier::LATEST, Some(true));
    store.insert_function(&stored, b"PK\x00\xff", Some(&latest)).await.unwrap();
    assert_eq!(store.get_function(&function_ref("f")).await.unwrap(), Some(stored));
    assert_eq!(store.get_code("p1").await.unwrap().as_deref(), Some(&b"PK\x00\xff"[..]));
    assert_eq!(store.get_code("p2").await.unwrap(), None);
    assert_eq!(store.get_async_config(&function_ref("f"), &Qualifier::latest()).await.unwrap(), Some(latest));
}

async fn needs_a_service_and_a_free_name(db: TestDb) {
    let store = db.store();
    let homeless = store.insert_function(&function("f"), b"zip", None).await;
    assert!(matches!(homeless, Err(StoreError::Conflict("service"))), "{homeless:?}");
    assert_eq!(store.get_code("p1").await.unwrap(), None, "nothing is half stored");
    with_functions(&db, &["f"]).await;
    let mut second = function("f");
    second.package_id = "p2".to_owned();
    let taken = store.insert_function(&second, b"other", None).await;
    assert!(matches!(taken, Err(StoreError::Exists("function"))), "{taken:?}");
    assert_eq!(store.get_code("p2").await.unwrap(), None, "nothing is half stored");
    assert_eq!(store.get_function(&function_ref("f")).await.unwrap(), Some(function("f")));
}

async fn update_needs_the_current_etag_and_replaces_the_code(db: TestDb) {
    with_functions(&db, &["f"]).await;
    let store = db.store();
    let mut changed = function("f");
    changed.spec.handler = "index.other".to_owned();
    changed.etag = "e2".to_owned();
    changed.modified_at = at(9);
    changed.package_id = "p2".to_owned();
    changed.code_size = u64::from(u32::MAX) + 1;
    let stale = store.update_function(&changed, Some(b"new"), "e0").await;
    assert!(matches!(stale, Err(StoreError::Conflict("function"))), "{stale:?}");
    assert_eq!(store.get_code("p2").await.unwrap(), None, "nothing is half stored");
    store.update_function(&changed, Some(b"new"), "e1").await.unwrap();
    assert_eq!(store.get_function(&function_ref("f")).await.unwrap(), Some(changed.clone()));
    assert_eq!(store.get_code("p2").await.unwrap().as_deref(), Some(&b"new"[..]));
    assert_eq!(store.get_code("p1").await.unwrap(), None, "nobody uses the old package");
    changed.etag = "e3".to_owned();
    store.update_function(&changed, None, "e2").await.unwrap();
    assert_eq!(store.get_function(&function_ref("f")).await.unwrap(), Some(changed));
    assert!(store.get_code("p2").await.unwrap().is_some(), "kept when only the settings change");
}

async fn packages_are_shared_and_swept_with_the_last_user(db: TestDb) {
    with_functions(&db, &["f", "g"]).await;
    let store = db.store();
    store.delete_function(&function_ref("f"), "e1").await.unwrap();
    assert!(store.get_code("p1").await.unwrap().is_some(), "g uses it");
    store.delete_function(&function_ref("g"), "e1").await.unwrap();
    assert_eq!(store.get_code("p1").await.unwrap(), None);
}

async fn functions_that_share_a_package_come_and_go_together(db: TestDb) {
    db.store().insert_service(&service("demo")).await.unwrap();
    let mut running = tokio::task::JoinSet::new();
    for n in 0..8 {
        let store = db.other_handle().await;
        running.spawn(async move {
            let name = format!("f{n}");
            for _ in 0..20 {
                store.insert_function(&function(&name), b"zip", None).await.unwrap();
                assert!(store.get_code("p1").await.unwrap().is_some(), "a stored function has its code");
                store.delete_function(&function_ref(&name), "e1").await.unwrap();
            }
        });
    }
    while let Some(done) = running.join_next().await {
        done.unwrap();
    }
    assert_eq!(db.store().get_code("p1").await.unwrap(), None);
}

async fn delete_takes_configuration_and_parameters_but_no_tasks(db: TestDb) {
    with_functions(&db, &["f"]).await;
    let store = db.store();
    let f = function_ref("f");
    store.put_async_config(&config(&f, "LATEST", Some(true))).await.unwrap();
    store.put_task_parameters(&f, "{}").await.unwrap();
    insert(&*store, task("t")).await;
    let stale = store.delete_function(&f, "e0").await;
    assert!(matches!(stale, Err(StoreError::Conflict("function"))), "{stale:?}");
    store.delete_function(&f, "e1").await.unwrap();
    assert_eq!(store.get_function(&f).await.unwrap(), None);
    assert_eq!(store.get_async_config(&f, &Qualifier::latest()).await.unwrap(), None);
    assert_eq!(store.get_task_parameters(&f).await.unwrap(), None);
    assert!(store.get_task(&f.task(TaskId::from_stored("t"))).await.unwrap().is_some());
    assert!(matches!(store.delete_function(&f, "e1").await, Err(StoreError::Conflict("function"))));
}

async fn service_and_function_never_miss_each_other(db: TestDb) {
    let store = db.store();
    for round in 0..30 {
        store.insert_service(&service("demo")).await.unwrap();
        let (one, two) = (db.store(), db.store());
        let barrier = Arc::new(tokio::sync::Barrier::new(2));
        let gate = Arc::clone(&barrier);
        let adding = tokio::spawn(async move {
            gate.wait().await;
            one.insert_function(&function("f"), b"zip", None).await
        });
        let removing = tokio::spawn(async move {
            barrier.wait().await;
            two.delete_service(&service_ref("demo"), "e1").await
        });
        match (adding.await.unwrap(), removing.await.unwrap()) {
            (Ok(()), Err(StoreError::NotEmpty("service"))) => {
                store.delete_function(&function_ref("f"), "e1").await.unwrap();
                store.delete_service(&service_ref("demo"), "e1").await.unwrap();
            }
            (Err(StoreError::Conflict("service")), Ok(())) => {}
            other => panic!("round {round}: {other:?}"),
        }
    }
}

async fn lists_by_name(db: TestDb) {
    with_functions(&db, &["b", "a", "c", "ab"]).await;
    let store = db.store();
    let check = async |prefix: &str, next_token: &str, limit, names: &[&str], token: &str| {
        let query = ListQuery { prefix: prefix.into(), next_token: next_token.into(), limit, ..ListQuery::default() };
        let page = store.list_functions(&service_ref("demo"), &query).await.unwrap();
        let found: Vec<&str> = page.items.iter().map(|function| function.name.as_str()).collect();
        assert_eq!((found.as_slice(), page.next_token.as_str()), (names, token), "{query:?}");
    };
    check("", "", 0, &["a", "ab", "b", "c"], "").await;
    check("", "", 3, &["a", "ab", "b"], "c").await;
    check("", "c", 3, &["c"], "").await;
    check("a", "", 1, &["a"], "ab").await;
    check("z", "", 1, &[], "").await;
}

async fn configurations_are_replaced_listed_and_deleted(db: TestDb) {
    with_functions(&db, &["f"]).await;
    let store = db.store();
    let f = function_ref("f");
    let orphan = store.put_async_config(&config(&function_ref("nobody"), "LATEST", None)).await;
    assert!(matches!(orphan, Err(StoreError::Conflict("function"))), "{orphan:?}");
    for qualifier in ["LATEST", "prod", "1"] {
        store.put_async_config(&config(&f, qualifier, None)).await.unwrap();
    }
    let mut changed = config(&f, "prod", Some(false));
    changed.max_retry_attempts = None;
    changed.max_event_age_s = Some(2_592_000);
    changed.on_success = None;
    changed.on_failure = Some("acs:fc:::services/a/functions/b".to_owned());
    store.put_async_config(&changed).await.unwrap();
    assert_eq!(store.get_async_config(&f, &Qualifier::from_stored("prod")).await.unwrap(), Some(changed));
    let page = store.list_async_configs(&f, &ListQuery { limit: 2, ..ListQuery::default() }).await.unwrap();
    let qualifiers: Vec<&str> = page.items.iter().map(|config| config.qualifier.as_str()).collect();
    assert_eq!((qualifiers.as_slice(), page.next_token.as_str()), (&["1", "LATEST"][..], "prod"));
    assert!(store.delete_async_config(&f, &Qualifier::from_stored("prod")).await.unwrap());
    assert!(!store.delete_async_config(&f, &Qualifier::from_stored("prod")).await.unwrap());
    assert_eq!(store.get_async_config(&f, &Qualifier::from_stored("prod")).await.unwrap(), None);
}

async fn parameters_are_replaced(db: TestDb) {
    with_functions(&db, &["f"]).await;
    let store = db.store();
    let f = function_ref("f");
    assert_eq!(store.get_task_parameters(&f).await.unwrap(), None);
    store.put_task_parameters(&f, "{\"a\":1}").await.unwrap();
    store.put_task_parameters(&f, "two").await.unwrap();
    assert_eq!(store.get_task_parameters(&f).await.unwrap().as_deref(), Some("two"));
    let orphan = store.put_task_parameters(&function_ref("nobody"), "x").await;
    assert!(matches!(orphan, Err(StoreError::Conflict("function"))), "{orphan:?}");
}

async fn c22_requests_are_kept_beside_events_and_go_with_their_function(db: TestDb) {
    with_functions(&db, &["f"]).await;
    let (store, f) = (db.store(), function_ref("f"));
    assert_eq!(store.get_http_parameters(&f).await.unwrap(), None);
    let request = |body: &str| HttpParameters {
        method: "POST".to_owned(),
        path: "/a%20b".to_owned(),
        query: vec![("q".to_owned(), "ü".to_owned()), ("q".to_owned(), String::new())],
        headers: vec![("x-a".to_owned(), "1".to_owned()), ("x-a".to_owned(), "2".to_owned())],
        content_type: "text/plain".to_owned(),
        body: body.to_owned(),
    };
    store.put_http_parameters(&f, &request("one")).await.unwrap();
    store.put_http_parameters(&f, &request("two")).await.unwrap();
    assert_eq!(store.get_http_parameters(&f).await.unwrap(), Some(request("two")));
    assert_eq!(store.get_task_parameters(&f).await.unwrap(), None);
    let orphan = store.put_http_parameters(&function_ref("nobody"), &request("")).await;
    assert!(matches!(orphan, Err(StoreError::Conflict("function"))), "{orphan:?}");
    let etag = store.get_function(&f).await.unwrap().unwrap().etag;
    store.delete_function(&f, &etag).await.unwrap();
    assert_eq!(store.get_http_parameters(&f).await.unwrap(), None);
}

async fn c21_task_functions_are_those_with_task_mode_on_any_qualifier(db: TestDb) {
    with_functions(&db, &["Alpha", "alpha", "beta", "off", "unset"]).await;
    let store = db.store();
    store.insert_service(&service("another")).await.unwrap();
    let mut elsewhere = function("alpha");
    elsewhere.service = model::ServiceName::from_stored("another");
    store.insert_function(&elsewhere, b"zip", Some(&config(&elsewhere.function_ref(), "LATEST", Some(true)))).await.unwrap();
    for (name, qualifier, mode) in [
        ("Alpha", "prod", Some(true)),
        ("Alpha", "LATEST", Some(true)),
        ("alpha", "LATEST", Some(true)),
        ("alpha", "prod", Some(false)),
        ("beta", "1", Some(true)),
        ("off", "LATEST", Some(false)),
        ("unset", "LATEST", None),
    ] {
        store.put_async_config(&config(&function_ref(name), qualifier, mode)).await.unwrap();
    }
    let check = async |part: &str, next_token: &str, limit, rows: &[&str], token: &str| {
        let query = ListQuery { prefix: part.into(), next_token: next_token.into(), limit, ..ListQuery::default() };
        let page = store.list_task_functions(&region(), &query).await.unwrap();
        let found: Vec<String> = page
            .items
            .iter()
            .map(|(function, qualifiers)| {
                let qualifiers: Vec<&str> = qualifiers.iter().map(Qualifier::as_str).collect();
                format!("{}/{} {}", function.service, function.name, qualifiers.join(","))
            })
            .collect();
        assert_eq!((found.iter().map(String::as_str).collect::<Vec<_>>().as_slice(), page.next_token.as_str()), (rows, token), "{query:?}");
    };
    check("", "", 0, &["another/alpha LATEST", "demo/Alpha LATEST,prod", "demo/alpha LATEST", "demo/beta 1"], "").await;
    check("", "", 2, &["another/alpha LATEST", "demo/Alpha LATEST,prod"], "demo/alpha").await;
    check("", "demo/alpha", 2, &["demo/alpha LATEST", "demo/beta 1"], "").await;
    check("lph", "", 0, &["another/alpha LATEST", "demo/Alpha LATEST,prod", "demo/alpha LATEST"], "").await;
    check("A", "", 0, &["demo/Alpha LATEST,prod"], "").await;
    check("%", "", 0, &[], "").await;
    let names = store.function_names(&service_ref("demo"), 10).await.unwrap();
    assert_eq!(names.iter().map(FunctionName::as_str).collect::<Vec<_>>(), ["Alpha", "alpha", "beta", "off", "unset"]);
}
