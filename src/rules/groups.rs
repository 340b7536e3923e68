//! Values of many records that are about one thing: how they are kept, and how rules get to see them.
//!
//! Each such value leaves a member of a group: 32 bytes with a hash that all of the group share, and some
//! more that say what rules compare. Both are written to the spill file like all that is kept of records. One
//! group at a time is read, by any worker.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::{Mutex, PoisonError};

use super::spells::SpellsOf;
use super::together::Slot;
use super::{
    Check, DatasetAt, RULES, RecordAt, Roles, actor_self_dyad, key_inconsistent_value, spells,
};
use crate::diagnostic::Findings;
use crate::fault::Fault;
use crate::spill::{BlobStore, HashEntry, Spot, TableWriter};
use crate::tape::Value;

/// What makes values of records a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// The spells of one thing.
    Spells,
    /// The values that follow from the same others.
    Determined,
    /// The pairs of a thing with itself, at the same two places of the schema.
    SelfPairs,
}

impl Grouping {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Spells, Self::Determined, Self::SelfPairs];
}

/// Looks at one group.
pub type CheckGroup = fn(&GroupAt<'_, '_>, &mut Findings) -> Result<(), Fault>;

/// A group.
pub struct GroupAt<'a, 'g> {
    /// Where the roles of the table are.
    pub roles: &'a Roles,
    /// How many records the table has.
    pub records: usize,
    /// Whether there are records that aren't known.
    pub incomplete: bool,
    /// In the order of places.
    entries: &'g [HashEntry],
    members: &'a BlobStore,
    /// The members as spells, once a rule has asked for them.
    spells: OnceCell<Vec<SpellsOf>>,
}

impl<'a> GroupAt<'a, '_> {
    /// How many members there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Where a member stands, and what is said of it.
    ///
    /// # Errors
    /// When the spill file fails.
    pub fn member(&self, number: usize) -> Result<(Spot, Cow<'a, [u8]>), Fault> {
        let HashEntry { spot, rest, .. } = self.entries[number];
        Ok((spot, self.members.get(rest)?))
    }

    /// The members as spells.
    pub(super) fn spells(&self) -> Result<&[SpellsOf], Fault> {
        if let Some(spells) = self.spells.get() {
            return Ok(spells);
        }
        let spells = spells::of_group(self)?;
        Ok(self.spells.get_or_init(|| spells))
    }
}

/// Keeps the members of groups.
pub(super) struct Keep<'w> {
    writer: &'w mut TableWriter,
    grouping: Grouping,
}

impl Keep<'_> {
    /// Adds a member: `write` appends what is said of it.
    pub(super) fn push(&mut self, hash: u64, spot: Spot, write: impl FnOnce(&mut Vec<u8>)) {
        let rest = self.writer.members.push(write);
        self.writer.groups[self.grouping as usize].push(HashEntry { hash, rest, spot });
    }
}

/// Keeps what the groups of a table need of a record; `key` is that of the record.
pub fn note_members(at: &RecordAt<'_>, key: &str, writer: &mut TableWriter) {
    for grouping in Grouping::ALL {
        let keep = &mut Keep { writer: &mut *writer, grouping };
        match grouping {
            Grouping::Spells => spells::note(at, key, keep),
            Grouping::Determined => key_inconsistent_value::note(at, keep),
            Grouping::SelfPairs => actor_self_dyad::note(at, keep),
        }
    }
}

/// The texts of some values, if all are there.
pub(super) fn texts<'a>(
    slots: &[Slot],
    at: &RecordAt<'a>,
    path: &[Value<'a>],
) -> Option<Vec<Cow<'a, str>>> {
    let text = |slot: &Slot| Some(slot.found(at, path)?.text()).filter(|text| !text.is_empty());
    slots.iter().map(text).collect()
}

/// Applies the rules about groups to those of a table.
pub(super) fn check(
    at: &DatasetAt<'_>,
    table: usize,
    findings: &mut Findings,
) -> Result<(), Fault> {
    let index = &at.tables[table];
    for grouping in Grouping::ALL {
        let groups = &index.groups[grouping as usize];
        if groups.is_empty() {
            continue;
        }
        let of_grouping = |rule: &&super::Rule| match rule.check {
            Check::Group(other, check) if other == grouping => Some(check),
            _ => None,
        };
        let checks: Vec<_> = RULES.iter().filter_map(of_grouping).collect();
        let all = Mutex::new(&mut *findings);
        groups.each_group(|groups| {
            let mut found = Findings::default();
            for entries in groups {
                let group = GroupAt {
                    roles: &at.context.roles[table],
                    records: index.keys.len(),
                    incomplete: index.incomplete,
                    entries,
                    members: &index.members,
                    spells: OnceCell::new(),
                };
                checks.iter().try_for_each(|check| check(&group, &mut found))?;
            }
            all.lock().unwrap_or_else(PoisonError::into_inner).absorb(found);
            Ok(())
        })?;
    }
    Ok(())
}
