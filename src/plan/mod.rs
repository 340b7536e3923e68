//! What stands where in the records of a table: the model as a program over numbered places.
//!
//! A record is walked once. The walk leaves a [`Trace`]: which value stands at which place, in the order
//! of the record. Checks, roles, keys, hashes and columns are worked out from the trace. Where the acceptor
//! understands a schema it walks the record anyway, and leaves the trace on its way ([`Tracer`]). A record
//! that it doesn't accept is walked again by the model alone ([`Plan::walk`]), as are the parts of a record
//! of which its schema demands nothing, or which only the authority understands.

mod conditional;
mod trace;
mod walk;

pub use crate::edtf::date_of;
pub use trace::{Event, Trace};
pub use walk::Tracer;

use crate::model::{Item, Level, Object, Scalar, Shape, Table};
use crate::schema::NOWHERE;
use crate::tape::{Entry, UNKNOWN};

/// The number of a place.
pub type PlaceId = u32;

/// The places of one table.
#[derive(Debug)]
pub struct Plan<'m> {
    /// The table.
    pub table: &'m Table,
    places: Vec<Place<'m>>,
    constrained: Constrained<'m>,
}

/// Which objects of a record have constraints.
#[derive(Clone, Copy, Debug, Default)]
pub struct Constrained<'m> {
    /// The record itself, if it has some.
    pub record: Option<&'m Object>,
    /// Whether some inside of it have.
    pub inside: bool,
}

/// What can stand at a place.
#[derive(Debug)]
pub enum Place<'m> {
    /// One value, which becomes a cell.
    Value {
        /// What the schema says of it.
        scalar: &'m Scalar,
        /// Index into the columns of its level.
        column: usize,
        /// Whether it may be null.
        nullable: bool,
    },
    /// A text for each language.
    Languages {
        /// (BCP 47 tag, index into the columns of the level).
        columns: &'m [(String, usize)],
    },
    /// An object whose members belong to the same row.
    Group(Members<'m>),
    /// An object that is a row of its own: a record, or an item of a list.
    Row(Members<'m>),
    /// A list, whose items are rows of their own.
    List {
        /// The level of its items.
        level: &'m Level,
        /// The place of its items.
        item: PlaceId,
        /// Index into the lists of the level around it.
        list: usize,
        /// Index into the columns of the level around it: how many items there are.
        count: usize,
    },
}

impl Constrained<'_> {
    /// Whether any object has some.
    #[inline]
    #[must_use]
    pub fn any(self) -> bool {
        self.record.is_some() || self.inside
    }
}

/// The members of an object.
#[derive(Debug)]
pub struct Members<'m> {
    object: &'m Object,
    /// The place of each field.
    places: Vec<PlaceId>,
    /// The place of each name by its number, and [`NOWHERE`] for others; empty in a plan that would take
    /// much memory for them.
    by_number: Vec<PlaceId>,
}

/// All objects of a plan together have no more entries in [`Members::by_number`] than this.
const NUMBERS_MAX: usize = 1 << 20;

impl<'m> Members<'m> {
    /// The object.
    #[inline]
    #[must_use]
    pub fn object(&self) -> &'m Object {
        self.object
    }

    /// The place of an entry; [`NOWHERE`] if the object has no field of that name.
    #[inline]
    fn place(&self, entry: Entry<'_>) -> PlaceId {
        let number = entry.number();
        if number != UNKNOWN && !self.by_number.is_empty() {
            return self.by_number.get(number as usize).copied().unwrap_or(NOWHERE);
        }
        self.object.position(entry, 0).map_or(NOWHERE, |position| self.places[position])
    }
}

/// The place of the record itself.
pub const RECORD: PlaceId = 0;

impl<'m> Plan<'m> {
    /// The plan of a table.
    #[must_use]
    pub fn new(table: &'m Table) -> Self {
        let mut plan = Self { table, places: Vec::new(), constrained: Constrained::default() };
        let mut numbers = 0;
        plan.item(&table.level, &mut numbers);
        let has_some = |object: &&'m Object| !object.constraints.is_empty();
        let mut objects = plan.objects();
        let record = objects.next().filter(has_some);
        let inside = objects.any(|object| has_some(&object));
        drop(objects);
        plan.constrained = Constrained { record, inside };
        plan
    }

    /// The objects that records have, the record itself first.
    pub fn objects(&self) -> impl Iterator<Item = &'m Object> + use<'_, 'm> {
        self.places.iter().filter_map(|place| match place {
            Place::Group(members) | Place::Row(members) => Some(members.object),
            Place::Value { .. } | Place::Languages { .. } | Place::List { .. } => None,
        })
    }

    /// Which objects of a record have constraints.
    #[inline]
    #[must_use]
    pub fn constrained(&self) -> Constrained<'m> {
        self.constrained
    }

    /// What can stand at a place.
    ///
    /// # Panics
    /// If it is a place of another plan.
    #[inline]
    #[must_use]
    pub fn place(&self, place: PlaceId) -> &Place<'m> {
        &self.places[place as usize]
    }

    fn push(&mut self, place: Place<'m>) -> PlaceId {
        self.places.push(place);
        PlaceId::try_from(self.places.len() - 1).expect("schemas have fewer fields than 2^32")
    }

    /// The place of what makes a row of a level.
    fn item(&mut self, level: &'m Level, numbers: &mut usize) -> PlaceId {
        match &level.item {
            Item::Object(object) => {
                let row = Members { object, places: Vec::new(), by_number: Vec::new() };
                let place = self.push(Place::Row(row));
                let members = self.members(level, object, numbers);
                self.places[place as usize] = Place::Row(members);
                place
            }
            Item::Scalar(scalar) => self.push(Place::Value { scalar, column: 0, nullable: false }),
        }
    }

    fn members(
        &mut self,
        level: &'m Level,
        object: &'m Object,
        numbers: &mut usize,
    ) -> Members<'m> {
        let mut places = Vec::new();
        for field in &object.fields {
            let place = match &field.shape {
                Shape::Scalar { scalar, column } => {
                    let nullable = level.columns[*column].nullable;
                    self.push(Place::Value { scalar, column: *column, nullable })
                }
                Shape::Languages(columns) => self.push(Place::Languages { columns }),
                Shape::Group(group) => {
                    let members = self.members(level, group, numbers);
                    self.push(Place::Group(members))
                }
                Shape::List { list, count, .. } => {
                    let level = &level.lists[*list];
                    let item = self.item(level, numbers);
                    self.push(Place::List { level, item, list: *list, count: *count })
                }
            };
            places.push(place);
        }
        let length = object.fields.iter().map(|field| field.number as usize + 1).max().unwrap_or(0);
        let is_numbered = object.fields.iter().all(|field| field.number != UNKNOWN);
        let mut by_number = Vec::new();
        if is_numbered && *numbers + length <= NUMBERS_MAX {
            *numbers += length;
            by_number.resize(length, NOWHERE);
            for (field, place) in object.fields.iter().zip(&places) {
                by_number[field.number as usize] = *place;
            }
        }
        Members { object, places, by_number }
    }
}
