//! What every page knows from the start: computed on the server, read from the page in the browser.

use crate::language::Language;
use crate::zone::Zone;
use leptos::prelude::*;
use model::Region;
use serde::{Deserialize, Serialize};

/// Facts of install, session and browser that no page has to ask for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Bootstrap {
    /// Name of the signed-in user.
    pub user: Option<String>,
    /// Regions of the install; the first is the default.
    pub regions: Vec<Region>,
    pub account_id: String,
    /// Days that records are kept; 0 means for ever.
    pub retention_days: u32,
    pub theme: Theme,
    pub language: Language,
    pub zone: Zone,
    /// True while keys alone, without Ctrl or ⌘, are shortcuts.
    pub single_keys: bool,
    /// The server functions that the user's role may not call, with the reason; none for administrators.
    pub refused: Vec<(String, String)>,
}

/// Which colours the user asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Theme {
    /// What the system says.
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    /// All three, in the menu's order.
    pub const ALL: [Theme; 3] = [Theme::System, Theme::Light, Theme::Dark];

    /// The word in cookie, form and `data-theme`.
    pub fn as_str(self) -> &'static str {
        match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// The word in the menu.
    pub fn label(self) -> &'static str {
        match self {
            Theme::System => t!("System"),
            Theme::Light => t!("Light"),
            Theme::Dark => t!("Dark"),
        }
    }

    /// Reads the word of a cookie or form; anything else means the system's.
    pub fn parse(word: &str) -> Self {
        Self::ALL.into_iter().find(|theme| theme.as_str() == word).unwrap_or_default()
    }
}

/// The facts of this page; inside [`crate::app::App`] only.
pub fn use_bootstrap() -> Bootstrap {
    use_context::<Bootstrap>().unwrap_or_default()
}

#[cfg(feature = "ssr")]
pub(crate) fn gather() -> Bootstrap {
    let Ok(console) = crate::server::console() else { return Bootstrap::default() };
    Bootstrap {
        refused: console.user.as_ref().map(|user| crate::permission::refused(user.role)).unwrap_or_default(),
        user: console.user.map(|user| user.name),
        regions: console.control.regions(),
        account_id: console.account_id.to_string(),
        retention_days: console.control.retention_days(),
        theme: console.theme,
        language: console.language,
        zone: console.zone,
        single_keys: console.single_keys,
    }
}

#[cfg(not(feature = "ssr"))]
pub(crate) fn gather() -> Bootstrap {
    Bootstrap::default()
}
