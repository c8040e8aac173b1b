//! A command's streams over a websocket (`fc-api.md` 3.6.1): one message is a channel's byte and data.

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use futures::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use model::{ExecEnd, ExecInput, ExecOutput, ExecSession, ExecSink, ExecStream, TerminalSize};
use std::time::Duration;

/// Input for the command, from the client.
const STDIN: u8 = 0;
/// The command's output.
const STDOUT: u8 = 1;
/// The command's error output.
const STDERR: u8 = 2;
/// Why the server ends it, in words.
const ERROR: u8 = 3;
/// Another size of the terminal, from the client: `{"cols":N,"rows":N}`.
const RESIZE: u8 = 4;
/// Bytes of one message from the client.
const MESSAGE_BYTES_MAX: usize = 1024 * 1024;
/// How long a connection may take to be closed by both sides.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);

/// In which frames the client is told the command's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frames {
    /// Texts, for the vendor's clients: what is no UTF-8 becomes replacement characters, and no character is cut in two.
    Text,
    /// The bytes as they are.
    Binary,
}

/// The upgrade with our limit for messages.
pub fn bounded(upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
    upgrade.max_message_size(MESSAGE_BYTES_MAX).max_frame_size(MESSAGE_BYTES_MAX)
}

/// Carries messages both ways until either side ends; the command is ended with it.
pub async fn relay(socket: WebSocket, session: ExecSession, frames: Frames) {
    let ExecSession { input, output } = session;
    let (to_client, mut from_client) = socket.split();
    // Side by side: a command that waits for its output to be taken may not take input, and the other way round.
    tokio::select! {
        () = forward(&mut from_client, input) => {}
        () = tell(to_client, output, frames) => {}
    }
    // Reading on answers a client that has closed, and waits for the answer of one that has not. What it said in the meantime has to be
    // taken, else the connection is reset and it may not hear our last words.
    drop(tokio::time::timeout(CLOSE_WITHIN, async { while let Some(Ok(_)) = from_client.next().await {} }).await);
}

async fn forward(client: &mut SplitStream<WebSocket>, mut input: Box<dyn ExecSink>) {
    let mut is_taken = true;
    while let Some(Ok(message)) = client.next().await {
        let given = match &message {
            Message::Text(text) => input_of(text.as_bytes()),
            Message::Binary(bytes) => input_of(bytes),
            Message::Close(_) => return,
            // Answered by the library.
            Message::Ping(_) | Message::Pong(_) => None,
        };
        if let Some(given) = given
            && is_taken
        {
            is_taken = input.send(given).await;
        }
    }
}

/// What a client's message says; `None` when it says nothing.
fn input_of(message: &[u8]) -> Option<ExecInput> {
    match message.split_first()? {
        (&RESIZE, size) => Some(ExecInput::Resize(serde_json::from_slice::<TerminalSize>(size).ok()?)),
        (&STDIN, data) => (!data.is_empty()).then(|| ExecInput::Data(data.to_vec())),
        // A client that leaves the channel's byte away.
        _ => Some(ExecInput::Data(message.to_vec())),
    }
}

async fn tell(mut client: SplitSink<WebSocket, Message>, mut output: ExecStream, frames: Frames) {
    let (mut out, mut err) = (Characters::default(), Characters::default());
    while let Some(part) = output.next().await {
        let messages = match part {
            ExecOutput::Stdout(bytes) => vec![said(frames, STDOUT, &bytes, &mut out)],
            ExecOutput::Stderr(bytes) => vec![said(frames, STDERR, &bytes, &mut err)],
            ExecOutput::Ended(end) => {
                let rest = [(STDOUT, out.rest()), (STDERR, err.rest())].map(|(channel, rest)| text_message(channel, rest));
                rest.into_iter().chain([why(end, frames), Some(closing(end))]).collect()
            }
        };
        for message in messages.into_iter().flatten() {
            if client.send(message).await.is_err() {
                return;
            }
        }
    }
    drop(client.close().await);
}

fn said(frames: Frames, channel: u8, bytes: &[u8], characters: &mut Characters) -> Option<Message> {
    match frames {
        Frames::Text => text_message(channel, characters.whole(bytes)),
        Frames::Binary => Some(Message::Binary([&[channel], bytes].concat().into())),
    }
}

fn text_message(channel: u8, text: String) -> Option<Message> {
    (!text.is_empty()).then(|| Message::Text(format!("{}{text}", char::from(channel)).into()))
}

/// An end that is not the command's own, for clients that look at messages only.
fn why(end: ExecEnd, frames: Frames) -> Option<Message> {
    let is_told = frames == Frames::Text && matches!(end, ExecEnd::InstanceReleased | ExecEnd::Disconnected);
    is_told.then(|| text_message(ERROR, end.text().to_owned())).flatten()
}

fn closing(end: ExecEnd) -> Message {
    let code = match end {
        ExecEnd::Exited | ExecEnd::Idle => close_code::NORMAL,
        ExecEnd::InstanceReleased | ExecEnd::Disconnected => close_code::AWAY,
    };
    Message::Close(Some(CloseFrame { code, reason: end.text().into() }))
}

/// Makes texts of bytes that come in pieces.
#[derive(Debug, Default)]
struct Characters {
    /// The beginning of a character whose end has not come yet.
    begun: Vec<u8>,
}

impl Characters {
    /// The whole characters of what has come so far.
    fn whole(&mut self, bytes: &[u8]) -> String {
        let mut all = std::mem::take(&mut self.begun);
        all.extend_from_slice(bytes);
        let mut text = String::with_capacity(all.len());
        let mut chunks = all.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            text.push_str(chunk.valid());
            let invalid = chunk.invalid();
            if chunks.peek().is_none() && is_begun(invalid) {
                self.begun = invalid.to_vec();
            } else if !invalid.is_empty() {
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        text
    }

    /// What was begun and will not be ended.
    fn rest(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.begun)).into_owned()
    }
}

/// True for bytes that could become a character with more of them.
fn is_begun(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn i5_6_any_message_is_input_a_size_or_nothing(message in prop::collection::vec(any::<u8>(), 0..40), channel in 0_u8..6) {
            for message in [message.clone(), [vec![channel], message].concat()] {
                match input_of(&message) {
                    // Whatever the channel, no byte is lost and none is made up.
                    Some(ExecInput::Data(data)) => prop_assert!(data == message || message[0] == STDIN && data == message[1..]),
                    Some(ExecInput::Resize(_)) => prop_assert_eq!(message[0], RESIZE),
                    None => prop_assert!(message.len() <= 1 || message[0] == RESIZE),
                }
            }
        }

        #[test]
        fn i5_6_texts_in_pieces_are_the_text_as_a_whole(bytes in prop::collection::vec(any::<u8>(), 0..60), size in 1_usize..7) {
            let mut characters = Characters::default();
            let pieces: String = bytes.chunks(size).map(|piece| characters.whole(piece)).collect();
            prop_assert_eq!(pieces + &characters.rest(), String::from_utf8_lossy(&bytes));
        }
    }

    #[test]
    fn i4_7_messages_of_every_client_are_understood() {
        let data = |text: &str| Some(ExecInput::Data(text.as_bytes().to_vec()));
        let check = |message: &[u8], expected: Option<ExecInput>| assert_eq!(input_of(message), expected, "{message:?}");
        check(b"\0ls\n", data("ls\n"));
        check(b"ls\n", data("ls\n"));
        check(b"\x03", data("\x03"));
        check(b"", None);
        check(b"\0", None);
        check(b"\x04{\"cols\":100,\"rows\":40}", Some(ExecInput::Resize(TerminalSize { cols: 100, rows: 40 })));
        check(b"\x04{\"cols\":-1,\"rows\":40}", None);
        check(b"\x04exit", None);
    }

    #[test]
    fn i4_7_no_character_is_cut_in_two() {
        let all = "a€ä𝄞z€".as_bytes();
        for size in 1..=all.len() {
            let mut characters = Characters::default();
            let texts: Vec<String> = all.chunks(size).map(|part| characters.whole(part)).collect();
            assert_eq!(texts.concat() + &characters.rest(), "a€ä𝄞z€", "{size}");
        }
        let mut characters = Characters::default();
        assert_eq!(characters.whole(b"a\xff\xfeb\xe2"), "a\u{fffd}\u{fffd}b");
        assert_eq!(characters.whole(b"x"), "\u{fffd}x", "what is not gone on with is replaced");
        assert_eq!(characters.whole(b"\xe2\x82"), "");
        assert_eq!(characters.rest(), "\u{fffd}");
    }
}
