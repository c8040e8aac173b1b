use super::times::Times;
use super::values::Values;
use crate::error::Result;
use leptos::prelude::*;
use model::{FunctionName, FunctionRef, Qualifier, Region, ServiceName, TriggerKind, TriggerName, UnixMillis};
use serde::{Deserialize, Serialize};
use server_fn::codec::{Json, MultipartData, MultipartFormData};

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub name: TriggerName,
    pub kind: TriggerKind,
    pub qualifier: Qualifier,
    /// What makes it fire, in words.
    pub rule: String,
    /// Whether a time trigger is switched on; `None` for other types.
    pub enabled: Option<bool>,
    pub last_fired_at: Option<UnixMillis>,
    pub next_due_at: Option<UnixMillis>,
    /// How an HTTP trigger is called.
    pub address: Option<Address>,
}

/// How an HTTP trigger is called.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Address {
    pub url: String,
    /// A program for a shell.
    pub curl: String,
    /// True when nobody is asked for a signature.
    pub open_to_all: bool,
}

/// What the form begins with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Setup {
    /// `None` for a trigger of a type that has no form.
    pub values: Option<Values>,
    /// Types to choose from.
    pub kinds: Vec<TriggerKind>,
    /// Versions and aliases: values and words.
    pub qualifiers: Vec<(String, String)>,
    /// Of the trigger that is changed.
    pub etag: String,
    /// The next runs of what the values say.
    pub upcoming: Upcoming,
}

/// When a time trigger would fire.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Upcoming {
    /// By the clock of the zone.
    pub runs: Vec<String>,
    pub zone: String,
    /// True when the zone's clock is going to skip or repeat the time of day.
    pub meets_a_shift: bool,
    /// Why there are none.
    pub problem: String,
}

/// Every trigger of a function, by name.
#[server(input = Json)]
pub async fn triggers(function: FunctionRef) -> Result<Vec<Row>> {
    use model::{ListQuery, limits};
    let (console, _) = crate::server::signed_in()?;
    let query = ListQuery { limit: limits::TRIGGERS_MAX, ..ListQuery::default() };
    let found = console.control.list_triggers(&function, &query).await?;
    Ok(found.items.into_iter().map(|trigger| address::row(trigger, &console)).collect())
}

/// The fields of a new trigger, which the page's query may give, or those of one that is changed.
#[server(input = Json)]
pub async fn trigger_setup(function: FunctionRef, name: Option<TriggerName>, query: String) -> Result<Setup> {
    use crate::pages::qualifiers;
    use crate::{routes, upload::ReadForm};
    use model::ListQuery;
    let (console, _) = crate::server::signed_in()?;
    let (values, kinds, etag) = match name {
        Some(name) => {
            let found = console.control.get_trigger(&function.trigger(name)).await?;
            (Values::of_trigger(&found), vec![found.spec.kind], found.etag)
        }
        None => {
            let others = console.control.list_triggers(&function, &ListQuery { limit: 1, ..ListQuery::default() }).await?;
            let kinds = match others.items.first().map(|other| other.spec.kind == TriggerKind::Http) {
                Some(true) => vec![TriggerKind::Http],
                Some(false) => vec![TriggerKind::Timer],
                None => vec![TriggerKind::Timer, TriggerKind::Http],
            };
            let given = ReadForm::of(routes::pairs(&query));
            let new = Values::new(kinds.first().copied().unwrap_or(TriggerKind::Timer));
            let values = if given.text("trigger_name").is_empty() {
                Values { qualifier: given.text("qualifier").to_owned(), ..new }
            } else {
                Values::of_form(&given)
            };
            (Some(values), kinds, String::new())
        }
    };
    let asked = values.as_ref().map_or("", |values| values.qualifier.as_str());
    let qualifiers = qualifiers::choices(&console, &function.service_ref(), asked).await?;
    let times = values.as_ref().map(|values| values.times.clone()).unwrap_or_default();
    Ok(Setup { upcoming: super::read::upcoming(&times, &console), values, kinds, qualifiers, etag })
}

/// The next five runs of a schedule.
#[server(input = Json)]
pub async fn upcoming_runs(times: Times) -> Result<Upcoming> {
    let (console, _) = crate::server::signed_in()?;
    Ok(super::read::upcoming(&times, &console))
}

/// Makes a trigger and leads to the list.
#[server(input = MultipartFormData)]
pub async fn create_trigger(data: MultipartData) -> Result<()> {
    use super::read;
    use crate::{forms::Checks, server, upload::read_form};
    let (console, _) = server::signed_in()?;
    let form = read_form(data, "file", &console).await?;
    let (function, values) = (read::function(&form), Values::of_form(&form));
    let mut checks = Checks::default();
    read::check(&values, &mut checks, &console);
    checks.finish()?;
    let (name, spec) = read::spec(&values, &console)?;
    console.control.create_trigger(&function, &name, spec).await.map_err(|error| read::refusal(error, values.kind))?;
    server::redirect(&address::tab(function, crate::notice::Notice::TriggerSaved));
    Ok(())
}

/// Changes a trigger; refused when somebody else changed it since its etag was read.
#[server(input = MultipartFormData)]
pub async fn modify_trigger(data: MultipartData) -> Result<()> {
    use super::read;
    use crate::{forms::Checks, server, upload::read_form};
    use model::TriggerPatch;
    let (console, _) = server::signed_in()?;
    let form = read_form(data, "file", &console).await?;
    let (function, values) = (read::function(&form), Values::of_form(&form));
    let mut checks = Checks::default();
    let config = read::config(&values, &mut checks, &console);
    checks.finish()?;
    let patch = TriggerPatch { config: Some(config), qualifier: Some(read::qualifier(&values)?), ..TriggerPatch::default() };
    let trigger = function.trigger(TriggerName::from_stored(form.text("trigger")));
    let etag = Some(form.text("etag")).filter(|etag| !etag.is_empty());
    console.control.update_trigger(&trigger, patch, etag).await.map_err(|error| read::refusal(error, values.kind))?;
    server::redirect(&address::tab(function, crate::notice::Notice::TriggerSaved));
    Ok(())
}

/// Lets a time trigger fire or keeps it from firing.
#[server]
pub async fn switch_trigger(
    region: Region,
    service: ServiceName,
    function: FunctionName,
    trigger: TriggerName,
    enabled: bool,
) -> Result<()> {
    use model::TriggerPatch;
    let (console, _) = crate::server::signed_in()?;
    let function = FunctionRef { region, service, function };
    let config = serde_json::json!({ "enable": enabled }).as_object().cloned();
    let patch = TriggerPatch { config, ..TriggerPatch::default() };
    console.control.update_trigger(&function.trigger(trigger), patch, None).await?;
    crate::server::redirect(&address::tab(function, crate::notice::Notice::TriggerSaved));
    Ok(())
}

/// Does at once what a time trigger does when it is due.
#[server]
pub async fn run_trigger(region: Region, service: ServiceName, function: FunctionName, trigger: TriggerName) -> Result<()> {
    let (console, _) = crate::server::signed_in()?;
    let function = FunctionRef { region, service, function };
    console.control.run_trigger(&function.trigger(trigger)).await?;
    crate::server::redirect(&address::tab(function, crate::notice::Notice::TriggerRun));
    Ok(())
}

/// Deletes a trigger and leads to the list.
#[server]
pub async fn delete_trigger(region: Region, service: ServiceName, function: FunctionName, trigger: TriggerName) -> Result<()> {
    let (console, _) = crate::server::signed_in()?;
    let function = FunctionRef { region, service, function };
    console.control.delete_trigger(&function.trigger(trigger), None).await?;
    crate::server::redirect(&address::tab(function, crate::notice::Notice::TriggerDeleted));
    Ok(())
}

#[cfg(feature = "ssr")]
mod address {
    use super::super::super::http_input::base_path;
    use super::*;
    use crate::notice::Notice;
    use crate::routes::{FunctionPage, Route};
    use crate::server::{self, Console};
    use model::Trigger;

    /// The tab, which also says what was just done.
    pub fn tab(function: FunctionRef, notice: Notice) -> String {
        Route::Function(function, FunctionPage::Triggers).with_notice(notice)
    }

    /// What the list shows of a trigger.
    pub fn row(trigger: Trigger, console: &Console) -> Row {
        let default_region = console.control.regions().into_iter().next();
        let address = trigger.spec.config.http().map(|http| {
            let place = Place {
                endpoint: server::endpoint(console),
                path: format!("{}/", base_path(&trigger.function, &trigger.spec.qualifier)),
                region: trigger.function.region.to_string(),
                names_region: default_region.as_ref() != Some(&trigger.function.region),
                method: http.methods.first().map_or("GET", String::as_str),
            };
            let open_to_all = http.auth_type == "anonymous";
            let curl = if open_to_all { place.plain() } else { place.signed() };
            Address { url: format!("{}{}", place.endpoint, place.path), curl, open_to_all }
        });
        Row {
            rule: super::super::words::rule(&trigger.spec.config),
            enabled: trigger.spec.config.timer().map(|timer| timer.enable),
            name: trigger.name,
            kind: trigger.spec.kind,
            qualifier: trigger.spec.qualifier,
            last_fired_at: trigger.last_fired_at,
            next_due_at: trigger.next_due_at,
            address,
        }
    }

    /// Where a request goes.
    pub struct Place<'a> {
        pub endpoint: String,
        pub path: String,
        pub region: String,
        /// False for the region of calls that name none.
        pub names_region: bool,
        pub method: &'a str,
    }

    impl Place<'_> {
        fn asks(&self) -> String {
            match self.method {
                "GET" => String::new(),
                "HEAD" => " --head".to_owned(),
                method => format!(" -X {method}"),
            }
        }

        /// A request that nobody has signed.
        pub fn plain(&self) -> String {
            let region = if self.names_region { format!(" -H 'X-Fc-Region: {}'", self.region) } else { String::new() };
            format!("curl -sS{}{region} '{}{}'", self.asks(), self.endpoint, self.path)
        }

        /// One that is signed with the key of two variables, like those of the page Connect.
        pub fn signed(&self) -> String {
            SIGNED
                .replace("{method}", self.method)
                .replace("{asks}", &self.asks())
                .replace("{endpoint}", &self.endpoint)
                .replace("{path}", &self.path)
                .replace("{region}", &self.region)
        }
    }

    const SIGNED: &str = r#"path={path}
date=$(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S GMT')
signature=$(printf '{method}\n\n\n%s\nx-fc-region:{region}\n%s\n' "$date" "$path" |
  openssl dgst -sha256 -hmac "$ALIBABA_CLOUD_ACCESS_KEY_SECRET" -binary | base64)
curl -sS{asks} "{endpoint}$path" -H "Date: $date" -H 'X-Fc-Region: {region}' \
  -H "Authorization: FC $ALIBABA_CLOUD_ACCESS_KEY_ID:$signature""#;

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn c63_a_curl_line_names_what_has_to_be_named() {
            let place = |names_region, method| Place {
                endpoint: "http://127.0.0.1:3000".to_owned(),
                path: "/2016-08-15/proxy/s/f/".to_owned(),
                region: "cn-shanghai".to_owned(),
                names_region,
                method,
            };
            assert_eq!(place(false, "GET").plain(), "curl -sS 'http://127.0.0.1:3000/2016-08-15/proxy/s/f/'");
            let elsewhere = place(true, "POST").plain();
            assert_eq!(elsewhere, "curl -sS -X POST -H 'X-Fc-Region: cn-shanghai' 'http://127.0.0.1:3000/2016-08-15/proxy/s/f/'");
            let signed = place(false, "PUT").signed();
            assert!(signed.contains("printf 'PUT\\n") && signed.contains("-X PUT") && !signed.contains("{endpoint}"), "{signed}");
        }
    }
}
