//! Rules of the whole repository, as tests.

mod architecture;
mod tidy;
