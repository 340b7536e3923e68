//! Records that hold waivers, or that the manifest has waivers for, with the bytes that they cover.

use std::ops::Range;

use crate::diagnostic::{Diagnostic, Place, RecordName};
use crate::model::{Role, record_name};
use crate::rules::RecordAt;
use crate::tape::Value;
use crate::workspace::SourceId;

/// A record with waivers.
#[derive(Clone, Debug)]
pub struct WaivedRecord {
    /// What it is called.
    pub name: RecordName,
    /// The waivers that it holds itself.
    pub own: Vec<OwnWaiver>,
    /// The bytes that it was read from.
    extents: Vec<(SourceId, Range<u64>)>,
}

/// A waiver that a record holds.
#[derive(Clone, Debug)]
pub struct OwnWaiver {
    /// The code or name of what is accepted.
    pub code: String,
    /// Why.
    pub reason: Option<String>,
    /// Where the code is named.
    pub place: Place,
}

impl WaivedRecord {
    /// The waivers of a record; none if it has none, itself or by the manifest.
    #[must_use]
    pub fn of(at: &RecordAt<'_>) -> Option<Self> {
        let declared = &at.context.waived;
        if declared.is_empty() && !at.roles.has(Role::Waiver) {
            return None;
        }
        let own: Vec<_> = at
            .find(Role::Waiver)
            .filter_map(|found| {
                let code = found.value.as_str()?.to_owned();
                let reason = at.roles.beside(Role::WaiverReason, &found);
                let reason = reason.and_then(|found| found.value.as_str()).map(str::to_owned);
                Some(OwnWaiver { code, reason, place: found.place() })
            })
            .collect();
        let name = record_name(at.table, at.record);
        let is_declared = match &name.key {
            Some(key) => declared.contains(&(name.table.as_str(), key.as_str())),
            None => false,
        };
        if own.is_empty() && !is_declared {
            return None;
        }
        let mut extents = Vec::new();
        extend(at.record, &mut extents);
        Some(Self { name, own, extents })
    }

    /// Where the record begins.
    #[must_use]
    pub fn start(&self) -> Option<(SourceId, u64)> {
        self.extents.first().map(|(source, span)| (*source, span.start))
    }

    /// Whether a finding is about this record.
    #[must_use]
    pub fn holds(&self, diagnostic: &Diagnostic) -> bool {
        diagnostic.record.as_ref().is_none_or(|name| *name == self.name)
            && self.covers(&diagnostic.primary.place)
    }

    /// Whether a place is in this record.
    #[must_use]
    pub fn covers(&self, place: &Place) -> bool {
        self.extents.iter().any(|(source, span)| {
            *source == place.source
                && (span.start..span.end.max(span.start + 1)).contains(&place.span.start)
        })
    }
}

/// The bytes of a value, and of what is in it but stands elsewhere: rows of child tables, and what
/// a YAML alias names.
fn extend(value: Value<'_>, extents: &mut Vec<(SourceId, Range<u64>)>) {
    let (source, span) = (value.source(), value.span());
    let covered = extents.last().is_some_and(|(last, around)| {
        *last == source && around.start <= span.start && span.end <= around.end
    });
    if !covered {
        extents.push((source, span));
    }
    for item in value.items() {
        extend(item, extents);
    }
    for entry in value.entries() {
        extend(entry.value, extents);
    }
}
