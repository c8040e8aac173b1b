//! What every verb is given, and what every verb does with answers.

use crate::call::{Call, Transport};
use crate::clock::Clock;
use crate::output::{Cell, Output, Table, Times};
use crate::problem::{Outcome, Problem};
use clap::Args;
use jiff::tz::TimeZone;
use model::limits;
use serde_json::Value;
use std::io::Read;
use std::sync::Arc;

/// The surroundings of a verb.
pub(crate) struct Session {
    pub transport: Box<dyn Transport>,
    pub output: Output,
    pub clock: Arc<dyn Clock>,
    /// The zone in which times are shown.
    pub zone: TimeZone,
    /// Standard input.
    pub input: Box<dyn Read + Send>,
}

impl Session {
    /// Instants as they look now.
    pub fn times(&self) -> Times {
        Times { now: self.clock.now(), zone: self.zone.clone() }
    }

    /// Sends a call whose answer is a JSON object.
    pub async fn object(&self, call: &Call) -> Outcome<Value> {
        let answer = self.transport.send(call).await?;
        let read = serde_json::from_slice(&answer.body).ok().filter(Value::is_object);
        read.ok_or_else(|| Problem::Failed(format!("the answer to {} is no JSON object; is this a Taskyard server?", call.action)))
    }

    /// A resource: its JSON, or its fields.
    pub async fn show(&mut self, call: &Call, fields: fn(&Value, &Times) -> Vec<(&'static str, Cell)>) -> Outcome<()> {
        let value = self.object(call).await?;
        if self.output.is_json {
            return self.output.document(&value);
        }
        let times = self.times();
        self.output.fields(&fields(&value, &times))
    }

    /// Sends a call whose answer is empty and says what it did.
    pub async fn perform(&mut self, call: &Call, done: &str) -> Outcome<()> {
        self.transport.send(call).await?;
        if self.output.is_json { Ok(()) } else { self.output.line(done) }
    }

    /// A list, page by page.
    pub async fn list(&mut self, call: Call, pages: &Pages, listing: &Listing) -> Outcome<()> {
        let mut table = Table::new(listing.heads);
        let mut call = pages.apply(call);
        let mut is_empty = true;
        loop {
            let page = self.object(&call).await?;
            let items = page.get(listing.member).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            self.page(&mut table, items, listing)?;
            is_empty &= items.is_empty();
            let next = text(&page, "nextToken");
            if next.is_empty() {
                let is_told = is_empty && !self.output.is_json;
                return if is_told { self.output.note(&format!("there are no {}", listing.what)) } else { Ok(()) };
            }
            if !pages.all {
                return self.output.note(&format!("there are more: --all shows them all, --next-token {next} the next page"));
            }
            let following = call.clone().with_token(next);
            if following == call {
                return Err(Problem::Failed("the server gave the same page twice".to_owned()));
            }
            call = following;
        }
    }

    /// The items of one page.
    pub fn page(&mut self, table: &mut Table, items: &[Value], listing: &Listing) -> Outcome<()> {
        if self.output.is_json {
            return items.iter().try_for_each(|item| self.output.item(item));
        }
        let times = self.times();
        let rows: Vec<Vec<Cell>> = items.iter().map(|item| (listing.row)(item, &times)).collect();
        if rows.is_empty() { Ok(()) } else { self.output.rows(table, &rows) }
    }
}

/// How the items of a list are shown.
pub(crate) struct Listing {
    /// Member of the answer that holds them.
    pub member: &'static str,
    /// Their name in the plural.
    pub what: &'static str,
    pub heads: &'static [&'static str],
    pub row: fn(&Value, &Times) -> Vec<Cell>,
}

/// Which pages of a list are wanted (`fc-api.md` 1.7).
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Pages {
    /// Rows of one page
    #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u32).range(1..=i64::from(limits::PAGE_ROWS_MAX)))]
    limit: Option<u32>,

    /// Show all pages
    #[arg(long)]
    all: bool,

    /// Begin with the page that an earlier answer named
    #[arg(long, value_name = "TOKEN")]
    next_token: Option<String>,
}

impl Pages {
    fn apply(&self, call: Call) -> Call {
        let most = self.all.then_some(limits::PAGE_ROWS_MAX);
        let limit = self.limit.or(most).map(|rows| rows.to_string()).unwrap_or_default();
        call.with_query("limit", limit).with_query("nextToken", self.next_token.clone().unwrap_or_default())
    }
}

/// A member that is text; empty when it is missing or something else.
pub(crate) fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value.get(member).and_then(Value::as_str).unwrap_or_default()
}

/// A member that is a whole number; 0 when it is missing or something else.
pub(crate) fn number(value: &Value, member: &str) -> i64 {
    value.get(member).and_then(Value::as_i64).unwrap_or_default()
}
