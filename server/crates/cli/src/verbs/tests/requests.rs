//! Which request a command line becomes.

use super::surroundings::{NOON, parse};
use crate::call::Call;
use crate::output::Times;
use crate::problem::{Outcome, Problem};
use crate::verbs::Remote;
use acs3::canonical_query;
use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::tz::TimeZone;
use model::UnixMillis;
use serde_json::Value;
use std::io::Cursor;

/// The first call of a command line.
fn call(line: &str) -> Outcome<Call> {
    let verb = parse(line).unwrap();
    let (_, remote) = verb.remote().unwrap();
    match remote {
        Remote::Service(verb) => Ok(verb.call()),
        Remote::Function(verb) => verb.call(),
        Remote::Invoke(args) => args.call(&mut Cursor::new(b"from standard input")),
        Remote::Version(verb) => Ok(verb.call()),
        Remote::Alias(verb) => Ok(verb.call()),
        Remote::Trigger(verb) => verb.call(),
        Remote::Domain(verb) => verb.call(),
        Remote::Layer(verb) => verb.call(),
        Remote::Task(verb) => verb.call(&Times { now: UnixMillis(NOON), zone: TimeZone::UTC }),
    }
}

fn shown(line: &str) -> String {
    let call = call(line).unwrap();
    let query = canonical_query(call.query);
    let mark = if query.is_empty() { "" } else { "?" };
    let mut text = format!("$ {line}\n{}: {} {}{mark}{query}\n", call.action, call.method, call.path);
    text.extend(call.headers.iter().map(|(name, value)| format!("    {name}: {value}\n")));
    if !call.body.is_empty() {
        text.push_str(&format!("    {}\n", String::from_utf8_lossy(&call.body)));
    }
    text
}

fn check(lines: &[&str]) -> String {
    lines.iter().map(|line| shown(line)).collect::<Vec<_>>().join("\n")
}

#[test]
fn i5_verbs_of_services_become_requests() {
    insta::assert_snapshot!(check(&[
        "taskyard service list",
        "taskyard service list --prefix de",
        "taskyard service get demo",
        "taskyard service get demo:prod --json",
        "taskyard service create demo",
        "taskyard service create demo --description words --no-internet",
        "taskyard service delete demo",
        "taskyard service delete demo --if-match abc",
    ]));
}

#[test]
fn i5_verbs_of_functions_become_requests() {
    insta::assert_snapshot!(check(&[
        "taskyard function list demo",
        "taskyard function list demo:2 --prefix ev",
        "taskyard function get demo/hello",
        "taskyard function get demo/hello:prod",
        "taskyard function update demo/hello --timeout 30 --memory 256 --if-match abc",
        "taskyard function update demo/hello --env A=1 --env B=x=y --env C=",
        "taskyard function update demo/hello --clear-env --handler index.other --runtime nodejs20",
        "taskyard function delete demo/hello",
        "taskyard function code demo/hello",
        "taskyard function code demo/hello:2",
    ]));
}

#[test]
fn i5_a_function_is_created_from_a_folder_or_an_archive() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("index.py"), "def handler(event, context): return event\n").unwrap();
    let dir = folder.path().display();
    let options =
        "--runtime python3.10 --handler index.handler --memory 128 --timeout 60 --env A=1 --description d --initializer index.init";
    let created = call(&format!("taskyard function create demo/hello --dir {dir} {options}")).unwrap();
    assert_eq!((created.action, created.method, created.path.as_str()), ("CreateFunction", "POST", "/2021-04-06/services/demo/functions"));
    let mut body: Value = serde_json::from_slice(&created.body).unwrap();
    let zip = BASE64_STANDARD.decode(body["code"]["zipFile"].take().as_str().unwrap()).unwrap();
    insta::assert_json_snapshot!(body);
    assert_eq!(
        zip::ZipArchive::new(Cursor::new(&zip)).unwrap().file_names().map(|name| name.unwrap().into_owned()).collect::<Vec<_>>(),
        ["index.py"]
    );

    let file = folder.path().join("code.zip");
    std::fs::write(&file, &zip).unwrap();
    let from_zip = call(&format!("taskyard function create demo/hello --zip {} {options}", file.display())).unwrap();
    assert_eq!(from_zip, created);
    let updated = call(&format!("taskyard function update demo/hello --zip {}", file.display())).unwrap();
    let body: Value = serde_json::from_slice(&updated.body).unwrap();
    assert_eq!(body, serde_json::json!({"code": {"zipFile": BASE64_STANDARD.encode(&zip)}}));
    assert!(updated.is_patient && created.is_patient);
}

#[test]
fn i5_invocations_become_requests() {
    insta::assert_snapshot!(check(&[
        "taskyard invoke demo/hello",
        "taskyard invoke demo/hello:prod --payload {\"n\":1} --log",
        "taskyard invoke demo/hello --file -",
        "taskyard invoke demo/hello --async",
        "taskyard invoke demo/hello:2 --async --id job-1 --delay 30 --payload x",
    ]));
    assert!(call("taskyard invoke demo/hello").unwrap().is_patient, "the function's time is no limit of ours");
    assert!(!call("taskyard invoke demo/hello --async").unwrap().is_patient);
}

#[test]
fn i5_verbs_of_tasks_become_requests() {
    insta::assert_snapshot!(check(&[
        "taskyard task list demo/hello",
        "taskyard task list demo/hello:prod --status Failed --status Running --prefix job- --order asc --payload",
        "taskyard task list demo/hello --since 15m --until 2026-11-24T12:00:00Z",
        "taskyard task get demo/hello job-1",
        "taskyard task get demo/hello:2 a/b",
        "taskyard task watch demo/hello job-1",
        "taskyard task stop demo/hello job-1",
        "taskyard task retry demo/hello job-1",
        "taskyard task logs demo/hello job-1",
    ]));
}

#[test]
fn i5_verbs_of_versions_aliases_and_triggers_become_requests() {
    insta::assert_snapshot!(check(&[
        "taskyard version list demo",
        "taskyard version publish demo --description first",
        "taskyard version delete demo 1",
        "taskyard alias list demo",
        "taskyard alias create demo prod 1",
        "taskyard alias update demo prod 2 --weight 3=0.1 --description d",
        "taskyard alias delete demo prod",
        "taskyard trigger list demo/hello",
        "taskyard trigger create demo/hello:prod each --schedule @every~5m --payload x",
        "taskyard trigger delete demo/hello each",
    ]));
}

#[test]
fn i5_1_verbs_of_domains_become_requests() {
    insta::assert_snapshot!(check(&[
        "taskyard domain list --prefix shop",
        "taskyard domain get shop.example.org",
        "taskyard domain create shop.example.org --route /*=demo/web",
        "taskyard domain create *.example.org --route GET,POST~/api/*=demo/web:prod --route /=demo/home --protocol HTTP,HTTPS",
        "taskyard domain update shop.example.org --protocol HTTP --if-match abc",
        "taskyard domain delete shop.example.org",
    ]));
}

#[test]
fn i5_verbs_of_layers_become_requests() {
    insta::assert_snapshot!(check(&[
        "taskyard layer list --prefix to",
        "taskyard layer list tools",
        "taskyard layer get tools 2",
        "taskyard layer delete tools 2",
        "taskyard function update demo/hello --layer tools:2 --layer acs:fc:cn-hangzhou:1:layers/more/versions/1",
        "taskyard function update demo/hello --clear-layers",
    ]));
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.txt"), "a").unwrap();
    let line =
        format!("taskyard layer publish tools --dir {} --runtime python3 --runtime python3.10 --license MIT", folder.path().display());
    let published = call(&line).unwrap();
    assert_eq!(
        (published.action, published.path.as_str(), published.is_patient),
        ("CreateLayerVersion", "/2021-04-06/layers/tools/versions", true)
    );
    let body: Value = serde_json::from_slice(&published.body).unwrap();
    assert_eq!((&body["compatibleRuntime"], &body["license"]), (&serde_json::json!(["python3", "python3.10"]), &serde_json::json!("MIT")));
    assert!(body["code"]["zipFile"].is_string());
}

#[test]
fn i5_mistakes_in_arguments_are_refused_before_anything_is_sent() {
    for line in [
        "taskyard",
        "taskyard service",
        "taskyard function get demo",
        "taskyard function create demo/hello --runtime python3.10 --handler index.handler",
        "taskyard function create demo/hello --zip a --dir b --runtime python3.10 --handler index.handler",
        "taskyard function create demo/hello --dir . --handler index.handler",
        "taskyard function update demo/hello --env A",
        "taskyard function update demo/hello --env A=1 --clear-env",
        "taskyard invoke demo/hello --id job-1",
        "taskyard invoke demo/hello --async --log",
        "taskyard invoke demo/hello --async --delay 3601",
        "taskyard invoke demo/hello --payload x --file y",
        "taskyard task list demo/hello --status Sleeping",
        "taskyard task list demo/hello --limit 101",
        "taskyard task get demo/hello",
        "taskyard service list --access-key-secret x",
        "taskyard alias create demo prod 1 --weight 3",
        "taskyard trigger create demo/hello each",
        "taskyard domain create shop.example.org --route /*",
        "taskyard domain create shop.example.org --route /*=demo",
        "taskyard layer publish tools",
        "taskyard layer get tools latest",
        "taskyard layer list tools --all",
        "taskyard function update demo/hello --layer tools",
        "taskyard function update demo/hello --layer tools:1 --clear-layers",
    ] {
        assert_eq!(parse(line).map(|_| ()).map_err(|error| error.exit_code()), Err(2), "{line}");
    }
    for (line, part) in [
        ("taskyard function update demo/hello", "nothing is to be changed"),
        ("taskyard domain update shop.example.org", "nothing is to be changed"),
        ("taskyard function update demo/hello:2 --timeout 5", "only demo/hello itself"),
        ("taskyard function delete demo/hello:2", "only demo/hello itself"),
        ("taskyard function update demo/hello --env A=1 --env A=2", "names A twice"),
        ("taskyard function update demo/hello --dir /nowhere", "/nowhere"),
        ("taskyard invoke demo/hello --file /nowhere", "/nowhere"),
        ("taskyard task list demo/hello --since yesterday", "'yesterday' is no time"),
    ] {
        let Err(Problem::Usage(text)) = call(line) else { panic!("{line} was accepted") };
        assert!(text.contains(part), "{text}");
    }
}
