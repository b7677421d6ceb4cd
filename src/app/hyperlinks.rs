//! Links in the terminal (OSC 8): text that was drawn is written once more as a link, when nobody types: a list that is
//! scrolled would cost five times as much with them.
//!
//! A terminal gives each cell that is written the link that is open then. Cells of a frame have none, so linked ones are
//! written again behind the frame, in the same piece: only where the link or what is under it has changed since the last
//! frame. What was linked and no longer is, is written again without. Every link is closed before anything else is written.

use std::io::{self, Write};
use std::time::Duration;

use ratatui::backend::Backend;
use ratatui::buffer::{Buffer, Cell, CellWidth};
use ratatui::layout::Rect;

use crate::clock::Pacer;
use crate::ui::Link;

/// Longest address that terminals take (VTE takes 2083 bytes).
const LONGEST: usize = 2000;
/// No link from here on.
pub(super) const CLOSE: &str = "\x1b]8;;\x1b\\";

/// Whether these variables tell of a terminal that takes links. Inside of tmux and screen it is what they take.
pub(super) fn known(of: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name: &str| of(name).is_some_and(|value| !value.is_empty());
    let version = |name: &str| of(name).unwrap_or_default();
    let program = of("TERM_PROGRAM").unwrap_or_default();
    let term = of("TERM").unwrap_or_default();
    if set("TMUX") || term.starts_with("tmux") {
        // It knows links since 3.4, and hands them on to terminals of which it knows that they do.
        let mut numbers = version("TERM_PROGRAM_VERSION");
        numbers.retain(|c| c.is_ascii_digit() || c == '.');
        let mut numbers = numbers.split('.').map(|n| n.parse().unwrap_or(0u32));
        return program == "tmux" && (numbers.next(), numbers.next()) >= (Some(3), Some(4));
    }
    if set("STY") || term.starts_with("screen") {
        return false;
    }
    ["iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "rio", "Tabby", "mintty"].contains(&program.as_str())
        || ["xterm-kitty", "xterm-ghostty", "wezterm", "alacritty", "contour", "foot", "rio"]
            .iter()
            .any(|name| term == *name || term.strip_prefix(name).is_some_and(|rest| rest.starts_with('-')))
        || ["KITTY_WINDOW_ID", "WT_SESSION", "KONSOLE_VERSION", "ALACRITTY_WINDOW_ID", "DOMTERM"].into_iter().any(set)
        || version("VTE_VERSION").parse().is_ok_and(|vte: u32| vte >= 5000)
}

/// The links that are on the screen.
#[derive(Debug, Default)]
pub(super) struct Hyperlinks {
    placed: Vec<Placed>,
    /// Whether a frame was drawn since without its links.
    owed: bool,
}

/// When links are placed: not while somebody types, and for a while not on a line that is slow.
#[derive(Debug)]
pub(super) struct Linking {
    still: Pacer,
    /// For how many more ticks there are none, and for how many the next time.
    none_for: u32,
    next: u32,
}

/// What becomes of the links of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Links {
    /// They are placed.
    Place,
    /// They wait for a later frame.
    Wait,
    /// There are none: those that are there are taken off.
    Off,
}

/// Nobody types who has typed nothing for so long.
const STILL: Duration = Duration::from_millis(300);
/// For how many ticks there are none once the line was slow; twice as many each time that links were what made it so.
const NONE_FOR: u32 = 10;
const NONE_FOR_MOST: u32 = 640;

impl Linking {
    pub(super) fn new() -> Self {
        Self { still: Pacer::new(STILL), none_for: 0, next: NONE_FOR }
    }

    /// Somebody typed.
    pub(super) fn typed(&mut self) {
        self.still.put_off();
    }

    /// A second passed.
    pub(super) fn tick(&mut self) {
        self.none_for = self.none_for.saturating_sub(1);
    }

    /// A frame with its links as `links` was taken slowly.
    pub(super) fn slow(&mut self, links: Links) {
        if links == Links::Place {
            self.next = (self.next * 2).min(NONE_FOR_MOST);
        }
        self.none_for = self.next;
    }

    /// What becomes of those of a frame that is drawn now.
    pub(super) fn now(&self) -> Links {
        match self.still.is_due() {
            false => Links::Wait,
            true if self.none_for > 0 => Links::Off,
            true => Links::Place,
        }
    }

    /// Waits until they can be placed.
    pub(super) fn wait(&self) -> impl Future<Output = ()> + Send + 'static + use<> {
        self.still.wait()
    }
}

#[derive(Debug, PartialEq)]
struct Placed {
    area: Rect,
    address: String,
    /// What is under it, and the two cells before it: a wide character there may have been written over its first cell.
    under: Vec<Cell>,
}

/// Cells to be written again.
#[derive(Debug, PartialEq)]
pub(super) struct Run {
    x: u16,
    y: u16,
    cells: Vec<Cell>,
    /// As a link to here, or as none.
    address: Option<String>,
}

impl Hyperlinks {
    /// The screen was emptied: no link is on it.
    pub(super) fn forget(&mut self) {
        self.placed.clear();
    }

    /// Whether the frame that is shown has not got its links yet.
    pub(super) fn are_owed(&self) -> bool {
        self.owed
    }

    /// What has to be written behind the frame `shown`, which has the links `wanted`.
    pub(super) fn written(&mut self, links: Links, wanted: &[Link], shown: &Buffer) -> Vec<Run> {
        match links {
            Links::Place => self.news(wanted, shown),
            Links::Off => self.news(&[], shown),
            Links::Wait => {
                self.owed = !wanted.is_empty() || !self.placed.is_empty();
                // What was drawn over is no link any more, also if a later frame has there what was there before.
                for placed in &mut self.placed {
                    if placed.under != cells(shown, before(placed.area)) {
                        placed.under.clear();
                    }
                }
                Vec::new()
            }
        }
    }

    /// What has to be written behind the frame `shown`, so that it has the links `wanted`.
    fn news(&mut self, wanted: &[Link], shown: &Buffer) -> Vec<Run> {
        self.owed = false;
        let of = |link: &Link| {
            let area = link.area.intersection(shown.area);
            let address = sound(&link.address).filter(|_| area.height == 1 && area.width > 0)?;
            Some(Placed { area, address, under: cells(shown, before(area)) })
        };
        let now: Vec<Placed> = wanted.iter().filter_map(of).collect();
        let before = std::mem::take(&mut self.placed);
        let new: Vec<&Placed> = now.iter().filter(|placed| !before.contains(placed)).collect();
        // What is written as another link needs not be written without one first.
        let gone = before.iter().filter(|placed| !now.contains(placed)).flat_map(|placed| {
            let mut left = vec![placed.area];
            for over in &new {
                left = left.into_iter().flat_map(|area| without(area, over.area)).collect();
            }
            left.into_iter().map(|area| run(shown, area, None))
        });
        // A link that was taken off may have lain over one that stays.
        let lost: Vec<Rect> = before.iter().filter(|placed| !now.contains(placed)).map(|placed| placed.area).collect();
        let stays =
            now.iter().filter(|placed| before.contains(placed) && lost.iter().any(|a| a.intersects(placed.area)));
        let again =
            new.iter().copied().chain(stays).map(|placed| run(shown, placed.area, Some(placed.address.clone())));
        let runs = gone.chain(again).filter(|run| !run.cells.is_empty()).collect();
        self.placed = now;
        runs
    }
}

/// `area`, and the two cells before it.
fn before(area: Rect) -> Rect {
    Rect { x: area.x.saturating_sub(2), width: area.width + area.x.min(2), ..area }
}

/// What of the row `area` does not lie under `over`.
fn without(area: Rect, over: Rect) -> impl Iterator<Item = Rect> {
    let part = |from: u16, to: u16| Rect { x: from, width: to.saturating_sub(from), ..area };
    let parts = if area.intersects(over) {
        [part(area.x, over.x), part(over.right(), area.right())]
    } else {
        [area, Rect::default()]
    };
    parts.into_iter().filter(|part| part.width > 0)
}

fn run(shown: &Buffer, area: Rect, address: Option<String>) -> Run {
    let area = area.intersection(shown.area);
    Run { x: area.x, y: area.y, cells: cells(shown, area), address }
}

fn cells(shown: &Buffer, area: Rect) -> Vec<Cell> {
    (area.x..area.right()).filter_map(|x| shown.cell((x, area.y)).cloned()).collect()
}

/// `address` as a terminal may be given it: a web address, what is not printable ASCII in its percent form.
fn sound(address: &str) -> Option<String> {
    use std::fmt::Write;
    let mut out = String::with_capacity(address.len());
    for byte in address.bytes() {
        if byte.is_ascii_graphic() {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    (out.len() <= LONGEST && (out.starts_with("https://") || out.starts_with("http://"))).then_some(out)
}

/// Writes `runs` over what is drawn.
pub(super) fn write<B: Backend<Error = io::Error> + Write>(out: &mut B, runs: &[Run]) -> io::Result<()> {
    for run in runs {
        if let Some(address) = &run.address {
            write!(out, "\x1b]8;;{address}\x1b\\")?;
        }
        let mut cells = Vec::with_capacity(run.cells.len());
        let (mut x, mut rest) = (run.x, run.cells.iter());
        while let Some(cell) = rest.next() {
            let width = usize::from(cell.cell_width()).max(1);
            // The second half of a wide character is written with the first; half of one is not written.
            if width > rest.len() + 1 {
                break;
            }
            cells.push((x, run.y, cell));
            for _ in 1..width {
                rest.next();
            }
            x += u16::try_from(width).unwrap_or(1);
        }
        let drawn = out.draw(cells.into_iter());
        if run.address.is_some() {
            out.write_all(CLOSE.as_bytes())?;
        }
        drawn?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use ratatui::style::{Color, Style};

    use super::*;

    fn frame(lines: &[&str]) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 3));
        for (y, line) in (0..).zip(lines) {
            buffer.set_string(0, y, line, Style::new().fg(Color::Red));
        }
        buffer
    }

    fn link(x: u16, y: u16, width: u16, address: &str) -> Link {
        Link { area: Rect { x, y, width, height: 1 }, address: address.into() }
    }

    /// What a terminal is sent.
    fn bytes(runs: &[Run]) -> String {
        let mut out = Vec::new();
        write(&mut ratatui::backend::CrosstermBackend::new(&mut out), runs).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn only_what_is_new_is_written_and_every_link_is_closed() {
        let (mut links, shown) = (Hyperlinks::default(), frame(&["web-clb  up", "api-alb  up"]));
        let wanted = [link(0, 0, 7, "https://a/1"), link(0, 1, 7, "https://a/2")];
        let runs = links.news(&wanted, &shown);
        assert_eq!(runs.len(), 2);
        let sent = bytes(&runs);
        assert!(sent.starts_with("\x1b]8;;https://a/1\x1b\\\x1b[1;1H") && sent.contains("web-clb"), "{sent:?}");
        assert_eq!((sent.matches("\x1b]8;;").count(), sent.matches(CLOSE).count()), (4, 2));
        assert!(!sent.contains("up"), "{sent:?}");
        assert_eq!(links.news(&wanted, &shown), []);
        assert_eq!(bytes(&[]), "");
        // One name is another, so it is written; the other row is not.
        let runs = links.news(&wanted, &frame(&["web-nlb  up", "api-alb  up"]));
        assert_eq!(runs.len(), 1, "what was there is written over: {runs:?}");
        assert!(runs.iter().all(|run| run.y == 0));
        // After the screen was emptied all of it comes again.
        links.forget();
        assert_eq!(links.news(&wanted, &shown).len(), 2);
        // What is no link any more is written without.
        let sent = bytes(&links.news(&[], &shown));
        assert!(sent.contains("web-clb") && !sent.contains("\x1b]8"), "{sent:?}");
    }

    #[test]
    fn while_somebody_types_links_wait_and_come_behind_it() {
        let (mut links, rows) = (Hyperlinks::default(), [["web-clb", "api-alb"], ["api-alb", "web-clb"]]);
        let of = |name: &str, y| link(0, y, 7, &format!("https://a/{name}"));
        let wanted = rows.map(|row| [of(row[0], 0), of(row[1], 1)]);
        let shown = rows.map(|row| frame(&row));
        assert_eq!(links.written(Links::Place, &wanted[0], &shown[0]).len(), 2);
        assert!(!links.are_owed());
        // There and back: the names stand where they stood, but were drawn without links.
        for n in [1, 0] {
            assert_eq!(links.written(Links::Wait, &wanted[n], &shown[n]), []);
            assert!(links.are_owed());
        }
        let runs = links.written(Links::Place, &wanted[0], &shown[0]);
        assert_eq!(runs.iter().filter(|run| run.address.is_some()).count(), 2, "{runs:?}");
        assert!(!links.are_owed());
        // A shorter name takes the rest of a longer one's link off, and no more.
        let runs = links.news(&[link(0, 0, 4, "https://a/shorter"), wanted[0][1].clone()], &frame(&["erp", "api-alb"]));
        let of: Vec<_> = runs.iter().map(|run| (run.x, run.y, run.cells.len(), run.address.is_some())).collect();
        assert_eq!(of, [(4, 0, 3, false), (0, 0, 4, true)]);
        // On a slow line they are taken off.
        assert!(links.written(Links::Off, &wanted[0], &shown[0]).iter().all(|run| run.address.is_none()));
        assert_eq!(links.written(Links::Off, &wanted[0], &shown[0]), []);
    }

    #[test]
    fn a_slow_line_has_none_for_longer_each_time_that_they_made_it_slow() {
        let mut linking = Linking::new();
        assert_eq!(linking.now(), Links::Place);
        let ticks = |linking: &mut Linking| {
            (1..=NONE_FOR_MOST)
                .find(|_| {
                    linking.tick();
                    linking.now() == Links::Place
                })
                .unwrap()
        };
        linking.slow(Links::Wait);
        assert_eq!(linking.now(), Links::Off);
        assert_eq!(ticks(&mut linking), NONE_FOR);
        linking.slow(Links::Place);
        assert_eq!(ticks(&mut linking), 2 * NONE_FOR);
        linking.still = Pacer::new(Duration::from_secs(3600));
        linking.typed();
        assert_eq!(linking.now(), Links::Wait);
    }

    #[test]
    fn a_link_under_which_one_went_is_written_again() {
        let (mut links, shown) = (Hyperlinks::default(), frame(&["web-clb  up"]));
        links.news(&[link(0, 0, 10, "https://a/wide"), link(4, 0, 3, "https://a/narrow")], &shown);
        let runs = links.news(&[link(4, 0, 3, "https://a/narrow")], &shown);
        assert_eq!(runs.last().unwrap().address.as_deref(), Some("https://a/narrow"));
    }

    #[test]
    fn wide_characters_are_written_whole() {
        let shown = frame(&["東京-web x"]);
        let sent = |width| bytes(&Hyperlinks::default().news(&[link(0, 0, width, "https://a/")], &shown));
        let plain = |text: &str| {
            let mut parts = text.split('\x1b').map(|p| p.trim_start_matches(|c: char| !c.is_alphabetic() && c != '\\'));
            parts.by_ref().map(|p| p.get(1..).unwrap_or_default()).collect::<String>()
        };
        assert!(plain(&sent(8)).contains("東京-web"), "{:?}", sent(8));
        // The half that would stand outside of its link is left as it was drawn.
        assert!(sent(3).contains('東') && !sent(3).contains('京'), "{:?}", sent(3));
    }

    #[test]
    fn no_address_ends_its_sequence_or_is_no_web_address() {
        let shown = frame(&["x"]);
        for hostile in ["https://a/\x1b\\\x1b]52;c;eA==\x07", "https://a/\u{9c}\u{202e}\n;x y"] {
            let sent = bytes(&Hyperlinks::default().news(&[link(0, 0, 1, hostile)], &shown));
            let inside = sent.strip_prefix("\x1b]8;;").unwrap().split_once("\x1b\\").unwrap().0;
            assert!(inside.starts_with("https://a/") && inside.bytes().all(|b| b.is_ascii_graphic()), "{inside:?}");
        }
        for none in ["javascript:alert(1)", "file:///etc/passwd", "", &format!("https://a/{}", "é".repeat(400))] {
            assert_eq!(Hyperlinks::default().news(&[link(0, 0, 1, none)], &shown), [], "{none}");
        }
        // Outside of the frame there is nothing to be written.
        assert_eq!(
            Hyperlinks::default().news(&[link(50, 1, 5, "https://a/"), link(1, 9, 5, "https://a/")], &shown),
            []
        );
    }

    #[test]
    fn terminals_that_take_links_are_known() {
        let known = |vars: &[(&str, &str)]| {
            known(|name| vars.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()))
        };
        for vars in [
            &[("TERM", "xterm-kitty")][..],
            &[("TERM", "foot-extra")],
            &[("TERM", "xterm-256color"), ("TERM_PROGRAM", "WezTerm")],
            &[("TERM", "xterm-256color"), ("VTE_VERSION", "7600")],
            &[
                ("TERM", "tmux-256color"),
                ("TMUX", "/tmp/x"),
                ("TERM_PROGRAM", "tmux"),
                ("TERM_PROGRAM_VERSION", "3.5a"),
            ],
        ] {
            assert!(known(vars), "{vars:?}");
        }
        for vars in [
            &[][..],
            &[("TERM", "xterm-256color")],
            &[("TERM", "linux"), ("VTE_VERSION", "")],
            &[("TERM", "footloose")],
            &[("TERM", "xterm"), ("VTE_VERSION", "4803")],
            &[("TERM", "screen-256color"), ("TMUX", "/tmp/x"), ("KITTY_WINDOW_ID", "1")],
            &[
                ("TERM", "tmux-256color"),
                ("TMUX", "/tmp/x"),
                ("TERM_PROGRAM", "tmux"),
                ("TERM_PROGRAM_VERSION", "3.3a"),
            ],
            &[("TERM", "screen"), ("STY", "1.pts-0"), ("WT_SESSION", "x")],
        ] {
            assert!(!known(vars), "{vars:?}");
        }
    }
}
