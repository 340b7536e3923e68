//! Dates that are composed of several values of an object: `x-dates`.

use super::{RoleSet, Term};
use crate::diagnostic::Place;
use crate::edtf::parts::DateParts;

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
