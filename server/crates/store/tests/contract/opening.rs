use crate::fixtures::{function_ref, insert, task};
use engine::ports::StoreError;
use std::os::unix::fs::PermissionsExt;
use store::testing::TestDb;
use store::{LogPlace, OpenError, each_backend, open};

each_backend!(a_newer_schema_is_refused, opening_twice_keeps_what_is_stored);

#[tokio::test]
async fn one_server_at_a_time_on_a_sqlite_file() {
    let db = TestDb::sqlite().await;
    let refused = open(db.url(), db.data_dir(), &LogPlace::Database).await.err();
    let text = refused.as_ref().map(ToString::to_string).unwrap_or_default();
    assert!(matches!(refused, Some(OpenError::InUse { holder: Some(pid), .. }) if pid == std::process::id()), "{text}");
    assert!(text.contains(&format!("(process {})", std::process::id())), "{text}");
    db.reopened().await;
}

#[tokio::test]
async fn p7_sqlite_files_are_private() {
    let db = TestDb::sqlite().await;
    insert(&*db.store(), task("t")).await;
    let mut modes = Vec::new();
    for entry in std::fs::read_dir(db.data_dir()).unwrap() {
        let entry = entry.unwrap();
        modes.push((entry.file_name().into_string().unwrap(), entry.metadata().unwrap().permissions().mode() & 0o777));
    }
    modes.sort();
    let names = ["taskyard.db", "taskyard.db-shm", "taskyard.db-wal", "taskyard.db.lock"];
    let files = names.map(|name| (name.to_owned(), 0o600));
    // The folder for large chunks of logs comes first by its name.
    assert_eq!(modes, [("logs".to_owned(), 0o700)].into_iter().chain(files).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_data_dir_is_made_and_names_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("a/b");
    let store = open("sqlite:", &data_dir, &LogPlace::Database).await.unwrap();
    insert(&*store, task("t")).await;
    assert!(data_dir.join("taskyard.db").exists());
    assert_eq!(std::fs::metadata(&data_dir).unwrap().permissions().mode() & 0o777, 0o700);
}

#[tokio::test]
async fn bad_urls_say_what_is_wrong_without_the_password() {
    let folder = tempfile::tempdir().unwrap();
    let text =
        async |url: &str| open(url, folder.path(), &LogPlace::Database).await.err().map(|error| error.to_string()).unwrap_or_default();
    let mysql = text("mysql://root:secret@host/db").await;
    assert!(mysql.contains("neither sqlite:FILE nor postgres://") && !mysql.contains("secret"), "{mysql}");
    let nowhere = text("postgres://u:secret@127.0.0.1:1/db").await;
    assert!(nowhere.contains("can't be opened") && !nowhere.contains("secret"), "{nowhere}");
    let no_folder = text("sqlite:/proc/nothing/here.db").await;
    assert!(no_folder.contains("/proc/nothing"), "{no_folder}");
}

#[tokio::test]
async fn p8_a_lost_connection_is_unavailable_and_then_there_again() {
    let Some(db) = TestDb::postgres().await else { return };
    let store = db.store();
    insert(&*store, task("t")).await;
    db.texts(
        "select cast(pg_terminate_backend(pid) as text) from pg_stat_activity \
         where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'",
    )
    .await;
    let mut failures = 0;
    loop {
        match store.count_tasks(&function_ref("f")).await {
            Ok(counts) => break assert_eq!(counts.total(), 1),
            Err(StoreError::Unavailable(_)) if failures < 8 => failures += 1,
            Err(other) => panic!("after {failures} failures: {other}"),
        }
    }
}

async fn a_newer_schema_is_refused(db: TestDb) {
    db.texts(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
         select 9999, 'future', success, checksum, 0 from _sqlx_migrations where version = 1 returning description",
    )
    .await;
    let url = db.url().to_owned();
    let folder = db.data_dir().to_owned();
    let refused = if db.is_sqlite() {
        let copy = folder.join("copy.db");
        for suffix in ["", "-wal"] {
            std::fs::copy(folder.join(format!("taskyard.db{suffix}")), format!("{}{suffix}", copy.display())).unwrap();
        }
        open(&format!("sqlite:{}", copy.display()), &folder, &LogPlace::Database).await.err()
    } else {
        open(&url, &folder, &LogPlace::Database).await.err()
    };
    assert!(matches!(refused, Some(OpenError::Newer(9999))), "{refused:?}");
}

async fn opening_twice_keeps_what_is_stored(db: TestDb) {
    insert(&*db.store(), task("t")).await;
    let db = db.reopened().await.reopened().await;
    assert_eq!(db.store().count_tasks(&function_ref("f")).await.unwrap().total(), 1);
}
