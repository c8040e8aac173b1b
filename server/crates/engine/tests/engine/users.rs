//! Users, their passwords and sessions (C-82).

use crate::support::TestClock;
use engine::ports::Store;
use engine::{IdentityService, SEALING_KEY_BYTES, Sealer};
use futures::StreamExt;
use model::*;
use std::sync::Arc;
use store::testing::TestDb;

const NOW: i64 = 1_000_000;
const RIGHT: &str = "a right password";

struct Office {
    store: Arc<dyn Store>,
    clock: Arc<TestClock>,
    service: IdentityService,
    _db: TestDb,
}

impl Office {
    async fn new() -> Self {
        let (db, clock) = (TestDb::sqlite().await, Arc::new(TestClock::new(NOW)));
        let store = db.store();
        let service = IdentityService::new(store.clone(), clock.clone(), Sealer::new(&[1; SEALING_KEY_BYTES]).unwrap());
        assert_eq!(service.ensure_admin(Some(RIGHT)).await.unwrap(), None);
        Self { store, clock, service, _db: db }
    }

    async fn enter(&self, name: &str, password: &str) -> Result<String> {
        let origin = SessionOrigin { address: "192.0.2.7".to_owned(), agent: "Fire\nfox".to_owned() };
        self.service.sign_in(name, password, &origin).await.map(|(token, _)| token)
    }

    async fn role(&self, token: &str) -> Option<Role> {
        self.service.session(token).await.unwrap().map(|user| user.role)
    }
}

#[tokio::test]
async fn c82_the_first_start_makes_an_administrator() {
    let (db, clock) = (TestDb::sqlite().await, Arc::new(TestClock::new(NOW)));
    let service = IdentityService::new(db.store(), clock, Sealer::new(&[1; SEALING_KEY_BYTES]).unwrap());
    let password = service.ensure_admin(None).await.unwrap().unwrap();
    assert_eq!(service.ensure_admin(None).await.unwrap(), None, "shown once");
    let (token, _) = service.sign_in("admin", &password, &SessionOrigin::default()).await.unwrap();
    let expected = SessionUser { name: "admin".to_owned(), role: Role::Admin };
    assert_eq!(service.session(&token).await.unwrap(), Some(expected));
}

#[tokio::test]
async fn c82_the_password_of_the_environment_is_that_of_admin() {
    let office = Office::new().await;
    let token = office.enter("admin", RIGHT).await.unwrap();
    office.service.ensure_admin(Some(RIGHT)).await.unwrap();
    assert!(office.role(&token).await.is_some(), "the same one again ends nothing");
    office.service.ensure_admin(Some("another password")).await.unwrap();
    assert_eq!(office.role(&token).await, None);
    assert!(office.enter("admin", RIGHT).await.is_err() && office.enter("admin", "another password").await.is_ok());
    // Who was deleted does not come back with the next start.
    office.service.create_user("boss", Role::Admin, Some(RIGHT)).await.unwrap();
    office.service.delete_user("admin").await.unwrap();
    assert_eq!(office.service.ensure_admin(Some(RIGHT)).await.unwrap(), None);
    assert!(office.enter("admin", RIGHT).await.is_err());
}

#[tokio::test]
async fn c82_a_user_is_made_with_a_password_given_or_generated() {
    let office = Office::new().await;
    assert_eq!(office.service.create_user("op", Role::Operator, Some(RIGHT)).await.unwrap(), None);
    let generated = office.service.create_user("view", Role::Viewer, None).await.unwrap().unwrap();
    let (op, view) = (office.enter("op", RIGHT).await.unwrap(), office.enter("view", &generated).await.unwrap());
    assert_eq!((office.role(&op).await, office.role(&view).await), (Some(Role::Operator), Some(Role::Viewer)));
    let refusals = [
        office.service.create_user("op", Role::Viewer, Some(RIGHT)).await,
        office.service.create_user("a b", Role::Viewer, Some(RIGHT)).await,
        office.service.create_user("new", Role::Viewer, Some("short")).await,
    ];
    assert!(refusals.iter().all(|result| result.as_ref().is_err_and(|error| error.code == ErrorCode::InvalidArgument)), "{refusals:?}");
    let names: Vec<_> = office.service.list_users().await.unwrap().into_iter().map(|user| user.name).collect();
    assert_eq!(names, ["admin", "op", "view"]);
    let stored = format!("{:?}", office.store.user("op").await.unwrap());
    assert!(!stored.contains("argon2") && office.store.user("op").await.unwrap().unwrap().password_hash.starts_with("$argon2id$"));
}

#[tokio::test]
async fn c82_wrong_pairs_all_get_the_same_answer() {
    let office = Office::new().await;
    office.service.create_user("gone", Role::Viewer, Some(RIGHT)).await.unwrap();
    office.service.enable_user("gone", false).await.unwrap();
    let wrong = office.enter("admin", "wrong").await.unwrap_err();
    assert_eq!(wrong.code, ErrorCode::AccessDenied);
    // A disabled user with the right password too: whoever tries learns nothing.
    for (name, password) in [("nobody", RIGHT), ("gone", RIGHT), ("gone", "wrong"), ("", "")] {
        assert_eq!(office.enter(name, password).await, Err(wrong.clone()), "{name}");
    }
    // Names that nobody has are slowed down like others.
    for name in ["gone", "nobody"] {
        for _ in 0..5 {
            drop(office.enter(name, "wrong").await);
        }
        assert_eq!(office.enter(name, "wrong").await.unwrap_err().code, ErrorCode::ResourceThrottled, "{name}");
    }
}

#[tokio::test]
async fn c82_a_changed_password_ends_the_other_sessions() {
    let office = Office::new().await;
    let (here, there) = (office.enter("admin", RIGHT).await.unwrap(), office.enter("admin", RIGHT).await.unwrap());
    let change = async |present: &str, password: &str| office.service.change_password("admin", present, password, &here).await;
    assert_eq!(change("wrong", "another password").await.unwrap_err().code, ErrorCode::AccessDenied);
    assert_eq!(change(RIGHT, "short").await.unwrap_err().code, ErrorCode::InvalidArgument);
    assert!(office.role(&there).await.is_some());
    change(RIGHT, "another password").await.unwrap();
    assert_eq!((office.role(&here).await, office.role(&there).await), (Some(Role::Admin), None));
    assert!(office.enter("admin", RIGHT).await.is_err() && office.enter("admin", "another password").await.is_ok());
    // Whoever has found an open session can't try passwords without end.
    for _ in 0..5 {
        drop(change("wrong", "a third password").await);
    }
    assert_eq!(change("another password", "a third password").await.unwrap_err().code, ErrorCode::ResourceThrottled);
}

#[tokio::test]
async fn c82_sessions_are_listed_and_ended_by_their_user() {
    let office = Office::new().await;
    let first = office.enter("admin", RIGHT).await.unwrap();
    office.clock.advance(1_000);
    let second = office.enter("admin", RIGHT).await.unwrap();
    office.service.create_user("op", Role::Operator, Some(RIGHT)).await.unwrap();
    let other = office.enter("op", RIGHT).await.unwrap();
    let listed = office.service.list_sessions("admin", &second).await.unwrap();
    let [newest, oldest] = listed.as_slice() else { panic!("{listed:?}") };
    assert_eq!((newest.is_current, oldest.is_current, oldest.created_at), (true, false, UnixMillis(NOW)));
    assert_eq!((oldest.origin.address.as_str(), oldest.origin.agent.as_str()), ("192.0.2.7", "Firefox"));
    // Somebody else's id ends nothing.
    let of_op = office.service.list_sessions("op", "").await.unwrap();
    for session in &of_op {
        office.service.end_session("admin", &session.id).await.unwrap();
    }
    assert!(office.role(&other).await.is_some());
    office.service.end_session("admin", &oldest.id).await.unwrap();
    assert_eq!((office.role(&first).await, office.role(&second).await), (None, Some(Role::Admin)));
    assert!(!oldest.id.contains(&first) && oldest.id.len() == 16);
}

#[tokio::test]
async fn c82_who_is_disabled_or_deleted_is_out_at_once_and_it_is_told() {
    let office = Office::new().await;
    office.service.create_user("op", Role::Operator, Some(RIGHT)).await.unwrap();
    let token = office.enter("op", RIGHT).await.unwrap();
    let mut told = office.service.session_changes();
    office.service.change_role("op", Role::Viewer).await.unwrap();
    assert_eq!(told.next().await, Some(()));
    assert_eq!(office.role(&token).await, Some(Role::Viewer));
    office.service.enable_user("op", false).await.unwrap();
    assert_eq!(told.next().await, Some(()));
    assert_eq!(office.role(&token).await, None);
    office.service.enable_user("op", true).await.unwrap();
    assert_eq!(told.next().await, Some(()));
    let token = office.enter("op", RIGHT).await.unwrap();
    office.service.reset_password("op", Some("a new password")).await.unwrap();
    assert_eq!((told.next().await, office.role(&token).await), (Some(()), None));
    office.service.delete_user("op").await.unwrap();
    assert!(office.enter("op", "a new password").await.is_err());
    let last = [office.service.delete_user("admin").await, office.service.change_role("admin", Role::Viewer).await];
    assert!(last.iter().all(|result| result.as_ref().is_err_and(|error| error.message.contains("only administrator"))), "{last:?}");
    assert_eq!(office.service.delete_user("op").await.unwrap_err().code, ErrorCode::AccountEntityNotFound);
}

#[tokio::test]
async fn i5_3_keys_belong_to_users() {
    let office = Office::new().await;
    office.service.create_user("op", Role::Operator, Some(RIGHT)).await.unwrap();
    let spec = AccessKeySpec { name: "ci".to_owned(), policy: Policy::default() };
    let key = office.service.create_access_key(&spec, "op").await.unwrap();
    assert_eq!(key.role, Role::Operator);
    let found = async || office.service.access_key(&key.id).await.unwrap().map(|key| key.role);
    office.service.change_role("op", Role::Invoker).await.unwrap();
    assert_eq!(found().await, Some(Role::Invoker));
    office.service.enable_user("op", false).await.unwrap();
    assert_eq!(found().await, None);
    assert_eq!(office.service.list_access_keys().await.unwrap().first().map(|key| key.user.clone()), Some("op".to_owned()));
    assert_eq!(office.service.create_access_key(&spec, "nobody").await.unwrap_err().code, ErrorCode::AccountEntityNotFound);
}
