//! Which part of a timeline is shown.

use crate::reactive::derive;
use crate::ui::{Button, Erase, Look};
use leptos::prelude::*;
use model::UnixMillis;

/// Halvings of the whole at the most: a day is then shown by the minute and a half.
const LEVEL_MAX: u32 = 10;
/// The unit of places within the whole.
const WHOLE: i64 = 1_000_000;

/// A part of a whole that may still grow; each level halves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Zoom {
    level: u32,
    /// Where the part begins, in millionths of the whole.
    from: i64,
}

impl Zoom {
    /// All of it.
    pub(super) const ALL: Zoom = Zoom { level: 0, from: 0 };

    /// How much is shown, in millionths of the whole.
    fn share(self) -> i64 {
        WHOLE >> self.level
    }

    /// Another level about the same middle.
    fn at_level(self, level: u32) -> Self {
        let middle = self.from + self.share() / 2;
        let next = Zoom { level, ..self };
        next.begun_at(middle - next.share() / 2)
    }

    /// Moved by halves of what is shown.
    fn moved(self, halves: i64) -> Self {
        self.begun_at(self.from + halves * self.share() / 2)
    }

    fn begun_at(self, from: i64) -> Self {
        Zoom { from: from.clamp(0, WHOLE - self.share()), ..self }
    }

    /// The ends of the part of what lies between these two; at least a millisecond long.
    pub(super) fn window(self, start: UnixMillis, end: UnixMillis) -> (UnixMillis, UnixMillis) {
        let whole = end.since(start).max(1);
        let of = |share: i64| i64::try_from(i128::from(whole) * i128::from(share) / i128::from(WHOLE)).unwrap_or(whole);
        let length = of(self.share()).max(1);
        let from = start.plus_ms(of(self.from).min(whole - length));
        (from, from.plus_ms(length))
    }
}

/// Buttons that change it, for the keyboard and the pointer alike.
#[component]
pub(super) fn ZoomBar(zoom: RwSignal<Zoom>) -> impl IntoView {
    let turn = move |to: fn(Zoom) -> Zoom| Callback::new(move |()| zoom.update(|zoom| *zoom = to(*zoom)));
    let cannot = move |to: fn(Zoom) -> Zoom| derive(move || to(zoom.get()) == zoom.get());
    let button = move |words: &'static str, to: fn(Zoom) -> Zoom| {
        view! { <Button look=Look::Quiet disabled=cannot(to) on_press=turn(to)>{words}</Button> }.erase()
    };
    view! {
        <div role="group" aria-label=t!("Part of the timeline") class="js-only -mt-1 mb-2 flex flex-wrap justify-end gap-1">
            {button(t!("Zoom in"), |zoom| zoom.at_level((zoom.level + 1).min(LEVEL_MAX)))}
            {button(t!("Zoom out"), |zoom| zoom.at_level(zoom.level.saturating_sub(1)))}
            {button(t!("Earlier"), |zoom| zoom.moved(-1))}
            {button(t!("Later"), |zoom| zoom.moved(1))}
        </div>
    }
    .erase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b02_zooming_keeps_the_middle_and_stays_within_the_whole() {
        let window = |zoom: Zoom| {
            let (from, to) = zoom.window(UnixMillis(1_000), UnixMillis(9_000));
            (from.0, to.0)
        };
        let near = |zoom: Zoom| zoom.at_level(zoom.level + 1);
        assert_eq!(window(Zoom::ALL), (1_000, 9_000));
        assert_eq!(window(near(Zoom::ALL)), (3_000, 7_000));
        assert_eq!(window(near(Zoom::ALL).moved(1)), (5_000, 9_000));
        assert_eq!(window(near(Zoom::ALL).moved(9)), (5_000, 9_000));
        assert_eq!(window(near(near(Zoom::ALL).moved(-9))), (2_000, 4_000));
        assert_eq!(near(Zoom::ALL).moved(-9).at_level(0), Zoom::ALL);
    }

    #[test]
    fn b02_the_shortest_window_is_a_millisecond() {
        let deep = Zoom { level: LEVEL_MAX, from: WHOLE - (WHOLE >> LEVEL_MAX) };
        assert_eq!(deep.window(UnixMillis(5), UnixMillis(8)), (UnixMillis(7), UnixMillis(8)));
        assert_eq!(deep.window(UnixMillis(5), UnixMillis(5)), (UnixMillis(5), UnixMillis(6)));
    }
}
