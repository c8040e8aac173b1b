//! Pages of resources and the query that asks for one.

use serde::{Deserialize, Serialize};

/// One page of a list. `next_token` is empty on the last page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next_token: String,
}

impl<T> Page<T> {
    /// The same page with every item turned into something else.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), next_token: self.next_token }
    }
}

/// Which page of an alphabetical list is wanted (`fc-api.md` 1.7).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ListQuery {
    /// Only names that begin with this; empty means all.
    pub prefix: String,
    /// First name to return, inclusive; ignored when `next_token` is given.
    pub start_key: String,
    /// Token of an earlier page: the name that the page begins with. Empty means the first page.
    pub next_token: String,
    /// Rows wanted; 0 means the default. Clamped to the most allowed.
    pub limit: u32,
}

impl ListQuery {
    /// Rows to return, within the limits.
    pub fn rows(&self) -> u32 {
        match self.limit {
            0 => crate::limits::PAGE_ROWS_DEFAULT,
            n => n.min(crate::limits::PAGE_ROWS_MAX),
        }
    }

    /// The name that the page begins with, inclusive.
    pub fn start(&self) -> &str {
        if self.next_token.is_empty() { &self.start_key } else { &self.next_token }
    }
}
