//! Bulk actions: many tasks, of a function or of a region, are stopped or executed again by one request, in the background (`console.md` B-03,
//! SC-24).

use crate::{
    BulkScope, FunctionName, FunctionRef, Page, Region, Result, ServiceName, Task, TaskFilter, TaskId, TaskRef, TaskStatus, UnixMillis,
    format,
};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[doc = $doc:literal])* $name:ident { $( $(#[doc = $of:literal])* $variant:ident, )* }) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name { $( $(#[doc = $of])* $variant, )* }

        impl $name {
            /// Every one.
            pub const ALL: &'static [$name] = &[ $( $name::$variant, )* ];

            /// The word in the store, in addresses and in files.
            pub fn as_str(self) -> &'static str {
                match self { $( $name::$variant => stringify!($variant), )* }
            }

            /// Reads the word.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|found| found.as_str() == word)
            }
        }
    };
}

words! {
    /// What is done to each task.
    BulkAction {
        Stop,
        Reexecute,
    }
}

words! {
    /// How far a bulk action is.
    BulkState {
        /// The tasks are looked for.
        Collecting,
        Running,
        /// Every task has an outcome.
        Done,
        /// Somebody ended it before that.
        Stopped,
    }
}

words! {
    /// What came of one task.
    BulkOutcome {
        Done,
        /// It was tried and refused; it may go well another time.
        Failed,
        /// There was nothing to do, or it can't be done to this task.
        Skipped,
    }
}

impl BulkAction {
    /// The word for people.
    pub fn label(self) -> &'static str {
        match self {
            BulkAction::Stop => "Stop",
            BulkAction::Reexecute => "Re-execute",
        }
    }

    /// True when it can be done to a task in this state.
    pub fn applies_to(self, status: TaskStatus) -> bool {
        match self {
            BulkAction::Stop => status.stop_refusal().is_none(),
            BulkAction::Reexecute => status.reexecute_refusal().is_none(),
        }
    }

    /// Of these states (none means all) those in which it can be done.
    pub fn states(self, wanted: &[TaskStatus]) -> Vec<TaskStatus> {
        let is_wanted = |status: &TaskStatus| wanted.is_empty() || wanted.contains(status);
        TaskStatus::ALL.into_iter().filter(|status| is_wanted(status) && self.applies_to(*status)).collect()
    }
}

impl BulkState {
    /// True while there is something to do.
    pub fn is_active(self) -> bool {
        matches!(self, BulkState::Collecting | BulkState::Running)
    }
}

/// Which tasks of a scope are meant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BulkFilter {
    /// States, beginning of the id, qualifier and times; order, page and what else it says are not looked at.
    pub tasks: TaskFilter,
    /// Only tasks with an error of this kind.
    pub error_kind: Option<String>,
    /// Only tasks that ended after this.
    pub ended_after: Option<UnixMillis>,
    /// Only tasks with these ids; empty means any.
    pub ids: Vec<TaskId>,
    /// Only these tasks, where they are of several functions; empty means any.
    #[serde(default)]
    pub chosen: Vec<TaskRef>,
}

/// Stands for the error kind of tasks that have none, in addresses.
const NO_KIND: &str = "none";

impl BulkFilter {
    /// Reads what `TaskFilter` does not know of decoded query pairs: `id` and `task` (may be repeated), `errorKind`, `endedAfter`.
    pub fn parse<'a>(tasks: TaskFilter, region: &Region, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut filter = Self { tasks, ..Self::default() };
        for (name, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
            match name {
                "id" => filter.ids.push(TaskId::from_stored(value)),
                "task" => filter.chosen.extend(read_task(region, value)),
                "errorKind" => filter.error_kind = Some(if value == NO_KIND { String::new() } else { value.to_owned() }),
                "endedAfter" => filter.ended_after = value.parse().ok().map(UnixMillis),
                _ => {}
            }
        }
        filter
    }

    /// Prints what `parse` reads.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let ids = self.ids.iter().map(|id| ("id", id.to_string()));
        let chosen = self.chosen.iter().map(|task| ("task", print_task(&task.function, &task.id)));
        let kind = self.error_kind.as_ref().map(|kind| ("errorKind", if kind.is_empty() { NO_KIND.to_owned() } else { kind.clone() }));
        ids.chain(chosen).chain(kind).chain(self.ended_after.map(|at| ("endedAfter", at.0.to_string()))).collect()
    }

    /// Tasks chosen one by one; 0 where none are.
    pub fn chosen_count(&self) -> usize {
        self.ids.len() + self.chosen.len()
    }

    /// The filter in words, as a confirmation and a record have it.
    pub fn words(&self, scope: &BulkScope) -> String {
        let TaskFilter { qualifier, statuses, id_prefix, started_from, started_to, .. } = &self.tasks;
        let mut parts = vec![scope.words()];
        match self.chosen_count() {
            0 => {}
            1 => parts.push("1 task chosen".to_owned()),
            n => parts.push(format!("{n} tasks chosen")),
        }
        if let [rest @ .., last] = statuses.as_slice() {
            let rest: Vec<&str> = rest.iter().map(|status| status.as_str()).collect();
            parts.push(if rest.is_empty() { format!("status {last}") } else { format!("status {} or {last}", rest.join(", ")) });
        }
        if !id_prefix.is_empty() {
            parts.push(format!("ID begins with {id_prefix}"));
        }
        parts.extend(qualifier.as_ref().map(|qualifier| format!("qualifier {qualifier}")));
        parts.extend(started_from.map(|at| format!("started from {}", utc(at))));
        parts.extend(started_to.map(|at| format!("started up to {}", utc(at))));
        parts.extend(
            self.error_kind.as_ref().map(|kind| if kind.is_empty() { "no error kind".to_owned() } else { format!("error {kind}") }),
        );
        parts.extend(self.ended_after.map(|at| format!("ended after {}", utc(at))));
        parts.join(", ")
    }
}

/// A task of a region in an address: `service/function/id`.
pub fn print_task(function: &FunctionRef, id: &TaskId) -> String {
    format!("{}/{}/{id}", function.service, function.function)
}

/// Reads what [`print_task`] prints; an id may have more slashes.
fn read_task(region: &Region, text: &str) -> Option<TaskRef> {
    let mut parts = text.splitn(3, '/');
    let (service, function, id) = (parts.next()?, parts.next()?, parts.next()?);
    let (service, function) = (ServiceName::from_stored(service), FunctionName::from_stored(function));
    Some(FunctionRef { region: region.clone(), service, function }.task(TaskId::from_stored(id)))
}

fn utc(at: UnixMillis) -> String {
    format!("{} UTC", format::utc_seconds(at))
}

/// What a bulk action would do.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkPreview {
    /// Tasks that match now; at most `limits::BULK_TASKS_MAX`.
    pub count: u64,
    /// Of these, requests to HTTP functions: they can't be executed again and are skipped.
    pub http: u64,
    /// There may be more: more tasks match than one action takes, or too many have to be looked at to say.
    pub is_partial: bool,
    /// Tasks that are submitted from now on are not meant by an action that names this.
    pub until: i64,
    /// The first few.
    pub samples: Vec<Task>,
}

/// A bulk action to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkRequest {
    pub scope: BulkScope,
    pub action: BulkAction,
    pub filter: BulkFilter,
    /// What the preview said.
    pub until: i64,
}

/// A bulk action and how far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bulk {
    pub id: String,
    pub scope: BulkScope,
    pub action: BulkAction,
    /// As it was when the action was confirmed; only states in which the action can be done.
    pub filter: BulkFilter,
    /// The action whose failures this one tries again.
    pub retry_of: Option<String>,
    pub user: String,
    pub created_at: UnixMillis,
    pub ended_at: Option<UnixMillis>,
    pub state: BulkState,
    /// Who ended it early; empty for nobody.
    pub stopped_by: String,
    /// Tasks found, and what came of them.
    pub total: u64,
    pub done: u64,
    pub failed: u64,
    pub skipped: u64,
}

impl Bulk {
    /// Tasks that have an outcome.
    pub fn ended(&self) -> u64 {
        self.done + self.failed + self.skipped
    }

    /// What it does, in words: `Stop 1,204 tasks`.
    pub fn title(&self) -> String {
        format!("{} {} {}", self.action.label(), format::count(self.total), if self.total == 1 { "task" } else { "tasks" })
    }

    /// Which tasks, in words.
    pub fn words(&self) -> String {
        match &self.retry_of {
            Some(id) => format!("{}, failures of bulk action {id}", self.scope.words()),
            None => format!("{}, submitted before {}", self.filter.words(&self.scope), utc(self.created_at)),
        }
    }
}

/// A task of a bulk action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkItem {
    pub task: TaskRef,
    /// `None` while it waits.
    pub outcome: Option<BulkOutcome>,
    /// Why it was skipped or failed; empty otherwise.
    pub reason: String,
    /// The task of the same function that executes it again.
    pub new_task: Option<TaskId>,
}

/// Which tasks of a bulk action are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BulkItemQuery {
    /// Only those with this outcome.
    pub outcome: Option<BulkOutcome>,
    /// Token of an earlier page.
    pub next_token: String,
    /// Rows wanted; 0 means the default. Clamped to the most allowed.
    pub limit: u32,
}

impl BulkItemQuery {
    /// Rows to return, within the limits.
    pub fn rows(&self) -> u32 {
        match self.limit {
            0 => crate::limits::TASK_PAGE_ROWS_DEFAULT,
            n => n.min(crate::limits::BULK_PAGE_ROWS_MAX),
        }
    }

    /// The row that the page begins after. Errors: `InvalidArgument` for a token of another form.
    pub fn after(&self) -> Result<Option<i64>> {
        if self.next_token.is_empty() {
            return Ok(None);
        }
        let read = self.next_token.parse().map(Some);
        read.map_err(|_| crate::Error::invalid("NextToken is set to an invalid value: this page link has expired"))
    }
}

/// The part of [`crate::ControlPlane`] that is about many tasks at once.
#[async_trait]
pub trait BulkControl: Send + Sync {
    /// What an action on these tasks would do now. The work of one call is limited; where it is not enough, the answer says so.
    async fn preview_bulk(&self, scope: &BulkScope, action: BulkAction, filter: &BulkFilter) -> Result<BulkPreview>;

    /// Begins an action; it is durable when this returns and goes on by itself, whatever server ends meanwhile. No task is touched that was
    /// submitted after the preview, and none twice.
    ///
    /// Errors: `InvalidArgument` when no task matches.
    async fn create_bulk(&self, request: BulkRequest, user: &str) -> Result<Bulk>;

    /// Errors: `BulkActionNotFound`.
    async fn get_bulk(&self, region: &Region, id: &str) -> Result<Bulk>;

    /// The latest actions of a region, the newest first, at most `limits::BULK_LIST_MAX`.
    async fn list_bulks(&self, region: &Region) -> Result<Vec<Bulk>>;

    /// The tasks of an action in the order of their submission. Errors: `BulkActionNotFound`.
    async fn list_bulk_items(&self, region: &Region, id: &str, query: &BulkItemQuery) -> Result<Page<BulkItem>>;

    /// Ends an action: tasks that were not reached yet stay as they are. One that has ended stays as it is.
    ///
    /// Errors: `BulkActionNotFound`.
    async fn stop_bulk(&self, region: &Region, id: &str, user: &str) -> Result<Bulk>;

    /// Begins an action on the tasks that failed in this one. Errors: `BulkActionNotFound`; `InvalidArgument` while it goes on, and when
    /// none has failed.
    async fn retry_bulk(&self, region: &Region, id: &str, user: &str) -> Result<Bulk>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Qualifier;

    fn region() -> Region {
        Region::from_stored("r")
    }

    #[test]
    fn c75_an_action_is_for_states_in_which_it_can_be_done() {
        use TaskStatus::*;
        assert_eq!(BulkAction::Stop.states(&[]), [Enqueued, Processed, Running, Retrying]);
        assert_eq!(BulkAction::Reexecute.states(&[]), [Succeeded, Failed, Expired, Invalid, Stopped]);
        assert_eq!(BulkAction::Stop.states(&[Failed, Running]), [Running]);
        assert_eq!(BulkAction::Reexecute.states(&[Running]), []);
    }

    #[test]
    fn b03_a_filter_is_said_in_words() {
        let scope = BulkScope::named(region(), "demo", "ev-hello");
        let check = |filter: BulkFilter, words: &str| assert_eq!(filter.words(&scope), words);
        check(BulkFilter::default(), "function ev-hello");
        let tasks = TaskFilter {
            statuses: vec![TaskStatus::Enqueued, TaskStatus::Running, TaskStatus::Retrying],
            id_prefix: "job-".to_owned(),
            qualifier: Some(Qualifier::latest()),
            started_from: Some(UnixMillis(1_795_521_665_000)),
            ..TaskFilter::default()
        };
        let words = "function ev-hello, status Enqueued, Running or Retrying, ID begins with job-, qualifier LATEST, \
                     started from 2026-11-24 12:01:05 UTC";
        check(BulkFilter { tasks, ..BulkFilter::default() }, words);
        let chosen = BulkFilter { ids: vec![TaskId::from_stored("a")], error_kind: Some(String::new()), ..BulkFilter::default() };
        check(chosen, "function ev-hello, 1 task chosen, no error kind");
    }

    #[test]
    fn b03_what_is_meant_stands_in_an_address() {
        let filters = [
            BulkFilter::default(),
            BulkFilter { error_kind: Some(String::new()), ..BulkFilter::default() },
            BulkFilter {
                error_kind: Some("HandledInvocationError".to_owned()),
                ended_after: Some(UnixMillis(7)),
                ids: vec![TaskId::from_stored("a"), TaskId::from_stored("b")],
                ..BulkFilter::default()
            },
            BulkFilter { chosen: read_task(&region(), "demo/ev-hello/a/b").into_iter().collect(), ..BulkFilter::default() },
        ];
        for filter in &filters {
            let pairs = filter.pairs();
            let read = BulkFilter::parse(TaskFilter::default(), &region(), pairs.iter().map(|(name, value)| (*name, value.as_str())));
            assert_eq!(read, *filter);
        }
        assert_eq!((read_task(&region(), "demo/ev-hello"), filters.last().unwrap().chosen_count()), (None, 1));
    }

    #[test]
    fn b03_filters_of_actions_on_one_function_are_read_as_they_were_kept() {
        let kept = serde_json::to_value(BulkFilter::default()).unwrap();
        let mut old = kept.clone();
        old.as_object_mut().unwrap().remove("chosen");
        assert_ne!(old, kept);
        assert_eq!(serde_json::from_value::<BulkFilter>(old).unwrap(), BulkFilter::default());
    }
}
