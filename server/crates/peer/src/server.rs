//! The side that is asked.

use crate::{Answer, MESSAGE_BYTES_MAX, PATH, Question};
use axum::{
    Router,
    extract::{
        State,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use engine::ports::PeerHost;
use std::{sync::Arc, time::Duration};
use subtle::ConstantTimeEq;

/// How long a server may take to ask once it is connected.
const QUESTION_WITHIN: Duration = Duration::from_secs(5);

#[derive(Clone)]
struct Host {
    host: Arc<dyn PeerHost>,
    secret: Arc<str>,
}

/// Answers the other servers that show this secret. Merge it into the server's router.
pub fn router(host: Arc<dyn PeerHost>, secret: &str) -> Router {
    Router::new().route(PATH, get(meet)).with_state(Host { host, secret: secret.into() })
}

async fn meet(State(host): State<Host>, headers: HeaderMap, upgrade: WebSocketUpgrade) -> Response {
    let shown = headers.get(header::AUTHORIZATION).map_or(&b""[..], |value| value.as_bytes());
    let expected = format!("Bearer {}", host.secret);
    if !bool::from(shown.ct_eq(expected.as_bytes())) {
        tracing::warn!("somebody without the secret asked as another server");
        return (StatusCode::FORBIDDEN, "This address is for the other servers on the same store.\n").into_response();
    }
    upgrade.max_message_size(MESSAGE_BYTES_MAX).on_upgrade(move |socket| answer(socket, host.host))
}

async fn answer(mut socket: WebSocket, host: Arc<dyn PeerHost>) {
    let question = match tokio::time::timeout(QUESTION_WITHIN, socket.recv()).await {
        Ok(Some(Ok(Message::Text(text)))) => serde_json::from_str::<Question>(&text),
        _ => return,
    };
    let (answer, session) = match question {
        Ok(Question::Instances { function }) => (Answer::Instances(host.own_instances(&function).await), None),
        Ok(Question::RegionInstances { region }) => (Answer::Instances(host.own_region_instances(&region).await), None),
        Ok(Question::Exec { function, instance, request }) => match host.own_exec(&function, &instance, request).await {
            Ok(session) => (Answer::Begun, Some(session)),
            Err(refusal) => (Answer::Refused(refusal), None),
        },
        Ok(Question::Drain { function, instance }) => match host.own_drain(&function, &instance).await {
            Ok(()) => (Answer::Drained, None),
            Err(refusal) => (Answer::Refused(refusal), None),
        },
        Err(error) => {
            tracing::warn!(%error, "another server asked what this one does not understand");
            return;
        }
    };
    let Ok(text) = serde_json::to_string(&answer) else { return };
    if socket.send(Message::Text(text.into())).await.is_err() {
        return;
    }
    if let Some(session) = session {
        api::relay(socket, session, api::Frames::Binary).await;
    }
}
