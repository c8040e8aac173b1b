use crate::fixtures::at;
use engine::ports::Store;
use model::{ActorKind, AuditEntry, AuditQuery};
use store::each_backend;
use store::testing::TestDb;

each_backend!(
    c86_an_entry_is_read_as_it_was_written,
    c86_pages_follow_each_other_without_gaps,
    c86_each_filter_alone_and_all_at_once,
    c86_old_entries_are_deleted_in_batches,
);

fn entry(ms: i64, actor: &str, action: &str, resource: &str) -> AuditEntry {
    AuditEntry {
        at: at(ms),
        actor_kind: ActorKind::User,
        actor: actor.to_owned(),
        address: "192.0.2.7".to_owned(),
        action: action.to_owned(),
        resource: resource.to_owned(),
        region: "cn-hangzhou".to_owned(),
        outcome: "OK".to_owned(),
        request_id: format!("request-{ms}"),
    }
}

async fn fill(store: &dyn Store) {
    for (ms, actor, action, resource) in [
        (0, "admin", "fc:CreateService", "services/demo"),
        (10, "TY1", "fc:CreateFunction", "services/demo/functions/f1"),
        (20, "admin", "fc:UpdateFunction", "services/demo/functions/f1"),
        (20, "admin", "fc:DeleteFunction", "services/demo/functions/f2"),
        (30, "TY1", "fc:UpdateFunction", "services/demo2/functions/f1"),
    ] {
        store.insert_audit(&entry(ms, actor, action, resource)).await.unwrap();
    }
}

/// Milliseconds and action of each entry.
async fn found(store: &dyn Store, query: AuditQuery) -> Vec<(i64, String)> {
    let page = store.list_audit(&query).await.unwrap();
    page.items.iter().map(|entry| (entry.at.since(at(0)), entry.action.trim_start_matches("fc:").to_owned())).collect()
}

async fn c86_an_entry_is_read_as_it_was_written(db: TestDb) {
    let store = db.store();
    let written = AuditEntry { actor_kind: ActorKind::CommandLine, outcome: "AccessDenied".to_owned(), ..entry(0, "ä", "fc:SignIn", "") };
    store.insert_audit(&written).await.unwrap();
    assert_eq!(store.list_audit(&AuditQuery::default()).await.unwrap().items, [written]);
}

async fn c86_pages_follow_each_other_without_gaps(db: TestDb) {
    let store = db.store();
    fill(store.as_ref()).await;
    let (mut query, mut seen) = (AuditQuery { limit: 2, ..AuditQuery::default() }, Vec::new());
    loop {
        let page = store.list_audit(&query).await.unwrap();
        seen.extend(page.items.into_iter().map(|entry| (entry.at.since(at(0)), entry.action)));
        // What is written meanwhile is newer than the page, and moves nothing.
        store.insert_audit(&entry(1_000, "admin", "fc:SignIn", "users/admin")).await.unwrap();
        if page.next_token.is_empty() {
            break;
        }
        query.next_token = page.next_token;
    }
    let name = |text: &str| format!("fc:{text}");
    let expected = [
        (30, name("UpdateFunction")),
        (20, name("DeleteFunction")),
        (20, name("UpdateFunction")),
        (10, name("CreateFunction")),
        (0, name("CreateService")),
    ];
    assert_eq!(seen, expected);
}

async fn c86_each_filter_alone_and_all_at_once(db: TestDb) {
    let store = db.store();
    fill(store.as_ref()).await;
    let check = async |query: AuditQuery, expected: &[(i64, &str)]| {
        let found = found(store.as_ref(), query.clone()).await;
        assert_eq!(found.iter().map(|(ms, action)| (*ms, action.as_str())).collect::<Vec<_>>(), expected, "{query:?}");
    };
    let all = AuditQuery::default;
    check(AuditQuery { actor: "TY1".to_owned(), ..all() }, &[(30, "UpdateFunction"), (10, "CreateFunction")]).await;
    check(AuditQuery { actor: "TY".to_owned(), ..all() }, &[]).await;
    check(AuditQuery { action: "UpdateFunction".to_owned(), ..all() }, &[(30, "UpdateFunction"), (20, "UpdateFunction")]).await;
    let of_demo = [(20, "DeleteFunction"), (20, "UpdateFunction"), (10, "CreateFunction")];
    check(AuditQuery { resource: "services/demo/".to_owned(), ..all() }, &of_demo).await;
    check(AuditQuery { resource: "services/demo/functions/f2".to_owned(), ..all() }, &[(20, "DeleteFunction")]).await;
    check(AuditQuery { from: Some(at(10)), until: Some(at(20)), ..all() }, &[(10, "CreateFunction")]).await;
    let every = AuditQuery {
        actor: "admin".to_owned(),
        action: "fc:UpdateFunction".to_owned(),
        resource: "services/demo".to_owned(),
        from: Some(at(20)),
        until: Some(at(21)),
        ..all()
    };
    check(every, &[(20, "UpdateFunction")]).await;
}

async fn c86_old_entries_are_deleted_in_batches(db: TestDb) {
    let store = db.store();
    fill(store.as_ref()).await;
    assert_eq!(store.prune_audit(at(20), 1).await.unwrap(), 1);
    assert_eq!(store.prune_audit(at(20), 5).await.unwrap(), 1);
    assert_eq!(store.prune_audit(at(20), 5).await.unwrap(), 0);
    assert_eq!(found(store.as_ref(), AuditQuery::default()).await.len(), 3);
}
