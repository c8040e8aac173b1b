//! The console's editor of code through the router as the browser reaches it (SC-08, B-11, C-85).

use super::roles_tests::Place;
use app::routes::SERVER_FNS;
use axum::body::to_bytes;
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use model::limits::SOURCE_BYTES_MAX;
use model::*;
use serde_json::{Value, json};
use std::io::{Cursor, Read, Write};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

const PAGE: &str = "/r1/services/s/functions/f/code?file=index.py";
const BEFORE: &str = "def handler(event, context):\r\n    return 1\r\n";
const AFTER: &str = "def handler(event, context):\r\n    return 2\r\n";

fn function() -> FunctionRef {
    FunctionRef { region: Region::from_stored("r1"), service: ServiceName::from_stored("s"), function: FunctionName::from_stored("f") }
}

/// A package with a program, a picture and a text whose lines end in two bytes.
fn package() -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    for (path, mode, bytes) in
        [("bin/tool", 0o755, b"#!/bin/sh\n".as_slice()), ("logo.png", 0o644, b"\x89PNG\0"), ("index.py", 0o600, BEFORE.as_bytes())]
    {
        writer.start_file(path, options.unix_permissions(mode)).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Path, mode and bytes of each file.
fn files(archive: Vec<u8>) -> Vec<(String, u32, Vec<u8>)> {
    let mut archive = ZipArchive::new(Cursor::new(archive)).unwrap();
    let file = |n| {
        let mut file = archive.by_index(n).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        (file.name().unwrap().into_owned(), file.unix_mode().unwrap() & 0o777, bytes)
    };
    (0..3).map(file).collect()
}

/// What the form sends beside the function's name.
struct Form<'a> {
    path: &'a str,
    checksum: &'a str,
    intent: &'a str,
    text: &'a str,
}

impl Form<'_> {
    fn body(&self) -> String {
        let fields = [
            ("region", "r1"),
            ("service", "s"),
            ("function", "f"),
            ("path", self.path),
            ("checksum", self.checksum),
            ("intent", self.intent),
            ("text", self.text),
        ];
        let field = |(name, value): (&str, &str)| format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        fields.map(field).concat() + "--x--\r\n"
    }
}

struct Editor {
    place: Place,
    cookie: String,
}

impl Editor {
    async fn new() -> Self {
        let place = Place::new().await;
        let code = Some(Code::Zip(package()));
        place.app.engine.update_function(&function(), FunctionPatch::default(), code, None).await.unwrap();
        let cookie = place.enter("admin").await;
        Self { place, cookie }
    }

    /// The package as the tab asks for it.
    async fn read(&self, cookie: &str, file: &str) -> (StatusCode, Value) {
        let path = address("code_package");
        let request = Request::post(path).header(header::COOKIE, cookie).header(header::CONTENT_TYPE, "application/json");
        let answer = self.place.ask(request, json!({"function": function(), "qualifier": "", "file": file}).to_string()).await;
        (answer.status(), serde_json::from_str(&text(answer).await).unwrap())
    }

    async fn checksum(&self) -> String {
        let (_, package) = self.read(&self.cookie, "").await;
        package["checksum"].as_str().unwrap().to_owned()
    }

    /// Sends the form as a script does, or as the browser itself.
    async fn send(&self, cookie: &str, form: Form<'_>, by_browser: bool) -> Response {
        let request = Request::post(address("deploy_source"))
            .header(header::COOKIE, cookie)
            .header(header::HOST, "localhost")
            .header(header::REFERER, format!("http://localhost{PAGE}"))
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
            .header(header::ACCEPT, if by_browser { "text/html" } else { "application/json" });
        self.place.ask(request, form.body()).await
    }

    async fn deployed(&self) -> Vec<(String, u32, Vec<u8>)> {
        files(self.place.app.engine.get_code(&function()).await.unwrap())
    }
}

fn address(name: &str) -> String {
    let known = leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned());
    known.into_iter().find(|path| path.starts_with(SERVER_FNS) && path.ends_with(&format!("/{name}"))).unwrap()
}

async fn text(response: Response) -> String {
    String::from_utf8(to_bytes(response.into_body(), usize::MAX).await.unwrap().into()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b11_one_file_is_deployed_and_the_others_stay_as_they_were() {
    let editor = Editor::new().await;
    let (_, read) = editor.read(&editor.cookie, "index.py").await;
    assert_eq!(read["opened"]["text"]["Ok"], "def handler(event, context):\n    return 1\n");
    assert_eq!(editor.read(&editor.cookie, "logo.png").await.1["opened"]["text"]["Err"], "Binary");
    let before = editor.checksum().await;

    // As a script sends it, with the line ends of the editor.
    let form = Form { path: "index.py", checksum: &before, intent: "deploy", text: &AFTER.replace("\r\n", "\n") };
    let answer = editor.send(&editor.cookie, form, false).await;
    assert_eq!(answer.headers()[header::LOCATION], "/r1/services/s/functions/f/code?file=index.py&notice=code-updated");
    let answer: Value = serde_json::from_str(&text(answer).await).unwrap();
    let after = editor.checksum().await;
    assert_ne!(after, before);
    assert_eq!(answer, json!({"path": "index.py", "target": "index.py", "checksum": after, "changes": null}));
    let mut expected = files(package());
    expected[2].2 = AFTER.as_bytes().to_vec();
    assert_eq!(editor.deployed().await, expected);

    // As the browser sends it without scripts.
    let form = Form { path: "index.py", checksum: &after, intent: "deploy", text: BEFORE };
    let answer = editor.send(&editor.cookie, form, true).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert_eq!(answer.headers()[header::LOCATION], "/r1/services/s/functions/f/code?file=index.py&notice=code-updated");
    assert_eq!(editor.deployed().await, files(package()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b11_changes_are_shown_before_they_are_deployed_with_and_without_scripts() {
    let editor = Editor::new().await;
    let checksum = editor.checksum().await;
    let form = || Form { path: "index.py", checksum: &checksum, intent: "review", text: "# <b>new</b>\r\n" };
    let answer: Value = serde_json::from_str(&text(editor.send(&editor.cookie, form(), false).await).await).unwrap();
    assert_eq!((&answer["checksum"], &answer["changes"]["added"], &answer["changes"]["removed"]), (&json!(checksum), &json!(1), &json!(2)));

    let answer = editor.send(&editor.cookie, form(), true).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let page = text(answer).await;
    assert!(page.contains("1 line added, 2 lines removed."), "{page}");
    assert!(page.contains("# &lt;b&gt;new&lt;/b&gt;") && !page.contains("<b>new"), "{page}");
    assert!(page.contains("Undeployed changes"), "{page}");
    assert_eq!(editor.deployed().await, files(package()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c85_who_deploys_over_another_s_code_is_told_and_keeps_the_text() {
    let editor = Editor::new().await;
    let checksum = editor.checksum().await;
    // Another configuration is in nobody's way, other code is.
    let engine = &editor.place.app.engine;
    let patch = FunctionPatch { timeout_s: Some(7), ..FunctionPatch::default() };
    engine.update_function(&function(), patch, None, None).await.unwrap();
    let form = Form { path: "index.py", checksum: &checksum, intent: "deploy", text: AFTER };
    assert_eq!(editor.send(&editor.cookie, form, false).await.status(), StatusCode::OK);
    let form = || Form { path: "index.py", checksum: &checksum, intent: "deploy", text: "# mine" };
    for by_browser in [false, true] {
        let answer = editor.send(&editor.cookie, form(), by_browser).await;
        assert_eq!(answer.status(), StatusCode::PRECONDITION_FAILED);
        let text = text(answer).await;
        assert!(text.contains("Somebody deployed other code meanwhile"), "{text}");
        assert_eq!(text.contains("# mine"), by_browser, "what was typed comes back: {text}");
    }
    assert_eq!(editor.deployed().await[2].2, AFTER.as_bytes());

    // Who has seen the difference may go on.
    let review = editor.send(&editor.cookie, Form { intent: "review", ..form() }, false).await;
    let review: Value = serde_json::from_str(&text(review).await).unwrap();
    let form = Form { checksum: review["checksum"].as_str().unwrap(), ..form() };
    editor.send(&editor.cookie, form, false).await;
    assert_eq!(editor.deployed().await[2].2, b"# mine");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b11_no_other_file_no_larger_one_and_nothing_new_is_deployed() {
    let editor = Editor::new().await;
    let checksum = editor.checksum().await;
    let large = "a".repeat(SOURCE_BYTES_MAX + 1);
    let refused = async |path: &str, text_sent: &str, status: StatusCode, why: &str| {
        let form = Form { path, checksum: &checksum, intent: "deploy", text: text_sent };
        let answer = editor.send(&editor.cookie, form, false).await;
        assert_eq!(answer.status(), status, "{path}");
        let message = text(answer).await;
        assert!(message.contains(why), "{path}: {message}");
    };
    refused("../evil.py", "x", StatusCode::BAD_REQUEST, "the package has no such file").await;
    refused("/etc/passwd", "x", StatusCode::BAD_REQUEST, "the package has no such file").await;
    refused("logo.png", "x", StatusCode::BAD_REQUEST, "can't be edited as text").await;
    refused("index.py", BEFORE, StatusCode::BAD_REQUEST, "nothing has changed").await;
    refused("index.py", &large, StatusCode::BAD_REQUEST, "the editor takes 1 MB").await;
    assert_eq!(editor.deployed().await, files(package()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c82_a_viewer_reads_the_code_and_deploys_none() {
    let editor = Editor::new().await;
    let cookie = editor.place.enter("viewer").await;
    let checksum = editor.checksum().await;
    let (status, read) = editor.read(&cookie, "index.py").await;
    assert_eq!((status, &read["checksum"]), (StatusCode::OK, &json!(checksum)));
    let page = editor.place.ask(Request::get(PAGE).header(header::COOKIE, &cookie), String::new()).await;
    let page = text(page).await;
    assert!(page.contains("return 1") && page.contains("readonly"), "{page}");
    assert!(page.contains("Needs fc:UpdateFunction, which the role viewer does not include."), "{page}");
    for intent in ["deploy", "review"] {
        let form = Form { path: "index.py", checksum: &checksum, intent, text: AFTER };
        assert_eq!(editor.send(&cookie, form, false).await.status(), StatusCode::FORBIDDEN);
    }
    assert_eq!(editor.deployed().await, files(package()));
}
