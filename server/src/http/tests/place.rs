//! A whole server behind a real socket.

use super::client::{Answer, Client};
use super::within;
use crate::cli::{Cli, Verb};
use crate::config::Config;
use crate::http::{HttpLimits, serve};
use crate::wiring::{self, App};
use clap::Parser;
use model::*;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

const PASSWORD: &str = "a right password";
const KEY: &str = "LTAItest0001";
const SECRET: &str = "s3cret-of-the-test";
/// Path of the function that every place has.
pub(super) const FUNCTION: &str = "/services/s/functions/f";

/// A server with the service `s` and the function `f`, which takes tasks.
pub(super) struct Place {
    pub(super) address: SocketAddr,
    pub(super) app: App,
    folder: tempfile::TempDir,
}

impl Place {
    /// With these limits instead of those of the flags.
    pub(super) async fn with(flags: &[&str], limits: impl FnOnce(HttpLimits) -> HttpLimits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data_dir = folder.path().join("data");
        let usual = ["taskyard", "serve", "--listen", "127.0.0.1:0", "--regions", "r1", "--container-engine", "off", "--clock-skew", "0"];
        let secrets = ["--admin-password", PASSWORD, "--access-key-id", KEY, "--access-key-secret", SECRET];
        let place = ["--data-dir", data_dir.to_str().unwrap()];
        let words = usual.iter().chain(&secrets).chain(&place).chain(flags);
        let Verb::Serve(args) = Cli::try_parse_from(words).unwrap().verb else { panic!("another verb") };
        let config = Config::from_args(*args).unwrap();
        let listener = TcpListener::bind(config.listen).await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = wiring::start(&config, address).await.unwrap();
        let router = wiring::router(&app, &config, &CancellationToken::new());
        tokio::spawn(serve(listener, router, limits(config.http), CancellationToken::new()));
        let of = FunctionRef {
            region: Region::from_stored("r1"),
            service: ServiceName::from_stored("s"),
            function: FunctionName::from_stored("f"),
        };
        app.engine.create_service(&of.region, &of.service, ServiceSpec::default()).await.unwrap();
        let spec = FunctionSpec::new(RuntimeName::from_stored("python3"), "index.handler");
        let task_mode = AsyncConfigPatch { stateful_invocation: Some(true), ..AsyncConfigPatch::default() };
        app.engine.create_function(&of.service_ref(), &of.function, spec, Code::Sample, Some(task_mode)).await.unwrap();
        Self { address, app, folder }
    }

    pub(super) async fn connect(&self) -> Client {
        Client::connect(self.address).await
    }

    /// Answer of a call on a connection of its own.
    pub(super) async fn call(&self, method: &str, path: &str) -> Answer {
        let mut client = self.connect().await;
        client.send(request(method, path, &[], b"")).await;
        within(8, client.answer()).await
    }

    /// Files in the data folder.
    pub(super) fn files(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        walk(self.folder.path(), &mut found);
        found
    }

    /// The cookie of a new session of `admin`.
    pub(super) async fn session(&self) -> String {
        let (token, _) = self.app.identity.sign_in("admin", PASSWORD, &SessionOrigin::default()).await.unwrap();
        format!("taskyard_session={token}")
    }
}

fn walk(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        found.insert(path.display().to_string());
        if path.is_dir() {
            walk(&path, found);
        }
    }
}

/// The head of a signed call below the API's prefix; says nothing about the length of its body.
pub(super) fn head(method: &str, path: &str, more: &[(&str, &str)], body: &[u8]) -> String {
    let (path, hash) = (format!("/2021-04-06{path}"), acs3::body_hash(body));
    let signed = [("host", "127.0.0.1"), (acs3::CONTENT_HASH, hash.as_str()), (acs3::DATE, "2026-11-24T12:00:00Z")];
    let headers = signed.map(|(name, value)| (name, value.as_bytes().to_vec()));
    let proof = acs3::authorization(KEY, SECRET, &acs3::Request { method, path: &path, query: "", headers: &headers, body_hash: &hash });
    let lines: String = signed.iter().chain(more).map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("{method} {path} HTTP/1.1\r\n{lines}authorization: {proof}\r\n")
}

/// A signed call with its body.
pub(super) fn request(method: &str, path: &str, more: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let length = body.len().to_string();
    let more = [more, &[("content-length", length.as_str())]].concat();
    [head(method, path, &more, body).as_bytes(), b"\r\n", body].concat()
}
