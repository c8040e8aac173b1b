//! The architecture invariants of the README: which crate may know which.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Direct normal and build dependencies of each of our crates, optional ones included.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml")])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let packages = metadata["packages"].as_array().unwrap();
    packages
        .iter()
        .map(|package| {
            let names =
                package["dependencies"].as_array().unwrap().iter().filter(|found| found["kind"] != "dev").map(|found| text(&found["name"]));
            (text(&package["name"]), names.collect())
        })
        .collect()
}

fn check_never(crates: &[&str], forbidden: &[&str]) {
    let all = dependencies();
    for name in crates {
        let found: Vec<&str> = forbidden.iter().copied().filter(|other| all[*name].contains(*other)).collect();
        assert!(found.is_empty(), "{name} must not depend on {found:?}");
    }
}

const OURS: [&str; 13] =
    ["acs3", "api", "app", "cli", "engine", "frontend", "markup", "model", "peer", "runtime", "server", "store", "webhook"];
const LEPTOS: [&str; 5] = ["leptos", "leptos_axum", "leptos_meta", "leptos_router", "server_fn"];

#[test]
fn the_workspace_has_these_crates() {
    assert_eq!(dependencies().keys().map(String::as_str).collect::<Vec<_>>(), OURS);
}

#[test]
fn model_knows_no_other_crate_and_does_no_io() {
    check_never(&["model"], &["api", "app", "engine", "frontend", "runtime", "server", "store", "webhook"]);
    check_never(&["model"], &["tokio", "axum", "sqlx", "leptos", "web-sys"]);
}

#[test]
fn nothing_under_server_crates_knows_leptos() {
    check_never(&["acs3", "api", "cli", "engine", "peer", "runtime", "store", "webhook"], &LEPTOS);
    check_never(&["acs3", "api", "cli", "engine", "peer", "runtime", "store", "webhook"], &["app", "frontend", "markup"]);
}

#[test]
fn markup_is_leptos_and_nothing_of_ours() {
    check_never(&["markup"], &OURS);
}

#[test]
fn the_console_reaches_the_engine_only_through_the_port() {
    check_never(&["app", "frontend"], &["api", "engine", "runtime", "server", "store", "webhook", "sqlx", "tokio"]);
}

#[test]
fn the_api_reaches_the_engine_only_through_the_port() {
    check_never(&["api"], &["engine", "runtime", "store", "webhook", "sqlx"]);
}

#[test]
fn i5_the_command_line_reaches_a_server_only_through_the_api() {
    check_never(&["cli"], &["api", "engine", "peer", "runtime", "server", "store", "webhook", "sqlx", "axum"]);
}

#[test]
fn i5_the_signature_knows_no_other_crate_and_does_no_io() {
    check_never(&["acs3"], &OURS);
    check_never(&["acs3"], &["tokio", "axum", "http", "hyper-util"]);
}

#[test]
fn the_engine_knows_store_executor_and_webhooks_only_by_its_ports() {
    check_never(&["engine"], &["api", "peer", "runtime", "store", "webhook", "sqlx", "axum", "nix", "hyper-util"]);
    check_never(&["store"], &["api", "runtime", "webhook", "axum", "nix"]);
    check_never(&["runtime"], &["api", "store", "webhook", "sqlx", "axum"]);
    check_never(&["peer"], &["runtime", "store", "webhook", "sqlx", "nix"]);
    check_never(&["webhook"], &["api", "runtime", "store", "sqlx", "axum", "nix"]);
}

#[test]
fn c82_handlers_of_the_console_reach_the_ports_only_through_the_check_of_the_role() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let handlers: Vec<_> = files.filter(|path| path.is_file() && !path.ends_with("audited.rs")).collect();
    assert!(handlers.len() > 10, "{handlers:?}");
    for path in handlers {
        let text = std::fs::read_to_string(&path).unwrap();
        for port in ["web.state.control", "web.state.keys", "web.state.users", "web.state.audit"] {
            assert!(!text.contains(port), "{} uses {port} instead of the console's", path.display());
        }
    }
}
