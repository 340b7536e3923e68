//! Works out what an expression comes to for a record.
//!
//! There are three truth values: what a missing value decides is unknown, as in Kleene's logic. Every step is
//! counted, so that what is too much is too much on every machine.

mod lists;

use std::cmp::Ordering;

use chrono::{DateTime, Datelike as _};

use super::aggregate::{Aggregated, Result as Worked};
use super::ast::Comparison;
use super::program::{
    Arithmetic, Condition, ConditionKind, Date, DateKind, Numeric, NumericKind, Operand, Text,
    TextKind, TextTest,
};
use super::types::Property;
use super::{Days, Decimal, MACROS_MAX, Number, Path, Root, Span};
use crate::clock;
use crate::edtf::parts::Part;
use crate::edtf::{DateForm, Edtf};
use crate::tape::{Tag, Value};

/// How many steps the expressions of one record take together.
pub const STEPS_MAX: u32 = 1_000_000;

/// So many bytes of a text are compared in one step.
const BYTES_A_STEP: usize = 64;

/// So many members of an object are passed in one step, on the way to one of them.
const MEMBERS_A_STEP: usize = 64;

/// What is left of the steps of a record, and what couldn't be worked out.
#[derive(Debug)]
pub struct Budget {
    left: u32,
    is_spent: bool,
    /// The first thing that couldn't be worked out.
    pub uncomputable: Option<Uncomputable>,
}

/// Why something can't be worked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uncomputable {
    /// The part of the expression.
    pub span: Span,
    /// Why.
    pub why: Why,
}

/// Why something can't be worked out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// A number has more digits than are held.
    Digits,
    /// It takes more steps than a record has.
    Steps,
}

impl Default for Budget {
    fn default() -> Self {
        Self { left: STEPS_MAX, is_spent: false, uncomputable: None }
    }
}

impl Budget {
    /// Whether more steps were needed than there were.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.is_spent
    }

    /// Takes so many steps for a part of an expression; false if there are none left.
    pub fn take(&mut self, count: usize, span: &Span) -> bool {
        let left = u32::try_from(count).ok().and_then(|count| self.left.checked_sub(count));
        if let Some(left) = left {
            self.left = left;
            return true;
        }
        self.left = 0;
        self.is_spent = true;
        self.fail(span, Why::Steps);
        false
    }

    fn fail(&mut self, span: &Span, why: Why) {
        let span = span.clone();
        self.uncomputable.get_or_insert(Uncomputable { span, why });
    }

    /// Forgets what couldn't be worked out, where something else decided all the same.
    pub fn forgive(&mut self) {
        if !self.is_spent {
            self.uncomputable = None;
        }
    }
}

/// What an expression is worked out for.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'t> {
    /// `self`.
    pub own: Value<'t>,
    /// `parent`.
    pub parent: Option<Value<'t>>,
    /// `record`.
    pub record: Value<'t>,
    /// What `ref` names, by its position among those of the expression; none where there is no such record.
    pub named: &'t [Option<Value<'t>>],
    /// The items of macros.
    pub items: [Option<Value<'t>>; MACROS_MAX],
    /// What came of aggregates, by their numbers.
    pub aggregates: &'t [Aggregated],
}

impl<'t> Frame<'t> {
    /// The frame of a record.
    #[must_use]
    pub fn of(record: Value<'t>) -> Self {
        Self {
            own: record,
            parent: None,
            record,
            named: &[],
            items: [None; MACROS_MAX],
            aggregates: &[],
        }
    }
}

/// Works out expressions for one frame.
#[derive(Debug)]
pub struct Evaluator<'t, 'b> {
    /// What they are worked out for.
    pub frame: Frame<'t>,
    /// What is left of the steps.
    pub budget: &'b mut Budget,
    /// Uncertain dates that were read before, by the numbers of their values, which rise.
    pub dates: &'b [(u32, Edtf)],
}

impl<'t> Evaluator<'t, '_> {
    /// Takes so many steps; false if there are none left.
    fn steps(&mut self, count: usize, span: &Span) -> bool {
        self.budget.take(count, span)
    }

    fn fail(&mut self, span: &Span, why: Why) {
        self.budget.fail(span, why);
    }

    /// What stands at the beginning of a path; none if there is nothing.
    #[must_use]
    pub fn root(&self, root: Root) -> Option<Value<'t>> {
        match root {
            Root::Own => Some(self.frame.own),
            Root::Parent => self.frame.parent,
            Root::Record => Some(self.frame.record),
            Root::Item(depth) => self.frame.items[depth],
            Root::Named(number) => self.frame.named.get(number).copied().flatten(),
        }
    }

    /// The value at a path; none if it is missing.
    #[inline]
    #[must_use]
    pub fn find(&self, path: &Path) -> Option<Value<'t>> {
        let mut value = self.root(path.root)?;
        for step in &path.steps {
            value = get(value, step)?;
        }
        (!value.is_null()).then_some(value)
    }

    /// The same, counting the steps; none also if there are none left.
    fn value(&mut self, path: &Path) -> Option<Value<'t>> {
        let mut value = self.root(path.root)?;
        for step in &path.steps {
            if !self.steps(value.len() / MEMBERS_A_STEP, &path.span) {
                return None;
            }
            value = get(value, step)?;
        }
        (!value.is_null()).then_some(value)
    }

    /// Whether a condition holds. What can't be worked out in it is forgotten where it decides nothing.
    pub fn decide(&mut self, condition: &Condition) -> Option<bool> {
        let before = self.budget.uncomputable.take();
        let holds = self.condition(condition);
        let is_certain = holds.is_some() && !self.budget.is_spent();
        if before.is_some() || is_certain {
            self.budget.uncomputable = before;
        }
        holds
    }

    /// Whether a condition holds; none if nobody knows.
    pub fn condition(&mut self, condition: &Condition) -> Option<bool> {
        let span = &condition.span;
        if !self.steps(1, span) {
            return None;
        }
        match &condition.kind {
            ConditionKind::Constant(value) => Some(*value),
            ConditionKind::Not(inside) => self.condition(inside).map(|holds| !holds),
            ConditionKind::And(parts) => self.decided_by(parts, false),
            ConditionKind::Or(parts) => self.decided_by(parts, true),
            ConditionKind::Choice(parts) => {
                let [condition, holds, fails] = &**parts;
                if self.condition(condition)? {
                    self.condition(holds)
                } else {
                    self.condition(fails)
                }
            }
            ConditionKind::Value(path) => self.value(path)?.as_bool(),
            ConditionKind::Has(path) => {
                let found = self.value(path).is_some();
                (!self.budget.is_spent()).then_some(found)
            }
            ConditionKind::Booleans(equal, sides) => {
                let [a, b] = &**sides;
                Some((self.condition(a)? == self.condition(b)?) == *equal)
            }
            ConditionKind::Numbers(comparison, sides) => {
                let [a, b] = &**sides;
                Some(comparison.holds(self.number(a)?.compare(self.number(b)?)))
            }
            ConditionKind::Near(parts) => {
                let [a, b, tolerance] = &**parts;
                let (a, b, tolerance) = (self.number(a)?, self.number(b)?, self.number(tolerance)?);
                let distance = a.minus(b).and_then(Number::distance);
                let distance = self.computed(distance, span)?;
                Some(distance.compare(tolerance).is_le())
            }
            ConditionKind::Dates(comparison, sides) => {
                let [a, b] = &**sides;
                self.date(a)?.compare(*comparison, self.date(b)?)
            }
            ConditionKind::Instants(comparison, form, sides) => {
                let [a, b] = &**sides;
                let (a, b) = (self.value(a)?, self.value(b)?);
                Some(comparison.holds(instant(a, *form)?.cmp(&instant(b, *form)?)))
            }
            ConditionKind::Texts(comparison, sides) => {
                let [a, b] = &**sides;
                let (a, b) = (self.text(a)?, self.text(b)?);
                let length = if comparison.is_order() || a.len() == b.len() {
                    a.len().min(b.len())
                } else {
                    0
                };
                self.steps(length / BYTES_A_STEP, span).then(|| match comparison {
                    Comparison::Equal => a == b,
                    Comparison::Different => a != b,
                    // UTF-8 sorts by code points.
                    _ => comparison.holds(a.cmp(b)),
                })
            }
            ConditionKind::TextTest(test, sides) => {
                let [a, b] = &**sides;
                let (a, b) = (self.text(a)?, self.text(b)?);
                self.steps((a.len() + b.len()) / BYTES_A_STEP, span).then(|| match test {
                    TextTest::StartsWith => a.starts_with(b),
                    TextTest::EndsWith => a.ends_with(b),
                    TextTest::Contains => a.contains(b),
                })
            }
            ConditionKind::Matches(text, pattern) => {
                let text = self.text(text)?;
                // The crate takes time in the length of the text, times that of the pattern.
                let compared = text.len().saturating_mul(pattern.weight);
                self.steps(compared / BYTES_A_STEP, span).then(|| pattern.is_in(text))
            }
            ConditionKind::In(value, sequence) => self.is_in(value, sequence),
            ConditionKind::All(sequence) => self.quantified(sequence, false),
            ConditionKind::Exists(sequence) => self.quantified(sequence, true),
            ConditionKind::ExistsOne(sequence) => self.exists_one(sequence),
            ConditionKind::IsSorted(sequence) => self.is_sorted(sequence),
            ConditionKind::IsUnique(sequence) => self.is_unique(sequence),
        }
    }

    /// Whether parts that `&&` or `||` joins hold: one that is `decisive` decides.
    fn decided_by(&mut self, parts: &[Condition], decisive: bool) -> Option<bool> {
        let mut unknown = false;
        for part in parts {
            match self.condition(part) {
                Some(holds) if holds == decisive => return Some(decisive),
                Some(_) => {}
                None => unknown = true,
            }
        }
        (!unknown).then_some(!decisive)
    }

    /// What was worked out, unless it can't be.
    fn computed<T>(&mut self, result: Option<T>, span: &Span) -> Option<T> {
        if result.is_none() {
            self.fail(span, Why::Digits);
        }
        result
    }

    /// A number; none if nobody knows.
    pub fn number(&mut self, number: &Numeric) -> Option<Number> {
        let span = &number.span;
        if !self.steps(1, span) {
            return None;
        }
        match &number.kind {
            NumericKind::Constant(number) => Some(*number),
            NumericKind::Value(path) => number_of(self.value(path)?),
            NumericKind::SpeltValue(path) => {
                let text = self.value(path)?.as_str()?;
                let well_spelt = !text.contains(['e', 'E']);
                self.steps(text.len() / BYTES_A_STEP, span).then_some(())?;
                Decimal::read(text).filter(|_| well_spelt).map(Number::Decimal)
            }
            NumericKind::Arithmetic(operator, sides) => {
                let [a, b] = &**sides;
                let (a, b) = (self.number(a)?, self.number(b)?);
                let result = match operator {
                    Arithmetic::Add => a.plus(b),
                    Arithmetic::Subtract => a.minus(b),
                    Arithmetic::Multiply => a.times(b),
                };
                self.computed(result, span)
            }
            NumericKind::Negative(inside) => {
                let number = self.number(inside)?.negative();
                self.computed(number, span)
            }
            NumericKind::Choice(parts) => {
                let (condition, holds, fails) = &**parts;
                if self.condition(condition)? { self.number(holds) } else { self.number(fails) }
            }
            NumericKind::DaysBetween(ends) => {
                let [from, to] = &**ends;
                let (from, to) = (self.date(from)?.day()?, self.date(to)?.day()?);
                Some(Number::Integer(i64::from(to) - i64::from(from)))
            }
            NumericKind::PartOf(part, date) => {
                let agreed = self.date(date)?.agreed(|day| match part {
                    Part::Year => i64::from(day.year()),
                    Part::Month => i64::from(day.month()),
                    Part::Day => i64::from(day.day()),
                });
                agreed.map(Number::Integer)
            }
            NumericKind::Length(text) => {
                let text = self.text(text)?;
                self.steps(text.len() / BYTES_A_STEP, span).then_some(())?;
                Some(Number::Integer(text.chars().count() as i64))
            }
            NumericKind::Size(sequence) => self.size(sequence),
            NumericKind::Sum(sequence) => self.sum(sequence),
            NumericKind::Extreme(extreme, sequence) => self.extreme_number(*extreme, sequence),
            NumericKind::Aggregate(slot, _) => match self.frame.aggregates.get(*slot)?.result {
                Worked::Number(number) => Some(number),
                Worked::TooLarge => self.computed(None, span),
                Worked::Date(_) | Worked::Missing => None,
            },
        }
    }

    /// A date; none if nobody knows.
    pub fn date(&mut self, date: &Date) -> Option<Days> {
        if !self.steps(1, &date.span) {
            return None;
        }
        match &date.kind {
            DateKind::Constant(days, _) => Some(*days),
            DateKind::Value(path, form) => {
                let (first, last) = form.days(self.value(path)?, self.dates)?;
                Some(Days::between(first, last))
            }
            DateKind::Composed(path, parts) => {
                let object = self.value(path)?;
                if !self.steps(3 * object.len() / MEMBERS_A_STEP, &date.span) {
                    return None;
                }
                let date = parts.of(object).date().ok().flatten()?;
                Some(Days::between(date.earliest(), date.latest()))
            }
            // An open end has no day.
            DateKind::First(inside) => {
                self.date(inside).and_then(|it| it.first_day().map(|_| Days::one(it.first)))
            }
            DateKind::Last(inside) => {
                self.date(inside).and_then(|it| it.last_day().map(|_| Days::one(it.last)))
            }
            DateKind::Choice(parts) => {
                let (condition, holds, fails) = &**parts;
                if self.condition(condition)? { self.date(holds) } else { self.date(fails) }
            }
            DateKind::Extreme(extreme, sequence) => self.extreme_date(*extreme, sequence),
            DateKind::Aggregate(slot, _) => match self.frame.aggregates.get(*slot)?.result {
                Worked::Date(days) => Some(days),
                Worked::Number(_) | Worked::TooLarge | Worked::Missing => None,
            },
        }
    }

    /// A point in time of the record, as a number that is compared with others of its form.
    fn moment(&mut self, date: &Date) -> Option<Number> {
        let (path, form) = date.instant()?;
        if !self.steps(1, &date.span) {
            return None;
        }
        let (seconds, nanoseconds) = instant(self.value(path)?, form)?;
        Some(Number::whole(i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds)))
    }

    /// A text; none if nobody knows.
    pub fn text<'p>(&mut self, text: &'p Text) -> Option<&'p str>
    where
        't: 'p,
    {
        if !self.steps(1, &text.span) {
            return None;
        }
        match &text.kind {
            TextKind::Constant(text) => Some(text),
            TextKind::Value(path) => self.value(path)?.as_str(),
            TextKind::Choice(parts) => {
                let (condition, holds, fails) = &**parts;
                if self.condition(condition)? { self.text(holds) } else { self.text(fails) }
            }
        }
    }

    /// Whether two values are equal; none if nobody knows.
    fn equal(&mut self, a: &Operand, b: &Operand, span: &Span) -> Option<bool> {
        match (a, b) {
            (Operand::Number(a), Operand::Number(b)) => {
                Some(self.number(a)?.compare(self.number(b)?) == Ordering::Equal)
            }
            (Operand::Date(a), Operand::Date(b)) => match (a.instant(), b.instant()) {
                (Some((_, one)), Some((_, other))) if one == other => {
                    Some(self.moment(a)? == self.moment(b)?)
                }
                _ => self.date(a)?.compare(Comparison::Equal, self.date(b)?),
            },
            (Operand::Text(a), Operand::Text(b)) => {
                let (a, b) = (self.text(a)?, self.text(b)?);
                let length = if a.len() == b.len() { a.len() } else { 0 };
                self.steps(length / BYTES_A_STEP, span).then_some(a == b)
            }
            (Operand::Condition(a), Operand::Condition(b)) => {
                Some(self.condition(a)? == self.condition(b)?)
            }
            _ => None,
        }
    }
}

/// The value of a property of an object.
#[inline]
fn get<'t>(object: Value<'t>, property: &Property) -> Option<Value<'t>> {
    object.numbered(property.number, &property.name)
}

/// The number that a value is.
#[inline]
fn number_of(value: Value<'_>) -> Option<Number> {
    match value.tag() {
        Tag::Integer => value.as_i64().map(Number::Integer),
        Tag::Float => value.as_f64().map(Number::Double),
        Tag::Unsigned => value.as_large_u64().map(|it| Number::whole(it.into())),
        Tag::Null | Tag::Boolean | Tag::Text | Tag::Array | Tag::Object => None,
    }
}

/// A point in time, to be compared with others of its form: seconds, and what is left of one.
fn instant(value: Value<'_>, form: DateForm) -> Option<(i64, i64)> {
    let text = value.as_str()?;
    match form {
        DateForm::Instant => {
            let instant = DateTime::parse_from_rfc3339(text).ok()?;
            Some((instant.timestamp(), instant.timestamp_subsec_nanos().into()))
        }
        DateForm::Local => {
            let clock = clock::local_time(text).filter(|clock| clock.is_exact)?;
            Some((clock.microseconds, 0))
        }
        DateForm::Edtf | DateForm::Day | DateForm::Year => None,
    }
}
