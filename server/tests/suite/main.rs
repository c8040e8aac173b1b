//! Rules of the whole repository, as tests.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by a panic")]

mod architecture;
mod tidy;
