//! K012: a value that differs from what other records say of the same thing.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::hash::{Hash as _, Hasher as _};

use xxhash_rust::xxh3::Xxh3Default;

use super::groups::{Keep, texts};
use super::together::each_scope;
use super::{Check, Found, GroupAt, Grouping, RecordAt, Rule, hash_of};
use crate::diagnostic::{Code, Diagnostic, Findings, Severity, quote};
use crate::fault::Fault;
use crate::spill::Spot;
use crate::spill::packed::{Reader, number, text};

/// A value that most records with the same values beside it have otherwise.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "K012",
        name: "inconsistent-value",
        severity: Severity::Warning,
        since: "0.2.0",
        summary: "A value differs from what other records say of the same thing.",
        explanation: "\
One place has one pair of coordinates, and one code one name: the value with the role `determined` follows \
from those beside it with the role `determines`, all of these together. Where records of a table have the same of these, and \
not the same value, the ones that differ from the most frequent value are findings (of those that are as frequent, from the one \
that stands first). Missing values aren't compared. Numbers are compared by their value, dates by their first and last day, \
texts letter by letter. Either the value is wrong or what determines it; or something else belongs to what determines it, as the state \
to the name of a place.",
        needs_all_records: true,
        ..Code::OF_RULE
    },
    check: Check::Group(Grouping::Determined, check),
};

/// Keeps the values of a record that follow from others.
pub(super) fn note(at: &RecordAt<'_>, keep: &mut Keep<'_>) {
    for (index, places) in at.roles.together.determined.iter().enumerate() {
        each_scope(places.value.scope(), at.record, &mut |path| {
            let Some(value) = places.value.found(at, path) else { return };
            let Some(by) = texts(&places.by, at, path) else { return };
            let written = written(&value);
            if written.is_empty() {
                return;
            }
            let mut hasher = Xxh3Default::new();
            (index, &by).hash(&mut hasher);
            keep.push(hasher.finish(), Spot::of(value.value), |bytes| {
                number(index as u64, bytes);
                by.iter().for_each(|by| text(by, bytes));
                bytes.extend(meaning(&value).to_le_bytes());
                text(&written, bytes);
            });
        });
    }
}

/// A value as it is shown.
fn written<'t>(found: &Found<'t, '_>) -> Cow<'t, str> {
    let value = found.value;
    match (value.as_f64(), value.as_bool()) {
        (Some(number), _) if value.as_i64().is_none() => Cow::Owned(number.to_string()),
        (_, Some(flag)) => Cow::Owned(flag.to_string()),
        _ => found.text(),
    }
}

/// Equal for values that mean the same.
fn meaning(found: &Found<'_, '_>) -> u64 {
    if let Some(digits) = found.kind.digits()
        && let Ok(number) = digits.of(found.value)
    {
        return hash_of((0u8, number));
    }
    let days = found.days();
    if days != (None, None) {
        return hash_of((1u8, days));
    }
    match found.value.as_f64() {
        // Zero has two signs.
        Some(number) => hash_of((2u8, (number + 0.0).to_bits())),
        None => hash_of((3u8, written(found))),
    }
}

/// How often a value stands, and the number of the member that has it first.
struct Tally {
    count: usize,
    first: usize,
}

fn check(at: &GroupAt<'_, '_>, findings: &mut Findings) -> Result<(), Fault> {
    if at.len() < 2 {
        return Ok(());
    }
    // By what determines them, which by chance may be several things; then by their meaning.
    let mut things: BTreeMap<Box<[u8]>, HashMap<u64, Tally>> = BTreeMap::new();
    for number in 0..at.len() {
        let (_, bytes) = at.member(number)?;
        let (thing, meaning, _) = read(at, &bytes);
        if !things.contains_key(thing) {
            things.insert(thing.into(), HashMap::new());
        }
        let tallies = things.get_mut(thing).expect("it was put there");
        tallies.entry(meaning).or_insert(Tally { count: 0, first: number }).count += 1;
    }
    for (thing, tallies) in things {
        if tallies.len() > 1 {
            report(at, &thing, &tallies, findings)?;
        }
    }
    Ok(())
}

fn report(
    at: &GroupAt<'_, '_>,
    thing: &[u8],
    tallies: &HashMap<u64, Tally>,
    findings: &mut Findings,
) -> Result<(), Fault> {
    let usual =
        tallies.iter().max_by_key(|(_, tally)| (tally.count, std::cmp::Reverse(tally.first)));
    let (usual, Tally { count, first }) = usual.expect("there are some");
    let (usual_spot, bytes) = at.member(*first)?;
    let (_, _, usual_text) = read(at, &bytes);
    let mut rest = Reader(thing);
    let places = &at.roles.together.determined[rest.number() as usize];
    let by = places.by.iter().map(|slot| format!("`{}` is {}", slot.name(), quote(rest.text())));
    let by = by.collect::<Vec<_>>().join(" and ");
    let elsewhere = match count {
        1 => "in another place".to_owned(),
        count => format!("in {count} others"),
    };
    for number in 0..at.len() {
        let (spot, bytes) = at.member(number)?;
        let (other, meaning, written) = read(at, &bytes);
        if other != thing || meaning == *usual {
            continue;
        }
        let message = format!(
            "where {by}, `{}` is {} here, but {} {elsewhere}",
            places.value.name(),
            quote(written),
            quote(usual_text)
        );
        findings.push(
            Diagnostic::new(RULE.code, spot.place(), message)
                .label("differs")
                .with(usual_spot.place(), "the first of the others")
                .help("correct the value that is wrong, or what should determine it"),
        );
    }
    Ok(())
}

/// What determines a member, its meaning, and how it is written.
fn read<'b>(at: &GroupAt<'_, '_>, bytes: &'b [u8]) -> (&'b [u8], u64, &'b str) {
    let mut rest = Reader(bytes);
    let places = &at.roles.together.determined[rest.number() as usize];
    places.by.iter().for_each(|_| _ = rest.text());
    let thing = &bytes[..bytes.len() - rest.0.len()];
    let (meaning, after) = rest.0.split_first_chunk().expect("it was written");
    (thing, u64::from_le_bytes(*meaning), Reader(after).text())
}
