//! Users of the console: their roles, what each role may do, and the port that makes, changes and ends them (`console.md` C-82).

use crate::{Action, Error, ErrorCode, Result, UnixMillis, action::ActionKind, ids, limits};
use async_trait::async_trait;
use futures_core::stream::BoxStream;
use serde::{Deserialize, Serialize};

/// What a user is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Everything, users too.
    Admin,
    /// Keeps tasks going: submits, stops, re-executes, reads logs; configures nothing.
    Operator,
    /// Reads.
    Viewer,
    /// Submits tasks and reads them.
    Invoker,
}

/// What everybody may do who is signed in: all of it concerns the user alone, other people's sessions and keys are out of reach.
const OWN: &[Action] = &[
    Action::SignIn,
    Action::SignOut,
    Action::ChangePassword,
    Action::EndSession,
    Action::ListUserSessions,
    Action::ListAccessKeys,
    Action::CreateAccessKey,
    Action::EnableAccessKey,
    Action::DisableAccessKey,
    Action::DeleteAccessKey,
];

/// What only an administrator reads.
const ADMIN_READS: &[Action] = &[Action::ListUsers];

/// What an operator changes.
const OPERATIONS: &[Action] = &[
    Action::StopStatefulAsyncInvocation,
    Action::ReexecuteStatefulAsyncInvocation,
    Action::RedriveDestination,
    Action::RunTrigger,
    Action::PutQueue,
    Action::PurgeQueue,
    Action::PutTaskParameters,
    Action::DrainInstance,
    Action::StartBulkAction,
    Action::StopBulkAction,
    Action::RetryBulkAction,
    Action::DismissDeadLetters,
];

/// What an invoker reads: what it takes to find a function, to submit to it, and to see what became of the task.
const INVOKER_READS: &[Action] = &[
    Action::GetService,
    Action::ListServices,
    Action::GetResourceTags,
    Action::ListTaggedResources,
    Action::GetFunction,
    Action::ListFunctions,
    Action::GetTrigger,
    Action::ListTriggers,
    Action::ListServiceVersions,
    Action::GetAlias,
    Action::ListAliases,
    Action::GetFunctionAsyncInvokeConfig,
    Action::ListFunctionAsyncInvokeConfigs,
    Action::GetTaskParameters,
    Action::GetQueue,
    Action::GetStatefulAsyncInvocation,
    Action::GetStatefulAsyncInvocationLogs,
    Action::ListStatefulAsyncInvocations,
    Action::ListStatefulAsyncInvocationFunctions,
    Action::GetAccountSettings,
];

impl Role {
    /// Each of them, the mightiest first.
    pub const ALL: [Role; 4] = [Role::Admin, Role::Operator, Role::Viewer, Role::Invoker];

    /// The word in forms, flags and the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Admin => "admin",
            Role::Operator => "operator",
            Role::Viewer => "viewer",
            Role::Invoker => "invoker",
        }
    }

    /// The role of a word.
    pub fn parse(word: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word).ok_or_else(|| {
            Error::invalid(format!("Role is set to an invalid value (allowed: admin, operator, viewer or invoker, actual: '{word}')"))
        })
    }

    /// Whether users of this role may do it: the one table of roles and actions.
    pub fn allows(self, action: Action) -> bool {
        let reads = action.kind() == ActionKind::Read && !ADMIN_READS.contains(&action);
        let invokes = action.kind() == ActionKind::Invoke;
        match self {
            Role::Admin => true,
            _ if OWN.contains(&action) => true,
            Role::Operator => reads || invokes || OPERATIONS.contains(&action),
            Role::Viewer => reads,
            Role::Invoker => invokes || INVOKER_READS.contains(&action),
        }
    }

    /// Refuses an action that the role does not include. Errors: `AccessDenied` that names the action.
    pub fn check(self, action: Action) -> Result<()> {
        if self.allows(action) {
            return Ok(());
        }
        let message = format!("You do not have permission: this needs {action}, which the role {} does not include.", self.as_str());
        Err(Error::new(ErrorCode::AccessDenied, message))
    }

    /// Whether values of environment variables are shown: they may be secrets, and who configures nothing has no use for them.
    pub fn sees_values(self) -> bool {
        self.allows(Action::UpdateFunction)
    }
}

/// A user as it is listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserInfo {
    pub name: String,
    pub role: Role,
    /// False: nobody can sign in with the name, and its access keys are refused.
    pub enabled: bool,
    pub created_at: UnixMillis,
}

/// Checks a name given for a new user: 1 to 64 letters, digits, `_`, `-`; first a letter or `_`.
pub fn check_user_name(name: &str) -> Result<()> {
    ids::check_name("UserName", name, limits::USER_NAME_CHARS_MAX)
}

/// Checks a password given by a user by its length: what else is asked for only makes people write it down.
pub fn check_password(password: &str) -> Result<()> {
    let chars = password.chars().count();
    let (least, most) = (limits::PASSWORD_CHARS_MIN, limits::PASSWORD_CHARS_MAX);
    if (least..=most).contains(&chars) {
        return Ok(());
    }
    Err(Error::invalid(format!("Use {least} to {most} characters for the password.")))
}

/// Where a session was opened from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SessionOrigin {
    /// The other end of the connection; empty when there was none.
    pub address: String,
    /// What the browser said it is.
    pub agent: String,
}

/// An open session as its user sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionInfo {
    /// Names it among the user's; opens nothing.
    pub id: String,
    pub created_at: UnixMillis,
    pub ends_at: UnixMillis,
    pub origin: SessionOrigin,
    /// The one that asks.
    pub is_current: bool,
}

/// Tells, with no word of which, that sessions were ended or users changed on this server.
pub type SessionChanges = BoxStream<'static, ()>;

/// The port for users and their sessions. There is always an enabled user with the role `admin`: what would leave none is refused with
/// `InvalidArgument`.
#[async_trait]
pub trait Users: Send + Sync {
    /// Every user by name.
    async fn list_users(&self) -> Result<Vec<UserInfo>>;

    /// Makes an enabled user; without a password one is generated and returned, to be shown once. Errors: `InvalidArgument` for a name that is
    /// taken, and for a password that is too short; `LimitExceededError`.
    async fn create_user(&self, name: &str, role: Role, password: Option<&str>) -> Result<Option<String>>;

    /// Gives a user another role; it holds from the next request on. Errors: `AccountEntityNotFound`.
    async fn change_role(&self, name: &str, role: Role) -> Result<()>;

    /// Gives a user another password, as [`Users::create_user`] does, and ends its sessions. Errors: `AccountEntityNotFound`.
    async fn reset_password(&self, name: &str, password: Option<&str>) -> Result<Option<String>>;

    /// Lets a user sign in again, or ends its sessions and keeps it and its access keys out. Errors: `AccountEntityNotFound`.
    async fn enable_user(&self, name: &str, enabled: bool) -> Result<()>;

    /// Deletes a user with its sessions and access keys. Errors: `AccountEntityNotFound`.
    async fn delete_user(&self, name: &str) -> Result<()>;

    /// Changes the password of a user who knows it, and ends every session of the user but that of this token.
    ///
    /// Errors: `AccessDenied` when the present one is wrong; `ResourceThrottled` after too many wrong tries.
    async fn change_password(&self, name: &str, present: &str, password: &str, token: &str) -> Result<()>;

    /// The user's sessions, the newest first; that of the token is marked.
    async fn list_sessions(&self, name: &str, token: &str) -> Result<Vec<SessionInfo>>;

    /// Ends a session of the user by its id; one that has ended is no error.
    async fn end_session(&self, name: &str, id: &str) -> Result<()>;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every action and the first letters of the roles that may do it: whoever adds one decides here, and a right that is lost or won shows.
    #[test]
    fn c82_the_table_of_roles_and_actions() {
        let table: Vec<String> = Action::ALL
            .iter()
            .map(|action| {
                let of = |(role, letter)| if Role::allows(role, *action) { letter } else { '-' };
                let letters: String = Role::ALL.into_iter().zip("aovi".chars()).map(of).collect();
                format!("{letters} {}", action.as_str().trim_start_matches("fc:"))
            })
            .collect();
        insta::assert_snapshot!(table.join("\n"));
    }

    #[test]
    fn c82_a_refusal_names_the_action_and_the_role() {
        let refusal = Role::Viewer.check(Action::StopStatefulAsyncInvocation).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::AccessDenied);
        assert!(refusal.message.starts_with("You do not have permission"), "{refusal}");
        assert!(refusal.message.contains("fc:StopStatefulAsyncInvocation") && refusal.message.contains("viewer"), "{refusal}");
        assert!(Role::Operator.check(Action::StopStatefulAsyncInvocation).is_ok());
    }

    #[test]
    fn c82_roles_are_read_back_and_values_are_for_those_who_configure() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Ok(role));
            assert_eq!(role.sees_values(), role == Role::Admin);
        }
        assert!(Role::parse("Admin").is_err());
    }

    #[test]
    fn c82_names_and_passwords_have_limits() {
        let check = |name: &str, fits| assert_eq!(check_user_name(name).is_ok(), fits, "{name}");
        check("night-shift", true);
        check(&"a".repeat(64), true);
        check(&"a".repeat(65), false);
        check("", false);
        check("a b", false);
        check("a/b", false);
        let fits = |chars| check_password(&"ä".repeat(chars)).is_ok();
        assert_eq!([7, 8, 1_000, 1_001].map(fits), [false, true, true, false]);
    }
}
