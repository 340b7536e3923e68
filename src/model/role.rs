//! Roles: what values are to their records, as `x-role` says.

use super::Kind;
use super::kind::Class;

/// What a value is to its record, beyond its type: rules look for roles, never for names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Degrees north, WGS 84.
    Latitude,
    /// Degrees east, WGS 84.
    Longitude,
    /// How exact the place is: a code.
    PlacePrecision,
    /// When that which the record is about happened.
    Date,
    /// From when on the object around it holds.
    Start,
    /// Until when the object around it holds.
    End,
    /// Whether it happened: a code, `occurred` if it did.
    Status,
    /// What kind of thing happened: a code.
    Type,
    /// The state that takes part: a code.
    State,
    /// The person who takes part: a reference.
    Person,
    /// The source that says so: a reference.
    Source,
    /// What the source does to the claim: a code, `supports` if it agrees.
    Stance,
    /// The part of the record that the source speaks about: a JSON Pointer.
    Pointer,
    /// When a source was published.
    Published,
    /// Who published a source.
    Publisher,
    /// The code or name of a finding that somebody accepts in this record.
    Waiver,
    /// Why it is accepted.
    WaiverReason,
    /// What was coded: a reference.
    Unit,
    /// Who coded it.
    Coder,
    /// What is compared between coders; also a group or a list.
    Coded,
}

impl Role {
    /// All roles with the names that `x-role` gives them.
    pub const ALL: [(&str, Self); 20] = [
        ("latitude", Self::Latitude),
        ("longitude", Self::Longitude),
        ("place-precision", Self::PlacePrecision),
        ("date", Self::Date),
        ("start", Self::Start),
        ("end", Self::End),
        ("status", Self::Status),
        ("type", Self::Type),
        ("state", Self::State),
        ("person", Self::Person),
        ("source", Self::Source),
        ("stance", Self::Stance),
        ("pointer", Self::Pointer),
        ("published", Self::Published),
        ("publisher", Self::Publisher),
        ("waiver", Self::Waiver),
        ("waiver-reason", Self::WaiverReason),
        ("unit", Self::Unit),
        ("coder", Self::Coder),
        ("coded", Self::Coded),
    ];

    /// What a value of the role must be, in words; none if a value of `kind` can have it.
    #[must_use]
    pub fn misfit(self, kind: &Kind) -> Option<&'static str> {
        let class = kind.class();
        let (fits, wanted) = match self {
            Self::Latitude | Self::Longitude => (class == Class::Number, "a number"),
            Self::Date | Self::Start | Self::End | Self::Published => {
                (matches!(class, Class::Date(_)), "a date")
            }
            Self::PlacePrecision | Self::Status | Self::Type | Self::State | Self::Stance => {
                (class == Class::Code, "a code")
            }
            Self::Person | Self::Source | Self::Pointer | Self::Publisher | Self::WaiverReason => {
                (class.is_text(), "text")
            }
            Self::Waiver => (matches!(class, Class::Text | Class::Code), "text or a code"),
            Self::Unit => (class.is_key(), "text or an integer"),
            Self::Coder => (class.is_key() || class == Class::Code, "text, a code or an integer"),
            Self::Coded => return None,
        };
        (!fits).then_some(wanted)
    }
}
