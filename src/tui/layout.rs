//! Where everything stands on the screen.
//!
//! ```text
//!  header     source, clock, rates, drops
//!  answer     what fails, in one line
//!  strip      the last minutes
//!  timeline   a replay's time
//!  tabs       the lists
//!  list       heading, rows
//!  detail     of the selected row, under a rule
//!  footer     keys, filter, messages
//! ```
//!
//! Input: the size, and what there is to show. Output: rectangles; empty ones where the screen is too low for a part.

use ratatui::layout::{Rect, Size};

/// Smallest screen that says something useful.
pub(crate) const SMALLEST: Size = Size {
    width: 40,
    height: 10,
};

/// Rectangles of the parts, from the top; empty where a part is left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) header: Rect,
    pub(crate) answer: Rect,
    pub(crate) strip: Rect,
    pub(crate) timeline: Rect,
    pub(crate) tabs: Rect,
    pub(crate) heading: Rect,
    pub(crate) rows: Rect,
    pub(crate) rule: Rect,
    pub(crate) detail: Rect,
    pub(crate) footer: Rect,
}

impl Layout {
    /// None if the screen is too small.
    pub(crate) fn of(size: Size, playback: bool, zoomed: bool) -> Option<Self> {
        if size.width < SMALLEST.width || size.height < SMALLEST.height {
            return None;
        }
        let mut top = 0;
        let mut take = |height: u16| {
            let rect = Rect::new(0, top, size.width, height);
            top += height;
            rect
        };
        let header = take(1);
        let answer = take(1);
        let strip = take(u16::from(size.height >= 16));
        let timeline = take(u16::from(playback && size.height >= 12));
        let tabs = take(1);
        let body = size.height - 1 - tabs.bottom();
        let mut layout = Self {
            header,
            answer,
            strip,
            timeline,
            tabs,
            ..Self::default()
        };
        if zoomed {
            layout.rule = take(1);
            layout.detail = take(body - 1);
        } else {
            let lower = if body < 8 { 0 } else { body * 11 / 20 };
            layout.heading = take(u16::from(size.height >= 20));
            layout.rows = take(body - lower - layout.heading.height);
            layout.rule = take(u16::from(lower > 0));
            layout.detail = take(lower.saturating_sub(1));
        }
        layout.footer = take(1);
        Some(layout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_screen_belongs_to_one_part() {
        for height in 10..=60 {
            for (playback, zoomed) in [(false, false), (true, false), (false, true), (true, true)] {
                let size = Size { width: 80, height };
                let layout = Layout::of(size, playback, zoomed).unwrap();
                let parts = [
                    layout.header,
                    layout.answer,
                    layout.strip,
                    layout.timeline,
                    layout.tabs,
                    layout.heading,
                    layout.rows,
                    layout.rule,
                    layout.detail,
                    layout.footer,
                ];
                let mut lines: Vec<u16> = parts
                    .iter()
                    .flat_map(|part| part.top()..part.bottom())
                    .collect();
                lines.sort_unstable();
                assert_eq!(lines, (0..height).collect::<Vec<_>>(), "{layout:?}");
                assert!(zoomed || layout.rows.height >= 3, "{height}: {layout:?}");
            }
        }
    }

    #[test]
    fn small_screens_are_refused() {
        for (width, height) in [(39, 10), (40, 9), (0, 0)] {
            assert_eq!(Layout::of(Size { width, height }, false, false), None);
        }
    }
}
