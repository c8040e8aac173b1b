//! Tasks that ended badly, by what went wrong (B-17, SC-23).

use crate::support::{World, task_mode};
use model::*;

#[tokio::test]
async fn sc23_a_group_is_dismissed_up_to_now_and_no_further() {
    let world = World::with_config(AsyncConfigPatch { max_retry_attempts: Some(0), ..task_mode() }).await;
    let region = world.function.region.clone();
    let listed = async || world.engine.list_dead_letters(&region, None).await.unwrap().groups;
    world.submit("one", "fail").await.unwrap();
    world.until("one", TaskStatus::Failed).await;
    let groups = listed().await;
    assert_eq!((groups.len(), groups[0].count, groups[0].sample.as_str()), (1, 1, "one"));
    assert_eq!(groups[0].key.error_kind, "UnhandledInvocationError");
    // However far ahead somebody wants to look away.
    world.engine.dismiss_dead_letters(&groups[0].key, UnixMillis(i64::MAX)).await.unwrap();
    assert!(listed().await.is_empty());
    world.clock.advance(1_000);
    world.submit("two", "fail").await.unwrap();
    world.until("two", TaskStatus::Failed).await;
    let groups = listed().await;
    assert_eq!((groups.len(), groups[0].count, groups[0].sample.as_str()), (1, 1, "two"));
    let nowhere = world.engine.list_dead_letters(&Region::from_stored("nowhere"), None).await.unwrap_err();
    assert_eq!(nowhere.code, ErrorCode::RegionNotFound);
}
