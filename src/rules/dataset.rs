//! Rules that must see more than one record: how their checks are run, and what they are shown.

use std::hash::{Hash, Hasher as _};
use std::num::NonZeroUsize;
use std::sync::{LazyLock, Mutex, PoisonError};

use chrono::NaiveDate;
use xxhash_rust::xxh3::Xxh3Default;

use super::{
    BlockingKey, Check, CheckAlike, Context, Previous, RULES, RecordFacts, Rule, WrittenDates,
    WrittenNumbers, groups,
};
use crate::diagnostic::Findings;
use crate::fault::Fault;
use crate::model::Role;
use crate::spill::{BlobStore, HashEntry, Lookup, TableIndex};

/// Rules about records that are alike. A table has a list of such records for each, in this order.
pub static ALIKE_RULES: LazyLock<Vec<(BlockingKey, CheckAlike)>> = LazyLock::new(|| {
    let of_alike = |rule: &&Rule| match rule.check {
        Check::Alike(blocking_key, check) => Some((blocking_key, check)),
        Check::Text(..)
        | Check::Date(_)
        | Check::List(_)
        | Check::Record(_)
        | Check::Counted(_)
        | Check::Named(..)
        | Check::Group(..)
        | Check::Dataset(_) => None,
    };
    RULES.iter().filter_map(of_alike).collect()
});

/// The hash of what makes a record like others.
#[must_use]
pub fn hash_of(blocking_key: impl Hash) -> u64 {
    let mut hasher = Xxh3Default::new();
    blocking_key.hash(&mut hasher);
    hasher.finish()
}

/// Applies the rules about the dataset.
///
/// # Errors
/// When the spill file fails.
pub fn check_dataset(at: &DatasetAt<'_>, findings: &mut Findings) -> Result<(), Fault> {
    for rule in RULES {
        if let Check::Dataset(check) = rule.check {
            check(at, findings)?;
        }
    }
    for (index, table) in at.tables.iter().enumerate() {
        for ((_, check), alike) in ALIKE_RULES.iter().zip(&table.alike) {
            let entries = alike.repeated(|entry| entry.hash)?;
            let groups = entries.chunk_by(|a, b| a.hash == b.hash).collect();
            let (row, count) = (at.row(index), alike.len());
            check(&AlikeAt { row, count, groups, facts: &table.facts }, findings)?;
        }
        groups::check(at, index, findings)?;
        for (_, role) in Role::ALL {
            check_named(at, index, role, findings)?;
        }
    }
    Ok(())
}

/// Applies the rules about records that name others by a role.
fn check_named(
    at: &DatasetAt<'_>,
    table: usize,
    role: Role,
    findings: &mut Findings,
) -> Result<(), Fault> {
    let of_role = |rule: &&Rule| match rule.check {
        Check::Named(other, check) if other == role => Some(check),
        _ => None,
    };
    let checks: Vec<_> = RULES.iter().filter_map(of_role).collect();
    if checks.is_empty() {
        return Ok(());
    }
    let Some(named) = at.named(table, role)? else { return Ok(()) };
    let findings = Mutex::new(findings);
    at.tables[table].facts.each(at.jobs, |blobs| {
        let mut found = Vec::new();
        for (_, blob) in blobs.iter() {
            let record = &RecordFacts::read(blob);
            let (row, released) = (at.row(table), at.context.released);
            let at = NamedAt { row, record, named: &named, released };
            checks.iter().try_for_each(|check| check(&at, &mut found))?;
        }
        findings.lock().unwrap_or_else(PoisonError::into_inner).extend(found);
        Ok(())
    })?;
    Ok(())
}

/// Records of one table that may be alike.
pub struct AlikeAt<'a, 'g> {
    /// What one of the table's records is called.
    pub row: &'a str,
    /// How many records there are that could be like others.
    pub count: usize,
    groups: Vec<&'g [HashEntry]>,
    facts: &'a BlobStore,
}

impl<'a> AlikeAt<'a, '_> {
    /// The facts of those that have the same hash, in the order of their keys: which of them is
    /// the first must not depend on the files that they stand in.
    pub fn groups(&self) -> impl Iterator<Item = Result<Vec<RecordFacts<'a>>, Fault>> {
        self.groups.iter().map(|group| {
            let facts = group.iter().map(|entry| RecordFacts::at(self.facts, entry.rest));
            let mut facts: Vec<_> = facts.collect::<Result<_, _>>()?;
            facts.sort_by(|a, b| (&a.key, a.spot).cmp(&(&b.key, b.spot)));
            Ok(facts)
        })
    }
}

/// What is kept of all records.
pub struct DatasetAt<'a> {
    /// By table.
    pub tables: &'a [TableIndex],
    /// Dates in columns of text.
    pub written: &'a WrittenDates,
    /// Numbers that may stand for missing values.
    pub numbers: &'a WrittenNumbers,
    /// What was released before, if the manifest says so.
    pub previous: Option<&'a Previous>,
    /// What the manifest and the schemas say.
    pub context: &'a Context<'a>,
    /// How many workers there are.
    pub jobs: NonZeroUsize,
}

impl<'a> DatasetAt<'a> {
    /// What the records of a table can name by a role; none if it has no such role, or the role
    /// refers to no table.
    fn named(&self, table: usize, role: Role) -> Result<Option<Named<'a>>, Fault> {
        let roles = &self.context.roles[table];
        let targets = self.context.model.tables.iter().zip(self.tables);
        let stores: Vec<_> = targets
            .filter(|(target, _)| roles.refers(role, &target.name))
            .map(|(_, index)| &index.facts)
            .collect();
        if stores.is_empty() {
            return Ok(None);
        }
        Ok(Some(Named(Lookup::new(stores, self.jobs)?)))
    }

    /// What a table's record is called.
    #[must_use]
    pub fn row(&self, table: usize) -> &'a str {
        self.context.model.tables[table].row_name()
    }
}

/// A record, and those that it names by a role.
pub struct NamedAt<'a> {
    /// What one of the table's records is called.
    pub row: &'a str,
    /// The facts of the record.
    pub record: &'a RecordFacts<'a>,
    /// Those that it can name.
    pub named: &'a Named<'a>,
    /// When the dataset is released.
    pub released: Option<NaiveDate>,
}

/// Records that can be named by their keys.
pub struct Named<'a>(Lookup<'a>);

impl<'a> Named<'a> {
    /// The facts of the record with that key; of several, which is an error that was reported, of
    /// the last one.
    ///
    /// # Errors
    /// When the spill file fails.
    pub fn get(&self, key: &str) -> Result<Option<RecordFacts<'a>>, Fault> {
        Ok(self.0.get(key)?.map(RecordFacts::of_blob))
    }
}
