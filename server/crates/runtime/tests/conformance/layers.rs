//! Layers as a function finds them (`fc-api.md` 5.8).

use crate::harness::{Bench, PYTHON, invocation};
use engine::ports::Invocation;
use serde_json::{Value, json};

fn with_layers(handler: &str, packages: &[&str]) -> Invocation {
    let mut call = invocation(PYTHON, "layered", handler, "");
    call.function.spec.extra.insert("layers".to_owned(), json!(packages));
    // As another configuration has: instances of the last one are not for it.
    call.function.etag = packages.join(" ");
    call
}

#[tokio::test]
async fn i5_a_function_sees_its_layers_in_their_order() {
    let bench = Bench::new().await;
    let (hello, basic) = (include_str!("../fixtures/python/hello/index.py"), include_str!("../fixtures/python/basic/index.py"));
    let check = async |packages: &[&str], files: &[&str], text: &str| {
        let seen: Value = serde_json::from_str(&bench.result(with_layers("seen", packages)).await).unwrap();
        assert_eq!(seen, json!({"files": files, "text": text}), "{packages:?}");
    };
    check(&["python-hello", "python-basic"], &["index.py"], hello).await;
    check(&["python-basic", "nodejs-hello", "python-hello"], &["index.js", "index.py"], basic).await;
    assert_eq!(bench.result(with_layers("none", &[])).await, "no layers");
}

#[tokio::test]
async fn i5_a_layer_that_cannot_be_had_is_the_functions_error() {
    let bench = Bench::new().await;
    let message =
        async |packages: &[&str]| bench.start_error(&with_layers("seen", packages)).await["errorMessage"].as_str().unwrap().to_owned();
    assert_eq!(message(&["python-hello", "gone"]).await, "a layer of the function does not exist any more");
    assert!(message(&["garbage"]).await.contains("not a ZIP archive"));
}
