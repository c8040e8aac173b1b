//! Runtimes that can't be chosen here.

use crate::support::{World, task_mode};
use model::*;

#[tokio::test]
async fn i4_1_functions_of_container_images_and_of_what_is_not_installed_are_refused() {
    let world = World::with_config(task_mode()).await;
    let check = async |runtime: &str, part: &str| {
        let mut spec = FunctionSpec::new(RuntimeName::from_stored(runtime), "index.handler");
        spec.extra.insert("customContainerConfig".to_owned(), serde_json::json!({ "image": "localhost/a:1" }));
        let name = FunctionName::from_stored("other");
        let created = world.engine.create_function(&world.function.service_ref(), &name, spec, Code::Zip(Vec::new()), None).await;
        let patch =
            FunctionPatch { runtime: Some(RuntimeName::from_stored(runtime)), extra: spec.extra.clone(), ..FunctionPatch::default() };
        let updated = world.engine.update_function(&world.function, patch, None, None).await;
        for refused in [created.unwrap_err(), updated.unwrap_err()] {
            assert_eq!((refused.code, refused.message.contains(part)), (ErrorCode::InvalidArgument, true), "{refused}");
        }
    };
    check("custom-container", "needs podman or Docker").await;
    check("nodejs20", "'nodejs20' is not installed").await;
}
