//! What a server counts of its functions, minute by minute (`console.md` C-79), and the part of the port that reads it.
//!
//! Everything is counted when it is over: an attempt at its end, a call with its answer. The minute is that of the server's clock.

mod histogram;
mod window;

pub use histogram::Histogram;
pub use window::MetricWindow;

use crate::{FunctionRef, Qualifier, QueueScope, Region, Result, StateCounts, UnixMillis};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

macro_rules! figures {
    ($( $(#[doc = $doc:literal])* $name:ident; )*) => {
        /// What was counted in some time. A figure that is zero is not stored, and one that an older release did not count reads as zero.
        #[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
        #[serde(default)]
        pub struct Figures {
            $( $(#[doc = $doc])* #[serde(skip_serializing_if = "is_zero")] pub $name: u64, )*
            /// How long executions took, in milliseconds.
            #[serde(skip_serializing_if = "Histogram::is_empty")]
            pub duration: Histogram,
            /// How long due asynchronous invocations had waited when they were taken from the queue for the first time, in milliseconds.
            #[serde(skip_serializing_if = "Histogram::is_empty")]
            pub wait: Histogram,
        }

        impl Figures {
            /// Adds what was counted in another time, or by another server.
            pub fn add(&mut self, other: &Self) {
                $( self.$name = self.$name.saturating_add(other.$name); )*
                self.duration.add(&other.duration);
                self.wait.add(&other.wait);
            }
        }
    };
}

figures! {
    /// Attempts of asynchronous invocations that began, or could not begin through a fault of function or platform, and synchronous calls
    /// that were not refused. Accepting an asynchronous invocation is none.
    invocations;
    /// Invocations that ended in an error of the function: a raised error, its time limit, an instance that did not come up, an asynchronous
    /// request that was answered with a status from 400 on.
    function_errors;
    /// Invocations that the platform failed: a lost instance, one that could not be started, a server that ended.
    server_errors;
    /// Synchronous calls whose caller went away before they were answered.
    client_errors;
    /// Calls refused, and attempts put off, because as many instances were busy as may be.
    throttles;
    /// Asynchronous invocations accepted.
    enqueued;
    /// Asynchronous invocations taken from the queue for the first time.
    processed;
    /// Asynchronous invocations dropped because they had waited longer than allowed.
    expired;
    /// Outcomes that a destination has taken.
    delivered;
    /// Outcomes that were given up after the last try.
    undelivered;
    /// Answers of HTTP functions with a status below 300.
    http_2xx;
    /// Answers of HTTP functions with a status from 300 to 399.
    http_3xx;
    /// Answers of HTTP functions with a status from 400 to 499.
    http_4xx;
    /// Answers of HTTP functions with a status from 500 on.
    http_5xx;
}

fn is_zero(figure: &u64) -> bool {
    *figure == 0
}

impl Figures {
    /// Invocations that ended in an error, whoever's it was.
    pub fn errors(&self) -> u64 {
        self.function_errors.saturating_add(self.server_errors).saturating_add(self.client_errors)
    }

    /// Invocations without an error in thousandths of all; `None` when there were none.
    pub fn success_per_mille(&self) -> Option<u64> {
        let good = self.invocations.saturating_sub(self.errors());
        good.saturating_mul(1_000).checked_div(self.invocations)
    }

    /// Counts an answer of an HTTP function.
    pub fn answered(&mut self, status: u16) {
        let figure = match status {
            ..300 => &mut self.http_2xx,
            300..400 => &mut self.http_3xx,
            400..500 => &mut self.http_4xx,
            _ => &mut self.http_5xx,
        };
        *figure = figure.saturating_add(1);
    }
}

/// Whose figures are meant.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MetricScope {
    /// All functions of the region together.
    Region(Region),
    /// One function, under one qualifier or under all together.
    Function(FunctionRef, Option<Qualifier>),
}

/// The figures from an instant on, until the next point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricPoint {
    pub at: UnixMillis,
    pub figures: Figures,
}

/// The figures of a window, point by point and together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metrics {
    /// The window that was asked for, moved out to whole points.
    pub window: MetricWindow,
    /// Milliseconds between two points.
    pub step_ms: i64,
    /// Every point of the window in order, also those with nothing in them.
    pub points: Vec<MetricPoint>,
    pub total: Figures,
}

/// What waits now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Backlog {
    /// Tasks by state, exact.
    pub counts: StateCounts,
    /// Since when the asynchronous invocation is due that has been due longest and that nobody has in hand.
    pub oldest_due: Option<UnixMillis>,
}

/// The part of [`crate::ControlPlane`] that tells what was counted.
///
/// A server has what it counted itself stored before it reads; what the others counted is there when their minute is over. A server that is
/// killed loses what it counted since it stored last, at most a minute.
#[async_trait]
pub trait MetricControl: Send + Sync {
    /// What was counted in a window. Errors: `InvalidArgument` for a window that [`MetricWindow::check`] refuses.
    async fn metrics(&self, scope: &MetricScope, window: MetricWindow) -> Result<Metrics>;

    /// What was counted of each function of the region in a window, by service and name; windows of more than some hours begin with a whole
    /// hour. Errors: as `metrics`.
    async fn metrics_by_function(&self, region: &Region, window: MetricWindow) -> Result<Vec<(FunctionRef, Figures)>>;

    /// What waits now.
    async fn backlog(&self, scope: &QueueScope) -> Result<Backlog>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c79_figures_add_up_and_come_back_from_their_text() {
        let mut one = Figures { invocations: 3, function_errors: 1, ..Figures::default() };
        one.duration.record(12);
        one.answered(204);
        let mut other = Figures { invocations: 5, client_errors: 2, ..Figures::default() };
        other.duration.record(70_000);
        other.wait.record(0);
        other.answered(503);
        one.add(&other);
        assert_eq!((one.invocations, one.errors(), one.http_2xx, one.http_5xx), (8, 3, 1, 1));
        assert_eq!((one.duration.count(), one.duration.max(), one.wait.count()), (2, Some(70_000), 1));
        assert_eq!(one.success_per_mille(), Some(625));
        let text = serde_json::to_string(&one).unwrap();
        assert_eq!(serde_json::from_str::<Figures>(&text).unwrap(), one, "{text}");
        assert!(!text.contains("throttles"), "zeros take no room: {text}");
    }

    #[test]
    fn c79_figures_of_other_releases_can_be_read() {
        let read: Figures = serde_json::from_str(r#"{"invocations":2,"of_a_later_release":7}"#).unwrap();
        assert_eq!(read, Figures { invocations: 2, ..Figures::default() });
        assert_eq!(serde_json::to_string(&Figures::default()).unwrap(), "{}");
        assert_eq!(Figures::default().success_per_mille(), None);
    }
}
