//! What constraints look at that name other records: these values are kept of each record until all are known.

use crate::expr::Root;
use crate::expr::excerpt::Excerpt;
use crate::expr::types::Property;
use crate::model::Program;
use crate::pointer;
use crate::tape::Names;

/// What expressions that name other records look at, by table.
pub(super) struct Excerpts<'n> {
    pub excerpts: Vec<Excerpt>,
    pub names: &'n Names,
}

impl Excerpts<'_> {
    /// Adds what a program looks at that stands on the objects at a pointer.
    pub fn add(&mut self, table: usize, pointer: &str, program: &Program) {
        let property = |name: &str| {
            let name = pointer::unescape(name).into_owned();
            Property { number: self.names.number(&name), name }
        };
        let own: Vec<_> =
            pointer.split('/').skip(1).map(|name| (name == "*", property(name))).collect();
        let mut parent = own.as_slice();
        if let [rest @ .., (true, _)] = parent {
            parent = rest;
        }
        parent = parent.split_last().map_or(parent, |(_, rest)| rest);
        // A list is kept whole, so that positions in it stay what they are.
        let whole = |object: &[(bool, Property)], steps: &[Property]| {
            let before = object.iter().take_while(|(is_item, _)| !is_item);
            let mut path: Vec<_> = before.map(|(_, property)| property.clone()).collect();
            if path.len() == object.len() {
                path.extend_from_slice(steps);
            }
            path
        };
        let excerpt = &mut self.excerpts[table];
        if own.iter().any(|(is_item, _)| *is_item) {
            excerpt.add(&whole(&own, &[]));
        } else {
            let path: Vec<_> = own.iter().map(|(_, property)| property.clone()).collect();
            excerpt.object(&path);
        }
        let when = program.when.iter().flat_map(|when| &when.paths);
        for path in program.assert.paths.iter().chain(when) {
            match path.root {
                Root::Own => self.excerpts[table].add(&whole(&own, &path.steps)),
                Root::Parent => self.excerpts[table].add(&whole(parent, &path.steps)),
                Root::Record => self.excerpts[table].add(&path.steps),
                Root::Named(number) => {
                    self.excerpts[program.named[number].table].add(&path.steps);
                }
                // Its list is kept whole.
                Root::Item(_) => {}
            }
        }
    }
}
