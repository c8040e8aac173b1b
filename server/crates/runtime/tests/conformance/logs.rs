//! What is stored of what a function writes (`fc-api.md` 5.7, 3.7).

use crate::harness::{Bench, LANGUAGES, NODEJS, SILENT, again, invocation};
use engine::ports::End;
use model::{LogLevel, LogStream, ServiceName, limits::LOG_LINE_BYTES_MAX};

#[tokio::test]
async fn a_requests_log_has_its_lines_between_start_and_end_and_a_summary() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let call = invocation(language, "basic", "logs", "");
        let id = call.request_id.clone();
        let (_, outcome) = bench.invoke(call).await;
        let lines = bench.logs.of(&id);
        let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
        assert!(texts[0].starts_with("runtime ") && texts[0].contains("its own version is not installed"), "{texts:?}");
        assert_eq!(texts[1], format!("FunctionCompute {} runtime inited.", language.runtime));
        assert_eq!(texts[2], format!("FC Invoke Start RequestId: {id}"));
        let warn = if language == NODEJS { "WARN" } else { "WARNING" };
        let stdout: Vec<&str> = lines.iter().filter(|line| line.stream == LogStream::Stdout).map(|line| line.text.as_str()).collect();
        assert_eq!(stdout.len(), 4, "{stdout:?}");
        assert_eq!((stdout[0], stdout[3]), ("plain", "no line feed"));
        for (line, level, text) in [(stdout[1], "INFO", "with level 1"), (stdout[2], warn, "careful")] {
            let (at, rest) = line.split_once(' ').unwrap();
            assert_eq!((at.len(), at.ends_with('Z')), ("2022-04-01T10:04:19.024Z".len(), true), "{line}");
            assert_eq!(rest, format!("{id} [{level}] {text}"));
        }
        let levels: Vec<LogLevel> = lines.iter().filter_map(|line| line.level).collect();
        assert_eq!(levels, [LogLevel::Info, LogLevel::Warning], "what loggers write has a level, and nothing else");
        let stderr: Vec<&str> = lines.iter().filter(|line| line.stream == LogStream::Stderr).map(|line| line.text.as_str()).collect();
        assert_eq!(stderr, ["to stderr"]);
        assert_eq!(texts[texts.len() - 2], format!("FC Invoke End RequestId: {id}"));
        let summary = texts[texts.len() - 1];
        let figures: Vec<f64> = summary.split_ascii_whitespace().filter_map(|word| word.parse().ok()).collect();
        assert_eq!(figures.len(), 4, "{summary}");
        assert!(
            figures[0] <= figures[1] && figures[1] == outcome.duration_ms as f64 && figures[2] == 128.0 && figures[3] > 1.0,
            "{summary}"
        );
        assert_eq!(outcome.log_tail, texts.join("\n") + "\n");
    }
}

#[tokio::test]
async fn an_exact_runtime_needs_no_note() {
    use engine::ports::Executor;
    let bench = Bench::new().await;
    for row in bench.executor.runtimes().into_iter().filter(|row| row.exact) {
        let Some(language) = LANGUAGES.into_iter().find(|language| row.name.as_str().starts_with(language.fixtures)) else { continue };
        let mut call = invocation(language, "basic", "hello", "");
        call.function.spec.runtime = row.name.clone();
        // More than one custom runtime may be exact here; each starts an instance of its own.
        call.function.id = row.name.to_string();
        let id = call.request_id.clone();
        bench.invoke(call).await;
        assert_eq!(bench.logs.texts(&id)[0], format!("FunctionCompute {} runtime inited.", row.name));
    }
}

#[tokio::test]
async fn warm_requests_keep_their_lines_apart() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let first = invocation(language, "noisy", "both", "first");
        let (instance, _) = bench.invoke(first.clone()).await;
        for n in 0..20 {
            let name = format!("request {n}");
            let next = again(&first, name.clone());
            let id = next.request_id.clone();
            assert_eq!(bench.invoke(next).await.0, instance, "{language:?}");
            let mut own: Vec<String> = bench.logs.texts(&id).into_iter().filter(|line| line.contains(" of ")).collect();
            own.sort();
            assert_eq!(own, [format!("err of {name}"), format!("out of {name}")]);
        }
    }
}

#[tokio::test]
async fn a_thousand_lines_are_stored_in_order_before_the_outcome() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let call = invocation(language, "noisy", "many", "1000");
        let id = call.request_id.clone();
        bench.result(call).await;
        let lines: Vec<String> = bench.logs.texts(&id).into_iter().filter(|line| line.starts_with("line ")).collect();
        let expected: Vec<String> = (0..1000).map(|n| format!("line {n}")).collect();
        assert!(lines == expected, "{language:?}: {} lines", lines.len());
    }
}

#[tokio::test]
async fn a_line_of_100_kb_is_cut_and_says_so() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let call = invocation(language, "noisy", "long_line", "102400");
        let id = call.request_id.clone();
        bench.result(call).await;
        let lines = bench.logs.texts(&id);
        let cut = lines.iter().find(|line| line.starts_with("xxx")).unwrap();
        assert_eq!(cut.len(), LOG_LINE_BYTES_MAX);
        assert!(cut.ends_with(" … [cut: the line has 102400 bytes]"));
        assert!(lines.contains(&"after".to_owned()));
    }
}

#[tokio::test]
async fn lines_appear_while_the_code_runs() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        // `begin` returns when the line is stored, and the code runs until it is stopped.
        let running = bench.begin(invocation(language, "stop", "handler", "sleeper")).await;
        running.stop.cancel();
        running.outcome.await.unwrap();
    }
}

#[tokio::test]
async fn closed_or_diverted_output_ends_no_request() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        for handler in ["closes", "diverts"] {
            let call = invocation(language, "noisy", handler, "");
            let id = call.request_id.clone();
            let (_, outcome) = bench.invoke(call).await;
            assert!(matches!(outcome.end, End::Succeeded { .. }), "{language:?} {handler}: {outcome:?}");
            assert!(bench.logs.texts(&id).contains(&"before".to_owned()), "{language:?} {handler}");
        }
    }
}

#[tokio::test]
async fn the_tail_is_the_last_4_kb() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let (_, outcome) = bench.invoke(invocation(language, "noisy", "many", "2000")).await;
        assert!(outcome.log_tail.len() <= 4_096 && outcome.log_tail.len() > 4_000);
        assert!(outcome.log_tail.contains("line 1999\n") && !outcome.log_tail.contains("line 1000\n"));
        assert!(outcome.log_tail.contains("Max Memory Used: "));
    }
}

#[tokio::test]
async fn c51_nothing_is_kept_of_functions_of_a_service_whose_logging_is_off() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let mut call = invocation(language, "basic", "logs", "");
        call.function.service = ServiceName::from_stored(SILENT);
        let id = call.request_id.clone();
        let (_, outcome) = bench.invoke(call).await;
        assert!(matches!(outcome.end, End::Succeeded { .. }), "{language:?}: {outcome:?}");
        assert_eq!(bench.logs.texts(&id), [""; 0], "{language:?}");
        assert!(outcome.log_tail.contains("plain"), "the caller is told all the same: {language:?}");
    }
}
