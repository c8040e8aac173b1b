//! Memory for the bodies of requests: a body takes its share before it is read, and is refused when there is no room. So what a crowd of uploads
//! can make the server hold has a bound, whatever their number.

use model::{Error, ErrorCode, Result, limits};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The room that all bodies share; cheap to clone.
#[derive(Debug, Clone)]
pub struct Uploads {
    /// A permit is a byte.
    large: Arc<Semaphore>,
    /// For bodies of up to [`limits::SMALL_BODY_BYTES_MAX`]: events and most documents, which uploads must not keep out.
    small: Arc<Semaphore>,
}

/// What one body has of it; given back when this is dropped, which is when the request has been answered.
#[derive(Debug)]
pub struct Share {
    permit: OwnedSemaphorePermit,
    bytes: usize,
}

impl Uploads {
    /// Room for so many bytes of bodies, beside that for small ones.
    pub fn of(bytes: usize) -> Self {
        let semaphore = |bytes: usize| Arc::new(Semaphore::new(bytes.min(Semaphore::MAX_PERMITS)));
        Self { large: semaphore(bytes), small: semaphore(limits::SMALL_BODIES_BYTES_MAX) }
    }

    /// A share for a body of so many bytes. Errors: `ResourceThrottled` when there is no room at the moment. Nobody waits for room: who
    /// waits holds a connection, and the client may have given up by the time that there is some.
    pub fn share(&self, bytes: usize) -> Result<Share> {
        let room = if bytes <= limits::SMALL_BODY_BYTES_MAX { &self.small } else { &self.large };
        Ok(Share { permit: take(room, bytes)?, bytes })
    }
}

fn take(room: &Arc<Semaphore>, bytes: usize) -> Result<OwnedSemaphorePermit> {
    let permit = u32::try_from(bytes).ok().and_then(|permits| Arc::clone(room).try_acquire_many_owned(permits).ok());
    permit.ok_or_else(|| {
        let text =
            format!("the server holds as many request bodies as it may and has no room for {bytes} bytes more; try again in a moment");
        Error::new(ErrorCode::ResourceThrottled, text)
    })
}

impl Default for Uploads {
    fn default() -> Self {
        Self::of(limits::UPLOAD_MEMORY_MB_DEFAULT as usize * 1024 * 1024)
    }
}

impl Share {
    /// Makes room for at least `needed` bytes of a body whose length was not announced: twice as many as before, but no more than `most`.
    /// Errors: as [`Uploads::share`].
    pub(crate) fn grow(&mut self, uploads: &Uploads, needed: usize, most: usize) -> Result<()> {
        if needed <= self.bytes {
            return Ok(());
        }
        let bytes = needed.max(self.bytes * 2).min(most.max(needed));
        if self.bytes <= limits::SMALL_BODY_BYTES_MAX {
            *self = uploads.share(bytes)?;
            return Ok(());
        }
        self.permit.merge(take(&uploads.large, bytes - self.bytes)?);
        self.bytes = bytes;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i5_6_shares_are_refused_beyond_the_room_and_given_back() {
        let uploads = Uploads::of(1_000_000);
        let first = uploads.share(600_000).unwrap();
        let refused = uploads.share(600_000).unwrap_err();
        assert_eq!(refused.code, ErrorCode::ResourceThrottled);
        assert!(refused.message.contains("600000 bytes"), "{}", refused.message);
        let small = uploads.share(limits::SMALL_BODY_BYTES_MAX).unwrap();
        assert_eq!(small.bytes, limits::SMALL_BODY_BYTES_MAX, "small bodies have room of their own");
        drop(first);
        assert!(uploads.share(1_000_000).is_ok());
        assert!(uploads.share(5_000_000_000).is_err());
    }

    #[test]
    fn i5_6_a_share_grows_up_to_the_limit_of_its_body() {
        let uploads = Uploads::of(1_000_000);
        let mut share = uploads.share(0).unwrap();
        share.grow(&uploads, 10, 500_000).unwrap();
        assert_eq!(share.bytes, 10);
        share.grow(&uploads, 150_000, 500_000).unwrap();
        share.grow(&uploads, 150_001, 500_000).unwrap();
        assert_eq!(share.bytes, 300_000);
        share.grow(&uploads, 300_001, 500_000).unwrap();
        assert_eq!(share.bytes, 500_000, "no more than the body may have");
        share.grow(&uploads, 500_001, 1_000_000).unwrap();
        assert_eq!(share.bytes, 1_000_000, "all that there is");
        assert!(share.grow(&uploads, 1_000_001, 2_000_000).is_err());
    }
}
