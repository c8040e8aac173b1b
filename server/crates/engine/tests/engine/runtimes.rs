//! Runtimes that can't be chosen here.

use crate::support::{World, task_mode};
use model::*;

#[tokio::test]
async fn i4_1_functions_of_container_images_and_of_what_is_not_installed_are_refused() {
    let world = World::with_config(task_mode()).await;
    let check = async |runtime: &str, part: &str| {
        let spec = FunctionSpec::new(RuntimeName::from_stored(runtime), "index.handler");
        let name = FunctionName::from_stored("other");
        let created = world.engine.create_function(&world.function.service_ref(), &name, spec, Code::Zip(Vec::new()), None).await;
        let patch = FunctionPatch { runtime: Some(RuntimeName::from_stored(runtime)), ..FunctionPatch::default() };
        let updated = world.engine.update_function(&world.function, patch, None, None).await;
        for refused in [created.unwrap_err(), updated.unwrap_err()] {
            assert_eq!((refused.code, refused.message.contains(part)), (ErrorCode::InvalidArgument, true), "{refused}");
        }
    };
    check("custom-container", "runs no container images").await;
    check("nodejs20", "'nodejs20' is not installed").await;
}
