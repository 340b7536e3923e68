//! Who looks on while an acceptor walks a record.

use crate::edtf::Edtf;
use crate::tape::{Entry, Value};

/// A place that an observer has no number for.
pub const NOWHERE: u32 = u32::MAX;

/// Is shown each value of a record once, before those inside it and in their order, by an acceptor that walks
/// the record anyway. A schema may look at a value several times (`anyOf`, `not`, `if`): that isn't shown.
/// Places are numbers of the observer's own, for what stands where in a record.
pub trait Observer {
    /// An entry of an object that stands at `place`. Returns the place of its value if the observer wants to be
    /// shown what is inside, else [`NOWHERE`].
    fn entry(&mut self, place: u32, entry: Entry<'_>, around: Value<'_>) -> u32;

    /// An item of a list that stands at `place`; likewise.
    fn item(&mut self, place: u32, item: Value<'_>, list: Value<'_>) -> u32;

    /// A container at `place` that the acceptor doesn't walk: the observer does.
    fn members(&mut self, place: u32, container: Value<'_>);

    /// A value that is this uncertain date. A value may be shown twice.
    fn date(&mut self, value: Value<'_>, date: Edtf);
}

/// Nobody looks on.
pub(super) struct Nobody;

impl Observer for Nobody {
    fn entry(&mut self, _: u32, _: Entry<'_>, _: Value<'_>) -> u32 {
        NOWHERE
    }

    fn item(&mut self, _: u32, _: Value<'_>, _: Value<'_>) -> u32 {
        NOWHERE
    }

    fn members(&mut self, _: u32, _: Value<'_>) {}

    fn date(&mut self, _: Value<'_>, _: Edtf) {}
}
