//! What is looked for in a whole region: tasks of whatever function (`console.md` SC-17), and names and ids (SC-27).

use crate::{FunctionRef, Region, Result, ServiceName, StateCounts, Task, TaskFilter, TaskRef};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// Which tasks of a region are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RegionTaskFilter {
    /// Name of the only service whose tasks are wanted; empty for all.
    pub service: String,
    /// Name of the only function, in whatever service; empty for all.
    pub function: String,
    /// The rest of the filter, the order and the page; its qualifier is not looked at.
    pub tasks: TaskFilter,
}

impl RegionTaskFilter {
    /// True when tasks of this function are wanted.
    pub fn wants(&self, function: &FunctionRef) -> bool {
        let is = |wanted: &str, name: &str| wanted.is_empty() || wanted == name;
        is(&self.service, function.service.as_str()) && is(&self.function, function.function.as_str())
    }
}

/// A page of the tasks of a region.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct RegionTasks {
    pub tasks: Vec<Task>,
    /// Token of the next page; empty on the last.
    pub next_token: String,
    /// Tasks of the wanted functions by state, exact, whatever else is filtered by.
    pub counts: StateCounts,
    /// The functions of the region that have tasks, by name; at most `limits::REGION_FUNCTION_NAMES_MAX`.
    pub functions: Vec<FunctionRef>,
    /// There are more functions, or more tasks whose ids begin so, than were looked at: tasks may be missing.
    pub is_partial: bool,
}

/// What bears a name or an id in a region; of each kind at most `limits::FOUND_MAX`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Found {
    /// Those whose names contain the text, whatever the case, by name.
    pub services: Vec<ServiceName>,
    /// As the services.
    pub functions: Vec<FunctionRef>,
    /// Those with exactly this id.
    pub tasks: Vec<TaskRef>,
    /// The function that has log lines of the request with exactly this id.
    pub requests: Vec<FunctionRef>,
    /// More was found than is here.
    pub is_partial: bool,
}

/// The part of [`crate::ControlPlane`] that looks into a whole region.
#[async_trait]
pub trait RegionTaskControl: Send + Sync {
    /// Lists tasks in the filter's order. The work is limited; the answer says where it was not enough.
    async fn list_region_tasks(&self, region: &Region, filter: &RegionTaskFilter) -> Result<RegionTasks>;

    /// Looks for a text among names, and for a task or request of this id. The work is limited: of very many names and functions the first
    /// `limits::SEARCH_NAMES_MAX` and the `limits::REGION_TASK_FUNCTIONS_MAX` with the latest submissions.
    async fn find_in_region(&self, region: &Region, text: &str) -> Result<Found>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FunctionName, ServiceName};

    #[test]
    fn sc17_names_are_compared_whole() {
        let function = FunctionRef {
            region: Region::from_stored("r"),
            service: ServiceName::from_stored("demo"),
            function: FunctionName::from_stored("ev-hello"),
        };
        let check = |service: &str, name: &str, wanted: bool| {
            let filter = RegionTaskFilter { service: service.to_owned(), function: name.to_owned(), ..RegionTaskFilter::default() };
            assert_eq!(filter.wants(&function), wanted, "{service}/{name}");
        };
        check("", "", true);
        check("demo", "", true);
        check("", "ev-hello", true);
        check("demo", "ev-hello", true);
        check("dem", "", false);
        check("other", "ev-hello", false);
        check("demo", "ev", false);
    }
}
