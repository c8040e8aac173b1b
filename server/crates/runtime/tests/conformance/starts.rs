//! What the platform leaves out to start fast must not be missed, and must stay left out.

use crate::harness::{Bench, NODEJS, PYTHON, again, invocation};
use engine::ports::Executor;
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn python_has_loaded_next_to_nothing_when_the_function_comes() {
    let bench = Bench::new().await;
    let modules = bench.result(invocation(PYTHON, "start", "modules", "")).await;
    for heavy in ["asyncio", "json", "logging", "os", "re", "site", "socket", "traceback"] {
        assert!(!modules.split(' ').any(|name| name == heavy), "{heavy} in {modules}");
    }
}

#[tokio::test]
async fn python_results_are_those_of_the_json_module() {
    let bench = Bench::with(|config| config.search_path = std::env::var_os("PATH").unwrap()).await;
    for row in bench.executor.runtimes() {
        if row.language != model::Language::Python || !row.is_installed() {
            continue;
        }
        let call = |handler: &str| {
            let mut call = invocation(PYTHON, "start", handler, "");
            call.function.spec.runtime = row.name.clone();
            call.function.id = format!("{handler} on {}", row.name);
            call
        };
        let expected = bench.result(call("text_of_value")).await;
        assert_eq!(bench.result(call("value")).await, expected, "{}", row.name);
        let strange = call("strange");
        let id = strange.request_id.clone();
        let (_, error) = bench.error(strange).await;
        let message = error["errorMessage"].as_str().unwrap();
        assert!(message.starts_with("Object of type") && message.ends_with("is not JSON serializable"), "{message}");
        let lines = bench.logs.texts(&id);
        assert!(!lines.iter().any(|line| line.contains("During handling")), "the error is the only one: {lines:?}");
        assert_eq!(bench.result(call("taught")).await, r#"{"strange": ["taught"]}"#, "{}", row.name);
    }
}

#[tokio::test]
async fn nodejs_needs_no_streams_for_its_first_request() {
    let bench = Bench::new().await;
    let call = invocation(NODEJS, "start", "modules", "");
    let has_net = |modules: &str| modules.lines().any(|name| name == "NativeModule net");
    let modules = bench.result(call.clone()).await;
    assert!(!has_net(&modules), "{modules}");
    assert!(has_net(&bench.result(again(&call, "")).await), "the second request comes over a stream");
}

#[tokio::test]
async fn nodejs_turns_to_its_own_work_when_no_request_comes() {
    let bench = Bench::new().await;
    let mut call = invocation(NODEJS, "start", "turned", "");
    call.function.spec.environment.insert("GREETING".to_owned(), "turned".to_owned());
    let instance = bench.executor.acquire(&call, &CancellationToken::new()).await.unwrap();
    bench.logs.wait_for(&call.request_id, "turned").await;
    let outcome = instance.run(again(&call, ""), CancellationToken::new()).await;
    assert_eq!(outcome.end, engine::ports::End::Succeeded { result: b"served".to_vec() });
}

#[tokio::test]
async fn nodejs_serves_whatever_the_code_has_put_in_the_place_of_its_functions() {
    let bench = Bench::new().await;
    let mut call = invocation(NODEJS, "start", "patched", "");
    call.function.spec.environment.insert("GREETING".to_owned(), "patched".to_owned());
    for _ in 0..2 {
        assert_eq!(bench.result(again(&call, "")).await, "served");
    }
}

#[tokio::test]
async fn nodejs_lines_are_in_the_log_of_their_request_whichever_way_they_took() {
    let bench = Bench::new().await;
    for (handler, expected) in [("ways", vec!["straight"]), ("both_ways", vec!["straight", "by the stream", "straight again"])] {
        let call = invocation(NODEJS, "start", handler, "");
        for _ in 0..2 {
            let call = again(&call, "");
            let id = call.request_id.clone();
            assert_eq!(bench.result(call).await, "served");
            let lines = bench.logs.texts(&id);
            let own: Vec<&str> = lines.iter().map(String::as_str).filter(|line| expected.contains(line)).collect();
            assert_eq!(own, expected, "{handler}: {lines:?}");
        }
    }
}
