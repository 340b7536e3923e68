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
    /// The state in which a place lies: a code.
    PlaceState,
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
    /// How much a unit counts where coders are compared: a number above 0.
    Weight,
    /// What the time from a start to an end is a spell of: an office, a state, a membership.
    SpellOf,
    /// One of the two sides of a pair.
    Side,
    /// What has one value of each thing beside it that is [`Role::Determined`], in all records.
    Determines,
    /// What follows from the values beside it that are [`Role::Determines`].
    Determined,
}

impl Role {
    /// All roles with the names that `x-role` gives them.
    pub const ALL: [(&str, Self); 26] = [
        ("latitude", Self::Latitude),
        ("longitude", Self::Longitude),
        ("place-precision", Self::PlacePrecision),
        ("date", Self::Date),
        ("start", Self::Start),
        ("end", Self::End),
        ("status", Self::Status),
        ("type", Self::Type),
        ("state", Self::State),
        ("place-state", Self::PlaceState),
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
        ("weight", Self::Weight),
        ("spell-of", Self::SpellOf),
        ("side", Self::Side),
        ("determines", Self::Determines),
        ("determined", Self::Determined),
    ];

    /// Those that make a table one of codings.
    pub const OF_CODINGS: [Self; 4] = [Self::Unit, Self::Coder, Self::Coded, Self::Weight];

    /// What a value of the role must be, in words; none if a value of `kind` can have it.
    #[must_use]
    pub fn misfit(self, kind: &Kind) -> Option<&'static str> {
        let class = kind.class();
        let (fits, wanted) = match self {
            Self::Latitude | Self::Longitude => (class == Class::Number, "a number"),
            Self::Date | Self::Start | Self::End | Self::Published => {
                (matches!(class, Class::Date(_)), "a date")
            }
            Self::PlacePrecision
            | Self::Status
            | Self::Type
            | Self::State
            | Self::PlaceState
            | Self::Stance => (class == Class::Code, "a code"),
            Self::Person | Self::Source | Self::Pointer | Self::Publisher | Self::WaiverReason => {
                (class.is_text(), "text")
            }
            Self::Waiver => (matches!(class, Class::Text | Class::Code), "text or a code"),
            Self::Unit => (class.is_key(), "text or an integer"),
            Self::Weight => {
                (matches!(class, Class::Number | Class::Integer), "a number or an integer")
            }
            Self::Coder | Self::SpellOf | Self::Side => {
                (class.is_key() || class == Class::Code, "text, a code or an integer")
            }
            Self::Determines => {
                let fits = class.is_key() || matches!(class, Class::Code | Class::Date(_));
                (fits, "text, a code, an integer or a date")
            }
            Self::Coded | Self::Determined => return None,
        };
        (!fits).then_some(wanted)
    }

    /// Whether one value can't have both roles.
    #[must_use]
    pub fn contradicts(self, other: Self) -> bool {
        const PAIRS: [(Role, Role); 17] = [
            (Role::Latitude, Role::Longitude),
            (Role::Start, Role::End),
            (Role::PlacePrecision, Role::Status),
            (Role::PlacePrecision, Role::Type),
            (Role::PlacePrecision, Role::Stance),
            (Role::PlacePrecision, Role::State),
            (Role::PlacePrecision, Role::PlaceState),
            (Role::Status, Role::Stance),
            (Role::Person, Role::Source),
            (Role::Waiver, Role::WaiverReason),
            (Role::Unit, Role::Coder),
            (Role::Unit, Role::Coded),
            (Role::Coder, Role::Coded),
            (Role::Weight, Role::Unit),
            (Role::Weight, Role::Coder),
            (Role::Weight, Role::Coded),
            (Role::Determines, Role::Determined),
        ];
        PAIRS.contains(&(self, other)) || PAIRS.contains(&(other, self))
    }
}

/// The roles of one value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoleSet(u32);

impl RoleSet {
    /// Whether the role is one of them.
    #[inline]
    #[must_use]
    pub fn has(self, role: Role) -> bool {
        self.0 & 1 << role as u32 != 0
    }

    /// Whether there is none.
    #[inline]
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// With one more.
    #[must_use]
    pub fn with(self, role: Role) -> Self {
        Self(self.0 | 1 << role as u32)
    }

    /// The roles, in the order of [`Role::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().map(|(_, role)| role).filter(move |role| self.has(*role))
    }
}

impl FromIterator<Role> for RoleSet {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        roles.into_iter().fold(Self::default(), Self::with)
    }
}

#[cfg(test)]
mod tests {
    use super::{Role, RoleSet};

    #[test]
    fn a_set_has_what_was_put_into_it() {
        for (_, role) in Role::ALL {
            let set = RoleSet::default().with(role);
            assert_eq!(set.iter().collect::<Vec<_>>(), [role]);
        }
        let all: RoleSet = Role::ALL.into_iter().map(|(_, role)| role).collect();
        assert_eq!(all.iter().count(), Role::ALL.len());
    }

    #[test]
    fn contradictions_go_both_ways() {
        assert!(Role::Start.contradicts(Role::End) && Role::End.contradicts(Role::Start));
        assert!(!Role::Date.contradicts(Role::Start) && !Role::State.contradicts(Role::PlaceState));
        for (_, role) in Role::ALL {
            assert!(!role.contradicts(role));
        }
    }
}
