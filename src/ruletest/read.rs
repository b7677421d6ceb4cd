//! Reading a file of tests.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::case::Suite;
use super::keys::{Errors, Keys};
use super::read_case::case;
use crate::model::Kind;
use crate::rules::tree::{self, Node, Place};
use crate::rules::{RuleError, RuleFiles, RuleSet, RuleSource};

const FILE_KEYS: &[&str] = &["rules", "test", "evaluation_interval", "budget"];

/// Reads the tests of `source`. `fetch` gives the name and the text of a rule file that it names, as it is written there.
///
/// # Errors
///
/// Every mistake, by line.
pub fn read(
    source: &RuleSource<'_>,
    mut fetch: impl FnMut(&str) -> Result<(String, String), String>,
) -> Result<Suite, Vec<RuleError>> {
    let table = tree::read(source).map_err(|e| vec![e])?;
    let errors = Errors::default();
    let place = Place { file: source.name.into(), line: 1 };
    let keys = Keys::new(&table, &place, "", FILE_KEYS, &errors);
    let mut files = RuleFiles::builtin().clone();
    let mut ids = Vec::new();
    for (place, path) in keys.list("rules") {
        match fetch(path) {
            Ok((name, text)) => {
                ids.extend(files.add(&RuleSource { name: &name, text: &text }, &mut errors.borrow_mut()));
            }
            Err(why) => errors.borrow_mut().push(place.error("rules", why)),
        }
    }
    let named = keys.has("rules").then_some(&ids);
    // Resolving what was not read right would tell of it twice.
    let set = if errors.borrow().is_empty() {
        files.resolve(Vec::new()).unwrap_or_else(|wrong| {
            errors.borrow_mut().extend(wrong);
            RuleSet::default()
        })
    } else {
        RuleSet::default()
    };
    let set = match named {
        // Rules of files are laid over built-in ones, and only those that the files name are tested.
        Some(ids) => set.only(|r| ids.iter().any(|id| r.id == id.as_str())),
        None => set,
    };
    let mut reader = Reader { rules: Rules { files, set, shared: BTreeMap::new() }, errors: &errors };
    if !keys.has("test") {
        keys.wrong("test", "lacks: a file of rule tests holds `[[test]]`s");
    }
    let interval = keys.duration("evaluation_interval");
    let budget = keys.number("budget");
    let cases = keys.tables("test").iter().filter_map(|node| case(&mut reader, node, interval, budget)).collect();
    let mut errors = errors.into_inner();
    errors.sort_by_key(|e| (e.file != source.name, e.line));
    if errors.is_empty() { Ok(Suite { file: source.name.to_owned(), cases }) } else { Err(errors) }
}

/// What reading one test needs of the file.
pub(super) struct Reader<'a> {
    pub(super) rules: Rules,
    pub(super) errors: &'a Errors,
}

/// The rules of a file of tests.
pub(super) struct Rules {
    files: RuleFiles,
    set: RuleSet,
    /// Those that look at some kinds of resources: most tests of a file look at few.
    shared: BTreeMap<Vec<Kind>, Arc<RuleSet>>,
}

impl Rules {
    /// The rules that look at `kinds`, with `own` laid over them.
    pub(super) fn of(&mut self, kinds: &[Kind], own: &[Node], errors: &Errors) -> Arc<RuleSet> {
        let of_kinds = |set: &RuleSet| set.only(|r| r.kinds().iter().any(|k| *k == Kind::Poller || kinds.contains(k)));
        if own.is_empty() {
            let set = &self.set;
            return self.shared.entry(kinds.to_vec()).or_insert_with(|| Arc::new(of_kinds(set))).clone();
        }
        match self.files.over(own.to_vec()) {
            Ok(own) => {
                let under = self.of(kinds, &[], errors);
                Arc::new(under.with(&of_kinds(&own)))
            }
            Err(wrong) => {
                errors.borrow_mut().extend(wrong);
                Arc::default()
            }
        }
    }
}
