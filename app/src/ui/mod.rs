//! The kit: one file per component, every prop documented, colours only through the tokens of `style/tailwind.css`.
//!
//! | for | use |
//! | --- | --- |
//! | a page's title | [`PageHead`] (the one `h1`, the document's title, actions at its right) |
//! | something happens | [`Button`] (`Look::{Primary, Plain, Quiet, Danger, Drawn}`), [`Submit`] (waits while its form does), [`Toggle`] (stays pressed) |
//! | somewhere to go | [`LinkButton`], [`TextLink`] (the accent), [`Back`] |
//! | a state | [`StatusBadge`] (ten task states), [`Pill`] (any word), [`Icon`] with [`Glyph`] |
//! | asking | [`DialogButton`] + [`Dialog`] (the same form is a page without JavaScript), [`Popover`] menus, [`MenuItem`] |
//! | a form | [`PostForm`] (a server function by its path; `multipart` with a file), inside: [`TextField`], [`NumberField`], [`TextArea`], [`SelectField`], [`RadioGroup`], [`CheckField`], [`CheckGroup`], [`FileField`], [`JsonEditor`], [`CodeEditor`], [`HiddenField`], [`TagField`], [`FormActions`] with [`Submit`] and [`Cancel`] |
//! | a filter | [`GetForm`] (plain GET), [`FilterSelect`] (its options may change meanwhile), [`SearchForm`], [`Chip`] |
//! | rows | [`Each`] of [`Item`]s, [`Table`] (caption, columns), [`RowActions`], [`Cell`]-classes in [`table`], which also says how a row becomes a card, [`Pager`], [`EmptyState`], [`Skeleton`] |
//! | figures over time | [`Chart`] of [`ChartData`] |
//! | what functions write | [`log_text`] (terminal colours, hits of a search), [`HitBar`] (from hit to hit) |
//! | facts | [`Facts`] + [`Fact`], [`Timestamp`], [`Duration`], [`Copy`], [`CodeBlock`], [`Panel`] |
//! | keeping a page true | [`LiveSwitch`] beside [`crate::reactive::use_live`] |
//! | words about what happened | [`NoticeBar`], [`ErrorSummary`], [`ErrorPage`], [`Hint`] |
//!
//! Fields know their form through context: they show its error for their name (`aria-invalid`, `aria-describedby`), and without
//! JavaScript they come back with what was typed.

mod back;
mod brush;
mod button;
mod chart;
mod check_field;
mod chip;
mod code_block;
mod code_editor;
mod copy;
mod dialog;
mod duration;
mod each;
mod empty_state;
mod erase;
mod error_page;
mod error_summary;
mod facts;
mod field;
mod filter_select;
mod form;
mod get_form;
mod hint;
mod icon;
pub(crate) mod json;
mod json_editor;
mod keyed;
mod live_switch;
mod log_text;
mod notice_bar;
mod page_head;
mod pager;
mod panel;
mod pill;
mod popover;
mod search_form;
mod select_field;
mod skeleton;
mod status_badge;
pub mod table;
mod tabs;
mod text_link;
mod timestamp;
mod title;
mod toggle;

pub use back::Back;
pub use button::{Button, LinkButton, Look, Submit};
pub use chart::{Chart, ChartData, ChartLine, ChartTone, ChartUnit};
pub use check_field::{CheckField, CheckGroup};
pub use chip::Chip;
pub use code_block::CodeBlock;
pub use code_editor::CodeEditor;
pub use copy::{Copy, CopyText};
pub use dialog::{Dialog, DialogButton, DialogShape};
pub use duration::Duration;
pub use each::{Each, Item};
pub use empty_state::EmptyState;
pub use erase::{Erase, dynamic};
pub use error_page::{ErrorPage, NotFound};
pub use error_summary::ErrorSummary;
pub use facts::{Fact, Facts};
pub use field::{NumberField, TextArea, TextField};
pub use filter_select::{FilterSelect, OpenSelect, or_all};
pub use form::{Cancel, FormActions, HiddenField, PostForm, TagField};
pub use get_form::GetForm;
pub(crate) use get_form::query_of;
pub use hint::{Hint, HintKind};
pub use icon::{Glyph, Icon};
pub use json_editor::{JsonEditor, Template};
pub use keyed::Keyed;
pub use live_switch::LiveSwitch;
pub use log_text::{HitBar, count_hits, log_text};
pub use notice_bar::NoticeBar;
pub(crate) use notice_bar::NoticeText;
pub use page_head::PageHead;
pub use pager::Pager;
pub use panel::Panel;
pub use pill::{Pill, Tone};
pub use popover::{MenuItem, Popover};
pub use search_form::SearchForm;
pub use select_field::{FileField, RadioGroup, SelectField};
pub use skeleton::Skeleton;
pub use status_badge::{StatusBadge, badge};
pub use table::{RowActions, Table};
pub use tabs::{Tab, Tabs};
pub use text_link::TextLink;
pub use timestamp::Timestamp;
pub use title::Title;
pub use toggle::Toggle;
