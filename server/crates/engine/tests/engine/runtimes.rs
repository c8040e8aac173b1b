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
        let created = world.engine.create_function(&world.function.service_ref(), &name, spec.clone(), Code::Zip(Vec::new()), None).await;
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

#[tokio::test]
async fn i4_1_a_function_of_an_image_needs_no_code_and_takes_none() {
    let world = World::with_config(task_mode()).await;
    world.executor.install_images();
    let service = world.function.service_ref();
    let mut spec = FunctionSpec::new(RuntimeName::from_stored(RuntimeName::CONTAINER), "index.handler");
    let create = async |name: &str, spec: &FunctionSpec, code: Code| {
        world.engine.create_function(&service, &FunctionName::from_stored(name), spec.clone(), code, None).await
    };
    let refused = create("other", &spec, Code::Zip(Vec::new())).await.unwrap_err();
    assert!(refused.message.starts_with("customContainerConfig.image"), "{refused}");
    spec.extra.insert("customContainerConfig".to_owned(), serde_json::json!({ "image": "localhost/a:1" }));
    let refused = create("other", &spec, Code::Zip(b"PK".to_vec())).await.unwrap_err();
    assert!(refused.message.starts_with("code is not allowed"), "{refused}");
    for (name, code) in [("api", Code::Zip(Vec::new())), ("console", Code::Sample)] {
        let made = create(name, &spec, code).await.unwrap();
        let found = world.engine.get_function(&made.function_ref()).await.unwrap();
        assert_eq!(found.spec.container().unwrap().image, "localhost/a:1");
        assert_eq!(world.engine.get_code(&made.function_ref()).await.unwrap().len(), 22, "an archive with nothing in it");
    }
}
