//! Leaves values out of a tape that is read already, and adds texts to it.
//!
//! Nothing is edited in place: the nodes are copied, without what is left out and with what is added. The
//! source text and the places of all else stay as they are, so findings, fixes and excerpts know of no
//! difference. What is left out stays behind the records, where a finding can look it up
//! ([`Value::left_out`]).

use super::{Entry, KEY_MARKS, Node, Tag, Tape, Value, key_mark, pack};
use crate::workspace::Format;

/// What is to be left out of a tape, and what is to be added to it.
#[derive(Debug, Default)]
pub struct Changes {
    /// The keys of entries, and items of lists; once changes are made, in the order of the tape.
    left_out: Vec<u32>,
    /// Once changes are made, in the order of their objects.
    added: Vec<Addition>,
}

/// A text under a key that an object gets behind its others.
#[derive(Debug)]
struct Addition {
    object: u32,
    key: String,
    text: String,
    /// A node with the place of both.
    place: Node,
}

/// How many changes there were, to take back what came later.
#[derive(Clone, Copy, Debug)]
pub struct ChangesMark {
    left_out: usize,
    added: usize,
}

impl Changes {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.left_out.is_empty() && self.added.is_empty()
    }

    /// Leaves out a property.
    pub fn leave_out(&mut self, entry: Entry<'_>) {
        self.left_out.push(entry.key.index);
    }

    /// Leaves out an item of a list.
    pub fn leave_out_item(&mut self, item: Value<'_>) {
        self.left_out.push(item.index);
    }

    /// Whether a property has been left out since `mark`.
    #[must_use]
    pub fn leave_out_since(&self, mark: ChangesMark, entry: Entry<'_>) -> bool {
        self.left_out[mark.left_out..].contains(&entry.key.index)
    }

    /// Adds a text under a key that the object doesn't have. It counts as standing where `place` does.
    pub fn add(&mut self, object: Value<'_>, key: &str, text: &str, place: Value<'_>) {
        let (key, text) = (key.to_owned(), text.to_owned());
        self.added.push(Addition { object: object.index, key, text, place: *place.node() });
    }

    /// The same for a text that stands nowhere: its place is where the record begins.
    pub fn add_to_record(&mut self, record: Value<'_>, key: &str, text: &str) {
        let (key, text) = (key.to_owned(), text.to_owned());
        let place = beginning(record);
        self.added.push(Addition { object: record.index, key, text, place });
    }

    /// How many changes there are.
    #[must_use]
    pub fn mark(&self) -> ChangesMark {
        ChangesMark { left_out: self.left_out.len(), added: self.added.len() }
    }

    /// Takes back what came after `mark`.
    pub fn rewind(&mut self, mark: ChangesMark) {
        self.left_out.truncate(mark.left_out);
        self.added.truncate(mark.added);
    }
}

/// A node with the place at which a record begins: its bracket, its first key, or its row as a whole.
fn beginning(record: Value<'_>) -> Node {
    let node = *record.node();
    if record.literal().is_some_and(|text| text.starts_with('{')) {
        return Node { end: node.start + 1, ..node };
    }
    match record.entries().next() {
        Some(first) if record.format() == Format::Yaml && first.key.node().part == node.part => {
            *first.key.node()
        }
        Some(_) | None => node,
    }
}

/// A property that was left out of an object.
#[derive(Clone, Copy, Debug)]
pub(super) struct LeftOut {
    object: u32,
    /// Both stand behind the records.
    key: u32,
    value: u32,
}

/// A list or object while what is in it is copied.
struct Open {
    /// Its number before.
    before: u32,
    /// Its number now.
    now: u32,
    /// The number, before, of what follows it.
    next: u32,
    /// How many of its values are left out.
    fewer: u64,
}

impl Tape {
    /// Makes the changes.
    ///
    /// # Panics
    /// If they were made before: the values that they name have other numbers now.
    pub fn change(&mut self, changes: &mut Changes) {
        assert!(self.left_out.is_empty(), "a tape is changed once");
        changes.left_out.sort_unstable();
        changes.added.sort_by_key(|addition| addition.object);
        let before = std::mem::take(&mut self.nodes);
        self.nodes = std::mem::take(&mut self.spare);
        self.nodes.clear();
        self.nodes.reserve(before.len() + 2 * changes.added.len());
        let (mut open, mut roots, mut left_out) = (Vec::<Open>::new(), 0, 0);
        let mut gone = Vec::new();
        let mut at = 0;
        loop {
            while let Some(container) = open.pop_if(|container| container.next as usize == at) {
                self.close(&container, changes);
            }
            let Some(&node) = before.get(at) else { break };
            while self.roots.get(roots).is_some_and(|root| *root as usize == at) {
                self.roots[roots] = self.nodes.len() as u32;
                roots += 1;
            }
            if changes.left_out.get(left_out).is_some_and(|index| *index as usize == at) {
                left_out += 1;
                let container = open.last_mut().expect("what is left out is in something");
                container.fewer += 1;
                let is_list = before[container.before as usize].tag == Tag::Array;
                let value = if is_list { at } else { at + 1 };
                if !is_list {
                    gone.push((container.now, node, before[value]));
                }
                at = before[value].next as usize;
                continue;
            }
            let now = self.nodes.len() as u32;
            if matches!(node.tag, Tag::Array | Tag::Object) {
                open.push(Open { before: at as u32, now, next: node.next, fewer: 0 });
            }
            // The numbers of keys stay, and those of containers are known when they are closed.
            let next = if node.next < KEY_MARKS { now + 1 } else { node.next };
            self.nodes.push(Node { next, ..node });
            at += 1;
        }
        gone.sort_by_key(|(object, ..)| *object);
        for (object, key, value) in gone {
            let index = self.nodes.len() as u32;
            self.left_out.push(LeftOut { object, key: index, value: index + 1 });
            self.nodes.push(key);
            // Of a list or an object only the place is of use.
            let payload =
                if matches!(value.tag, Tag::Array | Tag::Object) { 0 } else { value.payload };
            self.nodes.push(Node { next: index + 2, payload, ..value });
        }
        self.spare = before;
    }

    fn close(&mut self, container: &Open, changes: &Changes) {
        let from = changes.added.partition_point(|addition| addition.object < container.before);
        let added = changes.added[from..].iter();
        let added = added.take_while(|addition| addition.object == container.before);
        let mut more = 0;
        for Addition { key, text, place, .. } in added {
            let number = self.names.number(key);
            let key = self.decode(key);
            self.nodes.push(Node {
                tag: Tag::Text,
                next: key_mark(number),
                payload: key,
                ..*place
            });
            let (next, text) = (self.nodes.len() as u32 + 1, self.decode(text));
            self.nodes.push(Node { tag: Tag::Text, next, payload: text, ..*place });
            more += 1;
        }
        let next = self.nodes.len() as u32;
        let node = &mut self.nodes[container.now as usize];
        node.next = next;
        node.payload = node.payload + more - container.fewer;
    }

    fn decode(&mut self, text: &str) -> u64 {
        let payload = pack(self.source.len() + self.decoded.len(), text.len());
        self.decoded.push_str(text);
        payload
    }

    /// Gives a text of this tape, which [`Changes`] have added, what it says.
    ///
    /// # Panics
    /// If there is no text of that number.
    pub fn fill_in(&mut self, index: u32, text: &str) {
        assert_eq!(self.nodes[index as usize].tag, Tag::Text, "only texts are filled in");
        self.nodes[index as usize].payload = self.decode(text);
    }
}

impl<'t> Value<'t> {
    /// The value that was left out under `key`, if this is an object that had one. It stands at its place,
    /// and isn't among the entries.
    #[must_use]
    pub fn left_out(self, key: &str) -> Option<Value<'t>> {
        let all = &self.tape.left_out;
        let from = all.partition_point(|left_out| left_out.object < self.index);
        let mut here = all[from..].iter().take_while(|left_out| left_out.object == self.index);
        let found = here.find(|left_out| self.at_index(left_out.key).as_str() == Some(key))?;
        Some(self.at_index(found.value))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use serde_json::{Map, Value as Json, json};

    use super::Changes;
    use crate::parse;
    use crate::tape::{Names, Tape, Value};
    use crate::workspace::SourceId;

    fn tape(text: &str) -> Tape {
        let names = Names::new(["a", "b", "c", "why"]);
        let mut tape = Tape::with_names(Arc::new(names));
        tape.reset(SourceId(0), 7, text.to_owned());
        parse::json::parse_lines(&mut tape, SourceId(0), &mut Vec::new());
        tape
    }

    /// Leaves out every -9 of an object and of a list, and adds to each object a note of the first.
    fn changes(value: Value<'_>, changes: &mut Changes) {
        let mut first = None;
        for entry in value.entries() {
            if entry.value.as_i64() == Some(-9) {
                changes.leave_out(entry);
                first = first.or(Some(entry.value));
            } else {
                self::changes(entry.value, changes);
            }
        }
        for item in value.items() {
            if item.as_i64() == Some(-9) {
                changes.leave_out_item(item);
            } else {
                self::changes(item, changes);
            }
        }
        if let Some(place) = first {
            changes.add(value, "why", "missing", place);
        }
    }

    /// The same of a JSON value.
    fn changed(value: &Json) -> Json {
        let is_kept = |value: &&Json| **value != json!(-9);
        match value {
            Json::Array(items) => items.iter().filter(is_kept).map(changed).collect(),
            Json::Object(entries) => {
                let kept = entries.iter().filter(|(_, value)| is_kept(value));
                let mut kept: Map<_, _> =
                    kept.map(|(key, value)| (key.clone(), changed(value))).collect();
                if kept.len() < entries.len() {
                    kept.insert("why".to_owned(), json!("missing"));
                }
                Json::Object(kept)
            }
            other => other.clone(),
        }
    }

    fn any_value() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(json!(-9)),
            Just(json!(null)),
            Just(json!("te\"xt")),
            any::<i8>().prop_map(Json::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            let entries = proptest::collection::btree_map("[a-e]", inner.clone(), 0..5);
            prop_oneof![
                proptest::collection::vec(inner, 0..5).prop_map(Json::from),
                entries.prop_map(|entries| entries.into_iter().collect::<Map<_, _>>().into()),
            ]
        })
    }

    /// Every value that has a place of its own, with it and the numbers of its keys.
    fn places(value: Value<'_>, found: &mut Vec<(String, String)>) {
        found.push((format!("{value:?}"), format!("{:?}", value.span())));
        value.items().for_each(|item| places(item, found));
        for entry in value.entries() {
            found.push((
                entry.name().to_owned(),
                format!("{:?} {}", entry.key.span(), entry.number()),
            ));
            places(entry.value, found);
        }
    }

    proptest! {
        #[test]
        fn all_else_stays(records in proptest::collection::vec(
            proptest::collection::btree_map("[a-e]", any_value(), 0..6), 1..4,
        )) {
            let records: Vec<Json> = records
                .into_iter()
                .map(|record| record.into_iter().collect::<Map<_, _>>().into())
                .collect();
            let text: String = records.iter().map(|record| format!("{record}\n")).collect();
            let mut tape = tape(&text);
            let mut before = Vec::new();
            tape.roots().for_each(|record| places(record, &mut before));
            let mut all = Changes::default();
            tape.roots().for_each(|record| changes(record, &mut all));
            let is_unchanged = all.is_empty();
            tape.change(&mut all);
            let expected: Vec<_> = records.iter().map(changed).collect();
            let now: Vec<_> = tape.roots().map(Value::to_json).collect();
            prop_assert_eq!(now, expected);
            let mut after = Vec::new();
            tape.roots().for_each(|record| places(record, &mut after));
            if is_unchanged {
                prop_assert_eq!(&before, &after);
            }
            let scalars = |all: &[(String, String)]| -> Vec<_> {
                let is_other = |(text, _): &&(String, String)| {
                    !text.starts_with(['{', '[']) && !["\"missing\"", "why", "-9"].contains(&text.as_str())
                };
                all.iter().filter(is_other).cloned().collect()
            };
            let kept = scalars(&after);
            prop_assert!(kept.iter().all(|it| before.contains(it)));
        }
    }

    #[test]
    fn what_was_left_out_can_be_looked_up() {
        let mut tape = tape("{\"a\": {\"b\": -9}, \"c\": -9}\n{\"c\": 1}\n");
        let mut all = Changes::default();
        tape.roots().for_each(|record| changes(record, &mut all));
        tape.change(&mut all);
        let records: Vec<_> = tape.roots().collect();
        let group = records[0].get("a").expect("it stays");
        assert_eq!(group.left_out("b").map(|value| value.span()), Some(19..21));
        assert_eq!(group.get("why").map(|value| value.span()), Some(19..21));
        assert_eq!(records[0].left_out("c").and_then(Value::literal), Some("-9"));
        assert!(records[0].left_out("b").is_none() && records[1].left_out("c").is_none());
    }
}
