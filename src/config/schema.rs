//! A JSON Schema of the configuration file, made from the table of keys, for editors that complete TOML.
//!
//! It is as strict as a schema can be; what only reading the file can tell (whether a profile exists, whether a duration is
//! within its bounds) is left to `awswatch config check`.

use serde_json::{Map, Value, json};

use super::keys::{Key, TABLES, Takes, keys};
use super::settings::{Pane, WallPage};

/// The schema, as text.
#[must_use]
pub fn schema() -> String {
    let mut out = Map::new();
    out.insert("$schema".to_owned(), json!("http://json-schema.org/draft-07/schema#"));
    out.insert("title".to_owned(), json!("awswatch"));
    if let Value::Object(root) = table("") {
        out.extend(root);
    }
    format!("{:#}\n", Value::Object(out))
}

/// The table `path` with all that can stand in it.
fn table(path: &str) -> Value {
    let mut inside = Map::new();
    for key in keys().iter().filter(|key| key.split().0 == path) {
        inside.insert(key.split().1.to_owned(), one(key));
    }
    let below = |name: &'static str| match path {
        "" => name.split('.').next().filter(|first| !first.is_empty()),
        _ => name.strip_prefix(path).and_then(|rest| rest.strip_prefix('.')),
    };
    for name in TABLES.iter().filter_map(|(name, _)| below(name)) {
        let whole = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        inside.entry(name).or_insert_with(|| table(&whole));
    }
    let mut more = json!(false);
    match path {
        "" => {
            inside.insert("layout".to_owned(), layout());
            let about = "What is said of one profile: [profile.NAME].";
            let profile = object(&json!({"theme": one_of("ui.theme"), "production": {"type": "boolean"}}));
            let profile = json!({"type": "object", "description": about, "additionalProperties": profile});
            inside.insert("profile".to_owned(), profile);
        }
        "rules" => {
            let about = "Changes to single rules: [rules.override.RULE].";
            let rules = json!({"type": "object", "description": about, "additionalProperties": {"type": "object"}});
            inside.insert("override".to_owned(), rules);
        }
        // [wall.NAME]
        "wall" => more = object(&Value::Object(inside.clone())),
        _ => {}
    }
    let about = TABLES.iter().find(|(name, _)| *name == path).map_or("", |(_, about)| *about);
    json!({"type": "object", "description": about, "properties": inside, "additionalProperties": more})
}

fn object(properties: &Value) -> Value {
    json!({"type": "object", "properties": properties, "additionalProperties": false})
}

fn layout() -> Value {
    let share = json!({"type": "string", "pattern": "^[0-9]+%$"});
    let least = json!({"type": "integer", "minimum": 1});
    let pane = object(&json!({"pane": {"enum": Pane::ALL.map(Pane::as_str)}, "width": share, "min": least}));
    let row = object(&json!({"height": share, "min": least, "panes": {"type": "array", "items": pane}}));
    let overview = object(&json!({"row": {"type": "array", "items": row}}));
    let mut out = object(&json!({"overview": overview}));
    out["description"] = json!("The overview's panes in rows: [[layout.overview.row]].");
    out
}

fn one_of(path: &str) -> Value {
    keys().iter().find(|key| key.path == path).map_or(json!({}), |key| takes(key.takes))
}

/// A key: what it takes, what it does, its default.
fn one(key: &Key) -> Value {
    let mut out = takes(key.takes);
    out["description"] = json!(key.about);
    if let Some(default) = key.default.as_deref().and_then(json_of) {
        out["default"] = default;
    }
    out
}

/// A value of TOML that is one of JSON too, as all defaults are.
fn json_of(toml: &str) -> Option<Value> {
    serde_json::from_str(toml).ok()
}

fn takes(takes: Takes) -> Value {
    let list = |of: Value, least: u32| json!({"type": "array", "items": of, "minItems": least});
    let text = || json!({"type": "string"});
    let shaped = |pattern: &str| json!({"type": "string", "pattern": pattern});
    let or_tag = |words: &[&str], tags: bool| {
        let words = json!({"enum": words});
        if tags { json!({"anyOf": [words, {"type": "string", "pattern": "^tag:."}]}) } else { words }
    };
    match takes {
        Takes::Profiles | Takes::Regions => list(text(), 1),
        Takes::Paths => list(text(), 0),
        Takes::Panes => list(json!({"enum": Pane::ALL.map(Pane::as_str)}), 1),
        Takes::WallPages => list(json!({"enum": WallPage::ALL.map(|(_, name)| name)}), 1),
        Takes::Columns(page) => list(or_tag(page.columns, page.tags), 1),
        Takes::Group(page) => or_tag(page.groups, page.tags),
        Takes::Order(page) => {
            let turned = page.sorts.iter().map(|sort| format!("-{sort}"));
            json!({"enum": page.sorts.iter().map(ToString::to_string).chain(turned).collect::<Vec<_>>()})
        }
        Takes::Duration { .. } => shaped("[0-9] *[A-Za-z]"),
        Takes::Time => shaped("^[0-2][0-9]:[0-5][0-9]$"),
        Takes::Name => shaped("^[A-Za-z0-9_-]{1,64}$"),
        Takes::Words => json!({"type": "string", "minLength": 1, "maxLength": 100}),
        Takes::Zone => text(),
        Takes::Dollars => json!({"type": "number", "exclusiveMinimum": 0}),
        Takes::Flag => json!({"type": "boolean"}),
        Takes::Count { min, max } => json!({"type": "integer", "minimum": min, "maximum": max}),
        // `true` is as good as "true".
        Takes::Word(words) => {
            let flags = words.iter().filter_map(|word| word.parse::<bool>().ok()).map(Value::from);
            json!({"enum": words.iter().map(|word| json!(word)).chain(flags).collect::<Vec<_>>()})
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong with `value` by `schema`: of what [`schema`] uses of JSON Schema, all.
    fn wrong(value: &Value, schema: &Value, at: &str) -> Vec<String> {
        let is = |kind: &str| match kind {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_u64(),
            "number" => value.is_number(),
            other => panic!("{other}"),
        };
        let mut out = Vec::new();
        let mut no = |holds: bool| {
            if !holds {
                out.push(format!("{at}: {value}"));
            }
        };
        no(schema["type"].as_str().is_none_or(is));
        no(schema["enum"].as_array().is_none_or(|words| words.contains(value)));
        no(schema["anyOf"].as_array().is_none_or(|any| any.iter().any(|s| wrong(value, s, at).is_empty())));
        no(schema["minItems"].as_u64().is_none_or(|n| value.as_array().is_some_and(|v| v.len() as u64 >= n)));
        no(schema["minimum"].as_u64().is_none_or(|n| value.as_u64().is_some_and(|v| v >= n)));
        no(schema["maximum"].as_u64().is_none_or(|n| value.as_u64().is_some_and(|v| v <= n)));
        no(schema["pattern"].as_str().is_none_or(|pattern| {
            let pattern = regex::Regex::new(pattern).expect("a pattern");
            value.as_str().is_some_and(|v| pattern.is_match(v))
        }));
        for item in value.as_array().into_iter().flatten() {
            out.extend(wrong(item, &schema["items"], at));
        }
        for (name, inner) in value.as_object().into_iter().flatten() {
            let at = format!("{at}.{name}");
            match schema["properties"].get(name).unwrap_or(&schema["additionalProperties"]) {
                Value::Bool(false) => out.push(format!("{at}: unknown")),
                of => out.extend(wrong(inner, of, &at)),
            }
        }
        out
    }

    fn read(toml: &str) -> Vec<String> {
        let value: Value = toml::from_str(toml).expect("TOML");
        wrong(&value, &serde_json::from_str(&schema()).expect("JSON"), "")
    }

    #[test]
    fn the_template_is_what_the_schema_allows_with_every_key_in_it() {
        let settings = |line: &str| line.strip_prefix('#').filter(|l| !l.starts_with(' ')).map(ToOwned::to_owned);
        let text: String = super::super::template()
            .lines()
            .filter_map(|l| settings(l).or_else(|| l.starts_with('[').then(|| l.into())))
            .map(|l| l + "\n")
            .collect();
        assert!(text.lines().count() > keys().len(), "{text}");
        assert_eq!(read(&text), Vec::<String>::new());
        for key in keys() {
            let at = format!("/properties/{}", key.path.replace('.', "/properties/"));
            let value: Value = serde_json::from_str(&schema()).expect("JSON");
            let described = value.pointer(&at).unwrap_or_else(|| panic!("{}", key.path));
            assert_eq!(described["description"], json!(key.about));
            assert_eq!(described.get("default").is_some(), key.default.is_some(), "{}", key.path);
        }
    }

    #[test]
    fn what_the_file_may_not_hold_it_does_not_allow() {
        for (toml, allowed) in [
            ("[ui]\ngraphs = \"braille\"", true),
            ("[ui]\ngraphs = \"dots\"", false),
            ("[ui]\nlinks = true", true),
            ("[ui]\nlnks = true", false),
            ("[ui]\nmax_fps = 100", false),
            ("[pages.instances]\ncolumns = [\"name\", \"tag:env\"]\nsort = \"-cpu\"", true),
            ("[pages.instances]\ncolumns = [\"shoe-size\"]", false),
            ("[pages.trail]\ngroup = \"tree\"", false),
            ("[wall.left]\nturn = \"30s\"", true),
            ("[wall.left]\nturn = 30", false),
            ("[wall.left]\ntrun = \"30s\"", false),
            ("[profile.prod]\nproduction = true", true),
            ("[profile.prod]\nproduction = 1", false),
            ("[[layout.overview.row]]\npanes = [{ pane = \"alerts\", width = \"60%\" }]", true),
            ("[[layout.overview.row]]\npanes = [{ pane = \"shoes\" }]", false),
            ("[rules.override.clb-surge-queue]\ncritical = \"> 800\"", true),
        ] {
            assert_eq!(read(toml).is_empty(), allowed, "{toml}: {:?}", read(toml));
        }
    }
}
