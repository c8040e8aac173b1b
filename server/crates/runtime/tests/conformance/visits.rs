//! The list of instances, and commands in them: confined as the function is, and gone without a rest (`fc-api.md` 3.6).

use crate::harness::{Bench, LANGUAGES, Language, PYTHON, again, invocation, is_running, pause, survivors};
use engine::ports::{Executor, Invocation};
use futures::StreamExt;
use model::{ErrorCode, ExecEnd, ExecInput, ExecOutput, ExecRequest, ExecSession, InstanceId, InstanceInfo, InstanceState, TerminalSize};
use runtime::Piece;
use std::{fs, time::Duration};

/// A command without a terminal, for its output.
fn command(words: &[&str]) -> ExecRequest {
    let command = words.iter().map(|word| (*word).to_owned()).collect();
    ExecRequest { command, tty: false, stderr: true, idle_timeout_s: 60, ..ExecRequest::shell("tester") }
}

fn script(text: &str) -> ExecRequest {
    command(&["/bin/sh", "-c", text])
}

async fn exec(bench: &Bench, call: &Invocation, instance: &InstanceId, request: ExecRequest) -> ExecSession {
    bench.executor.exec(&call.function.function_ref(), instance, request).await.unwrap()
}

/// What a command writes until it ends, and how it ends.
async fn all_of(session: ExecSession) -> (String, String, ExecEnd) {
    let ExecSession { input, mut output } = session;
    drop(input);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    while let Some(part) = output.next().await {
        match part {
            ExecOutput::Stdout(bytes) => out.extend(bytes),
            ExecOutput::Stderr(bytes) => err.extend(bytes),
            ExecOutput::Ended(end) => return (String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap(), end),
        }
    }
    panic!("no end is told");
}

pub async fn output_of(bench: &Bench, call: &Invocation, instance: &InstanceId, text: &str) -> String {
    let (out, err, end) = all_of(exec(bench, call, instance, script(text)).await).await;
    assert_eq!((err.as_str(), end), ("", ExecEnd::Exited), "{text}: {out}");
    out
}

/// Waits until the output has this text in it; returns all of it.
async fn read_until(session: &mut ExecSession, text: &str) -> String {
    let mut seen = String::new();
    while !seen.contains(text) {
        match session.output.next().await {
            Some(ExecOutput::Stdout(bytes)) => seen.push_str(&String::from_utf8_lossy(&bytes)),
            other => panic!("{other:?} after {seen:?}"),
        }
    }
    seen
}

async fn ended(session: &mut ExecSession) -> ExecEnd {
    loop {
        match session.output.next().await {
            Some(ExecOutput::Ended(end)) => return end,
            Some(_) => {}
            None => panic!("no end is told"),
        }
    }
}

async fn listed(bench: &Bench, call: &Invocation) -> Vec<InstanceInfo> {
    bench.executor.instances(&call.function.function_ref()).await
}

/// Sessions in one of them; the instances of both languages are of one function by name.
async fn sessions(bench: &Bench, call: &Invocation, id: &InstanceId) -> u32 {
    listed(bench, call).await.iter().find(|one| one.id == *id).map(|one| one.sessions).unwrap()
}

pub async fn until(what: &str, condition: impl AsyncFn() -> bool) {
    for _ in 0..1_000 {
        if condition().await {
            return;
        }
        pause(Duration::from_millis(10)).await;
    }
    panic!("not within 10 s: {what}");
}

/// Living processes of this machine whose command line has this text in it.
fn with_text(text: &str) -> Vec<i32> {
    let pids = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
    pids.filter(|pid| {
        is_running(*pid) && String::from_utf8_lossy(&fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default()).contains(text)
    })
    .collect()
}

async fn warm(bench: &Bench, language: Language) -> (Invocation, InstanceId) {
    let call = invocation(language, "nasty", "identity", "");
    let (id, _) = bench.invoke(call.clone()).await;
    (call, id)
}

#[tokio::test]
async fn i4_6_instances_are_listed_with_what_they_do_and_use() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let call = invocation(language, "stop", "handler", "deaf");
        assert_eq!(listed(&bench, &call).await, []);
        let running = bench.begin(call.clone()).await;
        let found = listed(&bench, &call).await;
        let [busy] = &found[..] else { panic!("{found:?}") };
        assert_eq!(
            (&busy.id, busy.state, &busy.requests),
            (&running.id, InstanceState::Busy, &vec![running.request.clone()]),
            "{language:?}"
        );
        assert_eq!((&busy.qualifier, busy.version, busy.memory_mb), (&call.qualifier, None, call.function.spec.memory_mb));
        assert!(busy.memory_bytes > 1 << 20 && busy.memory_peak_bytes >= busy.memory_bytes, "{busy:?}");
        assert!(busy.created_at.0 > 0 && busy.last_used_at.is_some(), "{busy:?}");
        running.stop.cancel();
        running.outcome.await.unwrap();
        assert_eq!(listed(&bench, &call).await, [], "a stopped instance is gone");
        let idle = invocation(language, "basic", "count", "");
        let (id, _) = bench.invoke(idle.clone()).await;
        let found = listed(&bench, &idle).await;
        assert_eq!(found.iter().map(|one| (&one.id, one.state)).collect::<Vec<_>>(), [(&id, InstanceState::Idle)]);
        assert!(found[0].cpu_ms > 0, "{found:?}");
        bench.discard(&idle).await;
        until("the instance is off the list", async || listed(&bench, &idle).await.is_empty()).await;
    }
}

#[tokio::test]
async fn i4_7_a_command_is_confined_as_the_function_is() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let (call, id) = warm(&bench, language).await;
        // Its youngest process; the sandbox's own are older than the function's.
        let main = survivors(&id).into_iter().max().unwrap();
        let names = ["Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp", "Seccomp_filters"];
        let facts = |status: &str| -> Vec<String> {
            let lines = status.lines().filter(|line| line.split_once(':').is_some_and(|(name, _)| names.contains(&name)));
            lines.map(|line| line.split_ascii_whitespace().collect::<Vec<_>>().join(" ")).collect()
        };
        let spaces = ["cgroup", "ipc", "mnt", "net", "pid", "user", "uts"];
        let expected: Vec<String> =
            spaces.iter().map(|name| fs::read_link(format!("/proc/{main}/ns/{name}")).unwrap().display().to_string()).collect();
        let links: Vec<String> = spaces.iter().map(|name| format!("/proc/self/ns/{name}")).collect();
        let seen = output_of(&bench, &call, &id, &format!("readlink {}", links.join(" "))).await;
        assert_eq!(seen.lines().collect::<Vec<_>>(), expected, "{language:?}");
        let status = fs::read_to_string(format!("/proc/{main}/status")).unwrap();
        let seen = output_of(&bench, &call, &id, "cat /proc/self/status").await;
        assert_eq!(facts(&seen), facts(&status), "{language:?}");
        let limits = fs::read_to_string(format!("/proc/{main}/limits")).unwrap();
        assert_eq!(output_of(&bench, &call, &id, "cat /proc/self/limits").await, limits, "{language:?}");
        let server = fs::read_to_string("/proc/self/cgroup").unwrap();
        let groups = |text: &str| text.lines().filter(|line| !server.contains(line)).count();
        let inside = fs::read_to_string(format!("/proc/{main}/cgroup")).unwrap();
        let mut session = exec(&bench, &call, &id, script("echo here; read line")).await;
        read_until(&mut session, "here").await;
        let shell = with_text("echo here; read line");
        assert_eq!(shell.len(), 1);
        let entered = fs::read_to_string(format!("/proc/{}/cgroup", shell[0])).unwrap();
        assert_eq!(groups(&entered), groups(&inside), "{entered}");
        for (line, of_main) in entered.lines().zip(inside.lines()) {
            assert!(line.starts_with(of_main), "{line} lies within {of_main}");
        }
        let own = output_of(&bench, &call, &id, "echo $FC_INSTANCE_ID $TASKYARD_CHANNEL; pwd").await;
        let code = if bench.has(Piece::Files) { "/code" } else { own.lines().nth(1).unwrap() };
        assert_eq!(own, format!("{id}\n{code}\n"));
    }
}

#[tokio::test]
async fn i4_7_a_command_reaches_nothing_of_the_server_or_of_other_instances() {
    let bench = Bench::new().await;
    let (call, id) = warm(&bench, PYTHON).await;
    let (_, other) = warm(&bench, LANGUAGES[1]).await;
    let stranger = survivors(&other)[0];
    let python = |code: &str| format!("python3 -c 'import index; print(index.{code})'");
    if bench.has(Piece::SystemCalls) && bench.has(Piece::User) {
        assert_eq!(output_of(&bench, &call, &id, &python("escapes(b\"\", None)")).await, "[]\n");
    }
    if bench.has(Piece::Files) {
        let hidden = bench.data_dir.path().join("owner");
        assert_eq!(output_of(&bench, &call, &id, &format!("test -e {} || echo hidden", hidden.display())).await, "hidden\n");
    }
    if bench.has(Piece::Processes) {
        let own = std::process::id();
        let text = format!("test -e /proc/{stranger} || test -e /proc/{own} || echo alone; cat /proc/[0-9]*/cmdline | tr '\\0' ' '");
        let seen = output_of(&bench, &call, &id, &text).await;
        assert!(seen.starts_with("alone\n"), "{seen}");
        let server = fs::read_to_string("/proc/self/cmdline").unwrap();
        assert!(!seen.contains(server.split('\0').next().unwrap()), "{seen}");
    }
    // Files that the server has open are not the command's.
    let seen = output_of(&bench, &call, &id, "ls /proc/self/fd | wc -l").await;
    assert_eq!(seen.trim(), "4", "its three streams and the folder that it lists");
}

#[tokio::test]
async fn i4_7_a_session_leaves_no_process_and_the_instance_goes_on() {
    let bench = Bench::new().await;
    for (number, language) in LANGUAGES.into_iter().enumerate() {
        let call = invocation(language, "basic", "count", "");
        let (id, _) = bench.invoke(call.clone()).await;
        let before = survivors(&id).len();
        // A child, one that detaches, and one that also hides its mark.
        let sleeper = format!("98765{number}");
        let text = format!("sleep {sleeper} & setsid sleep {sleeper} & (env -i setsid sleep {sleeper} &) ; echo started; ");
        for (rest, is_left) in [("sleep 1000", true), ("true", false), ("exec sleep 1000", true)] {
            for tty in [false, true] {
                let request = ExecRequest { tty, ..script(&format!("{text}{rest}")) };
                let mut session = exec(&bench, &call, &id, request).await;
                read_until(&mut session, "started").await;
                if is_left {
                    until("all of them run", async || with_text(&format!("sleep\0{sleeper}")).len() == 3).await;
                    assert_eq!(sessions(&bench, &call, &id).await, 1, "{language:?} {rest} {tty}");
                    drop(session);
                } else {
                    assert_eq!(ended(&mut session).await, ExecEnd::Exited);
                    assert_eq!(with_text(&sleeper), [0; 0], "{language:?} {rest}: nothing is left when the end is told");
                }
                until("the session is over", async || sessions(&bench, &call, &id).await == 0).await;
                assert_eq!(with_text(&sleeper), [0; 0], "{language:?} {rest} {tty}");
            }
        }
        assert_eq!(survivors(&id).len(), before);
        assert_eq!(bench.invoke(again(&call, "")).await.0, id, "{language:?}: the instance serves on");
    }
}

#[tokio::test]
async fn i4_7_a_session_ends_with_its_instance() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let (call, id) = warm(&bench, language).await;
        let mut session = exec(&bench, &call, &id, ExecRequest { idle_timeout_s: 60, ..ExecRequest::shell("tester") }).await;
        assert!(session.input.send(ExecInput::Data(b"echo he''re\n".to_vec())).await);
        read_until(&mut session, "here").await;
        bench.discard(&call).await;
        assert_eq!(ended(&mut session).await, ExecEnd::InstanceReleased, "{language:?}");
        until("nothing is left", async || survivors(&id).is_empty()).await;
        let refused = bench.executor.exec(&call.function.function_ref(), &id, ExecRequest::shell("tester")).await;
        assert_eq!(refused.err().map(|error| error.code), Some(ErrorCode::InstanceNotFound));
    }
    let (call, id) = warm(&bench, PYTHON).await;
    let mut session = exec(&bench, &call, &id, script("echo here; sleep 1000")).await;
    read_until(&mut session, "here").await;
    bench.executor.shutdown().await;
    assert!(matches!(ended(&mut session).await, ExecEnd::Disconnected | ExecEnd::InstanceReleased));
}

#[tokio::test]
async fn i4_7_a_terminal_has_a_size_a_name_and_job_control() {
    let bench = Bench::new().await;
    let (call, id) = warm(&bench, PYTHON).await;
    let size = Some(TerminalSize { cols: 101, rows: 33 });
    let mut session = exec(&bench, &call, &id, ExecRequest { size, idle_timeout_s: 60, ..ExecRequest::shell("tester") }).await;
    let mut typed = async |line: &str, answer: &str| {
        assert!(session.input.send(ExecInput::Data(format!("{line}\n").into_bytes())).await);
        read_until(&mut session, answer).await
    };
    typed("stty size", "33 101").await;
    typed("stty -echo", "").await;
    if bench.has(Piece::Files) {
        typed("tty", "/dev/pts/").await;
    }
    typed("echo again > /dev/stderr", "again").await;
    typed("sleep 1000 & jobs", "Running").await;
    // Waited for with the signal blocked: a shell's trap that comes just before the shell reads waits for the next key.
    let waits = "import os, signal; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGWINCH]); print('wai' + 'ting', flush=True); \
                 signal.sigwait([signal.SIGWINCH]); print('has', *os.get_terminal_size())";
    typed(&format!("python3 -c \"{waits}\""), "waiting").await;
    assert!(session.input.send(ExecInput::Resize(TerminalSize { cols: 60, rows: 20 })).await);
    read_until(&mut session, "has 60 20").await;
    // Control-C reaches the program in front. Tests run side by side: this sleep is told from theirs.
    let nap = format!("1001.{}", std::process::id());
    assert!(session.input.send(ExecInput::Data(format!("sleep {nap}\n").into_bytes())).await);
    until("it sleeps", async || !with_text(&format!("sleep\0{nap}")).is_empty()).await;
    assert!(session.input.send(ExecInput::Data(vec![3])).await);
    // What is typed before the shell has taken its terminal back may be thrown away with the interrupted line.
    read_until(&mut session, "$ ").await;
    assert!(session.input.send(ExecInput::Data(b"echo fr''ee; exit\n".to_vec())).await);
    read_until(&mut session, "free").await;
    assert_eq!(ended(&mut session).await, ExecEnd::Exited);
}

#[tokio::test]
async fn i4_7_streams_are_attached_as_asked() {
    let bench = Bench::new().await;
    let (call, id) = warm(&bench, PYTHON).await;
    let both = all_of(exec(&bench, &call, &id, script("echo out; echo err >&2")).await).await;
    assert_eq!(both, ("out\n".to_owned(), "err\n".to_owned(), ExecEnd::Exited));
    let none = ExecRequest { stdout: false, stderr: false, stdin: false, ..script("echo out; echo err >&2; cat") };
    assert_eq!(all_of(exec(&bench, &call, &id, none).await).await, (String::new(), String::new(), ExecEnd::Exited));
    let mut session = exec(&bench, &call, &id, command(&["cat"])).await;
    let large = vec![b'x'; 1 << 20];
    let writer = tokio::spawn(async move {
        for part in large.chunks(10_000) {
            assert!(session.input.send(ExecInput::Data(part.to_vec())).await);
        }
        drop(session.input);
    });
    let mut bytes = 0;
    loop {
        match session.output.next().await.unwrap() {
            ExecOutput::Stdout(part) => bytes += part.len(),
            ExecOutput::Ended(end) => break assert_eq!(end, ExecEnd::Exited),
            other => panic!("{other:?}"),
        }
    }
    writer.await.unwrap();
    assert_eq!(bytes, 1 << 20, "all that was written was read, and the end of the input ended it");
}

#[tokio::test]
async fn i4_7_a_session_without_traffic_is_ended_and_keeps_the_instance_until_then() {
    let bench = Bench::with(|config| config.idle_timeout = Duration::from_millis(100)).await;
    let (call, id) = warm(&bench, PYTHON).await;
    let mut session =
        exec(&bench, &call, &id, ExecRequest { idle_timeout_s: 2, ..script("echo here; read line; echo $line; sleep 1000") }).await;
    read_until(&mut session, "here").await;
    pause(Duration::from_millis(1_200)).await;
    assert_eq!(listed(&bench, &call).await.len(), 1, "it is kept, twelve times longer than an idle instance");
    assert!(session.input.send(ExecInput::Data(b"more\n".to_vec())).await);
    read_until(&mut session, "more").await;
    pause(Duration::from_millis(1_200)).await;
    assert_eq!(listed(&bench, &call).await.len(), 1, "traffic counts");
    assert_eq!(ended(&mut session).await, ExecEnd::Idle);
    until("the instance is ended as idle", async || listed(&bench, &call).await.is_empty()).await;
    assert_eq!(survivors(&id), [0; 0]);
}

#[tokio::test]
async fn i4_7_a_busy_instance_is_entered_and_an_entered_one_serves() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let call = invocation(language, "stop", "handler", "deaf");
        let running = bench.begin(call.clone()).await;
        let seen = output_of(&bench, &call, &running.id, "cat /proc/[0-9]*/cmdline | tr '\\0' ' '").await;
        assert!(seen.contains("bootstrap"), "{language:?}: the function's process is seen: {seen}");
        running.stop.cancel();
        running.outcome.await.unwrap();
        let call = invocation(language, "basic", "count", "");
        let (id, _) = bench.invoke(call.clone()).await;
        let mut session = exec(&bench, &call, &id, script("echo here; sleep 1000")).await;
        read_until(&mut session, "here").await;
        assert_eq!(bench.invoke(again(&call, "")).await.0, id, "{language:?}");
    }
}

#[tokio::test]
async fn i4_7_what_can_not_be_entered_or_run_is_refused() {
    let bench = Bench::new().await;
    let (call, id) = warm(&bench, PYTHON).await;
    let function = call.function.function_ref();
    let refusal = async |instance: &InstanceId, request: ExecRequest| {
        let refused = bench.executor.exec(&function, instance, request).await;
        refused.err().map(|error| (error.code, error.message)).unwrap()
    };
    assert_eq!(refusal(&InstanceId::from_stored("c-none"), script("true")).await.0, ErrorCode::InstanceNotFound);
    let (other, _) = bench.invoke(invocation(PYTHON, "basic", "count", "")).await;
    assert_eq!(refusal(&other, script("true")).await.0, ErrorCode::InstanceNotFound, "another function's");
    let (code, message) = refusal(&id, command(&["/no/such/program"])).await;
    assert_eq!(code, ErrorCode::InvalidArgument);
    assert!(message.contains("/no/such/program") && message.contains("not found"), "{message}");
    assert_eq!(refusal(&id, command(&["/etc"])).await.0, ErrorCode::InvalidArgument);
    let mut open = Vec::new();
    for _ in 0..model::limits::EXEC_SESSIONS_MAX {
        open.push(exec(&bench, &call, &id, script("sleep 1000")).await);
    }
    assert_eq!(refusal(&id, script("true")).await.0, ErrorCode::ResourceExhausted);
    drop(open);
    until("the sessions are over", async || listed(&bench, &call).await.iter().all(|one| one.sessions == 0)).await;
    assert_eq!(output_of(&bench, &call, &id, "echo ok").await, "ok\n");
}
