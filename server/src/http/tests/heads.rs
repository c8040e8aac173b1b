//! Heads of requests: how long they may take and how large they may be.

use super::place::Place;
use super::{ms, within};
use crate::http::HttpLimits;
use model::limits::{HEAD_BYTES_MAX, HEADERS_MAX};
use std::time::{Duration, Instant};

const IDLE: Duration = ms(500);

async fn impatient() -> Place {
    Place::with(&[], |limits| HttpLimits { idle_timeout: IDLE, ..limits }).await
}

#[tokio::test]
async fn i5_6_a_head_that_comes_a_byte_at_a_time_for_ever_is_cut_off() {
    let place = impatient().await;
    let mut client = place.connect().await;
    let began = Instant::now();
    client.send("GET /healthz HTTP/1.1\r\nx: ").await;
    let ended = async {
        while client.hears(ms(10)).await.is_none() {
            client.send("a").await;
        }
    };
    within(8, ended).await;
    assert!(began.elapsed() >= IDLE, "not before its time: {:?}", began.elapsed());
    assert!(within(8, client.try_answer()).await.is_none());
    assert_eq!(place.call("GET", "/services").await.status, 200);
}

#[tokio::test]
async fn i5_6_a_connection_that_lies_idle_is_closed() {
    let place = impatient().await;
    let (mut silent, mut once) = (place.connect().await, place.connect().await);
    let began = Instant::now();
    once.send("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert_eq!(within(8, once.answer()).await.status, 200);
    within(8, silent.until_closed()).await;
    within(8, once.until_closed()).await;
    assert!(began.elapsed() >= IDLE, "not before its time: {:?}", began.elapsed());
}

#[tokio::test]
async fn i5_6_a_flood_of_headers_is_refused() {
    let place = Place::with(&[], |limits| limits).await;
    let status = async |headers: String| {
        let mut client = place.connect().await;
        within(8, client.send(format!("GET /healthz HTTP/1.1\r\nhost: x\r\n{headers}\r\n"))).await;
        within(8, client.answer()).await.status
    };
    // One of them is the host.
    assert_eq!(status("a: b\r\n".repeat(HEADERS_MAX - 1)).await, 200);
    assert_eq!(status("a: b\r\n".repeat(HEADERS_MAX)).await, 431);
    assert_eq!(status("a: b\r\n".repeat(100_000)).await, 431);
    assert_eq!(status(format!("a: {}\r\n", "b".repeat(HEAD_BYTES_MAX - 100))).await, 200);
    assert_eq!(status(format!("a: {}\r\n", "b".repeat(HEAD_BYTES_MAX))).await, 431);
    assert_eq!(status(format!("a: {}\r\n", "b".repeat(10_000_000))).await, 431);
    assert_eq!(place.call("GET", "/services").await.status, 200);
}
