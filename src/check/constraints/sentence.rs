//! What a finding says of the parts of an expression that decided it.

use std::ops::ControlFlow;

use super::labels::with_label;
use super::said::joined;
use super::shown::{Part, Show, Shown, length};
use crate::expr::Path;
use crate::expr::ast::Comparison;
use crate::expr::blame::Leaf;
use crate::expr::evaluate::Evaluator;
use crate::expr::program::{ConditionKind, Sequence, Source, TextTest};

/// So many values of a list that the expression spells are said.
const SPELT_MAX: usize = 12;

/// What is said of one part of an expression.
pub(super) struct Sentence<'t> {
    /// What is compared, in the order of the text.
    pub operands: Vec<Shown<'t>>,
    /// Which of them the sentence is about.
    pub subject: usize,
    /// What must be of it: "must be at least `low`, which is `15`".
    pub must: String,
    /// The same in a few words, beside the place.
    pub label: String,
    /// Of a sentence about whether something is there: whether it must be.
    pub presence: Option<bool>,
}

impl Sentence<'_> {
    /// "`best` must be at least `low`, which is `15`".
    pub fn requirement(&self) -> String {
        match self.operands.get(self.subject) {
            Some(subject) => format!("{} {}", subject.noun, self.must),
            None => self.label.clone(),
        }
    }

    /// "`best` is `12`, but must be at least `low`, which is `15`".
    pub fn whole(&self) -> String {
        match self.operands.get(self.subject) {
            Some(subject) => format!("{}, but {}", subject.fact(), self.must),
            None => self.must.clone(),
        }
    }
}

impl<'t> Show<'_, '_, 't> {
    /// What is said of a part that decided a finding. `at` is the operand that the schema wants to be marked.
    pub fn sentence(
        &self,
        leaf: &Leaf<'_, 't>,
        at: Option<&Path>,
        evaluator: &mut Evaluator<'t, '_>,
    ) -> Sentence<'t> {
        let before = evaluator.frame;
        evaluator.frame = leaf.frame;
        let sentence = self.sentence_here(leaf, at, evaluator);
        evaluator.frame = before;
        sentence
    }

    fn sentence_here(
        &self,
        leaf: &Leaf<'_, 't>,
        at: Option<&Path>,
        evaluator: &mut Evaluator<'t, '_>,
    ) -> Sentence<'t> {
        // What was so must not be so.
        let (holds, must) = (leaf.holds, if leaf.holds { "must not" } else { "must" });
        let wanted =
            |comparison: Comparison| if holds { comparison.opposite() } else { comparison };
        match &leaf.condition.kind {
            ConditionKind::Numbers(comparison, sides) => {
                let operands = sides.iter().map(|side| self.number(side, evaluator)).collect();
                let operands = self.checked.with_labels(operands);
                compared(operands, wanted(*comparison), at, number_words)
            }
            ConditionKind::Dates(comparison, sides) => {
                let comparison = wanted(*comparison);
                let [a, b] = [&sides[0], &sides[1]].map(|side| self.date(side, evaluator));
                compared(bounded(a, b, comparison), comparison, at, date_words)
            }
            ConditionKind::Instants(comparison, _, sides) => {
                let operands = sides.iter().map(|side| self.at_path(side, evaluator)).collect();
                compared(operands, wanted(*comparison), at, instant_words)
            }
            ConditionKind::Texts(comparison, sides) => {
                let operands = sides.iter().map(|side| self.text_of(side, evaluator)).collect();
                compared(operands, wanted(*comparison), at, text_words)
            }
            ConditionKind::Booleans(equal, sides) => {
                let equal = *equal != holds;
                if let [ConditionKind::Has(a), ConditionKind::Has(b)] =
                    [&sides[0].kind, &sides[1].kind]
                {
                    let [a, b] = [a, b].map(|path| self.presence(path, evaluator));
                    return together(a, b, equal);
                }
                let operands = sides.iter().map(|side| self.condition(side, evaluator)).collect();
                let comparison = if equal { Comparison::Equal } else { Comparison::Different };
                compared(operands, comparison, at, number_words)
            }
            ConditionKind::Near(parts) => {
                let [a, b, tolerance] = &**parts;
                let operands = vec![self.number(a, evaluator), self.number(b, evaluator)];
                let tolerance = self.number(tolerance, evaluator);
                let subject = subject(&operands, at);
                let near = format!("{must} be within {} of", tolerance.limit());
                let label = format!("{near} {}", short(&operands[1 - subject]));
                let must = format!("{near} {}", operands[1 - subject].limit());
                Sentence { operands, subject, must, label, presence: None }
            }
            ConditionKind::Has(path) => {
                let shown = self.presence(path, evaluator);
                Sentence { presence: Some(!holds), ..one(shown, format!("{must} be there")) }
            }
            ConditionKind::Value(_) => {
                let shown = self.condition(leaf.condition, evaluator);
                one(shown, format!("must be `{}`", !holds))
            }
            ConditionKind::TextTest(test, sides) => {
                let [text, other] = &**sides;
                let operands = vec![self.text_of(text, evaluator), self.text_of(other, evaluator)];
                let verb = match test {
                    TextTest::StartsWith => "begin with",
                    TextTest::EndsWith => "end with",
                    TextTest::Contains => "contain",
                };
                let label = format!("{must} {verb} {}", short(&operands[1]));
                let must = format!("{must} {verb} {}", operands[1].limit());
                Sentence { operands, subject: 0, must, label, presence: None }
            }
            ConditionKind::Matches(text, pattern) => {
                let shown = self.text_of(text, evaluator);
                let pattern = crate::diagnostic::quote(pattern.as_str());
                one(shown, format!("{must} match the pattern {pattern}"))
            }
            ConditionKind::In(value, sequence) => {
                let shown = self.operand(value, evaluator);
                let (noun, parts) = self.list(sequence, evaluator);
                let what = match self.spelt(sequence, &shown, evaluator) {
                    Some(values) => format!("be {values}"),
                    None => format!("be among {noun}"),
                };
                let mut sentence = one(shown, format!("{must} {what}"));
                if !parts.is_empty() {
                    let value = Some("listed".to_owned());
                    let is_constant = false;
                    sentence.operands.push(Shown {
                        noun,
                        value,
                        is_plural: true,
                        is_constant,
                        parts,
                    });
                }
                sentence
            }
            ConditionKind::IsSorted(sequence) => self.unsorted(sequence, leaf, evaluator),
            ConditionKind::IsUnique(sequence) => self.repeated(sequence, leaf, evaluator),
            ConditionKind::All(sequence)
            | ConditionKind::Exists(sequence)
            | ConditionKind::ExistsOne(sequence) => self.quantified(sequence, leaf, evaluator),
            ConditionKind::Constant(_)
            | ConditionKind::Not(_)
            | ConditionKind::And(_)
            | ConditionKind::Or(_)
            | ConditionKind::Choice(_) => {
                let must = format!("{} {must} hold", self.written(&leaf.condition.span));
                let label = must.clone();
                Sentence { operands: Vec::new(), subject: 0, must, label, presence: None }
            }
        }
    }

    /// Whether something is there, as an operand.
    fn presence(&self, path: &Path, evaluator: &Evaluator<'t, '_>) -> Shown<'t> {
        Shown {
            noun: self.path(path, evaluator),
            value: evaluator.find(path).map(|_| "there".to_owned()),
            is_plural: false,
            is_constant: false,
            parts: self.at_path(path, evaluator).parts,
        }
    }

    /// The values of a list that the expression spells.
    fn spelt(
        &self,
        sequence: &Sequence,
        value: &Shown<'t>,
        evaluator: &mut Evaluator<'t, '_>,
    ) -> Option<String> {
        let Source::Listed(elements) = &sequence.source else { return None };
        let codes = self.checked.codes_of(value);
        let nouns = elements.iter().map(|element| {
            let shown = self.operand(element.value.as_ref()?, evaluator);
            shown.is_constant.then(|| with_label(shown.noun, codes))
        });
        let nouns = nouns.collect::<Option<Vec<_>>>()?;
        let (shown, left) = nouns.split_at(nouns.len().min(SPELT_MAX));
        let shown: Vec<_> = shown.iter().map(String::as_str).collect();
        Some(match left.len() {
            0 => joined(&shown, "or"),
            left => format!("{}, or one of {left} others", shown.join(", ")),
        })
    }

    /// The whole list, of which is said how many items there are.
    fn whole_list(
        &self,
        sequence: &Sequence,
        evaluator: &mut Evaluator<'t, '_>,
    ) -> (String, Shown<'t>) {
        let (noun, parts) = self.list(sequence, evaluator);
        let (value, is_plural) = match &sequence.source {
            Source::List { .. } => (parts.first().map(|part| length(part.value)), false),
            Source::Listed(_) => {
                let values: Vec<_> = parts.iter().map(|part| part.label.as_str()).collect();
                (Some(values.join(", ")).filter(|_| !values.is_empty()), true)
            }
        };
        let shown = Shown { noun: noun.clone(), value, is_plural, is_constant: false, parts };
        (noun, shown)
    }

    /// Two operands of a list, by their positions.
    fn two_items(
        &self,
        sequence: &Sequence,
        (first, second): (usize, usize),
        evaluator: &mut Evaluator<'t, '_>,
    ) -> Option<(Shown<'t>, Shown<'t>)> {
        let first = self.item(sequence, first, evaluator)?;
        Some((first, self.item(sequence, second, evaluator)?))
    }

    fn unsorted(
        &self,
        sequence: &Sequence,
        leaf: &Leaf<'_, 't>,
        evaluator: &mut Evaluator<'t, '_>,
    ) -> Sentence<'t> {
        let mut wrong = None;
        let _ = evaluator.each_pair(sequence, |pair| match pair {
            Some((pair, Some(false))) => {
                wrong = Some(pair);
                ControlFlow::Break(())
            }
            _ => ControlFlow::Continue(()),
        });
        let pair = wrong.filter(|_| !leaf.holds);
        let pair = pair.and_then(|pair| self.two_items(sequence, pair, evaluator));
        let Some((first, second)) = pair else {
            let (noun, shown) = self.whole_list(sequence, evaluator);
            let must = format!("the values of {noun} must not be in order");
            return whole(shown, must.clone(), must);
        };
        let is_number = sequence.is_of_numbers();
        let words = if is_number { "be at least" } else { "be not before" };
        let operands = bounded(first, second, Comparison::AtMost);
        let first = &operands[0];
        let label = format!("must {words} {}", short(first));
        let must = format!("must {words} {}", first.limit());
        Sentence { operands, subject: 1, must, label, presence: None }
    }

    fn repeated(
        &self,
        sequence: &Sequence,
        leaf: &Leaf<'_, 't>,
        evaluator: &mut Evaluator<'t, '_>,
    ) -> Sentence<'t> {
        let mut seen = std::collections::HashMap::new();
        let mut pair = None;
        let _ = evaluator.each(sequence, |evaluator, element, number| {
            let Some(hash) = element.value.as_ref().and_then(|it| evaluator.hash(it)) else {
                return ControlFlow::Continue(());
            };
            match seen.insert(hash, number) {
                Some(first) => {
                    pair = Some((first, number));
                    ControlFlow::Break(())
                }
                None => ControlFlow::Continue(()),
            }
        });
        let pair = pair.filter(|_| !leaf.holds);
        let pair = pair.and_then(|pair| self.two_items(sequence, pair, evaluator));
        let Some((first, second)) = pair else {
            let (noun, shown) = self.whole_list(sequence, evaluator);
            let must = format!("some of the values of {noun} must be the same");
            return whole(shown, must.clone(), must);
        };
        let must = format!("must be different from {}", first.limit());
        let label = format!("must be different from {}", short(&first));
        Sentence { operands: vec![first, second], subject: 1, must, label, presence: None }
    }

    fn quantified(
        &self,
        sequence: &Sequence,
        leaf: &Leaf<'_, 't>,
        evaluator: &mut Evaluator<'t, '_>,
    ) -> Sentence<'t> {
        let (noun, shown) = self.whole_list(sequence, evaluator);
        let condition = match &sequence.source {
            Source::List { element, .. } => {
                element.value.as_ref().map(|it| self.written(it.span()))
            }
            Source::Listed(_) => None,
        };
        let condition = condition.unwrap_or_else(|| self.written(&leaf.condition.span));
        let (must, label) = match (&leaf.condition.kind, leaf.holds) {
            (ConditionKind::ExistsOne(_), holds) => {
                let mut count = 0;
                let _ = evaluator.each(sequence, |evaluator, element, _| {
                    count += usize::from(evaluator.meets(element) == Some(true));
                    ControlFlow::Continue(())
                });
                let found = match count {
                    0 => format!("no item of {noun} meets"),
                    1 => format!("one item of {noun} meets"),
                    _ => format!("{count} items of {noun} meet"),
                };
                let number = if holds { "not exactly one" } else { "exactly one" };
                let label = format!("{number} item must meet {condition}");
                (format!("{found} {condition}, but {number} must"), label)
            }
            (ConditionKind::All(_), _) => (
                format!("all items of {noun} meet {condition}, but at least one must not"),
                format!("at least one item must not meet {condition}"),
            ),
            _ => (
                format!("no item of {noun} meets {condition}, but at least one must"),
                format!("at least one item must meet {condition}"),
            ),
        };
        whole(shown, must, label)
    }
}

/// What is said beside a place of an operand.
fn short(shown: &Shown<'_>) -> String {
    match &shown.value {
        Some(value) if !shown.is_constant => value.clone(),
        _ => shown.noun.clone(),
    }
}

fn one(shown: Shown<'_>, must: String) -> Sentence<'_> {
    Sentence { operands: vec![shown], subject: 0, label: must.clone(), must, presence: None }
}

/// A sentence about a whole list, which needs no subject before it.
fn whole(list: Shown<'_>, must: String, label: String) -> Sentence<'_> {
    Sentence { operands: vec![list], subject: 1, must, label, presence: None }
}

/// Two things that must be there together, or else one of which must be there without the other.
fn together<'t>(a: Shown<'t>, b: Shown<'t>, equal: bool) -> Sentence<'t> {
    // What is there can be marked; of two that are or aren't there, the second.
    let subject = if equal { usize::from(a.value.is_none()) } else { 1 };
    let operands = vec![a, b];
    let other = &operands[1 - subject].noun;
    let (must, label) = match (equal, operands[subject].value.is_some()) {
        (true, _) => {
            let label = format!("must be there only together with {other}");
            (format!("{label}, which is missing"), label)
        }
        (false, true) => {
            let label = format!("must not be there together with {other}");
            (label.clone(), label)
        }
        (false, false) => {
            let label = format!("must be there where {other} is missing");
            (label.clone(), label)
        }
    };
    Sentence { operands, subject, must, label, presence: None }
}

/// Which operand a sentence is about: the one that the schema wants, else the last that is a value of the
/// object that the constraint stands on, or at least of its record.
fn subject(operands: &[Shown<'_>], at: Option<&Path>) -> usize {
    if operands.iter().all(|shown| shown.parts.is_empty()) {
        // They are worked out over many rows: what is asked about stands first.
        return operands.iter().position(|shown| !shown.is_constant).unwrap_or(0);
    }
    let wanted = |shown: &Shown<'_>| shown.parts.iter().any(|part| part.is_at(at));
    let rank = |shown: &Shown<'_>| {
        let rank = shown.parts.iter().map(Part::rank).max();
        // What is made of several values is seldom the one to correct.
        rank.map(|rank| (rank, shown.parts.len() == 1))
    };
    let best = operands.iter().enumerate().max_by_key(|(number, shown)| (rank(shown), *number));
    let wanted = operands.iter().position(wanted);
    wanted.or(best.map(|(number, _)| number)).unwrap_or(0)
}

/// Two dates, with the days that decided: what must not be after another is too late at its earliest day,
/// and the other one too early at its latest.
fn bounded<'t>(a: Shown<'t>, b: Shown<'t>, wanted: Comparison) -> Vec<Shown<'t>> {
    match wanted {
        Comparison::Less | Comparison::AtMost => vec![a.at_the_earliest(), b.at_the_latest()],
        Comparison::More | Comparison::AtLeast => vec![a.at_the_latest(), b.at_the_earliest()],
        Comparison::Equal | Comparison::Different => vec![a, b],
    }
}

/// A comparison of two operands, of which `wanted` must hold.
fn compared<'t>(
    operands: Vec<Shown<'t>>,
    wanted: Comparison,
    at: Option<&Path>,
    words: fn(Comparison) -> &'static str,
) -> Sentence<'t> {
    let subject = subject(&operands, at);
    let other = &operands[1 - subject];
    let words = words(if subject == 0 { wanted } else { wanted.mirrored() });
    let must = format!("must be {words} {}", other.limit());
    let label = format!("must be {words} {}", short(other));
    Sentence { operands, subject, must, label, presence: None }
}

fn number_words(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "equal to",
        Comparison::Different => "different from",
        Comparison::Less => "less than",
        Comparison::AtMost => "at most",
        Comparison::More => "more than",
        Comparison::AtLeast => "at least",
    }
}

fn text_words(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "equal to",
        Comparison::Different => "different from",
        Comparison::Less => "before",
        Comparison::AtMost => "not after",
        Comparison::More => "after",
        Comparison::AtLeast => "not before",
    }
}

fn date_words(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "the same day as",
        Comparison::Different => "another day than",
        _ => text_words(comparison),
    }
}

fn instant_words(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "the same time as",
        Comparison::Different => "another time than",
        _ => text_words(comparison),
    }
}
