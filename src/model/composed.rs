//! Dates that are composed of several values of an object: `x-dates`.

use super::{RoleSet, Term};
use crate::diagnostic::Place;
use crate::edtf::parts::{Part, Parts};
use crate::tape::Value;

/// A date that is composed of a year and perhaps a month and a day, which stay values of their own. Its
/// columns stand behind those of the object's fields: the text, and what is worked out from it.
#[derive(Clone, Debug)]
pub struct ComposedDate {
    /// As the schema calls it.
    pub name: String,
    /// Where the schema declares it.
    pub place: Place,
    /// The values that it is composed of.
    pub parts: DateParts,
    /// Index into [`super::Level::columns`]: the date as EDTF spells it.
    pub column: usize,
    /// What it is to the record.
    pub roles: RoleSet,
    /// Its number among the values of its table that rules know.
    pub number: usize,
    /// Its key and IRI in JSON-LD.
    pub term: Term,
}

/// Which properties of an object are the parts of a date.
#[derive(Clone, Debug)]
pub struct DateParts {
    /// The year.
    pub year: PartName,
    /// The month, if there is a property for it.
    pub month: Option<PartName>,
    /// The day of the month, likewise.
    pub day: Option<PartName>,
}

/// The name of a property.
#[derive(Clone, Debug)]
pub struct PartName {
    /// As records spell it.
    pub name: String,
    /// Its number in [`super::Model::names`].
    pub number: u32,
}

impl DateParts {
    /// The name of a part, if there is a property for it.
    #[must_use]
    pub fn name(&self, part: Part) -> Option<&PartName> {
        match part {
            Part::Year => Some(&self.year),
            Part::Month => self.month.as_ref(),
            Part::Day => self.day.as_ref(),
        }
    }

    /// The names of all parts.
    pub fn names_mut(&mut self) -> impl Iterator<Item = &mut PartName> {
        std::iter::once(&mut self.year).chain(&mut self.month).chain(&mut self.day)
    }

    /// The value of a part in an object.
    #[must_use]
    pub fn value<'t>(&self, part: Part, object: Value<'t>) -> Option<Value<'t>> {
        let PartName { name, number } = self.name(part)?;
        object.numbered(*number, name).filter(|value| !value.is_null())
    }

    /// The first value in an object that is a part.
    #[must_use]
    pub fn first<'t>(&self, object: Value<'t>) -> Option<Value<'t>> {
        Part::ALL.into_iter().find_map(|part| self.value(part, object))
    }

    /// The parts in an object. What is no integer is reported elsewhere.
    #[must_use]
    pub fn of(&self, object: Value<'_>) -> Parts {
        let part = |part| self.value(part, object).and_then(Value::as_i64);
        Parts { year: part(Part::Year), month: part(Part::Month), day: part(Part::Day) }
    }
}
