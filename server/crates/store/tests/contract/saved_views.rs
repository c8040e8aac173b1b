//! B-05: views of lists by name.

use crate::fixtures::at;
use engine::ports::Store;
use model::SavedView;
use store::each_backend;
use store::testing::TestDb;

each_backend!(
    b05_each_user_has_views_of_their_own,
    b05_a_name_is_unique_in_its_list_and_saving_again_changes_the_view,
    b05_no_more_than_so_many_are_kept,
);

fn view(list: &str, name: &str, query: &str) -> SavedView {
    SavedView { list: list.to_owned(), name: name.to_owned(), query: query.to_owned() }
}

async fn save(store: &dyn Store, user: &str, view: &SavedView) -> bool {
    store.put_view(user, view, at(0), 3).await.unwrap()
}

async fn b05_each_user_has_views_of_their_own(db: TestDb) {
    let store = db.store();
    let (of_anna, of_ben) = (view("/r/all-tasks", "Mine ä", "?status=Failed"), view("/r/all-tasks", "Mine ä", "?status=Running"));
    assert!(save(&*store, "anna", &of_anna).await && save(&*store, "ben", &of_ben).await);
    store.delete_view("ben", "/r/all-tasks", "none").await.unwrap();
    assert_eq!(store.list_views("anna").await.unwrap(), std::slice::from_ref(&of_anna));
    store.delete_view("ben", "/r/all-tasks", "Mine ä").await.unwrap();
    assert_eq!(store.list_views("anna").await.unwrap(), [of_anna]);
    assert!(store.list_views("ben").await.unwrap().is_empty());
}

async fn b05_a_name_is_unique_in_its_list_and_saving_again_changes_the_view(db: TestDb) {
    let store = db.store();
    let (first, changed, elsewhere) = (view("/r/all-tasks", "n", "?a=1"), view("/r/all-tasks", "n", "?a=2"), view("/a/all-tasks", "n", ""));
    for view in [&first, &elsewhere, &changed] {
        assert!(save(&*store, "anna", view).await);
    }
    assert_eq!(store.list_views("anna").await.unwrap(), [elsewhere, changed]);
}

async fn b05_no_more_than_so_many_are_kept(db: TestDb) {
    let store = db.store();
    for name in ["a", "b", "c"] {
        assert!(save(&*store, "anna", &view("/r/all-tasks", name, "")).await);
    }
    assert!(!save(&*store, "anna", &view("/r/all-tasks", "d", "")).await);
    // What is there can be changed.
    assert!(save(&*store, "anna", &view("/r/all-tasks", "c", "?x=1")).await);
    assert_eq!(store.list_views("anna").await.unwrap().len(), 3);
    assert!(save(&*store, "ben", &view("/r/all-tasks", "d", "")).await);
}
