//! The clock of one life of a server: time moves, and a sleeper wakes, when the simulation says so.

use crate::stage::{Life, Stage};
use async_trait::async_trait;
use engine::clock::Clock;
use model::UnixMillis;
use std::sync::Arc;
use std::time::Duration;

pub struct SimClock {
    pub stage: Arc<Stage>,
    pub life: Life,
}

#[async_trait]
impl Clock for SimClock {
    fn now(&self) -> UnixMillis {
        self.stage.now()
    }

    async fn sleep(&self, length: Duration) {
        self.stage.sleep(self.life, length.as_millis() as i64).await;
    }
}
