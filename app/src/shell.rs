//! The document around the application.

use crate::app::App;
use crate::bootstrap::Theme;
use crate::forms::PostedForm;
use crate::language::{self, Language, WORDS};
use crate::server::{Console, set_header};
use axum::http::header::CONTENT_SECURITY_POLICY;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::MetaTags;
use leptos_router::location::RequestUrl;

/// The whole page; also sends the policy that allows only its own scripts.
pub fn shell() -> impl IntoView {
    let console = use_context::<Console>();
    let theme = console.as_ref().map_or(Theme::System, |console| console.theme);
    let language = console.as_ref().map_or(Language::English, |console| console.language);
    let wraps_lines = console.as_ref().is_none_or(|console| console.wraps_lines);
    let version = console.map(|console| console.asset_version).unwrap_or_default();
    let nonce = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
    set_header(CONTENT_SECURITY_POLICY, &policy(&nonce));
    // The version stands in the path, not behind it: the files name each other by relative addresses.
    let file = |name: &str| format!("/pkg/{version}/taskyard{name}");
    let (style, script, wasm) = (file(".css"), file(".js"), file(".wasm"));
    let catalogue = catalogue_address(language);
    let boot = format!(
        "{}Promise.all([import({script:?}),{}]).then(([m,w])=>m.default({{module_or_path:{wasm:?}}}).then(()=>m.hydrate(location.pathname+location.search,w))\
         .then(()=>{{for(const e of['pointermove','pointerdown','keydown'])addEventListener(e,()=>m.load(),{{once:true}})}}))",
        restore_address(),
        catalogue.as_ref().map_or_else(String::new, |address| format!("fetch({address:?}).then(r=>r.text())")),
    );
    view! {
        <!DOCTYPE html>
        <html lang=language.as_str() data-theme=theme.as_str() data-wrap=(!wraps_lines).then_some("off")>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="stylesheet" href=style/>
                <link rel="preload" href="/fonts/inter.woff2" r#as="font" r#type="font/woff2" crossorigin="anonymous"/>
                <link rel="modulepreload" href=script nonce=nonce.clone()/>
                {catalogue.map(|href| view! { <link rel="preload" href=href r#as="fetch" crossorigin="anonymous"/> })}
                <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
                <script type="module" nonce=nonce inner_html=boot></script>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// Where the browser finds the words of a language that is not the bundle's own.
fn catalogue_address(language: Language) -> Option<String> {
    (language != Language::English).then(|| format!("{WORDS}{}?v={}", language.as_str(), language::version(language)))
}

/// A posted form is answered under the server function's address; the page goes back to its own before it hydrates.
fn restore_address() -> String {
    let was_posted = use_context::<PostedForm>().is_some_and(|form| form.0.is_some());
    let address = use_context::<RequestUrl>().filter(|_| was_posted).map(|url| url.as_ref().to_owned());
    let Some(address) = address else { return String::new() };
    let path = address.strip_prefix("http://leptos.dev").unwrap_or(&address);
    let quoted = serde_json::Value::from(path).to_string().replace('<', "\\u003c");
    format!("history.replaceState(null,'',{quoted});")
}

fn policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}
