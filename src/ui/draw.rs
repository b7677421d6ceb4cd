//! One frame: header, tabs, the page or a detail, footer; help over it.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::chrome;
use super::detail;
use super::dialog;
use super::explain;
use super::facts;
use super::help;
use super::hits::{Drawn, Target};
use super::look::Look;
use super::pages::{self, Ctx, Place};
use super::paint::Paint;
use super::palette;
use super::scrubber;
use super::shown::Shown;
use super::text::Measure;
use super::theme::Role;
use super::view::{Page, Typing, ViewState};
use super::welcome;
use super::widgets::Frame as Framing;

/// Draws `shown` as `view` has it. Call [`ViewState::prepare`] first, so that large lists are not sorted every frame.
pub fn draw(frame: &mut Frame<'_>, shown: &Shown<'_>, view: &ViewState, look: &Look) -> Drawn {
    let area = frame.area();
    draw_buffer(frame.buffer_mut(), area, shown, view, look)
}

/// As [`draw`], into a buffer. Returns what is where, for [`ViewState::saw`].
pub fn draw_buffer(buf: &mut Buffer, area: Rect, shown: &Shown<'_>, view: &ViewState, look: &Look) -> Drawn {
    let _measure = Measure::of(look.wide);
    let mut paint = Paint::new(buf, look, facts::account(shown, &view.only));
    let p = &mut paint;
    p.tint(area, p.style(Role::Text));
    if chrome::too_small((area.width, area.height)) {
        chrome::summary(p, area, shown);
        return Drawn::default();
    }
    chrome::header(p, Rect { height: 1, ..area }, shown);
    chrome::tabs(p, Rect { y: area.y + 1, height: 1, ..area }, view);
    let mut body = Rect { y: area.y + 2, height: area.height - 3, ..area };
    let scrubbed = scrubber::fits((area.width, area.height), shown);
    if scrubbed {
        body.height -= 1;
    }
    if let Some(input) = view.input.as_ref().filter(|i| i.typing == Typing::Filter) {
        // The line being typed takes the body's last row, so that what is wrong with it stands under it.
        body.height -= 1;
        chrome::typed(p, Rect { y: body.bottom(), height: 1, ..area }, input);
    }
    if scrubbed {
        let chosen = view.pointer.scrub.map(super::mouse::Scrub::at);
        scrubber::draw(p, Rect { y: area.bottom() - 2, height: 1, ..area }, shown, chosen);
    }
    if let Some(scroll) = view.help {
        p.hit(body, Target::Lines);
        help::draw(p, body, view.place(), shown, scroll);
    } else if let Some(open) = &view.explained {
        p.hit(body, Target::Lines);
        explain::draw(p, body, shown, open);
    } else if let Some(open) = view.details.last() {
        detail::draw(p, body, open, shown, view.zoom.map(|z| z.span));
    } else if view.page == Page::Overview {
        pages::overview(p, Ctx { shown, view }, body);
    } else {
        let frame = if body.width >= 60 && body.height >= 12 { Framing::Boxed } else { Framing::Ruled };
        pages::list(p, Ctx { shown, view }, view.focus(), Place { area: body, frame, focused: true, full: true });
    }
    if let Some(drag) = view.pointer.drag {
        p.select(drag.chosen());
    }
    if let Some(scroll) = view.welcome.filter(|_| view.help.is_none()) {
        p.hit(body, Target::Cover);
        p.hit(body, Target::Lines);
        welcome::draw(p, body, shown, scroll);
    }
    if let Some(input) = view.input.as_ref().filter(|i| i.typing.finds()) {
        p.hit(body, Target::Cover);
        palette::draw(p, body, input, &view.found);
    }
    if let Some(dialog) = &view.dialog {
        p.hit(body, Target::Cover);
        dialog::draw(p, body, shown, dialog);
    }
    chrome::footer(p, Rect { y: area.bottom() - 1, height: 1, ..area }, shown, view);
    paint.drawn()
}
