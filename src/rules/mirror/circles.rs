//! The order in which alarms that are made of others can be looked at: those that one is made of before it.

use std::collections::HashMap;

use crate::model::ResourceId;

/// One that was found on the way.
struct Node {
    id: ResourceId,
    children: Vec<usize>,
    /// How many of its children were gone into.
    gone_into: usize,
    /// The lowest of those that it reaches and that are not told yet.
    low: usize,
    told: bool,
}

/// `roots` and all that they reach through `children`, in groups: those that reach each other are one, and each comes after
/// the groups that it reaches. (Tarjan's strongly connected components. It goes down without recursion: how deep is
/// written by strangers.)
pub(super) fn in_order(
    roots: impl IntoIterator<Item = ResourceId>,
    mut children: impl FnMut(&ResourceId) -> Vec<ResourceId>,
) -> Vec<Vec<ResourceId>> {
    let mut known: HashMap<ResourceId, usize> = HashMap::new();
    let mut nodes: Vec<Node> = Vec::new();
    // Children are numbered when they are first named, and so before they are gone into: the order is told by these.
    let mut entered: Vec<Option<usize>> = Vec::new();
    let mut count = 0;
    let (mut path, mut open, mut groups) = (Vec::new(), Vec::new(), Vec::new());
    for root in roots {
        let root = number(root, &mut known, &mut nodes, &mut entered);
        if entered[root].is_none() {
            path.push(root);
        }
        while let Some(&at) = path.last() {
            if entered[at].is_none() {
                entered[at] = Some(count);
                nodes[at].low = count;
                count += 1;
                open.push(at);
                let named = children(&nodes[at].id);
                nodes[at].children =
                    named.into_iter().map(|id| number(id, &mut known, &mut nodes, &mut entered)).collect();
            }
            if let Some(&child) = nodes[at].children.get(nodes[at].gone_into) {
                if entered[child].is_none() {
                    path.push(child);
                } else {
                    if !nodes[child].told {
                        nodes[at].low = nodes[at].low.min(nodes[child].low);
                    }
                    nodes[at].gone_into += 1;
                }
                continue;
            }
            path.pop();
            if entered[at] == Some(nodes[at].low) {
                let from = open.iter().rposition(|n| *n == at).unwrap_or(0);
                let group = open.split_off(from);
                for n in &group {
                    nodes[*n].told = true;
                }
                groups.push(group.into_iter().map(|n| nodes[n].id.clone()).collect());
            }
        }
    }
    groups
}

fn number(
    id: ResourceId,
    known: &mut HashMap<ResourceId, usize>,
    nodes: &mut Vec<Node>,
    entered: &mut Vec<Option<usize>>,
) -> usize {
    *known.entry(id).or_insert_with_key(|id| {
        nodes.push(Node { id: id.clone(), children: Vec::new(), gone_into: 0, low: 0, told: false });
        entered.push(None);
        nodes.len() - 1
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Kind, Scope};

    fn ordered(roots: &str, edges: &[(char, &str)]) -> Vec<String> {
        let scope = Scope::new("demo", "ap-northeast-1");
        let id = |c: char| ResourceId::new(&scope, Kind::Alarm, c.to_string());
        let of = |from: &ResourceId| {
            let found = edges.iter().find(|(c, _)| *from.id == *c.to_string());
            found.into_iter().flat_map(|(_, to)| to.chars()).map(id).collect()
        };
        let letters = |group: Vec<ResourceId>| {
            let mut group: Vec<String> = group.iter().map(|id| id.id.to_string()).collect();
            group.sort();
            group.concat()
        };
        in_order(roots.chars().map(id), of).into_iter().map(letters).collect()
    }

    #[test]
    fn children_come_first_and_a_circle_is_one_group() {
        assert_eq!(ordered("a", &[('a', "bc"), ('b', "c")]), ["c", "b", "a"]);
        assert_eq!(ordered("ab", &[('a', "b"), ('b', "a"), ('c', "a")]), ["ab"]);
        assert_eq!(ordered("c", &[('a', "b"), ('b', "a"), ('c', "a")]), ["ab", "c"]);
        assert_eq!(ordered("a", &[('a', "a")]), ["a"]);
        assert_eq!(ordered("a", &[('a', "bd"), ('b', "c"), ('c', "b"), ('d', "ca")]), ["bc", "ad"]);
        assert_eq!(ordered("x", &[]), ["x"]);
    }

    #[test]
    fn a_long_chain_needs_no_stack() {
        let scope = Scope::new("demo", "ap-northeast-1");
        let id = |n: usize| ResourceId::new(&scope, Kind::Alarm, n.to_string());
        let next = |from: &ResourceId| {
            let n: usize = from.id.parse().expect("a number");
            if n < 50_000 { vec![id(n + 1)] } else { Vec::new() }
        };
        let groups = in_order([id(0)], next);
        assert_eq!((groups.len(), groups[0][0].clone()), (50_001, id(50_000)));
    }
}
