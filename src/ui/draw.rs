//! One frame: header, tabs, the page or a detail, footer; help over it.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::chrome;
use super::help;
use super::look::Look;
use super::paint::Paint;
use super::shown::Shown;
use super::theme::Role;
use super::view::ViewState;

/// Draws `shown` as `view` has it. Call [`ViewState::prepare`] first, so that large lists are not sorted every frame.
pub fn draw(frame: &mut Frame<'_>, shown: &Shown<'_>, view: &ViewState, look: &Look) {
    let area = frame.area();
    draw_buffer(frame.buffer_mut(), area, shown, view, look);
}

/// As [`draw`], into a buffer.
pub fn draw_buffer(buf: &mut Buffer, area: Rect, shown: &Shown<'_>, view: &ViewState, look: &Look) {
    let p = &mut Paint::new(buf, look);
    p.tint(area, p.style(Role::Text));
    if area.width < 30 || area.height < 6 {
        chrome::summary(p, area, shown);
        return;
    }
    chrome::header(p, Rect { height: 1, ..area }, shown);
    chrome::tabs(p, Rect { y: area.y + 1, height: 1, ..area }, view);
    let body = Rect { y: area.y + 2, height: area.height - 3, ..area };
    if let Some(scroll) = view.help {
        help::draw(p, body, view.context(), scroll);
    }
    chrome::footer(p, Rect { y: area.bottom() - 1, height: 1, ..area }, shown, view);
}
