//! Own line icons on a 16-pixel grid, drawn in the text's colour by `style/icons.css`.

use super::Erase;
use crate::reactive::derive;
use leptos::prelude::*;

/// The drawings; each is a class there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glyph {
    Enqueued,
    Processed,
    Running,
    Retrying,
    Stopping,
    Terminal,
    Succeeded,
    Failed,
    Expired,
    Invalid,
    Stopped,
    Plus,
    Search,
    Chevron,
    ChevronRight,
    Copy,
    Check,
    Close,
    Warning,
    Info,
    Download,
    Upload,
    Trash,
    Refresh,
    Pause,
    Play,
    More,
    Sun,
    Moon,
    Screen,
    User,
    Menu,
    Logs,
    External,
    Eye,
    Pencil,
}

impl Glyph {
    /// All of them.
    pub const ALL: [Glyph; 36] = [
        Glyph::Enqueued,
        Glyph::Processed,
        Glyph::Running,
        Glyph::Retrying,
        Glyph::Stopping,
        Glyph::Terminal,
        Glyph::Succeeded,
        Glyph::Failed,
        Glyph::Expired,
        Glyph::Invalid,
        Glyph::Stopped,
        Glyph::Plus,
        Glyph::Search,
        Glyph::Chevron,
        Glyph::ChevronRight,
        Glyph::Copy,
        Glyph::Check,
        Glyph::Close,
        Glyph::Warning,
        Glyph::Info,
        Glyph::Download,
        Glyph::Upload,
        Glyph::Trash,
        Glyph::Refresh,
        Glyph::Pause,
        Glyph::Play,
        Glyph::More,
        Glyph::Sun,
        Glyph::Moon,
        Glyph::Screen,
        Glyph::User,
        Glyph::Menu,
        Glyph::Logs,
        Glyph::External,
        Glyph::Eye,
        Glyph::Pencil,
    ];

    /// The class that draws it, on an element that is `icon`, or `drawn` before its words.
    pub fn class(self) -> &'static str {
        match self {
            Glyph::Enqueued => "i-enqueued",
            Glyph::Processed => "i-processed",
            Glyph::Running => "i-running",
            Glyph::Retrying => "i-retrying",
            Glyph::Stopping => "i-stopping",
            Glyph::Terminal => "i-terminal",
            Glyph::Succeeded => "i-succeeded",
            Glyph::Failed => "i-failed",
            Glyph::Expired => "i-expired",
            Glyph::Invalid => "i-invalid",
            Glyph::Stopped => "i-stopped",
            Glyph::Plus => "i-plus",
            Glyph::Search => "i-search",
            Glyph::Chevron => "i-chevron",
            Glyph::ChevronRight => "i-chevron-right",
            Glyph::Copy => "i-copy",
            Glyph::Check => "i-check",
            Glyph::Close => "i-close",
            Glyph::Warning => "i-warning",
            Glyph::Info => "i-info",
            Glyph::Download => "i-download",
            Glyph::Upload => "i-upload",
            Glyph::Trash => "i-trash",
            Glyph::Refresh => "i-refresh",
            Glyph::Pause => "i-pause",
            Glyph::Play => "i-play",
            Glyph::More => "i-more",
            Glyph::Sun => "i-sun",
            Glyph::Moon => "i-moon",
            Glyph::Screen => "i-screen",
            Glyph::User => "i-user",
            Glyph::Menu => "i-menu",
            Glyph::Logs => "i-logs",
            Glyph::External => "i-external",
            Glyph::Eye => "i-eye",
            Glyph::Pencil => "i-pencil",
        }
    }
}

/// A drawing beside or instead of words; it is hidden from assistive technology, so the control names itself.
#[component]
pub fn Icon(
    /// Which one.
    #[prop(into)]
    glyph: Signal<Glyph>,
    /// Classes for size and colour.
    #[prop(default = "size-4")]
    class: &'static str,
) -> impl IntoView {
    view! { <span class=derive(move || format!("icon {} {class}", glyph.get().class())) aria-hidden="true"></span> }.erase()
}
