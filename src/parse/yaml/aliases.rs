//! Aliases: copies of anchored nodes, within limits.

use std::ops::Range;

use super::{Anchor, COPIED_BYTES_MAX, COPIED_NODES_MAX, Position, Reader};
use crate::diagnostic::code;
use crate::tape::NodeId;

/// Longer names of aliases are cut off in messages.
const NAME_CHARS_MAX: usize = 60;

/// What the aliases of a file have copied so far.
#[derive(Default)]
pub(super) struct Copied {
    nodes: usize,
    bytes: usize,
    /// It was too much.
    exhausted: bool,
}

impl Reader<'_, '_> {
    pub(super) fn alias(&mut self, id: usize, bytes: Range<usize>) {
        let anchor = self.anchors.get(&id).copied().unwrap_or(Anchor::Lost);
        self.unnamed.retain(|(unnamed, _)| *unnamed != id);
        self.last_end = bytes.end;
        match self.position() {
            Position::Document => return self.not_a_record(bytes, "an alias"),
            Position::Item => self.begin_record(bytes.start),
            Position::Key => self.odd_key(bytes.clone()),
            Position::Value => {}
        }
        let (node, height) = match anchor {
            Anchor::Node { mapping: false, .. } if self.position() == Position::Item => {
                self.spoil();
                self.not_a_record(bytes.clone(), "an alias of something else");
                (None, 0)
            }
            Anchor::Node { node, height, .. } => (self.affordable(node, &bytes), height),
            Anchor::Open => {
                self.report(
                    &code::ALIAS_EXPLOSION,
                    bytes.clone(),
                    "an alias contains itself",
                    "write the value out: a record is finite",
                );
                (None, 0)
            }
            Anchor::Key => {
                self.report(
                    &code::INVALID_SYNTAX,
                    bytes.clone(),
                    "an alias names a key",
                    "put the anchor before a value, or write the text out",
                );
                (None, 0)
            }
            // What broke its record was reported there.
            Anchor::Lost => (None, 0),
        };
        match node {
            Some(node) => {
                self.check_depth(height, bytes.clone());
                self.builder.alias(node, bytes);
            }
            None => {
                self.spoil();
                self.builder.null(bytes);
            }
        }
        self.complete(height);
    }

    /// The node, if the file's aliases may copy so much.
    fn affordable(&mut self, node: NodeId, bytes: &Range<usize>) -> Option<NodeId> {
        if self.copied.exhausted {
            return None;
        }
        let nodes_max = COPIED_NODES_MAX + self.text.len();
        let bytes_max = COPIED_BYTES_MAX + self.text.len();
        self.copied.nodes = self.copied.nodes.saturating_add(self.builder.size(node));
        // Where there are too many values, their texts need no counting.
        if self.copied.nodes <= nodes_max {
            self.copied.bytes = self.copied.bytes.saturating_add(self.builder.text_bytes(node));
        }
        let limit = if self.copied.nodes > nodes_max {
            format!("{nodes_max} values")
        } else if self.copied.bytes > bytes_max {
            format!("{} MiB of text", bytes_max >> 20)
        } else {
            return Some(node);
        };
        // Once said is enough; nothing is copied from here on.
        self.copied.exhausted = true;
        self.report(
            &code::ALIAS_EXPLOSION,
            bytes.clone(),
            format!("the aliases of this file expand to more than {limit}"),
            "write the values out, or split the file; records with further aliases aren't read",
        );
        None
    }

    pub(super) fn unknown_alias(&mut self, name: &str, bytes: Range<usize>) {
        self.last_end = bytes.end;
        let name: String = name.chars().take(NAME_CHARS_MAX).collect();
        // Its anchor may stand before a fault, in what the parser has forgotten.
        if !self.resumed {
            self.report(
                &code::INVALID_SYNTAX,
                bytes.clone(),
                format!("the alias `*{name}` has no anchor `&{name}` before it in this document"),
                format!("write `\"*{name}\"` if it is text, or add the anchor"),
            );
        }
        match self.position() {
            Position::Document | Position::Item => {}
            Position::Key | Position::Value => {
                self.spoil();
                self.odd();
                self.builder.null(bytes);
                self.complete(0);
            }
        }
    }
}
