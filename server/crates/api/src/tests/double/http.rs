//! Calls of HTTP functions.

use super::Double;
use futures::StreamExt;
use model::{BodyStream, ControlPlane, InvokeRequest, Invoked, Result};

impl Double {
    /// Reads what is still to come of a request, and answers in the pieces that the test has, if it has any.
    pub(super) async fn call_http(&self, mut request: InvokeRequest, rest: Option<BodyStream>) -> Result<Invoked> {
        if let Some(mut rest) = rest {
            while let Some(piece) = rest.next().await {
                request.payload.extend(piece?);
                self.kept().arrived.notify_one();
            }
        }
        let pieces = self.kept().pieces.take();
        let result = self.invoke(request).await?;
        let (Some(pieces), Some(head)) = (pieces, result.http.clone()) else { return Ok(Invoked::Whole(result)) };
        let body = futures::stream::unfold(pieces, |mut pieces| async move { Some((pieces.recv().await?, pieces)) });
        Ok(Invoked::Streamed { head, body: body.boxed(), runtime_note: None })
    }
}
