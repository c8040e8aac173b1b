use crate::fixtures::{at, ended, failed, function_ref, region};
use engine::ports::Store;
use model::{DeadLetterKey, DeadLetters, Region, TaskStatus};
use store::each_backend;
use store::testing::TestDb;

each_backend!(
    sc23_tasks_that_ended_badly_are_grouped_by_function_state_and_error,
    sc23_a_dismissed_group_is_back_when_its_error_comes_again,
);

fn key(status: TaskStatus, kind: &str) -> DeadLetterKey {
    DeadLetterKey { function: function_ref("f"), status, error_kind: kind.to_owned() }
}

async fn listed(store: &dyn Store) -> DeadLetters {
    store.dead_letters(&region(), None).await.unwrap()
}

/// State, kind, count and sample of each group.
fn lines(found: &DeadLetters) -> Vec<String> {
    let line = |group: &model::DeadLetterGroup| format!("{} {} {} {}", group.key.status, group.key.error_kind, group.count, group.sample);
    found.groups.iter().map(line).collect()
}

async fn sc23_tasks_that_ended_badly_are_grouped_by_function_state_and_error(db: TestDb) {
    let store = db.store();
    failed(store.as_ref(), "one", "K", 10).await;
    failed(store.as_ref(), "two", "L", 20).await;
    failed(store.as_ref(), "three", "K", 30).await;
    ended(store.as_ref(), "good", TaskStatus::Succeeded, 40).await;
    ended(store.as_ref(), "stopped", TaskStatus::Stopping, 50).await;
    let found = listed(store.as_ref()).await;
    assert_eq!(lines(&found), ["Failed K 2 three", "Failed L 1 two"]);
    assert!(!found.is_partial);
    let first = &found.groups[0];
    assert_eq!((first.first_at, first.last_at, first.message.as_str()), (at(10), at(30), "why three failed"));
    assert_eq!(first.key, key(TaskStatus::Failed, "K"));
    // By the start of the tasks, as the list has it.
    assert_eq!(lines(&store.dead_letters(&region(), Some(at(20))).await.unwrap()), ["Failed K 1 three", "Failed L 1 two"]);
    assert_eq!(store.dead_letters(&Region::from_stored("elsewhere"), None).await.unwrap(), DeadLetters::default());
}

async fn sc23_a_dismissed_group_is_back_when_its_error_comes_again(db: TestDb) {
    let store = db.store();
    failed(store.as_ref(), "one", "K", 10).await;
    failed(store.as_ref(), "two", "L", 20).await;
    store.dismiss_dead_letters(&key(TaskStatus::Failed, "K"), at(10)).await.unwrap();
    assert_eq!(lines(&listed(store.as_ref()).await), ["Failed L 1 two"]);
    failed(store.as_ref(), "three", "K", 30).await;
    let found = listed(store.as_ref()).await;
    assert_eq!(lines(&found), ["Failed K 1 three", "Failed L 1 two"]);
    assert_eq!((found.groups[0].dismissed_until, found.groups[1].dismissed_until), (Some(at(10)), None));
    store.dismiss_dead_letters(&key(TaskStatus::Failed, "K"), at(30)).await.unwrap();
    assert_eq!(lines(&listed(store.as_ref()).await), ["Failed L 1 two"]);
    // Forgotten with the tasks that it was about.
    store.prune_bulks(at(31), 5).await.unwrap();
    assert_eq!(lines(&listed(store.as_ref()).await), ["Failed K 2 three", "Failed L 1 two"]);
}
