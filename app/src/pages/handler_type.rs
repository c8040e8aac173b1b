//! Whether a function takes events or HTTP requests. That is not stored: a function with an HTTP trigger takes HTTP requests and nothing else,
//! and every other function takes events.

/// The words of a function's handler type.
pub(crate) fn label(is_http: bool) -> &'static str {
    if is_http { t!("HTTP Handler") } else { t!("Event Handler") }
}

/// The same in lists.
pub(crate) fn short(is_http: bool) -> &'static str {
    if is_http { "HTTP" } else { t!("Event") }
}

/// True for an HTTP function.
#[cfg(feature = "ssr")]
pub(crate) async fn is_http(console: &crate::server::Console, function: &model::FunctionRef) -> crate::error::Result<bool> {
    use model::{ErrorCode, ListQuery, TriggerKind};
    // They are all of the one kind or none is.
    let query = ListQuery { limit: 1, ..ListQuery::default() };
    match console.control.list_triggers(function, &query).await {
        Ok(triggers) => Ok(triggers.items.iter().any(|trigger| trigger.spec.kind == TriggerKind::Http)),
        // A version may still have one that has no triggers any more.
        Err(error) if error.code == ErrorCode::FunctionNotFound => Ok(false),
        Err(error) => Err(error.into()),
    }
}
