//! Dragging over a chart chooses a time window (B-15); what it does by the keyboard and without scripts too, stands beside the charts.

use super::chart::{ChartData, SIDE};
use super::{Erase, dynamic};
use leptos::html;
use leptos::prelude::*;
use leptos::web_sys::PointerEvent;
use model::UnixMillis;

/// Pixels below which a drag is a press.
const DRAG_PX_MIN: i32 = 6;

/// Where the pointer was pressed, and where it is, in pixels of the drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Drag {
    from: i32,
    to: i32,
    width: i32,
}

impl Drag {
    /// Its ends in units of the drawing, the left one first; `None` while it may be a press.
    fn ends(self) -> Option<(u64, u64)> {
        let end =
            |px: i32| (u64::from(px.max(0).unsigned_abs()) * SIDE).checked_div(u64::from(self.width.unsigned_abs())).map(|at| at.min(SIDE));
        let is_drag = self.to.abs_diff(self.from) >= DRAG_PX_MIN.unsigned_abs();
        is_drag.then_some((end(self.from.min(self.to))?, end(self.from.max(self.to))?))
    }
}

/// The drawing, and over it the part that is being chosen.
#[component]
pub(super) fn Brush(
    /// What is drawn.
    data: Signal<ChartData>,
    /// Runs with the ends of the window that was chosen.
    on_window: Callback<(UnixMillis, UnixMillis)>,
    /// The drawing.
    drawing: AnyView,
) -> impl IntoView {
    let drag = RwSignal::new(None::<Drag>);
    let place = NodeRef::<html::Div>::new();
    let begin = move |event: PointerEvent| {
        let Some(place) = place.get_untracked().filter(|_| event.button() == 0) else { return };
        // From here on the pointer may leave the drawing.
        _ = place.set_pointer_capture(event.pointer_id());
        let at = event.offset_x();
        drag.set(Some(Drag { from: at, to: at, width: place.client_width() }));
    };
    let follow = move |event: PointerEvent| {
        if let Some(begun) = drag.get_untracked() {
            drag.set(Some(Drag { to: event.offset_x(), ..begun }));
        }
    };
    let end = move |_: PointerEvent| {
        let chosen = drag.get_untracked().and_then(Drag::ends);
        drag.set(None);
        let window = chosen.and_then(|(from, to)| data.with_untracked(|data| data.window(from, to)));
        if let Some(window) = window {
            on_window.run(window);
        }
    };
    view! {
        <div
            node_ref=place
            class="relative touch-pan-y select-none in-data-hydrated:cursor-crosshair"
            on:pointerdown=begin
            on:pointermove=follow
            on:pointerup=end
            on:pointercancel=move |_: PointerEvent| drag.set(None)
        >
            {drawing}
            {dynamic(move || {
                drag.get().and_then(Drag::ends).map(|(from, to)| {
                    let band = format!(r#"<rect class="fill-accent/20" x="{from}" width="{}" height="1000"/>"#, to.saturating_sub(from));
                    view! {
                        <svg
                            viewBox="0 0 1000 1000"
                            preserveAspectRatio="none"
                            aria-hidden="true"
                            class="pointer-events-none absolute inset-0 size-full"
                            inner_html=band
                        ></svg>
                    }
                    .erase()
                })
            })}
        </div>
    }
    .erase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b15_a_drag_has_two_ends_in_either_direction_and_a_press_none() {
        let ends = |from: i32, to: i32| Drag { from, to, width: 500 }.ends();
        assert_eq!(ends(100, 300), Some((200, 600)));
        assert_eq!(ends(300, 100), Some((200, 600)));
        assert_eq!(ends(480, 900), Some((960, 1_000)), "out of the drawing");
        assert_eq!(ends(20, -40), Some((0, 40)));
        assert_eq!(ends(100, 105), None);
        assert_eq!(Drag { from: 0, to: 9, width: 0 }.ends(), None);
    }
}
