//! The `demo` service: functions that show each ending of a task (`console.md` 7.1).

use model::{
    AsyncConfigPatch, Code, ControlPlane, ErrorCode, FunctionName, FunctionRef, FunctionSpec, Language, Origin, Qualifier, Region,
    RequestId, RuntimeName, ServiceName, ServiceRef, ServiceSpec, SubmitRequest, TriggerConfig, TriggerKind, TriggerName, TriggerSpec,
};
use std::io::{Cursor, Write};

/// A demo function: its name, what it does, its code, whether task mode is on, and the event of a first task.
struct Demo {
    name: &'static str,
    description: &'static str,
    code: &'static str,
    task_mode: bool,
    first_event: Option<&'static str>,
    /// Called by HTTP, by anybody.
    is_http: bool,
}

const DEMOS: [Demo; 6] = [
    Demo {
        name: "ev-hello",
        description: "Answers at once and prints its event",
        code: include_str!("demo/hello.py"),
        task_mode: true,
        first_event: Some(r#"{"name":"world"}"#),
        is_http: false,
    },
    Demo {
        name: "ev-slow",
        description: "Sleeps as many seconds as its event says: {\"seconds\": 30}",
        code: include_str!("demo/slow.py"),
        task_mode: true,
        first_event: Some(r#"{"seconds":20}"#),
        is_http: false,
    },
    Demo {
        name: "ev-fail",
        description: "Raises an exception every time",
        code: include_str!("demo/fail.py"),
        task_mode: true,
        first_event: Some("{}"),
        is_http: false,
    },
    Demo {
        name: "ev-flaky",
        description: "Fails as many times as its event says: {\"failures\": 2}",
        code: include_str!("demo/flaky.py"),
        task_mode: true,
        first_event: Some(r#"{"failures":2}"#),
        is_http: false,
    },
    Demo {
        name: "ev-plain",
        description: "Task mode is off: asynchronous calls leave no record",
        code: include_str!("demo/hello.py"),
        task_mode: false,
        first_event: None,
        is_http: false,
    },
    Demo {
        name: "http-hello",
        description: "Called by HTTP: says hello to the name in its query; asynchronous calls are tasks",
        code: include_str!("demo/http.py"),
        task_mode: true,
        first_event: None,
        is_http: true,
    },
];

/// Makes what is missing of the demo in the default region; existing functions are left as they are.
pub(crate) async fn seed(control: &dyn ControlPlane) -> model::Result<()> {
    let Some(region) = control.regions().into_iter().next() else { return Ok(()) };
    let service = ServiceName::parse("demo")?;
    let spec = ServiceSpec { description: "Functions to try Taskyard with".to_owned(), ..ServiceSpec::default() };
    match control.create_service(&region, &service, spec).await {
        Err(error) if error.code != ErrorCode::ServiceAlreadyExists => return Err(error),
        _ => {}
    }
    let Some(runtime) = newest_python(control) else {
        tracing::warn!("no Python is installed; the demo functions were not made");
        return Ok(());
    };
    for demo in &DEMOS {
        seed_function(control, &region, &service, &runtime, demo).await?;
    }
    Ok(())
}

fn newest_python(control: &dyn ControlPlane) -> Option<RuntimeName> {
    let mut installed = control.runtimes();
    installed.retain(|found| found.language == Language::Python && found.is_installed());
    installed.into_iter().max_by_key(|found| (found.exact, found.name.version())).map(|found| found.name)
}

async fn seed_function(
    control: &dyn ControlPlane,
    region: &Region,
    service: &ServiceName,
    runtime: &RuntimeName,
    demo: &Demo,
) -> model::Result<()> {
    let name = FunctionName::parse(demo.name)?;
    let spec =
        FunctionSpec { description: demo.description.to_owned(), timeout_s: 600, ..FunctionSpec::new(runtime.clone(), "index.handler") };
    let service_ref = ServiceRef { region: region.clone(), service: service.clone() };
    let config = demo.task_mode.then(|| AsyncConfigPatch { stateful_invocation: Some(true), ..AsyncConfigPatch::default() });
    match control.create_function(&service_ref, &name, spec, Code::Zip(archive(demo.code)?), config).await {
        Err(error) if error.code == ErrorCode::FunctionAlreadyExists => return Ok(()),
        created => drop(created?),
    }
    let function = FunctionRef { region: region.clone(), service: service.clone(), function: name };
    if demo.is_http {
        control.create_trigger(&function, &TriggerName::parse("web")?, open_to_all()?).await?;
    }
    let Some(event) = demo.first_event else { return Ok(()) };
    control.put_task_parameters(&function, event.to_owned()).await?;
    let request = SubmitRequest {
        function,
        qualifier: Qualifier::latest(),
        request_id: RequestId::generate(),
        task_id: None,
        force_task: false,
        delay_s: 0,
        payload: event.as_bytes().to_vec(),
        http: None,
        origin: Origin::Console { user: "admin".to_owned() },
    };
    control.submit(request).await.map(drop)
}

/// An HTTP trigger that asks nobody for a signature.
fn open_to_all() -> model::Result<TriggerSpec> {
    let config = serde_json::json!({ "authType": "anonymous", "methods": ["GET", "POST"] });
    let config = config.as_object().cloned().unwrap_or_default();
    Ok(TriggerSpec {
        kind: TriggerKind::Http,
        config: TriggerConfig::read(TriggerKind::Http, config, None)?,
        qualifier: Qualifier::latest(),
        description: String::new(),
        source_arn: String::new(),
        invocation_role: String::new(),
    })
}

fn archive(code: &str) -> model::Result<Vec<u8>> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let written = writer
        .start_file("index.py", zip::write::SimpleFileOptions::default())
        .and_then(|()| writer.write_all(code.as_bytes()).map_err(Into::into))
        .and_then(|()| writer.finish());
    written.map(Cursor::into_inner).map_err(|error| {
        tracing::error!(error = %error, "demo code not packed");
        model::Error::internal()
    })
}
