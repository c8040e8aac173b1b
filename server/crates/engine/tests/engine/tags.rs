//! Tags of services (issue 5 point 3; `fc-api.md` 3.6).

use crate::support::{World, task_mode};
use model::*;

fn tags(names: impl IntoIterator<Item = u32>) -> Tags {
    Tags(names.into_iter().map(|n| (format!("k{n}"), n.to_string())).collect())
}

#[tokio::test]
async fn i5_a_service_has_a_limited_number_of_tags() {
    let world = World::with_config(task_mode()).await;
    let service = world.function.service_ref();
    let code = |refused: Result<()>| refused.unwrap_err().code;
    world.engine.tag_service(&service, tags(0..15)).await.unwrap();
    assert_eq!(code(world.engine.tag_service(&service, tags(15..21)).await), ErrorCode::LimitExceededError);
    assert_eq!(world.engine.service_tags(&service).await.unwrap(), tags(0..15), "nothing is half stored");
    // Those that it has already do not count twice.
    world.engine.tag_service(&service, tags(10..20)).await.unwrap();
    assert_eq!(world.engine.service_tags(&service).await.unwrap(), tags(0..20));
    assert_eq!(code(world.engine.tag_service(&service, tags([])).await), ErrorCode::InvalidArgument);
    let found = world.engine.list_services_tagged(&service.region, &tags([3]), &ListQuery::default()).await.unwrap();
    assert_eq!(found.items.len(), 1);
    world.engine.untag_service(&service, &Untag::All).await.unwrap();
    assert!(world.engine.list_tagged_services(&service.region, &ListQuery::default()).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn i5_tags_of_nothing_are_refused() {
    let world = World::with_config(task_mode()).await;
    let nobody = ServiceRef { service: ServiceName::parse("nobody").unwrap(), ..world.function.service_ref() };
    let codes = [
        world.engine.tag_service(&nobody, tags([1])).await.unwrap_err().code,
        world.engine.untag_service(&nobody, &Untag::All).await.unwrap_err().code,
        world.engine.service_tags(&nobody).await.unwrap_err().code,
    ];
    assert_eq!(codes, [ErrorCode::ServiceNotFound; 3]);
    let mars = Region::from_stored("mars");
    assert_eq!(world.engine.list_tagged_services(&mars, &ListQuery::default()).await.unwrap_err().code, ErrorCode::RegionNotFound);
}
