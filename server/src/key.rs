//! `taskyard key`: the API's access keys, in the server's own store.

use crate::cli::{KeyArgs, KeyVerb, StoreArgs};
use crate::{config, secret_key};
use engine::clock::{Clock, SystemClock};
use engine::ports::Store;
use engine::{AuditService, IdentityService, Sealer};
use model::{AccessKey, AccessKeyInfo, AccessKeySpec, AccessKeys, Action, ActorKind, Audit, AuditEntry, Policy, Result, audit, format};
use serde_json::{Value, json};
use std::sync::Arc;
use store::LogPlace;

/// Opens the store, does what was asked and prints the answer. The error says what to do.
pub(crate) async fn run(args: KeyArgs) -> std::result::Result<(), String> {
    let (store, sealer) = open(args.store, "Access Keys").await?;
    let answer = Keys::new(store, sealer).act(args.verb, args.json).await.map_err(|error| error.message)?;
    print(&answer);
    Ok(())
}

/// The store and what opens its secrets; `page` of the console does the same while the server runs.
pub(crate) async fn open(args: StoreArgs, page: &str) -> std::result::Result<(Arc<dyn Store>, Sealer), String> {
    let url = config::database_url(args.database_url)?;
    let file = config::secret_key_file(args.secret_key_file, &args.data_dir);
    let store = store::open(&url, &args.data_dir, &LogPlace::Database).await.map_err(|error| match error {
        store::OpenError::InUse { .. } => format!("{error}; or use the console's page {page}, which works while the server runs"),
        other => other.to_string(),
    })?;
    Ok((store, secret_key::load(&file)?))
}

/// Writes an entry for what was done from the command line.
pub(crate) async fn record<T>(audit: &AuditService, verb: &str, action: Action, resource: String, result: &Result<T>) {
    let entry = AuditEntry {
        at: SystemClock.now(),
        actor_kind: ActorKind::CommandLine,
        actor: format!("taskyard {verb}"),
        address: String::new(),
        action: action.as_str().to_owned(),
        resource,
        region: String::new(),
        outcome: audit::outcome(result),
        request_id: String::new(),
    };
    audit.record(entry).await;
}

#[expect(clippy::print_stdout, reason = "the verb's answer")]
pub(crate) fn print(answer: &str) {
    println!("{answer}");
}

/// The keys of one store.
struct Keys {
    identity: IdentityService,
    audit: AuditService,
}

impl Keys {
    fn new(store: Arc<dyn Store>, sealer: Sealer) -> Self {
        Self { identity: IdentityService::new(store.clone(), Arc::new(SystemClock), sealer), audit: AuditService::new(store) }
    }

    async fn act(&self, verb: KeyVerb, is_json: bool) -> Result<String> {
        match verb {
            KeyVerb::Create { name, policy, services, user } => {
                let spec = AccessKeySpec { name, policy: Policy::parse(&policy, &services.join(","))? };
                // A key that the servers could not open would be of no use.
                let closed = self.identity.check_secrets().await?;
                if !closed.is_empty() {
                    let message = format!("the keys {} were sealed with another secret key file; give the servers' one", closed.join(", "));
                    return Err(model::Error::invalid(message));
                }
                let made = self.identity.create_access_key(&spec, &user).await;
                let id = made.as_ref().map_or("", |key| key.id.as_str());
                self.record(Action::CreateAccessKey, id, &made).await;
                Ok(created(&made?, &spec, is_json))
            }
            KeyVerb::List => Ok(listed(&self.identity.list_access_keys().await?, is_json)),
            KeyVerb::Disable { id } => {
                let done = self.identity.enable_access_key(&id, false).await;
                self.changed(Action::DisableAccessKey, &id, done, "disabled", is_json).await
            }
            KeyVerb::Enable { id } => {
                let done = self.identity.enable_access_key(&id, true).await;
                self.changed(Action::EnableAccessKey, &id, done, "enabled", is_json).await
            }
            KeyVerb::Delete { id } => {
                let done = self.identity.delete_access_key(&id).await;
                self.changed(Action::DeleteAccessKey, &id, done, "deleted", is_json).await
            }
        }
    }

    async fn changed(&self, action: Action, id: &str, done: Result<()>, word: &str, is_json: bool) -> Result<String> {
        self.record(action, id, &done).await;
        done?;
        Ok(if is_json { json!({"id": id, "done": word}).to_string() } else { format!("access key {id} {word}") })
    }

    async fn record<T>(&self, action: Action, id: &str, result: &Result<T>) {
        record(&self.audit, "key", action, format!("access-keys/{id}"), result).await;
    }
}

fn created(key: &AccessKey, spec: &AccessKeySpec, is_json: bool) -> String {
    if is_json {
        let (policy, services) = (spec.policy.grant.as_str(), &spec.policy.services);
        return json!({"id": key.id, "secret": key.secret, "name": spec.name, "policy": policy, "services": services}).to_string();
    }
    format!("access key id      {}\naccess key secret  {}\nThe secret is shown this once.", key.id, key.secret)
}

fn listed(keys: &[AccessKeyInfo], is_json: bool) -> String {
    if is_json {
        return Value::Array(keys.iter().map(as_json).collect()).to_string();
    }
    table(["ID", "NAME", "USER", "POLICY", "SERVICES", "STATE", "CREATED", "LAST USED"], keys.iter().map(cells))
}

/// Lines with a head, each column as wide as its widest cell.
pub(crate) fn table<const N: usize>(head: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let rows: Vec<[String; N]> = std::iter::once(head.map(str::to_owned)).chain(rows).collect();
    let widths: Vec<usize> =
        (0..N).map(|column| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)).collect();
    let line = |row: &[String; N]| {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn as_json(key: &AccessKeyInfo) -> Value {
    json!({
        "id": key.id,
        "name": key.name,
        "user": key.user,
        "policy": key.policy.grant.as_str(),
        "services": key.policy.services,
        "enabled": key.enabled,
        "createdTime": key.created_at.0,
        "lastUsedTime": key.last_used_at.map(|at| at.0),
    })
}

fn cells(key: &AccessKeyInfo) -> [String; 8] {
    let services = if key.policy.services.is_empty() { "all".to_owned() } else { key.policy.services_text() };
    let state = if key.enabled { "enabled" } else { "disabled" };
    let used = key.last_used_at.map_or_else(|| "never".to_owned(), format::rfc3339);
    let (policy, created) = (key.policy.grant.as_str().to_owned(), format::rfc3339(key.created_at));
    [key.id.clone(), key.name.clone(), key.user.clone(), policy, services, state.to_owned(), created, used]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Verb};
    use clap::Parser;
    use model::{AuditQuery, ErrorCode, Identity};

    fn parsed(words: &[&str]) -> KeyArgs {
        let cli = Cli::try_parse_from(["taskyard", "key"].iter().chain(words)).unwrap();
        let Verb::Key(args) = cli.verb else { panic!("another verb") };
        args
    }

    async fn keys(folder: &std::path::Path) -> Keys {
        let store = store::open("sqlite:", folder, &LogPlace::Database).await.unwrap();
        Keys::new(store, secret_key::load(&folder.join("secret.key")).unwrap())
    }

    async fn act(keys: &Keys, words: &[&str]) -> Result<Value> {
        let args = parsed(words);
        keys.act(args.verb, true).await.map(|answer| serde_json::from_str(&answer).unwrap())
    }

    #[tokio::test]
    async fn i5_keys_are_made_switched_and_deleted_by_command() {
        let folder = tempfile::tempdir().unwrap();
        let keys = keys(folder.path()).await;
        let made = act(&keys, &["create", "--name", "ci", "--policy", "read-only", "--service", "demo", "--service", "b"]).await.unwrap();
        let (id, secret) = (made["id"].as_str().unwrap(), made["secret"].as_str().unwrap());
        assert_eq!((made["policy"].as_str(), &made["services"]), (Some("read-only"), &json!(["b", "demo"])));
        let found = keys.identity.access_key(id).await.unwrap().unwrap();
        assert_eq!((found.secret.as_str(), found.policy), (secret, Policy::parse("read-only", "b,demo").unwrap()));
        let listed = act(&keys, &["list"]).await.unwrap();
        assert_eq!((listed[0]["id"].as_str(), listed[0]["enabled"].as_bool()), (Some(id), Some(true)));
        assert!(!listed.to_string().contains(secret));
        act(&keys, &["disable", id]).await.unwrap();
        assert_eq!(keys.identity.access_key(id).await.unwrap(), None);
        act(&keys, &["enable", id]).await.unwrap();
        assert!(keys.identity.access_key(id).await.unwrap().is_some());
        act(&keys, &["delete", id]).await.unwrap();
        assert_eq!(act(&keys, &["delete", id]).await.unwrap_err().code, ErrorCode::AccountEntityNotFound);
        let page = keys.audit.list_audit(&AuditQuery::default()).await.unwrap();
        let entries: Vec<_> = page.items.iter().map(|entry| (entry.action.trim_start_matches("fc:"), entry.outcome.as_str())).collect();
        let expected = [
            ("DeleteAccessKey", "AccountEntityNotFound"),
            ("DeleteAccessKey", "OK"),
            ("EnableAccessKey", "OK"),
            ("DisableAccessKey", "OK"),
            ("CreateAccessKey", "OK"),
        ];
        assert_eq!(entries, expected);
        assert!(page.items.iter().all(|entry| entry.resource == format!("access-keys/{id}")));
        // Neither the database nor the log of its pages has the secret in clear.
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()));
        }
    }

    #[tokio::test]
    async fn i5_a_list_is_a_table_for_people() {
        let folder = tempfile::tempdir().unwrap();
        let keys = keys(folder.path()).await;
        let made = act(&keys, &["create", "--name", "build server"]).await.unwrap();
        let table = keys.act(parsed(&["list"]).verb, false).await.unwrap();
        let lines: Vec<&str> = table.lines().collect();
        assert!(lines[0].starts_with("ID ") && lines[0].ends_with("LAST USED"), "{table}");
        assert!(lines[1].starts_with(made["id"].as_str().unwrap()) && lines[1].ends_with("never"), "{table}");
        assert_eq!(lines[0].find("POLICY"), lines[1].find("full"), "{table}");
    }

    #[test]
    fn i5_flags_may_stand_anywhere() {
        let args = parsed(&["list", "--json", "--data-dir", "d", "--secret-key-file", "k"]);
        assert!(args.json);
        assert_eq!((args.store.data_dir.to_str(), args.store.secret_key_file.unwrap().to_str()), (Some("d"), Some("k")));
    }

    #[tokio::test]
    async fn i5_a_key_is_not_made_where_the_others_cannot_be_opened() {
        let folder = tempfile::tempdir().unwrap();
        let store = store::open("sqlite:", folder.path(), &LogPlace::Database).await.unwrap();
        let with = |file: &str| Keys::new(store.clone(), secret_key::load(&folder.path().join(file)).unwrap());
        act(&with("one.key"), &["create", "--name", "one"]).await.unwrap();
        let keys = with("other.key");
        let refusal = act(&keys, &["create", "--name", "two"]).await.unwrap_err();
        assert!(refusal.message.contains("another secret key file"), "{refusal}");
        assert_eq!(act(&keys, &["list"]).await.unwrap().as_array().unwrap().len(), 1);
    }
}
