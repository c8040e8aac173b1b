use crate::error::Result;
use leptos::prelude::*;
use model::{Region, Role, SessionInfo, UserInfo};
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

/// A user just made, or whose password was reset.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    pub name: String,
    /// The generated one, shown this once; `None` where one was given.
    pub password: Option<String>,
}

/// What a user's page shows.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserAccount {
    pub name: String,
    pub role: Role,
    pub enabled: bool,
    /// True for the user who asks.
    pub is_own: bool,
    /// The user's own; nobody else is shown them.
    pub sessions: Vec<SessionInfo>,
}

/// Every user by name.
#[server(input = Json)]
pub async fn users() -> Result<Vec<UserInfo>> {
    let (console, _) = crate::server::signed_in()?;
    Ok(console.users.list_users().await?)
}

/// One user: one's own for everybody, others for administrators.
#[server(input = Json)]
pub async fn account(name: String) -> Result<UserAccount> {
    use crate::error::ConsoleError;
    use model::ErrorCode;
    let (console, user) = crate::server::signed_in()?;
    if let Some(own) = console.user.clone().filter(|_| name == user) {
        let token = console.session_token.clone().unwrap_or_default();
        let sessions = console.users.list_sessions(&user, &token).await?;
        return Ok(UserAccount { name, role: own.role, enabled: true, is_own: true, sessions });
    }
    let found = console.users.list_users().await?.into_iter().find(|found| found.name == name);
    let found = found.ok_or_else(|| ConsoleError::new(ErrorCode::AccountEntityNotFound, t!("user '{name}' does not exist", name)))?;
    Ok(UserAccount { name, role: found.role, enabled: found.enabled, is_own: false, sessions: Vec::new() })
}

/// Makes a user; the page of the form shows what came of it.
#[server]
pub async fn create_user(name: String, role: String, password: String, repeated: String) -> Result<Credentials> {
    use crate::forms::Checks;
    use model::{ErrorCode, user::check_user_name};
    let (console, _) = crate::server::signed_in()?;
    // Before anything is said of what was typed.
    console.user.iter().try_for_each(|user| user.role.check(model::Action::CreateUser))?;
    let mut checks = Checks::default();
    if check_user_name(&name).is_err() {
        checks.fail("name", t!("Use 1 to 64 letters, digits, _ or -. Start with a letter or _."));
    }
    let role = checks.take("role", Role::parse(&role).map(Some), t!("Choose a role."));
    let password = chosen(&mut checks, &password, &repeated, true);
    checks.finish()?;
    let Some(role) = role else { return Err(model::Error::internal().into()) };
    let made = console.users.create_user(&name, role, password.as_deref()).await;
    let password = made.map_err(|error| match error.code {
        ErrorCode::InvalidArgument => crate::error::ConsoleError::field("name", t!("A user with this name exists.")),
        _ => error.into(),
    })?;
    Ok(Credentials { name, password })
}

/// Gives another user another role, and leads back to its page.
#[server]
pub async fn change_role(region: Region, name: String, role: String) -> Result<()> {
    use crate::{notice::Notice, routes::AdminPage, routes::Route, server};
    let (console, _) = server::signed_in()?;
    console.users.change_role(&name, Role::parse(&role)?).await?;
    server::redirect(&Route::Admin(region, AdminPage::User(name)).with_notice(Notice::UserSaved));
    Ok(())
}

/// Gives another user another password; the page of the form shows what came of it.
#[server]
pub async fn reset_password(name: String, password: String, repeated: String) -> Result<Credentials> {
    use crate::forms::Checks;
    let (console, _) = crate::server::signed_in()?;
    console.user.iter().try_for_each(|user| user.role.check(model::Action::ResetPassword))?;
    let mut checks = Checks::default();
    let password = chosen(&mut checks, &password, &repeated, true);
    checks.finish()?;
    let password = console.users.reset_password(&name, password.as_deref()).await?;
    Ok(Credentials { name, password })
}

/// Lets a user in again or keeps it out, and leads back to its page.
#[server]
pub async fn switch_user(region: Region, name: String, enabled: bool) -> Result<()> {
    use crate::{notice::Notice, routes::AdminPage, routes::Route, server};
    let (console, _) = server::signed_in()?;
    console.users.enable_user(&name, enabled).await?;
    server::redirect(&Route::Admin(region, AdminPage::User(name)).with_notice(Notice::UserSaved));
    Ok(())
}

/// Deletes a user and leads to the list.
#[server]
pub async fn delete_user(region: Region, name: String, typed_name: String) -> Result<()> {
    use crate::{error::ConsoleError, notice::Notice, routes::AdminPage, routes::Route, server};
    let (console, _) = server::signed_in()?;
    console.user.iter().try_for_each(|user| user.role.check(model::Action::DeleteUser))?;
    if typed_name.trim() != name {
        return Err(ConsoleError::field("typed_name", t!("Type {name} to confirm.", name)));
    }
    console.users.delete_user(&name).await?;
    server::redirect(&Route::Admin(region, AdminPage::Users).with_notice(Notice::UserDeleted));
    Ok(())
}

/// Changes one's own password and ends one's other sessions.
#[server]
pub async fn change_password(region: Region, present: String, password: String, repeated: String) -> Result<()> {
    use crate::{error::ConsoleError, forms::Checks, notice::Notice, routes::AdminPage, routes::Route, server};
    use model::ErrorCode;
    let (console, user) = server::signed_in()?;
    let mut checks = Checks::default();
    let password = chosen(&mut checks, &password, &repeated, false).unwrap_or_default();
    checks.finish()?;
    let token = console.session_token.clone().unwrap_or_default();
    console.users.change_password(&user, &present, &password, &token).await.map_err(|error| match error.code {
        ErrorCode::AccessDenied => ConsoleError::from(error).at_field("present"),
        _ => error.into(),
    })?;
    server::redirect(&Route::Admin(region, AdminPage::User(user)).with_notice(Notice::PasswordChanged));
    Ok(())
}

/// Ends one of one's own sessions, and leads back to the page with the others.
#[server]
pub async fn end_session(region: Region, id: String) -> Result<()> {
    use crate::{notice::Notice, routes::AdminPage, routes::Route, server};
    let (console, user) = server::signed_in()?;
    console.users.end_session(&user, &id).await?;
    server::redirect(&Route::Admin(region, AdminPage::User(user)).with_notice(Notice::SessionEnded));
    Ok(())
}

/// The password that was typed twice; `None` where one is to be generated, if that may be.
#[cfg(feature = "ssr")]
fn chosen(checks: &mut crate::forms::Checks, password: &str, repeated: &str, may_be_generated: bool) -> Option<String> {
    if password.is_empty() && repeated.is_empty() && may_be_generated {
        return None;
    }
    if let Err(error) = model::user::check_password(password) {
        checks.refuse("password", error);
    } else if password != repeated {
        checks.fail("repeated", t!("The two passwords differ."));
    }
    Some(password.to_owned())
}
