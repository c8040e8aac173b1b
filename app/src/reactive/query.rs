//! The query of the address.

use crate::navigation::{QueryPairs, use_location};
use leptos::prelude::*;

/// The decoded query of the page's address.
pub fn use_query() -> Memo<QueryPairs> {
    use_location().query
}
