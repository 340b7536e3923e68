//! A group of rows: what it is called, and what is kept of it.

use std::sync::Arc;

use crate::expr::aggregate::{Aggregate, Partial};
use crate::model::KeyValues;
use crate::model::key_text;
use crate::spill::Spot;
use crate::spill::packed::{self, Reader};

/// What the rows of a group have in common: texts one after the other, each with its length before it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct GroupName(Vec<u8>);

impl GroupName {
    pub fn clear(&mut self) {
        self.0.clear();
    }

    pub fn push(&mut self, text: &str) {
        packed::text(text, &mut self.0);
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The values, as texts.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        let mut rest = Reader(&self.0);
        std::iter::from_fn(move || (!rest.0.is_empty()).then(|| rest.text()))
    }
}

/// A record with what its place in the order of keys is.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct KeyedSpot {
    /// Bytes that are in the order of keys: numbers by size, then texts.
    order: Vec<u8>,
    spot: Option<Spot>,
}

impl KeyedSpot {
    /// The record with this key.
    pub fn set(&mut self, key: &KeyValues<'_>) {
        self.order.clear();
        self.spot = Some(key.spot());
        for value in key.iter() {
            match value.as_i64() {
                Some(number) => {
                    self.order.push(1);
                    self.order.extend((number as u64 ^ 1 << 63).to_be_bytes());
                }
                None => {
                    self.order.push(2);
                    self.order.extend(key_text(value).as_bytes());
                    self.order.push(0);
                }
            }
        }
    }

    /// Where its key is written; none if no record was met.
    pub fn spot(&self) -> Option<Spot> {
        self.spot
    }
}

/// What is kept of the rows of a group.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// How many there are.
    pub rows: u64,
    /// The first record, by its key.
    pub first: KeyedSpot,
    /// What came of each function.
    pub partials: Vec<Partial>,
}

impl Group {
    /// A group without rows.
    pub fn empty(aggregates: &[Arc<Aggregate>]) -> Self {
        let partials = aggregates.iter().map(|aggregate| Partial::of(aggregate)).collect();
        Self { rows: 0, first: KeyedSpot::default(), partials }
    }

    /// Notes the record of a row.
    pub fn meet(&mut self, record: &KeyedSpot) {
        if self.rows == 0 || *record < self.first {
            self.first.clone_from(record);
        }
        self.rows += 1;
    }

    /// Adds the rows of another part of the group.
    pub fn absorb(&mut self, other: Self, aggregates: &[Arc<Aggregate>]) {
        if self.rows == 0 || other.rows > 0 && other.first < self.first {
            self.first = other.first;
        }
        self.rows += other.rows;
        for ((own, other), aggregate) in
            self.partials.iter_mut().zip(&other.partials).zip(aggregates)
        {
            own.absorb(other, aggregate.function);
        }
    }

    /// Appends it, with its name before it.
    pub fn write(&self, name: &GroupName, bytes: &mut Vec<u8>) {
        let Self { rows, first: KeyedSpot { order, spot }, partials } = self;
        packed::counted(name.bytes(), bytes);
        packed::counted(order, bytes);
        packed::number(*rows, bytes);
        packed::spot(spot.expect("a group that is kept has a row"), bytes);
        partials.iter().for_each(|partial| partial.write(bytes));
    }

    /// Reads what [`Group::write`] has written.
    pub fn read(bytes: &[u8], aggregates: &[Arc<Aggregate>]) -> (GroupName, Self) {
        let mut bytes = Reader(bytes);
        let name = GroupName(bytes.counted().to_vec());
        let order = bytes.counted().to_vec();
        let rows = bytes.number();
        let first = KeyedSpot { order, spot: Some(bytes.spot()) };
        let partials = aggregates.iter().map(|it| Partial::read(it, &mut bytes)).collect();
        (name, Self { rows, first, partials })
    }
}
