//! Who did what (`console.md` C-86): entries, the query for them, and the port that keeps them.

use crate::{Action, Error, Page, Result, UnixMillis, format, limits};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

const DAY_MS: i64 = 86_400_000;

/// Which kind of caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ActorKind {
    /// A user of the console, by name.
    User,
    /// An access key of the API, by id.
    AccessKey,
    /// Whoever may run commands on the server's machine.
    CommandLine,
}

impl ActorKind {
    /// Each of them.
    pub const ALL: [ActorKind; 3] = [ActorKind::User, ActorKind::AccessKey, ActorKind::CommandLine];

    /// The word in the store and in files.
    pub fn as_str(self) -> &'static str {
        match self {
            ActorKind::User => "user",
            ActorKind::AccessKey => "access-key",
            ActorKind::CommandLine => "command-line",
        }
    }

    /// Takes back a stored word.
    pub fn from_stored(word: &str) -> Self {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word).unwrap_or(ActorKind::User)
    }
}

/// What an action that went well has as its outcome; else the error's code.
pub const OUTCOME_OK: &str = "OK";

/// One thing that somebody did, or was refused. It holds names and codes only: no payloads, no values, no secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    /// When it was over.
    pub at: UnixMillis,
    pub actor_kind: ActorKind,
    /// The user's name or the access key's id.
    pub actor: String,
    /// The address that the request came from; empty when there was none.
    pub address: String,
    /// See [`Action::as_str`].
    pub action: String,
    /// Path of what it was done to, such as `services/demo/functions/f1`.
    pub resource: String,
    /// Empty for what belongs to no region.
    pub region: String,
    /// [`OUTCOME_OK`], or the code of the error.
    pub outcome: String,
    pub request_id: String,
}

/// The outcome of a result.
pub fn outcome<T>(result: &Result<T>) -> String {
    result.as_ref().map_or_else(|error| error.code.as_str().to_owned(), |_| OUTCOME_OK.to_owned())
}

/// Which entries are wanted, the newest first. What is empty or `None` is not looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AuditQuery {
    /// The whole name or id.
    pub actor: String,
    /// The action's whole name.
    pub action: String,
    /// What the resource begins with.
    pub resource: String,
    /// First instant, inclusive.
    pub from: Option<UnixMillis>,
    /// Last instant, exclusive.
    pub until: Option<UnixMillis>,
    /// Token of an earlier page.
    pub next_token: String,
    /// Rows wanted; 0 means the default.
    pub limit: u32,
}

impl AuditQuery {
    /// Reads the pairs of a query string; names that are none of its own are left out. `from` and `to` are days, both inclusive, or
    /// milliseconds, `to` exclusive.
    pub fn parse<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self> {
        let mut query = Self::default();
        for (name, value) in pairs.into_iter().map(|(name, value)| (name, value.trim())).filter(|(_, value)| !value.is_empty()) {
            match name {
                "actor" => query.actor = value.to_owned(),
                "action" => query.action = value.to_owned(),
                "resource" => query.resource = value.to_owned(),
                "from" => query.from = Some(instant(name, value, 0)?),
                "to" => query.until = Some(instant(name, value, DAY_MS)?),
                "page" => query.next_token = value.to_owned(),
                _ => {}
            }
        }
        query.action_name()?;
        query.after()?;
        Ok(query)
    }

    /// What [`AuditQuery::parse`] reads back.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let text =
            |at: Option<UnixMillis>, day: String| if day.is_empty() { at.map_or_else(String::new, |at| at.0.to_string()) } else { day };
        let pairs = [
            ("actor", self.actor.clone()),
            ("action", self.action.clone()),
            ("resource", self.resource.clone()),
            ("from", text(self.from, self.day_from())),
            ("to", text(self.until, self.day_to())),
            ("page", self.next_token.clone()),
        ];
        pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }

    /// The first day as `YYYY-MM-DD`; empty when the window begins with no day.
    pub fn day_from(&self) -> String {
        day(self.from)
    }

    /// The last day; empty when the window ends with no day.
    pub fn day_to(&self) -> String {
        day(self.until.filter(|until| until.0.rem_euclid(DAY_MS) == 0).map(|until| until.plus_ms(-DAY_MS)))
    }

    /// Rows to return, within the limits.
    pub fn rows(&self) -> u32 {
        match self.limit {
            0 => limits::AUDIT_ROWS_DEFAULT,
            rows => rows.min(limits::AUDIT_ROWS_MAX),
        }
    }

    /// The action's name as entries have it. Errors: `InvalidArgument` for a name that no action has.
    pub fn action_name(&self) -> Result<Option<&'static str>> {
        if self.action.is_empty() {
            return Ok(None);
        }
        let action = Action::parse(&self.action).ok_or_else(|| Error::invalid(format!("there is no action '{}'", self.action)))?;
        Ok(Some(action.as_str()))
    }

    /// The last entry of the page before, as time and number; `None` on the first page.
    pub fn after(&self) -> Result<Option<(UnixMillis, i64)>> {
        if self.next_token.is_empty() {
            return Ok(None);
        }
        let parts = self.next_token.split_once('-').and_then(|(at, seq)| Some((UnixMillis(at.parse().ok()?), seq.parse().ok()?)));
        parts.map(Some).ok_or_else(|| Error::invalid("NextToken is set to an invalid value: it must be one that a list has returned"))
    }

    /// The token of the page after an entry.
    pub fn token(at: UnixMillis, seq: i64) -> String {
        format!("{}-{seq}", at.0)
    }
}

/// A day of UTC, to whose begin `day_ms` is added, or milliseconds.
fn instant(name: &str, value: &str, day_ms: i64) -> Result<UnixMillis> {
    let found = value.parse().ok().map(UnixMillis).or_else(|| begin_of_day(value).map(|begin| begin.plus_ms(day_ms)));
    found.ok_or_else(|| {
        Error::invalid(format!("{name} is set to an invalid value (allowed: YYYY-MM-DD or milliseconds, actual: '{value}')"))
    })
}

/// The begin of `YYYY-MM-DD`, by Howard Hinnant's `days_from_civil`.
fn begin_of_day(text: &str) -> Option<UnixMillis> {
    let mut parts = text.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let of_era = year % 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = (year / 400) * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    Some(UnixMillis(days * DAY_MS))
}

/// The day that begins then; empty when none does.
fn day(begin: Option<UnixMillis>) -> String {
    let begin = begin.filter(|at| at.0.rem_euclid(DAY_MS) == 0);
    begin.map_or_else(String::new, |at| format::rfc3339(at).get(..10).unwrap_or_default().to_owned())
}

/// The port of the audit.
#[async_trait]
pub trait Audit: Send + Sync {
    /// Writes an entry. A failure goes to the log and nowhere else: what was done is done.
    async fn record(&self, entry: AuditEntry);

    /// Entries, the newest first.
    async fn list_audit(&self, query: &AuditQuery) -> Result<Page<AuditEntry>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c86_a_page_goes_on_after_the_last_entry_of_the_one_before() {
        let query = |token: &str| AuditQuery { next_token: token.to_owned(), ..AuditQuery::default() };
        assert_eq!(query("").after(), Ok(None));
        assert_eq!(query(&AuditQuery::token(UnixMillis(1_795_521_665_000), 7)).after(), Ok(Some((UnixMillis(1_795_521_665_000), 7))));
        assert!(query("x").after().is_err() && query("1-x").after().is_err());
    }

    #[test]
    fn c86_a_query_string_is_read_and_written() {
        let read = |pairs: &[(&str, &str)]| AuditQuery::parse(pairs.iter().copied());
        let check = |pairs: &[(&str, &str)]| {
            let written = read(pairs).unwrap().pairs();
            assert_eq!(written.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>(), pairs);
        };
        check(&[]);
        check(&[
            ("actor", "TY1"),
            ("action", "SignIn"),
            ("resource", "services/a b"),
            ("from", "2024-02-29"),
            ("to", "2026-12-31"),
            ("page", "5-7"),
        ]);
        check(&[("from", "1795521665002"), ("to", "1795521665003")]);
        let window = read(&[("from", "2026-11-24"), ("to", "2026-11-24"), ("notice", "x"), ("actor", " ")]).unwrap();
        assert_eq!((window.from, window.until), (Some(UnixMillis(1_795_478_400_000)), Some(UnixMillis(1_795_564_800_000))));
        for wrong in [("from", "yesterday"), ("to", "2026-13-01"), ("action", "Nothing"), ("page", "x")] {
            assert!(read(&[wrong]).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn c86_actions_are_asked_for_by_name() {
        let name = |action: &str| AuditQuery { action: action.to_owned(), ..AuditQuery::default() }.action_name();
        assert_eq!((name(""), name("StopStatefulAsyncInvocation")), (Ok(None), Ok(Some("fc:StopStatefulAsyncInvocation"))));
        assert!(name("fc:Nothing").is_err());
    }

    #[test]
    fn c86_an_outcome_is_ok_or_a_code() {
        assert_eq!(outcome(&Ok(1)), "OK");
        assert_eq!(outcome::<()>(&Err(Error::internal())), "InternalServerError");
    }
}
