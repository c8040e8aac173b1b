//! Which tasks are meant, in the user's words: those of [`BulkFilter::words`] in English, which the engine keeps.

use crate::language::words;
use crate::zone;
use model::{BulkFilter, BulkScope, TaskFilter, TaskStatus};

/// Whose tasks, in words.
pub(crate) fn scope_words(scope: &BulkScope) -> String {
    match scope.names() {
        ("", "") => t!("all functions").to_owned(),
        (service, "") => t!("service {name}", name = service),
        ("", function) => t!("functions named {name}", name = function),
        (_, function) => t!("function {name}", name = function),
    }
}

/// The filter in words.
pub(crate) fn filter_words(filter: &BulkFilter, scope: &BulkScope) -> String {
    let TaskFilter { qualifier, statuses, id_prefix, started_from, started_to, .. } = &filter.tasks;
    let mut parts = vec![scope_words(scope)];
    match filter.chosen_count() {
        0 => {}
        1 => parts.push(t!("1 task chosen").to_owned()),
        n => parts.push(t!("{n} tasks chosen", n)),
    }
    parts.extend(status_words(statuses));
    if !id_prefix.is_empty() {
        parts.push(t!("ID begins with {prefix}", prefix = id_prefix));
    }
    parts.extend(qualifier.as_ref().map(|qualifier| t!("qualifier {qualifier}", qualifier)));
    parts.extend(started_from.map(|at| t!("started from {time}", time = zone::in_words(at))));
    parts.extend(started_to.map(|at| t!("started up to {time}", time = zone::in_words(at))));
    parts.extend(filter.error_kind.as_ref().map(|kind| match kind.as_str() {
        "" => t!("no error kind").to_owned(),
        kind => t!("error {kind}", kind),
    }));
    parts.extend(filter.ended_after.map(|at| t!("ended after {time}", time = zone::in_words(at))));
    parts.into_iter().reduce(|parts, part| t!("{parts}, {part}", parts, part)).unwrap_or_default()
}

fn status_words(statuses: &[TaskStatus]) -> Option<String> {
    let (last, rest) = statuses.split_last()?;
    let last = words(last.as_str());
    let rest: Vec<&str> = rest.iter().map(|status| words(status.as_str())).collect();
    Some(match rest.is_empty() {
        true => t!("status {last}", last),
        false => t!("status {rest} or {last}", rest = rest.join(t!(", ")), last),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Qualifier, Region, TaskId, UnixMillis};

    #[test]
    fn b03_the_words_are_the_engine_s() {
        let named = |service: &str, function: &str| BulkScope::named(Region::from_stored("r"), service, function);
        for scope in [named("", ""), named("s", ""), named("", "f"), named("s", "f")] {
            assert_eq!(scope_words(&scope), scope.words());
        }
        let function = named("s", "f");
        let check = |filter: BulkFilter| assert_eq!(filter_words(&filter, &function), filter.words(&function));
        let id = TaskId::from_stored("a");
        check(BulkFilter::default());
        check(BulkFilter { ids: vec![id.clone()], error_kind: Some(String::new()), ..BulkFilter::default() });
        let tasks = TaskFilter {
            qualifier: Some(Qualifier::from_stored("prod")),
            statuses: vec![TaskStatus::Failed],
            id_prefix: "job".to_owned(),
            started_from: Some(UnixMillis(1)),
            started_to: Some(UnixMillis(2)),
            ..TaskFilter::default()
        };
        let (error_kind, ended_after) = (Some("WorkerLost".to_owned()), Some(UnixMillis(3)));
        let chosen = function.only().map(|function| function.task(id.clone())).into_iter().collect();
        check(BulkFilter { tasks, error_kind, ended_after, ids: vec![id], chosen });
        let tasks = TaskFilter { statuses: TaskStatus::ALL.to_vec(), ..TaskFilter::default() };
        check(BulkFilter { tasks, ..BulkFilter::default() });
    }
}
