//! vCPU, temporary disk and time zone of a function's instances (C-56).

use crate::ui::{Erase, SelectField, TextField};
use leptos::prelude::*;

/// The environment variable that programs take their time zone from.
pub(crate) const TIME_ZONE: &str = "TZ";

/// `vCPU`, `Temporary Disk` and `Time Zone`.
#[component]
pub(crate) fn SizeFields(
    /// Empty for no limit.
    #[prop(into)]
    cpu: String,
    disk_mb: u64,
    /// Empty for that of the platform.
    time_zone: String,
) -> impl IntoView {
    let sizes = vec![("512".to_owned(), "512 MB".to_owned()), ("10240".to_owned(), "10 GB".to_owned())];
    let time_zone = if time_zone.is_empty() { "UTC".to_owned() } else { time_zone };
    view! {
        <div class="grid gap-4 sm:grid-cols-2">
            <TextField
                name="cpu"
                label=t!("vCPU")
                value=cpu
                placeholder="0.35"
                help=t!("0.05 to 16, in steps of 0.05; memory in GB is 1 to 4 times as much. Empty sets no limit.")
            />
            <SelectField name="disk" label=t!("Temporary Disk") options=sizes value=disk_mb.to_string() help=t!("What /tmp may hold. It is lost with the instance.")/>
            <TextField name="time_zone" label=t!("Time Zone") value=time_zone mono=true help=t!("Such as UTC or Asia/Shanghai. Sets the environment variable TZ.")/>
        </div>
    }
    .erase()
}

/// vCPU as the field and the facts have it; empty where none was asked for.
#[cfg(feature = "ssr")]
pub(crate) fn print_cpu(cpu: f64) -> String {
    if cpu > 0.0 { cpu.to_string() } else { String::new() }
}

#[cfg(feature = "ssr")]
pub(crate) use server::set_time_zone;

#[cfg(feature = "ssr")]
mod server {
    use super::TIME_ZONE;
    use crate::forms::Checks;
    use model::ControlPlane;
    use std::collections::BTreeMap;

    /// Puts the zone of the field among the variables. UTC is the platform's own and needs none; one that is there already may be any.
    pub fn set_time_zone(environment: &mut BTreeMap<String, String>, text: &str, control: &dyn ControlPlane, checks: &mut Checks) {
        let zone = text.trim();
        if environment.get(TIME_ZONE).is_some_and(|now| now == zone) {
            return;
        }
        if zone.is_empty() || zone == "UTC" {
            environment.remove(TIME_ZONE);
        } else if let Err(error) = control.next_runs(&format!("CRON_TZ={zone} 0 0 0 * * *"), 1) {
            checks.refuse("time_zone", error);
        } else {
            environment.insert(TIME_ZONE.to_owned(), zone.to_owned());
        }
    }
}
