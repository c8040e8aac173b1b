//! Pages, and what scripts ask for, in a smaller form.
//!
//! What lies in memory whole is packed; streams go out as they come, files have their own forms (see [`super::assets`]).
//!
//! The length of a packed answer tells who watches the line whether a guess that he put into the address is also in the page (BREACH). He
//! has to make the user's browser ask again and again for that, from a page of his own: such a request gets the plain page. Nor is there a
//! secret in a page that stays the same: requests are known to be ours by their origin, without a token, and scripts by a nonce of this page.

use super::assets::accepts;
use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{self, Write};

/// What fits one packet anyway is sent as it is.
const BYTES_MIN: u64 = 1_024;

/// Packs the answer for a browser that takes it packed.
pub(super) async fn answers(request: Request, next: Next) -> Response {
    let coding = Coding::taken_by(request.headers()).filter(|_| is_asked_by_us(request.headers()));
    let response = next.run(request).await;
    match coding {
        Some(coding) if is_worth_it(&response) => packed(response, coding).await,
        _ => response,
    }
}

/// How an answer is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Zstd,
    Gzip,
}

impl Coding {
    /// The faster one of those that the browser takes.
    fn taken_by(headers: &HeaderMap) -> Option<Self> {
        let accepted = headers.get(header::ACCEPT_ENCODING)?.to_str().ok()?;
        [Coding::Zstd, Coding::Gzip].into_iter().find(|coding| accepted.split(',').any(|offer| accepts(offer, coding.as_str())))
    }

    fn as_str(self) -> &'static str {
        match self {
            Coding::Zstd => "zstd",
            Coding::Gzip => "gzip",
        }
    }

    fn pack(self, plain: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Coding::Zstd => zstd::bulk::compress(plain, 3),
            Coding::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(plain)?;
                encoder.finish()
            }
        }
    }
}

/// True where the user or a page of ours asks. Browsers say so, the older ones by the page that they come from.
fn is_asked_by_us(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site")) {
        return matches!(site, "same-origin" | "none");
    }
    let from = text(header::REFERER).and_then(|from| from.split_once("://")?.1.split('/').next());
    from.is_some() && from == text(header::HOST)
}

/// True for text that lies in memory and is long enough.
fn is_worth_it(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_text = ["text/html", "application/json"].iter().any(|text| kind.starts_with(text));
    let is_plain = !response.headers().contains_key(header::CONTENT_ENCODING);
    is_text && is_plain && response.body().size_hint().exact().is_some_and(|bytes| bytes >= BYTES_MIN)
}

async fn packed(response: Response, coding: Coding) -> Response {
    let (mut parts, body) = response.into_parts();
    let packed = match to_bytes(body, usize::MAX).await {
        Ok(plain) => coding.pack(&plain).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match packed {
        Ok(bytes) => {
            parts.headers.remove(header::CONTENT_LENGTH);
            parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.as_str()));
            parts.headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
            Response::from_parts(parts, Body::from(bytes))
        }
        Err(error) => {
            tracing::error!(error, "answer not packed");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::roles_tests::Place;
    use super::*;
    use app::routes::LIVE;
    use axum::Router;
    use axum::middleware::from_fn;
    use axum::routing::get;
    use flate2::read::GzDecoder;
    use futures::stream;
    use std::convert::Infallible;
    use std::io::Read;
    use tower::ServiceExt;

    const OURS: (&str, &str) = ("sec-fetch-site", "same-origin");

    fn page() -> String {
        "<p>Ä row of the table</p>".repeat(100)
    }

    async fn asked(path: &str, headers: &[(&str, &str)]) -> (Option<String>, Vec<u8>) {
        let kind = |kind: &'static str| [(header::CONTENT_TYPE, kind)];
        let streamed = || Body::from_stream(stream::iter([Ok::<_, Infallible>(page())]));
        let router = Router::new()
            .route("/page", get(move || async move { (kind("text/html; charset=utf-8"), page()) }))
            .route("/json", get(move || async move { (kind("application/json"), page()) }))
            .route("/short", get(move || async move { (kind("text/html"), "short") }))
            .route("/stream", get(move || async move { (kind("text/html"), streamed()) }))
            .route("/events", get(move || async move { (kind("text/event-stream"), page()) }))
            .route("/file", get(move || async move { (kind("text/html"), [(header::CONTENT_ENCODING, "br")], page()) }))
            .layer(from_fn(answers));
        let request = headers.iter().fold(Request::get(path), |request, (name, value)| request.header(*name, *value));
        let response = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let coding = response.headers().get(header::CONTENT_ENCODING).map(|coding| coding.to_str().unwrap().to_owned());
        (coding, to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec())
    }

    #[tokio::test]
    async fn a_page_is_the_same_when_it_is_unpacked() {
        for path in ["/page", "/json"] {
            let (coding, bytes) = asked(path, &[OURS, ("accept-encoding", "gzip, deflate, br")]).await;
            let mut text = String::new();
            GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap();
            assert_eq!((coding.as_deref(), text), (Some("gzip"), page()), "{path}");
            let (coding, bytes) = asked(path, &[OURS, ("accept-encoding", "gzip, deflate, br, zstd")]).await;
            assert_eq!((coding.as_deref(), zstd::decode_all(bytes.as_slice()).unwrap()), (Some("zstd"), page().into_bytes()), "{path}");
        }
    }

    #[tokio::test]
    async fn streams_files_and_what_is_short_go_out_as_they_are() {
        for (path, coding) in [("/stream", None), ("/events", None), ("/short", None), ("/file", Some("br"))] {
            assert_eq!(asked(path, &[OURS, ("accept-encoding", "gzip, zstd")]).await.0.as_deref(), coding, "{path}");
        }
        assert_eq!(asked("/page", &[OURS]).await.0, None);
        assert_eq!(asked("/page", &[OURS, ("accept-encoding", "gzip;q=0, br")]).await.0, None);
    }

    #[tokio::test]
    async fn what_another_site_makes_a_browser_ask_for_is_not_packed() {
        let check = async |headers: &[(&str, &str)], is_packed: bool| {
            let asked = asked("/page", &[headers, &[("accept-encoding", "gzip"), ("host", "tasks.example:3000")]].concat()).await;
            assert_eq!(asked.0.is_some(), is_packed, "{headers:?}");
        };
        check(&[("sec-fetch-site", "none")], true).await;
        check(&[("sec-fetch-site", "cross-site")], false).await;
        check(&[("sec-fetch-site", "same-site")], false).await;
        check(&[("referer", "http://tasks.example:3000/r1/tasks?status=Failed")], true).await;
        check(&[("referer", "http://tasks.example:3000.evil.example/")], false).await;
        check(&[("referer", "https://evil.example/http://tasks.example:3000/")], false).await;
        check(&[("sec-fetch-site", "cross-site"), ("referer", "http://tasks.example:3000/")], false).await;
        check(&[], false).await;
    }

    #[tokio::test]
    async fn the_console_packs_its_pages_and_no_live_stream() {
        let place = Place::new().await;
        let cookie = place.enter("viewer").await;
        for (path, coding) in [("/r1/services/s/functions/f/tasks", Some("gzip")), (&format!("{LIVE}?region=r1"), None)] {
            let request = Request::get(path).header(header::COOKIE, &cookie).header(OURS.0, OURS.1);
            let response = place.ask(request.header(header::ACCEPT_ENCODING, "gzip"), String::new()).await;
            let found = response.headers().get(header::CONTENT_ENCODING).map(|coding| coding.to_str().unwrap());
            assert_eq!((response.status(), found), (StatusCode::OK, coding), "{path}");
        }
    }
}
