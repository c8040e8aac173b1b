//! A terminal in an instance (SC-19): its page, which is no page of the application, and what it connects to.
//!
//! The library that draws the terminal makes style sheets as it goes, which the application's content policy forbids: so the page has a
//! policy of its own, and none of the application's scripts.

use super::guard::is_ours;
use super::live::session_ends;
use super::router::Web;
use app::error::ConsoleError;
use app::language::words;
use app::routes::{self, FunctionPage, Route};
use app::server::Console;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use model::{Action, ExecRequest, FunctionName, FunctionRef, InstanceId, InstanceInfo, Region, ServiceName, TerminalSize, limits};
use serde::Deserialize;
use std::sync::Arc;

/// Styles of its own, and nothing but files of ours.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; \
                      connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// Which instance.
#[derive(Deserialize)]
pub(super) struct Wanted {
    region: String,
    service: String,
    function: String,
    instance: String,
    #[serde(default)]
    cols: u16,
    #[serde(default)]
    rows: u16,
}

impl Wanted {
    fn names(&self) -> (FunctionRef, InstanceId) {
        let function = FunctionRef {
            region: Region::from_stored(self.region.as_str()),
            service: ServiceName::from_stored(self.service.as_str()),
            function: FunctionName::from_stored(self.function.as_str()),
        };
        (function, InstanceId::from_stored(self.instance.as_str()))
    }

    fn size(&self) -> Option<TerminalSize> {
        (self.cols > 0 && self.rows > 0).then_some(TerminalSize { cols: self.cols, rows: self.rows })
    }
}

/// Connects the page with a shell until either ends, the session too.
pub(super) async fn connect(
    State(web): State<Arc<Web>>,
    Extension(console): Extension<Console>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let (Some(user), Some(token)) = (console.user, console.session_token) else { return StatusCode::UNAUTHORIZED.into_response() };
    // A browser sends the session's cookie with any site's handshake, and asks nobody first.
    if !is_ours(&headers) {
        tracing::warn!(audit = "exec", user = user.name, "a terminal opened by another site was refused");
        return StatusCode::FORBIDDEN.into_response();
    }
    let (function, instance) = wanted.names();
    let request = ExecRequest { size: wanted.size(), idle_timeout_s: limits::TERMINAL_IDLE_S, ..ExecRequest::shell(user.name.clone()) };
    match console.control.exec(&function, &instance, request).await {
        Ok(session) => {
            let (draining, identity) = (web.state.draining.clone(), web.state.identity.clone());
            api::bounded(upgrade).on_upgrade(async move |socket| {
                tokio::select! {
                    () = api::relay(socket, session, api::Frames::Binary) => {}
                    () = session_ends(identity, user, token) => {}
                    () = draining.cancelled() => {}
                }
            })
        }
        Err(error) => {
            let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, format!("{}: {}\n", error.code, error.message)).into_response()
        }
    }
}

/// The page of a terminal; connects when its notice was accepted.
pub(super) async fn page(Extension(console): Extension<Console>, Path(wanted): Path<Wanted>) -> Response {
    let (function, instance) = wanted.names();
    let own = Route::Function(function.clone(), FunctionPage::Terminal(instance.clone())).path();
    let Some(user) = &console.user else { return Redirect::to(&routes::sign_in_then(&own)).into_response() };
    let (status, shown) = match user.role.check(Action::InstanceExec) {
        Err(refusal) => (StatusCode::FORBIDDEN, Err(ConsoleError::from(refusal).message)),
        Ok(()) => match console.control.get_instance(&function, &instance).await {
            Ok(found) => (StatusCode::OK, Ok(found)),
            Err(_) => (StatusCode::NOT_FOUND, Err(words("The instance has been released.").to_owned())),
        },
    };
    let html = html(&console, &function, &instance, shown);
    (status, [(header::CONTENT_SECURITY_POLICY, POLICY)], Html(html)).into_response()
}

/// The page of the instance, or of why there is no terminal.
fn html(console: &Console, function: &FunctionRef, instance: &InstanceId, shown: Result<InstanceInfo, String>) -> String {
    let file = |name: &str| format!("/pkg/{}/{name}", console.asset_version);
    let back = escape(&Route::Function(function.clone(), FunctionPage::Instances).path());
    let body = match &shown {
        Err(why) => {
            let instances = words("Instances");
            format!("<p role=\"alert\">{}</p><p><a class=\"button\" href=\"{back}\">{instances}</a></p>", escape(why))
        }
        Ok(_) => notice(&back, function, instance),
    };
    let idle_minutes = limits::TERMINAL_IDLE_S / 60;
    let tasks = shown.map_or_else(|_| String::new(), |found| found.tasks.iter().map(|task| task.as_str()).collect::<Vec<_>>().join(", "));
    format!(
        r#"<!DOCTYPE html>
<html lang="{language}" data-theme="{theme}">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{terminal} – {region}</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="{style}"><link rel="stylesheet" href="{own_style}">
<script type="module" src="{script}"></script>
</head>
<body class="terminal" id="page" data-socket="{socket}" data-idle="{idle}" data-connected="{connected}" data-disconnected="{disconnected}"
data-left-idle="{left_idle}" data-lost="{lost}" data-input="{input}" data-too-much="{too_much}">
<header>
<h1>{terminal}</h1>
<dl>
<div><dt>{of_instance}</dt><dd><code>{instance}</code></dd></div>
<div><dt>{of_function}</dt><dd><a href="{back}">{name}</a></dd></div>
<div><dt>{of_task}</dt><dd>{tasks}</dd></div>
<div><dt>{elapsed}</dt><dd id="elapsed">–</dd></div>
<div><dt>{ends_in}</dt><dd id="idle">{idle_text}</dd></div>
</dl>
<button type="button" id="disconnect" disabled>{disconnect}</button>
<a class="button" id="again" href="" hidden>{again}</a>
</header>
<main>
{body}
<p id="status" role="status"></p>
</main>
</body>
</html>
"#,
        language = console.language.as_str(),
        theme = console.theme.as_str(),
        terminal = words("Terminal"),
        connected = words("Connected."),
        disconnected = words("Disconnected."),
        left_idle = words("Disconnected after {minutes} minutes without activity.").replace("{minutes}", &idle_minutes.to_string()),
        lost = words("The connection was refused or lost. The instance may have been released."),
        input = words("Terminal input"),
        too_much = words("Too much output to be read out. Go through the rows to read it."),
        of_instance = words("Instance"),
        of_function = words("Function"),
        of_task = words("Task"),
        elapsed = words("Elapsed"),
        ends_in = words("Ends without activity in"),
        disconnect = words("Disconnect"),
        again = words("Log on again"),
        region = escape(function.region.as_str()),
        style = file("taskyard.css"),
        own_style = file("terminal.css"),
        script = file("terminal.js"),
        socket = escape(&routes::terminal(function, instance)),
        idle = limits::TERMINAL_IDLE_S,
        idle_text = format_args!("{idle_minutes}:00"),
        instance = escape(instance.as_str()),
        name = escape(function.function.as_str()),
        tasks = if tasks.is_empty() { "–".to_owned() } else { escape(&tasks) },
    )
}

/// What has to be accepted each time, and what to do without scripts.
fn notice(back: &str, function: &FunctionRef, instance: &InstanceId) -> String {
    let path = format!("/2016-08-15/services/{}/functions/{}/instances/{instance}/exec", function.service, function.function);
    format!(
        r#"<form id="notice">
<h2>{title}</h2>
<p>{risk}</p>
<p>{way_out}</p>
<label><input type="checkbox" required> {accept}</label>
<label><input type="checkbox" id="readable"> {readable}</label>
<p><button class="primary">{log_on}</button> <a class="button" href="{back}">{cancel}</a></p>
</form>
<noscript><p>{needs_scripts}<code>instanceExec</code>{of_sdks}<code>{path}</code>{stop}</p></noscript>
<div id="terminal" role="region" aria-label="{terminal}" hidden></div>"#,
        title = words("Log on to Instance"),
        risk = words(
            "A shell runs beside the function's code, as its user and within its limits of memory and processor. What you change or end there changes the requests that this instance serves. The log-on is recorded with your name."
        ),
        way_out = words("Ctrl + Alt + Q leads out of the terminal to the button Disconnect."),
        accept = words("I understand the risk"),
        readable = words("Output as text for screen readers"),
        log_on = words("Log on"),
        cancel = words("Cancel"),
        needs_scripts = words("The terminal needs scripts. Without them, use "),
        of_sdks = words(" of the vendor's SDKs, which opens a websocket at "),
        path = escape(&path),
        stop = words("."),
        terminal = words("Terminal"),
    )
}

/// The text for a place in HTML, quoted attributes included.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_text_and_never_markup() {
        assert_eq!(escape("<a href='x' title=\"&\">"), "&lt;a href=&#39;x&#39; title=&quot;&amp;&quot;&gt;");
    }
}
