//! Where the outcome of an asynchronous invocation is sent, and what became of sending it (`fc-api.md` 4.6, `console.md` C-67).

use crate::{AsyncConfig, Error, FunctionName, FunctionRef, Qualifier, Region, Result, ServiceName, UnixMillis, limits};
use serde::{Deserialize, Serialize};

/// A target as its text in a configuration means it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// An event function of this install; it is invoked asynchronously.
    Function { function: FunctionRef, qualifier: Qualifier },
    /// An HTTP or HTTPS address that gets a POST.
    Webhook(String),
}

impl Destination {
    /// Reads `acs:fc:{region}:{account}:services/{s}[.{q}]/functions/{f}` or an `http://` or `https://` address. An empty region is
    /// `home`, that of the function whose outcome is sent. The account is not looked at: an install has one.
    pub fn parse(text: &str, home: &Region) -> Result<Self> {
        if text.len() > limits::DESTINATION_BYTES_MAX {
            return Err(refused(text, &format!("it is longer than {} bytes", limits::DESTINATION_BYTES_MAX)));
        }
        if let Some(rest) = text.strip_prefix("acs:fc:") {
            return function(text, rest, home);
        }
        match text.split_once("://") {
            Some((scheme, rest)) if ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) => webhook(text, rest),
            _ if text.starts_with("acs:") => Err(refused(text, "queues, topics and event buses of the vendor can't be reached from here")),
            _ => Err(refused(text, "it is neither a function nor an address")),
        }
    }
}

fn function(text: &str, rest: &str, home: &Region) -> Result<Destination> {
    let form = || refused(text, "a function is written acs:fc:{region}:{account}:services/{service}[.{qualifier}]/functions/{function}");
    let mut parts = rest.splitn(3, ':');
    let (Some(region), Some(account), Some(path)) = (parts.next(), parts.next(), parts.next()) else { return Err(form()) };
    if !account.bytes().all(|b| b.is_ascii_digit()) {
        return Err(form());
    }
    let (service, name) = path.strip_prefix("services/").and_then(|path| path.split_once("/functions/")).ok_or_else(form)?;
    let (service, qualifier) = service.split_once('.').unwrap_or((service, ""));
    Ok(Destination::Function {
        function: FunctionRef {
            region: if region.is_empty() { home.clone() } else { Region::from_stored(region) },
            service: ServiceName::parse(service)?,
            function: FunctionName::parse(name)?,
        },
        qualifier: Qualifier::parse(qualifier)?,
    })
}

fn webhook(text: &str, rest: &str) -> Result<Destination> {
    if !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(refused(text, "an address holds no spaces and only ASCII; write other characters as %XX"));
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() || authority.starts_with(':') {
        return Err(refused(text, "the address names no host"));
    }
    if authority.contains('@') {
        return Err(refused(text, "an address is shown to everybody who may see the function, so it holds no user name and password"));
    }
    if text.contains('#') {
        return Err(refused(text, "an address that is posted to has no fragment"));
    }
    Ok(Destination::Webhook(text.to_owned()))
}

/// The error for a text that is no destination here; it says what is one.
fn refused(text: &str, why: &str) -> Error {
    let shown: String = text.chars().take(200).collect();
    Error::invalid(format!(
        "Destination is set to an invalid value: {why} (allowed: the ARN of an event function, or an http:// or https:// address that gets a \
         POST; actual: '{shown}')"
    ))
}

/// Where the two outcomes of an invocation go, as text of a configuration; `None` means nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Destinations {
    /// Gets the outcome of a task that ends as `Succeeded`.
    pub on_success: Option<String>,
    /// Gets the outcome of a task that ends as `Failed`, `Expired`, `Invalid` or `Stopped`.
    pub on_failure: Option<String>,
}

impl Destinations {
    /// Those of a configuration; an empty text there means none.
    pub fn of(config: &AsyncConfig) -> Self {
        let set = |target: &Option<String>| target.clone().filter(|text| !text.is_empty());
        Self { on_success: set(&config.on_success), on_failure: set(&config.on_failure) }
    }
}

/// Where a delivery stands; the variant's name is the word in `destinationStatus`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DeliveryStatus {
    /// Not delivered yet; another try is under way or due.
    Running,
    /// The target took it.
    Succeeded,
    /// Every try failed; it is sent again when somebody asks for it.
    Failed,
}

impl DeliveryStatus {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Running, Self::Succeeded, Self::Failed];

    /// The word on the wire, in the store and on the screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "Running",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// Why it can't be asked to be sent again, in words for the user; `None` when it can.
    pub fn redrive_refusal(self) -> Option<&'static str> {
        match self {
            Self::Running => Some("The outcome of this task is being delivered already."),
            Self::Succeeded => Some("The outcome of this task has been delivered."),
            Self::Failed => None,
        }
    }
}

/// The delivery of a task's outcome. A task has one when it ended and its configuration named a destination for that end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The target as configured when the task was submitted.
    pub target: String,
    pub status: DeliveryStatus,
    /// Tries that have ended, since it was last asked for.
    pub attempts: u32,
    /// Why the last try failed; empty when none did.
    pub last_error: String,
    /// When the next try is due or, while one is under way, when another server takes it over; only while `Running`.
    pub next_at: Option<UnixMillis>,
    /// When the task ended.
    pub created_at: UnixMillis,
    /// When the last try ended, or when it was last asked for.
    pub changed_at: UnixMillis,
    /// Who asked for it to be sent again; empty when nobody did.
    pub redriven_by: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Destination> {
        Destination::parse(text, &Region::from_stored("home"))
    }

    #[test]
    fn c67_a_function_is_named_by_its_arn_with_region_and_account_left_out_or_not() {
        let check = |text: &str, region: &str, qualifier: &str| {
            let function = FunctionRef {
                region: Region::from_stored(region),
                service: ServiceName::from_stored("s"),
                function: FunctionName::from_stored("f"),
            };
            assert_eq!(parse(text), Ok(Destination::Function { function, qualifier: Qualifier::from_stored(qualifier) }), "{text}");
        };
        check("acs:fc:::services/s/functions/f", "home", "LATEST");
        check("acs:fc:cn-shanghai:123:services/s.LATEST/functions/f", "cn-shanghai", "LATEST");
        check("acs:fc::123:services/s.prod/functions/f", "home", "prod");
    }

    #[test]
    fn c67_a_webhook_is_its_address() {
        let check = |text: &str| assert_eq!(parse(text), Ok(Destination::Webhook(text.to_owned())));
        check("http://127.0.0.1:9000/hook?key=1");
        check("HTTPS://example.org");
        check("http://[::1]:80/");
    }

    #[test]
    fn c67_what_is_no_destination_here_is_refused_with_what_is_one() {
        let check = |text: &str, why: &str| {
            let error = parse(text).unwrap_err();
            assert_eq!(error.code, crate::ErrorCode::InvalidArgument);
            assert!(error.message.contains(why), "{text}: {}", error.message);
        };
        check("acs:mns:::/queues/q/messages", "queues, topics and event buses");
        check("acs:eventbridge:cn-hangzhou:1:eventbus/b", "http://");
        check("acs:fc:::services/s", "a function is written");
        check("acs:fc:::services/s/functions/", "FunctionName");
        check("acs:fc::me:services/s/functions/f", "a function is written");
        check("acs:fc:::services/1s/functions/f", "ServiceName");
        check("ftp://host/", "neither");
        check("", "neither");
        check("http:///path", "no host");
        check("http://user:secret@host/", "no user name");
        check("http://host/#part", "fragment");
        check("http://host/ä", "ASCII");
        check(&format!("http://host/{}", "x".repeat(limits::DESTINATION_BYTES_MAX)), "longer");
    }

    #[test]
    fn words_round_trip_and_only_a_failed_delivery_is_sent_again() {
        for status in DeliveryStatus::ALL {
            assert_eq!(DeliveryStatus::parse(status.as_str()), Some(status));
            assert_eq!(status.redrive_refusal().is_none(), status == DeliveryStatus::Failed);
        }
    }
}
