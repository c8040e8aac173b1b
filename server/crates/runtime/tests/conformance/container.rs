//! Functions of container images (`fc-api.md` 5.5): the fixtures of the custom runtime, from an image that is made of this machine's files.

use crate::{
    harness::{
        Bench, FixtureCode, Language, MemoryLogs, OFFLINE, again, config, http_request, invocation, is_running, marked_processes, survivors,
    },
    images::Shelf,
    server_death::wait_for_ends,
    visits::{output_of, until},
};
use engine::{
    clock::SystemClock,
    ports::{AcquireError, End, Executor, Invocation},
};
use model::{RuntimeName, ServiceName};
use runtime::{ContainerEngine, ProcessExecutor};
use serde_json::{Value, json};
use std::{fs, path::PathBuf, process::Stdio, sync::Arc};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};
use tokio_util::sync::CancellationToken;

const CONTAINER: Language = Language { fixtures: "container", runtime: RuntimeName::CONTAINER };
const UNHANDLED: &str = "UnhandledInvocationError";

/// A call of a fixture in the image, without a network.
fn offline(shelf: &Shelf, fixture: &str, handler: &str, event: &str) -> Invocation {
    let mut call = online(shelf, fixture, handler, event);
    call.function.service = ServiceName::from_stored(OFFLINE);
    call.function.id.push_str(" offline");
    call
}

fn online(shelf: &Shelf, fixture: &str, handler: &str, event: &str) -> Invocation {
    with_config(json!({ "image": shelf.image, "args": format!("[\"{fixture}\"]") }), fixture, handler, event)
}

fn with_config(config: Value, fixture: &str, handler: &str, event: &str) -> Invocation {
    let mut call = invocation(CONTAINER, fixture, handler, event);
    call.function.id = format!("{config} {handler}");
    call.function.spec.extra.insert("customContainerConfig".to_owned(), config);
    call
}

/// Kind and text of the error of an instance that does not start.
async fn refusal(bench: &Bench, call: &Invocation) -> (&'static str, String) {
    match bench.executor.acquire(call, &CancellationToken::new()).await {
        Err(AcquireError::FunctionError { kind, body, .. }) => {
            let error: Value = serde_json::from_slice(&body).unwrap();
            (kind, error["errorMessage"].as_str().unwrap().to_owned())
        }
        Err(error) => panic!("{error:?}"),
        Ok(_) => panic!("the instance started"),
    }
}

fn installed(bench: &Bench) -> Option<String> {
    bench.executor.runtimes().into_iter().find(|row| row.name.is_container()).unwrap().interpreter
}

#[tokio::test]
async fn i4_1_images_serve_events_and_http_requests_as_custom_runtimes_do() {
    let Some(shelf) = Shelf::open() else { return };
    let bench = shelf.bench().await;
    assert!(installed(&bench).unwrap().starts_with("podman "));
    let mut call = offline(&shelf, "basic", "environment", "");
    call.function.spec.environment.insert("OWN".to_owned(), "ü".to_owned());
    let seen: Value = serde_json::from_str(&bench.result(call.clone()).await).unwrap();
    for (name, value) in [("FROM_IMAGE", "yes"), ("OWN", "ü"), ("FC_SERVER_PORT", "9000"), ("FC_FUNCTION_HANDLER", "index.environment")] {
        assert_eq!(seen[name], value, "{name}");
    }
    assert_eq!(seen["LD_LIBRARY_PATH"], Value::Null, "the system's paths are not the image's");
    let (first, _) = bench.invoke(again(&call, "")).await;
    assert_eq!(bench.invoke(again(&call, "")).await.0, first, "the instance serves on");
    let logging = offline(&shelf, "basic", "logs", "");
    bench.result(logging.clone()).await;
    let lines = bench.logs.texts(&logging.request_id);
    assert!(["plain", "to stderr", "no line feed"].iter().all(|text| lines.iter().any(|line| line == text)), "{lines:?}");
    let (kind, error) = bench.error(offline(&shelf, "basic", "fail", "")).await;
    assert_eq!((kind, error["errorMessage"].as_str()), (UNHANDLED, Some("bad input: ü")));
    let request = http_request(&offline(&shelf, "http", "handler", ""), "PUT", "/a", "q=1", "bödy");
    let (_, outcome) = bench.invoke(request).await;
    let End::Answered { head, body } = outcome.end else { panic!("{outcome:?}") };
    assert_eq!(head.status, 201);
    assert!(String::from_utf8(body).unwrap().contains("q=1"));
}

#[tokio::test]
async fn i4_1_with_a_network_instances_of_images_get_ports_of_their_own() {
    let Some(shelf) = Shelf::open() else { return };
    let bench = shelf.bench().await;
    let mut ports = Vec::new();
    for id in ["a", "b"] {
        let mut call = online(&shelf, "basic", "environment", "");
        call.function.id = id.to_owned();
        let seen: Value = serde_json::from_str(&bench.result(call).await).unwrap();
        ports.push(seen["FC_SERVER_PORT"].clone());
    }
    assert_ne!(ports[0], ports[1]);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let (_, error) = bench.error(offline(&shelf, "nasty", "connects", &port)).await;
    assert!(error["errorMessage"].as_str().unwrap().contains("refused"), "{error}");
}

#[tokio::test]
async fn i4_1_an_image_that_can_t_be_started_is_named() {
    let Some(shelf) = Shelf::open() else { return };
    let bench = shelf.bench().await;
    let check = async |config: Value, code: &str, text: &str| {
        let (kind, message) = refusal(&bench, &with_config(config, "basic", "hello", "")).await;
        assert!(kind == code && message.contains(text), "{kind} {message}");
    };
    let image = &shelf.image;
    check(json!({ "image": "localhost/not-here:1" }), "CAFileNotFound", "image 'localhost/not-here:1' is not on this server").await;
    check(json!({ "image": image, "command": ["/nothere"] }), "CAExited", "exit code 127").await;
    check(json!({ "image": image, "command": "[\"sh\"]", "args": "[\"-c\",\"exit 3\"]" }), "CAExited", "exit code 3").await;
    let owner = fs::read_to_string(bench.data_dir.path().join("owner")).unwrap();
    assert_eq!(marked_processes(&format!("TASKYARD_OWNER={owner}")), [0; 0]);
}

#[tokio::test]
async fn i4_1_an_instance_of_an_image_is_nobody_alone_and_writes_where_it_likes() {
    let Some(shelf) = Shelf::open() else { return };
    let bench = shelf.bench().await;
    let seen: Value = serde_json::from_str(&bench.result(offline(&shelf, "nasty", "identity", "")).await).unwrap();
    assert!(seen["uid"].as_u64().unwrap() >= 30_000, "{seen}");
    assert_eq!((&seen["capabilities"], &seen["noNewPrivs"], &seen["seccomp"]), (&json!(0), &json!("1"), &json!("2")));
    assert!(seen["processes"].as_u64().unwrap() <= 2, "{seen}");
    let mut call = offline(&shelf, "nasty", "identity", "");
    call.function.spec.environment.insert("LD_DEBUG".to_owned(), "libs".to_owned());
    call.function.id.push_str(" debug");
    let id = call.request_id.clone();
    bench.result(call).await;
    let lines = bench.logs.texts(&id);
    let loaded = |name: &str| lines.iter().any(|line| line.contains(name));
    assert!(loaded("libc.so") && !loaded("libcap-ng"), "a function's variables reach only its own programs: {lines:?}");
    let data_dir = bench.data_dir.path().canonicalize().unwrap();
    let hidden = [data_dir.display().to_string(), "/usr/share/doc".to_owned(), "/sys".to_owned(), "/root".to_owned()];
    let event = serde_json::to_string(&hidden).unwrap();
    assert_eq!(bench.result(offline(&shelf, "nasty", "reads", &event)).await, "[]");
    let places = json!(["/", "/srv/nasty", "/usr/bin", "/etc", "/tmp", "/srv/made", "/dev", "/proc", "/run/taskyard"]);
    let mut call = offline(&shelf, "nasty", "writes", &places.to_string());
    let written: Value = serde_json::from_str(&bench.result(call.clone()).await).unwrap();
    assert_eq!(written, json!(["/", "/srv/nasty", "/usr/bin", "/etc", "/tmp", "/srv/made"]));
    // What one has written, the next one does not find.
    call = offline(&shelf, "nasty", "reads", r#"["/srv/nasty/made-by-a-function", "/srv/nasty/index.py", "/srv/nasty/dev/kept"]"#);
    assert_eq!(bench.result(call).await, r#"["/srv/nasty/index.py", "/srv/nasty/dev/kept"]"#);
    let (_, error) = bench.error(offline(&shelf, "nasty", "disk", "")).await;
    let message = error["errorMessage"].as_str().unwrap();
    let megabytes: u64 = message.strip_prefix("No space left on device after ").unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!((500..=512).contains(&megabytes), "{message}");
}

#[tokio::test]
async fn i4_1_out_of_memory_and_time_end_the_instance_of_an_image() {
    let Some(shelf) = Shelf::open() else { return };
    let bench = shelf.bench().await;
    let (kind, error) = bench.error(offline(&shelf, "nasty", "memory", "")).await;
    assert_eq!((kind, error["errorMessage"].as_str()), (UNHANDLED, Some("Function instance exited unexpectedly (OOM)")));
    let mut slow = offline(&shelf, "stop", "handler", "daemon");
    slow.function.spec.timeout_s = 1;
    let (id, outcome) = bench.invoke(slow).await;
    let End::FunctionError { body, .. } = outcome.end else { panic!("{outcome:?}") };
    assert!(String::from_utf8(body).unwrap().contains("timed out after 1 seconds"));
    assert_eq!(survivors(&id), [0; 0]);
}

#[tokio::test]
async fn i4_1_a_stopped_instance_of_an_image_leaves_nothing() {
    let Some(shelf) = Shelf::open() else { return };
    let bench = shelf.bench().await;
    for mode in ["sleeper", "deaf", "daemon", "bare-daemon", "respawner"] {
        let running = bench.begin(offline(&shelf, "stop", "handler", mode)).await;
        let own = crate::harness::own_namespaces(&running.id);
        running.stop.cancel();
        assert_eq!(running.outcome.await.unwrap().end, End::Stopped { ended_by_itself: false }, "{mode}");
        assert_eq!((survivors(&running.id), own.processes()), (vec![], vec![]), "{mode}");
    }
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    assert!(!mounts.contains(&*bench.data_dir.path().to_string_lossy()), "{mounts}");
    assert_eq!(shelf.containers_of(bench.data_dir.path()), "", "nor a container");
}

#[tokio::test]
async fn i4_7_a_command_runs_in_an_instance_of_an_image_as_one_of_its_own() {
    let Some(shelf) = Shelf::open() else { return };
    let bench = shelf.bench().await;
    let call = offline(&shelf, "nasty", "identity", "");
    let (id, _) = bench.invoke(call.clone()).await;
    let seen = output_of(&bench, &call, &id, "pwd; echo $FROM_IMAGE; cat /etc/passwd; cat /srv/serve.py").await;
    assert!(seen.starts_with("/srv/made\nyes\nroot:x:0:0:") && seen.contains("\nfc:x:") && seen.contains("compile"), "{seen}");
    let main = survivors(&id).into_iter().max().unwrap();
    for name in ["mnt", "net", "pid"] {
        let expected = fs::read_link(format!("/proc/{main}/ns/{name}")).unwrap();
        assert_eq!(output_of(&bench, &call, &id, &format!("readlink /proc/self/ns/{name}")).await.trim(), expected.to_str().unwrap());
    }
    until("the visits are over", async || bench.executor.instances(&call.function.function_ref()).await[0].sessions == 0).await;
}

#[tokio::test]
async fn i4_1_containers_that_a_killed_server_has_left_are_removed_and_no_others() {
    let Some(shelf) = Shelf::open() else { return };
    let data_dir = tempfile::tempdir().unwrap();
    let owner = "0123456789abcdef0123456789abcdef";
    fs::write(data_dir.path().join("owner"), owner).unwrap();
    let create = |label: &str| {
        let (made, id) = shelf.podman(&["create", "--network", "none", "--label", label, &shelf.image]);
        assert!(made);
        id
    };
    let (own, foreign) = (create(&format!("taskyard.owner={owner}")), create("somebody.else=1"));
    let mut config = config(data_dir.path());
    config.container_engine = ContainerEngine::Command(shelf.engine.clone());
    let started = ProcessExecutor::start(config, Arc::new(FixtureCode), Arc::new(MemoryLogs::default()), Arc::new(SystemClock)).await;
    started.unwrap().shutdown().await;
    let exists = |id: &str| shelf.podman(&["container", "exists", id]).0;
    assert_eq!((exists(&own), exists(&foreign)), (false, true));
    assert!(shelf.podman(&["rm", "--force", &foreign]).0);
}

#[tokio::test]
async fn i4_1_without_an_engine_that_works_there_are_no_images() {
    for engine in [ContainerEngine::Off, ContainerEngine::Command(vec!["/nothere".into()])] {
        let bench = Bench::with(|config| config.container_engine = engine.clone()).await;
        assert_eq!(installed(&bench), None, "{engine:?}");
        let call = with_config(json!({ "image": "localhost/a:1" }), "basic", "hello", "");
        let refused = bench.executor.acquire(&call, &CancellationToken::new()).await;
        assert!(matches!(refused, Err(AcquireError::Platform(message)) if message.contains("not installed")), "{engine:?}");
    }
}

const DATA_DIR: &str = "RUNTIME_TEST_CONTAINER_DATA_DIR";

/// The process that is killed, with instances of an image.
#[tokio::test]
#[ignore = "run by i4_1_a_killed_server_leaves_no_container in a process of its own"]
async fn server_with_containers_that_gets_killed() {
    let shelf = Shelf::open().unwrap();
    let mut config = config(&PathBuf::from(std::env::var_os(DATA_DIR).unwrap()));
    config.container_engine = ContainerEngine::Command(shelf.engine.clone());
    let logs = Arc::new(MemoryLogs::default());
    let executor = ProcessExecutor::start(config, Arc::new(FixtureCode), Arc::<MemoryLogs>::clone(&logs), Arc::new(SystemClock)).await;
    let bench = Bench { executor: Arc::new(executor.unwrap()), logs, data_dir: tempfile::tempdir().unwrap() };
    let mut pids = Vec::new();
    for mode in ["sleeper", "daemon"] {
        pids.extend(bench.begin(offline(&shelf, "stop", "handler", mode)).await.pids);
    }
    println!("\npids {}", pids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn i4_1_a_killed_server_leaves_no_container() {
    let Some(shelf) = Shelf::open() else { return };
    let data_dir = tempfile::tempdir().unwrap();
    let mut server = Command::new(std::env::current_exe().unwrap());
    server.args(["container::server_with_containers_that_gets_killed", "--exact", "--ignored", "--nocapture"]);
    let mut server = server.env(DATA_DIR, data_dir.path()).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let pids: Vec<i32> = loop {
        let line = lines.next_line().await.unwrap().expect("the server ended too early");
        let Some(pids) = line.strip_prefix("pids ") else { continue };
        break pids.split(' ').map(|pid| pid.parse().unwrap()).collect();
    };
    assert_eq!(pids.len(), 3);
    server.kill().await.unwrap();
    wait_for_ends(&pids).await;
    assert!(pids.iter().all(|pid| !is_running(*pid)));
    assert_eq!(runtime::sweep_orphans(data_dir.path(), &SystemClock).await.unwrap(), 0);
    assert_eq!(shelf.containers_of(data_dir.path()), "");
}
