//! Which server is called with which key: flags, environment and profile put together.

use crate::problem::{Outcome, Problem};
use crate::profile::{self, Profile};
use clap::Args;
use http::Uri;

/// Where a server listens when nothing else is said.
const ENDPOINT: &str = "http://127.0.0.1:3000";

/// Flags that every verb has.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Connection {
    /// Address of the server: http:// or https:// with host and port. Else TASKYARD_ENDPOINT, the profile, http://127.0.0.1:3000
    #[arg(long, global = true, value_name = "URL", help_heading = "Connection")]
    pub endpoint: Option<String>,

    /// Access key id; its secret comes from TASKYARD_ACCESS_KEY_SECRET, the profile or a prompt. Else TASKYARD_ACCESS_KEY_ID
    /// (or ALIBABA_CLOUD_ACCESS_KEY_ID and _SECRET), the profile
    #[arg(long, global = true, value_name = "ID", help_heading = "Connection")]
    pub access_key_id: Option<String>,

    /// Region that is asked. Else TASKYARD_REGION, the profile, the server's default
    #[arg(long, global = true, value_name = "REGION", help_heading = "Connection")]
    pub region: Option<String>,

    /// Profile of the file that `taskyard configure` writes; when named, it counts before the environment. Else TASKYARD_PROFILE, `default`
    #[arg(long, global = true, value_name = "NAME", help_heading = "Connection")]
    pub profile: Option<String>,

    /// Print the API's own JSON: one document, or one line for each item of a list
    #[arg(long, global = true, help_heading = "Output")]
    pub json: bool,
}

/// A key that signs.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub id: String,
    pub secret: String,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({}, …)", self.id)
    }
}

/// Asks the user for a secret; `None` when there is nobody to ask.
pub(crate) type Ask<'a> = &'a dyn Fn(&str) -> Outcome<Option<String>>;

/// Everything that a connection needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    pub endpoint: Endpoint,
    /// Empty means the server's default.
    pub region: String,
    pub key: Key,
}

/// A server's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub is_https: bool,
    /// Host and port, as they are sent and signed.
    pub authority: String,
}

impl Endpoint {
    /// Reads an address; without a scheme it is plain HTTP.
    pub fn parse(text: &str) -> Outcome<Self> {
        let wrong = |why: &str| Problem::Usage(format!("the endpoint '{text}' {why}; give one like {ENDPOINT}"));
        let full = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let uri: Uri = full.parse().map_err(|_| wrong("can't be read"))?;
        let is_https = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(wrong("is neither http:// nor https://")),
        };
        let authority = uri.authority().map(|authority| authority.as_str()).unwrap_or_default();
        if uri.host().unwrap_or_default().is_empty() || authority.contains('@') {
            return Err(wrong("has to name a host, without a user"));
        }
        if uri.path() != "/" || uri.query().is_some() {
            return Err(wrong("has to end with the host or the port"));
        }
        Ok(Self { is_https, authority: authority.to_owned() })
    }
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}", if self.is_https { "https" } else { "http" }, self.authority)
    }
}

impl Settings {
    /// Puts together what flags, environment and profile say, in this order; a profile that is named counts before the environment.
    pub fn resolve(flags: &Connection, env: &dyn Fn(&str) -> Option<String>, ask: Ask<'_>) -> Outcome<Self> {
        let env = |name: &str| env(name).filter(|value| !value.is_empty());
        let (named, default) = profiles(flags, &env)?;
        let text = |flag: &Option<String>, variable: &str, of: fn(&Profile) -> &Option<String>| {
            let found = flag.clone().or_else(|| of(&named).clone());
            found.or_else(|| env(variable)).or_else(|| of(&default).clone())
        };
        let endpoint = text(&flags.endpoint, "TASKYARD_ENDPOINT", |profile| &profile.endpoint);
        Ok(Self {
            endpoint: Endpoint::parse(endpoint.as_deref().unwrap_or(ENDPOINT))?,
            region: text(&flags.region, "TASKYARD_REGION", |profile| &profile.region).unwrap_or_default(),
            key: key(flags.access_key_id.as_deref(), &sources(&named, &default, &env), ask)?,
        })
    }
}

/// The named profile, and the default one; at most one of them is not empty.
fn profiles(flags: &Connection, env: &dyn Fn(&str) -> Option<String>) -> Outcome<(Profile, Profile)> {
    let named = flags.profile.clone().or_else(|| env("TASKYARD_PROFILE"));
    let found = match (profile::path(env), &named) {
        (Some(file), name) => profile::read(&file, name.as_deref().unwrap_or(profile::DEFAULT))?,
        (None, _) => None,
    };
    match (named, found) {
        (Some(name), None) => Err(Problem::Usage(format!("there is no profile '{name}'; do: taskyard configure --profile {name}"))),
        (Some(_), Some(profile)) => Ok((profile, Profile::default())),
        (None, found) => Ok((Profile::default(), found.unwrap_or_default())),
    }
}

/// Half or whole of a key.
type Source = (Option<String>, Option<String>);

/// Where a key may come from, first the one that counts most.
fn sources(named: &Profile, default: &Profile, env: &dyn Fn(&str) -> Option<String>) -> [Source; 4] {
    let of_profile = |profile: &Profile| (profile.access_key_id.clone(), profile.access_key_secret.clone());
    let of_env = |vendor: &str| (env(&format!("{vendor}_ACCESS_KEY_ID")), env(&format!("{vendor}_ACCESS_KEY_SECRET")));
    [of_profile(named), of_env("TASKYARD"), of_env("ALIBABA_CLOUD"), of_profile(default)]
}

/// The key: an id is never put together with the secret of another one.
fn key(flag: Option<&str>, sources: &[Source], ask: Ask<'_>) -> Outcome<Key> {
    let id = flag.or_else(|| sources.iter().find_map(|(id, _)| id.as_deref()));
    let Some(id) = id else {
        return Err(Problem::Usage(
            "there is no access key: set TASKYARD_ACCESS_KEY_ID and TASKYARD_ACCESS_KEY_SECRET, or do: taskyard configure".to_owned(),
        ));
    };
    let fits = |given: &Option<String>| given.as_deref().is_none_or(|given| given == id);
    let secret = sources.iter().find_map(|(given, secret)| secret.as_deref().filter(|_| fits(given)));
    let secret = match secret {
        Some(secret) => secret.to_owned(),
        None => ask(&format!("Secret of access key {id}: "))?.ok_or_else(|| {
            Problem::Usage(format!("the secret of access key '{id}' is missing: set TASKYARD_ACCESS_KEY_SECRET, or do: taskyard configure"))
        })?,
    };
    Ok(Key { id: id.to_owned(), secret })
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
