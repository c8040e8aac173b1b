//! Bodies of requests: cut off, slow, too large.

use super::client::{Answer, Client};
use super::place::{FUNCTION, Place, head, request};
use super::{ms, within};
use crate::http::HttpLimits;
use app::server::MULTIPART_FNS;
use base64::prelude::*;
use model::limits;
use serde_json::{Value, json};
use std::io::Cursor;
use std::time::Duration;
use tokio::io::AsyncWriteExt;

fn archive() -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("index.py", zip::write::SimpleFileOptions::default()).unwrap();
    archive.finish().unwrap().into_inner()
}

/// The body of a CreateFunction that is whole before its end: what follows the document are spaces.
fn function(name: &str) -> Vec<u8> {
    let code = json!({"zipFile": BASE64_STANDARD.encode(archive())});
    let document = json!({"functionName": name, "runtime": "python3", "handler": "index.handler", "code": code});
    format!("{document}{}", " ".repeat(300_000)).into()
}

/// The form that uploads another code package, with a long field behind all that is needed.
async fn upload(place: &Place) -> Vec<u8> {
    let part = |name: &str, value: &[u8]| {
        let head = format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n");
        [head.as_bytes(), value, b"\r\n"].concat()
    };
    let other = "x".repeat(60_000);
    let fields = [("region", "r1"), ("service", "s"), ("function", "f"), ("other", other.as_str())];
    let fields = fields.map(|(name, value)| part(name, value.as_bytes())).concat();
    let body = [part("file", &archive()), fields, b"--x--\r\n".to_vec()].concat();
    let (path, cookie, length) = (MULTIPART_FNS[1], place.session().await, body.len());
    let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\ncookie: {cookie}\r\ncontent-type: multipart/form-data; boundary=x\r\n");
    [format!("{head}content-length: {length}\r\n\r\n").into_bytes(), body].concat()
}

#[tokio::test]
async fn i5_6_a_body_that_is_cut_off_leaves_nothing() {
    let place = Place::with(&[], |limits| limits).await;
    let before = place.files();
    let checksum = async || place.call("GET", FUNCTION).await.json()["codeChecksum"].clone();
    let (posted, sample) = (upload(&place).await, checksum().await);
    let code = function("half");
    let task = [("x-fc-invocation-type", "Async"), ("x-fc-stateful-async-invocation-id", "half"), ("content-length", "150000")];
    // The signatures are those of what comes, so that nothing but the missing end is wrong.
    let announced = head("POST", "/services/s/functions", &[("content-length", "400000")], &code);
    let chunked = head("POST", "/services/s/functions", &[("transfer-encoding", "chunked")], &code);
    let chunk = format!("\r\n{:x}\r\n", code.len());
    let event = [b'x'; 100_000];
    for sent in [
        [announced.as_bytes(), b"\r\n", &code].concat(),
        [chunked.as_bytes(), chunk.as_bytes(), &code, b"\r\n"].concat(),
        [head("POST", &format!("{FUNCTION}/invocations"), &task, &event).as_bytes(), b"\r\n", &event].concat(),
        posted[..posted.len() - 30_000].to_vec(),
    ] {
        let mut client = place.connect().await;
        client.send(&sent).await;
        client.stream.shutdown().await.unwrap();
        within(8, client.until_closed()).await;
    }
    let half = place.call("GET", "/services/s/functions/half").await;
    assert_eq!(half.refusal(404, "FunctionNotFound"), "function 'half' does not exist in service 's'");
    let tasks = place.call("GET", &format!("{FUNCTION}/stateful-async-invocations")).await.json();
    assert_eq!(tasks["invocations"], Value::Array(Vec::new()));
    assert_eq!(checksum().await, sample);
    assert_eq!(place.files(), before, "no temporary file");
    // The same, complete.
    for (whole, status) in [
        (request("POST", "/services/s/functions", &[], &code), 200),
        (request("POST", &format!("{FUNCTION}/invocations"), &task[..2], &event), 202),
        (posted, 200),
    ] {
        let mut client = place.connect().await;
        client.send(whole).await;
        assert_eq!(within(8, client.answer()).await.status, status);
    }
    assert_ne!(checksum().await, sample);
}

/// A change of the service's description, and how long its body is.
fn change() -> (Vec<u8>, usize) {
    let body = json!({"description": "as slow as can be"}).to_string();
    (request("PUT", "/services/s", &[], body.as_bytes()), body.len())
}

/// Sends the rest piece by piece, as long as the server has not answered.
async fn trickle(client: &mut Client, rest: &[u8], pause: Duration) -> Answer {
    for piece in rest.chunks(2) {
        if client.hears(pause).await.is_some() {
            break;
        }
        client.send(piece).await;
    }
    within(8, client.answer()).await
}

#[tokio::test]
async fn i5_6_a_body_that_stalls_is_ended_and_a_slow_one_that_gets_on_is_taken() {
    let stall_timeout = ms(1_000);
    let place = Place::with(&[], |limits| HttpLimits { stall_timeout, ..limits }).await;
    let (whole, body) = change();
    let mut stalled = place.connect().await;
    stalled.send(&whole[..whole.len() - body / 2]).await;
    let answer = within(8, stalled.answer()).await;
    assert_eq!(answer.refusal(408, "RequestTimeout"), "nothing of the request body came for 1s");
    within(8, stalled.until_closed()).await;
    assert_eq!(place.call("GET", "/services/s").await.json()["description"], "");

    let mut slow = place.connect().await;
    slow.send(&whole[..whole.len() - body]).await;
    let answer = trickle(&mut slow, &whole[whole.len() - body..], ms(100)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(place.call("GET", "/services/s").await.json()["description"], "as slow as can be");
}

#[tokio::test]
async fn i5_6_a_body_that_gets_on_for_ever_is_ended() {
    let place = Place::with(&[], |limits| HttpLimits { body_timeout: ms(800), ..limits }).await;
    let mut client = place.connect().await;
    client.send(head("PUT", "/services/s", &[("content-length", "1000000")], b"") + "\r\n").await;
    let answer = trickle(&mut client, &[b' '; 1_000], ms(20)).await;
    assert_eq!(answer.refusal(408, "RequestTimeout"), "the request body was not complete after 800ms");
    within(8, client.until_closed()).await;
}

#[tokio::test]
async fn i5_6_a_body_over_its_limit_is_refused() {
    let place = Place::with(&[], |limits| limits).await;
    let invocations = format!("{FUNCTION}/invocations");
    let small = [("x-fc-invocation-type", "Async")];
    for (method, path, more, most) in [
        ("PUT", "/services/s", [].as_slice(), limits::API_DOCUMENT_BYTES_MAX),
        ("POST", invocations.as_str(), &small, limits::ASYNC_PAYLOAD_BYTES_MAX),
    ] {
        let (body, length) = (vec![b' '; most + 1], (most + 1).to_string());
        let announced = [head(method, path, &[more, &[("content-length", length.as_str())]].concat(), b"").into_bytes(), body.clone()];
        let chunks = [format!("{:x}", most + 1).as_bytes(), b"\r\n", &body, b"\r\n0\r\n\r\n"].concat();
        let chunked = [head(method, path, &[more, &[("transfer-encoding", "chunked")]].concat(), b"").into_bytes(), chunks];
        for [head, body] in [announced, chunked] {
            let mut client = place.connect().await;
            client.send([&head, b"\r\n".as_slice(), &body].concat()).await;
            let message = within(8, client.answer()).await.refusal(400, "EntityTooLarge");
            assert_eq!(message, format!("payload size exceeds maximum allowed size ({most} bytes)"), "{method} {path}");
        }
    }
    // Too much to be read for the sake of the answer.
    let mut client = place.connect().await;
    let length = (limits::API_CODE_BODY_BYTES_MAX + 1).to_string();
    client.send(head("POST", "/services/s/functions", &[("content-length", length.as_str())], b"") + "\r\n").await;
    within(8, client.answer()).await.refusal(400, "EntityTooLarge");
    assert_eq!(place.call("GET", "/services/s").await.json()["description"], "");
}

#[tokio::test]
async fn i5_6_forms_of_the_console_have_limits_too() {
    let place = Place::with(&[], |limits| limits).await;
    let known: Vec<String> = leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    let sign_in = known.iter().find(|path| path.ends_with("/sign_in")).unwrap();
    let post = async |accept: &str, bytes: usize| {
        let mut client = place.connect().await;
        let head = format!("POST {sign_in} HTTP/1.1\r\nhost: x\r\naccept: {accept}\r\n");
        let kind = "content-type: application/x-www-form-urlencoded";
        client.send(format!("{head}{kind}\r\ncontent-length: {bytes}\r\n\r\nuser=a&password=b&next={}", "c".repeat(bytes - 23))).await;
        within(8, client.answer()).await.status
    };
    for (accept, most) in [("text/html", limits::FORM_BYTES_MAX), ("*/*", limits::CALL_BYTES_MAX)] {
        assert_eq!(post(accept, most).await, 403, "{accept}: read, and wrong");
        assert_eq!(post(accept, most + 1).await, 400, "{accept}");
    }
}
