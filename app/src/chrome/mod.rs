//! What stands around every page: top bar, navigation, footer.

mod frame;
mod logo;
mod nav;
mod palette;
mod top_bar;

pub(crate) use frame::Frame;
pub(crate) use logo::Logo;
pub(crate) use palette::SEARCH_KEY;
pub(crate) use top_bar::LanguageLinks;
