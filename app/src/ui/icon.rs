//! Own line icons on a 16-pixel grid, drawn in the text's colour.

use super::Erase;
use crate::reactive::derive;
use leptos::prelude::*;

/// The drawings.
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
    /// The drawing as SVG elements.
    fn markup(self) -> &'static str {
        match self {
            Glyph::Enqueued => r#"<circle cx="8" cy="8" r="5.25"/>"#,
            Glyph::Processed => r#"<circle cx="8" cy="8" r="5.25"/><path d="M8 2.75a5.25 5.25 0 0 1 0 10.5z" fill="currentColor"/>"#,
            Glyph::Running => {
                r#"<circle cx="8" cy="8" r="5.25" opacity=".3"/><path d="M8 2.75A5.25 5.25 0 0 1 13.25 8" stroke-width="2"/>"#
            }
            Glyph::Retrying => r#"<path d="M12.9 6.2A5.25 5.25 0 1 0 13.25 8.6"/><path d="M13.4 2.9v3.5H9.9"/>"#,
            Glyph::Stopping => r#"<rect x="3.25" y="3.25" width="9.5" height="9.5" rx="1.5"/>"#,
            Glyph::Terminal => r#"<rect x="2" y="3" width="12" height="10" rx="1.5"/><path d="m4.6 6 2.2 2-2.2 2M8.4 10.2h3"/>"#,
            Glyph::Succeeded => r#"<circle cx="8" cy="8" r="5.75"/><path d="m5.4 8.2 1.8 1.8 3.4-3.8"/>"#,
            Glyph::Failed => r#"<path d="M5.5 2h5L14 5.5v5L10.5 14h-5L2 10.5v-5z"/><path d="m5.9 5.9 4.2 4.2m0-4.2-4.2 4.2"/>"#,
            Glyph::Expired => r#"<circle cx="8" cy="7.25" r="4.9"/><path d="M8 4.6v2.9l1.8 1"/><path d="M3 14.4h10"/>"#,
            Glyph::Invalid => r#"<circle cx="8" cy="8" r="5.75"/><path d="m4 12 8-8"/>"#,
            Glyph::Stopped => r#"<rect x="3.25" y="3.25" width="9.5" height="9.5" rx="1.5" fill="currentColor"/>"#,
            Glyph::Plus => r#"<path d="M8 3v10M3 8h10"/>"#,
            Glyph::Search => r#"<circle cx="7" cy="7" r="4.25"/><path d="m10.2 10.2 3.3 3.3"/>"#,
            Glyph::Chevron => r#"<path d="m4 6 4 4 4-4"/>"#,
            Glyph::ChevronRight => r#"<path d="m6 4 4 4-4 4"/>"#,
            Glyph::Copy => {
                r#"<rect x="5.5" y="5.5" width="8" height="8" rx="1.5"/><path d="M10.5 5.5V4A1.5 1.5 0 0 0 9 2.5H4A1.5 1.5 0 0 0 2.5 4v5A1.5 1.5 0 0 0 4 10.5h1.5"/>"#
            }
            Glyph::Check => r#"<path d="m3 8.5 3.2 3.2L13 4.5"/>"#,
            Glyph::Close => r#"<path d="m4 4 8 8m0-8-8 8"/>"#,
            Glyph::Warning => r#"<path d="M8 2.2 14.3 13.3H1.7z"/><path d="M8 6.4v3.2M8 11.4v.1"/>"#,
            Glyph::Info => r#"<circle cx="8" cy="8" r="5.75"/><path d="M8 7.4v3.4M8 5.2v.1"/>"#,
            Glyph::Download => r#"<path d="M8 2.5v7.6M4.9 7.2 8 10.3l3.1-3.1M2.8 13.3h10.4"/>"#,
            Glyph::Upload => r#"<path d="M8 10.5V2.9M4.9 5.8 8 2.7l3.1 3.1M2.8 13.3h10.4"/>"#,
            Glyph::Trash => r#"<path d="M2.8 4.3h10.4M6.2 4.3V2.7h3.6v1.6M4.2 4.3l.6 9h6.4l.6-9M6.8 6.8v4M9.2 6.8v4"/>"#,
            Glyph::Refresh => r#"<path d="M13.2 8A5.2 5.2 0 1 1 11.6 4.2"/><path d="M13 2.2v3.1H9.9"/>"#,
            Glyph::Pause => r#"<path d="M5.5 3.5v9M10.5 3.5v9" stroke-width="2"/>"#,
            Glyph::Play => r#"<path d="M5 3.2 12.5 8 5 12.8z" fill="currentColor"/>"#,
            Glyph::More => r#"<path d="M3.2 8h.1M8 8h.1M12.8 8h.1" stroke-width="2.2"/>"#,
            Glyph::Sun => {
                r#"<circle cx="8" cy="8" r="2.9"/><path d="M8 1.6v1.2M8 13.2v1.2M1.6 8h1.2M13.2 8h1.2M3.5 3.5l.8.8M11.7 11.7l.8.8M3.5 12.5l.8-.8M11.7 4.3l.8-.8"/>"#
            }
            Glyph::Moon => r#"<path d="M13.3 9.6A5.7 5.7 0 0 1 6.4 2.7a5.6 5.6 0 1 0 6.9 6.9z"/>"#,
            Glyph::Screen => r#"<rect x="2" y="3" width="12" height="8" rx="1.2"/><path d="M6 13.5h4"/>"#,
            Glyph::User => r#"<circle cx="8" cy="5.6" r="2.6"/><path d="M3 13.4a5 5 0 0 1 10 0"/>"#,
            Glyph::Menu => r#"<path d="M2.5 4.5h11M2.5 8h11M2.5 11.5h11"/>"#,
            Glyph::Logs => r#"<path d="M3 3.5h10M3 6.5h7M3 9.5h10M3 12.5h5"/>"#,
            Glyph::External => r#"<path d="M9.5 2.8h3.7v3.7M13 3 7.4 8.6M11 9.5v3.7H2.8V5h3.7"/>"#,
            Glyph::Pencil => {
                r#"<path d="m3 13 .6-2.8 7.3-7.3a1.3 1.3 0 0 1 1.9 0l.3.3a1.3 1.3 0 0 1 0 1.9l-7.3 7.3z"/><path d="m9.8 4 2.2 2.2"/>"#
            }
            Glyph::Eye => r#"<path d="M1.6 8S4 3.9 8 3.9 14.4 8 14.4 8 12 12.1 8 12.1 1.6 8 1.6 8z"/><circle cx="8" cy="8" r="1.8"/>"#,
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
    view! {
        <svg
            viewBox="0 0 16 16"
            fill="none"
            stroke="currentColor"
            stroke-width="1.5"
            stroke-linecap="round"
            stroke-linejoin="round"
            aria-hidden="true"
            class=format!("shrink-0 {class}")
            inner_html=derive(move || glyph.get().markup())
        ></svg>
    }
    .erase()
}
