//! Findings of many records: the first of each code are kept, the others only counted.
//!
//! A small file can hold millions of records that are all wrong. So of each code no more than
//! [`KEPT_MAX`] findings stay in memory, those that stand first; whoever finds what, they are the same.
//! Of constraints and expectations as many stay of each: one that never holds hides no other. Where many
//! don't hold, [`PARTS_KEPT_MAX`] stay in all, as many of each.
//! The rest are counted by code, constraint, severity and file, which decides how severe they are and
//! whether they are asked for.

use std::collections::{BTreeMap, BTreeSet};

use super::{Code, Diagnostic, Severity, Topic, dedup, order};
use crate::workspace::SourceId;

/// So many findings of one code, constraint or expectation are kept.
pub const KEPT_MAX: usize = 20_000;

/// So many findings of all constraints and expectations are kept.
pub const PARTS_KEPT_MAX: usize = 5 * KEPT_MAX;

/// Findings, of each code no more than can be kept.
#[derive(Debug, Default)]
pub struct Findings {
    kept: Vec<Diagnostic>,
    /// Those that are kept whatever their number.
    pinned: Vec<Diagnostic>,
    omitted: Counted,
    /// How many there are when it is time to look which to keep.
    full: usize,
}

/// Findings that are only counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted(BTreeMap<(Topic, Severity, SourceId), u64>);

impl Findings {
    /// Adds a finding.
    pub fn push(&mut self, finding: Diagnostic) {
        self.kept.push(finding);
        if self.kept.len() > self.full.max(2 * KEPT_MAX) {
            self.prune();
            self.full = 2 * self.kept.len();
        }
    }

    /// Adds a finding that somebody will take out again, as a waiver does: it stays until then.
    pub fn pin(&mut self, finding: Diagnostic) {
        self.pinned.push(finding);
    }

    /// Adds so many findings of a code in a file that nobody will see.
    pub fn omit(&mut self, code: &'static Code, source: SourceId, count: u64) {
        self.omitted.add(Topic::of_code(code), code.severity, source, count);
    }

    /// Adds so many findings of a topic in a file that nobody will see.
    pub fn omit_of(&mut self, topic: Topic, severity: Severity, source: SourceId, count: u64) {
        self.omitted.add(topic, severity, source, count);
    }

    /// Adds those that another one holds.
    pub fn absorb(&mut self, other: Self) {
        self.extend(other.kept);
        self.pinned.extend(other.pinned);
        self.omitted.absorb(other.omitted);
    }

    /// Whether one of them is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        // Where findings are omitted, others of their topic are kept.
        self.kept.iter().chain(&self.pinned).any(Diagnostic::is_error)
    }

    /// The files with findings of some codes.
    pub fn sources(&self, of: impl Fn(&Code) -> bool) -> impl Iterator<Item = SourceId> {
        let found = self.kept.iter().chain(&self.pinned);
        let kept = found.map(|finding| (finding.code, finding.primary.place.source));
        let omitted = self.omitted.0.keys().map(|(topic, _, source)| (topic.code, *source));
        kept.chain(omitted).filter(move |(code, _)| of(code)).map(|(_, source)| source)
    }

    /// What was kept, in the order in which findings are shown, and what wasn't.
    #[must_use]
    pub fn finish(mut self) -> (Vec<Diagnostic>, Counted) {
        self.prune();
        let mut findings = self.kept;
        findings.append(&mut self.pinned);
        super::sort(&mut findings);
        (findings, self.omitted)
    }

    fn prune(&mut self) {
        let mut all = std::mem::take(&mut self.kept);
        let topic = |finding: &Diagnostic| (finding.code.id, finding.part.clone());
        all.sort_by(|a, b| {
            (a.code.id, &a.part).cmp(&(b.code.id, &b.part)).then_with(|| order(a, b))
        });
        dedup(&mut all);
        // Whoever has seen fewer constraints keeps more of each: what others keep is among it.
        let parts: BTreeSet<_> = all.iter().filter_map(|finding| finding.part.clone()).collect();
        let each = KEPT_MAX.min(PARTS_KEPT_MAX / parts.len().max(1)).max(1);
        let mut count = 0;
        let mut before = ("", None);
        for finding in all {
            if (finding.code.id, &finding.part) != (before.0, &before.1) {
                (before, count) = (topic(&finding), 0);
            }
            count += 1;
            if count <= if finding.part.is_some() { each } else { KEPT_MAX } {
                self.kept.push(finding);
            } else {
                self.omitted.push(&finding);
            }
        }
    }
}

impl Extend<Diagnostic> for Findings {
    fn extend<T: IntoIterator<Item = Diagnostic>>(&mut self, findings: T) {
        findings.into_iter().for_each(|finding| self.push(finding));
    }
}

impl Counted {
    fn add(&mut self, topic: Topic, severity: Severity, source: SourceId, count: u64) {
        if count > 0 {
            *self.0.entry((topic, severity, source)).or_default() += count;
        }
    }

    /// Counts a finding.
    pub fn push(&mut self, finding: &Diagnostic) {
        self.add(finding.topic(), finding.severity, finding.primary.place.source, 1);
    }

    /// Takes over what another one has counted.
    pub fn absorb(&mut self, other: Self) {
        for ((topic, severity, source), count) in other.0 {
            self.add(topic, severity, source, count);
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether findings that a topic covers were left out.
    #[must_use]
    pub fn has(&self, wanted: &Topic) -> bool {
        self.0.keys().any(|(topic, ..)| wanted.covers(topic))
    }

    /// How many of a topic there are in some files.
    #[must_use]
    pub fn of(&self, wanted: &Topic, inside: impl Fn(SourceId) -> bool) -> u64 {
        let is_one = |topic: &Topic, source| topic == wanted && inside(source);
        let found = self.0.iter().filter(|((topic, _, source), _)| is_one(topic, *source));
        found.map(|(_, count)| count).sum()
    }

    /// Counts those of a topic in some files no more.
    pub fn forget(&mut self, unwanted: &Topic, inside: impl Fn(SourceId) -> bool) {
        self.0.retain(|(topic, _, source), _| topic != unwanted || !inside(*source));
    }

    /// How many of a severity there are.
    #[must_use]
    pub fn count(&self, wanted: Severity) -> u64 {
        let of = |((_, severity, _), count): (&(_, Severity, _), &u64)| {
            (*severity == wanted).then_some(*count)
        };
        self.0.iter().filter_map(of).sum()
    }

    /// How many of each topic and severity there are.
    #[must_use]
    pub fn topics(&self) -> BTreeMap<(&Topic, Severity), u64> {
        let mut topics = BTreeMap::new();
        for ((topic, severity, _), count) in &self.0 {
            *topics.entry((topic, *severity)).or_default() += count;
        }
        topics
    }

    /// Weighs them anew: `weigh` says how severe a topic is in a file, or that it is switched off.
    pub fn weigh(&mut self, weigh: impl Fn(&Topic, Severity, SourceId) -> Option<Severity>) {
        let before = std::mem::take(self);
        for ((topic, severity, source), count) in before.0 {
            if let Some(severity) = weigh(&topic, severity, source) {
                self.add(topic, severity, source, count);
            }
        }
    }

    /// Those in some files, and those elsewhere.
    #[must_use]
    pub fn divide(self, inside: impl Fn(SourceId) -> bool) -> (Self, Self) {
        let (inside, outside) = self.0.into_iter().partition(|((.., source), _)| inside(*source));
        (Self(inside), Self(outside))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Findings, KEPT_MAX, PARTS_KEPT_MAX, Topic};
    use crate::diagnostic::{Diagnostic, Place, Severity, code};
    use crate::workspace::SourceId;

    fn finding(number: u64) -> Diagnostic {
        let source = SourceId(u32::try_from(number % 3).expect("small"));
        let code = if number.is_multiple_of(7) { &code::ORPHAN } else { &code::MISSING_ID };
        Diagnostic::new(code, Place::new(source, number..number + 1), format!("finding {number}"))
    }

    #[test]
    fn whoever_finds_what_the_same_are_kept_and_all_are_counted() {
        let numbers = 5 * KEPT_MAX as u64;
        let mut alone = Findings::default();
        alone.extend((0..numbers).map(finding));
        let mut one = Findings::default();
        let mut other = Findings::default();
        for number in (0..numbers).rev() {
            if number % 5 < 2 { one.push(finding(number)) } else { other.push(finding(number)) }
        }
        other.absorb(one);
        let (kept, omitted) = alone.finish();
        let (again, counted) = other.finish();
        assert!(kept == again);
        assert_eq!(omitted, counted);
        let of = |severity| kept.iter().filter(|found| found.severity == severity).count() as u64;
        assert_eq!(of(Severity::Error), KEPT_MAX as u64);
        assert_eq!(
            of(Severity::Error) + omitted.count(Severity::Error),
            numbers - numbers.div_ceil(7)
        );
        assert_eq!(of(Severity::Note) + omitted.count(Severity::Note), numbers.div_ceil(7));
    }

    #[test]
    fn what_is_pinned_stays() {
        let mut findings = Findings::default();
        findings.pin(finding(1_000_000));
        findings.extend((0..3 * KEPT_MAX as u64).map(finding));
        let (kept, omitted) = findings.finish();
        assert!(kept.contains(&finding(1_000_000)));
        let has = |code| omitted.has(&Topic::of_code(code));
        assert!(has(&code::MISSING_ID) && !has(&code::DANGLING_REFERENCE));
    }

    #[test]
    fn of_many_parts_fewer_are_kept_of_each() {
        let parts: Vec<Arc<str>> = (0..20).map(|id| Arc::from(format!("c{id}"))).collect();
        let all =
            || (0..120_000).map(|number| finding(7 * number).of_part(&parts[number as usize % 20]));
        let mut alone = Findings::default();
        alone.extend(all());
        let (mut one, mut other) = (Findings::default(), Findings::default());
        // One has seen few constraints, the other all of them.
        for finding in all() {
            let few = finding.part.as_deref().is_some_and(|id| id.len() < 3);
            if few { one.push(finding) } else { other.push(finding) }
        }
        one.absorb(other);
        let (kept, omitted) = alone.finish();
        let (again, counted) = one.finish();
        assert!(kept == again && omitted == counted);
        assert_eq!(kept.len(), PARTS_KEPT_MAX);
        let of = |part| kept.iter().filter(|it| it.part.as_ref() == Some(part)).count();
        assert!(parts.iter().all(|part| of(part) == PARTS_KEPT_MAX / 20));
    }

    #[test]
    fn of_each_part_as_many_are_kept() {
        let (often, once) = (Arc::from("often"), Arc::from("once"));
        let mut findings = Findings::default();
        findings.extend((0..3 * KEPT_MAX as u64).map(|number| finding(number * 7).of_part(&often)));
        let mut late = finding(1_000_000 * 7).of_part(&once);
        late.severity = Severity::Warning;
        findings.push(late.clone());
        let (kept, omitted) = findings.finish();
        assert_eq!(kept.len(), KEPT_MAX + 1);
        assert!(kept.contains(&late));
        let of = |part: &Arc<str>| omitted.has(&late.clone().of_part(part).topic());
        assert!(of(&often) && !of(&once));
        assert!(omitted.has(&Topic::of_code(late.code)), "all of the code are covered");
    }
}
