//! `awswatch screenshots DIR`: the pictures of the documentation, drawn by the program itself from simulated incidents,
//! the same bytes every time.

use std::path::Path;

use anyhow::Context;
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::Headless;
use crate::cli::WorldArgs;
use crate::ui::{Look, Theme, svg};

struct Picture {
    name: &'static str,
    scenario: &'static str,
    minutes: i64,
    keys: &'static str,
    size: (u16, u16),
    theme: &'static str,
}

const PICTURES: [Picture; 7] = [
    Picture { name: "overview", scenario: "surge", minutes: 10, keys: "", size: (160, 48), theme: "dark" },
    Picture { name: "overview-80x24", scenario: "surge", minutes: 10, keys: "", size: (80, 24), theme: "dark" },
    Picture { name: "overview-light", scenario: "az-outage", minutes: 8, keys: "", size: (160, 48), theme: "light" },
    Picture { name: "detail", scenario: "surge", minutes: 12, keys: "\n", size: (120, 40), theme: "dark" },
    Picture { name: "balancers", scenario: "az-outage", minutes: 8, keys: "2", size: (120, 40), theme: "dark" },
    Picture { name: "scaling", scenario: "asg-max", minutes: 10, keys: "3", size: (120, 40), theme: "dark" },
    Picture { name: "pollers", scenario: "expired", minutes: 8, keys: "0", size: (120, 40), theme: "dark" },
];

/// Draws all pictures into `dir`, as SVG.
pub(super) fn draw(dir: &Path) -> anyhow::Result<u8> {
    std::fs::create_dir_all(dir).with_context(|| format!("failed to make {}", dir.display()))?;
    for picture in &PICTURES {
        let path = dir.join(format!("{}.svg", picture.name));
        std::fs::write(&path, render(picture)?).with_context(|| format!("failed to write {}", path.display()))?;
        super::say(&format!("{}\n", path.display()));
    }
    Ok(0)
}

fn render(picture: &Picture) -> anyhow::Result<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
    runtime.block_on(async {
        let look = Look { theme: Theme::builtin(picture.theme)?, ..Look::default() };
        let zone = TimeZone::get("Asia/Tokyo").unwrap_or(TimeZone::UTC);
        let mut console = Headless::start(picture.scenario, &WorldArgs::default(), look, zone, picture.size)?;
        let end = console.now() + SignedDuration::from_mins(picture.minutes);
        console.run_until(end, |_, _| ()).await;
        console.press(picture.keys);
        Ok(svg(&console.screen(), &console.core.look))
    })
}
