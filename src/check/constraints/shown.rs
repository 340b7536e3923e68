//! How the operands of an expression are shown in a finding.

use std::cmp::Reverse;
use std::ops::ControlFlow;

use chrono::NaiveDate;

use super::Checked;
use crate::diagnostic::quote;
use crate::edtf::Edtf;
use crate::expr::evaluate::Evaluator;
use crate::expr::program::{
    Arithmetic, Condition, ConditionKind, Date, DateKind, Extreme, Numeric, NumericKind, Operand,
    Sequence, Source, Text, TextKind,
};
use crate::expr::{Path, Root, Span};
use crate::pointer;
use crate::tape::{Tag, Value};

/// An operand, as a finding shows it.
pub(super) struct Shown<'t> {
    /// What it is called: "`best`", "the sum of `parties[].share`".
    pub noun: String,
    /// What it is: "`12`"; none if it is missing.
    pub value: Option<String>,
    /// Whether it is many things.
    pub is_plural: bool,
    /// Whether the expression spells it, so that its noun says all.
    pub is_constant: bool,
    /// The values that it is made of.
    pub parts: Vec<Part<'t>>,
}

/// A value that an operand is made of.
pub(super) struct Part<'t> {
    /// The value.
    pub value: Value<'t>,
    /// The record that it stands in: none for the one that is checked, else the number of the `ref`.
    pub named: Option<usize>,
    /// What it is called.
    pub noun: String,
    /// What is said beside it.
    pub label: String,
    /// The path in the expression.
    pub path: Path,
}

impl Part<'_> {
    /// Whether it is the operand at a path.
    pub fn is_at(&self, at: Option<&Path>) -> bool {
        at.is_some_and(|at| self.path.root == at.root && self.path.steps == at.steps)
    }

    /// How near it is to the object that a constraint stands on: a finding stands at what is nearest.
    pub fn rank(&self) -> u8 {
        match self.path.root {
            Root::Own | Root::Item(_) => 2,
            Root::Parent | Root::Record => 1,
            Root::Named(_) => 0,
        }
    }
}

impl Shown<'_> {
    /// "`best` is `12`", "`low` is missing".
    pub fn fact(&self) -> String {
        let Self { noun, value, is_plural, .. } = self;
        let is = if *is_plural { "are" } else { "is" };
        format!("{noun} {is} {}", value.as_deref().unwrap_or("missing"))
    }

    /// "`low`, which is `15`", "`25`".
    pub fn limit(&self) -> String {
        let Self { noun, value, is_plural, is_constant, .. } = self;
        match value {
            Some(value) if !is_constant => {
                format!("{noun}, which {} {value}", if *is_plural { "are" } else { "is" })
            }
            _ => noun.clone(),
        }
    }
}

impl Shown<'_> {
    /// Adds the first day that a date can mean, if its text doesn't show it.
    pub fn at_the_earliest(self) -> Self {
        self.bounded("earliest", Edtf::earliest)
    }

    /// Adds the last day that a date can mean, if its text doesn't show it.
    pub fn at_the_latest(self) -> Self {
        self.bounded("latest", Edtf::latest)
    }

    fn bounded(mut self, which: &str, day: impl Fn(&Edtf) -> Option<NaiveDate>) -> Self {
        if let ([part], Some(value)) = (self.parts.as_slice(), &self.value)
            && *value == part.label
            && let Some(text) = part.value.as_str()
            && !is_plain(text)
            && let Some(day) = Edtf::parse(text).ok().as_ref().and_then(day)
        {
            self.value = Some(format!("{value} (`{day}` at the {which})"));
        }
        self
    }
}

/// Whether everybody sees the first and the last day of a date: a year, a month, a day, or a time of it.
fn is_plain(text: &str) -> bool {
    let text = text.split('T').next().unwrap_or(text);
    let mut parts = text.split('-');
    let all_digits = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    // A month beyond December is a season.
    all_digits && parts.nth(1).is_none_or(|month| month <= "12")
}

/// Shows operands of one expression.
pub(super) struct Show<'a, 'c, 't> {
    pub checked: &'a Checked<'c, 't>,
    /// The expression.
    pub text: &'a str,
    /// The paths in it.
    pub paths: &'a [Path],
}

impl<'t> Show<'_, '_, 't> {
    /// The text of a part of the expression, with names as records have them.
    pub fn written(&self, span: &Span) -> String {
        let mut paths: Vec<_> = self.paths.iter().filter(|path| within(&path.span, span)).collect();
        paths.sort_by_key(|path| (path.span.start, Reverse(path.span.end)));
        let (mut text, mut done) = (String::new(), span.start);
        for path in paths {
            if path.span.start >= done {
                text.push_str(&self.text[done..path.span.start]);
                text.push_str(&self.name(path));
                done = path.span.end;
            }
        }
        text.push_str(&self.text[done..span.end]);
        quote(without_parentheses(&text.replace("self.", "")))
    }

    /// What a path is called inside an expression.
    fn name(&self, path: &Path) -> String {
        let steps: Vec<_> = path.steps.iter().map(|step| step.name.as_str()).collect();
        match path.root {
            Root::Own => steps.join("."),
            Root::Item(_) if steps.is_empty() => "item".to_owned(),
            Root::Item(_) => steps.join("."),
            Root::Parent | Root::Record | Root::Named(_) => {
                self.text[path.span.clone()].replace("self.", "")
            }
        }
    }

    /// Where a path leads, as people write it.
    pub fn path(&self, path: &Path, evaluator: &Evaluator<'t, '_>) -> String {
        let mut at = match (path.root, evaluator.root(path.root)) {
            (Root::Named(_), _) | (_, None) => String::new(),
            (_, Some(root)) => self.checked.finder.pointer_to(root),
        };
        for step in &path.steps {
            at = pointer::join(&at, &step.name);
        }
        let readable = quote(&pointer::readable(&at));
        match path.root {
            Root::Named(number) => match self.checked.named.get(number).and_then(Option::as_ref) {
                Some(named) => {
                    format!("{readable} of {} {}", named.table.row_name(), quote(&named.key))
                }
                None => readable,
            },
            Root::Own | Root::Parent | Root::Record | Root::Item(_) => readable,
        }
    }

    pub fn at_path(&self, path: &Path, evaluator: &Evaluator<'t, '_>) -> Shown<'t> {
        let value = evaluator.find(path);
        let named = if let Root::Named(number) = path.root { Some(number) } else { None };
        let text = value.map(|value| match value.tag() {
            Tag::Array => length(value),
            Tag::Object => "an object".to_owned(),
            _ => self.checked.labelled(scalar(value), value, named),
        });
        let part = value.map(|value| {
            let label = match value.tag() {
                Tag::Array => items(value.len()),
                Tag::Object => "is there".to_owned(),
                _ => text.clone().unwrap_or_default(),
            };
            Part { value, named, noun: self.path(path, evaluator), label, path: path.clone() }
        });
        Shown {
            noun: self.path(path, evaluator),
            value: text,
            is_plural: false,
            is_constant: false,
            parts: part.into_iter().collect(),
        }
    }

    /// What is worked out of others.
    fn worked_out(noun: String, value: Option<String>, parts: Vec<Part<'t>>) -> Shown<'t> {
        let is_constant = parts.is_empty();
        Shown { noun, value, is_plural: false, is_constant, parts }
    }

    fn constant(noun: String) -> Shown<'t> {
        let value = Some(noun.clone());
        Shown { noun, value, is_plural: false, is_constant: true, parts: Vec::new() }
    }

    pub fn operand(&self, operand: &Operand, evaluator: &mut Evaluator<'t, '_>) -> Shown<'t> {
        match operand {
            Operand::Number(it) => self.number(it, evaluator),
            Operand::Date(it) => self.date(it, evaluator),
            Operand::Text(it) => self.text_of(it, evaluator),
            Operand::Condition(it) => self.condition(it, evaluator),
        }
    }

    pub fn condition(&self, condition: &Condition, evaluator: &mut Evaluator<'t, '_>) -> Shown<'t> {
        match &condition.kind {
            ConditionKind::Value(path) => self.at_path(path, evaluator),
            ConditionKind::Constant(value) => Self::constant(format!("`{value}`")),
            kind => {
                let holds = evaluator.condition(condition);
                let leaves = holds.map(|holds| evaluator.blame(condition, holds));
                let leaves = leaves.unwrap_or_default();
                let mut parts = Vec::new();
                for leaf in &leaves {
                    let operands = self.sentence(leaf, None, evaluator).operands;
                    parts.extend(operands.into_iter().flat_map(|operand| operand.parts));
                }
                let noun = match kind {
                    ConditionKind::Has(path) => {
                        format!("whether {} is there", self.path(path, evaluator))
                    }
                    _ => format!("whether {}", self.written(&condition.span)),
                };
                Shown {
                    value: holds.map(|holds| format!("`{holds}`")),
                    parts,
                    noun,
                    is_plural: false,
                    is_constant: false,
                }
            }
        }
    }

    pub fn number(&self, number: &Numeric, evaluator: &mut Evaluator<'t, '_>) -> Shown<'t> {
        let value = evaluator.number(number).map(|number| quote(&number.to_string()));
        let (noun, parts) = match &number.kind {
            NumericKind::Constant(number) => return Self::constant(quote(&number.to_string())),
            NumericKind::Value(path) | NumericKind::SpeltValue(path) => {
                return self.at_path(path, evaluator);
            }
            NumericKind::Choice(parts) => {
                let (condition, holds, fails) = &**parts;
                return match evaluator.condition(condition) {
                    Some(true) => self.number(holds, evaluator),
                    Some(false) => self.number(fails, evaluator),
                    None => Self::worked_out(self.written(&number.span), value, Vec::new()),
                };
            }
            NumericKind::Arithmetic(_, sides) => {
                let [a, b] = &**sides;
                let mut parts = self.number(a, evaluator).parts;
                parts.extend(self.number(b, evaluator).parts);
                let noun = match is_sum(number) {
                    true => "the sum".to_owned(),
                    false => self.written(&number.span),
                };
                (noun, parts)
            }
            NumericKind::Negative(inside) => {
                (self.written(&number.span), self.number(inside, evaluator).parts)
            }
            NumericKind::DaysBetween(ends) => {
                let [from, to] = &**ends;
                let (from, to) = (self.date(from, evaluator), self.date(to, evaluator));
                let noun = format!("the number of days from {} to {}", from.noun, to.noun);
                (noun, from.parts.into_iter().chain(to.parts).collect())
            }
            NumericKind::PartOf(part, date) => {
                let date = self.date(date, evaluator);
                (format!("the {} of {}", part.name(), date.noun), date.parts)
            }
            NumericKind::Length(text) => {
                let text = self.text_of(text, evaluator);
                (format!("the length of {}", text.noun), text.parts)
            }
            NumericKind::Size(sequence) => {
                let (noun, parts) = self.list(sequence, evaluator);
                // "The items, which are 2", but "the number of items, which is 1".
                let is_plural = !matches!(value.as_deref(), Some("`0`" | "`1`"));
                let noun = match is_plural {
                    true => format!("the items of {noun}"),
                    false => format!("the number of items of {noun}"),
                };
                return Shown { noun, value, is_plural, is_constant: false, parts };
            }
            NumericKind::Sum(sequence) => {
                let (noun, mut parts) = self.list(sequence, evaluator);
                if let ([part], Some(value)) = (parts.as_mut_slice(), &value) {
                    part.label = format!("the sum is {value}");
                }
                (format!("the sum of {noun}"), parts)
            }
            NumericKind::Extreme(extreme, sequence) => {
                let (noun, parts) = self.list(sequence, evaluator);
                let which = match extreme {
                    Extreme::Least => "least",
                    Extreme::Greatest => "greatest",
                };
                (format!("the {which} of {noun}"), parts)
            }
            NumericKind::Aggregate(slot, aggregate) => {
                return self.aggregate(aggregate, &evaluator.frame.aggregates[*slot]);
            }
        };
        Shown { is_constant: !number.reads(), ..Self::worked_out(noun, value, parts) }
    }

    pub fn date(&self, date: &Date, evaluator: &mut Evaluator<'t, '_>) -> Shown<'t> {
        match &date.kind {
            DateKind::Constant(_, text) => Self::constant(quote(text)),
            DateKind::Value(path, _) => self.at_path(path, evaluator),
            DateKind::Composed(path, parts) => {
                let all = [Some(&parts.year), parts.month.as_ref(), parts.day.as_ref()];
                let parts = all.into_iter().flatten().filter_map(|property| {
                    let mut path = path.clone();
                    path.steps.push(property.clone());
                    let value = evaluator.find(&path)?;
                    let noun = self.path(&path, evaluator);
                    Some(Part { value, named: None, noun, label: scalar(value), path })
                });
                let parts: Vec<_> = parts.collect();
                let days = evaluator.date(date);
                let value = days.map(|days| match (days.first_day(), days.last_day()) {
                    (Some(first), Some(last)) if first == last => format!("`{first}`"),
                    (Some(first), Some(last)) => format!("`{first}` to `{last}`"),
                    _ => "open".to_owned(),
                });
                Self::worked_out(self.written(&date.span), value, parts)
            }
            DateKind::First(inside) | DateKind::Last(inside) => {
                let is_first = matches!(date.kind, DateKind::First(_));
                let shown = self.date(inside, evaluator);
                let day = evaluator.date(date).and_then(|days| days.first_day());
                let which = if is_first { "first" } else { "last" };
                let noun = format!("the {which} day of {}", shown.noun);
                Self::worked_out(noun, day.map(|day| format!("`{day}`")), shown.parts)
            }
            DateKind::Choice(parts) => {
                let (condition, holds, fails) = &**parts;
                match evaluator.condition(condition) {
                    Some(true) => self.date(holds, evaluator),
                    Some(false) => self.date(fails, evaluator),
                    None => Self::worked_out(self.written(&date.span), None, Vec::new()),
                }
            }
            DateKind::Extreme(extreme, sequence) => {
                let (noun, parts) = self.list(sequence, evaluator);
                let days = evaluator.date(date);
                let value = days.and_then(|days| {
                    let (first, last) = (days.first_day()?, days.last_day()?);
                    Some(if first == last {
                        format!("`{first}`")
                    } else {
                        format!("`{first}` to `{last}`")
                    })
                });
                let which = match extreme {
                    Extreme::Least => "earliest",
                    Extreme::Greatest => "latest",
                };
                Self::worked_out(format!("the {which} of {noun}"), value, parts)
            }
            DateKind::Aggregate(slot, aggregate) => {
                self.aggregate(aggregate, &evaluator.frame.aggregates[*slot])
            }
        }
    }

    pub fn text_of(&self, text: &Text, evaluator: &mut Evaluator<'t, '_>) -> Shown<'t> {
        match &text.kind {
            TextKind::Constant(text) => Self::constant(quote(text)),
            TextKind::Value(path) => self.at_path(path, evaluator),
            TextKind::Choice(parts) => {
                let (condition, holds, fails) = &**parts;
                match evaluator.condition(condition) {
                    Some(true) => self.text_of(holds, evaluator),
                    Some(false) => self.text_of(fails, evaluator),
                    None => Self::worked_out(self.written(&text.span), None, Vec::new()),
                }
            }
        }
    }

    /// What a list is called, and the list, or the values that are listed.
    pub fn list(
        &self,
        sequence: &Sequence,
        evaluator: &mut Evaluator<'t, '_>,
    ) -> (String, Vec<Part<'t>>) {
        match &sequence.source {
            Source::List { list, element, of_values, .. } => {
                let shown = self.at_path(list, evaluator);
                let noun = match element.value.as_ref().map(value_path) {
                    Some(Some(path)) if !of_values => {
                        let steps = path.steps.iter().map(|step| format!(".{}", step.name));
                        let steps: String = steps.collect();
                        format!("{}[]{steps}`", shown.noun.trim_end_matches('`'))
                    }
                    _ => shown.noun,
                };
                let noun = match element.filters.as_slice() {
                    [] => noun,
                    filters => {
                        let filters: Vec<_> =
                            filters.iter().map(|filter| self.written(&filter.span)).collect();
                        format!("{noun} where {}", filters.join(" and "))
                    }
                };
                (noun, shown.parts)
            }
            Source::Listed(elements) => {
                let values = elements.iter().filter_map(|element| element.value.as_ref());
                let shown: Vec<_> = values.map(|value| self.operand(value, evaluator)).collect();
                let nouns: Vec<_> = shown.iter().map(|shown| shown.noun.clone()).collect();
                let noun = match nouns.as_slice() {
                    [rest @ .., last] if !rest.is_empty() && nouns.len() <= 6 => {
                        format!("{} and {last}", rest.join(", "))
                    }
                    _ => self.written(&sequence.span),
                };
                (noun, shown.into_iter().flat_map(|shown| shown.parts).collect())
            }
        }
    }

    /// The operand of an item of a list, by its position.
    pub fn item(
        &self,
        sequence: &Sequence,
        position: usize,
        evaluator: &mut Evaluator<'t, '_>,
    ) -> Option<Shown<'t>> {
        let mut shown = None;
        let _ = evaluator.each(sequence, |evaluator, element, number| {
            if number < position {
                return ControlFlow::Continue(());
            }
            if number == position {
                shown = element.value.as_ref().map(|value| self.operand(value, evaluator));
            }
            ControlFlow::Break(())
        });
        shown
    }
}

/// Whether bytes lie within others.
fn within(inside: &Span, span: &Span) -> bool {
    span.start <= inside.start && inside.end <= span.end
}

/// A text without parentheses around all of it.
fn without_parentheses(text: &str) -> &str {
    let Some(inside) = text.strip_prefix('(').and_then(|it| it.strip_suffix(')')) else {
        return text;
    };
    let mut depth = 0usize;
    for character in inside.chars() {
        match character {
            '(' => depth += 1,
            ')' if depth == 0 => return text,
            ')' => depth -= 1,
            _ => {}
        }
    }
    if depth == 0 { inside } else { text }
}

/// The path of an operand that is nothing else.
fn value_path(operand: &Operand) -> Option<&Path> {
    match operand {
        Operand::Number(number) => match &number.kind {
            NumericKind::Value(path) | NumericKind::SpeltValue(path) => Some(path),
            _ => None,
        },
        Operand::Date(date) => match &date.kind {
            DateKind::Value(path, _) => Some(path),
            _ => None,
        },
        Operand::Text(text) => match &text.kind {
            TextKind::Value(path) => Some(path),
            _ => None,
        },
        Operand::Condition(_) => None,
    }
}

/// Whether values are added up, and nothing else.
fn is_sum(number: &Numeric) -> bool {
    match &number.kind {
        NumericKind::Arithmetic(Arithmetic::Add, sides) => sides.iter().all(is_sum),
        NumericKind::Value(_) | NumericKind::SpeltValue(_) => true,
        _ => false,
    }
}

/// "a list of 3 items".
pub(super) fn length(list: Value<'_>) -> String {
    match list.len() {
        1 => "a list of one item".to_owned(),
        length => format!("a list of {length} items"),
    }
}

/// "has 3 items".
fn items(count: usize) -> String {
    match count {
        0 => "has no item".to_owned(),
        1 => "has one item".to_owned(),
        _ => format!("has {count} items"),
    }
}

/// A single value, in backticks.
fn scalar(value: Value<'_>) -> String {
    match value.as_str() {
        Some(text) => quote(text),
        None => quote(&value.to_json().to_string()),
    }
}
