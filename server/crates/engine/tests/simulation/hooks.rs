//! The webhooks of one life of a server: whether one takes an outcome is the simulation's choice.

use crate::stage::{Life, Stage};
use async_trait::async_trait;
use engine::ports::{Webhook, WebhookCall};
use std::sync::Arc;

pub struct SimWebhook {
    pub stage: Arc<Stage>,
    pub life: Life,
}

#[async_trait]
impl Webhook for SimWebhook {
    fn check(&self, _url: &str) -> Result<(), String> {
        Ok(())
    }

    async fn post(&self, call: WebhookCall) -> Result<(), String> {
        if self.stage.hook(self.life, &call).await { Ok(()) } else { Err("simulated: it answered 500".to_owned()) }
    }
}
