//! `awswatch screenshots DIR`: the pictures of the documentation, drawn by the program itself from simulated incidents,
//! the same bytes every time.

use std::path::Path;

use anyhow::Context;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ratatui::buffer::Buffer;

use super::Headless;
use crate::cli::WorldArgs;
use crate::ui::{Look, Scene, Theme, ViewState, film, svg};

/// A screen of one scenario, some minutes after its beginning and after some keys.
struct Still {
    name: &'static str,
    minutes: i64,
    keys: &'static str,
    size: (u16, u16),
    theme: &'static str,
}

/// What is pictured, by scenario; of each the earlier ones first.
const STILLS: [(&str, &[Still]); 4] = [
    (
        "surge",
        &[
            Still { name: "overview", minutes: 10, keys: "", size: (160, 48), theme: "dark" },
            Still { name: "overview-200x60", minutes: 10, keys: "", size: (200, 60), theme: "dark" },
            Still { name: "overview-80x24", minutes: 10, keys: "", size: (80, 24), theme: "dark" },
            Still { name: "overview-40x10", minutes: 10, keys: "", size: (40, 10), theme: "dark" },
            Still { name: "overview-high-contrast", minutes: 10, keys: "", size: (120, 40), theme: "high-contrast" },
            Still { name: "detail", minutes: 12, keys: "\n", size: (120, 40), theme: "dark" },
        ],
    ),
    (
        "az-outage",
        &[
            Still { name: "overview-light", minutes: 8, keys: "", size: (160, 48), theme: "light" },
            Still { name: "balancers", minutes: 8, keys: "2", size: (120, 40), theme: "dark" },
        ],
    ),
    ("asg-max", &[Still { name: "scaling", minutes: 10, keys: "3", size: (120, 40), theme: "dark" }]),
    ("expired", &[Still { name: "pollers", minutes: 8, keys: "0", size: (120, 40), theme: "dark" }]),
];

/// The film: so many seconds of simulated time after the last scene, these keys, shown for so long under this caption.
struct Shot {
    after: i64,
    keys: &'static str,
    lasts: f64,
    caption: &'static str,
}

const FILM_SIZE: (u16, u16) = (120, 36);
const SURGE: &str = "awswatch --demo surge: ten minutes in a few seconds";
const FILM: [Shot; 10] = [
    Shot { after: 0, keys: "", lasts: 1.5, caption: "The worst first: critical minutes before CloudWatch's alarm" },
    Shot { after: 5, keys: "\n", lasts: 3.5, caption: "Enter: what is wrong, since when, and what changed before it" },
    Shot { after: 5, keys: "\x1b2", lasts: 2.5, caption: "2: load balancers" },
    Shot { after: 5, keys: "3", lasts: 2.5, caption: "3: Auto Scaling groups" },
    Shot { after: 5, keys: "4", lasts: 1.5, caption: "4: instances" },
    Shot { after: 1, keys: "/state", lasts: 0.7, caption: "/: a filter" },
    Shot { after: 1, keys: "!=running\n", lasts: 2.0, caption: "/: a filter" },
    Shot { after: 5, keys: "\x1b9", lasts: 2.5, caption: "9: the timeline" },
    Shot { after: 5, keys: "1:", lasts: 1.5, caption: "`:` goes anywhere and does anything, by a few letters" },
    Shot { after: 1, keys: "\x1b?", lasts: 2.5, caption: "?: the keys of the place one is in" },
];

/// A picture of the documentation.
pub struct Picture {
    /// Its name, as a file without an extension.
    pub name: &'static str,
    /// It, as SVG.
    pub svg: String,
    /// The cells that it shows, and how; nothing where it moves.
    pub still: Option<(Buffer, Look)>,
}

/// Draws all pictures, and gives each to `take`.
pub fn pictures(mut take: impl FnMut(Picture) -> anyhow::Result<()>) -> anyhow::Result<()> {
    for (scenario, stills) in STILLS {
        on_paused_time(async {
            let (mut console, begin) = start(scenario)?;
            for still in stills {
                console.run_until(begin + SignedDuration::from_mins(still.minutes), |_, _| ()).await;
                console.resize(still.size);
                console.core.view = ViewState::default();
                console.core.look.theme = Theme::builtin(still.theme)?;
                console.press(still.keys);
                let (screen, look) = (console.screen(), console.core.look.clone());
                take(Picture { name: still.name, svg: svg(&screen, &look), still: Some((screen, look)) })?;
            }
            Ok(())
        })?;
    }
    take(Picture { name: "demo", svg: demo()?, still: None })
}

/// Draws all pictures into `dir`, as SVG.
pub(super) fn draw(dir: &Path) -> anyhow::Result<u8> {
    std::fs::create_dir_all(dir).with_context(|| format!("failed to make {}", dir.display()))?;
    pictures(|picture| {
        let path = dir.join(format!("{}.svg", picture.name));
        std::fs::write(&path, picture.svg).with_context(|| format!("failed to write {}", path.display()))?;
        super::say(&format!("{}\n", path.display()));
        Ok(())
    })?;
    Ok(0)
}

/// The surge from its beginning, and a walk through the pages.
fn demo() -> anyhow::Result<String> {
    on_paused_time(async {
        let (mut console, begin) = start("surge")?;
        console.resize(FILM_SIZE);
        let mut scenes = Vec::new();
        for step in 2..=20 {
            console.run_until(begin + SignedDuration::from_secs(30 * step), |_, _| ()).await;
            scenes.push(Scene { buffer: console.screen(), lasts: 0.3, caption: SURGE.into() });
        }
        for shot in &FILM {
            console.press(shot.keys);
            // What a page wants read is read meanwhile.
            let now = console.now();
            console.run_until(now + SignedDuration::from_secs(shot.after), |_, _| ()).await;
            scenes.push(Scene { buffer: console.screen(), lasts: shot.lasts, caption: shot.caption.into() });
        }
        Ok(film(&scenes, &console.core.look))
    })
}

fn start(scenario: &str) -> anyhow::Result<(Headless, Timestamp)> {
    let zone = TimeZone::get("Asia/Tokyo").unwrap_or(TimeZone::UTC);
    let look = Look { theme: Theme::builtin("dark")?, ..Look::default() };
    let console = Headless::start(scenario, &WorldArgs::default(), look, zone, (160, 48))?;
    let begin = console.now();
    Ok((console, begin))
}

fn on_paused_time<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?.block_on(work)
}
