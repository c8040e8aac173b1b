//! One call as a program for each client (B-12). What stands before the call is that of the page Connect; keys are never in it.

use super::api::Setup;
use super::setups::{COMMAND_LINE, GO_CLIENT, GO_HEAD, GO_INSTALL, NODE, NODE_INSTALL, PYTHON, PYTHON_INSTALL, Target, signed};
use model::{FunctionRef, Qualifier, TaskRef};

/// Bytes of an event that stands in the program; a longer one is read from a file.
const EVENT_BYTES_MAX: usize = 4 * 1024;

/// What is called.
pub(super) enum Call<'a> {
    /// Submits a task with this event.
    Submit { function: &'a FunctionRef, qualifier: &'a Qualifier, event: &'a [u8] },
    /// Reads the record of a task.
    Read { task: &'a TaskRef, qualifier: &'a Qualifier },
    /// Sets a function's policy for asynchronous invocations, task mode included (C-29).
    Policy { function: &'a FunctionRef, qualifier: &'a Qualifier, policy: Policy },
}

/// The members of an asynchronous configuration that a policy is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Policy {
    pub(super) task_mode: bool,
    pub(super) retries: u32,
    pub(super) lifetime_s: u64,
}

impl Policy {
    /// As the API takes it.
    fn json(self) -> String {
        let Self { task_mode, retries, lifetime_s } = self;
        format!(r#"{{"statefulInvocation": {task_mode}, "maxAsyncRetryAttempts": {retries}, "maxAsyncEventAgeInSeconds": {lifetime_s}}}"#)
    }
}

/// One for each client that has the call.
pub(super) fn programs(target: &Target, call: &Call<'_>) -> Vec<Setup> {
    let setup = |title: &str, install: &str, code: String| Setup { title: title.to_owned(), install: install.to_owned(), code };
    let mut programs = vec![setup("curl", "", curl(target, call))];
    programs.extend(command_line(target, call).map(|code| setup(t!("Command line"), "", code)));
    programs.push(setup("Python", PYTHON_INSTALL, python(target, call)));
    programs.push(setup("Node.js", NODE_INSTALL, node(target, call)));
    programs.push(setup("Go", GO_INSTALL, go_program(target, call)));
    programs
}

/// An event as it stands in a program.
enum Event<'a> {
    Text(&'a str),
    /// Too long, or no text.
    File,
}

impl<'a> Event<'a> {
    fn of(event: &'a [u8]) -> Self {
        match std::str::from_utf8(event) {
            Ok(text) if text.len() <= EVENT_BYTES_MAX && !text.contains('\0') => Event::Text(text),
            _ => Event::File,
        }
    }

    /// What tells the reader of a file that is needed; `comment` begins a comment of the language.
    fn note(&self, comment: &str) -> String {
        match self {
            Event::Text(_) => String::new(),
            Event::File => format!("{comment} event.bin holds the input\n"),
        }
    }
}

/// A text as one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A text as a literal of Python and of JavaScript, which read what JSON writes.
fn literal(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// The qualifier, where a call has to name it.
fn named(qualifier: &Qualifier) -> Option<&str> {
    Some(qualifier.as_str()).filter(|_| !qualifier.is_latest())
}

fn path_of(function: &FunctionRef) -> String {
    format!("/2021-04-06/services/{}/functions/{}", function.service, function.function)
}

fn task_path(task: &TaskRef) -> String {
    format!("{}/stateful-async-invocations/{}", path_of(&task.function), task.id)
}

const CURL_HEADERS: &str = r#"-H "Date: $date" -H 'X-Fc-Region: {region}' \
  -H "Authorization: FC $ALIBABA_CLOUD_ACCESS_KEY_ID:$signature""#;

fn curl(target: &Target, call: &Call<'_>) -> String {
    let query = |qualifier: &Qualifier| named(qualifier).map_or(String::new(), |name| format!("?qualifier={name}"));
    match call {
        Call::Read { task, qualifier } => {
            let head = signed("GET", &task_path(task), "");
            target.fill(&format!("{head}curl -fsS \"{{endpoint}}$path{}\" {CURL_HEADERS}", query(qualifier)))
        }
        Call::Submit { function, qualifier, event } => {
            let event = Event::of(event);
            let head = signed("POST", &format!("{}/invocations", path_of(function)), r"x-fc-invocation-type:Async\n");
            let send = format!(
                "{head}curl -fsSi \"{{endpoint}}$path{}\" -H 'Content-Type:' -H 'X-Fc-Invocation-Type: Async' {CURL_HEADERS}",
                query(qualifier)
            );
            let body = match event {
                Event::Text(text) => format!(" \\\n  --data-raw {}", quoted(text)),
                Event::File => " \\\n  --data-binary @event.bin".to_owned(),
            };
            format!("{}{}{body}", event.note("#"), target.fill(&send))
        }
        Call::Policy { function, qualifier, policy } => {
            let head = signed("PUT", &format!("{}/async-invoke-config", path_of(function)), "");
            let send = format!("{head}curl -fsS -X PUT \"{{endpoint}}$path{}\" -H 'Content-Type:' {CURL_HEADERS}", query(qualifier));
            format!("{} \\\n  --data-raw {}", target.fill(&send), quoted(&policy.json()))
        }
    }
}

fn command_line(target: &Target, call: &Call<'_>) -> Option<String> {
    let function = |function: &FunctionRef, qualifier: &Qualifier| {
        let qualifier = named(qualifier).map_or(String::new(), |name| format!(":{name}"));
        format!("{}/{}{qualifier}", function.service, function.function)
    };
    let head = target.fill(COMMAND_LINE);
    Some(match call {
        Call::Policy { .. } => return None,
        Call::Read { task, qualifier } => format!("{head}taskyard task get {} {}", function(&task.function, qualifier), task.id),
        Call::Submit { function: of, qualifier, event } => {
            let event = Event::of(event);
            let payload = match event {
                Event::Text(text) => format!("--payload={}", quoted(text)),
                Event::File => "--file event.bin".to_owned(),
            };
            format!("{}{head}taskyard invoke {} --async {payload}", event.note("#"), function(of, qualifier))
        }
    })
}

fn python(target: &Target, call: &Call<'_>) -> String {
    let client = target.fill(PYTHON);
    match call {
        Call::Read { task, qualifier } => {
            let request = named(qualifier).map_or(String::new(), |name| format!("qualifier={}", literal(name)));
            let FunctionRef { service, function, .. } = &task.function;
            format!(
                "import os\n\n{client}request = fc.GetStatefulAsyncInvocationRequest({request})\n\
                 task = client.get_stateful_async_invocation(\"{service}\", \"{function}\", \"{}\", request).body\n\
                 print(task.status, task.return_payload)",
                task.id
            )
        }
        Call::Submit { function: FunctionRef { service, function, .. }, qualifier, event } => {
            let event = Event::of(event);
            let body = match event {
                Event::Text(text) => format!("{}.encode()", literal(text)),
                Event::File => "open(\"event.bin\", \"rb\").read()".to_owned(),
            };
            let qualifier = named(qualifier).map_or(String::new(), |name| format!(", qualifier={}", literal(name)));
            format!(
                "{}import os\n\n{client}from alibabacloud_tea_util.models import RuntimeOptions\n\n\
                 request = fc.InvokeFunctionRequest(body={body}{qualifier})\n\
                 headers = fc.InvokeFunctionHeaders(x_fc_invocation_type=\"Async\")\n\
                 answer = client.invoke_function_with_options(\"{service}\", \"{function}\", request, headers, RuntimeOptions())\n\
                 print(answer.status_code, answer.headers)",
                event.note("#")
            )
        }
        Call::Policy { function: FunctionRef { service, function, .. }, qualifier, policy } => {
            let Policy { task_mode, retries, lifetime_s } = policy;
            let task_mode = if *task_mode { "True" } else { "False" };
            let qualifier = named(qualifier).map_or(String::new(), |name| format!("\n    qualifier={},", literal(name)));
            format!(
                "import os\n\n{client}request = fc.PutFunctionAsyncInvokeConfigRequest(\n    stateful_invocation={task_mode},\n    \
                 max_async_retry_attempts={retries},\n    max_async_event_age_in_seconds={lifetime_s},{qualifier}\n)\n\
                 print(client.put_function_async_invoke_config(\"{service}\", \"{function}\", request).body)"
            )
        }
    }
}

fn node(target: &Target, call: &Call<'_>) -> String {
    let client = target.fill(NODE);
    match call {
        Call::Read { task, qualifier } => {
            let request = named(qualifier).map_or("{}".to_owned(), |name| format!("{{ qualifier: {} }}", literal(name)));
            let FunctionRef { service, function, .. } = &task.function;
            format!(
                "{client}const request = new fc.GetStatefulAsyncInvocationRequest({request});\n\
                 const {{ body }} = await client.getStatefulAsyncInvocation('{service}', '{function}', '{}', request);\n\
                 console.log(body.status, body.returnPayload);",
                task.id
            )
        }
        Call::Submit { function: FunctionRef { service, function, .. }, qualifier, event } => {
            let event = Event::of(event);
            let body = match event {
                Event::Text(text) => format!("Buffer.from({})", literal(text)),
                Event::File => "fs.readFileSync('event.bin')".to_owned(),
            };
            let import = if matches!(event, Event::File) { "import fs from 'node:fs';\n" } else { "" };
            let qualifier = named(qualifier).map_or(String::new(), |name| format!(", qualifier: {}", literal(name)));
            format!(
                "{}import util from '@alicloud/tea-util';\n{import}{client}\
                 const request = new fc.InvokeFunctionRequest({{ body: {body}{qualifier} }});\n\
                 const headers = new fc.InvokeFunctionHeaders({{ xFcInvocationType: 'Async' }});\n\
                 const answer = await client.invokeFunctionWithOptions('{service}', '{function}', request, headers, new util.RuntimeOptions({{}}));\n\
                 console.log(answer.headers['x-fc-stateful-async-invocation-id']);",
                event.note("//")
            )
        }
        Call::Policy { function: FunctionRef { service, function, .. }, qualifier, policy } => {
            let Policy { task_mode, retries, lifetime_s } = policy;
            let qualifier = named(qualifier).map_or(String::new(), |name| format!("\n  qualifier: {},", literal(name)));
            format!(
                "{client}const request = new fc.PutFunctionAsyncInvokeConfigRequest({{\n  statefulInvocation: {task_mode},\n  \
                 maxAsyncRetryAttempts: {retries},\n  maxAsyncEventAgeInSeconds: {lifetime_s},{qualifier}\n}});\n\
                 const {{ body }} = await client.putFunctionAsyncInvokeConfig('{service}', '{function}', request);\nconsole.log(body);"
            )
        }
    }
}

/// A text as a literal of Go, which reads what JSON writes, but for the mark that may only begin a file.
fn go_literal(text: &str) -> String {
    literal(text).replace('\u{feff}', r"\ufeff")
}

/// By the legacy SDK: the vendor has no other one in Go that submits tasks (`fc-api.md` 2.5).
fn go_program(target: &Target, call: &Call<'_>) -> String {
    let with = |qualifier: &Qualifier| named(qualifier).map_or(String::new(), |name| format!(".WithQualifier({})", go_literal(name)));
    let asked = |variable: &str, ask: &str| format!("\t{variable}, err := client.{ask}\n\tif err != nil {{\n\t\tlog.Fatal(err)\n\t}}\n");
    let client = target.fill(GO_CLIENT);
    let program = |before: &str, after: &str| format!("{GO_HEAD}{before}{client}{after}}}");
    match call {
        Call::Read { task, qualifier } => {
            let FunctionRef { service, function, .. } = &task.function;
            let input = format!("fc.NewGetStatefulAsyncInvocationInput(\"{service}\", \"{function}\", \"{}\"){}", task.id, with(qualifier));
            let read = asked("task", &format!("GetStatefulAsyncInvocation({input})"));
            program("", &format!("{read}\tfmt.Println(*task.Status)\n"))
        }
        Call::Submit { function: FunctionRef { service, function, .. }, qualifier, event } => {
            let event = Event::of(event);
            let (before, payload) = match event {
                Event::Text(text) => (String::new(), format!("[]byte({})", go_literal(text))),
                Event::File => {
                    let read = "\tevent, err := os.ReadFile(\"event.bin\")\n\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n";
                    (read.to_owned(), "event".to_owned())
                }
            };
            let input = format!(
                "\tinput := fc.NewInvokeFunctionInput(\"{service}\", \"{function}\"){}.WithAsyncInvocation().WithPayload({payload})\n",
                with(qualifier)
            );
            let sent = asked("answer", "InvokeFunction(input)");
            let after = format!("{input}{sent}\tfmt.Println(answer.Header.Get(\"X-Fc-Stateful-Async-Invocation-Id\"))\n");
            format!("{}{}", event.note("//"), program(&before, &after))
        }
        Call::Policy { function: FunctionRef { service, function, .. }, qualifier, policy } => {
            let Policy { task_mode, retries, lifetime_s } = policy;
            let input = format!(
                "\ttaskMode, retries, lifetime := {task_mode}, int64({retries}), int64({lifetime_s})\n\
                 \tinput := fc.NewPutFunctionAsyncInvokeConfigInput(\"{service}\", \"{function}\"){}.WithAsyncConfig(fc.AsyncConfig{{\n\
                 \t\tStatefulInvocation:        &taskMode,\n\t\tMaxAsyncRetryAttempts:     &retries,\n\
                 \t\tMaxAsyncEventAgeInSeconds: &lifetime,\n\t}})\n",
                with(qualifier)
            );
            let put = asked("config", "PutFunctionAsyncInvokeConfig(input)");
            program("", &format!("{input}{put}\tfmt.Println(config)\n"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{FunctionName, Region, ServiceName, TaskId};

    fn target() -> Target {
        Target { is_secure: false, host: "fc.example.org:3000".to_owned(), region: "r".to_owned(), account_id: "42".to_owned() }
    }

    fn function() -> FunctionRef {
        FunctionRef {
            region: Region::from_stored("r"),
            service: ServiceName::from_stored("demo"),
            function: FunctionName::from_stored("ev-hello"),
        }
    }

    fn submitted(event: &[u8], qualifier: &str) -> Vec<String> {
        let (function, qualifier) = (function(), Qualifier::from_stored(qualifier));
        let call = Call::Submit { function: &function, qualifier: &qualifier, event };
        programs(&target(), &call).into_iter().map(|setup| setup.code).collect()
    }

    #[test]
    fn b12_every_program_names_server_function_and_placeholders_for_the_key() {
        let task = function().task(TaskId::from_stored("job-7"));
        let read = programs(&target(), &Call::Read { task: &task, qualifier: &Qualifier::latest() });
        let codes: Vec<String> = read.into_iter().map(|setup| setup.code).collect();
        for code in codes.iter().chain(&submitted(b"{}", "LATEST")) {
            let names = ["fc.example.org:3000", "demo", "ev-hello", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"];
            assert!(names.iter().all(|name| code.contains(name)), "{code}");
            assert!(
                !["{endpoint}", "{host}", "{region}", "{path}", "{method}", "{headers}"].iter().any(|hole| code.contains(hole)),
                "{code}"
            );
        }
        assert!(codes.iter().all(|code| code.contains("job-7")));
        assert!(submitted(b"{}", "prod").iter().all(|code| code.contains("prod")));
    }

    #[test]
    fn c29_b12_a_policy_is_set_by_every_client_that_can() {
        let policy = Policy { task_mode: true, retries: 2, lifetime_s: 900 };
        let codes = |qualifier: &str| -> Vec<String> {
            let (function, qualifier) = (function(), Qualifier::from_stored(qualifier));
            let call = Call::Policy { function: &function, qualifier: &qualifier, policy };
            programs(&target(), &call).into_iter().map(|setup| setup.code).collect()
        };
        let [curl, python, node, go] = codes("LATEST").try_into().unwrap();
        assert!(curl.contains(r#"{"statefulInvocation": true, "maxAsyncRetryAttempts": 2, "maxAsyncEventAgeInSeconds": 900}"#), "{curl}");
        assert!(curl.contains("demo/functions/ev-hello/async-invoke-config"), "{curl}");
        assert!(python.contains("stateful_invocation=True") && python.contains("max_async_retry_attempts=2"), "{python}");
        assert!(node.contains("statefulInvocation: true") && node.contains("maxAsyncEventAgeInSeconds: 900"), "{node}");
        assert!(go.contains("taskMode, retries, lifetime := true, int64(2), int64(900)"), "{go}");
        assert!(codes("prod").iter().all(|code| code.contains("prod")));
    }

    #[test]
    fn b12_an_event_is_quoted_for_its_language_and_its_braces_are_left_alone() {
        let codes = submitted("it's {endpoint} \"ä\"\n\\".as_bytes(), "LATEST");
        let word = "'it'\\''s {endpoint} \"ä\"\n\\'";
        assert!(codes[0].ends_with(&format!("--data-raw {word}")), "{}", codes[0]);
        assert!(codes[1].ends_with(&format!("--payload={word}")), "{}", codes[1]);
        let literal = r#""it's {endpoint} \"ä\"\n\\""#;
        assert!(codes[2].contains(&format!("body={literal}.encode()")), "{}", codes[2]);
        assert!(codes[3].contains(&format!("Buffer.from({literal})")), "{}", codes[3]);
        assert!(codes[4].contains(&format!("WithPayload([]byte({literal}))")), "{}", codes[4]);
        assert!(submitted("\u{feff}".as_bytes(), "LATEST")[4].contains(r#"[]byte("\ufeff")"#));
    }

    /// As `gofmt` leaves it; it was built and run with the SDK.
    #[test]
    fn b12_the_go_program_is_whole() {
        let expected = r#"package main

import (
	"fmt"
	"log"
	"os"

	fc "github.com/aliyun/fc-go-sdk"
)

func main() {
	id, secret := os.Getenv("ALIBABA_CLOUD_ACCESS_KEY_ID"), os.Getenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET")
	client, err := fc.NewClient("http://fc.example.org:3000", "2016-08-15", id, secret)
	if err != nil {
		log.Fatal(err)
	}
	input := fc.NewInvokeFunctionInput("demo", "ev-hello").WithQualifier("prod").WithAsyncInvocation().WithPayload([]byte("{}"))
	answer, err := client.InvokeFunction(input)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(answer.Header.Get("X-Fc-Stateful-Async-Invocation-Id"))
}"#;
        assert_eq!(submitted(b"{}", "prod")[4], expected);
    }

    #[test]
    fn b12_what_is_long_or_no_text_is_read_from_a_file() {
        for event in [vec![255], vec![b'a'; EVENT_BYTES_MAX + 1], vec![0]] {
            assert!(submitted(&event, "LATEST").iter().all(|code| code.contains("event.bin holds the input")));
        }
    }
}
