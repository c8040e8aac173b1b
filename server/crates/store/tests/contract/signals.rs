use engine::ports::{SIGNAL_BYTES_MAX, StoreError};
use store::testing::TestDb;

#[tokio::test]
async fn texts_of_one_server_are_heard_by_every_server_in_order() {
    let Some(db) = TestDb::postgres().await else { return };
    let (one, other) = (db.store(), db.other_handle().await);
    let mut hearings = [one.hear_signals().await.unwrap().unwrap(), other.hear_signals().await.unwrap().unwrap()];
    let longest = "ä'\\".repeat(SIGNAL_BYTES_MAX / 4);
    for text in ["first", "second", &longest] {
        one.send_signal(text).await.unwrap();
    }
    for hearing in &mut hearings {
        for text in ["first", "second", &longest] {
            assert_eq!(hearing.next().await.unwrap(), text);
        }
    }
}

#[tokio::test]
async fn a_lost_connection_is_told_and_the_next_one_hears() {
    let Some(db) = TestDb::postgres().await else { return };
    let store = db.store();
    let mut hearing = store.hear_signals().await.unwrap().unwrap();
    store.send_signal("before").await.unwrap();
    assert_eq!(hearing.next().await.unwrap(), "before");
    let end = "select pg_terminate_backend(pid)::text from pg_stat_activity \
               where datname = current_database() and application_name = 'taskyard signals'";
    assert_eq!(db.texts(end).await, [["true"], ["true"]]);
    let lost = hearing.next().await.unwrap_err();
    assert!(matches!(lost, StoreError::Unavailable(_)), "{lost}");
    let mut hearing = store.hear_signals().await.unwrap().unwrap();
    store.send_signal("after").await.unwrap();
    assert_eq!(hearing.next().await.unwrap(), "after");
}

#[tokio::test]
async fn a_store_with_one_server_hears_nobody() {
    let store = TestDb::sqlite().await.store();
    assert!(store.hear_signals().await.unwrap().is_none());
    store.send_signal("x").await.unwrap();
}
