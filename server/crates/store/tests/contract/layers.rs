//! Layers and their versions.

use crate::fixtures::{function, region, service};
use engine::ports::Store;
use model::{Function, LayerName, LayerRef, LayerSpec, LayerVersion, LayerVersionRef, ListQuery, UnixMillis};
use store::each_backend;
use store::testing::TestDb;

each_backend!(
    i5_layer_versions_are_numbered_and_no_number_is_given_twice,
    i5_layers_are_listed_by_their_latest_version,
    i5_a_layer_that_a_function_has_is_kept_for_it,
);

fn layer(name: &str) -> LayerRef {
    LayerRef { region: region(), layer: LayerName::from_stored(name) }
}

fn at(name: &str, version: u32) -> LayerVersionRef {
    LayerVersionRef { layer: layer(name), version }
}

fn made(name: &str, version: u32, package: &str) -> LayerVersion {
    LayerVersion {
        at: at(name, version),
        spec: LayerSpec {
            description: format!("of {package}"),
            license: "MIT".to_owned(),
            compatible_runtimes: vec!["python3".to_owned()],
        },
        is_public: false,
        package_id: package.to_owned(),
        code_size: 3,
        code_checksum: "7".to_owned(),
        created_at: UnixMillis(5),
    }
}

async fn add(store: &dyn Store, name: &str, package: &str) -> u32 {
    store.insert_layer_version(&made(name, 0, package), package.as_bytes()).await.unwrap()
}

async fn i5_layer_versions_are_numbered_and_no_number_is_given_twice(db: TestDb) {
    let store = db.store();
    assert_eq!((add(&*store, "a", "p1").await, add(&*store, "b", "p1").await, add(&*store, "a", "p2").await), (1, 1, 2));
    assert_eq!(store.get_layer_version(&at("a", 2), false).await.unwrap(), Some(made("a", 2, "p2")));
    assert!(store.delete_layer_version(&at("a", 2), UnixMillis(9)).await.unwrap());
    assert!(!store.delete_layer_version(&at("a", 2), UnixMillis(9)).await.unwrap());
    assert_eq!(store.get_layer_version(&at("a", 2), true).await.unwrap(), None, "no function has it");
    assert_eq!(store.get_code("p2").await.unwrap(), None);
    assert_eq!(add(&*store, "a", "p3").await, 3);
    // A package that another layer has stays.
    assert!(store.delete_layer_version(&at("a", 1), UnixMillis(9)).await.unwrap());
    assert_eq!(store.get_code("p1").await.unwrap(), Some(b"p1".to_vec()));
    assert!(store.put_layer_acl(&layer("a"), true).await.unwrap());
    assert!(store.get_layer_version(&at("a", 3), false).await.unwrap().unwrap().is_public);
    assert!(!store.put_layer_acl(&layer("none"), true).await.unwrap());
}

async fn i5_layers_are_listed_by_their_latest_version(db: TestDb) {
    let store = db.store();
    for name in ["a", "b", "a", "c", "a"] {
        add(&*store, name, "p").await;
    }
    let query = |token: &str, prefix: &str, limit| ListQuery {
        next_token: token.to_owned(),
        prefix: prefix.to_owned(),
        limit,
        ..ListQuery::default()
    };
    let check = async |query: ListQuery, expected: &[(&str, u32)], next: &str| {
        let page = store.list_layers(&region(), &query).await.unwrap();
        let found: Vec<(String, u32)> = page.items.iter().map(|found| (found.at.layer.layer.to_string(), found.at.version)).collect();
        let expected: Vec<(String, u32)> = expected.iter().map(|(name, version)| ((*name).to_owned(), *version)).collect();
        assert_eq!((found, page.next_token.as_str()), (expected, next), "{query:?}");
    };
    check(query("", "", 2), &[("a", 3), ("b", 1)], "c").await;
    check(query("c", "", 2), &[("c", 1)], "").await;
    check(query("", "b", 0), &[("b", 1)], "").await;
    let versions = async |start, limit| {
        let page = store.list_layer_versions(&layer("a"), start, limit).await.unwrap();
        (page.items.iter().map(|found| found.at.version).collect::<Vec<_>>(), page.next_token)
    };
    assert_eq!(versions(1, 2).await, (vec![1, 2], "3".to_owned()));
    assert_eq!(versions(3, 2).await, (vec![3], String::new()));
    store.delete_layer_version(&at("a", 3), UnixMillis(9)).await.unwrap();
    check(query("", "a", 0), &[("a", 2)], "").await;
}

async fn i5_a_layer_that_a_function_has_is_kept_for_it(db: TestDb) {
    let store = db.store();
    for package in ["p1", "p2"] {
        add(&*store, "a", package).await;
    }
    store.insert_service(&service("demo")).await.unwrap();
    let mut using = Function { package_id: "zip".to_owned(), ..function("f") };
    using.spec.extra.insert("layers".to_owned(), serde_json::json!([format!("acs:fc:::{}", at("a", 1).path())]));
    store.insert_function(&using, b"zip", None).await.unwrap();
    assert!(store.delete_layer_version(&at("a", 1), UnixMillis(9)).await.unwrap());
    assert_eq!(store.get_layer_version(&at("a", 1), false).await.unwrap(), None);
    assert_eq!(store.get_layer_version(&at("a", 1), true).await.unwrap(), Some(made("a", 1, "p1")));
    assert_eq!(store.get_code("p1").await.unwrap(), Some(b"p1".to_vec()));
    assert!(!store.delete_layer_version(&at("a", 1), UnixMillis(9)).await.unwrap());
    // Once it has gone, the next deletion takes the layer along.
    store.delete_function(&using.function_ref(), &using.etag).await.unwrap();
    store.delete_layer_version(&at("a", 2), UnixMillis(10)).await.unwrap();
    assert_eq!(store.get_layer_version(&at("a", 1), true).await.unwrap(), None);
    assert_eq!(store.get_code("p1").await.unwrap(), None);
}
