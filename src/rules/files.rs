//! Rules as they are written, laid over one another key by key, before they are resolved.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::builtin::BUILTIN;
use super::tree::{self, Node, Written};
use super::{Rule, RuleError, RuleSet, RuleSource, resolve};

/// The rules of some files as they are written, by id.
#[derive(Clone, Debug, Default)]
pub struct RuleFiles {
    written: BTreeMap<String, Written>,
}

impl RuleFiles {
    /// The files that come with the program, read once.
    #[must_use]
    pub fn builtin() -> &'static Self {
        static FILES: LazyLock<RuleFiles> = LazyLock::new(|| {
            let mut files = RuleFiles::default();
            // A test holds that they are right.
            for source in BUILTIN {
                files.add(source, &mut Vec::new());
            }
            files
        });
        &FILES
    }

    /// Lays the `[[rule]]`s of `source` over these. Returns their ids; what cannot be read of them is told in `errors`.
    pub fn add(&mut self, source: &RuleSource<'_>, errors: &mut Vec<RuleError>) -> Vec<String> {
        tree::rules_of(source, errors).into_iter().map(|rule| self.lay(rule)).collect()
    }

    /// Lays the `[rules.override.<id>]` tables of a configuration file over these.
    pub(super) fn override_with(&mut self, source: &RuleSource<'_>, errors: &mut Vec<RuleError>) {
        for rule in tree::overrides_of(source, errors) {
            if self.written.contains_key(&rule.id) {
                self.lay(rule);
            } else {
                let hint = resolve::nearest(&rule.id, self.written.keys().map(String::as_str));
                let hint = hint.map(|n| format!("; did you mean `{n}`?")).unwrap_or_default();
                errors.push(rule.place.error(&format!("rules.override.{}", rule.id), format!("no such rule{hint}")));
            }
        }
    }

    fn lay(&mut self, rule: Written) -> String {
        let id = rule.id.clone();
        match self.written.get_mut(&id) {
            Some(known) => {
                known.place = rule.place;
                tree::merge(&mut known.keys, rule.keys);
            }
            None => {
                self.written.insert(id.clone(), rule);
            }
        }
        id
    }

    /// These rules, resolved.
    ///
    /// # Errors
    ///
    /// `errors`, and every mistake in a rule after them.
    pub fn resolve(&self, mut errors: Vec<RuleError>) -> Result<RuleSet, Vec<RuleError>> {
        let rules = self.written.values().filter_map(|w| resolve::resolve(w, &mut errors)).collect();
        done(rules, errors)
    }

    /// The rules that `tables` hold, each laid over the one of its id here: those of a file that holds other things too.
    ///
    /// # Errors
    ///
    /// Every mistake in them.
    pub(crate) fn over(&self, tables: Vec<Node>) -> Result<RuleSet, Vec<RuleError>> {
        let mut errors = Vec::new();
        let mut over = Self::default();
        for rule in tree::rules_in(tables, &mut errors) {
            if let Some(under) = self.written.get(&rule.id) {
                over.lay(under.clone());
            }
            over.lay(rule);
        }
        over.resolve(errors)
    }
}

fn done(rules: Vec<Rule>, mut errors: Vec<RuleError>) -> Result<RuleSet, Vec<RuleError>> {
    // What both levels take from the rule is read for each.
    let mut told = BTreeSet::new();
    errors.retain(|e| told.insert(e.to_string()));
    errors.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    if errors.is_empty() { Ok(RuleSet::of(rules)) } else { Err(errors) }
}
