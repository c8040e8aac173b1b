use crate::error::{ConsoleError, Result};
use crate::ui::ChartData;
use leptos::prelude::*;
use model::{FunctionRef, Region, TaskRef, TaskStatus, UnixMillis};
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

/// What a part of the page shows, or why that can't be read at the moment.
pub type Part<T> = std::result::Result<T, ConsoleError>;

/// Name, value, and what the hover tells.
pub type Tile = (String, String, String);

/// What the page shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OverviewView {
    /// The window, in minutes before now.
    pub minutes: i64,
    /// There is no function, and nothing was done in the window either.
    pub is_empty: bool,
    /// What was counted in the window.
    pub counted: Part<Counted>,
    pub tasks: Part<Tasks>,
    pub slowest: Part<Vec<Slow>>,
    pub failures: Part<Vec<Failure>>,
}

/// What was counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Counted {
    pub tiles: Vec<Tile>,
    pub chart: ChartData,
}

/// The tasks there are now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tasks {
    pub tiles: Vec<Tile>,
    pub states: Vec<(TaskStatus, u64)>,
}

/// A function and how long its executions took, in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slow {
    pub function: FunctionRef,
    pub invocations: u64,
    pub failed: u64,
    pub p50: u64,
    pub p90: u64,
    pub max: u64,
}

/// A task that did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub task: TaskRef,
    pub status: TaskStatus,
    pub at: Option<UnixMillis>,
    /// Kind of its error.
    pub error: String,
}

/// The region as it is now, and what was counted in the window that the page's query string asks for.
#[server(input = Json)]
pub async fn read_overview(region: Region, search: String) -> Result<OverviewView> {
    super::read::read(region, &search).await
}
