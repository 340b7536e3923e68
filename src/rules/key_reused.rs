//! K003: a key that named something else in the previous release.

use std::collections::{HashMap, HashSet};

use super::{At, Check, DatasetAt, Days, Facts, RecordFacts, Rule};
use crate::diagnostic::{Code, Diagnostic, Findings, Severity, quote};
use crate::fault::Fault;
use crate::model::Role;

/// A released key on a record that shares nothing with the released one.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "K003",
        name: "reused-key",
        severity: Severity::Error,
        since: "0.1.0",
        summary: "A key that was released for one record is another's now.",
        explanation: "\
Whoever joined the previous release to other data would now join them to something else. The record is \
compared with the one that the release named in the manifest (`previous`) has under its key: it is \
another one if its date (role `date`) can't be the same, its types (role `type`) are others, and the two \
have no more than half of their states and persons (roles `state`, `person`) in common, counted in the \
one that has fewer. A correction rarely changes all three. Where the schema doesn't give the date and one \
of the others a role, or one of the two records leaves one out, nothing is said. Give the new record a key \
of its own, and the old one its key back.",
        needs_all_records: true,
        ..Code::OF_RULE
    },
    check: Check::Dataset(check),
};

fn check(at: &DatasetAt<'_>, findings: &mut Findings) -> Result<(), Fault> {
    let Some(previous) = at.previous else { return Ok(()) };
    let main = at.context.model.main;
    let roles = &at.context.roles[main];
    let has_types = roles.has(Role::Type);
    let has_parties = roles.has(Role::State) || roles.has(Role::Person);
    let dated = [Role::Date, Role::Start, Role::End].iter().any(|role| roles.has(*role));
    if !dated || !(has_types || has_parties) {
        return Ok(());
    }
    let released: HashMap<_, _> =
        previous.records.iter().map(|record| (record.key.as_str(), record)).collect();
    let check_record = |RecordFacts { key, spot, facts }: RecordFacts<'_>| {
        let old = released.get(&*key)?;
        let before = old.facts.as_ref()?;
        let other = apart(before.date(), facts.date())
            && (!has_types || disjoint(&types(before), &types(&facts)))
            && (!has_parties || strangers(&parties(before), &parties(&facts)));
        other.then(|| {
            let row = at.row(main);
            let message = format!(
                "the {row} {} ({}) is another one than `{}` has under this key ({})",
                quote(&key),
                summary(&facts),
                previous.release.path,
                summary(before)
            );
            Diagnostic::new(RULE.code, spot.place(), message)
                .with(old.spot.place(), format!("the {row} that was released"))
                .help("give the new one a key of its own, and the old one its key back")
        })
    };
    let found = at.tables[main].facts.each(at.jobs, |pieces| {
        let facts = pieces.iter().map(|(_, piece)| RecordFacts::read(piece));
        Ok(facts.filter_map(check_record).collect::<Vec<_>>())
    })?;
    findings.extend(found.into_iter().flatten());
    Ok(())
}

/// Whether two dates have no day in common. Nobody knows where one is missing.
fn apart(before: Option<&At<Days>>, now: Option<&At<Days>>) -> bool {
    let (Some(before), Some(now)) = (before, now) else { return false };
    let ends = |(_, last): Days, (first, _): Days| {
        last.zip(first).is_some_and(|(last, first)| last < first)
    };
    ends(before.value, now.value) || ends(now.value, before.value)
}

/// Whether two sets have nothing in common. Nobody knows where one is empty.
fn disjoint(before: &[&str], now: &[&str]) -> bool {
    !before.is_empty() && !now.is_empty() && !before.iter().any(|it| now.contains(it))
}

/// Whether two sets have at most half in common of what is in the smaller one. Nobody knows where one
/// is empty.
fn strangers(before: &[&str], now: &[&str]) -> bool {
    let before: HashSet<_> = before.iter().collect();
    let now: HashSet<_> = now.iter().collect();
    let fewer = before.len().min(now.len());
    fewer > 0 && before.intersection(&now).count() * 2 <= fewer
}

fn types<'r>(facts: &'r Facts<'_>) -> Vec<&'r str> {
    facts.types().iter().map(|at| &*at.value).collect()
}

fn parties<'r>(facts: &'r Facts<'_>) -> Vec<&'r str> {
    facts.states().iter().chain(facts.persons()).map(|at| &*at.value).collect()
}

/// Day, types and parties, for people to compare.
fn summary(facts: &Facts<'_>) -> String {
    const PARTIES_MAX: usize = 4;
    let day = |day: Option<chrono::NaiveDate>| day.map_or("..".to_owned(), |day| day.to_string());
    let date = facts.date().map(|at| match at.value {
        (first, last) if first == last => day(first),
        (first, last) => format!("{}/{}", day(first), day(last)),
    });
    let parties = parties(facts);
    let more = if parties.len() > PARTIES_MAX { ", …" } else { "" };
    let shown = parties[..parties.len().min(PARTIES_MAX)].join(", ");
    let words = [date.unwrap_or_default(), types(facts).join(", "), format!("{shown}{more}")];
    words.iter().filter(|it| !it.is_empty()).map(String::as_str).collect::<Vec<_>>().join(", ")
}
