//! The query of the address.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use leptos_router::params::ParamsMap;

/// The decoded query. The router's own `use_query_map` does not follow from one path to another below our one wildcard route.
pub fn use_query() -> Memo<ParamsMap> {
    use_location().query
}
