//! What is looked up once, so that nothing has to be looked up for each record.
//!
//! The names of all properties are numbered: tapes number their keys by them, so that validation
//! and lowering compare numbers instead of texts. Values with roles are numbered in each table, and
//! references know the table that they lead to by its index.

use std::sync::Arc;

use crate::model::{Document, Item, Level, Object, Scalar, Shape, Table};
use crate::schema::names_of;
use crate::tape::Names;

/// Numbers the properties that schemas speak of, the roles and the tables, and tells all fields
/// theirs.
pub(super) fn number(tables: &mut [Table], documents: &[Document]) -> Arc<Names> {
    let names = names_of(documents.iter().map(|document| &*document.json));
    let known: Vec<_> = tables.iter().map(|table| table.name.clone()).collect();
    for table in tables {
        let mut numbering = Numbering { names: &names, tables: &known, places: 0 };
        numbering.level(&mut table.level);
    }
    Arc::new(names)
}

struct Numbering<'n> {
    names: &'n Names,
    tables: &'n [String],
    /// How many values of the table have roles so far.
    places: usize,
}

impl Numbering<'_> {
    fn level(&mut self, level: &mut Level) {
        match &mut level.item {
            Item::Object(object) => self.object(object, &mut level.lists),
            Item::Scalar(scalar) => self.scalar(scalar),
        }
    }

    fn object(&mut self, object: &mut Object, lists: &mut [Level]) {
        for field in &mut object.fields {
            field.number = self.names.number(&field.name);
            match &mut field.shape {
                Shape::Scalar { scalar, .. } => self.scalar(scalar),
                Shape::Group(group) => self.object(group, lists),
                Shape::Languages(_) => {}
                Shape::List { list, .. } => self.level(&mut lists[*list]),
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

    fn scalar(&mut self, scalar: &mut Scalar) {
        scalar.target = scalar
            .reference
            .as_ref()
            .and_then(|target| self.tables.iter().position(|table| table == target));
        if !scalar.roles.is_empty() {
            scalar.place = Some(self.places);
            self.places += 1;
        }
    }
}
