//! The executor of one life of a server: whether an instance is had, and how an attempt ends, is the simulation's choice.

use crate::stage::{Life, Stage};
use async_trait::async_trait;
use engine::ports::{AcquireError, End, Executor, Fleet, Instance, Invocation, Outcome};
use model::{Function, InstalledRuntime, InstanceId, Language, Qualifier, RuntimeName};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// What becomes of a wait for an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    Ready,
    Exhausted,
    Broken,
    Platform,
}

/// How an attempt ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    Ok,
    Error,
    Platform,
    /// Only after a stop was asked for.
    Stopped,
}

pub struct SimExecutor {
    pub stage: Arc<Stage>,
    pub life: Life,
}

impl Fleet for SimExecutor {}

#[async_trait]
impl Executor for SimExecutor {
    async fn acquire(&self, invocation: &Invocation, stop: &CancellationToken) -> Result<Box<dyn Instance>, AcquireError> {
        match self.stage.acquire(self.life, &invocation.request_id, stop).await {
            Start::Ready => {
                let id = InstanceId::from_stored(format!("c-{}-{}", self.life.0, invocation.request_id));
                Ok(Box::new(SimInstance { id, stage: self.stage.clone(), life: self.life }))
            }
            Start::Exhausted => Err(AcquireError::Exhausted),
            Start::Broken => {
                Err(AcquireError::FunctionError { kind: "UnhandledInvocationError", body: b"{}".to_vec(), log_tail: String::new() })
            }
            Start::Platform => Err(AcquireError::Platform("simulated".to_owned())),
        }
    }

    fn reserve(&self, _: &Function, _: &Qualifier, count: usize) -> Vec<Box<dyn Instance>> {
        let instance = |id| -> Box<dyn Instance> { Box::new(SimInstance { id, stage: self.stage.clone(), life: self.life }) };
        self.stage.reserve(self.life, count).into_iter().map(instance).collect()
    }

    fn flows(&self, _: &Function, _: &Qualifier) -> bool {
        self.stage.flows()
    }

    fn runtimes(&self) -> Vec<InstalledRuntime> {
        let name = RuntimeName::from_stored("python3");
        vec![InstalledRuntime { name, language: Language::Python, interpreter: Some("3.11.0".to_owned()), exact: true }]
    }

    async fn shutdown(&self) {}
}

struct SimInstance {
    id: InstanceId,
    stage: Arc<Stage>,
    life: Life,
}

#[async_trait]
impl Instance for SimInstance {
    fn id(&self) -> &InstanceId {
        &self.id
    }

    async fn run(self: Box<Self>, invocation: Invocation, stop: CancellationToken) -> Outcome {
        let end = match self.stage.run(self.life, &invocation.request_id, &stop).await {
            Finish::Ok if stop.is_cancelled() => End::Stopped { ended_by_itself: true },
            Finish::Ok => End::Succeeded { result: b"done".to_vec() },
            Finish::Error => End::FunctionError { kind: "HandledInvocationError", body: b"{}".to_vec() },
            Finish::Platform => End::PlatformError { message: "simulated".to_owned() },
            Finish::Stopped => End::Stopped { ended_by_itself: false },
        };
        Outcome { end, duration_ms: 1, log_tail: String::new() }
    }
}
