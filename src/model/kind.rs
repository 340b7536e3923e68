//! The types of values. Each kind says here, once, how its values are held, what they are and what they
//! are called; everything else asks. So a new kind is mostly an entry of this file.

use std::sync::Arc;

use serde::Serialize;

use super::derived_dates::EdtfPart;
use super::{Codes, canonical_integer};
use crate::decimal::Digits;
use crate::tape::Tag;

pub use crate::edtf::DateForm;

/// The closed set of value types.
#[derive(Clone, Debug)]
pub enum Kind {
    /// True or false.
    Boolean,
    /// A whole number of 8, 16, 32 or 64 bits, signed.
    Integer {
        /// The fewest bits that hold all values within the schema's bounds.
        bits: u8,
    },
    /// A double.
    Number,
    /// Free text.
    Text,
    /// Text in the syntax of RFC 3986.
    Iri,
    /// One of a known set.
    Code(Arc<Codes>),
    /// One of a known set of whole numbers, held as a number.
    IntegerCode {
        /// The fewest bits that hold all values within the schema's bounds, or else all codes.
        bits: u8,
        /// The set: each of its values spells a whole number.
        codes: Arc<Codes>,
    },
    /// A day: `format: date`.
    Date,
    /// An instant, released in UTC: `format: date-time`.
    DateTime,
    /// A date and a time as a clock shows it, without offset: `format: date-time-local`.
    LocalDateTime,
    /// A time of day as a clock shows it: `format: time-local`.
    LocalTime,
    /// An uncertain date: `format: edtf`.
    Edtf,
    /// A year from 1 to 9999 as a whole number: `format: year`.
    Year {
        /// The fewest bits that hold all values within the schema's bounds.
        bits: u8,
    },
    /// A number whose digits are kept: `x-scale`.
    Decimal {
        /// How many digits.
        digits: Digits,
        /// Whether records spell it as text, or as a number.
        is_text: bool,
    },
}

/// How values are held: in columns, in records and in cells. There are fewer ways than kinds.
#[derive(Clone, Copy, Debug)]
pub enum Physical<'a> {
    /// True or false.
    Boolean,
    /// A whole number of so many bits, signed.
    Integer(Bits),
    /// A double.
    Double,
    /// Text as it is written.
    Text,
    /// A position in a set of texts.
    Code(&'a Arc<Codes>),
    /// Days from 1970-01-01.
    Day,
    /// Microseconds from 1970-01-01 in UTC.
    Instant,
    /// Microseconds from 1970-01-01 as a clock counts them.
    LocalInstant,
    /// Microseconds from midnight.
    TimeOfDay,
    /// An integer of 128 bits, some of whose digits stand behind the point.
    Decimal(Digits),
}

/// The widths of whole numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bits {
    /// One byte.
    Eight,
    /// Two bytes.
    Sixteen,
    /// Four bytes.
    ThirtyTwo,
    /// Eight bytes.
    SixtyFour,
}

/// What values are, however they are held: what may be a key, a reference, or have a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// True or false.
    Boolean,
    /// Whole numbers.
    Integer,
    /// Numbers.
    Number,
    /// Numbers whose digits are kept.
    Decimal,
    /// Words.
    Text,
    /// Texts that programs follow.
    Address,
    /// Texts, or whole numbers, of a known set.
    Code,
    /// At what time of any day something was.
    Time,
    /// When something was.
    Date(DateForm),
}

impl Class {
    /// Whether its values are texts of no known set.
    #[must_use]
    pub fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Address)
    }

    /// Whether its values are names or numbers that a record may be known by.
    #[must_use]
    pub fn is_key(self) -> bool {
        self.is_text() || self.is_integer()
    }

    /// Whether its values are whole numbers.
    #[must_use]
    pub fn is_integer(self) -> bool {
        matches!(self, Self::Integer | Self::Date(DateForm::Year))
    }

    /// Whether its values can identify a record, alone or with others.
    #[must_use]
    pub fn identifies(self) -> bool {
        match self {
            Self::Text | Self::Address | Self::Integer | Self::Code => true,
            // Several spellings of a time are one.
            Self::Date(DateForm::Instant | DateForm::Local) | Self::Time => false,
            Self::Date(DateForm::Day | DateForm::Edtf | DateForm::Year) => true,
            Self::Boolean | Self::Number | Self::Decimal => false,
        }
    }
}

/// Of more codes the release has the code list alone.
pub const CATEGORIES_MAX: usize = 300;

/// A code with what people call it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Category {
    /// As cells hold it.
    pub value: CategoryValue,
    /// What people call it.
    pub label: String,
}

/// A code as cells hold it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum CategoryValue {
    /// A whole number.
    Number(i64),
    /// Text.
    Text(String),
}

/// What the values of a kind are called.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    /// In a codebook.
    pub codebook: &'static str,
    /// In the outline of a schema, to people.
    pub outline: &'static str,
    /// In the outline of a schema, to programs.
    pub key: &'static str,
    /// Several values, in a finding.
    pub values: &'static str,
    /// The end of a longer name of a column.
    pub ending: &'static str,
    /// The type of Table Schema in a Data Package.
    pub table_schema: &'static str,
    /// The IRI of the datatype in RDF; none where JSON says enough.
    pub rdf: Option<&'static str>,
}

/// The IRI of a datatype of XML Schema.
macro_rules! xsd {
    ($name:literal) => {
        Some(concat!("http://www.w3.org/2001/XMLSchema#", $name))
    };
}

impl Kind {
    /// How its values are held.
    #[must_use]
    pub fn physical(&self) -> Physical<'_> {
        match self {
            Self::Boolean => Physical::Boolean,
            Self::Integer { bits } | Self::IntegerCode { bits, .. } | Self::Year { bits } => {
                Physical::Integer(match bits {
                    ..=8 => Bits::Eight,
                    ..=16 => Bits::Sixteen,
                    ..=32 => Bits::ThirtyTwo,
                    _ => Bits::SixtyFour,
                })
            }
            Self::Number => Physical::Double,
            Self::Text | Self::Iri | Self::Edtf => Physical::Text,
            Self::Code(codes) => Physical::Code(codes),
            Self::Date => Physical::Day,
            Self::DateTime => Physical::Instant,
            Self::LocalDateTime => Physical::LocalInstant,
            Self::LocalTime => Physical::TimeOfDay,
            Self::Decimal { digits, .. } => Physical::Decimal(*digits),
        }
    }

    /// What is worked out from a date, in the order of the columns behind its own.
    #[must_use]
    pub fn derived_parts(&self) -> &'static [EdtfPart] {
        match self.class() {
            Class::Date(DateForm::Edtf) => &EdtfPart::ALL,
            Class::Date(DateForm::Year) => &EdtfPart::OF_YEAR,
            Class::Date(DateForm::Day | DateForm::Instant | DateForm::Local)
            | Class::Boolean
            | Class::Integer
            | Class::Number
            | Class::Decimal
            | Class::Text
            | Class::Address
            | Class::Code
            | Class::Time => &[],
        }
    }

    /// What its values are.
    #[must_use]
    pub fn class(&self) -> Class {
        match self {
            Self::Boolean => Class::Boolean,
            Self::Integer { .. } => Class::Integer,
            Self::Number => Class::Number,
            Self::Text => Class::Text,
            Self::Iri => Class::Address,
            Self::Code(_) | Self::IntegerCode { .. } => Class::Code,
            Self::Date => Class::Date(DateForm::Day),
            Self::DateTime => Class::Date(DateForm::Instant),
            Self::LocalDateTime => Class::Date(DateForm::Local),
            Self::LocalTime => Class::Time,
            Self::Edtf => Class::Date(DateForm::Edtf),
            Self::Year { .. } => Class::Date(DateForm::Year),
            Self::Decimal { .. } => Class::Decimal,
        }
    }

    /// What its values are called.
    #[must_use]
    pub fn names(&self) -> Names {
        match self {
            Self::Boolean => Names {
                codebook: "boolean",
                outline: "boolean",
                key: "boolean",
                values: "`true` and `false`",
                ending: "value",
                table_schema: "boolean",
                rdf: None,
            },
            Self::Integer { .. } => Names {
                codebook: "integer",
                outline: "integer",
                key: "integer",
                values: "integers",
                ending: "value",
                table_schema: "integer",
                rdf: xsd!("integer"),
            },
            Self::Number => Names {
                codebook: "number",
                outline: "number",
                key: "number",
                values: "numbers",
                ending: "value",
                table_schema: "number",
                rdf: xsd!("double"),
            },
            Self::Text => Names {
                codebook: "text",
                outline: "text",
                key: "text",
                values: "text",
                ending: "value",
                table_schema: "string",
                rdf: None,
            },
            Self::Iri => Names {
                codebook: "IRI",
                outline: "text, an address",
                key: "iri",
                values: "text",
                ending: "value",
                table_schema: "string",
                rdf: xsd!("anyURI"),
            },
            Self::Code(_) => Names {
                codebook: "code",
                outline: "code",
                key: "code",
                values: "text",
                ending: "code",
                table_schema: "string",
                rdf: None,
            },
            Self::IntegerCode { .. } => Names {
                codebook: "integer code",
                outline: "integer code",
                key: "integer",
                values: "integers",
                ending: "code",
                table_schema: "integer",
                rdf: None,
            },
            Self::Date => Names {
                codebook: "date",
                outline: "date",
                key: "date",
                values: "dates",
                ending: "date",
                table_schema: "date",
                rdf: xsd!("date"),
            },
            Self::DateTime => Names {
                codebook: "date and time, UTC",
                outline: "timestamp, UTC",
                key: "timestamp",
                values: "dates",
                ending: "time",
                table_schema: "datetime",
                rdf: xsd!("dateTime"),
            },
            Self::Edtf => Names {
                codebook: "EDTF",
                outline: "text, an EDTF date",
                key: "edtf",
                values: "dates",
                ending: "edtf",
                table_schema: "string",
                rdf: Some("http://id.loc.gov/datatypes/edtf/EDTF"),
            },
            Self::LocalDateTime => Names {
                codebook: "date and time without offset",
                outline: "timestamp without offset",
                key: "local-timestamp",
                values: "dates with a time",
                ending: "time",
                table_schema: "datetime",
                rdf: xsd!("dateTime"),
            },
            Self::LocalTime => Names {
                codebook: "time of day",
                outline: "time of day",
                key: "local-time",
                values: "times of day",
                ending: "time",
                table_schema: "time",
                rdf: xsd!("time"),
            },
            Self::Year { .. } => Names {
                codebook: "year, integer",
                outline: "year",
                key: "year",
                values: "years from 1 to 9999",
                ending: "year",
                table_schema: "integer",
                rdf: xsd!("gYear"),
            },
            Self::Decimal { .. } => Names {
                codebook: "decimal",
                outline: "decimal",
                key: "decimal",
                values: "decimal numbers",
                ending: "value",
                table_schema: "number",
                rdf: xsd!("decimal"),
            },
        }
    }

    /// The set that the values come from, if they are codes.
    #[must_use]
    pub fn codes(&self) -> Option<&Arc<Codes>> {
        match self {
            Self::Code(codes) | Self::IntegerCode { codes, .. } => Some(codes),
            Self::Boolean
            | Self::Integer { .. }
            | Self::Number
            | Self::Text
            | Self::Iri
            | Self::Date
            | Self::DateTime
            | Self::LocalDateTime
            | Self::LocalTime
            | Self::Edtf
            | Self::Year { .. }
            | Self::Decimal { .. } => None,
        }
    }

    /// Whether its values are whole numbers, be they codes or not.
    #[must_use]
    pub fn is_integer(&self) -> bool {
        matches!(self.physical(), Physical::Integer(_))
    }

    /// The code list that the values come from, if they come from one.
    #[must_use]
    pub fn code_list(&self) -> Option<&str> {
        self.codes()?.list.as_deref()
    }

    /// The codes with what people call each, where software that reads a release is told: of codes that
    /// are numbers, or that stand in an order, if they are no more than [`CATEGORIES_MAX`].
    #[must_use]
    pub fn categories(&self) -> Option<Vec<Category>> {
        let codes = self.codes()?;
        if !(codes.is_ordered || self.is_integer()) || codes.values.len() > CATEGORIES_MAX {
            return None;
        }
        let category = |(value, label): (&String, String)| {
            let value = match self.is_integer() {
                true => CategoryValue::Number(canonical_integer(value)?),
                false => CategoryValue::Text(value.clone()),
            };
            Some(Category { value, label })
        };
        codes.values.iter().zip(codes.labels()?).map(category).collect()
    }

    /// How many bits its whole numbers have; none if they are none.
    #[must_use]
    pub fn bits(&self) -> Option<u8> {
        match self.physical() {
            Physical::Integer(Bits::Eight) => Some(8),
            Physical::Integer(Bits::Sixteen) => Some(16),
            Physical::Integer(Bits::ThirtyTwo) => Some(32),
            Physical::Integer(Bits::SixtyFour) => Some(64),
            Physical::Boolean
            | Physical::Double
            | Physical::Text
            | Physical::Code(_)
            | Physical::Day
            | Physical::Instant
            | Physical::LocalInstant
            | Physical::TimeOfDay
            | Physical::Decimal(_) => None,
        }
    }

    /// How many digits its decimal numbers have; none if they are none.
    #[must_use]
    pub fn digits(&self) -> Option<Digits> {
        if let Self::Decimal { digits, .. } = self { Some(*digits) } else { None }
    }

    /// How much a column of it holds, in words; none if its name says it.
    #[must_use]
    pub fn extent(&self) -> Option<String> {
        if let Some(Digits { precision, scale }) = self.digits() {
            return Some(format!("{precision} digits, {scale} behind the point"));
        }
        self.bits().map(|bits| format!("{bits} bits"))
    }

    /// Whether records spell its values as numbers.
    #[must_use]
    pub fn is_spelt_as_number(&self) -> bool {
        match self.physical() {
            Physical::Integer(_) | Physical::Double => true,
            Physical::Decimal(_) => matches!(self, Self::Decimal { is_text: false, .. }),
            Physical::Boolean
            | Physical::Text
            | Physical::Code(_)
            | Physical::Day
            | Physical::Instant
            | Physical::LocalInstant
            | Physical::TimeOfDay => false,
        }
    }

    /// Whether a record may spell a value with that tag.
    #[must_use]
    pub fn has_values_of(&self, tag: Tag) -> bool {
        match self.physical() {
            Physical::Boolean => tag == Tag::Boolean,
            _ if self.is_spelt_as_number() => {
                matches!(tag, Tag::Integer | Tag::Unsigned | Tag::Float)
            }
            _ => tag == Tag::Text,
        }
    }
}
