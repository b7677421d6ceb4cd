//! Form bodies (`A.member.1.B=x`, in EC2 `A.1.B=x`) as trees.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::sim::wire::value::Value;

/// No request of the simulated services nests deeper.
const DEEPEST: usize = 16;

#[derive(Default)]
struct Node {
    text: Option<String>,
    children: BTreeMap<String, Node>,
}

/// The members of a form. Every leaf is text; a name with more levels than any real one is left out.
pub(in crate::sim::wire) fn decode(body: &[u8]) -> Value {
    let mut root = Node::default();
    for (name, value) in url::form_urlencoded::parse(body) {
        if name.split('.').count() > DEEPEST {
            continue;
        }
        let mut node = &mut root;
        for part in name.split('.') {
            node = node.children.entry(part.to_owned()).or_default();
        }
        node.text = Some(value.into_owned());
    }
    match root.into_value() {
        value @ Value::Map(_) => value,
        _ => Value::Map(Vec::new()),
    }
}

impl Node {
    fn into_value(mut self) -> Value {
        if self.children.is_empty() {
            return Value::Text(Cow::Owned(self.text.unwrap_or_default()));
        }
        if self.children.len() == 1
            && let Some(only) = self.children.remove("member")
        {
            return only.into_value();
        }
        if self.children.keys().all(|name| name.parse::<u32>().is_ok()) {
            let mut items: Vec<(u32, Node)> =
                self.children.into_iter().filter_map(|(name, node)| Some((name.parse().ok()?, node))).collect();
            items.sort_by_key(|(number, _)| *number);
            return Value::List(items.into_iter().map(|(_, node)| node.into_value()).collect());
        }
        Value::Map(self.children.into_iter().map(|(name, node)| (Cow::Owned(name), node.into_value())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_structures_of_both_manners() {
        let query = decode(b"A.member.1.B=x&A.member.2.B=y&A.member.10.B=z&C=%E6%9D%B1+1");
        let ec2 = decode(b"A.1.B=x&A.2.B=y&A.10.B=z&C=%E6%9D%B1+1");
        assert_eq!(query, ec2);
        let Some(Value::List(items)) = query.get("A") else { panic!("{query:?}") };
        let read: Vec<_> = items.iter().map(|i| i.get("B").unwrap().as_text().unwrap()).collect();
        assert_eq!(read, ["x", "y", "z"]);
        assert_eq!(query.get("C").unwrap().as_text().unwrap(), "東 1");
        assert_eq!(decode(b""), Value::Map(Vec::new()));
    }
}
