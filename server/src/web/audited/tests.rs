//! What the console's ports let through, and what they write down.

use super::*;
use crate::cli::{Cli, Verb};
use crate::{config::Config, wiring};
use clap::Parser;
use tokio_util::sync::CancellationToken;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c86_what_the_console_changes_is_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("data");
    let flags = ["taskyard", "serve", "--data-dir", data_dir.to_str().unwrap(), "--regions", "r1", "--admin-password", "a-password"];
    let Verb::Serve(args) = Cli::try_parse_from(flags).unwrap().verb else { panic!("another verb") };
    let config = Config::from_args(*args).unwrap();
    let app = wiring::start(&config, config.listen).await.unwrap();
    let state = wiring::web_state(&app, &config, &CancellationToken::new());
    let user = |role| SessionUser { name: "admin".to_owned(), role };
    let who = |user: Option<SessionUser>| Who { user, address: "192.0.2.7".to_owned(), request_id: "r-1".to_owned() };
    let (stranger, admin) = (Audited::new(&state, who(None)), Audited::new(&state, who(Some(user(Role::Admin)))));

    let origin = SessionOrigin::default();
    assert!(stranger.sign_in("admin", "wrong", &origin).await.is_err());
    assert!(stranger.sign_in("a-password", "admin", &origin).await.is_err());
    let (token, _) = stranger.sign_in("admin", "a-password", &origin).await.unwrap();
    stranger.sign_out("none").await.unwrap();
    let service = ServiceRef { region: Region::from_stored("r1"), service: ServiceName::from_stored("demo") };
    let demo = &service.service;
    admin.create_service(&service.region, demo, ServiceSpec::default()).await.unwrap();
    assert!(admin.create_service(&service.region, demo, ServiceSpec::default()).await.is_err());
    admin.get_service(&service).await.unwrap();
    let of_demo = FunctionRef { region: service.region.clone(), service: demo.clone(), function: FunctionName::from_stored("f") };
    assert!(admin.stop_task(&of_demo.task(TaskId::from_stored("t")), "admin").await.is_err());
    admin.pause_queue(&QueueScope::Region(service.region.clone())).await.unwrap();
    let key = admin.create_access_key(&AccessKeySpec { name: "ci".to_owned(), policy: Policy::default() }, "admin").await.unwrap();
    admin.enable_access_key(&key.id, false).await.unwrap();
    assert!(admin.run_trigger(&of_demo.trigger(TriggerName::from_stored("t"))).await.is_err());
    for (service, function) in [("", ""), ("demo", ""), ("demo", "f")] {
        let scope = BulkScope::named(of_demo.region.clone(), service, function);
        let request = BulkRequest { scope, action: BulkAction::Stop, filter: BulkFilter::default(), until: 0 };
        assert!(admin.create_bulk(request, "admin").await.is_err());
    }
    admin.sign_out(&token).await.unwrap();
    // What a role does not include is refused before it is done, and written down; so is what nobody asks for.
    let viewer = Audited::new(&state, who(Some(user(Role::Viewer))));
    assert_eq!(viewer.delete_service(&service, None).await.unwrap_err().code, ErrorCode::AccessDenied);
    assert_eq!(stranger.delete_service(&service, None).await.unwrap_err().code, ErrorCode::Unauthenticated);
    assert_eq!(stranger.list_services(&service.region, &ListQuery::default()).await.unwrap_err().code, ErrorCode::Unauthenticated);
    viewer.get_service(&service).await.unwrap();

    let page = state.audit.list_audit(&AuditQuery::default()).await.unwrap();
    let written: Vec<String> = page.items.iter().rev().map(line).collect();
    let task = "services/demo/functions/f/stateful-async-invocations/t";
    let expected = [
        "admin SignIn users/admin  AccessDenied".to_owned(),
        // The name of nobody may be a password.
        " SignIn users/  AccessDenied".to_owned(),
        "admin SignIn users/admin  OK".to_owned(),
        "admin CreateService services/demo r1 OK".to_owned(),
        "admin CreateService services/demo r1 ServiceAlreadyExists".to_owned(),
        format!("admin StopStatefulAsyncInvocation {task} r1 FunctionNotFound"),
        "admin PutQueue queue r1 OK".to_owned(),
        format!("admin CreateAccessKey access-keys/{}  OK", key.id),
        format!("admin DisableAccessKey access-keys/{}  OK", key.id),
        "admin RunTrigger services/demo/functions/f/triggers/t r1 FunctionNotFound".to_owned(),
        // Whose tasks were meant.
        "admin StartBulkAction bulk-actions/Stop r1 InvalidArgument".to_owned(),
        "admin StartBulkAction services/demo/bulk-actions/Stop r1 InvalidArgument".to_owned(),
        "admin StartBulkAction services/demo/functions/f/bulk-actions/Stop r1 FunctionNotFound".to_owned(),
        "admin SignOut users/admin  OK".to_owned(),
        "admin DeleteService services/demo r1 AccessDenied".to_owned(),
        " DeleteService services/demo r1 Unauthenticated".to_owned(),
    ];
    assert_eq!(written, expected);
    assert!(page.items.iter().all(|entry| entry.address == "192.0.2.7" && entry.request_id == "r-1"));
    assert!(!format!("{page:?}").contains(&key.secret));
}

fn line(entry: &AuditEntry) -> String {
    let action = entry.action.trim_start_matches("fc:");
    format!("{} {action} {} {} {}", entry.actor, entry.resource, entry.region, entry.outcome)
}
