//! What a finding says as a whole: its message, and what to do next.

use super::sentence::Sentence;
use super::shown::{Part, Shown};

/// What is said of a part of a constraint that doesn't hold.
pub(super) struct Said {
    /// In one line, without what it is said because of.
    pub message: String,
    /// What is said beside the place, if it isn't what is said of the operand there.
    pub label: Option<String>,
    /// What could be otherwise, if it is more than one thing.
    pub alternatives: Option<String>,
}

impl Said {
    /// What is said in sentences, each about one part of the expression. `own` is the message that the
    /// schema has, `written` the expression.
    pub fn of(own: Option<&str>, sentences: &[Sentence<'_>], written: impl Fn() -> String) -> Self {
        let mut facts: Vec<String> = Vec::new();
        for operand in sentences.iter().flat_map(|sentence| &sentence.operands) {
            let fact = operand.fact();
            if !operand.is_constant && !facts.contains(&fact) {
                facts.push(fact);
            }
        }
        let (merged, label) = match sentences {
            [only] => (Some(only.whole()), None),
            _ => merged(sentences).map_or((None, None), |(whole, label)| (Some(whole), label)),
        };
        let alternatives = (merged.is_none() && sentences.len() > 1).then(|| {
            let all: Vec<_> = sentences.iter().map(Sentence::requirement).collect();
            all.join(", or ")
        });
        let message = match (own, merged) {
            (Some(own), _) if facts.is_empty() => own.to_owned(),
            (Some(own), _) => format!("{own}: {}", facts.join(", ")),
            (None, Some(merged)) => merged,
            (None, None) if facts.is_empty() => format!("{} doesn't hold", written()),
            (None, None) => format!("{} doesn't hold: {}", written(), facts.join(", ")),
        };
        Self { message, label, alternatives }
    }
}

/// Several sentences as one, if they are alike, with what is said beside the place.
fn merged(sentences: &[Sentence<'_>]) -> Option<(String, Option<String>)> {
    let [first, rest @ ..] = sentences else { return None };
    if let Some(present) = first.presence
        && rest.iter().all(|sentence| sentence.presence == Some(present))
    {
        let nouns = sentences.iter().filter_map(|sentence| sentence.operands.first());
        let nouns: Vec<_> = nouns.map(|operand| operand.noun.as_str()).collect();
        let (are, must) = match present {
            true => ("missing", "must be there"),
            false => ("there", "must not be there"),
        };
        let whole = format!("{} are {are}, but at least one of them {must}", joined(&nouns, "and"));
        return Some((whole, Some(format!("at least one of {} {must}", joined(&nouns, "and")))));
    }
    // All say something else of the same value.
    let fact =
        |sentence: &Sentence<'_>| sentence.operands.get(sentence.subject).map(|it| it.fact());
    let subject = fact(first)?;
    if rest.iter().any(|sentence| fact(sentence).as_ref() != Some(&subject)) {
        return None;
    }
    let musts: Vec<_> = sentences.iter().map(|sentence| sentence.must.as_str()).collect();
    let labels: Vec<_> = sentences.iter().map(|sentence| sentence.label.as_str()).collect();
    Some((format!("{subject}, but {}", musts.join(", or ")), Some(labels.join(", or "))))
}

/// So many values are named where one of them is to be corrected.
const NAMED_MAX: usize = 3;

/// What to do about a finding.
pub(super) fn help(
    id: &str,
    sentences: &[Sentence<'_>],
    because: &[Part<'_>],
    alternatives: Option<String>,
) -> String {
    let what = alternatives.unwrap_or_else(|| {
        let unwanted = sentences.iter().filter(|sentence| sentence.presence == Some(false));
        let surplus = unwanted.filter_map(|sentence| sentence.operands.first());
        let surplus = distinct(surplus.map(|operand| operand.noun.as_str()));
        let operands = || sentences.iter().flat_map(|sentence| &sentence.operands);
        let is_missing = |operand: &&Shown<'_>| operand.value.is_none() && !operand.is_constant;
        let missing = distinct(operands().filter(is_missing).map(|operand| operand.noun.as_str()));
        let parts = operands().flat_map(|operand| &operand.parts).chain(because);
        let nouns = parts.map(|part| part.noun.as_str()).filter(|noun| !surplus.contains(noun));
        let nouns = distinct(nouns);
        let correct = match nouns.len() {
            0 => None,
            1..=NAMED_MAX => Some(format!("correct {}", joined(&nouns, "or"))),
            _ => Some("correct one of the values".to_owned()),
        };
        let write = (!missing.is_empty()).then(|| format!("write {}", joined(&missing, "or")));
        let leave = (!surplus.is_empty()).then(|| format!("leave out {}", joined(&surplus, "or")));
        let all: Vec<_> = [write, leave, correct].into_iter().flatten().collect();
        if all.is_empty() { "correct the record".to_owned() } else { all.join(", or ") }
    });
    format!("{what}; if that is what the source says, waive `{id}` with a reason")
}

/// Each once, in their order.
fn distinct<'s>(nouns: impl Iterator<Item = &'s str>) -> Vec<&'s str> {
    let mut distinct = Vec::new();
    for noun in nouns {
        if !distinct.contains(&noun) {
            distinct.push(noun);
        }
    }
    distinct
}

/// "`a`", "`a` or `b`", "`a`, `b` or `c`".
pub(super) fn joined(nouns: &[&str], word: &str) -> String {
    match nouns {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [rest @ .., last] => format!("{} {word} {last}", rest.join(", ")),
    }
}
