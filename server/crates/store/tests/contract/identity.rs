use crate::fixtures::at;
use store::each_backend;
use store::testing::TestDb;

each_backend!(users_and_their_passwords, sessions_end);

async fn users_and_their_passwords(db: TestDb) {
    let store = db.store();
    assert!(store.has_no_user().await.unwrap());
    assert_eq!(store.password_hash("admin").await.unwrap(), None);
    store.put_user("admin", "$argon2id$1", at(0)).await.unwrap();
    store.put_user("admin", "$argon2id$2", at(1)).await.unwrap();
    assert_eq!(store.password_hash("admin").await.unwrap().as_deref(), Some("$argon2id$2"));
    assert_eq!(store.password_hash("Admin").await.unwrap(), None);
    assert!(!store.has_no_user().await.unwrap());
}

async fn sessions_end(db: TestDb) {
    let store = db.store();
    store.insert_session("one", "admin", at(0), at(100)).await.unwrap();
    assert_eq!(store.session_user("one", at(99)).await.unwrap().as_deref(), Some("admin"));
    assert_eq!(store.session_user("one", at(100)).await.unwrap(), None);
    assert_eq!(store.session_user("two", at(0)).await.unwrap(), None);
    store.insert_session("two", "admin", at(101), at(200)).await.unwrap();
    assert_eq!(db.texts("select token_hash from user_session").await, [["two"]], "ended ones are deleted along the way");
    store.delete_session("two").await.unwrap();
    store.delete_session("two").await.unwrap();
    assert_eq!(store.session_user("two", at(101)).await.unwrap(), None);
}
