//! The console's files: inside the binary with feature `embed`, else read from the site's folder while developing.

use super::router::Web;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::hash::{DefaultHasher, Hasher};
use std::sync::Arc;

/// Folder of the files whose contents make the version in their addresses: `pkg/<version>/taskyard.js`.
const VERSIONED: &str = "pkg/";

/// Where the files are.
pub(super) struct Assets {
    files: source::Files,
}

/// A file as it is sent.
#[derive(Clone)]
pub(super) struct File {
    plain: Bytes,
    brotli: Option<Bytes>,
    gzip: Option<Bytes>,
    etag: HeaderValue,
}

impl File {
    pub(super) fn new(plain: Bytes, brotli: Option<Bytes>, gzip: Option<Bytes>) -> Self {
        let etag = HeaderValue::from_str(&format!("\"{}\"", hash([&plain]))).unwrap_or_else(|_| HeaderValue::from_static("\"\""));
        Self { plain, brotli, gzip, etag }
    }

    /// The smallest form that the browser takes.
    fn choose(&self, headers: &HeaderMap) -> (Bytes, Option<&'static str>) {
        let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let takes = |coding: &str| accepted.split(',').any(|offer| accepts(offer, coding));
        match (&self.brotli, &self.gzip) {
            (Some(bytes), _) if takes("br") => (bytes.clone(), Some("br")),
            (_, Some(bytes)) if takes("gzip") => (bytes.clone(), Some("gzip")),
            _ => (self.plain.clone(), None),
        }
    }
}

/// True when one element of `Accept-Encoding` names the coding and does not refuse it.
pub(super) fn accepts(offer: &str, coding: &str) -> bool {
    let (name, weight) = offer.split_once(';').unwrap_or((offer, "q=1"));
    let weight: f32 = weight.trim().trim_start_matches("q=").parse().unwrap_or(0.0);
    name.trim() == coding && weight > 0.0
}

impl Assets {
    /// Opens the site.
    pub(super) fn load() -> Self {
        Self { files: source::Files::open() }
    }

    /// Changes whenever script, wasm or style do.
    pub(super) fn version(&self) -> Arc<str> {
        self.files.version()
    }
}

fn hash<'a>(parts: impl IntoIterator<Item = &'a Bytes>) -> String {
    let mut hasher = DefaultHasher::new();
    for part in parts {
        hasher.write(part);
    }
    format!("{:016x}", hasher.finish())
}

/// Answers requests for files; everything else goes on.
pub(super) async fn serve(State(web): State<Arc<Web>>, request: Request, next: Next) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    let kind = content_type(path);
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let (Some(kind), true) = (kind, reads) else { return next.run(request).await };
    let (path, is_versioned) = match without_version(path, &web.assets.version()) {
        Some(path) => (path, true),
        None => (path.to_owned(), false),
    };
    let Some(file) = web.assets.files.get(&path) else { return next.run(request).await };
    send(&file, kind, is_versioned && source::IS_FIXED, request.headers())
}

/// The file's path in the site, when its address names the present version.
fn without_version(path: &str, version: &str) -> Option<String> {
    let name = path.strip_prefix(VERSIONED)?.strip_prefix(version)?.strip_prefix('/')?;
    Some(format!("{VERSIONED}{name}"))
}

/// Sends a file in the form that the browser takes; `lasting` where its address names its version.
pub(super) fn send(file: &File, kind: &'static str, lasting: bool, headers: &HeaderMap) -> Response {
    let caching = if lasting { "public, max-age=31536000, immutable" } else { "no-cache" };
    let (body, coding) = file.choose(headers);
    let mut response = if headers.get(header::IF_NONE_MATCH) == Some(&file.etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        body.into_response()
    };
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    out.insert(header::ETAG, file.etag.clone());
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(coding) = coding {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    response
}

/// The kinds of file that a site has; `None` for what is no file of ours.
fn content_type(path: &str) -> Option<&'static str> {
    Some(match path.rsplit_once('.')?.1 {
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => return None,
    })
}

#[cfg(feature = "embed")]
mod source {
    use super::{Bytes, File, VERSIONED, hash};
    use rust_embed::RustEmbed;
    use std::borrow::Cow;
    use std::collections::HashMap;
    use std::sync::Arc;

    /// The files can't change while the server runs.
    pub(super) const IS_FIXED: bool = true;

    #[derive(RustEmbed)]
    #[folder = "../target/site"]
    struct Site;

    pub(super) struct Files {
        files: HashMap<String, File>,
        version: Arc<str>,
    }

    fn bytes(path: &str) -> Option<Bytes> {
        Site::get(path).map(|file| match file.data {
            Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            Cow::Owned(bytes) => Bytes::from(bytes),
        })
    }

    impl Files {
        pub(super) fn open() -> Self {
            let files: HashMap<String, File> = Site::iter()
                .filter(|path| !path.ends_with(".br") && !path.ends_with(".gz"))
                .filter_map(|path| {
                    let file = File::new(bytes(&path)?, bytes(&format!("{path}.br")), bytes(&format!("{path}.gz")));
                    Some((path.into_owned(), file))
                })
                .collect();
            let mut versioned: Vec<(&String, &File)> = files.iter().filter(|(path, _)| path.starts_with(VERSIONED)).collect();
            versioned.sort_unstable_by_key(|(path, _)| *path);
            let version = hash(versioned.into_iter().map(|(_, file)| &file.plain));
            Self { files, version: version.into() }
        }

        pub(super) fn get(&self, path: &str) -> Option<File> {
            self.files.get(path).cloned()
        }

        pub(super) fn version(&self) -> Arc<str> {
            self.version.clone()
        }
    }
}

#[cfg(not(feature = "embed"))]
mod source {
    use super::{Bytes, File, VERSIONED, hash};
    use std::path::PathBuf;
    use std::sync::Arc;

    /// The files are built anew while the server runs.
    pub(super) const IS_FIXED: bool = false;

    pub(super) struct Files {
        root: PathBuf,
    }

    impl Files {
        /// cargo-leptos names the folder while it watches.
        pub(super) fn open() -> Self {
            Self { root: std::env::var_os("LEPTOS_SITE_ROOT").map_or_else(|| PathBuf::from("target/site"), PathBuf::from) }
        }

        fn read(&self, path: &str) -> Option<Bytes> {
            let is_plain = path.split('/').all(|part| !part.is_empty() && !part.starts_with('.'));
            std::fs::read(self.root.join(path)).ok().filter(|_| is_plain).map(Bytes::from)
        }

        pub(super) fn get(&self, path: &str) -> Option<File> {
            Some(File::new(self.read(path)?, self.read(&format!("{path}.br")), self.read(&format!("{path}.gz"))))
        }

        pub(super) fn version(&self) -> Arc<str> {
            let entries = std::fs::read_dir(self.root.join(VERSIONED)).into_iter().flatten().flatten();
            let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
            paths.sort_unstable();
            let parts: Vec<Bytes> = paths.into_iter().filter_map(|path| std::fs::read(path).ok()).map(Bytes::from).collect();
            hash(&parts).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_present_version_is_taken_out_of_an_address() {
        let check = |address: &str, path: Option<&str>| assert_eq!(without_version(address, "0f").as_deref(), path, "{address}");
        check("pkg/0f/taskyard.js", Some("pkg/taskyard.js"));
        check("pkg/0e/taskyard.js", None);
        check("pkg/taskyard.js", None);
        check("fonts/0f/inter.woff2", None);
    }

    #[test]
    fn the_smallest_accepted_form_is_sent() {
        let file = File::new(Bytes::from_static(b"plain"), Some(Bytes::from_static(b"br")), Some(Bytes::from_static(b"gz")));
        let check = |accepted: &'static str, coding: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(accepted));
            assert_eq!(file.choose(&headers).1, coding, "{accepted}");
        };
        check("gzip, deflate, br, zstd", Some("br"));
        check("gzip", Some("gzip"));
        check("br;q=0, gzip;q=0.5", Some("gzip"));
        check("br;q=1.0", Some("br"));
        check("gzip;q=0.000", None);
        check("", None);
    }
}
