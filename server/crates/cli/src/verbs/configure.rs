//! `taskyard configure`.

use crate::output::Output;
use crate::problem::{EXIT_CODES, Outcome, Problem};
use crate::profile::{self, Profile};
use crate::settings::{Ask, Endpoint};
use clap::Args;
use std::io::{BufRead, BufReader, Read};

/// Arguments of `configure`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Configure {
    /// Name of the profile
    #[arg(long, value_name = "NAME", default_value = profile::DEFAULT)]
    profile: String,

    /// Address of the server: http:// or https:// with host and port
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,

    /// Region that is asked; the server's default when it is empty
    #[arg(long, value_name = "REGION")]
    region: Option<String>,

    /// Access key id
    #[arg(long, value_name = "ID")]
    access_key_id: Option<String>,
}

/// Where answers come from.
pub(crate) struct Prompts<'a> {
    pub env: &'a dyn Fn(&str) -> Option<String>,
    pub ask: Ask<'a>,
    pub ask_secret: Ask<'a>,
    /// Standard input, for a secret when nobody sits at a terminal.
    pub input: Box<dyn Read + Send>,
}

impl Configure {
    /// Writes the profile and says where.
    pub(crate) fn run(&self, prompts: Prompts<'_>, output: &mut Output) -> Outcome<()> {
        let file = profile::path(prompts.env)
            .ok_or_else(|| Problem::Usage("there is no home folder; name the file with TASKYARD_CONFIG".to_owned()))?;
        let before = profile::read(&file, &self.profile)?.unwrap_or_default();
        let pick = |flag: &Option<String>, name: &str, before: &Option<String>, fallback: &str| -> Outcome<String> {
            if let Some(given) = flag {
                return Ok(given.clone());
            }
            let known = before.as_deref().unwrap_or(fallback);
            let answer = (prompts.ask)(&format!("{name} [{known}]: "))?;
            Ok(answer.filter(|answer| !answer.is_empty()).unwrap_or_else(|| known.to_owned()))
        };
        let endpoint = Endpoint::parse(&pick(&self.endpoint, "Endpoint", &before.endpoint, "http://127.0.0.1:3000")?)?;
        let region = pick(&self.region, "Region", &before.region, "")?;
        let id = pick(&self.access_key_id, "Access key id", &before.access_key_id, "")?;
        if id.is_empty() {
            return Err(Problem::Usage("the access key id is missing; name it with --access-key-id".to_owned()));
        }
        let kept = before.access_key_secret.filter(|_| before.access_key_id.as_deref() == Some(id.as_str()));
        let secret = secret(prompts, kept)?;
        let filled = |text: String| Some(text).filter(|text| !text.is_empty());
        let written = Profile {
            endpoint: Some(endpoint.to_string()),
            region: filled(region),
            access_key_id: Some(id),
            access_key_secret: filled(secret),
        };
        profile::write(&file, &self.profile, &written)?;
        output.line(&format!("profile '{}' is in {}", self.profile, file.display()))
    }
}

/// The secret; `kept` is that of the profile so far, when it belongs to the same id.
fn secret(prompts: Prompts<'_>, kept: Option<String>) -> Outcome<String> {
    if let Some(secret) = (prompts.env)("TASKYARD_ACCESS_KEY_SECRET").filter(|secret| !secret.is_empty()) {
        return Ok(secret);
    }
    let keep = if kept.is_some() { " [unchanged]" } else { "" };
    if let Some(answer) = (prompts.ask_secret)(&format!("Access key secret{keep}: "))? {
        return if answer.is_empty() { Ok(kept.unwrap_or_default()) } else { Ok(answer) };
    }
    let mut line = String::new();
    let read = BufReader::new(prompts.input).read_line(&mut line);
    read.map_err(|error| Problem::Usage(format!("the secret can't be read from standard input: {error}")))?;
    let given = line.trim();
    if given.is_empty() { Ok(kept.unwrap_or_default()) } else { Ok(given.to_owned()) }
}
