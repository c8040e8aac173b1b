//! The browser's half: hydrates the console and nothing else.

// The views of the console are types: the compiler walks them deeper than its default allows.
#![recursion_limit = "512"]

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page's own script once the wasm is there, with the address of the page, query included, and the words of its language unless it is English.
#[wasm_bindgen]
pub async fn hydrate(address: String, words: Option<String>) {
    console_error_panic_hook::set_once();
    app::language::receive(words.unwrap_or_default());
    // Without its code the page stays as the server sent it, which works without scripts.
    if app::part::has_part(&address) && !app::part::load().await {
        return;
    }
    leptos::mount::hydrate_body(app::app::App);
}

/// Loads the file with the parts that this page came without; called by the page's own script when somebody first touches the page, so that
/// it is there when a press wants one of them.
#[wasm_bindgen]
pub async fn load() {
    // Whoever wants a part asks again.
    _ = app::part::load().await;
}
