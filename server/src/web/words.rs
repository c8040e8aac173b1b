//! The language of the console: its words for the browser, and the switch.

use super::assets::{File, send};
use super::form_post;
use app::language::{self, LANGUAGE_PARAMETER, Language};
use app::routes::{self, query};
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use std::sync::LazyLock;

/// Packed once: who asks need not be signed in.
static CHINESE: LazyLock<File> = LazyLock::new(|| {
    let plain = Bytes::from(language::file(Language::SimplifiedChinese));
    File::new(plain.clone(), None, packed(&plain))
});

/// The catalogue of a language that has one; its address names the version, so that it may be kept for ever.
pub(super) async fn file(Path(language): Path<String>, headers: HeaderMap) -> Response {
    match Language::parse(&language) {
        Some(Language::SimplifiedChinese) => send(&CHINESE, "text/plain; charset=utf-8", true, &headers),
        Some(Language::English) | None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn packed(plain: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain).ok()?;
    Some(encoder.finish().ok()?.into())
}

/// Leads back to the page that the link was on. That the address names a language has set the cookie (see [`super::session`]).
pub(super) async fn switch(headers: HeaderMap) -> Redirect {
    Redirect::to(&without(&form_post::page_of(&headers), LANGUAGE_PARAMETER))
}

/// The address without what a link chose by this parameter before.
pub(super) fn without(address: &str, parameter: &str) -> String {
    let Some((path, rest)) = address.split_once('?') else { return address.to_owned() };
    let pairs = routes::pairs(rest);
    let kept: Vec<_> = pairs.iter().filter(|(name, _)| name != parameter).map(|(name, value)| (name.as_str(), value.as_str())).collect();
    format!("{path}{}", query(&kept))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b25_the_switch_keeps_the_page_and_its_filters() {
        assert_eq!(without("/r1/tasks", LANGUAGE_PARAMETER), "/r1/tasks");
        assert_eq!(without("/r1/tasks?status=Failed&lang=en&prefix=a%20b", LANGUAGE_PARAMETER), "/r1/tasks?status=Failed&prefix=a%20b");
        assert_eq!(without("/r1/tasks?lang=en", LANGUAGE_PARAMETER), "/r1/tasks");
    }
}
