use crate::error::Result;
use leptos::prelude::*;

/// Opens a session and leads to the page that was asked for. The errors' words are those of SC-01.
#[server]
pub async fn sign_in(user: String, password: String, next: String) -> Result<()> {
    use crate::{error::ConsoleError, routes, server};
    use model::ErrorCode;
    let console = server::console()?;
    let (token, ends_at) = console.identity.sign_in(user.trim(), &password, &console.origin).await.map_err(|error| match error.code {
        ErrorCode::AccessDenied => ConsoleError::new(error.code, t!("The user name or password is not correct.")),
        _ => error.into(),
    })?;
    server::set_cookie(&console, server::SESSION_COOKIE, &token, Some(ends_at));
    server::redirect(&routes::safe_next(&next));
    Ok(())
}

/// Ends the session.
#[server]
pub async fn sign_out() -> Result<()> {
    use crate::{notice::Notice, routes::Route, server};
    let console = server::console()?;
    if let Some(token) = &console.session_token {
        console.identity.sign_out(token).await?;
    }
    server::set_cookie(&console, server::SESSION_COOKIE, "", None);
    server::redirect(&Route::SignIn.with_notice(Notice::SignedOut));
    Ok(())
}

/// Remembers the time zone in this browser.
#[server]
pub async fn set_time_zone(zone: String) -> Result<()> {
    use crate::{error::ConsoleError, server, zone::Zone};
    let (console, _) = server::signed_in()?;
    let wrong = || ConsoleError::field("zone", t!("There is no time zone of this name. Use one like Asia/Shanghai, UTC, or browser."));
    let zone = Zone::parse(zone.trim()).ok_or_else(wrong)?;
    server::set_cookie(&console, server::ZONE_COOKIE, zone.as_str(), Some(server::FAR));
    Ok(())
}

/// Switches the single-key shortcuts of this browser `on` or `off`.
#[server]
pub async fn set_single_keys(keys: String) -> Result<()> {
    use crate::server;
    let (console, _) = server::signed_in()?;
    server::set_cookie(&console, server::KEYS_COOKIE, if keys == "off" { "off" } else { "on" }, Some(server::FAR));
    Ok(())
}

/// Has lines of logs wrapped in this browser (`on`), or as long as they are (`off`).
#[server]
pub async fn set_line_wrap(wrap: String) -> Result<()> {
    use crate::server;
    let (console, _) = server::signed_in()?;
    server::set_cookie(&console, server::WRAP_COOKIE, if wrap == "off" { "off" } else { "on" }, Some(server::FAR));
    Ok(())
}

/// Remembers the theme in this browser.
#[server]
pub async fn set_theme(theme: String) -> Result<()> {
    use crate::{bootstrap::Theme, server};
    let (console, _) = server::signed_in()?;
    server::set_cookie(&console, server::THEME_COOKIE, Theme::parse(&theme).as_str(), Some(server::FAR));
    Ok(())
}
