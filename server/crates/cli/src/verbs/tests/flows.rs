//! What the verbs do with answers, and what they print.

use super::surroundings::{Done, NOON, answer, away, json, run, run_with};
use crate::call::Answer;
use crate::problem::{Outcome, Problem, Refusal};
use serde_json::{Value, json as object};

fn task(id: &str, status: &str, events: &[(&str, i64)], more: Value) -> Value {
    let events: Vec<Value> = events
        .iter()
        .enumerate()
        .map(|(n, (status, at))| object!({"eventId": n + 1, "status": status, "timestamp": NOON + at, "eventDetail": ""}))
        .collect();
    let mut record = object!({
        "serviceName": "demo", "functionName": "hello", "qualifier": "LATEST", "invocationId": id, "requestId": "r-1", "status": status,
        "startedTime": NOON - 90_000, "endTime": 0, "durationMs": 0, "invocationPayload": "{\"n\":1}", "returnPayload": "",
        "invocationErrorMessage": "", "alreadyRetriedTimes": 0, "destinationStatus": "", "instanceId": "", "events": events,
    });
    record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    record
}

fn page(tasks: &[Value], next: &str) -> Outcome<Answer> {
    json(object!({"invocations": tasks, "nextToken": next}))
}

fn failed_with(text: &str) -> Value {
    let error = object!({"errorMessage": text, "errorType": "ValueError", "stackTrace": []}).to_string();
    object!({"invocationErrorMessage": error, "endTime": NOON, "durationMs": 1_204, "alreadyRetriedTimes": 3})
}

fn whole(done: &Done) -> String {
    format!("{}--- standard error\n{}--- {:?}", done.out, done.err, done.result.as_ref().map_err(|problem| problem.exit_code()))
}

#[test]
fn i5_all_pages_of_a_list_make_one_table() {
    let answers = || {
        vec![
            page(&[task("job-1", "Succeeded", &[], object!({"durationMs": 12})), task("job-2", "Running", &[], object!({}))], "t 1"),
            page(&[task("a-longer-name", "Failed", &[], failed_with("no luck today\nat all"))], ""),
        ]
    };
    let done = run("taskyard task list demo/hello --all", answers());
    insta::assert_snapshot!(whole(&done));
    let tokens: Vec<Vec<(String, String)>> = done.sent.iter().map(|call| call.query.clone()).collect();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(tokens, [vec![pair("limit", "100")], vec![pair("limit", "100"), pair("nextToken", "t 1")]]);
    let lines = run("taskyard task list demo/hello --all --json", answers()).out;
    let ids: Vec<Value> = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["invocationId"].clone()).collect();
    assert_eq!(ids, ["job-1", "job-2", "a-longer-name"]);
}

#[test]
fn i5_one_page_says_that_there_are_more() {
    let done = run("taskyard task list demo/hello --limit 1", vec![page(&[task("job-1", "Stopped", &[], object!({}))], "abc")]);
    assert_eq!(done.result, Ok(()));
    assert!(done.err.contains("--next-token abc"), "{}", done.err);
    let done = run("taskyard task list demo/hello --next-token abc", vec![page(&[], "")]);
    assert_eq!((done.out.as_str(), done.err.as_str()), ("", "there are no such tasks\n"));
    assert_eq!(done.sent[0].query, [("nextToken".to_owned(), "abc".to_owned())]);
    let stuck =
        run("taskyard service list --all", vec![json(object!({"services": [], "nextToken": "x"})), json(object!({"nextToken": "x"}))]);
    assert_eq!(stuck.result, Err(Problem::Failed("the server gave the same page twice".to_owned())));
}

#[test]
fn i5_resources_are_shown() {
    let service = object!({"serviceName": "demo", "description": "two\nlines", "internetAccess": false, "serviceId": "s-1",
        "createdTime": "2026-11-24T11:00:00Z", "lastModifiedTime": "2026-11-24T11:59:00Z"});
    let function = object!({"functionName": "hello", "runtime": "python3.10", "handler": "index.handler", "memorySize": 128, "timeout": 60,
        "codeSize": 1536, "codeChecksum": "11", "environmentVariables": {"A": "1", "B": "2"}, "functionId": "f-1",
        "createdTime": "2026-11-24T11:00:00Z", "lastModifiedTime": "2026-11-24T11:59:00Z"});
    let shown = [
        run("taskyard service get demo", vec![json(service.clone())]),
        run("taskyard service list", vec![json(object!({"services": [service], "nextToken": ""}))]),
        run("taskyard function get demo/hello", vec![json(function.clone())]),
        run("taskyard function list demo", vec![json(object!({"functions": [function.clone()]}))]),
        run("taskyard function delete demo/hello", vec![answer(204, &[], b"")]),
    ];
    insta::assert_snapshot!(shown.iter().map(whole).collect::<Vec<_>>().join("\n\n"));
    let document = run("taskyard function get demo/hello --json", vec![json(function.clone())]).out;
    assert_eq!(serde_json::from_str::<Value>(&document).unwrap(), function);
}

#[test]
fn i5_versions_aliases_and_triggers_are_shown() {
    let version = object!({"versionId": "2", "description": "first", "createdTime": "2026-11-24T11:00:00Z"});
    let alias = object!({"aliasName": "prod", "versionId": "2", "additionalVersionWeight": {"3": 0.1}, "description": "",
        "lastModifiedTime": "2026-11-24T11:00:00Z"});
    let trigger = object!({"triggerName": "each", "triggerType": "timer", "qualifier": "LATEST", "createdTime": "2026-11-24T11:00:00Z",
        "lastModifiedTime": "2026-11-24T11:00:00Z", "triggerConfig": "{\"cronExpression\":\"@every 5m\",\"enable\":false}"});
    let shown = [
        run("taskyard version publish demo", vec![json(version.clone())]),
        run("taskyard version list demo", vec![json(object!({"versions": [version]}))]),
        run("taskyard alias create demo prod 2 --weight 3=0.1", vec![json(alias.clone())]),
        run("taskyard alias list demo", vec![json(object!({"aliases": [alias]}))]),
        run("taskyard trigger create demo/hello each --schedule @every~5m", vec![json(trigger.clone())]),
        run("taskyard trigger list demo/hello", vec![json(object!({"triggers": [trigger]}))]),
        run("taskyard trigger delete demo/hello each", vec![answer(204, &[], b"")]),
    ];
    insta::assert_snapshot!(shown.iter().map(whole).collect::<Vec<_>>().join("\n\n"));
}

#[test]
fn i5_1_domains_and_layers_are_shown() {
    let routes = object!([
        {"path": "/api/*", "serviceName": "demo", "functionName": "web", "qualifier": "prod", "methods": ["GET", "POST"]},
        {"path": "/*", "serviceName": "demo", "functionName": "home", "qualifier": "LATEST", "methods": []},
    ]);
    let domain = object!({"domainName": "shop.example.org", "protocol": "HTTP", "routeConfig": {"routes": routes}, "certConfig": null,
        "createdTime": "2026-11-24T11:00:00Z", "lastModifiedTime": "2026-11-24T11:59:00Z"});
    let layer = object!({"layerName": "tools", "version": 2, "arn": "acs:fc:cn-hangzhou:1:layers/tools/versions/2", "description": "two\nlines",
        "license": "MIT", "compatibleRuntime": ["python3", "python3.10"], "codeSize": 1536, "codeChecksum": "11",
        "createTime": "2026-11-24T11:00:00Z"});
    let pages =
        vec![json(object!({"layers": [layer.clone()], "nextVersion": 3})), json(object!({"layers": [layer.clone()], "nextVersion": 0}))];
    let versions = run("taskyard layer list tools", pages);
    let starts: Vec<&str> = versions.sent.iter().map(|call| call.query[1].1.as_str()).collect();
    assert_eq!(starts, ["1", "3"]);
    let shown = [
        run("taskyard domain get shop.example.org", vec![json(domain.clone())]),
        run("taskyard domain list", vec![json(object!({"customDomains": [domain], "nextToken": ""}))]),
        run("taskyard domain delete shop.example.org", vec![answer(204, &[], b"")]),
        run("taskyard layer get tools 2", vec![json(layer.clone())]),
        run("taskyard layer list", vec![json(object!({"layers": [layer], "nextToken": ""}))]),
        versions,
        run("taskyard layer list none", vec![json(object!({"layers": [], "nextVersion": 0}))]),
        run("taskyard layer delete tools 2", vec![answer(204, &[], b"")]),
    ];
    insta::assert_snapshot!(shown.iter().map(whole).collect::<Vec<_>>().join("\n\n"));
    let stuck = run("taskyard layer list tools", vec![json(object!({"layers": [], "nextVersion": 1}))]);
    assert_eq!(stuck.result, Err(Problem::Failed("the server gave the same page twice".to_owned())));
}

#[test]
fn i5_a_task_is_shown_with_its_history_and_why_it_waits() {
    let history = [("Enqueued", 0), ("Processed", 1), ("Running", 2), ("Failed", 1_206)];
    let failed = task("job-1", "Failed", &history, failed_with("no luck"));
    let waits = object!({"waitReason": {"reason": "LimitReached", "scope": "function", "running": 4, "limit": 4, "ahead": 7}});
    let waiting = task("job-2", "Enqueued", &history[..1], waits);
    let shown =
        [run("taskyard task get demo/hello job-1", vec![json(failed)]), run("taskyard task get demo/hello job-2", vec![json(waiting)])];
    insta::assert_snapshot!(shown.iter().map(whole).collect::<Vec<_>>().join("\n\n"));
}

#[test]
fn i5_watch_shows_each_change_once_and_ends_with_the_task() {
    let history = [("Enqueued", 0), ("Processed", 150), ("Running", 160), ("Succeeded", 2_000)];
    let paused = object!({"waitReason": {"reason": "Paused", "scope": "region", "since": NOON - 60_000}});
    let steps = |last: &'static str| {
        vec![
            json(task("job-1", "Enqueued", &history[..1], paused.clone())),
            json(task("job-1", "Enqueued", &history[..1], paused.clone())),
            json(task("job-1", "Running", &history[..3], object!({}))),
            away(),
            away(),
            json(task("job-1", last, &history, failed_with("no luck"))),
        ]
    };
    let done = run("taskyard task watch demo/hello job-1", steps("Succeeded"));
    insta::assert_snapshot!(whole(&done));
    assert_eq!(done.waited, 200 + 300 + 200 + 2_000 + 2_000);
    let failed = run("taskyard task watch demo/hello job-1 --json", steps("Failed"));
    assert_eq!(failed.result, Err(Problem::Function("task job-1 ended as Failed: no luck".to_owned())));
    let states: Vec<Value> = failed.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["status"].clone()).collect();
    assert_eq!(states, history.map(|(status, _)| status));
}

#[test]
fn i5_watch_gives_up_when_it_is_told_to_or_nobody_is_there() {
    let running = || json(task("job-1", "Running", &[("Running", 0)], object!({})));
    let done = run("taskyard task watch demo/hello job-1 --timeout 1", (0..5).map(|_| running()).collect());
    assert_eq!((done.result, done.waited), (Err(Problem::Failed("task job-1 is still Running after 1 s".to_owned())), 1_000));
    let never = run("taskyard task watch demo/hello job-1", vec![away()]);
    assert_eq!(never.result.map_err(|problem| problem.exit_code()), Err(4));
    let gone = run("taskyard task watch demo/hello job-1", std::iter::once(running()).chain((0..16).map(|_| away())).collect());
    assert_eq!(gone.result.map_err(|problem| problem.exit_code()), Err(4));
}

#[test]
fn i5_a_synchronous_call_prints_the_result_as_it_is() {
    let log = ("x-fc-log-result", "bGluZSAxCmxpbmUgMgo=");
    let done = run("taskyard invoke demo/hello --log", vec![answer(200, &[log], b"\"result\"")]);
    assert_eq!((done.out.as_str(), done.err.as_str(), done.result), ("\"result\"", "line 1\nline 2\n", Ok(())));
    let kind = ("x-fc-error-type", "UnhandledInvocationError");
    let failed = run("taskyard invoke demo/hello", vec![answer(200, &[kind], b"{\"errorMessage\":\"no\"}")]);
    assert_eq!(failed.out, "{\"errorMessage\":\"no\"}");
    assert_eq!(failed.result, Err(Problem::Function("the function failed: UnhandledInvocationError".to_owned())));
    let document = |body: &[u8]| {
        let done = run("taskyard invoke demo/hello --log --json", vec![answer(200, &[kind, log, ("x-fc-request-id", "r-1")], body)]);
        assert_eq!(done.result.map_err(|problem| problem.exit_code()), Err(3));
        serde_json::from_str::<Value>(&done.out).unwrap()
    };
    let expected = object!({"statusCode": 200, "requestId": "r-1", "errorType": "UnhandledInvocationError", "payload": "ü",
        "log": "line 1\nline 2\n"});
    assert_eq!(document("ü".as_bytes()), expected);
    assert_eq!((document(b"\xff")["payload"].clone(), document(b"\xff")["payloadBase64"].clone()), (Value::Null, object!("/w==")));
}

#[test]
fn i5_an_asynchronous_call_prints_the_tasks_id_and_may_follow_it() {
    let accepted = || answer(202, &[("x-fc-stateful-async-invocation-id", "job-1"), ("x-fc-request-id", "r-1")], b"");
    let done = run_with("taskyard invoke demo/hello --async --file -", vec![accepted()], b"\x00 binary");
    assert_eq!((done.out.as_str(), done.result), ("job-1\n", Ok(())));
    assert!(done.err.contains("taskyard task watch demo/hello job-1"), "{}", done.err);
    assert_eq!(done.sent[0].body.as_ref(), b"\x00 binary");
    let line = run("taskyard invoke demo/hello --async --json", vec![accepted()]).out;
    assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), object!({"invocationId": "job-1", "requestId": "r-1"}));
    let ended = json(task("job-1", "Expired", &[("Enqueued", 0), ("Expired", 5)], object!({})));
    let watched = run("taskyard invoke demo/hello --async --watch", vec![accepted(), ended]);
    assert_eq!(watched.result, Err(Problem::Function("task job-1 ended as Expired".to_owned())));
}

#[test]
fn i5_a_retry_submits_the_same_payload_to_the_same_qualifier() {
    let accepted = answer(202, &[("x-fc-stateful-async-invocation-id", "job-2")], b"");
    let before = json(task("job-1", "Failed", &[], object!({"qualifier": "prod"})));
    let done = run("taskyard task retry demo/hello job-1 --id job-2", vec![before, accepted]);
    assert_eq!((done.out.as_str(), done.result), ("job-2\n", Ok(())));
    let call = &done.sent[1];
    assert_eq!((call.body.as_ref(), &call.query), (&b"{\"n\":1}"[..], &vec![("qualifier".to_owned(), "prod".to_owned())]));
    assert!(call.headers.contains(&("x-fc-stateful-async-invocation-id", "job-2".to_owned())), "{call:?}");
    let binary = json(task("job-1", "Failed", &[], object!({"invocationPayload": "\u{fffd}"})));
    let refused = run("taskyard task retry demo/hello job-1", vec![binary]);
    assert!(matches!(refused.result, Err(Problem::Failed(text)) if text.contains("no text")));
}

#[test]
fn i5_a_stop_tells_where_the_task_stands() {
    let stopping = task("job-1", "Stopping", &[("Enqueued", 0)], object!({}));
    let done = run("taskyard task stop demo/hello job-1", vec![json(object!({})), json(stopping)]);
    assert_eq!(done.out, "task job-1 is Stopping\n");
    assert_eq!(done.sent.iter().map(|call| call.method).collect::<Vec<_>>(), ["PUT", "GET"]);
}

/// A page of log lines, numbered from `first` on.
fn log(first: i64, lines: &[(&str, &str)], next_token: &str) -> Outcome<Answer> {
    let line = |(n, (stream, message)): (usize, &(&str, &str))| {
        let number = first + i64::try_from(n).unwrap();
        object!({"lineNumber": number, "timestamp": NOON + number, "stream": stream, "level": null, "message": message})
    };
    let lines: Vec<Value> = lines.iter().enumerate().map(line).collect();
    json(object!({"logs": lines, "nextToken": next_token, "nextLine": first}))
}

#[test]
fn i5_a_log_is_printed_over_all_its_pages() {
    let pages =
        || vec![log(0, &[("platform", "FC Invoke Start RequestId: r-1"), ("stdout", "a\u{1b}[2Jb")], "2"), log(2, &[("stderr", "c")], "")];
    let done = run("taskyard task logs demo/hello job-1", pages());
    insta::assert_snapshot!(whole(&done));
    assert_eq!(done.sent[1].query, [("nextToken".to_owned(), "2".to_owned())]);
    let lines = run("taskyard task logs demo/hello job-1 --json", pages()).out;
    assert_eq!(lines.lines().map(|line| line.parse::<Value>().unwrap()["lineNumber"].clone()).collect::<Vec<_>>(), [0, 1, 2]);
    let none = run("taskyard task logs demo/hello job-1 --text x", vec![log(0, &[], "")]);
    assert_eq!((none.out.as_str(), none.err.as_str()), ("", "there are no such log lines\n"));
}

#[test]
fn i5_a_log_is_followed_until_its_last_line() {
    let at = |status: &str| json(task("job-1", status, &[], object!({})));
    let end = ("platform", "FC Invoke End RequestId: r-1");
    let answers = vec![
        at("Enqueued"),
        log(0, &[], ""),
        at("Running"),
        log(0, &[("stdout", "one")], ""),
        at("Running"),
        log(1, &[], ""),
        // Its log comes after it.
        at("Succeeded"),
        log(1, &[], ""),
        at("Succeeded"),
        log(1, &[("stdout", "two"), end], ""),
    ];
    let done = run("taskyard task logs demo/hello job-1 --follow", answers);
    assert_eq!(done.result, Ok(()));
    assert_eq!(done.out, "12:00:00.000  one\n12:00:00.001  two\n12:00:00.002  FC Invoke End RequestId: r-1\n");
    let starts: Vec<Option<&str>> = done
        .sent
        .iter()
        .filter(|call| call.path.ends_with("/logs"))
        .map(|call| call.query.iter().find(|(name, _)| name == "startLine").map(|(_, line)| line.as_str()))
        .collect();
    assert_eq!(starts, [None, None, Some("1"), Some("1"), Some("1")]);
    // A run without such a line, of a server that died, is not waited for for ever.
    let lost = (0..6).flat_map(|_| [at("Failed"), log(0, &[], "")]).collect();
    assert_eq!(run("taskyard task logs demo/hello job-1 --follow", lost).err, "there are no such log lines\n");
}

#[test]
fn i5_code_is_downloaded_and_replaces_nothing_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("code.zip");
    let link = || json(object!({"url": "http://x/code", "checksum": "11"}));
    let line = format!("taskyard function code demo/hello --output {}", file.display());
    let done = run(&line, vec![link()]);
    assert_eq!(done.result, Ok(()));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "from http://x/code");
    std::fs::write(&file, "mine").unwrap();
    assert!(matches!(run(&line, vec![link()]).result, Err(Problem::Usage(text)) if text.contains("--force")));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    assert_eq!(run(&format!("{line} --force"), vec![link()]).result, Ok(()));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "from http://x/code");
    assert_eq!(run("taskyard function code demo/hello --output -", vec![link()]).out, "from http://x/code");
    assert!(run("taskyard function code demo/hello --json", vec![link()]).out.contains("\"checksum\": \"11\""));
}

#[test]
fn i5_problems_say_what_and_what_to_do() {
    let refusal = |code: &str| {
        let message = "service 'x' does not exist".to_owned();
        Problem::Refused(Refusal { status: 404, code: code.to_owned(), message, request_id: "r-1".to_owned() })
    };
    let Err(unreachable) = away() else { panic!() };
    let problems = [refusal("ServiceNotFound"), refusal("HTTP 404"), unreachable, Problem::Function("f".to_owned())];
    let shown: Vec<String> =
        problems.iter().map(|problem| format!("{}: {}\n{}", problem.exit_code(), problem.text(), problem.json())).collect();
    insta::assert_snapshot!(shown.join("\n\n"));
    let odd = run("taskyard service get demo", vec![answer(200, &[], b"<html>")]);
    assert!(matches!(odd.result, Err(Problem::Failed(text)) if text.contains("no JSON object")));
}
