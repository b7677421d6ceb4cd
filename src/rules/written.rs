//! Rules as they are written, for somebody who wants to copy one.

use super::RuleSource;
use super::builtin::BUILTIN;

/// One `[[rule]]` with the comment above it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenRule {
    /// The rule's id.
    pub id: String,
    /// The file.
    pub file: String,
    /// Where the block begins, counted from 1.
    pub line: usize,
    /// Its lines, comments too, each with its end.
    pub text: String,
}

/// The rules that come with the program, and those of `files` after them, in the order they are written.
#[must_use]
pub fn written_rules(files: &[RuleSource<'_>]) -> Vec<WrittenRule> {
    BUILTIN.iter().chain(files).flat_map(blocks).collect()
}

/// What is said of a rule that is not there.
#[must_use]
pub fn no_such_rule<'a>(id: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let hint = super::resolve::nearest(id, known).map(|n| format!("; did you mean `{n}`?")).unwrap_or_default();
    format!("no rule `{id}`{hint}")
}

fn blocks(source: &RuleSource<'_>) -> Vec<WrittenRule> {
    let lines: Vec<&str> = source.text.lines().collect();
    let is_head = |i: usize| lines[i].trim_start().starts_with("[[rule]]");
    // A block begins with the comment that stands right above its head.
    let begins = |head: usize| (0..head).rev().take_while(|i| lines[*i].starts_with('#')).last().unwrap_or(head);
    let heads: Vec<usize> = (0..lines.len()).filter(|i| is_head(*i)).collect();
    let ends = heads.iter().skip(1).map(|next| begins(*next)).chain([lines.len()]);
    heads
        .iter()
        .zip(ends)
        .filter_map(|(head, end)| {
            let id = lines[*head..end].iter().find_map(|l| id_of(l))?.to_owned();
            let from = begins(*head);
            let text = lines[from..end].join("\n").trim_end().to_owned() + "\n";
            Some(WrittenRule { id, file: source.name.to_owned(), line: from + 1, text })
        })
        .collect()
}

/// The id that a line such as `id = "clb-5xx"` gives.
fn id_of(line: &str) -> Option<&str> {
    let value = line.trim_start().strip_prefix("id")?.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value.get(1..)?.split(quote).next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::RuleSet;

    #[test]
    fn every_builtin_rule_is_shown_as_it_is_read() {
        let written = written_rules(&[]);
        let ids: std::collections::BTreeSet<&str> = written.iter().map(|w| w.id.as_str()).collect();
        let set = RuleSet::builtin();
        assert_eq!(ids, set.rules().iter().map(|r| r.id.as_str()).collect());
        assert_eq!(written.len(), ids.len(), "no rule is written twice");
        for rule in &written {
            let mine = rule.text.replacen(&format!("id = \"{}\"", rule.id), "id = \"copy\"", 1);
            let source = RuleSource { name: "mine.toml", text: &mine };
            let pollers = rule.id == "poller-blind";
            let loaded = RuleSet::load(&[source], &[]).unwrap_or_else(|e| panic!("{}: {}", rule.id, e[0]));
            let (copy, original) = (loaded.get("copy").expect("there"), set.get(&rule.id).expect("there"));
            assert_eq!(copy.kinds(), original.kinds());
            assert!(copy.limits().eq(original.limits()) && (pollers || copy.limits().next().is_some()), "{}", rule.id);
        }
    }

    #[test]
    fn a_block_has_the_comment_above_it_and_no_other() {
        let text = "# The file.\n\n# One.\n[[rule]]\nid = 'one'\n# inside\n\n[rule.inputs]\na = 1\n\n# Two.\n# More.\n[[rule]]\nid=\"two\"\n";
        let found = blocks(&RuleSource { name: "f", text });
        let told: Vec<(&str, usize, &str)> = found.iter().map(|w| (w.id.as_str(), w.line, w.text.as_str())).collect();
        assert_eq!(
            told,
            [
                ("one", 3, "# One.\n[[rule]]\nid = 'one'\n# inside\n\n[rule.inputs]\na = 1\n"),
                ("two", 11, "# Two.\n# More.\n[[rule]]\nid=\"two\"\n"),
            ]
        );
        assert_eq!(no_such_rule("clb-5x", ["clb-5xx", "two"]), "no rule `clb-5x`; did you mean `clb-5xx`?");
    }
}
