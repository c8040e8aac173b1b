use super::changes::Changes;
use crate::error::Result;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::{MultipartData, MultipartFormData};

/// Value of the form's field `intent` that asks only for what would change.
pub(super) const REVIEW: &str = "review";

/// What came of sending the editor's form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// The file that it is about, by the path that the form was opened with.
    pub path: String,
    /// The path that it gets; `None` when it is deleted.
    pub target: Option<String>,
    /// Checksum of the package that is deployed now.
    pub checksum: String,
    /// What would change; `None` when it was deployed.
    pub changes: Option<Changes>,
}

/// Writes the function's package anew with one file created, changed, renamed or deleted; with the intent [`REVIEW`] only says what that would change. Refused when
/// somebody deployed another package since the one with the form's checksum was read.
#[server(input = MultipartFormData)]
pub async fn deploy_source(data: MultipartData) -> Result<Deployment> {
    use super::sent::Sent;
    use crate::{notice::Notice, routes::FunctionPage, routes::Route, server};
    let (console, _) = server::signed_in()?;
    if let Some(user) = &console.user {
        user.role.check(model::Action::UpdateFunction)?;
    }
    let sent = Sent::read(data, &console).await?;
    if sent.is_review {
        return sent.review(&console).await;
    }
    let checksum = sent.deploy(&console).await?;
    let target = sent.target().map(str::to_owned);
    let back = Route::Function(sent.function, FunctionPage::Code);
    server::redirect(&back.with_query(&[("file", target.as_deref().unwrap_or_default()), ("notice", Notice::CodeUpdated.as_str())]));
    Ok(Deployment { path: sent.path, target, checksum, changes: None })
}
