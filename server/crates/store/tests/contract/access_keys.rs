use crate::fixtures::at;
use engine::ports::{StoredKey, StoredSecret};
use model::{AccessKeyInfo, Policy, Role, UnixMillis};
use store::each_backend;
use store::testing::TestDb;

each_backend!(
    i5_keys_are_kept_as_they_were_made,
    i5_a_key_put_again_keeps_its_name_and_policy,
    i5_disabled_and_deleted_keys_are_not_found,
    i5_there_are_no_more_keys_than_allowed,
    i5_the_last_use_never_goes_back,
    i5_a_secret_in_clear_is_sealed_once_and_leaves_nothing,
);

fn key(id: &str, created_ms: i64) -> StoredKey {
    let policy = Policy::parse("read-only", "demo other").unwrap();
    let info = AccessKeyInfo {
        id: id.to_owned(),
        name: format!("name of {id}"),
        user: "admin".to_owned(),
        policy,
        enabled: true,
        created_at: at(created_ms),
        last_used_at: None,
    };
    StoredKey { info, role: Role::Admin, secret: StoredSecret::Sealed(vec![0, 1, 255]) }
}

async fn i5_keys_are_kept_as_they_were_made(db: TestDb) {
    let store = db.store();
    assert_eq!(store.list_access_keys().await.unwrap(), []);
    let (one, two) = (key("TY1", 1), key("TY2", 0));
    for key in [&one, &two] {
        assert!(store.insert_access_key(key, 100).await.unwrap());
    }
    assert_eq!(store.access_key("TY1").await.unwrap(), Some(one.clone()));
    assert_eq!(store.access_key("ty1").await.unwrap(), None);
    assert_eq!(store.list_access_keys().await.unwrap(), [two, one], "the oldest first");
    assert!(store.insert_access_key(&key("TY1", 2), 100).await.is_err(), "an id is given once");
}

async fn i5_a_key_put_again_keeps_its_name_and_policy(db: TestDb) {
    let store = db.store();
    store.insert_access_key(&key("TY1", 0), 100).await.unwrap();
    store.enable_access_key("TY1", false, at(1)).await.unwrap();
    let mut again = key("TY1", 5);
    again.info.name = "another".to_owned();
    again.info.policy = Policy::default();
    again.secret = StoredSecret::Sealed(vec![9]);
    store.put_access_key(&again).await.unwrap();
    let expected = StoredKey { secret: again.secret.clone(), ..key("TY1", 0) };
    assert_eq!(store.access_key("TY1").await.unwrap(), Some(expected));
    store.put_access_key(&key("TY2", 6)).await.unwrap();
    assert_eq!(store.access_key("TY2").await.unwrap(), Some(key("TY2", 6)));
}

async fn i5_disabled_and_deleted_keys_are_not_found(db: TestDb) {
    let store = db.store();
    store.insert_access_key(&key("TY1", 0), 100).await.unwrap();
    assert!(store.access_key("TY1").await.unwrap().is_some());
    assert!(store.enable_access_key("TY1", false, at(1)).await.unwrap());
    assert_eq!(store.access_key("TY1").await.unwrap(), None);
    assert!(!store.list_access_keys().await.unwrap()[0].info.enabled);
    assert!(store.enable_access_key("TY1", true, at(2)).await.unwrap());
    assert!(store.access_key("TY1").await.unwrap().is_some());
    assert!(store.delete_access_key("TY1").await.unwrap());
    assert_eq!(store.access_key("TY1").await.unwrap(), None);
    assert!(!store.delete_access_key("TY1").await.unwrap());
    assert!(!store.enable_access_key("TY1", true, at(3)).await.unwrap());
    assert_eq!(store.list_access_keys().await.unwrap(), []);
}

async fn i5_there_are_no_more_keys_than_allowed(db: TestDb) {
    let store = db.store();
    assert!(store.insert_access_key(&key("TY1", 0), 2).await.unwrap());
    assert!(store.insert_access_key(&key("TY2", 1), 2).await.unwrap());
    assert!(!store.insert_access_key(&key("TY3", 2), 2).await.unwrap());
    assert_eq!(store.list_access_keys().await.unwrap().len(), 2);
}

async fn i5_the_last_use_never_goes_back(db: TestDb) {
    let store = db.store();
    store.insert_access_key(&key("TY1", 0), 100).await.unwrap();
    let used = async |ms: i64| -> Option<UnixMillis> {
        store.note_key_use("TY1", at(ms)).await.unwrap();
        store.access_key("TY1").await.unwrap().unwrap().info.last_used_at
    };
    assert_eq!(used(5).await, Some(at(5)));
    assert_eq!(used(4).await, Some(at(5)), "another server has seen a later one");
    assert_eq!(used(6).await, Some(at(6)));
}

async fn i5_a_secret_in_clear_is_sealed_once_and_leaves_nothing(db: TestDb) {
    let store = db.store();
    let clear = "a-secret-in-clear-0123456789";
    store.put_access_key(&StoredKey { secret: StoredSecret::Plain(clear.to_owned()), ..key("TY1", 0) }).await.unwrap();
    assert_eq!(store.access_key("TY1").await.unwrap().unwrap().secret, StoredSecret::Plain(clear.to_owned()));
    assert!(!db.is_sqlite() || is_in_files(&db, clear), "the look into the files finds what is there");
    store.seal_access_key("TY1", &[1, 2]).await.unwrap();
    store.seal_access_key("TY1", &[3, 4]).await.unwrap();
    assert_eq!(store.access_key("TY1").await.unwrap().unwrap().secret, StoredSecret::Sealed(vec![1, 2]), "the first one stays");
    assert_eq!(db.texts("select secret from access_key").await, [[""]]);
    assert!(!db.is_sqlite() || !is_in_files(&db, clear), "in a file of the database");
}

/// Whether any file in the database's folder holds the text.
fn is_in_files(db: &TestDb, text: &str) -> bool {
    let files = std::fs::read_dir(db.data_dir()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    files.map(|path| std::fs::read(path).unwrap()).any(|bytes| bytes.windows(text.len()).any(|part| part == text.as_bytes()))
}
