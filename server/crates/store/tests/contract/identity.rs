use crate::fixtures::at;
use engine::ports::{Store, StoredKey, StoredSecret, StoredSession, StoredUser, UserChange, UserChanged};
use model::{AccessKeyInfo, Policy, Role, SessionOrigin, SessionUser, UserInfo};
use store::each_backend;
use store::testing::TestDb;

each_backend!(
    c82_users_and_their_passwords,
    c82_who_was_there_before_is_an_administrator,
    sessions_end,
    c82_a_changed_password_ends_other_sessions,
    c82_disabled_and_deleted_users_keep_nothing_open,
    c82_an_administrator_stays,
    c82_two_administrators_cannot_remove_each_other,
    i5_3_a_key_is_as_good_as_its_user,
);

fn user(name: &str, role: Role) -> StoredUser {
    let info = UserInfo { name: name.to_owned(), role, enabled: true, created_at: at(0) };
    StoredUser { info, password_hash: format!("$argon2id$of {name}") }
}

fn session(hash: &str, name: &str, begin: i64, end: i64) -> StoredSession {
    let origin = SessionOrigin { address: "192.0.2.7".to_owned(), agent: "Firefox".to_owned() };
    StoredSession { token_hash: hash.to_owned(), user: name.to_owned(), created_at: at(begin), ends_at: at(end), origin }
}

async fn with_users(db: &TestDb, users: &[StoredUser]) -> std::sync::Arc<dyn Store> {
    let store = db.store();
    for user in users {
        assert!(store.insert_user(user, 100).await.unwrap());
    }
    store
}

async fn c82_users_and_their_passwords(db: TestDb) {
    let store = db.store();
    assert!(store.has_no_user().await.unwrap());
    assert_eq!(store.user("admin").await.unwrap(), None);
    let (admin, viewer) = (user("admin", Role::Admin), user("Viewer", Role::Viewer));
    assert!(store.insert_user(&admin, 2).await.unwrap());
    assert!(!store.insert_user(&user("admin", Role::Viewer), 2).await.unwrap(), "a name is given once");
    assert!(store.insert_user(&viewer, 2).await.unwrap());
    assert!(!store.insert_user(&user("third", Role::Viewer), 2).await.unwrap(), "no more than allowed");
    assert_eq!(store.user("admin").await.unwrap(), Some(admin.clone()));
    assert_eq!(store.user("viewer").await.unwrap(), None);
    assert_eq!(store.list_users().await.unwrap(), [viewer.info, admin.info]);
    assert!(store.put_password("admin", "$argon2id$2", at(1), "").await.unwrap());
    assert_eq!(store.user("admin").await.unwrap().unwrap().password_hash, "$argon2id$2");
    assert!(!store.put_password("nobody", "$argon2id$2", at(1), "").await.unwrap());
    assert!(!store.has_no_user().await.unwrap());
}

/// As an earlier release has stored them.
async fn c82_who_was_there_before_is_an_administrator(db: TestDb) {
    db.texts("insert into user_account (name, password_hash, created_at_ms, modified_at_ms) values ('admin', 'x', 0, 0) returning name")
        .await;
    db.texts(
        "insert into user_session (token_hash, user_name, created_at_ms, ends_at_ms) values ('one', 'admin', 0, 9) returning user_name",
    )
    .await;
    let store = db.store();
    let admin = store.user("admin").await.unwrap().unwrap();
    assert_eq!((admin.info.role, admin.info.enabled), (Role::Admin, true));
    let still = SessionUser { name: "admin".to_owned(), role: Role::Admin };
    assert_eq!(store.session_user("one", model::UnixMillis(8)).await.unwrap(), Some(still), "a session goes on");
}

async fn sessions_end(db: TestDb) {
    let store = with_users(&db, &[user("admin", Role::Admin)]).await;
    assert!(store.insert_session(&session("one", "admin", 0, 100)).await.unwrap());
    let admin = SessionUser { name: "admin".to_owned(), role: Role::Admin };
    assert_eq!(store.session_user("one", at(99)).await.unwrap(), Some(admin));
    assert_eq!(store.session_user("one", at(100)).await.unwrap(), None);
    assert_eq!(store.session_user("two", at(0)).await.unwrap(), None);
    assert_eq!(store.list_sessions("admin", at(99)).await.unwrap(), [session("one", "admin", 0, 100)]);
    assert_eq!(store.list_sessions("admin", at(100)).await.unwrap(), []);
    assert!(store.insert_session(&session("two", "admin", 101, 200)).await.unwrap());
    assert_eq!(db.texts("select token_hash from user_session").await, [["two"]], "ended ones are deleted along the way");
    assert!(!store.insert_session(&session("three", "nobody", 101, 200)).await.unwrap());
    store.delete_session("two").await.unwrap();
    store.delete_session("two").await.unwrap();
    assert_eq!(store.session_user("two", at(101)).await.unwrap(), None);
}

async fn c82_a_changed_password_ends_other_sessions(db: TestDb) {
    let store = with_users(&db, &[user("a", Role::Admin), user("b", Role::Viewer)]).await;
    for (hash, name) in [("a1", "a"), ("a2", "a"), ("a3", "a"), ("b1", "b")] {
        assert!(store.insert_session(&session(hash, name, 0, 100)).await.unwrap());
    }
    store.put_password("a", "$argon2id$2", at(1), "a2").await.unwrap();
    assert_eq!(db.texts("select token_hash from user_session order by token_hash").await, [["a2"], ["b1"]]);
    store.put_password("a", "$argon2id$3", at(2), "").await.unwrap();
    assert_eq!(db.texts("select token_hash from user_session").await, [["b1"]]);
}

async fn c82_disabled_and_deleted_users_keep_nothing_open(db: TestDb) {
    let store = with_users(&db, &[user("a", Role::Admin), user("b", Role::Operator)]).await;
    let change = async |change| store.change_user("b", change, at(1)).await.unwrap();
    assert!(store.insert_session(&session("b1", "b", 0, 100)).await.unwrap());
    assert_eq!(change(UserChange::Role(Role::Viewer)).await, UserChanged::Done);
    let now = SessionUser { name: "b".to_owned(), role: Role::Viewer };
    assert_eq!(store.session_user("b1", at(1)).await.unwrap(), Some(now), "with the role of now");
    assert_eq!(change(UserChange::Enabled(false)).await, UserChanged::Done);
    assert_eq!(store.session_user("b1", at(1)).await.unwrap(), None);
    assert!(!store.insert_session(&session("b2", "b", 1, 100)).await.unwrap(), "a disabled user opens no other");
    assert_eq!(change(UserChange::Enabled(true)).await, UserChanged::Done);
    assert_eq!(store.session_user("b1", at(1)).await.unwrap(), None, "what has ended stays so");
    assert!(store.insert_session(&session("b3", "b", 1, 100)).await.unwrap());
    assert_eq!(change(UserChange::Delete).await, UserChanged::Done);
    assert_eq!(store.session_user("b3", at(1)).await.unwrap(), None);
    assert_eq!(db.texts("select token_hash from user_session").await, [[""; 1]; 0]);
    assert_eq!(change(UserChange::Delete).await, UserChanged::NotFound);
    assert_eq!(change(UserChange::Role(Role::Admin)).await, UserChanged::NotFound);
}

async fn c82_an_administrator_stays(db: TestDb) {
    let store = with_users(&db, &[user("a", Role::Admin), user("b", Role::Admin), user("c", Role::Viewer)]).await;
    let change = async |name, change| store.change_user(name, change, at(1)).await.unwrap();
    assert_eq!(change("b", UserChange::Enabled(false)).await, UserChanged::Done);
    // One who can't sign in is no help.
    for refused in [UserChange::Delete, UserChange::Enabled(false), UserChange::Role(Role::Operator)] {
        assert_eq!(change("a", refused).await, UserChanged::LastAdmin, "{refused:?}");
    }
    assert_eq!(store.user("a").await.unwrap(), Some(user("a", Role::Admin)));
    assert_eq!(change("a", UserChange::Role(Role::Admin)).await, UserChanged::Done);
    assert_eq!(change("b", UserChange::Delete).await, UserChanged::Done);
    assert_eq!(change("c", UserChange::Role(Role::Admin)).await, UserChanged::Done);
    assert_eq!(change("a", UserChange::Delete).await, UserChanged::Done);
}

async fn c82_two_administrators_cannot_remove_each_other(db: TestDb) {
    let store = with_users(&db, &[user("a", Role::Admin), user("b", Role::Admin)]).await;
    for change in [UserChange::Role(Role::Viewer), UserChange::Enabled(false)] {
        let (one, other) = tokio::join!(store.change_user("a", change, at(1)), store.change_user("b", change, at(1)));
        let done = [one.unwrap(), other.unwrap()];
        assert!(done.contains(&UserChanged::Done) && done.contains(&UserChanged::LastAdmin), "{change:?}: {done:?}");
        for name in ["a", "b"] {
            store.change_user(name, UserChange::Role(Role::Admin), at(2)).await.unwrap();
            store.change_user(name, UserChange::Enabled(true), at(2)).await.unwrap();
        }
    }
}

async fn i5_3_a_key_is_as_good_as_its_user(db: TestDb) {
    let store = with_users(&db, &[user("a", Role::Admin), user("b", Role::Operator)]).await;
    let key = |id: &str, name: &str, role| StoredKey {
        info: AccessKeyInfo {
            id: id.to_owned(),
            name: "ci".to_owned(),
            user: name.to_owned(),
            policy: Policy::default(),
            enabled: true,
            created_at: at(0),
            last_used_at: None,
        },
        role,
        secret: StoredSecret::Sealed(vec![1]),
    };
    let (of_a, of_b, of_nobody) = (key("TYa", "a", Role::Admin), key("TYb", "b", Role::Operator), key("TYn", "nobody", Role::Admin));
    for key in [&of_a, &of_b, &of_nobody] {
        assert!(store.insert_access_key(key, 100).await.unwrap());
    }
    let found = async |id| store.access_key(id).await.unwrap();
    assert_eq!((found("TYa").await, found("TYb").await), (Some(of_a.clone()), Some(of_b.clone())));
    assert_eq!(found("TYn").await, None, "nobody answers for it");
    store.change_user("b", UserChange::Role(Role::Viewer), at(1)).await.unwrap();
    assert_eq!(found("TYb").await, Some(StoredKey { role: Role::Viewer, ..of_b.clone() }), "with the role of now");
    store.change_user("b", UserChange::Enabled(false), at(1)).await.unwrap();
    assert_eq!((found("TYa").await, found("TYb").await), (Some(of_a), None));
    store.change_user("b", UserChange::Enabled(true), at(1)).await.unwrap();
    assert!(found("TYb").await.is_some());
    store.change_user("b", UserChange::Delete, at(1)).await.unwrap();
    assert_eq!(found("TYb").await, None);
    assert_eq!(db.texts("select id from access_key order by id").await, [["TYa"], ["TYn"]], "deleted with their user");
}
