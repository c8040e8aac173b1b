//! The body of a request, which has to get on.

use super::HttpLimits;
use axum::BoxError;
use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, Incoming, SizeHint};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::time::{Instant, Sleep, sleep_until};

/// A body that fails with [`io::ErrorKind::TimedOut`] when nothing of it comes for too long, or when all of it takes too long.
///
/// The time runs only while the reader waits for the client: `tower-http`'s body looks at its time before it looks for data, and so fails a
/// client that has sent while a function was slow to read.
struct Paced {
    body: Incoming,
    limits: HttpLimits,
    /// When the whole body has to be there; `None` until it was waited for.
    ends: Option<Instant>,
    /// Until when the next piece has to be there; `None` while there is one.
    waiting: Option<Pin<Box<Sleep>>>,
}

/// The body of a request, for axum.
pub(super) fn paced(body: Incoming, limits: HttpLimits) -> Body {
    if body.is_end_stream() { Body::empty() } else { Body::new(Paced { body, limits, ends: None, waiting: None }) }
}

impl HttpBody for Paced {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(context) {
            this.waiting = None;
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let now = Instant::now();
        let HttpLimits { stall_timeout, body_timeout, .. } = this.limits;
        let ends = *this.ends.get_or_insert(now + body_timeout);
        let waiting = this.waiting.get_or_insert_with(|| Box::pin(sleep_until(ends.min(now + stall_timeout))));
        ready!(waiting.as_mut().poll(context));
        let why = if now < ends {
            format!("nothing of the request body came for {stall_timeout:?}")
        } else {
            format!("the request body was not complete after {body_timeout:?}")
        };
        Poll::Ready(Some(Err(io::Error::new(io::ErrorKind::TimedOut, why).into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
