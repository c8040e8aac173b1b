//! Where the palette has led to lately, as this browser remembers it.

use super::api::Hit;

/// How many are remembered.
const MOST: usize = 6;

/// The latest first.
#[cfg(feature = "hydrate")]
pub(super) fn read() -> Vec<Hit> {
    let kept = browser::storage().and_then(|storage| storage.get_item(browser::KEY).ok().flatten());
    let hits = kept.and_then(|json| crate::reactive::wire::decode::<Vec<Hit>>(&json).ok()).unwrap_or_default();
    // Another program may have written there.
    hits.into_iter().filter(|hit| hit.href.starts_with('/') && !hit.href.starts_with("//")).take(MOST).collect()
}

/// The latest first.
#[cfg(not(feature = "hydrate"))]
pub(super) fn read() -> Vec<Hit> {
    Vec::new()
}

/// Remembers one more.
#[cfg(feature = "hydrate")]
pub(super) fn add(hit: &Hit) {
    let json = crate::reactive::wire::encode(&with(read(), hit));
    if let Some(storage) = browser::storage() {
        // A full or forbidden storage forgets.
        _ = storage.set_item(browser::KEY, &json);
    }
}

/// Remembers one more.
#[cfg(not(feature = "hydrate"))]
pub(super) fn add(hit: &Hit) {
    drop(with(read(), hit));
}

/// Forgets all: where one user has been is none of the next one's business.
#[cfg(feature = "hydrate")]
pub(crate) fn forget() {
    if let Some(storage) = browser::storage() {
        _ = storage.remove_item(browser::KEY);
    }
}

/// Forgets all.
#[cfg(not(feature = "hydrate"))]
pub(crate) fn forget() {}

/// The list with this one at its beginning, and nowhere else.
fn with(mut hits: Vec<Hit>, hit: &Hit) -> Vec<Hit> {
    hits.retain(|other| other.href != hit.href);
    hits.insert(0, hit.clone());
    hits.truncate(MOST);
    hits
}

#[cfg(feature = "hydrate")]
mod browser {
    /// Where it lies in the browser's storage.
    pub(super) const KEY: &str = "taskyard-recent";

    pub(super) fn storage() -> Option<web_sys::Storage> {
        leptos::prelude::window().local_storage().ok().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::super::api::HitKind;
    use super::*;

    #[test]
    fn sc27_the_latest_comes_first_and_none_twice() {
        let hit = |n: usize| Hit { kind: HitKind::Page, words: String::new(), place: String::new(), href: format!("/{n}") };
        let hits = (0..20).chain([17]).fold(Vec::new(), |hits, n| with(hits, &hit(n)));
        let order: Vec<&str> = hits.iter().map(|hit| hit.href.as_str()).collect();
        assert_eq!(order, ["/17", "/19", "/18", "/16", "/15", "/14"]);
    }
}
