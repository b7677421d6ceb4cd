use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::*;
use crate::model::PollerKind;
use crate::rules::{RuleSet, RuleSource};

fn environment(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

fn from_text(text: &str) -> Result<Config, ConfigError> {
    let file = SourceFile { path: Path::new("config.toml"), text };
    Config::resolve(&Flags::default(), &BTreeMap::new(), Some(file))
}

fn built_in() -> Config {
    Config::resolve(&Flags::default(), &BTreeMap::new(), None).unwrap()
}

fn files(dir: &str) -> Vec<(String, String)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(dir);
    let mut paths: Vec<PathBuf> = fs::read_dir(&dir).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty());
    paths
        .into_iter()
        .map(|p| (p.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(&p).unwrap()))
        .collect()
}

#[test]
fn valid_files_are_valid() {
    let mut out = String::new();
    for (name, text) in files("valid_configs") {
        let file = SourceFile { path: Path::new("/etc/aw/config.toml"), text: &text };
        let config = Config::resolve(&Flags::default(), &BTreeMap::new(), Some(file)).unwrap();
        let summary = summary(&config);
        let set: Vec<&str> =
            summary.lines().filter(|l| !l.ends_with("# default") && !l.ends_with("# not set")).collect();
        writeln!(out, "== {name}\n{}", set.join("\n")).unwrap();
    }
    insta::assert_snapshot!(out);
}

#[test]
fn every_problem_of_an_invalid_file_is_named() {
    let mut out = String::new();
    for (name, text) in files("invalid_configs") {
        let file = SourceFile { path: Path::new(&name), text: &text };
        let error = Config::resolve(&Flags::default(), &BTreeMap::new(), Some(file)).unwrap_err();
        writeln!(out, "{error}\n").unwrap();
    }
    assert!(!out.contains('\u{1b}'), "an escape sequence came through");
    insta::assert_snapshot!(out);
}

#[test]
fn flags_go_before_variables_before_the_file_before_defaults() {
    let file = SourceFile { path: Path::new("c.toml"), text: "[ui]\ntheme = 'file'\n" };
    let theme = |flag: Option<&str>, variable: Option<&str>, file: Option<SourceFile<'_>>| {
        let flags = Flags { theme: flag.map(str::to_owned), ..Flags::default() };
        let variables: Vec<(&str, &str)> = variable.map(|v| ("AWSWATCH_UI_THEME", v)).into_iter().collect();
        let config = Config::resolve(&flags, &environment(&variables), file).unwrap();
        format!("{} ({})", config.ui.theme, config.origins["ui.theme"])
    };
    assert_eq!(theme(Some("flag"), Some("variable"), Some(file)), "flag (--theme)");
    assert_eq!(theme(None, Some("variable"), Some(file)), "variable (AWSWATCH_UI_THEME)");
    assert_eq!(theme(None, Some(""), Some(file)), "file (file, line 2)");
    assert_eq!(theme(None, None, None), "ansi (default)");
}

#[test]
fn every_flag_reaches_its_setting() {
    let flags = Flags {
        file: None,
        profiles: vec!["p".to_owned()],
        regions: vec!["eu-west-1".to_owned()],
        theme: Some("t".to_owned()),
        keymap: Some("k".to_owned()),
        ascii: true,
        no_color: true,
        mouse: true,
        timeout: Some(Duration::from_millis(1500)),
    };
    let c = Config::resolve(&flags, &BTreeMap::new(), None).unwrap();
    assert_eq!((c.profiles[0].as_str(), c.regions[0].as_str()), ("p", "eu-west-1"));
    assert_eq!(
        (c.ui.theme.as_str(), c.ui.keymap.as_str(), c.ui.ascii, c.ui.color, c.ui.mouse),
        ("t", "k", true, false, true)
    );
    assert_eq!(c.check.timeout, Duration::from_millis(1500));
}

#[test]
fn every_key_can_be_set_by_its_variable() {
    for key in keys::keys() {
        let raw = match key.takes {
            keys::Takes::Profiles => "a, b",
            keys::Takes::Regions => "eu-west-1,us-east-1",
            keys::Takes::Duration { .. } if key.path == "timeouts.connect" => "5s",
            keys::Takes::Duration { .. } if key.path == "state.keep" => "30h",
            keys::Takes::Duration { .. } => "20s",
            keys::Takes::Count { .. } if key.path == "state.rows" => "7000",
            keys::Takes::Words => "night shift",
            keys::Takes::Dollars | keys::Takes::Count { .. } => "7",
            keys::Takes::Flag => "yes",
            keys::Takes::Name => "mine",
            keys::Takes::Zone => "Europe/Berlin",
            keys::Takes::Word(words) => words[words.len() - 1],
            keys::Takes::Panes => "trail,bill",
            keys::Takes::Paths => "/a.toml,b.toml",
            keys::Takes::WallPages => "alerts,data",
            keys::Takes::Time => "06:30",
            keys::Takes::Columns(page) => page.columns[0],
            keys::Takes::Order(page) => page.sorts[0],
            keys::Takes::Group(page) => page.groups[1],
        };
        let variables = environment(&[(&key.variable(), raw)]);
        let config = Config::resolve(&Flags::default(), &variables, None).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(config.origins[&key.path], Origin::Environment(key.variable()));
        assert_eq!(config.warnings, [""; 0]);
        let value = messages::shown(&config, &key.path).unwrap();
        let squeezed = |s: &str| s.replace(['[', ']', '"', ' '], "");
        let expected = if raw == "yes" { "true".to_owned() } else { squeezed(raw) };
        assert_eq!(squeezed(&value), expected, "{}", key.path);
    }
}

#[test]
fn the_sdks_own_variables_count_and_are_shown() {
    let variables =
        [("AWS_PROFILE", "dev"), ("AWS_DEFAULT_REGION", "eu-west-1"), ("AWS_ENDPOINT_URL", "http://[::1]:1")];
    let c = Config::resolve(&Flags::default(), &environment(&variables), None).unwrap();
    assert_eq!((c.profiles[0].as_str(), c.regions[0].as_str()), ("dev", "eu-west-1"));
    assert_eq!(c.origins["regions"].to_string(), "AWS_DEFAULT_REGION");
    let more = [variables[0], variables[1], variables[2], ("AWS_REGION", "eu-west-2"), ("AWSWATCH_PROFILES", "a,b")];
    let c = Config::resolve(&Flags::default(), &environment(&more), None).unwrap();
    assert_eq!(c.origins["regions"].to_string(), "AWS_REGION");
    assert_eq!(c.origins["profiles"].to_string(), "AWSWATCH_PROFILES");
    assert!(summary(&c).contains("endpoint: http://[::1]:1"));
}

#[test]
fn wrong_variables_and_flags_are_named() {
    let variables = environment(&[("AWS_REGION", "tokyo"), ("AWSWATCH_UI_MAX_FPS", "many")]);
    let flags = Flags { theme: Some("a/b".to_owned()), ..Flags::default() };
    let error = Config::resolve(&flags, &variables, None).unwrap_err();
    insta::assert_snapshot!(error, @r#"
    AWS_REGION: "tokyo" is no region's code, such as "ap-northeast-1" (it sets regions)
    AWSWATCH_UI_MAX_FPS: it must be a whole number from 1 to 60 (it sets ui.max_fps)
    --theme: it must be a name: letters, digits, - and _ (it sets ui.theme)
    "#);
}

#[test]
fn a_variable_that_sets_nothing_is_told() {
    let variables = environment(&[("AWSWATCH_UI_THEMES", "dark"), ("AWSWATCH_LOG", "debug")]);
    let config = Config::resolve(&Flags::default(), &variables, None).unwrap();
    assert_eq!(config.warnings, ["AWSWATCH_UI_THEMES sets nothing; did you mean AWSWATCH_UI_THEME?"]);
}

#[test]
fn no_color_turns_colours_off_unless_ours_says_otherwise() {
    let color =
        |pairs: &[(&str, &str)]| Config::resolve(&Flags::default(), &environment(pairs), None).unwrap().ui.color;
    assert!(!color(&[("NO_COLOR", "1")]));
    assert!(color(&[("NO_COLOR", "")]));
    assert!(color(&[("NO_COLOR", "1"), ("AWSWATCH_UI_COLOR", "true")]));
}

#[test]
fn the_template_says_what_is_built_in() {
    let as_it_is = from_text(&template()).unwrap();
    let mut expected = built_in();
    expected.file = as_it_is.file.clone();
    expected.text = Some(template());
    assert_eq!(as_it_is, expected);

    let text: String = template()
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(key) if !key.starts_with(' ') && !key.is_empty() => format!("{key}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    let uncommented = from_text(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
    let built_in = built_in();
    for key in keys::keys() {
        assert!(matches!(uncommented.origins.get(&key.path), Some(Origin::File { .. })), "{} is missing", key.path);
        if key.default.is_some() {
            let (a, b) = (messages::shown(&uncommented, &key.path), messages::shown(&built_in, &key.path));
            assert_eq!(a, b, "{}", key.path);
        }
    }
    assert_eq!(uncommented.rules.overrides.len(), 1);
    let prod = &uncommented.accounts["prod"];
    assert_eq!((prod.theme.as_deref(), prod.production), (Some("high-contrast"), true));
}

#[test]
fn the_template_is_readable() {
    insta::assert_snapshot!(template());
}

#[test]
fn the_rules_take_the_overrides_that_the_template_and_the_examples_show() {
    let mut texts = files("valid_configs");
    texts.push(("template".to_owned(), template().replace("#[rules", "[rules").replace("#critical", "critical")));
    let built_in = RuleSet::builtin();
    for (name, text) in texts {
        let config = from_text(&text).unwrap();
        assert!(name != "template" || config.rules.overrides.len() == 1);
        for rule in &config.rules.overrides {
            assert!(built_in.rules().iter().any(|r| r.id == rule.rule), "{name}: no rule {}", rule.rule);
        }
        let source = RuleSource { name: &name, text: &text };
        RuleSet::load(&[], &[source]).unwrap_or_else(|errors| panic!("{errors:?}"));
    }
}

#[test]
fn every_poller_has_an_interval_and_it_is_the_pollers_own() {
    let config = built_in();
    for poller in PollerKind::ALL {
        assert_eq!(config.intervals.of(poller), poller.usual_interval(), "{poller}");
    }
}

#[test]
fn durations() {
    let ok = [("90s", 90), ("10m", 600), ("1h30m", 5400), ("2d", 172_800), ("1h 30m", 5400), ("0s", 0)];
    for (raw, seconds) in ok {
        assert_eq!(parse_duration(raw), Ok(Duration::from_secs(seconds)), "{raw}");
    }
    for raw in ["", "90", "soon", "-5m", "1y", "10000d", "1mo", "5m ago"] {
        assert!(parse_duration(raw).is_err(), "{raw}");
    }
    assert!(parse_duration("90").unwrap_err().contains("90s"));
}

#[test]
fn the_message_for_no_credentials_has_two_lines_and_the_ways_out() {
    for message in [no_credentials(None, ""), no_credentials(Some("prod"), "profile `prod` was not defined")] {
        assert_eq!(message.lines().count(), 2);
        assert!(["--demo", "aws configure", "aws sso login"].iter().all(|way| message.contains(way)), "{message}");
    }
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let load_from = |path: PathBuf| {
        let error = load(&Flags { file: Some(path), ..Flags::default() }).unwrap_err().to_string();
        error.replace(dir.path().to_str().unwrap(), "DIR")
    };
    let write = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    assert!(load_from(dir.path().join("none.toml")).starts_with("DIR/none.toml: there is no such file"));
    assert!(load_from(dir.path().to_owned()).contains("directory"));
    assert!(
        load_from(write("latin1.toml", b"# ok\n# caf\xe9\n")).starts_with("DIR/latin1.toml:2: the file is not UTF-8")
    );
    assert!(load_from(write("big.toml", &vec![b'#'; 1024 * 1024 + 1])).contains("larger than 1 MiB"));
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC*") {
        let _ = from_text(&text);
    }

    #[test]
    fn no_damage_to_a_file_makes_it_panic(at in 0usize..600, with in "[\\[\\]\"'=.#{}a-z0-9\n]{0,3}") {
        let whole = include_str!("../../tests/valid_configs/whole.toml");
        let at = at.min(whole.len());
        let _ = from_text(&format!("{}{with}{}", &whole[..at], &whole[(at + 1).min(whole.len())..]));
    }
}

#[test]
fn what_is_said_of_a_profile_is_checked() {
    let config = from_text("[profile.prod]\nproduction = true\n[profile.\"stage 2\"]\ntheme = \"nord\"").unwrap();
    assert!(config.accounts["prod"].production);
    assert_eq!(config.accounts["stage 2"].theme.as_deref(), Some("nord"));
    assert!(
        messages::summary(&config).contains("profile.prod = { production = true }"),
        "{}",
        messages::summary(&config)
    );
    for (text, wanted) in [
        ("profile = 1", ":1:11: profile takes a table a profile"),
        ("[profile]\nprod = 1", ":2:8: profile.prod must be a table"),
        ("[profile.prod]\nprodction = true", ":2:1: unknown key profile.prod.prodction; did you mean production?"),
        ("[profile.prod]\nproduction = 1", ":2:14: profile.prod.production = 1: it must be true or false"),
        ("[profile.prod]\ntheme = true", ":2:9: profile.prod.theme = true: it must be a name"),
    ] {
        let error = from_text(text).unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}");
    }
}

#[test]
fn columns_are_chosen_once_and_the_template_has_those_that_are_shown() {
    for (text, wanted) in [
        ("[pages.instances]\ncolumns = [\"name\", \"cpu\", \"name\"]", "the column \"name\" is there twice"),
        ("[pages.instances]\ncolumns = [\"tag:a\", \"tag:a\"]", "the column \"tag:a\" is there twice"),
    ] {
        let error = from_text(text).unwrap_err().to_string();
        assert!(error.starts_with("config.toml:2:11: pages.instances.columns = "), "{error}");
        assert!(error.contains(wanted), "{error}");
    }
    let template = template();
    let line = template.lines().find(|l| l.contains("columns = [\"name\", \"id\"")).unwrap();
    assert!(line.contains("\"age\"") && !line.contains("\"public-ip\""), "{line}");
    assert!(template.contains("There are also public-ip, subnet, vpc, platform."), "{template}");
}
