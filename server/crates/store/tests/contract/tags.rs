//! Tags of services.

use crate::fixtures::{region, service, service_ref};
use engine::ports::{Store, StoreError};
use model::{ListQuery, Region, Service, ServiceRef, TaggedService, Tags, Untag};
use store::each_backend;
use store::testing::TestDb;

each_backend!(
    i5_tags_are_set_replaced_and_removed,
    i5_tags_go_with_their_service,
    i5_tagged_services_are_listed_by_page,
    i5_services_are_found_by_their_tags,
);

fn tags(pairs: &[(&str, &str)]) -> Tags {
    Tags(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
}

async fn with_services(store: &dyn Store, names: &[&str]) {
    for name in names {
        store.insert_service(&service(name)).await.unwrap();
    }
}

async fn i5_tags_are_set_replaced_and_removed(db: TestDb) {
    let store = db.store();
    with_services(&*store, &["a", "b"]).await;
    let (a, b) = (service_ref("a"), service_ref("b"));
    let of = async |service: &ServiceRef| store.get_tags(service).await.unwrap();
    assert_eq!(of(&a).await, Tags::default());
    store.put_tags(&a, &tags(&[("k", "1"), ("K", "2"), ("\u{fc}", ""), ("n", "x\u{0}y")])).await.unwrap();
    store.put_tags(&b, &tags(&[("k", "b")])).await.unwrap();
    store.put_tags(&a, &tags(&[("k", "new"), ("more", "m")])).await.unwrap();
    assert_eq!(of(&a).await, tags(&[("k", "new"), ("K", "2"), ("\u{fc}", ""), ("n", "x\u{fffd}y"), ("more", "m")]));
    let named = |names: &[&str]| Untag::Named(names.iter().map(|name| (*name).to_owned()).collect());
    store.delete_tags(&a, &named(&["k", "nothing", "more"])).await.unwrap();
    store.delete_tags(&a, &named(&[])).await.unwrap();
    assert_eq!(of(&a).await, tags(&[("K", "2"), ("\u{fc}", ""), ("n", "x\u{fffd}y")]));
    store.delete_tags(&a, &Untag::All).await.unwrap();
    assert_eq!((of(&a).await, of(&b).await), (Tags::default(), tags(&[("k", "b")])));
}

async fn i5_tags_go_with_their_service(db: TestDb) {
    let store = db.store();
    let nowhere = store.put_tags(&service_ref("a"), &tags(&[("k", "v")])).await;
    assert!(matches!(nowhere, Err(StoreError::Conflict("service"))), "{nowhere:?}");
    with_services(&*store, &["a"]).await;
    store.put_tags(&service_ref("a"), &tags(&[("k", "v")])).await.unwrap();
    // Other writes of the service leave them.
    let changed = Service { etag: "e2".to_owned(), ..service("a") };
    store.update_service(&changed, "e1").await.unwrap();
    assert_eq!(store.get_tags(&service_ref("a")).await.unwrap(), tags(&[("k", "v")]));
    store.delete_service(&service_ref("a"), "e2").await.unwrap();
    with_services(&*store, &["a"]).await;
    assert_eq!(store.get_tags(&service_ref("a")).await.unwrap(), Tags::default());
}

async fn i5_tagged_services_are_listed_by_page(db: TestDb) {
    let store = db.store();
    with_services(&*store, &["a", "b", "c", "d", "e"]).await;
    let elsewhere = Service { region: Region::from_stored("cn-shanghai"), ..service("a") };
    store.insert_service(&elsewhere).await.unwrap();
    for name in ["a", "c", "d"] {
        store.put_tags(&service_ref(name), &tags(&[("k", name), ("l", "x")])).await.unwrap();
    }
    let shanghai = ServiceRef { region: elsewhere.region.clone(), service: elsewhere.name.clone() };
    store.put_tags(&shanghai, &tags(&[("k", "s")])).await.unwrap();
    let check = async |token: &str, limit, expected: &[&str], next: &str| {
        let query = ListQuery { next_token: token.to_owned(), limit, ..ListQuery::default() };
        let page = store.list_tagged(&region(), &query).await.unwrap();
        let one = |name: &&str| TaggedService { service: service_ref(name), tags: tags(&[("k", *name), ("l", "x")]) };
        assert_eq!((page.items, page.next_token.as_str()), (expected.iter().map(one).collect(), next), "{query:?}");
    };
    check("", 0, &["a", "c", "d"], "").await;
    check("", 2, &["a", "c"], "d").await;
    check("d", 2, &["d"], "").await;
    check("e", 2, &[], "").await;
    let there = store.list_tagged(&elsewhere.region, &ListQuery::default()).await.unwrap();
    assert_eq!(there.items, [TaggedService { service: shanghai, tags: tags(&[("k", "s")]) }]);
}

async fn i5_services_are_found_by_their_tags(db: TestDb) {
    let store = db.store();
    with_services(&*store, &["a", "b", "c", "d"]).await;
    store.put_tags(&service_ref("a"), &tags(&[("k", "1"), ("l", "2")])).await.unwrap();
    store.put_tags(&service_ref("b"), &tags(&[("k", "1"), ("l", "3")])).await.unwrap();
    store.put_tags(&service_ref("c"), &tags(&[("k", "1"), ("l", "2")])).await.unwrap();
    store.put_tags(&service_ref("d"), &tags(&[("l", "1"), ("k", "2")])).await.unwrap();
    let check = async |wanted: &[(&str, &str)], prefix: &str, limit, expected: &[&str], next: &str| {
        let query = ListQuery { prefix: prefix.to_owned(), limit, ..ListQuery::default() };
        let page = store.list_services_tagged(&region(), &tags(wanted), &query).await.unwrap();
        let names: Vec<&str> = page.items.iter().map(|service| service.name.as_str()).collect();
        assert_eq!((names.as_slice(), page.next_token.as_str()), (expected, next), "{wanted:?}");
    };
    check(&[("k", "1")], "", 0, &["a", "b", "c"], "").await;
    check(&[("k", "1"), ("l", "2")], "", 0, &["a", "c"], "").await;
    check(&[("k", "1"), ("l", "2")], "", 1, &["a"], "c").await;
    check(&[("k", "1")], "b", 0, &["b"], "").await;
    check(&[("K", "1")], "", 0, &[], "").await;
    check(&[("k", "")], "", 0, &[], "").await;
}
