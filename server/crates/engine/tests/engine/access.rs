//! Access keys and the audit (issue 5 point 3, C-86).

use crate::support::{TestClock, World, task_mode};
use engine::ports::{Store, StoredKey, StoredSecret};
use engine::{AuditService, IdentityService, SEALING_KEY_BYTES, Sealer};
use model::*;
use std::sync::Arc;
use store::testing::TestDb;
use tokio_util::sync::CancellationToken;

const NOW: i64 = 1_000_000;

fn identity(store: &Arc<dyn Store>, clock: &Arc<TestClock>, sealing_key: u8) -> IdentityService {
    IdentityService::new(store.clone(), clock.clone(), Sealer::new(&[sealing_key; SEALING_KEY_BYTES]).unwrap())
}

fn named(name: &str) -> AccessKeySpec {
    AccessKeySpec { name: name.to_owned(), policy: Policy::default() }
}

#[tokio::test]
async fn i5_many_keys_each_with_its_policy() {
    let (db, clock) = (TestDb::sqlite().await, Arc::new(TestClock::new(NOW)));
    let keys = identity(&db.store(), &clock, 1);
    let first = keys.ensure_access_key(None).await.unwrap().unwrap();
    assert_eq!(keys.ensure_access_key(None).await.unwrap(), None, "only the very first start makes one");
    let policy = Policy::parse("read-only", "demo").unwrap();
    let second = keys.create_access_key(&AccessKeySpec { policy: policy.clone(), ..named("ci") }, "admin").await.unwrap();
    assert_eq!(keys.access_key(&first.id).await.unwrap(), Some(first.clone()));
    assert_eq!(keys.access_key(&second.id).await.unwrap(), Some(second.clone()));
    assert_ne!(first.secret, second.secret);
    let listed = keys.list_access_keys().await.unwrap();
    let names: Vec<_> = listed.iter().map(|key| (key.name.as_str(), &key.policy)).collect();
    assert!(names.contains(&("ci", &policy)) && names.contains(&("first key", &Policy::default())), "{names:?}");
    assert_eq!(keys.create_access_key(&named(""), "admin").await.unwrap_err().code, ErrorCode::InvalidArgument);

    keys.enable_access_key(&second.id, false).await.unwrap();
    assert_eq!(keys.access_key(&second.id).await.unwrap(), None);
    keys.delete_access_key(&first.id).await.unwrap();
    let missing = [keys.delete_access_key(&first.id).await, keys.enable_access_key(&first.id, true).await];
    assert!(missing.iter().all(|result| result.as_ref().is_err_and(|error| error.code == ErrorCode::AccountEntityNotFound)));
}

#[tokio::test]
async fn i5_secrets_are_sealed_and_open_with_their_key_only() {
    let (db, clock) = (TestDb::sqlite().await, Arc::new(TestClock::new(NOW)));
    let store = db.store();
    // As an earlier release has stored it.
    let info = AccessKeyInfo {
        id: "LTAIold".to_owned(),
        name: "first key".to_owned(),
        user: "admin".to_owned(),
        policy: Policy::default(),
        enabled: true,
        created_at: UnixMillis(NOW),
        last_used_at: None,
    };
    let secret = StoredSecret::Plain("an old secret".to_owned());
    store.put_access_key(&StoredKey { info, role: Role::Admin, secret }).await.unwrap();
    let keys = identity(&store, &clock, 1);
    assert_eq!(keys.check_secrets().await.unwrap(), [""; 0]);
    assert_eq!(db.texts("select secret from access_key").await, [[""]]);
    assert_eq!(keys.access_key("LTAIold").await.unwrap().unwrap().secret, "an old secret");
    let new = keys.create_access_key(&named("new"), "admin").await.unwrap();
    assert_eq!(keys.check_secrets().await.unwrap(), [""; 0], "again changes nothing");

    let mut closed = identity(&store, &clock, 2).check_secrets().await.unwrap();
    closed.sort();
    assert_eq!(closed, ["LTAIold", new.id.as_str()]);
    assert!(identity(&store, &clock, 2).access_key(&new.id).await.is_err(), "and no call is let in by chance");
}

#[tokio::test]
async fn i5_a_use_is_written_at_most_once_a_minute() {
    let (db, clock) = (TestDb::sqlite().await, Arc::new(TestClock::new(NOW)));
    let keys = Arc::new(identity(&db.store(), &clock, 1));
    let key = keys.create_access_key(&named("ci"), "admin").await.unwrap();
    let draining = CancellationToken::new();
    let writing = tokio::spawn({
        let (keys, draining) = (keys.clone(), draining.clone());
        async move { keys.write_uses(draining).await }
    });
    let used = async || keys.list_access_keys().await.unwrap()[0].last_used_at.map(|at| at.0);
    let pass = async |ms: i64| {
        clock.advance(ms);
        clock.until_asleep(5_000..=5_000).await;
    };
    pass(0).await;
    keys.note_use(&key.id);
    assert_eq!(used().await, None, "a call writes nothing");
    pass(5_000).await;
    assert_eq!(used().await, Some(NOW));
    for _ in 0..10 {
        keys.note_use(&key.id);
        pass(5_000).await;
        assert_eq!(used().await, Some(NOW));
    }
    pass(5_000).await;
    assert_eq!(used().await, Some(NOW + 50_000), "a minute after the one before");
    keys.note_use(&key.id);
    draining.cancel();
    writing.await.unwrap();
    assert_eq!(used().await, Some(NOW + 60_000), "a server that ends writes what is left");
}

#[tokio::test]
async fn c86_entries_are_kept_as_long_as_tasks() {
    const DAY: i64 = 86_400_000;
    let world = World::tuned(TestDb::sqlite().await, task_mode(), |config| config.retention_days = 1).await;
    let audit = AuditService::new(world.store.clone());
    let entry = AuditEntry {
        at: UnixMillis(NOW),
        actor_kind: ActorKind::User,
        actor: "admin".to_owned(),
        address: "::1".to_owned(),
        action: Action::SignIn.as_str().to_owned(),
        resource: "users/admin".to_owned(),
        region: String::new(),
        outcome: "OK".to_owned(),
        request_id: "r".to_owned(),
    };
    audit.record(entry.clone()).await;
    let kept = async || audit.list_audit(&AuditQuery::default()).await.unwrap().items;
    assert_eq!(kept().await, [entry]);
    world.clock.until_asleep(600_000..=600_000).await;
    world.clock.advance(DAY);
    world.clock.until_asleep(600_000..=600_000).await;
    assert_eq!(kept().await.len(), 1, "just a day old");
    world.clock.advance(600_000);
    world.clock.until_asleep(600_000..=600_000).await;
    assert_eq!(kept().await, []);
}
