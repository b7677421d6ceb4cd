//! The layers, and what comes out when they lie over one another: flag, environment, file, default.

use std::collections::BTreeMap;

use config::{ConfigBuilder, Map, ValueKind, builder::DefaultState};

use super::duration::show;
use super::error::{ConfigError, Problem};
use super::file::{self, FromFile};
use super::keys::{self, Key};
use super::settings::{AwsEnvironment, Config, Flags, NamedWall, Origin, SourceFile, Timeouts};
use super::value::{Given, nearest, settle};
use crate::model::Text;

/// Variables with our prefix that are no settings.
const OTHER_VARIABLES: [&str; 2] = ["AWSWATCH_CONFIG", "AWSWATCH_LOG"];

/// What one layer sets: checked values by key, each with where it comes from.
#[derive(Clone, Debug, Default)]
pub(super) struct Layer(BTreeMap<String, (ValueKind, Origin)>);

impl Layer {
    /// Sets `key`, replacing what the layer set before.
    pub(super) fn set(&mut self, key: &Key, value: ValueKind, origin: Origin) {
        self.0.insert(key.path.clone(), (value, origin));
    }

    /// Checks `given` and sets `key` to it.
    fn take(&mut self, key: &Key, given: &Given, origin: Origin, problems: &mut Vec<Problem>) {
        match settle(key.takes, given, None) {
            Ok(value) => self.set(key, value, origin),
            Err(allowed) => {
                let message = Text::new(&format!("{allowed} (it sets {})", key.path)).to_string();
                problems.push(Problem { place: origin.to_string(), message });
            }
        }
    }
}

impl config::Source for Layer {
    fn clone_into_box(&self) -> Box<dyn config::Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, config::Value>, config::ConfigError> {
        let value =
            |(value, origin): &(ValueKind, Origin)| config::Value::new(Some(&origin.to_string()), value.clone());
        Ok(self.0.iter().map(|(path, setting)| (path.clone(), value(setting))).collect())
    }
}

impl Config {
    /// The configuration in force: `flags` over `environment` over `file` over the defaults.
    ///
    /// # Errors
    ///
    /// Everything that is wrong in any layer.
    pub fn resolve(
        flags: &Flags,
        environment: &BTreeMap<String, String>,
        file: Option<SourceFile<'_>>,
    ) -> Result<Self, ConfigError> {
        let mut problems = Vec::new();
        let mut warnings = Vec::new();
        let defaults = defaults(&mut problems);
        let read: FromFile = file.map_or_else(Default::default, |file| file::read(file, &mut problems));
        let from_environment = environment_layer(environment, &mut problems, &mut warnings);
        let from_flags = flags_layer(flags, &mut problems);
        if !problems.is_empty() {
            return Err(ConfigError { problems });
        }
        let mut origins = BTreeMap::new();
        for layer in [&defaults, &read.layer, &from_environment, &from_flags] {
            origins.extend(layer.0.iter().map(|(path, (_, origin))| (path.clone(), origin.clone())));
        }
        let nothing = Layer::default();
        let over = |wall: &Layer| lay_over([&defaults, &read.layer, wall, &from_environment, &from_flags]);
        let mut config = over(&nothing)?;
        for (name, line, layer) in &read.walls {
            let in_wall = |path: &str| format!("wall.{name}{}", path.trim_start_matches("wall"));
            origins.extend(layer.0.iter().map(|(path, (_, origin))| (in_wall(path), origin.clone())));
            config.walls.push(NamedWall { name: Text::new(name), line: *line, settings: over(layer)?.wall });
        }
        config.rules.overrides = read.overrides;
        config.accounts = read.profiles;
        config.layout = read.layout;
        config.aws = aws_environment(environment);
        config.file = file.map(|file| file.path.to_owned());
        config.text = file.map(|file| file.text.to_owned());
        config.origins = origins;
        config.warnings = warnings;
        check_order(&config.timeouts, &config.origins)?;
        Ok(config)
    }
}

/// What comes out when `layers` lie over one another, the first one lowest.
fn lay_over<'l>(layers: impl IntoIterator<Item = &'l Layer>) -> Result<Config, ConfigError> {
    let mut builder = ConfigBuilder::<DefaultState>::default();
    for layer in layers {
        builder = builder.add_source(layer.clone());
    }
    let built = builder.build().and_then(config::Config::try_deserialize);
    built.map_err(|error| ConfigError::one("configuration", error.to_string()))
}

fn defaults(problems: &mut Vec<Problem>) -> Layer {
    let mut layer = Layer::default();
    for key in keys::keys() {
        let Some(default) = &key.default else { continue };
        match toml::de::DeValue::parse(default) {
            Ok(value) => layer.take(key, &Given::from_toml(value.get_ref()), Origin::Default, problems),
            Err(error) => problems.push(Problem { place: key.path.clone(), message: error.to_string() }),
        }
    }
    layer
}

fn environment_layer(
    environment: &BTreeMap<String, String>,
    problems: &mut Vec<Problem>,
    warnings: &mut Vec<String>,
) -> Layer {
    let mut layer = Layer::default();
    let mut take = |path: &str, variable: &str| {
        let Some(raw) = environment.get(variable).filter(|raw| !raw.is_empty()) else { return };
        let Some(key) = keys::find(path) else { return };
        let given = Given::from_variable(key, raw);
        layer.take(key, &given, Origin::Environment(variable.to_owned()), problems);
    };
    take("profiles", "AWS_PROFILE");
    take("regions", "AWS_DEFAULT_REGION");
    take("regions", "AWS_REGION");
    for key in keys::keys() {
        take(&key.path, &key.variable());
    }
    if environment.get("NO_COLOR").is_some_and(|v| !v.is_empty())
        && let Some(key) = keys::find("ui.color")
        && !layer.0.contains_key(&key.path)
    {
        layer.set(key, ValueKind::Boolean(false), Origin::Environment("NO_COLOR".to_owned()));
    }
    let known: Vec<String> = keys::keys().iter().map(Key::variable).collect();
    let names = || known.iter().map(String::as_str).chain(OTHER_VARIABLES);
    for name in environment.keys().filter(|name| name.starts_with("AWSWATCH_")) {
        if !names().any(|k| k == name) {
            let hint = nearest(name, names()).map_or_else(String::new, |near| format!("; did you mean {near}?"));
            warnings.push(format!("{} sets nothing{hint}", Text::new(name)));
        }
    }
    layer
}

fn flags_layer(flags: &Flags, problems: &mut Vec<Problem>) -> Layer {
    let mut layer = Layer::default();
    let mut take = |path: &str, flag: &'static str, given: Option<Given>| {
        if let (Some(key), Some(given)) = (keys::find(path), given) {
            layer.take(key, &given, Origin::Flag(flag), problems);
        }
    };
    let texts = |list: &[String]| (!list.is_empty()).then(|| Given::texts(list.iter().map(String::as_str)));
    take("profiles", "--profile", texts(&flags.profiles));
    take("regions", "--region", texts(&flags.regions));
    take("ui.theme", "--theme", flags.theme.clone().map(Given::Text));
    take("ui.keymap", "--keymap", flags.keymap.clone().map(Given::Text));
    take("ui.ascii", "--ascii", flags.ascii.then_some(Given::Flag(true)));
    take("ui.color", "--no-color", flags.no_color.then_some(Given::Flag(false)));
    take("ui.mouse", "--mouse", flags.mouse.then_some(Given::Flag(true)));
    take("check.timeout", "--timeout", flags.timeout.map(|d| Given::Text(show(d))));
    layer
}

fn aws_environment(environment: &BTreeMap<String, String>) -> AwsEnvironment {
    let get = |name: &str| environment.get(name).filter(|v| !v.is_empty()).cloned();
    AwsEnvironment {
        profile: get("AWS_PROFILE"),
        region: get("AWS_REGION").or_else(|| get("AWS_DEFAULT_REGION")),
        endpoint_url: get("AWS_ENDPOINT_URL"),
    }
}

/// A longer time-out inside a shorter one would never be reached.
fn check_order(timeouts: &Timeouts, origins: &BTreeMap<String, Origin>) -> Result<(), ConfigError> {
    let pairs = [
        ("timeouts.connect", timeouts.connect, "timeouts.attempt", timeouts.attempt),
        ("timeouts.attempt", timeouts.attempt, "timeouts.operation", timeouts.operation),
    ];
    let problems: Vec<Problem> = pairs
        .into_iter()
        .filter(|(_, inner, _, outer)| inner > outer)
        .map(|(inner_key, inner, outer_key, outer)| {
            let origin = |key: &str| origins.get(key).map_or_else(String::new, ToString::to_string);
            Problem {
                place: format!("{outer_key} ({})", origin(outer_key)),
                message: format!(
                    "{} is shorter than {inner_key}, {} ({})",
                    show(outer),
                    show(inner),
                    origin(inner_key)
                ),
            }
        })
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(ConfigError { problems }) }
}
