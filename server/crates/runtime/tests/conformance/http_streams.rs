//! Bodies of HTTP functions that travel while the function runs (`fc-api.md` 3.3).

use crate::harness::{Bench, CUSTOM, GO, LANGUAGES, Language, NODEJS, PYTHON, http_request, invocation, shown};
use bytes::Bytes;
use engine::ports::{Answer, Bodies, End, Executor, Invocation, Outcome};
use futures::StreamExt;
use model::{BodyStream, ExecEnd, ExecOutput, ExecRequest, HttpResponse, InstanceId};
use tokio::{sync::mpsc, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// An HTTP call whose answer is taken as it comes.
struct Call {
    id: InstanceId,
    head: HttpResponse,
    pieces: mpsc::Receiver<Bytes>,
    stop: CancellationToken,
    outcome: JoinHandle<Outcome>,
}

fn http(language: Language, handler: &str, concurrency: u32) -> Invocation {
    let mut call = invocation(language, "http", handler, "");
    call.function.spec.instance_concurrency = concurrency;
    call.function.id.push_str(&concurrency.to_string());
    if concurrency > 1 {
        call.function.spec.environment.insert("THREADS".to_owned(), "1".to_owned());
    }
    call
}

/// Begins a call; returns when the function has given the head of its answer.
async fn begin(bench: &Bench, call: Invocation, rest: Option<BodyStream>) -> Call {
    let (bodies, Answer { head, pieces }) = Bodies::new(rest);
    let call = Invocation { bodies: Some(bodies), ..call };
    let instance = bench.executor.acquire(&call, &CancellationToken::new()).await.unwrap();
    let (id, stop) = (instance.id().clone(), CancellationToken::new());
    let outcome = tokio::spawn(instance.run(call, stop.clone()));
    let head = head.await.unwrap();
    Call { id, head, pieces, stop, outcome }
}

/// What comes until so many bytes have.
async fn take(call: &mut Call, bytes: usize) -> String {
    let mut taken = Vec::new();
    while taken.len() < bytes {
        taken.extend(call.pieces.recv().await.unwrap());
    }
    String::from_utf8(taken).unwrap()
}

/// Runs a script in an instance.
async fn script(bench: &Bench, call: &Invocation, id: &InstanceId, text: &str) {
    let command = ["/bin/sh", "-c", text].map(str::to_owned).to_vec();
    let request = ExecRequest { command, tty: false, idle_timeout_s: 60, ..ExecRequest::shell("tester") };
    let mut session = bench.executor.exec(&call.function.function_ref(), id, request).await.unwrap();
    loop {
        match session.output.next().await {
            Some(ExecOutput::Ended(end)) => return assert_eq!(end, ExecEnd::Exited),
            Some(_) => {}
            None => panic!("no end is told"),
        }
    }
}

#[tokio::test]
async fn i4_the_first_piece_of_an_answer_is_the_callers_before_the_second_is_written() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        for concurrency in [1, 4] {
            let call = http(language, "pieces", concurrency);
            let mut running = begin(&bench, http_request(&call, "GET", "/", "", ""), None).await;
            assert_eq!(running.head.status, 202, "{language:?}");
            assert_eq!(take(&mut running, 5).await, "first", "{language:?} {concurrency}");
            // The function waits for the file before it writes on.
            assert!(running.pieces.try_recv().is_err() && !running.outcome.is_finished(), "{language:?} {concurrency}");
            script(&bench, &call, &running.id, "touch \"$TMPDIR/go\"").await;
            assert_eq!(take(&mut running, 6).await, "second", "{language:?} {concurrency}");
            let outcome = running.outcome.await.unwrap();
            let End::Answered { head, body } = &outcome.end else { panic!("{language:?}: {}", shown(&outcome)) };
            assert_eq!((head, body.len()), (&running.head, 0), "{language:?}: it has gone its way");
            assert_eq!(running.pieces.recv().await, None, "{language:?}");
            assert!(outcome.log_tail.contains("written"), "{language:?}: {}", outcome.log_tail);
        }
    }
}

#[tokio::test]
async fn i4_a_caller_that_hangs_up_ends_the_code_that_writes() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let call = http(language, "pieces", 1);
        let mut running = begin(&bench, http_request(&call, "GET", "/", "", ""), None).await;
        assert_eq!(take(&mut running, 5).await, "first");
        drop(running.pieces);
        running.stop.cancel();
        assert_eq!(running.outcome.await.unwrap().end, End::Stopped { ended_by_itself: false }, "{language:?}");
        assert_eq!(crate::harness::survivors(&running.id), [0; 0], "{language:?}");
    }
}

#[tokio::test]
async fn i4_an_answer_of_any_length_comes_whole_and_at_the_callers_pace() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        for concurrency in [1, 4] {
            // More than an answer that is kept whole may have, where the caller's pace holds up the function.
            let megabytes = if concurrency == 1 { 40 } else { 20 };
            let call = http_request(&http(language, "long", concurrency), "GET", "/", &format!("megabytes={megabytes}"), "");
            let mut running = begin(&bench, call, None).await;
            let mut total = 0;
            while let Some(piece) = running.pieces.recv().await {
                assert!(piece.iter().all(|byte| *byte == b'x'));
                total += piece.len();
            }
            assert_eq!(total, megabytes << 20, "{language:?} {concurrency}");
            let outcome = running.outcome.await.unwrap();
            assert!(matches!(outcome.end, End::Answered { .. }), "{language:?}: {}", shown(&outcome));
        }
    }
}

#[tokio::test]
async fn i4_a_function_that_fails_while_it_answers_has_failed() {
    let bench = Bench::new().await;
    for language in [PYTHON, NODEJS] {
        for concurrency in [1, 4] {
            let call = http_request(&http(language, "breaks", concurrency), "GET", "/", "", "");
            let mut running = begin(&bench, call, None).await;
            assert_eq!(take(&mut running, 5).await, "first");
            let outcome = running.outcome.await.unwrap();
            let End::FunctionError { body, .. } = &outcome.end else { panic!("{language:?}: {}", shown(&outcome)) };
            assert!(String::from_utf8_lossy(body).contains("broken off"), "{language:?}");
        }
    }
}

/// A call of a program, which answers by the path.
fn program(path: &str, concurrency: u32) -> Invocation {
    let mut call = invocation(GO, "basic", "main", "");
    call.function.spec.handler = "main".to_owned();
    call.function.spec.instance_concurrency = concurrency;
    call.function.id.push_str(&concurrency.to_string());
    http_request(&call, "GET", path, "", "")
}

#[tokio::test]
async fn i4_a_programs_answer_goes_to_the_caller_as_it_is_written() {
    let bench = Bench::new().await;
    for concurrency in [1, 4] {
        let call = program("/pieces", concurrency);
        let mut running = begin(&bench, call.clone(), None).await;
        assert_eq!((running.head.status, running.head.headers.len()), (201, 2));
        assert_eq!(take(&mut running, 5).await, "first", "{concurrency}");
        assert!(running.pieces.try_recv().is_err() && !running.outcome.is_finished(), "{concurrency}");
        script(&bench, &call, &running.id, "touch \"$TMPDIR/go\"").await;
        assert_eq!(take(&mut running, 6).await, "second", "{concurrency}");
        let outcome = running.outcome.await.unwrap();
        let End::Answered { head, body } = &outcome.end else { panic!("{}", shown(&outcome)) };
        assert_eq!((head, body.len()), (&running.head, 0), "it has gone its way");
        assert_eq!(running.pieces.recv().await, None);

        let mut running = begin(&bench, program("/long", concurrency), None).await;
        let mut total = 0;
        while let Some(piece) = running.pieces.recv().await {
            total += piece.len();
        }
        assert_eq!(total, 40 << 20, "more than an answer that is kept whole may have");
        assert!(matches!(running.outcome.await.unwrap().end, End::Answered { .. }));

        let mut running = begin(&bench, program("/breaks", concurrency), None).await;
        assert_eq!(take(&mut running, 5).await, "first");
        let outcome = running.outcome.await.unwrap();
        let End::FunctionError { body, .. } = &outcome.end else { panic!("{}", shown(&outcome)) };
        assert!(String::from_utf8_lossy(body).contains("broke its answer off"));
    }
}

#[tokio::test]
async fn i4_a_custom_runtime_reads_a_request_as_it_comes() {
    let bench = Bench::new().await;
    for concurrency in [1, 4] {
        let (pieces, coming) = mpsc::unbounded_channel::<model::Result<Vec<u8>>>();
        let rest = futures::stream::unfold(coming, |mut coming| async move { Some((coming.recv().await?, coming)) }).boxed();
        let mut call = http_request(&http(CUSTOM, "halves", concurrency), "POST", "/", "", "");
        let headers = &mut call.http.as_mut().unwrap().headers;
        headers.push(("content-length".to_owned(), "10".to_owned()));
        pieces.send(Ok(b"12345".to_vec())).unwrap();
        let mut running = begin(&bench, call, Some(rest)).await;
        assert_eq!(take(&mut running, 5).await, "12345", "the second half is not there yet");
        pieces.send(Ok(b"67890".to_vec())).unwrap();
        drop(pieces);
        assert_eq!(take(&mut running, 5).await, "67890");
        assert!(matches!(running.outcome.await.unwrap().end, End::Answered { .. }));
        // The same instance serves on.
        let whole = http_request(&http(CUSTOM, "halves", concurrency), "POST", "/", "", "abcdefghij");
        let (id, outcome) = bench.invoke(whole).await;
        assert_eq!(id, running.id);
        let End::Answered { body, .. } = &outcome.end else { panic!("{}", shown(&outcome)) };
        assert_eq!(body, b"abcdefghij");
    }
}
