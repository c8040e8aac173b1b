//! What each role may do through the router as the browser reaches it: every server function, download, stream and page (C-82).

use super::audited::{Audited, Who};
use super::{WebState, router};
use crate::cli::{Cli, Verb};
use crate::config::Config;
use crate::{wiring, wiring::App};
use app::routes::{self, SERVER_FNS};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use clap::Parser;
use model::*;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

const PASSWORD: &str = "a right password";

/// A server with a service, a function and a user of each role, called like the role.
pub(super) struct Place {
    pub(super) app: App,
    state: WebState,
    router: Router,
    _folder: tempfile::TempDir,
}

impl Place {
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data_dir = folder.path().join("data");
        let flags = ["taskyard", "serve", "--data-dir", data_dir.to_str().unwrap(), "--regions", "r1", "--admin-password", PASSWORD];
        let Verb::Serve(args) = Cli::try_parse_from(flags).unwrap().verb else { panic!("another verb") };
        let config = Config::from_args(*args).unwrap();
        let app = wiring::start(&config, config.listen).await.unwrap();
        let state = wiring::web_state(&app, &config, &CancellationToken::new());
        let router = router(state.clone());
        for role in Role::ALL.into_iter().filter(|role| *role != Role::Admin) {
            app.identity.create_user(role.as_str(), role, Some(PASSWORD)).await.unwrap();
        }
        let of = FunctionRef {
            region: Region::from_stored("r1"),
            service: ServiceName::from_stored("s"),
            function: FunctionName::from_stored("f"),
        };
        app.engine.create_service(&of.region, &of.service, ServiceSpec::default()).await.unwrap();
        let mut spec = FunctionSpec::new(RuntimeName::from_stored("python3"), "index.handler");
        let task_mode = AsyncConfigPatch { stateful_invocation: Some(true), ..AsyncConfigPatch::default() };
        spec.environment.insert("TOKEN".to_owned(), "a-very-secret-value".to_owned());
        app.engine.create_function(&of.service_ref(), &of.function, spec, Code::Sample, Some(task_mode)).await.unwrap();
        Self { app, state, router, _folder: folder }
    }

    /// The cookie of a new session.
    pub(super) async fn enter(&self, name: &str) -> String {
        let (token, _) = self.app.identity.sign_in(name, PASSWORD, &SessionOrigin::default()).await.unwrap();
        format!("taskyard_session={token}")
    }

    pub(super) async fn ask(&self, request: axum::http::request::Builder, body: String) -> Response {
        self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap()
    }

    async fn send(&self, request: axum::http::request::Builder, body: String) -> (StatusCode, String) {
        let response = self.ask(request, body).await;
        let status = response.status();
        // A stream that was let in has no end.
        let is_stream = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream");
        if is_stream {
            return (status, String::new());
        }
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8_lossy(&bytes).into_owned())
    }

    async fn get(&self, cookie: &str, path: &str) -> (StatusCode, String) {
        self.send(Request::get(path).header(header::COOKIE, cookie), String::new()).await
    }

    /// Calls a server function as a script does.
    async fn call(&self, cookie: &str, path: &str, body: &Sent) -> (StatusCode, String) {
        let request = Request::post(path).header(header::COOKIE, cookie);
        match body {
            Sent::Json(value) => self.send(request.header(header::CONTENT_TYPE, "application/json"), value.to_string()).await,
            Sent::Form(text) => {
                self.send(request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded"), (*text).to_owned()).await
            }
            Sent::Multipart(fields) => {
                let field =
                    |(name, value): &(&str, &str)| format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
                let text = fields.iter().map(field).collect::<String>() + "--x--\r\n";
                self.send(request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=x"), text).await
            }
        }
    }
}

/// The arguments of a server function.
enum Sent {
    Json(Value),
    Form(&'static str),
    Multipart(&'static [(&'static str, &'static str)]),
}

/// What decides about a call: an action, or nothing but a session.
type Needs = Option<Action>;

/// Every server function, with arguments that get as far as the check and change nothing that another call needs.
fn functions() -> Vec<(&'static str, Sent, Needs)> {
    use Action::*;
    let f = || json!({"region": "r1", "service": "s", "function": "f"});
    let s = || json!({"region": "r1", "service": "s"});
    let t = || json!({"function": f(), "id": "t"});
    let json = Sent::Json;
    let form = Sent::Form;
    vec![
        ("sign_in", form("user=nobody&password=x&next="), None),
        ("set_theme", form("theme=dark"), None),
        ("set_time_zone", form("zone=UTC"), None),
        ("set_single_keys", form("keys=off"), None),
        ("set_line_wrap", form("wrap=off"), None),
        ("services", json(json!({"region": "r1", "search": "", "tag": "", "page": ""})), Some(ListServices)),
        ("tag_choices", json(json!({"region": "r1", "chosen": ""})), Some(ListTaggedResources)),
        ("service_settings", json(json!({"service": s()})), Some(GetService)),
        ("configure_service", form("region=r1&service=s&etag=&description=&tags="), Some(UpdateService)),
        ("create_service", form("region=r1&name=new&description="), Some(CreateService)),
        ("blocking_functions", json(json!({"service": s()})), Some(ListFunctions)),
        ("delete_service", form("region=r1&service=none&typed_name=none"), Some(DeleteService)),
        ("functions", json(json!({"service": s(), "qualifier": "", "search": "", "page": ""})), Some(ListFunctions)),
        ("task_functions", json(json!({"region": "r1", "search": "", "page": ""})), Some(ListStatefulAsyncInvocationFunctions)),
        ("qualifier_choices", json(json!({"service": s(), "chosen": ""})), Some(ListServiceVersions)),
        ("versions", json(json!({"service": s(), "page": ""})), Some(ListServiceVersions)),
        ("version", json(json!({"service": s(), "version": 1})), Some(ListServiceVersions)),
        ("publish_version", form("region=r1&service=none&description="), Some(PublishServiceVersion)),
        ("delete_version", form("region=r1&service=s&version=9"), Some(DeleteServiceVersion)),
        ("aliases", json(json!({"service": s(), "page": ""})), Some(ListAliases)),
        ("alias_setup", json(json!({"service": s(), "alias": null})), Some(ListServiceVersions)),
        ("create_alias", form("region=r1&service=none&name=a&version=1&canary=&weight=&description="), Some(CreateAlias)),
        ("modify_alias", form("region=r1&service=none&alias=a&etag=&version=1&canary=&weight=&description="), Some(UpdateAlias)),
        ("delete_alias", form("region=r1&service=none&alias=a"), Some(DeleteAlias)),
        ("form_choices", json(json!({"region": "r1"})), Some(ListServices)),
        ("read_overview", json(json!({"region": "r1", "search": ""})), Some(GetMetrics)),
        ("read_metrics", json(json!({"region": "r1", "function": null, "search": ""})), Some(GetMetrics)),
        ("connection", json(json!({"region": "r1"})), None),
        ("task_calls", json(json!({"task": t()})), Some(GetStatefulAsyncInvocation)),
        ("policy_calls", json(json!({"function": f(), "qualifier": ""})), Some(GetFunctionAsyncInvokeConfig)),
        ("submission_calls", json(json!({"function": f()})), Some(GetTaskParameters)),
        ("dead_letters", json(json!({"region": "r1", "search": ""})), Some(ListDeadLetters)),
        ("dismiss_dead_letters", form("region=r1&service=s&function=f&status=Failed&kind=E&until=1&back=%2F"), Some(DismissDeadLetters)),
        ("bulk_action", json(json!({"region": "r1", "id": "none", "search": ""})), Some(GetBulkAction)),
        ("bulk_actions", json(json!({"region": "r1"})), Some(ListBulkActions)),
        ("stop_bulk", form("region=r1&id=none"), Some(StopBulkAction)),
        ("retry_bulk", form("region=r1&id=none"), Some(RetryBulkAction)),
        ("bulk_plan", json(json!({"scope": f(), "action": "Stop", "query": ""})), Some(ListStatefulAsyncInvocations)),
        ("bulk_choice", json(json!({"scope": f(), "action": "Stop", "query": ""})), Some(ListStatefulAsyncInvocations)),
        ("audit_entries", json(json!({"search": ""})), Some(ListAuditEntries)),
        ("access_keys", json(json!({})), None),
        ("access_key", json(json!({"id": "none"})), None),
        ("create_access_key", form("name=mine&policy=full&services="), None),
        ("switch_access_key", form("region=r1&id=none&enabled=true"), None),
        ("delete_access_key", form("region=r1&id=none"), None),
        ("read_install", json(json!({})), Some(GetAccountSettings)),
        ("users", json(json!({})), Some(ListUsers)),
        ("account", json(json!({"name": "somebody"})), Some(ListUsers)),
        ("create_user", form("name=admin&role=viewer&password=&repeated="), Some(CreateUser)),
        ("change_role", form("region=r1&name=nobody&role=viewer"), Some(ChangeUserRole)),
        ("reset_password", form("name=nobody&password=&repeated="), Some(ResetPassword)),
        ("switch_user", form("region=r1&name=nobody&enabled=false"), Some(DisableUser)),
        ("delete_user", form("region=r1&name=nobody&typed_name=nobody"), Some(DeleteUser)),
        ("change_password", form("region=r1&present=x&password=short&repeated="), None),
        ("end_session", form("region=r1&id=none"), None),
        ("tasks", json(json!({"function": f(), "query": ""})), Some(ListStatefulAsyncInvocations)),
        ("all_tasks", json(json!({"region": "r1", "query": ""})), Some(ListStatefulAsyncInvocations)),
        ("search", json(json!({"region": "r1", "text": "f"})), Some(ListFunctions)),
        ("saved_views", json(json!({"region": "r1"})), Some(ListStatefulAsyncInvocations)),
        ("save_view", form("of=%2Fr1%2Fall-tasks&name=v"), Some(ListStatefulAsyncInvocations)),
        ("delete_view", form("region=r1&list=%2Fr1%2Fall-tasks&name=v"), Some(ListStatefulAsyncInvocations)),
        ("whole_task", json(json!({"task": t(), "query": ""})), Some(GetStatefulAsyncInvocation)),
        ("task_now", json(json!({"task": t()})), Some(GetStatefulAsyncInvocation)),
        ("task_log", json(json!({"task": t(), "from": 0})), Some(GetStatefulAsyncInvocationLogs)),
        ("function_log", json(json!({"function": f(), "search": ""})), Some(GetStatefulAsyncInvocationLogs)),
        ("production_tag", json(json!({"service": s()})), Some(GetResourceTags)),
        ("stop_task", form("region=r1&service=s&function=f&id=t&back=%2F"), Some(StopStatefulAsyncInvocation)),
        ("redeliver", form("region=r1&service=s&function=f&id=t"), Some(RedriveDestination)),
        ("reexecute_task", form("region=r1&service=s&function=f&id=t"), Some(ReexecuteStatefulAsyncInvocation)),
        ("rerun_facts", json(json!({"task": t()})), Some(GetStatefulAsyncInvocation)),
        ("reexecute_with_changes", form(RERUN), Some(ReexecuteStatefulAsyncInvocation)),
        ("submission_facts", json(json!({"function": f()})), Some(GetTaskParameters)),
        ("task_parameters", json(json!({"function": f()})), Some(GetTaskParameters)),
        ("save_task_parameters", form("region=r1&service=s&function=none&event=%7B%7D&next="), Some(PutTaskParameters)),
        ("read_configuration", json(json!({"function": f(), "qualifier": ""})), Some(GetFunction)),
        ("code_package", json(json!({"function": f(), "qualifier": "", "file": ""})), Some(GetFunctionCode)),
        ("test_setup", json(json!({"function": f(), "asked": ""})), Some(GetFunction)),
        ("async_policy", json(json!({"function": f(), "qualifier": ""})), Some(GetFunctionAsyncInvokeConfig)),
        ("queue_notice", json(json!({"function": f(), "back": "/"})), Some(GetQueue)),
        ("drain_instance", form("region=r1&instance=s%2Ff%2Fnone&back=%2F"), Some(DrainInstance)),
        ("resume_queue", form("region=r1&service=s&function=f&back=%2F"), Some(PutQueue)),
        ("read_instances", json(json!({"function": f()})), Some(ListInstances)),
        ("region_instances", json(json!({"region": "r1", "search": ""})), Some(ListInstances)),
        ("delete_function", form("region=r1&service=s&function=none&typed_name=none"), Some(DeleteFunction)),
        ("triggers", json(json!({"function": f()})), Some(ListTriggers)),
        ("run_trigger", form("region=r1&service=s&function=f&trigger=t"), Some(RunTrigger)),
        ("delete_trigger", form("region=r1&service=s&function=f&trigger=t"), Some(DeleteTrigger)),
        ("upload_code", Sent::Multipart(&[OF[0], OF[1], NONE, ("file", "no archive")]), Some(UpdateFunction)),
        ("deploy_source", Sent::Multipart(&[OF[0], OF[1], NONE, ("path", "index.py"), ("text", "x")]), Some(UpdateFunction)),
        ("create_function", Sent::Multipart(&FUNCTION), Some(CreateFunction)),
        ("submit_task", form(ONCE), Some(InvokeFunction)),
        ("test_function", form("region=r1&service=s&function=none&qualifier=&event=1"), Some(InvokeFunction)),
        ("test_http_function", form(HTTP), Some(InvokeFunction)),
        ("save_http_parameters", form(HTTP_SAVED), Some(PutTaskParameters)),
        ("modify_configurations", form(CONFIGURATION), Some(UpdateFunction)),
        ("modify_instance", form("region=r1&service=s&function=f&etag=&cpu=&disk=512&time_zone=UTC"), Some(UpdateFunction)),
        ("modify_lifecycle", form(LIFECYCLE), Some(UpdateFunction)),
        ("modify_async_policy", form(POLICY), Some(PutFunctionAsyncInvokeConfig)),
        ("modify_destinations", form(DESTINATIONS), Some(PutFunctionAsyncInvokeConfig)),
        ("trigger_setup", json(json!({"function": f(), "name": null, "query": ""})), Some(ListTriggers)),
        (
            "upcoming_runs",
            json(
                json!({"times": {"mode": "interval", "interval": "5", "zone": "UTC", "days": "all", "weekdays": [], "dates": "1", "time": "00:00", "cron": ""}}),
            ),
            None,
        ),
        ("create_trigger", Sent::Multipart(&[OF[0], OF[1], NONE, KIND, NAME, MODE, EVERY, ZONE]), Some(CreateTrigger)),
        ("modify_trigger", Sent::Multipart(&[OF[0], OF[1], NONE, KIND, ("trigger", "t"), NAME, MODE, EVERY, ZONE]), Some(UpdateTrigger)),
        ("switch_trigger", form("region=r1&service=s&function=none&trigger=t&enabled=true"), Some(UpdateTrigger)),
        ("start_bulk", form("region=r1&service=s&function=none&action=Stop&query=&until=1&count=0"), Some(StartBulkAction)),
        // The last: it ends the session.
        ("sign_out", form(""), None),
    ]
}

const OF: [(&str, &str); 2] = [("region", "r1"), ("service", "s")];
const NONE: (&str, &str) = ("function", "none");
const FUNCTION: [(&str, &str); 11] = [
    OF[0],
    ("service", "none"),
    ("name", "n"),
    ("runtime", "python3"),
    ("handler", "index.handler"),
    ("memory", "128"),
    ("timeout", "60"),
    ("concurrency", "1"),
    ("initializer_timeout", "3"),
    ("pre_freeze_timeout", "3"),
    ("pre_stop_timeout", "3"),
];
const KIND: (&str, &str) = ("kind", "timer");
const NAME: (&str, &str) = ("trigger_name", "t");
const MODE: (&str, &str) = ("mode", "interval");
const EVERY: (&str, &str) = ("interval", "5");
const ZONE: (&str, &str) = ("zone", "UTC");
const RERUN: &str = "region=r1&service=s&function=f&origin=t&once=1&event=%7B%7D&id_method=auto&task_id=&execution=now&delay_s=";
const ONCE: &str =
    "region=r1&service=s&function=f&once=11111111-1111-4111-8111-111111111111&id_method=automatic&task_id=&execution=delay&delay_s=600";
const HTTP: &str = "region=r1&service=s&function=none&qualifier=&method=GET&path=%2F&query=&headers=&content_type=&body=";
const HTTP_SAVED: &str = "region=r1&service=s&function=none&method=GET&path=%2F&query=&headers=&content_type=&body=&next=";
const CONFIGURATION: &str =
    "region=r1&service=s&function=f&etag=&description=&handler=index.handler&memory=128&timeout=60&concurrency=1&environment=";
const LIFECYCLE: &str = "region=r1&service=s&function=none&etag=&initializer=&initializer_timeout=3&pre_freeze=&pre_freeze_timeout=3&pre_stop=\
                         &pre_stop_timeout=3";
const POLICY: &str = "region=r1&service=s&function=none&qualifier=&task_mode=enable&max_retries=1&max_lifetime=60";
const DESTINATIONS: &str = "region=r1&service=s&function=none&qualifier=&on_success=&on_failure=";

fn path_of<'a>(known: &'a [String], name: &str) -> &'a str {
    let end = format!("/{name}");
    known.iter().find(|path| path.ends_with(&end)).unwrap_or_else(|| panic!("there is no server function {name}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c82_each_role_against_each_server_function() {
    let place = Place::new().await;
    let known: Vec<String> = leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    let functions = functions();
    let mut missing: Vec<&String> = known.iter().filter(|path| path.starts_with(SERVER_FNS)).collect();
    missing.retain(|path| !functions.iter().any(|(name, ..)| path.ends_with(&format!("/{name}"))));
    assert_eq!(missing, [""; 0], "a server function that this test does not know");
    let mut wrong = Vec::new();
    for role in Role::ALL {
        let cookie = place.enter(role.as_str()).await;
        for (name, sent, needs) in &functions {
            let (status, text) = place.call(&cookie, path_of(&known, name), sent).await;
            let is_refused = status == StatusCode::FORBIDDEN && text.contains("You do not have permission") && text.contains("fc:");
            let is_allowed = needs.is_none_or(|action| role.allows(action));
            if is_refused == is_allowed || status == StatusCode::UNAUTHORIZED {
                wrong.push(format!("{role:?} {name}: {status} {text}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (name, sent, _) in functions.iter().filter(|(name, ..)| !["sign_in", "sign_out"].contains(name)) {
        let (status, text) = place.call("", path_of(&known, name), sent).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "nobody {name}: {text}");
    }
}

/// Downloads, streams and pages with what they need.
fn addresses() -> Vec<(String, Action)> {
    use Action::*;
    let f =
        FunctionRef { region: Region::from_stored("r1"), service: ServiceName::from_stored("s"), function: FunctionName::from_stored("f") };
    let task = f.task(TaskId::from_stored("t"));
    let page = |path: &str| format!("/r1/{path}");
    let of = |path: &str| format!("/r1/services/s/functions/f/{path}");
    vec![
        (routes::code_download(&f, ""), GetFunctionCode),
        (routes::payload_download(&task, "input"), GetStatefulAsyncInvocation),
        (routes::log_download(&f, None, &[]), GetStatefulAsyncInvocationLogs),
        (routes::log_download(&f, Some(&task.id), &[]), GetStatefulAsyncInvocationLogs),
        (routes::live_log(&f, &[]), GetStatefulAsyncInvocationLogs),
        (routes::task_export(&f, &[], "csv"), ListStatefulAsyncInvocations),
        (routes::bulk_download(&f.region, "none"), GetBulkAction),
        (routes::AUDIT_DOWNLOAD.to_owned(), ListAuditEntries),
        (of("instances/c-1/terminal"), InstanceExec),
        (page("users"), ListUsers),
        (page("users/somebody"), ListUsers),
        (page("audit"), ListAuditEntries),
        (page("metrics"), GetMetrics),
        (page("overview"), GetMetrics),
        (page("dead-letters"), ListDeadLetters),
        (page("instances"), ListInstances),
        (page("bulk"), ListBulkActions),
        (page("all-tasks"), ListStatefulAsyncInvocations),
        (page("stop-tasks"), ListStatefulAsyncInvocations),
        (of("instances"), ListInstances),
        (of("code"), GetFunctionCode),
        (of("tasks"), ListStatefulAsyncInvocations),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c82_each_role_against_each_page_download_and_stream() {
    let place = Place::new().await;
    for role in Role::ALL {
        let cookie = place.enter(role.as_str()).await;
        for (path, action) in addresses() {
            let (status, text) = place.get(&cookie, &path).await;
            let is_refused = status == StatusCode::FORBIDDEN && text.contains("You do not have permission") && text.contains("fc:");
            assert_eq!(is_refused, !role.allows(action), "{role:?} {path}: {status} {text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c82_the_terminal_is_for_those_who_may_log_on() {
    let place = Place::new().await;
    let f =
        FunctionRef { region: Region::from_stored("r1"), service: ServiceName::from_stored("s"), function: FunctionName::from_stored("f") };
    for role in Role::ALL {
        let who =
            Who { user: Some(SessionUser { name: role.as_str().to_owned(), role }), address: String::new(), request_id: String::new() };
        let console = Audited::new(&place.state, who);
        let refusal = console.exec(&f, &InstanceId::from_stored("c-1"), ExecRequest::shell(role.as_str())).await.err();
        let is_refused = refusal.is_some_and(|error| error.code == ErrorCode::AccessDenied);
        assert_eq!(is_refused, role != Role::Admin, "{role:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c82_values_of_environment_variables_are_for_those_who_configure() {
    let place = Place::new().await;
    for role in Role::ALL {
        let cookie = place.enter(role.as_str()).await;
        let (status, text) = place.get(&cookie, "/r1/services/s/functions/f/configurations").await;
        assert_eq!(status, StatusCode::OK, "{role:?}");
        assert!(text.contains("TOKEN"), "{role:?}");
        assert_eq!(text.contains("a-very-secret-value"), role == Role::Admin, "{role:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c82_a_form_that_the_browser_posts_is_refused_with_its_page() {
    let place = Place::new().await;
    let cookie = place.enter("viewer").await;
    let known: Vec<String> = leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    let request = Request::post(path_of(&known, "stop_task"))
        .header(header::COOKIE, cookie)
        .header(header::ACCEPT, "text/html")
        .header(header::HOST, "localhost:3000")
        .header(header::REFERER, "http://localhost:3000/r1/services/s/functions/f/tasks")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let (status, text) = place.send(request, "region=r1&service=s&function=f&id=t&back=%2F".to_owned()).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(text.contains("You do not have permission: this needs fc:StopStatefulAsyncInvocation"), "{text}");
    // The page says it at the form before anybody tries.
    assert!(text.contains("Needs fc:StopStatefulAsyncInvocation, which the role viewer does not include."));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c82_a_change_of_a_user_holds_from_the_next_request_on() {
    let place = Place::new().await;
    let users: &dyn Users = &*place.app.identity;
    let cookie = place.enter("viewer").await;
    let status = async |cookie: &str| place.get(cookie, "/r1/users").await.0;
    assert_eq!(status(&cookie).await, StatusCode::FORBIDDEN);
    users.change_role("viewer", Role::Admin).await.unwrap();
    assert_eq!(status(&cookie).await, StatusCode::OK);
    users.change_role("viewer", Role::Viewer).await.unwrap();
    assert_eq!(status(&cookie).await, StatusCode::FORBIDDEN);
    users.enable_user("viewer", false).await.unwrap();
    // To the sign-in, as without a session.
    assert_eq!(status(&cookie).await, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i5_3_keys_of_others_are_out_of_reach() {
    let place = Place::new().await;
    let keys: &dyn AccessKeys = &*place.app.identity;
    let spec = AccessKeySpec { name: "ci".to_owned(), policy: Policy::default() };
    let of_admin = keys.create_access_key(&spec, "admin").await.unwrap();
    let of_viewer = keys.create_access_key(&spec, "viewer").await.unwrap();
    let (admin, viewer) = (place.enter("admin").await, place.enter("viewer").await);
    let known: Vec<String> = leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    let listed = async |cookie: &str| place.call(cookie, path_of(&known, "access_keys"), &Sent::Json(json!({}))).await.1;
    let (all, own) = (listed(&admin).await, listed(&viewer).await);
    assert!(all.contains(&of_admin.id) && all.contains(&of_viewer.id), "{all}");
    assert!(!own.contains(&of_admin.id) && own.contains(&of_viewer.id), "{own}");
    let switch = async |cookie: &str, id: &str| {
        let request = Request::post(path_of(&known, "switch_access_key"))
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        place.send(request, format!("region=r1&id={id}&enabled=false")).await.0
    };
    assert_eq!(switch(&viewer, &of_admin.id).await, StatusCode::NOT_FOUND);
    assert!(place.app.identity.access_key(&of_admin.id).await.unwrap().is_some());
    assert_eq!(switch(&viewer, &of_viewer.id).await, StatusCode::OK);
    assert_eq!(switch(&admin, &of_admin.id).await, StatusCode::OK);
    assert!(place.app.identity.access_key(&of_admin.id).await.unwrap().is_none());
}
