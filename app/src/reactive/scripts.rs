//! Whether scripts run, for what only they can do well; and scripts that one page alone wants.

use crate::reactive::effect;
use leptos::prelude::*;

/// False on the server and at the first render, true from hydration on.
pub fn use_scripts() -> Signal<bool> {
    let running = RwSignal::new(false);
    effect(move || running.set(true));
    running.into()
}

/// Loads a module that stands beside the console's own script, once for as long as the page lives. The content policy lets it in because a
/// script that it trusts asks for it.
#[cfg(feature = "hydrate")]
pub fn load_script(file: &str) {
    let document = document();
    let Ok(Some(own)) = document.query_selector("link[rel=modulepreload]") else { return };
    let address = own.get_attribute("href").unwrap_or_default();
    let Some((folder, _)) = address.rsplit_once('/') else { return };
    let address = format!("{folder}/{file}");
    if document.query_selector(&format!("script[src='{address}']")).is_ok_and(|found| found.is_some()) {
        return;
    }
    if let (Ok(script), Some(head)) = (document.create_element("script"), own.parent_element()) {
        _ = script.set_attribute("type", "module");
        _ = script.set_attribute("src", &address);
        _ = head.append_child(&script);
    }
}
