//! What is looked up once, so that nothing has to be looked up for each record.
//!
//! The names of all properties are numbered: tapes number their keys by them, so that validation
//! and lowering compare numbers instead of texts. Values with roles are numbered in each table, and
//! references know where they lead.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::{
    Conditional, Document, Item, Level, Object, References, Says, Scalar, Shape, Table, Target,
};
use crate::schema::names_of;
use crate::tape::Names;

/// Numbers the properties that schemas speak of, the roles and the tables, and tells all fields
/// theirs.
pub(super) fn number(
    tables: &mut [Table],
    references: &mut References,
    documents: &[Document],
) -> Arc<Names> {
    let names = names_of(documents.iter().map(|document| &*document.json));
    let References { uniques, composites, targets, .. } = references;
    let uniques = uniques.iter_mut().map(|unique| &mut unique.tuple);
    let composites = composites.iter_mut().map(|composite| &mut composite.tuple);
    uniques.chain(composites).for_each(|tuple| tuple.number(&names));
    for table in tables {
        let mut numbering = Numbering { names: &names, targets, places: 0 };
        numbering.level(&mut table.level, &mut table.conditional);
    }
    Arc::new(names)
}

struct Numbering<'n> {
    names: &'n Names,
    targets: &'n HashMap<Vec<String>, Target>,
    /// How many values of the table have roles so far.
    places: usize,
}

impl Numbering<'_> {
    fn level(&mut self, level: &mut Level, conditional: &mut [Conditional]) {
        match &mut level.item {
            Item::Object(object) => self.object(object, &mut level.lists, conditional),
            Item::Scalar(scalar) => self.scalar(scalar, conditional),
        }
    }

    fn object(
        &mut self,
        object: &mut Object,
        lists: &mut [Level],
        conditional: &mut [Conditional],
    ) {
        for field in &mut object.fields {
            field.number = self.names.number(&field.name);
            match &mut field.shape {
                Shape::Scalar { scalar, .. } => self.scalar(scalar, conditional),
                Shape::Group(group) => self.object(group, lists, conditional),
                Shape::Languages(_) => {}
                Shape::List { list, .. } => self.level(&mut lists[*list], conditional),
            }
        }
        for date in &mut object.dates {
            for part in date.parts.names_mut() {
                part.number = self.names.number(&part.name);
            }
            date.number = self.places;
            self.places += 1;
        }
    }

    fn scalar(&mut self, scalar: &mut Scalar, conditional: &mut [Conditional]) {
        let reference = scalar.reference.as_ref();
        scalar.target = reference.and_then(|it| self.targets.get(&it.to).copied());
        if !scalar.roles.is_empty() {
            scalar.place = Some(self.places);
            self.places += 1;
        }
        for number in &scalar.conditional {
            if let Says::Roles { place, .. } = &mut conditional[*number].says {
                *place = self.places;
                self.places += 1;
            }
        }
    }
}
