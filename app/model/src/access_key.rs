//! Access keys of the API: what each may do, and the port that makes and ends them.

use crate::{Action, Error, ErrorCode, Result, Role, ServiceName, UnixMillis, action::ActionKind, limits};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// An access key as the signature check needs it.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessKey {
    pub id: String,
    pub secret: String,
    pub policy: Policy,
    /// Of the user whose key it is: the key may do what both allow.
    pub role: Role,
}

impl AccessKey {
    /// A key that may do everything.
    pub fn full(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self { id: id.into(), secret: secret.into(), policy: Policy::default(), role: Role::Admin }
    }
}

impl std::fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessKey")
            .field("id", &self.id)
            .field("secret", &"…")
            .field("policy", &self.policy)
            .field("role", &self.role)
            .finish()
    }
}

/// Which actions a key may do: the vendor's three system policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Grant {
    #[default]
    Full,
    /// Whatever is named `fc:Get…` and `fc:List…`.
    ReadOnly,
    /// `fc:InvokeFunction`.
    InvokeOnly,
}

impl Grant {
    /// Each of them.
    pub const ALL: [Grant; 3] = [Grant::Full, Grant::ReadOnly, Grant::InvokeOnly];

    /// The word in forms, flags and the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Grant::Full => "full",
            Grant::ReadOnly => "read-only",
            Grant::InvokeOnly => "invoke-only",
        }
    }

    /// The grant of a word.
    pub fn parse(word: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|grant| grant.as_str() == word).ok_or_else(|| {
            Error::invalid(format!("Policy is set to an invalid value (allowed: full, read-only or invoke-only, actual: '{word}')"))
        })
    }

    fn allows(self, action: Action) -> bool {
        match (self, action.kind()) {
            (_, ActionKind::Account) => false,
            (Grant::Full, _) => true,
            (Grant::ReadOnly, kind) => kind == ActionKind::Read,
            (Grant::InvokeOnly, kind) => kind == ActionKind::Invoke,
        }
    }
}

/// What the holder of a key may do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Policy {
    pub grant: Grant,
    /// The services, in any region, whose resources the key reaches; empty for all, and for what belongs to no service.
    pub services: Vec<ServiceName>,
}

impl Policy {
    /// What may stand between the names of services that a user types.
    pub const BETWEEN: [char; 5] = [',', ' ', '\n', '\r', '\t'];

    /// Checks words given by a user; services are separated by commas, spaces or lines.
    pub fn parse(grant: &str, services: &str) -> Result<Self> {
        let names = services.split(Self::BETWEEN).filter(|name| !name.is_empty());
        let mut services = names.map(ServiceName::parse).collect::<Result<Vec<_>>>()?;
        services.sort();
        services.dedup();
        if services.len() > limits::ACCESS_KEY_SERVICES_MAX {
            return Err(Error::invalid(format!("a key may be limited to at most {} services", limits::ACCESS_KEY_SERVICES_MAX)));
        }
        Ok(Self { grant: Grant::parse(grant)?, services })
    }

    /// Refuses an action whatever it is done to. Errors: `AccessDenied` that names the action.
    pub fn check_action(&self, action: Action) -> Result<()> {
        if self.grant.allows(action) {
            return Ok(());
        }
        Err(denied(action, &format!("its policy is {}", self.grant.as_str())))
    }

    /// Refuses an action on a resource of this service, or on what belongs to none. Errors: `AccessDenied` that names the action.
    pub fn check_service(&self, action: Action, service: Option<&str>) -> Result<()> {
        if self.services.is_empty() || service.is_some_and(|service| self.services.iter().any(|name| name.as_str() == service)) {
            return Ok(());
        }
        Err(denied(action, &format!("it is limited to the services {}", self.services_text())))
    }

    /// The services in words; empty for all.
    pub fn services_text(&self) -> String {
        self.services.iter().map(ServiceName::as_str).collect::<Vec<_>>().join(", ")
    }
}

fn denied(action: Action, why: &str) -> Error {
    Error::new(ErrorCode::AccessDenied, format!("the access key may not do {action} here: {why}"))
}

/// What a user says of a new key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKeySpec {
    /// What it is for.
    pub name: String,
    pub policy: Policy,
}

impl AccessKeySpec {
    /// Checks the name: 1 to 64 characters, none of them a control character.
    pub fn validate(&self) -> Result<()> {
        let chars = self.name.chars().count();
        if (1..=limits::ACCESS_KEY_NAME_CHARS_MAX).contains(&chars) && !self.name.chars().any(char::is_control) {
            return Ok(());
        }
        let most = limits::ACCESS_KEY_NAME_CHARS_MAX;
        Err(Error::invalid(format!("Name is set to an invalid value (allowed: 1 to {most} characters on one line, actual: {chars})")))
    }
}

/// A key as it is listed: everything but its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessKeyInfo {
    pub id: String,
    pub name: String,
    /// Whose key it is: it may do no more than its user, and is refused while the user is disabled.
    pub user: String,
    pub policy: Policy,
    pub enabled: bool,
    pub created_at: UnixMillis,
    /// To a minute; `None` when it was never used.
    pub last_used_at: Option<UnixMillis>,
}

/// The port for making and ending access keys.
#[async_trait]
pub trait AccessKeys: Send + Sync {
    /// Makes an enabled key of this user's; the secret in it is shown once and never again. Errors: `LimitExceededError`.
    async fn create_access_key(&self, spec: &AccessKeySpec, user: &str) -> Result<AccessKey>;

    /// Every key, the oldest first.
    async fn list_access_keys(&self) -> Result<Vec<AccessKeyInfo>>;

    /// Lets a key in again or keeps it out; from now on, on every server. Errors: `AccountEntityNotFound`.
    async fn enable_access_key(&self, id: &str, enabled: bool) -> Result<()>;

    /// Deletes a key for good. Errors: `AccountEntityNotFound`.
    async fn delete_access_key(&self, id: &str) -> Result<()>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i5_a_policy_allows_what_it_says_and_nothing_else() {
        let allowed = |grant: Grant, action| Policy { grant, services: Vec::new() }.check_action(action).is_ok();
        let check = |action, full, read, invoke| {
            assert_eq!(
                [Grant::Full, Grant::ReadOnly, Grant::InvokeOnly].map(|grant| allowed(grant, action)),
                [full, read, invoke],
                "{action}"
            );
        };
        check(Action::ListServices, true, true, false);
        check(Action::GetFunctionCode, true, true, false);
        check(Action::InvokeFunction, true, false, true);
        check(Action::CreateFunction, true, false, false);
        check(Action::StopStatefulAsyncInvocation, true, false, false);
        check(Action::InstanceExec, true, false, false);
        check(Action::CreateAccessKey, false, false, false);
    }

    #[test]
    fn i5_a_limited_key_reaches_its_services_only() {
        let limited = Policy::parse("full", "demo, other\ndemo").unwrap();
        assert_eq!(limited.services_text(), "demo, other");
        assert!(limited.check_service(Action::GetService, Some("demo")).is_ok());
        let refusal = limited.check_service(Action::GetService, Some("demo2")).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::AccessDenied);
        assert!(refusal.message.contains("fc:GetService") && refusal.message.contains("demo, other"), "{refusal}");
        assert!(limited.check_service(Action::ListServices, None).is_err(), "what belongs to no service is out of reach");
        assert!(Policy::default().check_service(Action::ListServices, None).is_ok());
        assert!(Policy::parse("none", "").is_err() && Policy::parse("full", "a/b").is_err());
    }

    #[test]
    fn i5_a_secret_is_not_printed() {
        assert!(!format!("{:?}", AccessKey::full("id", "very-secret")).contains("very-secret"));
    }

    #[test]
    fn i5_a_key_needs_a_name_of_one_line() {
        let check = |name: &str, fits| {
            let spec = AccessKeySpec { name: name.to_owned(), policy: Policy::default() };
            assert_eq!(spec.validate().is_ok(), fits, "{name:?}");
        };
        check("ci", true);
        check(&"ä".repeat(64), true);
        check(&"ä".repeat(65), false);
        check("", false);
        check("a\nb", false);
    }
}
