//! Instances: which there are, and commands in them, wherever they live.

use crate::engine::{Core, Engine};
use crate::nodes::{in_time, others};
use crate::ports::{Node, PeerHost, Peers, no_instance};
use async_trait::async_trait;
use futures::future::join_all;
use model::{Error, ErrorCode, ExecRequest, ExecSession, FunctionRef, InstanceId, InstanceInfo, Qualifier, Region, Result, limits};
use std::sync::Arc;

/// Whose instances are asked for.
#[derive(Clone, Copy)]
enum Whose<'a> {
    Function(&'a FunctionRef),
    Region(&'a Region),
}

impl Core {
    pub(crate) async fn list_instances(&self, function: &FunctionRef, qualifier: Option<&Qualifier>) -> Result<Vec<InstanceInfo>> {
        self.function_at(function, qualifier.unwrap_or(&Qualifier::latest())).await?;
        let mut found = self.all_instances(Whose::Function(function)).await;
        found.retain(|instance| qualifier.is_none_or(|qualifier| instance.qualifier == *qualifier));
        sort(&mut found);
        Ok(found)
    }

    pub(crate) async fn region_instances(&self, region: &Region) -> Result<Vec<InstanceInfo>> {
        self.check_region(region)?;
        let mut found = self.all_instances(Whose::Region(region)).await;
        sort(&mut found);
        found.truncate(limits::REGION_INSTANCES_SHOWN_MAX);
        Ok(found)
    }

    pub(crate) async fn get_instance(&self, function: &FunctionRef, instance: &InstanceId) -> Result<InstanceInfo> {
        let is_it = |found: &InstanceInfo| found.id == *instance;
        if let Some(found) = self.own_instances(Whose::Function(function)).await.into_iter().find(is_it) {
            return Ok(found);
        }
        self.all_instances(Whose::Function(function)).await.into_iter().find(is_it).ok_or_else(|| no_instance(instance))
    }

    pub(crate) async fn exec(&self, function: &FunctionRef, instance: &InstanceId, request: ExecRequest) -> Result<ExecSession> {
        request.validate()?;
        tracing::info!(
            audit = "exec",
            user = request.user,
            function = %function,
            instance.id = %instance,
            command = ?request.command,
            tty = request.tty,
            "log-on to an instance"
        );
        let session = match self.executor.exec(function, instance, request.clone()).await {
            Err(error) if error.code == ErrorCode::InstanceNotFound => {
                self.exec_elsewhere(function, instance, &request).await.unwrap_or(Err(error))
            }
            session => session,
        };
        if let Err(refusal) = &session {
            let code = refusal.code;
            tracing::info!(audit = "exec", instance.id = %instance, error.code = %code, error.message = refusal.message, "log-on refused");
        }
        session
    }

    /// The command on the server that has the instance; `None` when none of them has.
    async fn exec_elsewhere(&self, function: &FunctionRef, instance: &InstanceId, request: &ExecRequest) -> Option<Result<ExecSession>> {
        let (peers, node) = self.server_of(function, instance).await?;
        match in_time(&*self.clock, peers.exec(&node, function, instance, request)).await {
            Ok(session) => Some(session),
            Err(why) => {
                tracing::warn!(node = %node.worker.0, address = node.address, why, "a log-on did not reach the instance's server");
                None
            }
        }
    }

    pub(crate) async fn drain_instance(&self, function: &FunctionRef, instance: &InstanceId) -> Result<()> {
        match self.executor.drain(function, instance).await {
            Err(error) if error.code == ErrorCode::InstanceNotFound => {
                let Some((peers, node)) = self.server_of(function, instance).await else { return Err(error) };
                in_time(&*self.clock, peers.drain(&node, function, instance)).await.unwrap_or_else(|why| {
                    tracing::warn!(node = %node.worker.0, address = node.address, why, "a drain did not reach the instance's server");
                    Err(Error::new(ErrorCode::ServiceUnavailable, "the server that has the instance can't be reached; try again later"))
                })
            }
            drained => drained,
        }
    }

    /// The server that has the instance, and the way there; `None` when none of the others has.
    async fn server_of(&self, function: &FunctionRef, instance: &InstanceId) -> Option<(Arc<dyn Peers>, Node)> {
        let (company, nodes) = others(self).await;
        let peers = &company?.peers;
        let asked = nodes.into_iter().map(|node| async move {
            let found = in_time(&*self.clock, peers.instances(&node, function)).await.ok()?;
            found.iter().any(|other| other.id == *instance).then_some(node)
        });
        let node = join_all(asked).await.into_iter().flatten().next()?;
        Some((Arc::clone(peers), node))
    }

    /// Those of every server that answers.
    async fn all_instances(&self, whose: Whose<'_>) -> Vec<InstanceInfo> {
        let (company, nodes) = others(self).await;
        let mut found = self.own_instances(whose).await;
        let Some(company) = company else { return found };
        let asked = nodes.into_iter().map(|node| async move {
            let answer = async {
                match whose {
                    Whose::Function(function) => company.peers.instances(&node, function).await,
                    Whose::Region(region) => company.peers.region_instances(&node, region).await,
                }
            };
            in_time(&*self.clock, answer).await.unwrap_or_else(|why| {
                tracing::warn!(node = %node.worker.0, address = node.address, why, "another server's instances are not known");
                Vec::new()
            })
        });
        found.extend(join_all(asked).await.into_iter().flatten());
        found
    }

    /// Those of this server, with the tasks that they run.
    async fn own_instances(&self, whose: Whose<'_>) -> Vec<InstanceInfo> {
        let mut found = match whose {
            Whose::Function(function) => self.executor.instances(function).await,
            Whose::Region(region) => {
                let mut found = self.executor.region_instances(region).await;
                found.truncate(limits::REGION_INSTANCES_SHOWN_MAX);
                found
            }
        };
        for instance in &mut found {
            let tasks = instance.requests.iter().filter_map(|request| self.running.task_of(request));
            instance.tasks = tasks.map(|task| task.id).collect();
        }
        found
    }
}

/// The oldest first.
fn sort(instances: &mut [InstanceInfo]) {
    instances.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
}

#[async_trait]
impl PeerHost for Engine {
    async fn own_instances(&self, function: &FunctionRef) -> Vec<InstanceInfo> {
        self.core.own_instances(Whose::Function(function)).await
    }

    async fn own_region_instances(&self, region: &Region) -> Vec<InstanceInfo> {
        self.core.own_instances(Whose::Region(region)).await
    }

    async fn own_exec(&self, function: &FunctionRef, instance: &InstanceId, request: ExecRequest) -> Result<ExecSession> {
        self.core.executor.exec(function, instance, request).await
    }

    async fn own_drain(&self, function: &FunctionRef, instance: &InstanceId) -> Result<()> {
        self.core.executor.drain(function, instance).await
    }
}
