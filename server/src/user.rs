//! `taskyard user`: the console's users, in the server's own store.

use crate::cli::{UserArgs, UserVerb};
use crate::key;
use engine::clock::SystemClock;
use engine::ports::Store;
use engine::{AuditService, IdentityService, Sealer};
use model::{Action, Result, Role, UserInfo, Users, format};
use serde_json::{Value, json};
use std::io::{BufRead, Read};
use std::sync::Arc;

/// Bytes of a password's line.
const LINE_BYTES_MAX: u64 = 16 * 1024;

/// Opens the store, does what was asked and prints the answer. The error says what to do.
pub(crate) async fn run(args: UserArgs) -> std::result::Result<(), String> {
    // Read before the store is locked: whoever types it may take long.
    let password = match &args.verb {
        UserVerb::Add { password_stdin: true, .. } | UserVerb::Password { password_stdin: true, .. } => Some(typed_password()?),
        _ => None,
    };
    let (store, sealer) = key::open(args.store, "Users").await?;
    let done = Accounts::new(store, sealer).act(args.verb, password.as_deref(), args.json).await;
    key::print(&done.map_err(|error| error.message)?);
    Ok(())
}

fn typed_password() -> std::result::Result<String, String> {
    let mut line = String::new();
    let read = std::io::stdin().lock().take(LINE_BYTES_MAX).read_line(&mut line);
    read.map_err(|error| format!("the password can't be read from standard input: {error}"))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// The users of one store.
struct Accounts {
    identity: IdentityService,
    audit: AuditService,
}

impl Accounts {
    fn new(store: Arc<dyn Store>, sealer: Sealer) -> Self {
        Self { identity: IdentityService::new(store.clone(), Arc::new(SystemClock), sealer), audit: AuditService::new(store) }
    }

    async fn act(&self, verb: UserVerb, password: Option<&str>, is_json: bool) -> Result<String> {
        let users = &self.identity;
        match verb {
            UserVerb::Add { name, role, .. } => {
                let role = Role::parse(&role)?;
                let done = users.create_user(&name, role, password).await;
                self.record(Action::CreateUser, format!("users/{name}"), &done).await;
                Ok(with_password(&name, "added", done?, is_json))
            }
            UserVerb::List => Ok(listed(&users.list_users().await?, is_json)),
            UserVerb::Password { name, .. } => {
                let done = users.reset_password(&name, password).await;
                self.record(Action::ResetPassword, format!("users/{name}"), &done).await;
                Ok(with_password(&name, "given another password", done?, is_json))
            }
            UserVerb::Role { name, role } => {
                let role = Role::parse(&role)?;
                let done = users.change_role(&name, role).await;
                self.record(Action::ChangeUserRole, format!("users/{name}/roles/{}", role.as_str()), &done).await;
                done.map(|()| with_password(&name, "given another role", None, is_json))
            }
            UserVerb::Disable { name } => {
                let done = users.enable_user(&name, false).await;
                self.record(Action::DisableUser, format!("users/{name}"), &done).await;
                done.map(|()| with_password(&name, "disabled", None, is_json))
            }
            UserVerb::Enable { name } => {
                let done = users.enable_user(&name, true).await;
                self.record(Action::EnableUser, format!("users/{name}"), &done).await;
                done.map(|()| with_password(&name, "enabled", None, is_json))
            }
            UserVerb::Delete { name } => {
                let done = users.delete_user(&name).await;
                self.record(Action::DeleteUser, format!("users/{name}"), &done).await;
                done.map(|()| with_password(&name, "deleted", None, is_json))
            }
        }
    }

    async fn record<T>(&self, action: Action, resource: String, result: &Result<T>) {
        key::record(&self.audit, "user", action, resource, result).await;
    }
}

/// What was done, and the password where one was generated.
fn with_password(name: &str, word: &str, generated: Option<String>, is_json: bool) -> String {
    match (is_json, generated) {
        (true, Some(password)) => json!({"name": name, "done": word, "password": password}).to_string(),
        (true, None) => json!({"name": name, "done": word}).to_string(),
        (false, Some(password)) => format!("user {name} {word}\npassword  {password}\nThe password is shown this once."),
        (false, None) => format!("user {name} {word}"),
    }
}

fn listed(users: &[UserInfo], is_json: bool) -> String {
    if is_json {
        return Value::Array(users.iter().map(as_json).collect()).to_string();
    }
    key::table(["NAME", "ROLE", "STATE", "CREATED"], users.iter().map(cells))
}

fn as_json(user: &UserInfo) -> Value {
    json!({"name": user.name, "role": user.role.as_str(), "enabled": user.enabled, "createdTime": user.created_at.0})
}

fn cells(user: &UserInfo) -> [String; 4] {
    let state = if user.enabled { "enabled" } else { "disabled" };
    [user.name.clone(), user.role.as_str().to_owned(), state.to_owned(), format::rfc3339(user.created_at)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Verb};
    use crate::secret_key;
    use clap::Parser;
    use model::{Audit, AuditQuery, ErrorCode, Identity, SessionOrigin};
    use store::LogPlace;

    async fn accounts(folder: &std::path::Path) -> Accounts {
        let store = store::open("sqlite:", folder, &LogPlace::Database).await.unwrap();
        Accounts::new(store, secret_key::load(&folder.join("secret.key")).unwrap())
    }

    async fn act(accounts: &Accounts, words: &[&str], password: Option<&str>) -> Result<Value> {
        let cli = Cli::try_parse_from(["taskyard", "user"].iter().chain(words)).unwrap();
        let Verb::User(args) = cli.verb else { panic!("another verb") };
        accounts.act(args.verb, password, true).await.map(|answer| serde_json::from_str(&answer).unwrap())
    }

    #[tokio::test]
    async fn c82_users_are_made_changed_and_deleted_by_command() {
        let folder = tempfile::tempdir().unwrap();
        let accounts = accounts(folder.path()).await;
        let enter = async |name: &str, password: &str| accounts.identity.sign_in(name, password, &SessionOrigin::default()).await.is_ok();
        act(&accounts, &["add", "boss", "--role", "admin", "--password-stdin"], Some("a right password")).await.unwrap();
        let made = act(&accounts, &["add", "op", "--role", "operator"], None).await.unwrap();
        let first = made["password"].as_str().unwrap();
        assert!(enter("boss", "a right password").await && enter("op", first).await);
        let changed = act(&accounts, &["password", "op"], None).await.unwrap();
        assert!(!enter("op", first).await && enter("op", changed["password"].as_str().unwrap()).await);
        act(&accounts, &["role", "op", "viewer"], None).await.unwrap();
        act(&accounts, &["disable", "op"], None).await.unwrap();
        assert!(!enter("op", changed["password"].as_str().unwrap()).await);
        let listed = act(&accounts, &["list"], None).await.unwrap();
        let row = |n: usize| (listed[n]["name"].as_str(), listed[n]["role"].as_str(), listed[n]["enabled"].as_bool());
        assert_eq!([row(0), row(1)], [(Some("boss"), Some("admin"), Some(true)), (Some("op"), Some("viewer"), Some(false))]);
        act(&accounts, &["enable", "op"], None).await.unwrap();
        act(&accounts, &["delete", "op"], None).await.unwrap();
        assert_eq!(act(&accounts, &["delete", "boss"], None).await.unwrap_err().code, ErrorCode::InvalidArgument);
        assert!(act(&accounts, &["add", "x", "--role", "king"], None).await.is_err());
        let page = accounts.audit.list_audit(&AuditQuery::default()).await.unwrap();
        let entries: Vec<_> =
            page.items.iter().rev().map(|entry| format!("{} {} {}", entry.action, entry.resource, entry.outcome)).collect();
        let expected = [
            "fc:CreateUser users/boss OK",
            "fc:CreateUser users/op OK",
            "fc:ResetPassword users/op OK",
            "fc:ChangeUserRole users/op/roles/viewer OK",
            "fc:DisableUser users/op OK",
            "fc:EnableUser users/op OK",
            "fc:DeleteUser users/op OK",
            "fc:DeleteUser users/boss InvalidArgument",
        ];
        assert_eq!(entries, expected);
        assert!(page.items.iter().all(|entry| entry.actor == "taskyard user"));
    }

    #[tokio::test]
    async fn c82_a_list_of_users_is_a_table_for_people() {
        let folder = tempfile::tempdir().unwrap();
        let accounts = accounts(folder.path()).await;
        act(&accounts, &["add", "boss", "--role", "admin"], None).await.unwrap();
        let table = accounts.act(UserVerb::List, None, false).await.unwrap();
        let lines: Vec<&str> = table.lines().collect();
        assert!(lines[0].starts_with("NAME") && lines[1].starts_with("boss  admin  enabled"), "{table}");
        let said = accounts.act(UserVerb::Password { name: "boss".to_owned(), password_stdin: false }, None, false).await.unwrap();
        assert!(said.contains("\npassword  ") && said.ends_with("The password is shown this once."), "{said}");
    }
}
