//! Expressions with types: what is worked out for a record.

use std::fmt;
use std::sync::Arc;

use super::aggregate::Aggregate;
use super::ast::Comparison;
use super::pattern::Pattern;
use super::types::Property;
use super::{Days, Number, Span};
use crate::edtf::DateForm;
use crate::edtf::parts::{DateParts, Part};

/// Where a path begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    /// `self`: the object that the expression stands on.
    Own,
    /// `parent`: the nearest object around it.
    Parent,
    /// `record`.
    Record,
    /// The item of a macro, by how many macros are around it.
    Item(usize),
    /// `ref(…)`, by its position among those of the expression.
    Named(usize),
}

/// A way to a value.
#[derive(Clone, Debug)]
pub struct Path {
    /// Where it begins.
    pub root: Root,
    /// The names that lead on.
    pub steps: Vec<Property>,
    /// Its bytes in the expression.
    pub span: Span,
}

/// A record that a value names: `ref(value)`.
#[derive(Clone, Debug)]
pub struct Named {
    /// The value.
    pub by: Path,
    /// Index of the table that it refers to.
    pub table: usize,
}

/// What is true, false or unknown.
#[derive(Clone, Debug)]
pub struct Condition {
    /// What it is.
    pub kind: ConditionKind,
    /// Its bytes in the expression.
    pub span: Span,
}

/// The kinds of conditions.
#[derive(Clone, Debug)]
pub enum ConditionKind {
    /// `true`, `false`.
    Constant(bool),
    /// `!a`
    Not(Box<Condition>),
    /// `a && b && …`
    And(Vec<Condition>),
    /// `a || b || …`
    Or(Vec<Condition>),
    /// `c ? a : b`
    Choice(Box<[Condition; 3]>),
    /// A boolean of the record.
    Value(Path),
    /// `has(a.b)`
    Has(Path),
    /// A comparison of booleans: equal, or different.
    Booleans(bool, Box<[Condition; 2]>),
    /// A comparison of numbers.
    Numbers(Comparison, Box<[Numeric; 2]>),
    /// `near(a, b, tolerance)`
    Near(Box<[Numeric; 3]>),
    /// A comparison of dates.
    Dates(Comparison, Box<[Date; 2]>),
    /// A comparison of points in time of one form.
    Instants(Comparison, DateForm, Box<[Path; 2]>),
    /// A comparison of texts.
    Texts(Comparison, Box<[Text; 2]>),
    /// `a.startsWith(b)` and the like.
    TextTest(TextTest, Box<[Text; 2]>),
    /// `a.matches('…')`
    Matches(Text, Arc<Pattern>),
    /// `a in list`
    In(Box<Operand>, Box<Sequence>),
    /// `list.all(i, c)`: the condition stands in the sequence.
    All(Box<Sequence>),
    /// `list.exists(i, c)`
    Exists(Box<Sequence>),
    /// `list.exists_one(i, c)`
    ExistsOne(Box<Sequence>),
    /// `list.isSorted()`
    IsSorted(Box<Sequence>),
    /// `list.isUnique()`
    IsUnique(Box<Sequence>),
}

/// A test of a text by another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextTest {
    /// `startsWith`
    StartsWith,
    /// `endsWith`
    EndsWith,
    /// `contains`
    Contains,
}

/// What is a number.
#[derive(Clone, Debug)]
pub struct Numeric {
    /// What it is.
    pub kind: NumericKind,
    /// Its bytes in the expression.
    pub span: Span,
}

/// The kinds of numbers.
#[derive(Clone, Debug)]
pub enum NumericKind {
    /// A literal.
    Constant(Number),
    /// A number of the record.
    Value(Path),
    /// A number of the record that is spelt as text.
    SpeltValue(Path),
    /// `a + b`, `a - b`, `a * b`
    Arithmetic(Arithmetic, Box<[Numeric; 2]>),
    /// `-a`
    Negative(Box<Numeric>),
    /// `c ? a : b`
    Choice(Box<(Condition, Numeric, Numeric)>),
    /// `days(from, to)`
    DaysBetween(Box<[Date; 2]>),
    /// `year(d)`, `month(d)`, `day(d)`
    PartOf(Part, Box<Date>),
    /// `size(text)`
    Length(Box<Text>),
    /// `size(list)`
    Size(Box<Sequence>),
    /// `.sum()`
    Sum(Box<Sequence>),
    /// `.min()`, `.max()`
    Extreme(Extreme, Box<Sequence>),
    /// `sum(x)` over rows and the like, with its number among those of the expression.
    Aggregate(usize, Arc<Aggregate>),
}

/// The arithmetic of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
}

/// The least or the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extreme {
    /// `.min()`
    Least,
    /// `.max()`
    Greatest,
}

/// What is a date.
#[derive(Clone, Debug)]
pub struct Date {
    /// What it is.
    pub kind: DateKind,
    /// Its bytes in the expression.
    pub span: Span,
}

/// The kinds of dates.
#[derive(Clone, Debug)]
pub enum DateKind {
    /// `date('…')`
    Constant(Days, String),
    /// A date of the record.
    Value(Path, DateForm),
    /// A date that is composed of values of the object at the path.
    Composed(Path, Arc<DateParts>),
    /// `firstDay(d)`
    First(Box<Date>),
    /// `lastDay(d)`
    Last(Box<Date>),
    /// `c ? a : b`
    Choice(Box<(Condition, Date, Date)>),
    /// `.min()`, `.max()`
    Extreme(Extreme, Box<Sequence>),
    /// `min(x)`, `max(x)` over rows, with its number among those of the expression.
    Aggregate(usize, Arc<Aggregate>),
}

/// What is a text.
#[derive(Clone, Debug)]
pub struct Text {
    /// What it is.
    pub kind: TextKind,
    /// Its bytes in the expression.
    pub span: Span,
}

/// The kinds of texts.
#[derive(Clone, Debug)]
pub enum TextKind {
    /// A literal.
    Constant(String),
    /// A text of the record.
    Value(Path),
    /// `c ? a : b`
    Choice(Box<(Condition, Text, Text)>),
}

/// Anything that can be compared.
#[derive(Clone, Debug)]
pub enum Operand {
    /// A number.
    Number(Numeric),
    /// A date.
    Date(Date),
    /// A text.
    Text(Text),
    /// A condition.
    Condition(Condition),
}

impl Operand {
    /// Its bytes in the expression.
    #[must_use]
    pub fn span(&self) -> &Span {
        match self {
            Self::Number(it) => &it.span,
            Self::Date(it) => &it.span,
            Self::Text(it) => &it.span,
            Self::Condition(it) => &it.span,
        }
    }
}

/// Some values in turn.
#[derive(Clone, Debug)]
pub struct Sequence {
    /// Where they come from.
    pub source: Source,
    /// Its bytes in the expression.
    pub span: Span,
}

/// Where the values of a sequence come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// The items of a list of the record.
    List {
        /// The list.
        list: Path,
        /// How many macros are around it.
        depth: usize,
        /// What is said of each item.
        element: Element,
        /// Whether items are single values, and not objects.
        of_values: bool,
    },
    /// `[a, b, c]`
    Listed(Vec<Element>),
}

/// What is said of an item.
#[derive(Clone, Debug)]
pub struct Element {
    /// Only items for which all of these hold.
    pub filters: Vec<Condition>,
    /// The value; none where only their number is asked for.
    pub value: Option<Operand>,
}

impl Condition {
    /// Whether it looks at any value.
    #[must_use]
    pub fn reads(&self) -> bool {
        match &self.kind {
            ConditionKind::Constant(_) => false,
            ConditionKind::Not(inside) => inside.reads(),
            ConditionKind::And(parts) | ConditionKind::Or(parts) => parts.iter().any(Self::reads),
            ConditionKind::Choice(parts) => parts.iter().any(Self::reads),
            ConditionKind::Value(_) | ConditionKind::Has(_) | ConditionKind::Instants(..) => true,
            ConditionKind::Booleans(_, sides) => sides.iter().any(Self::reads),
            ConditionKind::Numbers(_, sides) => sides.iter().any(Numeric::reads),
            ConditionKind::Near(parts) => parts.iter().any(Numeric::reads),
            ConditionKind::Dates(_, sides) => sides.iter().any(Date::reads),
            ConditionKind::Texts(_, sides) | ConditionKind::TextTest(_, sides) => {
                sides.iter().any(Text::reads)
            }
            ConditionKind::Matches(text, _) => text.reads(),
            ConditionKind::In(value, sequence) => value.reads() || sequence.reads(),
            ConditionKind::All(sequence)
            | ConditionKind::Exists(sequence)
            | ConditionKind::ExistsOne(sequence)
            | ConditionKind::IsSorted(sequence)
            | ConditionKind::IsUnique(sequence) => sequence.reads(),
        }
    }
}

impl Numeric {
    /// Whether it looks at any value.
    #[must_use]
    pub fn reads(&self) -> bool {
        match &self.kind {
            NumericKind::Constant(_) => false,
            NumericKind::Value(_) | NumericKind::SpeltValue(_) | NumericKind::Aggregate(..) => true,
            NumericKind::Arithmetic(_, sides) => sides.iter().any(Self::reads),
            NumericKind::Negative(inside) => inside.reads(),
            NumericKind::Choice(parts) => parts.0.reads() || parts.1.reads() || parts.2.reads(),
            NumericKind::DaysBetween(ends) => ends.iter().any(Date::reads),
            NumericKind::PartOf(_, date) => date.reads(),
            NumericKind::Length(text) => text.reads(),
            NumericKind::Size(sequence)
            | NumericKind::Sum(sequence)
            | NumericKind::Extreme(_, sequence) => sequence.reads(),
        }
    }
}

impl Date {
    fn reads(&self) -> bool {
        match &self.kind {
            DateKind::Constant(..) => false,
            DateKind::Value(..) | DateKind::Composed(..) | DateKind::Aggregate(..) => true,
            DateKind::First(inside) | DateKind::Last(inside) => inside.reads(),
            DateKind::Choice(parts) => parts.0.reads() || parts.1.reads() || parts.2.reads(),
            DateKind::Extreme(_, sequence) => sequence.reads(),
        }
    }
}

impl Text {
    fn reads(&self) -> bool {
        match &self.kind {
            TextKind::Constant(_) => false,
            TextKind::Value(_) => true,
            TextKind::Choice(parts) => parts.0.reads() || parts.1.reads() || parts.2.reads(),
        }
    }
}

impl Operand {
    /// Whether it is a value of the record, and nothing is worked out.
    #[must_use]
    pub fn is_value(&self) -> bool {
        match self {
            Self::Number(it) => {
                matches!(it.kind, NumericKind::Value(_) | NumericKind::SpeltValue(_))
            }
            Self::Date(it) => matches!(it.kind, DateKind::Value(..) | DateKind::Composed(..)),
            Self::Text(it) => matches!(it.kind, TextKind::Value(_)),
            Self::Condition(it) => matches!(it.kind, ConditionKind::Value(_)),
        }
    }

    /// Whether it looks at any value.
    #[must_use]
    pub fn reads(&self) -> bool {
        match self {
            Self::Number(it) => it.reads(),
            Self::Date(it) => it.reads(),
            Self::Text(it) => it.reads(),
            Self::Condition(it) => it.reads(),
        }
    }
}

impl Date {
    /// The way to it and its form, if it is a point in time of the record.
    #[must_use]
    pub fn instant(&self) -> Option<(&Path, DateForm)> {
        match &self.kind {
            DateKind::Value(path, form @ (DateForm::Instant | DateForm::Local)) => {
                Some((path, *form))
            }
            _ => None,
        }
    }
}

impl Sequence {
    /// The form of its values, if they are points in time of one form.
    #[must_use]
    pub fn instants(&self) -> Option<DateForm> {
        let form = |element: &Element| match &element.value {
            Some(Operand::Date(date)) => date.instant().map(|(_, form)| form),
            _ => None,
        };
        match &self.source {
            Source::List { element, .. } => form(element),
            Source::Listed(elements) => {
                let first = elements.first().and_then(form)?;
                elements.iter().all(|element| form(element) == Some(first)).then_some(first)
            }
        }
    }

    /// Whether its values are numbers.
    #[must_use]
    pub fn is_of_numbers(&self) -> bool {
        let element = match &self.source {
            Source::List { element, .. } => Some(element),
            Source::Listed(elements) => elements.first(),
        };
        matches!(element.and_then(|it| it.value.as_ref()), Some(Operand::Number(_)))
    }

    fn reads(&self) -> bool {
        let reads = |element: &Element| element.value.as_ref().is_some_and(Operand::reads);
        match &self.source {
            Source::List { .. } => true,
            Source::Listed(elements) => elements.iter().any(reads),
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self.root {
            Root::Own => "self",
            Root::Parent => "parent",
            Root::Record => "record",
            Root::Item(_) => "item",
            Root::Named(_) => "ref(…)",
        })?;
        self.steps.iter().try_for_each(|step| write!(formatter, ".{}", step.name))
    }
}
