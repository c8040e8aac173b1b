//! `taskyard doctor`: what this machine offers and what is missing, one line each.

use crate::config::Config;
use engine::clock::{Clock, SystemClock};
use model::RuntimeName;
use runtime::{ContainmentMode, RuntimeConfig, Survey};
use std::sync::Arc;

/// Free disk space under which the doctor warns.
const FREE_BYTES_MIN: u64 = 1 << 30;

/// How good a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Good,
    Warning,
    /// The server would not start, or would run nothing.
    Bad,
}

/// Looks at interpreters, containment, disk and database and prints a line for each. Errors: something without which the server does not
/// run, and what to do.
pub(crate) async fn examine(config: Config) -> Result<(), String> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let settings = RuntimeConfig {
        strict_versions: config.strict_runtimes,
        container_engine: config.container_engine.clone(),
        ..RuntimeConfig::new(&config.data_dir, config.account_id.clone())
    };
    let survey = Survey::take(&settings, clock).await.map_err(|error| format!("the machine can't be looked at: {error}"))?;
    let mut lines = interpreters(&survey);
    lines.extend(containment(&survey, config.containment));
    lines.push(disk(&survey));
    lines.push(database(&config).await);
    lines.iter().for_each(|(mark, text)| print(*mark, text));
    if lines.iter().any(|(mark, _)| *mark == Mark::Bad) {
        return Err("the lines marked BAD keep the server from running; mend them and ask the doctor again".to_owned());
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the verb's answer")]
fn print(mark: Mark, text: &str) {
    let word = match mark {
        Mark::Good => "ok",
        Mark::Warning => "warning",
        Mark::Bad => "BAD",
    };
    println!("{word:8} {text}");
}

fn interpreters(survey: &Survey) -> Vec<(Mark, String)> {
    let mut lines: Vec<_> = survey
        .runtimes
        .iter()
        .filter(|row| !row.name.is_container())
        .map(|row| match &row.interpreter {
            Some(version) if row.exact => (Mark::Good, format!("runtime {}: runs on {version}", row.name)),
            Some(version) => (Mark::Good, format!("runtime {}: its own version is not installed, runs on {version}", row.name)),
            None => (Mark::Warning, format!("runtime {}: nothing on this machine runs it", row.name)),
        })
        .collect();
    let container = RuntimeName::CONTAINER;
    lines.push(match &survey.containers {
        Ok(engine) => (Mark::Good, format!("runtime {container}: runs images of {engine}")),
        Err(why) => (Mark::Warning, format!("runtime {container}: no images are run: {why}")),
    });
    // Custom runtimes bring their own program.
    if !survey.runtimes.iter().any(|row| row.language != model::Language::Custom && row.is_installed()) {
        lines.push((Mark::Bad, "no language's runtime can be run: install python3 or nodejs".to_owned()));
    }
    lines
}

fn containment(survey: &Survey, mode: ContainmentMode) -> impl Iterator<Item = (Mark, String)> {
    survey.containment.iter().map(move |finding| {
        let mark = match (finding.is_in_force(), mode) {
            (true, _) => Mark::Good,
            (false, ContainmentMode::BestEffort) => Mark::Warning,
            (false, ContainmentMode::Strict) => Mark::Bad,
        };
        (mark, format!("containment {finding}"))
    })
}

fn disk(survey: &Survey) -> (Mark, String) {
    match survey.free_bytes {
        Some(free) if free < FREE_BYTES_MIN => {
            (Mark::Warning, format!("disk: only {} free for the data folder", model::format::bytes(free)))
        }
        Some(free) => (Mark::Good, format!("disk: {} free for the data folder", model::format::bytes(free))),
        None => (Mark::Warning, "disk: the free space can't be told".to_owned()),
    }
}

async fn database(config: &Config) -> (Mark, String) {
    if !config.is_shared_store() && !config.data_dir.exists() {
        return (Mark::Good, format!("database: the data folder {} will be made by the first start", config.data_dir.display()));
    }
    match store::open(&config.database_url, &config.data_dir, &config.log_place).await {
        Ok(_) => (Mark::Good, "database: reachable, its schema is up to date".to_owned()),
        Err(store::OpenError::InUse { holder, .. }) => {
            (Mark::Good, format!("database: in use by a running server{}", holder.map_or(String::new(), |pid| format!(" (process {pid})"))))
        }
        Err(error) => (Mark::Bad, format!("database: {error}")),
    }
}
