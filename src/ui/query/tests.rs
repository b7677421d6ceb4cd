//! The language, by examples and properties.

use proptest::prelude::*;

use super::*;

const FIELDS: [Field; 4] = [text("name"), text("state"), number("cpu"), number("age")];

struct Fake;

impl Row for Fake {
    fn words(&self) -> &'static str {
        "web-01 i-0abc running prod 10.0.0.1 本番"
    }

    fn text(&self, field: &str, with: &mut dyn FnMut(&str) -> bool) -> bool {
        match field {
            "name" => with("Web-01"),
            "state" => with("running"),
            "tag.env" => with("prod"),
            "tag.aws:autoscaling:groupName" => with("web-asg"),
            "tag.note" => with("two words"),
            _ => false,
        }
    }

    fn number(&self, field: &str) -> Option<f64> {
        match field {
            "cpu" | "CPUUtilization" => Some(84.0),
            _ => None,
        }
    }
}

struct Named(String);
impl Row for Named {
    fn words(&self) -> &str {
        &self.0
    }
    fn text(&self, _: &str, _: &mut dyn FnMut(&str) -> bool) -> bool {
        false
    }
    fn number(&self, _: &str) -> Option<f64> {
        None
    }
}

fn slow(p: &[char], t: &[char]) -> bool {
    match (p.first(), t.first()) {
        (None, None) => true,
        (Some('*'), _) => slow(&p[1..], t) || (!t.is_empty() && slow(p, &t[1..])),
        (Some('?'), Some(_)) => slow(&p[1..], &t[1..]),
        (Some(a), Some(b)) if a == b => slow(&p[1..], &t[1..]),
        _ => false,
    }
}

fn lets_through(text: &str) -> bool {
    Query::parse(text, &FIELDS).unwrap_or_else(|e| panic!("{text}: {e:?}")).matches(&Fake)
}

#[test]
fn terms_are_held_against_the_row() {
    for (text, wanted) in [
        ("", true),
        ("   ", true),
        ("web", true),
        ("WEB prod", true),
        ("web stage", false),
        ("w*1", true),
        ("?eb-01", true),
        ("eb*", false),
        ("本番", true),
        ("name:web*", true),
        ("name:eb", true),
        ("name=web", false),
        ("name=web-01", true),
        ("name!=web-01", false),
        ("name!=x", true),
        ("tag.env=prod", true),
        ("tag.env!=prod", false),
        ("tag.aws:autoscaling:groupName=web-asg", true),
        ("tag.env:pr", true),
        ("tag.note=\"two words\"", true),
        ("tag.none=x", false),
        ("tag.none!=x", true),
        ("cpu>80", true),
        ("cpu>80%", true),
        ("cpu>=84", true),
        ("cpu<84", false),
        ("cpu=84", true),
        ("cpu!=84", false),
        ("age>5m", false),
        ("not age>5m", true),
        ("CPUUtilization>80", true),
        ("state!=running", false),
        ("not web", false),
        ("not not web", true),
        ("!stage", true),
        ("stage or prod", true),
        ("stage | prod", true),
        ("stage or prod web", true),
        ("(stage or prod) nothing", false),
        ("stage or (prod and web)", true),
        ("prod AND web", true),
        ("10.0.0.1:80", false),
        ("10.0.0.1", true),
        ("arn:aws:elb", false),
        ("\"01 i-0\"", true),
        ("\"or\"", false),
    ] {
        assert_eq!(lets_through(text), wanted, "{text}");
    }
}

#[test]
fn an_error_says_where_and_what_would_be_right() {
    for (text, at, wanted) in [
        ("nmae:web", 0, "unknown field `nmae`; did you mean `name`?"),
        ("web colour=red", 4, "unknown field `colour`; there are name, state, cpu, age"),
        ("cpu>", 4, "`cpu>` needs a value: cpu>80"),
        ("cpu>high", 4, "`high` is no number: write 80"),
        ("cpu:8", 0, "`cpu` is a number: write cpu>8 or cpu=8"),
        ("name>3", 0, "`name` is text: name:… has it"),
        ("name=", 5, "`name=` needs a value: name=web*"),
        ("tag.env", 0, "`tag.env` needs a value: tag.env=prod"),
        ("(web", 0, "`(` is not closed"),
        ("web)", 3, "`)` closes nothing"),
        ("()", 0, "there is nothing between `(` and `)`"),
        ("web or", 6, "something must follow `or`"),
        ("or web", 0, "something must stand before `or`"),
        ("本番 not", 6, "something must follow `not`"),
        ("name:\"web", 5, "a quotation mark is not closed"),
        (">80", 0, "`>` needs a field before it"),
    ] {
        let error = Query::parse(text, &FIELDS).expect_err(text);
        assert!(error.message.starts_with(wanted) && error.at == at, "{text}: {error:?}");
    }
}

#[test]
fn amounts_have_units() {
    for (text, wanted) in [
        ("80", Some(80.0)),
        ("1.5k", Some(1500.0)),
        ("5m", Some(300.0)),
        ("85ms", Some(0.085)),
        ("2M", Some(2e6)),
        ("-3", Some(-3.0)),
        ("1e400", None),
        ("..", None),
        ("5 apples", None),
        ("", None),
    ] {
        assert_eq!(amount(text), wanted, "{text}");
    }
}

/// A query of the language, with whether it lets the row through.
fn expression() -> impl Strategy<Value = (String, bool)> {
    let leaf = prop_oneof![
        Just(("web".to_owned(), true)),
        Just(("stage".to_owned(), false)),
        Just(("name:web*".to_owned(), true)),
        Just(("cpu>90".to_owned(), false)),
        Just(("tag.env=prod".to_owned(), true)),
        Just(("state!=running".to_owned(), false)),
    ];
    leaf.prop_recursive(4, 24, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|((a, x), (b, y))| (format!("({a} and {b})"), x && y)),
            (inner.clone(), inner.clone()).prop_map(|((a, x), (b, y))| (format!("({a} {b})"), x && y)),
            (inner.clone(), inner.clone()).prop_map(|((a, x), (b, y))| (format!("({a} or {b})"), x || y)),
            inner.prop_map(|(a, x)| (format!("not ({a})"), !x)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn connectives_mean_what_logic_has((query, wanted) in expression()) {
        prop_assert_eq!(lets_through(&query), wanted, "{}", query);
    }

    /// Anything typed is a query or an error inside of it, also what is no language at all.
    #[test]
    fn nothing_typed_panics(text in "[a-z\"()!=<>:.*? \u{3042}tagorn|&0-9]{0,60}") {
        match Query::parse(&text, &FIELDS) {
            Ok(query) => drop(query.matches(&Fake)),
            Err(error) => {
                prop_assert!(error.at <= text.chars().count());
                prop_assert!(!error.message.is_empty());
            }
        }
        let (at, word) = last_word(&text);
        prop_assert!(text.ends_with(word) && at + word.len() == text.len());
    }

    /// What stands for a name finds that name.
    #[test]
    fn a_literal_finds_itself(name in "[a-z(=:!*] ?[a-z()=:<>!*?|and -]{0,12}") {
        let query = Query::parse(&literal(&name), &FIELDS);
        prop_assert!(query.is_ok(), "{} {:?}", name, query);
        prop_assert!(query.unwrap().matches(&Named(name.clone())), "{}", name);
    }

    #[test]
    fn a_glob_is_its_pieces_in_order(text in "[ab]{0,12}", pattern in "[ab*?]{0,8}") {
        let chars: Vec<char> = pattern.chars().collect();
        prop_assert_eq!(glob(&chars, &text), slow(&chars, &text.chars().collect::<Vec<_>>()));
    }
}
