//! Bulk actions: how far one is and what came of each task, and the latest ones of a region (B-03, SC-24). They are confirmed on a page of
//! the list that they are begun in.

mod api;
mod in_words;
mod list;
mod outcomes;
mod page;

pub(crate) use list::Bulks;
pub(crate) use page::BulkPage;

use crate::ui::Tone;
use model::BulkState;

/// A state in words, and its colour.
fn state_label(state: BulkState) -> (&'static str, Tone) {
    match state {
        BulkState::Collecting => (t!("Finding tasks"), Tone::Active),
        BulkState::Running => (t!("Running"), Tone::Active),
        BulkState::Done => (t!("Done"), Tone::Good),
        BulkState::Stopped => (t!("Stopped"), Tone::Warn),
    }
}
