//! Patterns without look-around and backreferences, spelt in the syntax of the `regex` crate, which
//! takes time proportional to the text.

use std::fmt::Write as _;

use regex::{Regex, RegexBuilder};

use super::characters::Set;
use super::parse::Node;

/// A larger one is an automaton's: compiled, it would take more memory than it is worth.
const BYTES_MAX: usize = 1 << 17;

/// The pattern as the crate takes it; none if it can't say it, or is too large for it.
pub(super) fn compile(root: &Node) -> Option<Regex> {
    let mut spelt = String::new();
    spell(root, &mut spelt)?;
    RegexBuilder::new(&spelt).size_limit(BYTES_MAX).build().ok()
}

fn spell(node: &Node, spelt: &mut String) -> Option<()> {
    if spelt.len() > BYTES_MAX {
        return None;
    }
    match node {
        Node::Empty => {}
        Node::Set(set) => spell_set(set, spelt),
        Node::Start => spelt.push_str(r"\A"),
        Node::End => spelt.push_str(r"\z"),
        Node::Boundary { inverted: false } => spelt.push_str(r"(?-u:\b)"),
        // The crate's would stand inside a character, too.
        Node::Boundary { inverted: true } | Node::Look { .. } | Node::Back(_) => return None,
        Node::Group { inner, .. } => {
            spelt.push_str("(?:");
            spell(inner, spelt)?;
            spelt.push(')');
        }
        Node::Sequence(nodes) => {
            for node in nodes {
                spell(node, spelt)?;
            }
        }
        Node::Either(nodes) => {
            spelt.push_str("(?:");
            for (index, node) in nodes.iter().enumerate() {
                if index > 0 {
                    spelt.push('|');
                }
                spell(node, spelt)?;
            }
            spelt.push(')');
        }
        Node::Repeat { inner, min, max, .. } => {
            spelt.push_str("(?:");
            spell(inner, spelt)?;
            spelt.push(')');
            match (min, max) {
                (0, None) => spelt.push('*'),
                (1, None) => spelt.push('+'),
                (min, None) => write!(spelt, "{{{min},}}").expect("strings take all"),
                (min, Some(max)) => write!(spelt, "{{{min},{max}}}").expect("strings take all"),
            }
        }
    }
    Some(())
}

fn spell_set(set: &Set, spelt: &mut String) {
    if set.ranges().is_empty() {
        spelt.push_str(r"[^\x{0}-\x{10FFFF}]");
        return;
    }
    spelt.push('[');
    for range in set.ranges() {
        let (first, last) = (u32::from(range.start()), u32::from(range.end()));
        write!(spelt, r"\x{{{first:x}}}").expect("strings take all");
        if last > first {
            write!(spelt, r"-\x{{{last:x}}}").expect("strings take all");
        }
    }
    spelt.push(']');
}
