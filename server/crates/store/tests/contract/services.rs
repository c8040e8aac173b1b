use crate::fixtures::{function, region, service, service_ref};
use engine::ports::StoreError;
use model::{ListQuery, Region};
use store::each_backend;
use store::testing::TestDb;

each_backend!(
    is_read_back_and_its_name_is_taken,
    lists_by_prefix_start_and_page,
    names_are_ordered_by_bytes,
    update_needs_the_current_etag,
    delete_needs_the_current_etag_and_no_functions,
);

async fn is_read_back_and_its_name_is_taken(db: TestDb) {
    let store = db.store();
    let mut demo = service("demo");
    demo.spec.extra.insert("vpcConfig".to_owned(), serde_json::json!({ "a": [1.5, "\u{0}"] }));
    store.insert_service(&demo).await.unwrap();
    assert_eq!(store.get_service(&service_ref("demo")).await.unwrap(), Some(demo.clone()));
    assert_eq!(store.get_service(&service_ref("Demo")).await.unwrap(), None);
    let again = store.insert_service(&service("demo")).await;
    assert!(matches!(again, Err(StoreError::Exists("service"))), "{again:?}");
    assert_eq!(store.get_service(&service_ref("demo")).await.unwrap(), Some(demo.clone()));

    let mut elsewhere = demo;
    elsewhere.region = Region::from_stored("cn-shanghai");
    store.insert_service(&elsewhere).await.unwrap();
    assert_eq!(store.list_services(&region(), &ListQuery::default()).await.unwrap().items.len(), 1);
}

async fn lists_by_prefix_start_and_page(db: TestDb) {
    let store = db.store();
    for name in ["a", "b-1", "b-2", "b-3", "b_4", "c"] {
        store.insert_service(&service(name)).await.unwrap();
    }
    let check = async |prefix: &str, start_key: &str, next_token: &str, limit, names: &[&str], token: &str| {
        let query = ListQuery { prefix: prefix.into(), start_key: start_key.into(), next_token: next_token.into(), limit };
        let page = store.list_services(&region(), &query).await.unwrap();
        let found: Vec<&str> = page.items.iter().map(|service| service.name.as_str()).collect();
        assert_eq!((found.as_slice(), page.next_token.as_str()), (names, token), "{query:?}");
    };
    check("", "", "", 0, &["a", "b-1", "b-2", "b-3", "b_4", "c"], "").await;
    check("", "", "", 2, &["a", "b-1"], "b-2").await;
    check("", "", "b-2", 2, &["b-2", "b-3"], "b_4").await;
    check("", "c", "b_4", 2, &["b_4", "c"], "").await;
    check("b-", "", "", 0, &["b-1", "b-2", "b-3"], "").await;
    check("b-", "", "", 3, &["b-1", "b-2", "b-3"], "").await;
    check("b-", "b-2", "", 0, &["b-2", "b-3"], "").await;
    check("b-", "a", "", 1, &["b-1"], "b-2").await;
    check("b", "c", "", 0, &[], "").await;
    // Not a pattern: neither of them matches anything but itself.
    check("b%", "", "", 0, &[], "").await;
    check("b_", "", "", 0, &["b_4"], "").await;
    check("\u{0}", "", "", 0, &[], "").await;
}

async fn names_are_ordered_by_bytes(db: TestDb) {
    let store = db.store();
    for name in ["a", "B", "_", "a-1", "a1", "A"] {
        store.insert_service(&service(name)).await.unwrap();
    }
    let page = store.list_services(&region(), &ListQuery::default()).await.unwrap();
    let names: Vec<String> = page.items.into_iter().map(|service| service.name.to_string()).collect();
    assert_eq!(names, ["A", "B", "_", "a", "a-1", "a1"]);
}

async fn update_needs_the_current_etag(db: TestDb) {
    let store = db.store();
    store.insert_service(&service("demo")).await.unwrap();
    let mut changed = service("demo");
    changed.spec.description = "new".to_owned();
    changed.etag = "e2".to_owned();
    changed.modified_at = changed.modified_at.plus_ms(5);
    let stale = store.update_service(&changed, "e0").await;
    assert!(matches!(stale, Err(StoreError::Conflict("service"))), "{stale:?}");
    store.update_service(&changed, "e1").await.unwrap();
    assert_eq!(store.get_service(&service_ref("demo")).await.unwrap(), Some(changed.clone()));
    let twice = store.update_service(&changed, "e1").await;
    assert!(matches!(twice, Err(StoreError::Conflict("service"))), "{twice:?}");
    changed.name = model::ServiceName::from_stored("nobody");
    assert!(matches!(store.update_service(&changed, "e2").await, Err(StoreError::Conflict("service"))));
}

async fn delete_needs_the_current_etag_and_no_functions(db: TestDb) {
    let store = db.store();
    store.insert_service(&service("demo")).await.unwrap();
    for name in ["one", "two", "three"] {
        store.insert_function(&function(name), b"zip", None).await.unwrap();
    }
    let full = store.delete_service(&service_ref("demo"), "e1").await;
    assert!(matches!(full, Err(StoreError::NotEmpty("service"))), "{full:?}");
    let names = store.function_names(&service_ref("demo"), 2).await.unwrap();
    assert_eq!(names.iter().map(model::FunctionName::as_str).collect::<Vec<_>>(), ["one", "three"]);
    for name in ["one", "two", "three"] {
        store.delete_function(&function(name).function_ref(), "e1").await.unwrap();
    }
    let stale = store.delete_service(&service_ref("demo"), "e0").await;
    assert!(matches!(stale, Err(StoreError::Conflict("service"))), "{stale:?}");
    store.delete_service(&service_ref("demo"), "e1").await.unwrap();
    assert_eq!(store.get_service(&service_ref("demo")).await.unwrap(), None);
    assert!(matches!(store.delete_service(&service_ref("demo"), "e1").await, Err(StoreError::Conflict("service"))));
}
