//! What is there to be configured: the profiles of the SDK's own files, by name and region. Nothing else of them is
//! looked at.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;

use crate::cli::Cli;
use crate::config;
use crate::model::Text;
use crate::ui::Setup;

/// Most of a file that is read, in bytes.
const MOST: u64 = 1024 * 1024;
/// Most profiles.
const MAX_PROFILES: usize = 500;

/// What is found for `cli`.
pub(super) fn setup(cli: &Cli) -> Setup {
    let file = config::file_path(&cli.flags()).map(|p| p.display().to_string()).unwrap_or_default();
    let text = read("AWS_CONFIG_FILE", "config");
    Setup { profiles: profiles(&text), file: Text::new(&file) }
}

/// The file that `variable` names, or `.aws/NAME` at home; empty where there is none.
fn read(variable: &str, name: &str) -> String {
    let named = std::env::var_os(variable).filter(|v| !v.is_empty()).map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".aws").join(name));
    let mut bytes = Vec::new();
    if let Some(file) = named.or_else(home).and_then(|path| std::fs::File::open(path).ok()) {
        // What cannot be read is told where the SDK reads it.
        let _ = file.take(MOST).read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The profiles of a shared configuration file, with their regions.
fn profiles(text: &str) -> Vec<(Text, Option<Text>)> {
    let mut out: BTreeMap<Text, Option<Text>> = BTreeMap::new();
    let mut here: Option<Text> = None;
    for line in text.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[').and_then(|l| l.split(']').next()) {
            let section = section.trim();
            let name = section.strip_prefix("profile").map(str::trim).filter(|n| !n.is_empty());
            here = name.or(Some(section).filter(|s| *s == "default")).map(|n| Text::new(n.trim_matches('"')));
            if let Some(name) = here.clone().filter(|_| out.len() < MAX_PROFILES) {
                out.entry(name).or_default();
            }
        } else if let (Some(name), Some((key, value))) = (&here, line.split_once('='))
            && key.trim() == "region"
            && let Some(region) = out.get_mut(name)
        {
            *region = Some(Text::new(value.trim()));
        }
    }
    out.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_have_their_names_and_regions() {
        let text = "[default]\nregion = eu-west-1\n# x\n[profile prod]\noutput=json\nregion=ap-northeast-1\n\
                    [profile \"night shift\"]\n[sso-session corp]\nregion = us-east-1\nsso_region = us-east-1\n[profile]\n";
        let found: Vec<(String, Option<String>)> =
            profiles(text).into_iter().map(|(n, r)| (n.to_string(), r.map(|r| r.to_string()))).collect();
        let of = |name: &str, region: Option<&str>| (name.to_owned(), region.map(ToOwned::to_owned));
        assert_eq!(
            found,
            [of("default", Some("eu-west-1")), of("night shift", None), of("prod", Some("ap-northeast-1"))]
        );
    }
}
