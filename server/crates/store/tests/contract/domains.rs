//! Custom domains.

use crate::fixtures::{function, region, service};
use engine::ports::{Store, StoreError};
use model::{CustomDomain, DomainName, DomainRef, DomainSpec, ListQuery, Region, UnixMillis};
use store::each_backend;
use store::testing::TestDb;

each_backend!(
    i5_1_a_domain_is_stored_changed_and_deleted,
    i5_1_a_name_belongs_to_one_region,
    i5_1_domains_are_listed_by_name,
    i5_1_a_request_finds_its_domain_and_else_its_wildcard,
);

fn at(name: &str) -> DomainRef {
    DomainRef { region: region(), name: DomainName::from_stored(name) }
}

fn made(name: &str) -> CustomDomain {
    CustomDomain { at: at(name), spec: DomainSpec::default(), created_at: UnixMillis(5), modified_at: UnixMillis(6), etag: "e1".to_owned() }
}

async fn to(store: &dyn Store, host: &str) -> Option<(String, String)> {
    let found = store.domain_of_host(&DomainName::from_stored(host)).await.unwrap();
    found.map(|found| (found.at.name.to_string(), found.etag.clone()))
}

async fn i5_1_a_domain_is_stored_changed_and_deleted(db: TestDb) {
    let store = db.store();
    store.insert_domain(&made("a.b"), 2).await.unwrap();
    assert_eq!(store.get_domain(&at("a.b")).await.unwrap(), Some(made("a.b")));
    let taken = store.insert_domain(&made("a.b"), 2).await;
    assert!(matches!(taken, Err(StoreError::Exists("custom domain"))), "{taken:?}");
    store.insert_domain(&made("c.d"), 2).await.unwrap();
    let full = store.insert_domain(&made("e.f"), 2).await;
    assert!(matches!(full, Err(StoreError::Full("custom domains"))), "{full:?}");
    assert_eq!(store.get_domain(&at("e.f")).await.unwrap(), None, "nothing is half stored");
    let changed = CustomDomain { spec: DomainSpec { waf: Some(true), ..DomainSpec::default() }, etag: "e2".to_owned(), ..made("a.b") };
    store.update_domain(&changed, "e1").await.unwrap();
    let stale = store.update_domain(&made("a.b"), "e1").await;
    assert!(matches!(stale, Err(StoreError::Conflict("custom domain"))), "{stale:?}");
    assert_eq!(store.get_domain(&at("a.b")).await.unwrap(), Some(changed));
    let stale = store.delete_domain(&at("a.b"), "e1").await;
    assert!(matches!(stale, Err(StoreError::Conflict("custom domain"))), "{stale:?}");
    store.delete_domain(&at("a.b"), "e2").await.unwrap();
    assert_eq!(store.get_domain(&at("a.b")).await.unwrap(), None);
}

async fn i5_1_a_name_belongs_to_one_region(db: TestDb) {
    let store = db.store();
    store.insert_domain(&made("a.b"), 9).await.unwrap();
    let elsewhere = DomainRef { region: Region::from_stored("elsewhere"), ..at("a.b") };
    let taken = store.insert_domain(&CustomDomain { at: elsewhere.clone(), ..made("a.b") }, 9).await;
    assert!(matches!(taken, Err(StoreError::Exists("custom domain"))), "{taken:?}");
    assert_eq!(store.get_domain(&elsewhere).await.unwrap(), None);
    assert!(store.delete_domain(&elsewhere, "e1").await.is_err());
    assert_eq!(store.list_domains(&elsewhere.region, &ListQuery::default()).await.unwrap().items, []);
}

async fn i5_1_domains_are_listed_by_name(db: TestDb) {
    let store = db.store();
    for name in ["b.example", "a.example", "*.example", "c.org"] {
        store.insert_domain(&made(name), 9).await.unwrap();
    }
    let check = async |query: ListQuery, expected: &[&str], next: &str| {
        let page = store.list_domains(&region(), &query).await.unwrap();
        let found: Vec<String> = page.items.iter().map(|found| found.at.name.to_string()).collect();
        assert_eq!((found, page.next_token.as_str()), (expected.iter().map(|name| (*name).to_owned()).collect(), next), "{query:?}");
    };
    let query = |token: &str, prefix: &str, limit| ListQuery {
        next_token: token.to_owned(),
        prefix: prefix.to_owned(),
        limit,
        ..ListQuery::default()
    };
    check(query("", "", 2), &["*.example", "a.example"], "b.example").await;
    check(query("b.example", "", 2), &["b.example", "c.org"], "").await;
    check(query("", "b", 0), &["b.example"], "").await;
}

async fn i5_1_a_request_finds_its_domain_and_else_its_wildcard(db: TestDb) {
    let store = db.store();
    assert_eq!(to(&*store, "a.example.org").await, None);
    for name in ["a.example.org", "*.example.org"] {
        store.insert_domain(&made(name), 9).await.unwrap();
    }
    let found = |name: &str, etag: &str| Some((name.to_owned(), etag.to_owned()));
    assert_eq!(to(&*store, "a.example.org").await, found("a.example.org", "e1"));
    assert_eq!(to(&*store, "b.example.org").await, found("*.example.org", "e1"));
    assert_eq!(to(&*store, "b.a.example.org").await, None);
    assert_eq!(to(&*store, "example.org").await, None);
    // What was found before is not answered after a change, nor after a write of something else.
    store.update_domain(&CustomDomain { etag: "e2".to_owned(), ..made("a.example.org") }, "e1").await.unwrap();
    assert_eq!(to(&*store, "a.example.org").await, found("a.example.org", "e2"));
    store.insert_service(&service("demo")).await.unwrap();
    store.insert_function(&function("f"), b"zip", None).await.unwrap();
    assert_eq!(to(&*store, "a.example.org").await, found("a.example.org", "e2"));
    store.delete_domain(&at("a.example.org"), "e2").await.unwrap();
    assert_eq!(to(&*store, "a.example.org").await, found("*.example.org", "e1"));
}
