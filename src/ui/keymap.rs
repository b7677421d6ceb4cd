//! Keymaps: which keys mean which command where. Help and the footer's hints are made from the keymap in force.

use std::fmt;
use std::ops::Range;

use crossterm::event::KeyEvent;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::command::Command;
use super::file::{FileError, Source, unknown};
use super::key::Key;

/// Where a key is pressed. What is not bound in a place is looked up in [`Context::Everywhere`], but for
/// [`Context::Input`], where it types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Context {
    /// Anywhere but on the line being typed.
    Everywhere,
    /// The overview.
    Overview,
    /// A full-screen page.
    List,
    /// A detail.
    Detail,
    /// The help.
    Help,
    /// Anywhere, in a replay or the demonstration; comes before every other place.
    Replay,
    /// The line being typed.
    Input,
}

impl Context {
    /// Every context, with its section's name in keymap files and its title in help.
    pub const ALL: [(Self, &'static str, &'static str); 7] = [
        (Self::Everywhere, "key", "Everywhere"),
        (Self::Overview, "overview", "On the overview"),
        (Self::List, "list", "On a page"),
        (Self::Detail, "detail", "In a detail"),
        (Self::Help, "help", "In this help"),
        (Self::Replay, "replay", "In a replay or the demonstration"),
        (Self::Input, "input", "While typing"),
    ];
}

/// One line of a keymap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Keys to press one after another.
    pub on: Vec<Key>,
    /// What they mean.
    pub run: Command,
    /// What that is, for help.
    pub desc: String,
    /// A word for the footer, where it is to be there.
    pub hint: Option<String>,
    /// Where.
    pub context: Context,
    /// Where it stands: file and line.
    pub place: String,
}

/// What a key means after those pressed before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyResult {
    /// This.
    Command(Command),
    /// The beginning of something longer: keep it, and ask again with the next key.
    Pending,
    /// Nothing.
    Unbound,
    /// A character for the line being typed.
    Insert(char),
}

const BUILTIN: [(&str, &str); 3] = [
    ("default", include_str!("../../keymaps/default.toml")),
    ("vim", include_str!("../../keymaps/vim.toml")),
    ("emacs", include_str!("../../keymaps/emacs.toml")),
];

/// Which keys mean what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keymap {
    /// Its name.
    pub name: String,
    bindings: Vec<Binding>,
}

impl Keymap {
    /// The names of the keymaps that come with the program; the first is the default.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILTIN.iter().map(|(name, _)| *name)
    }

    /// The keymap `name` that comes with the program.
    ///
    /// # Errors
    /// There is none of that name; the nearest one is named.
    pub fn builtin(name: &str) -> Result<Self, FileError> {
        let known: Vec<&str> = Self::names().collect();
        let Some((name, text)) = BUILTIN.iter().find(|(n, _)| *n == name) else {
            return Err(FileError { file: "keymap".into(), line: 1, message: unknown("keymap", name, &known) });
        };
        Self::load(&format!("{name}.toml"), text)
    }

    /// The keymap in `text`, called `file` in errors, on top of the one that it inherits, if any.
    ///
    /// # Errors
    /// Not TOML, an unknown key, command or section, or keys that are bound twice: with both places.
    pub fn load(file: &str, text: &str) -> Result<Self, FileError> {
        let name = file.trim_end_matches(".toml").rsplit('/').next().unwrap_or(file);
        Self { name: name.to_owned(), bindings: Vec::new() }.take(file, text, &mut Vec::new())
    }

    /// This keymap with the user's `text` on top: what it binds replaces what the same keys meant here, and
    /// `run = "none"` unbinds.
    ///
    /// # Errors
    /// As [`Keymap::load`].
    pub fn overlay(&self, file: &str, text: &str) -> Result<Self, FileError> {
        self.clone().take(file, text, &mut Vec::new())
    }

    fn take(mut self, file: &str, text: &str, seen: &mut Vec<String>) -> Result<Self, FileError> {
        let source = Source { file, text };
        let parsed = source.parse()?;
        let root = parsed.get_ref();
        if let Some(base) = root.get("inherits") {
            let name = source.string("inherits", base)?;
            if seen.iter().any(|s| s == name) {
                return Err(source.error(&base.span(), format!("`inherits = \"{name}\"` goes round in a circle")));
            }
            seen.push(name.to_owned());
            let known: Vec<&str> = Self::names().collect();
            let Some((_, text)) = BUILTIN.iter().find(|(n, _)| *n == name) else {
                return Err(source.unknown(&base.span(), "keymap", name, &known));
            };
            self = self.take(&format!("{name}.toml"), text, seen)?;
        }
        let mut lines = Vec::new();
        for (key, value) in root {
            let name = key.get_ref().as_ref();
            match name {
                "name" => source.string(name, value)?.clone_into(&mut self.name),
                "inherits" => {}
                "key" => lines.extend(section(source, Context::Everywhere, value)?),
                _ => {
                    let Some((context, ..)) = Context::ALL.into_iter().find(|(_, n, _)| *n == name) else {
                        let known =
                            ["name", "inherits", "key", "overview", "list", "detail", "help", "replay", "input"];
                        return Err(source.unknown(&key.span(), "section", name, &known));
                    };
                    for (inner, value) in source.table(name, value)? {
                        if inner.get_ref().as_ref() != "key" {
                            return Err(source.unknown(&inner.span(), "key", inner.get_ref(), &["key"]));
                        }
                        lines.extend(section(source, context, value)?);
                    }
                }
            }
        }
        lines.sort_by_key(|l| l.span.start);
        self.put(source, lines)?;
        Ok(self)
    }

    /// Puts a file's lines on top of what is bound already: the same keys are replaced, two of one file refused.
    fn put(&mut self, source: Source<'_>, lines: Vec<Line>) -> Result<(), FileError> {
        let old = self.bindings.len();
        let mut own: Vec<Line> = Vec::new();
        for line in lines {
            if let Some(first) = own.iter().find(|l| l.context == line.context && l.on == line.on) {
                let (keys, at) = (shown(&line.on), source.line(&first.span));
                return Err(
                    source.error(&line.span, format!("`{keys}` is bound twice: here and in {} line {at}", source.file))
                );
            }
            own.push(line);
        }
        for line in own {
            let at = self.bindings[..old.min(self.bindings.len())]
                .iter()
                .position(|b| b.context == line.context && b.on == line.on);
            let Some(run) = line.run else {
                if at.is_none() {
                    let keys = shown(&line.on);
                    return Err(source.error(&line.span, format!("`{keys}` is not bound, so \"none\" unbinds nothing")));
                }
                self.bindings.retain(|b| !(b.context == line.context && b.on == line.on));
                continue;
            };
            let binding = Binding {
                on: line.on,
                run,
                desc: line.desc,
                hint: line.hint,
                context: line.context,
                place: format!("{} line {}", source.file, source.line(&line.span)),
            };
            match at {
                Some(i) => self.bindings[i] = binding,
                None => self.bindings.push(binding),
            }
        }
        for (i, a) in self.bindings.iter().enumerate() {
            let hides = |b: &&Binding| b.context == a.context && b.on.len() > a.on.len() && b.on.starts_with(&a.on);
            if let Some(b) = self.bindings.iter().find(hides) {
                let last = if i >= old { &a.place } else { &b.place };
                let line = last.rsplit_once(' ').and_then(|(_, n)| n.parse().ok()).unwrap_or(1);
                let message = format!(
                    "`{}` ({}) can never be pressed: `{}` ({}) comes first; unbind one of them",
                    shown(&b.on),
                    b.place,
                    shown(&a.on),
                    a.place
                );
                return Err(FileError { file: source.file.into(), line, message });
            }
        }
        Ok(())
    }

    /// What `key` means in `context` after the keys `before` it.
    #[must_use]
    pub fn command(&self, before: &[Key], key: KeyEvent, context: Context) -> KeyResult {
        let places: &[Context] = match context {
            Context::Input => &[Context::Input],
            Context::Everywhere => &[Context::Everywhere],
            _ => &[context, Context::Everywhere],
        };
        self.look_up(before, key, places)
    }

    /// As [`command`](Self::command), in a replay or the demonstration.
    #[must_use]
    pub fn command_in_replay(&self, before: &[Key], key: KeyEvent, context: Context) -> KeyResult {
        match context {
            Context::Input => self.command(before, key, context),
            _ => self.look_up(before, key, &[Context::Replay, context, Context::Everywhere]),
        }
    }

    /// What `key` means in the first of `places` that knows it.
    fn look_up(&self, before: &[Key], key: KeyEvent, places: &[Context]) -> KeyResult {
        let mut keys = before.to_vec();
        keys.push(Key::of(key));
        for place in places {
            let mut longer = false;
            for b in self.bindings.iter().filter(|b| b.context == *place && b.on.starts_with(&keys)) {
                if b.on.len() == keys.len() {
                    return KeyResult::Command(b.run);
                }
                longer = true;
            }
            if longer {
                return KeyResult::Pending;
            }
        }
        match Key::of(key).typed() {
            Some(c) if places == [Context::Input] => KeyResult::Insert(c),
            _ => KeyResult::Unbound,
        }
    }

    /// Everything that is bound, in the files' order.
    #[must_use]
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }

    /// The first keys that mean `command` in `context` or everywhere, short.
    #[must_use]
    pub fn keys_for(&self, command: Command, context: Context) -> Option<String> {
        let of = |place| self.bindings.iter().find(move |b| b.run == command && b.context == place);
        of(context).or_else(|| of(Context::Everywhere)).map(Binding::keys)
    }
}

impl Binding {
    /// Its keys, short: `gg`, `^D`, `Enter`.
    #[must_use]
    pub fn keys(&self) -> String {
        self.on.iter().map(|k| k.short()).collect()
    }
}

impl fmt::Display for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", shown(&self.on), self.run.name(), self.desc)
    }
}

struct Line {
    on: Vec<Key>,
    run: Option<Command>,
    desc: String,
    hint: Option<String>,
    context: Context,
    span: Range<usize>,
}

fn shown(keys: &[Key]) -> String {
    keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn section(source: Source<'_>, context: Context, value: &Spanned<DeValue<'_>>) -> Result<Vec<Line>, FileError> {
    let Some(list) = value.get_ref().as_array() else {
        return Err(source.error(&value.span(), "`key` must be a list of tables: write [[key]]"));
    };
    let mut out = Vec::new();
    for entry in list {
        let table = source.table("key", entry)?;
        out.push(line(source, context, table, entry.span())?);
    }
    Ok(out)
}

fn line(source: Source<'_>, context: Context, table: &DeTable<'_>, span: Range<usize>) -> Result<Line, FileError> {
    let mut line = Line { on: Vec::new(), run: None, desc: String::new(), hint: None, context, span: span.clone() };
    let mut has_run = false;
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "on" => line.on = keys(source, value)?,
            "run" => {
                has_run = true;
                let name = source.string("run", value)?;
                line.run = Command::parse(name);
                if line.run.is_none() && name != "none" {
                    let known: Vec<&str> = Command::ALL.iter().map(|(n, _)| *n).chain(["none"]).collect();
                    return Err(source.unknown(&value.span(), "command", name, &known));
                }
            }
            "desc" => source.string("desc", value)?.clone_into(&mut line.desc),
            "hint" => line.hint = Some(source.string("hint", value)?.to_owned()),
            other => return Err(source.unknown(&key.span(), "key", other, &["on", "run", "desc", "hint"])),
        }
    }
    if line.on.is_empty() || !has_run {
        return Err(source.error(&span, "a binding needs `on` (keys) and `run` (a command, or \"none\")"));
    }
    if let (Some(run), true) = (line.run, line.desc.is_empty()) {
        run.name().clone_into(&mut line.desc);
    }
    Ok(line)
}

fn keys(source: Source<'_>, value: &Spanned<DeValue<'_>>) -> Result<Vec<Key>, FileError> {
    let one = |value: &Spanned<DeValue<'_>>| {
        let text = source.string("on", value)?;
        Key::parse(text).ok_or_else(|| {
            let message = format!("`{text}` is no key; write it as g, G, ctrl-d, alt-x, enter, space, tab, pgup or f5");
            source.error(&value.span(), message)
        })
    };
    match value.get_ref().as_array() {
        Some(list) => list.iter().map(one).collect(),
        None => Ok(vec![one(value)?]),
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyModifiers};

    use super::*;

    fn press(c: char) -> KeyEvent {
        KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)
    }

    #[test]
    fn every_keymap_loads_and_none_is_left_out() {
        for name in Keymap::names() {
            let map = Keymap::builtin(name).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(map.name, name);
            assert!(
                map.bindings.iter().all(|b| !b.desc.is_empty() && b.desc != b.run.name()),
                "a binding without desc"
            );
        }
        let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("keymaps");
        for entry in std::fs::read_dir(dir).unwrap() {
            let file = entry.unwrap().file_name().into_string().unwrap();
            assert!(Keymap::names().any(|n| format!("{n}.toml") == file), "{file}");
        }
    }

    #[test]
    fn every_command_can_be_reached_from_the_default_keymap() {
        let map = Keymap::builtin("default").unwrap();
        for (name, command) in Command::ALL {
            assert!(map.bindings.iter().any(|b| b.run == command), "{name} is bound nowhere");
        }
    }

    #[test]
    fn keys_mean_what_their_place_says() {
        let map = Keymap::builtin("default").unwrap();
        let g = Key::parse("g").unwrap();
        assert_eq!(map.command(&[], press('j'), Context::List), KeyResult::Command(Command::Down));
        assert_eq!(map.command(&[], press('j'), Context::Input), KeyResult::Insert('j'));
        assert_eq!(map.command(&[], press('q'), Context::Overview), KeyResult::Command(Command::Quit));
        assert_eq!(map.command(&[g], press('z'), Context::List), KeyResult::Unbound);
        let vim = Keymap::builtin("vim").unwrap();
        assert_eq!(vim.command(&[], press('g'), Context::List), KeyResult::Pending);
        assert_eq!(vim.command(&[g], press('g'), Context::List), KeyResult::Command(Command::Top));
    }

    #[test]
    fn the_keys_of_a_replay_hide_none_but_freezing() {
        for name in Keymap::names() {
            let map = Keymap::builtin(name).unwrap();
            let of_replay: Vec<&Binding> = map.bindings.iter().filter(|b| b.context == Context::Replay).collect();
            let others = map.bindings.iter().filter(|b| !matches!(b.context, Context::Replay | Context::Input));
            let hides = |b: &&Binding| of_replay.iter().any(|r| r.on[0] == b.on[0]);
            let hidden: Vec<Command> = others.filter(hides).map(|b| b.run).collect();
            assert_eq!(hidden, [Command::Freeze], "{name}");
        }
        let map = Keymap::builtin("default").unwrap();
        let pause = Command::Play(crate::ui::PlayKey::Pause);
        assert_eq!(map.command_in_replay(&[], press(' '), Context::List), KeyResult::Command(pause));
        assert_eq!(map.command_in_replay(&[], press(' '), Context::Input), KeyResult::Insert(' '));
        assert_eq!(map.command_in_replay(&[], press('j'), Context::List), KeyResult::Command(Command::Down));
        assert_eq!(map.command(&[], press(' '), Context::List), KeyResult::Command(Command::Freeze));
    }

    #[test]
    fn a_user_can_rebind_and_unbind_single_keys() {
        let map = Keymap::builtin("default").unwrap();
        let text = "[[key]]\non = \"j\"\nrun = \"none\"\n[[key]]\non = \"q\"\nrun = \"help\"\n[[detail.key]]\non = \"X\"\nrun = \"back\"";
        let mine = map.overlay("keys.toml", text).unwrap();
        assert_eq!(mine.command(&[], press('j'), Context::List), KeyResult::Unbound);
        assert_eq!(mine.command(&[], press('q'), Context::List), KeyResult::Command(Command::Help));
        assert_eq!(mine.command(&[], press('X'), Context::Detail), KeyResult::Command(Command::Back));
        assert_eq!(mine.command(&[], press('X'), Context::List), KeyResult::Unbound);
    }

    #[test]
    fn errors_name_both_places_and_the_nearest_word() {
        for (text, wanted) in [
            (
                "[[key]]\non=\"a\"\nrun=\"up\"\n[[key]]\non=\"a\"\nrun=\"down\"",
                "k.toml:4: `a` is bound twice: here and in k.toml line 1",
            ),
            (
                "[[key]]\non=\"a\"\nrun=\"up\"\n[[key]]\non=[\"a\",\"b\"]\nrun=\"down\"",
                "k.toml:1: `a b` (k.toml line 4) can never be pressed: `a` (k.toml line 1) comes first",
            ),
            ("[[key]]\non=\"a\"\nrun=\"topp\"", "k.toml:3: unknown command `topp`; did you mean `top`?"),
            ("[[key]]\non=\"ctl-a\"\nrun=\"top\"", "k.toml:2: `ctl-a` is no key;"),
            ("[[key]]\non=\"a\"", "k.toml:1: a binding needs `on`"),
            ("[[key]]\non=\"a\"\nrun=\"none\"", "k.toml:1: `a` is not bound, so \"none\" unbinds nothing"),
            ("[[detial.key]]\non=\"a\"\nrun=\"top\"", "k.toml:1: unknown section `detial`; did you mean `detail`?"),
            ("inherits = \"emcas\"", "k.toml:1: unknown keymap `emcas`; did you mean `emacs`?"),
        ] {
            let error = Keymap::load("k.toml", text).unwrap_err().to_string();
            assert!(error.starts_with(wanted), "{error}");
        }
    }
}
