//! What is looked for in a whole region (SC-17, SC-27), and views by name (B-05).

use crate::support::{World, task_mode};
use model::limits::{TASK_ID_CHARS_MAX, VIEWS_MAX};
use model::*;

#[tokio::test]
async fn sc17_the_tasks_of_a_region_are_listed_and_a_broken_link_is_refused() {
    let world = World::with_config(task_mode()).await;
    let region = world.function.region.clone();
    world.submit("one", "ok").await.unwrap();
    world.until("one", TaskStatus::Succeeded).await;
    let list = async |region: &Region, filter: RegionTaskFilter| world.engine.list_region_tasks(region, &filter).await;
    let found = list(&region, RegionTaskFilter::default()).await.unwrap();
    let listed: Vec<&str> = found.tasks.iter().map(|task| task.id.as_str()).collect();
    assert_eq!((listed, found.counts.total(), found.functions), (vec!["one"], 1, vec![world.function.clone()]));
    let expired = TaskFilter { next_token: "tomorrow".to_owned(), ..TaskFilter::default() };
    let refused = list(&region, RegionTaskFilter { tasks: expired, ..RegionTaskFilter::default() }).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::InvalidArgument);
    let nowhere = list(&Region::from_stored("nowhere"), RegionTaskFilter::default()).await.unwrap_err();
    assert_eq!(nowhere.code, ErrorCode::RegionNotFound);
}

#[tokio::test]
async fn sc27_what_no_name_can_be_is_not_looked_for() {
    let world = World::with_config(task_mode()).await;
    let region = world.function.region.clone();
    let find = async |text: &str| world.engine.find_in_region(&region, text).await.unwrap();
    let name = world.function.function.as_str();
    assert_eq!(find(&format!("  {name} ")).await.functions.first(), Some(&world.function));
    assert_eq!(find("  ").await, Found::default());
    assert_eq!(find(&"a".repeat(TASK_ID_CHARS_MAX + 1)).await, Found::default());
    let nowhere = world.engine.find_in_region(&Region::from_stored("nowhere"), name).await.unwrap_err();
    assert_eq!(nowhere.code, ErrorCode::RegionNotFound);
}

#[tokio::test]
async fn b05_a_user_has_so_many_views_and_no_more() {
    let world = World::with_config(task_mode()).await;
    let view = |name: String| SavedView { name, list: "/r/all-tasks".to_owned(), query: String::new() };
    for n in 0..VIEWS_MAX {
        world.engine.save_view("anna", &view(format!("v{n}"))).await.unwrap();
    }
    let refused = world.engine.save_view("anna", &view("one more".to_owned())).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::LimitExceededError);
    assert_eq!(world.engine.save_view("anna", &view(String::new())).await.unwrap_err().code, ErrorCode::InvalidArgument);
    world.engine.delete_view("anna", "/r/all-tasks", "v0").await.unwrap();
    world.engine.save_view("anna", &view("one more".to_owned())).await.unwrap();
    assert_eq!(world.engine.list_views("anna").await.unwrap().len(), usize::try_from(VIEWS_MAX).unwrap());
    assert!(world.engine.list_views("ben").await.unwrap().is_empty());
}
