//! The values of one record by their pointers, and their pointers.
//!
//! A container with many members is looked through once. So however many findings a record has,
//! their places cost no more than one reading of it.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use crate::pointer;
use crate::tape::{Entry, Tag, Value};

/// Finds values in a record.
pub struct Finder<'t> {
    record: Value<'t>,
    /// Containers that were looked through, by the number of the value.
    containers: RefCell<BTreeMap<u32, Rc<Container<'t>>>>,
}

/// Fewer members are looked through each time.
const MANY: usize = 16;

struct Container<'t> {
    /// In their order.
    members: Vec<Member<'t>>,
    /// The first entry of each name.
    entries: HashMap<&'t str, Entry<'t>>,
    /// Names that stand there twice.
    repeated: HashSet<&'t str>,
}

/// An item of a list, or a value of an object with its name.
#[derive(Clone, Copy)]
struct Member<'t> {
    name: Option<&'t str>,
    value: Value<'t>,
}

fn members<'t>(value: Value<'t>) -> impl Iterator<Item = Member<'t>> {
    let items = value.items().map(|value| Member { name: None, value });
    items.chain(value.entries().map(|it| Member { name: Some(it.name()), value: it.value }))
}

impl<'t> Finder<'t> {
    /// A finder of what is in `record`.
    pub fn new(record: Value<'t>) -> Self {
        Self { record, containers: RefCell::default() }
    }

    /// The value at a JSON Pointer, or the deepest one on the way to it, and whether the pointer was
    /// followed to its end.
    pub fn value(&self, pointer: &str) -> (Value<'t>, bool) {
        let mut value = self.record;
        for token in pointer.split('/').skip(1) {
            let token = pointer::unescape(token);
            let child = match value.tag() {
                Tag::Object => self.entry(value, &token).map(|entry| entry.value),
                Tag::Array => token.parse().ok().and_then(|index| self.item(value, index)),
                Tag::Null
                | Tag::Boolean
                | Tag::Integer
                | Tag::Unsigned
                | Tag::Float
                | Tag::Text => None,
            };
            let Some(child) = child else { return (value, false) };
            value = child;
        }
        (value, true)
    }

    /// The entry under `name`, if `object` is an object that has it.
    pub fn entry(&self, object: Value<'t>, name: &str) -> Option<Entry<'t>> {
        if object.len() <= MANY {
            return object.entry(name);
        }
        self.container(object).entries.get(name).copied()
    }

    fn item(&self, list: Value<'t>, index: usize) -> Option<Value<'t>> {
        if list.len() <= MANY {
            return list.items().nth(index);
        }
        self.container(list).members.get(index).map(|member| member.value)
    }

    /// The pointer of a value of the record.
    pub fn pointer_to(&self, inside: Value<'t>) -> String {
        let mut path = String::new();
        let mut value = self.record;
        while value.index() != inside.index() {
            let (position, member) = if value.len() <= MANY {
                let before = members(value).enumerate();
                before.take_while(|(_, member)| member.value.index() <= inside.index()).last()
            } else {
                let members = &self.container(value).members;
                let after = members.partition_point(|it| it.value.index() <= inside.index());
                after.checked_sub(1).map(|position| (position, members[position]))
            }
            .expect("the value is inside");
            path = match member.name {
                Some(name) => pointer::join(&path, name),
                None => pointer::join_index(&path, position),
            };
            value = member.value;
        }
        path
    }

    /// Whether a key on the way to the pointer stands twice in its object.
    pub fn leads_through_duplicate(&self, pointer: &str) -> bool {
        let mut path = String::new();
        for token in pointer.split('/').skip(1) {
            let (value, _) = self.value(&path);
            let name = pointer::unescape(token);
            let repeated = match value.len() {
                0..=MANY => value.entries().filter(|entry| entry.name() == name).count() > 1,
                _ => self.container(value).repeated.contains(&*name),
            };
            if repeated {
                return true;
            }
            path = format!("{path}/{token}");
        }
        false
    }

    fn container(&self, value: Value<'t>) -> Rc<Container<'t>> {
        let mut containers = self.containers.borrow_mut();
        let container = containers.entry(value.index()).or_insert_with(|| {
            let mut container = Container {
                members: members(value).collect(),
                entries: HashMap::new(),
                repeated: HashSet::new(),
            };
            for entry in value.entries() {
                if let Some(first) = container.entries.insert(entry.name(), entry) {
                    container.entries.insert(entry.name(), first);
                    container.repeated.insert(entry.name());
                }
            }
            Rc::new(container)
        });
        Rc::clone(container)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::Finder;
    use crate::parse;
    use crate::tape::{Tape, Value};
    use crate::workspace::SourceId;

    /// In small containers and in large ones, every value is found by its pointer.
    #[test]
    fn values_and_pointers_go_together() {
        let mut text = String::from("{\"few\":[1,{\"a/b\":[]}],\"many\":{\"x\":1");
        for number in 0..40 {
            let _ = write!(text, ",\"k{number}\":[{number},{{\"z\":{number}}}]");
        }
        text.push_str("},\"list\":[0");
        for number in 0..40 {
            let _ = write!(text, ",{{\"n\":{number}}}");
        }
        text.push_str("],\"twice\":{\"x\":1,\"x\":2}}");
        let mut tape = Tape::new(SourceId(0), 0, text);
        parse::json::parse_value(&mut tape, SourceId(0), &mut Vec::new());
        let record = tape.roots().next().expect("a record");
        let finder = Finder::new(record);
        let mut values = vec![record];
        let mut seen = 0;
        while let Some(value) = values.pop() {
            let pointer = finder.pointer_to(value);
            assert_eq!(pointer, record.pointer_to(value));
            if !finder.leads_through_duplicate(&pointer) {
                let (found, complete) = finder.value(&pointer);
                assert_eq!((found.index(), complete), (value.index(), true), "{pointer}");
                seen += 1;
            }
            values.extend(value.items());
            values.extend(value.entries().map(|entry| entry.value));
        }
        assert!(seen > 200, "{seen}");
        assert!(finder.leads_through_duplicate("/twice/x"));
        let deepest: (Value<'_>, bool) = finder.value("/list/40/n/gone");
        assert_eq!((finder.pointer_to(deepest.0).as_str(), deepest.1), ("/list/40/n", false));
        assert!(!finder.value("/list/41").1);
    }
}
