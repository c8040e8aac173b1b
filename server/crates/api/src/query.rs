//! Query strings: decoded once, for the signature and for the operations.

use percent_encoding::percent_decode_str;

/// A query string as decoded pairs in wire order; `+` is a space, as one of the SDKs writes it (`fc-api.md` 2.2).
pub(crate) fn decode(query: &str) -> Vec<(String, String)> {
    let text = |raw: &str| percent_decode_str(&raw.replace('+', " ")).decode_utf8_lossy().into_owned();
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (text(name), text(value))
        })
        .collect()
}

/// The value of the first pair of this name that is not empty; SDKs send unset values as empty ones.
pub(crate) fn value<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(given, value)| given == name && !value.is_empty()).map(|(_, value)| value.as_str())
}
