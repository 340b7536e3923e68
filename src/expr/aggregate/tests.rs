//! Functions of rows, held against what is worked out plainly from all values at once.

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;

use super::{Aggregate, Aggregated, Partial, Result as Worked};
use crate::expr::evaluate::{Budget, Evaluator, Frame};
use crate::expr::types::{ObjectType, Property, Type, ValueKind, ValueType};
use crate::expr::{self, Fault, Number, Scope};
use crate::parse;
use crate::spill::packed::Reader;
use crate::tape::{Tape, UNKNOWN};
use crate::workspace::SourceId;

fn scope() -> Scope<'static> {
    let member = |name: &str, kind: ValueKind| {
        let property = Property { name: name.to_owned(), number: UNKNOWN };
        (property, Type::Value(ValueType::new(kind)))
    };
    let members = vec![member("x", ValueKind::Number), member("name", ValueKind::Text)];
    let own = Arc::new(ObjectType { members });
    Scope { own: Arc::clone(&own), parent: None, record: own, tables: None }
}

fn aggregates(text: &str) -> Result<Vec<Arc<Aggregate>>, Vec<Fault>> {
    let ast = expr::parse(text).unwrap_or_else(|fault| panic!("{text}: {fault:?}"));
    expr::over_rows(&ast, &scope()).map(|it| it.aggregates)
}

/// What a function comes to for rows, which several workers look at in parts that are written and read again.
fn worked_out(text: &str, rows: &[Option<String>], parts: usize, distinct: u64) -> Aggregated {
    let aggregate = aggregates(&format!("{text} != 0")).expect("it can be used").remove(0);
    let lines: String = rows
        .iter()
        .map(|x| match x {
            Some(x) => format!("{{\"x\": {x}}}\n"),
            None => "{}\n".to_owned(),
        })
        .collect();
    let mut tape = Tape::new(SourceId(0), 0, lines);
    parse::json::parse_lines(&mut tape, SourceId(0), &mut Vec::new());
    let mut partials: Vec<_> = (0..parts).map(|_| Partial::of(&aggregate)).collect();
    let mut text = String::new();
    for (number, row) in tape.roots().enumerate() {
        let mut budget = Budget::default();
        let frame = Frame::of(row);
        let mut evaluator = Evaluator { frame, budget: &mut budget, dates: &[] };
        let part = number * 7 % parts;
        let _ = partials[part].add(&aggregate, &mut evaluator, &mut text);
    }
    let mut all = Partial::of(&aggregate);
    for partial in partials.iter().rev() {
        let mut bytes = Vec::new();
        partial.write(&mut bytes);
        let mut rest = Reader(&bytes);
        all.absorb(&Partial::read(&aggregate, &mut rest), aggregate.function);
        assert!(rest.0.is_empty(), "all that is written is read");
    }
    all.finish(aggregate.function, distinct)
}

fn number(aggregated: &Aggregated) -> Option<Number> {
    match aggregated.result {
        Worked::Number(number) => Some(number),
        Worked::Missing | Worked::TooLarge | Worked::Date(_) => None,
    }
}

proptest! {
    #[test]
    fn parts_in_any_order_come_to_the_same(
        values in prop::collection::vec(prop::option::of((-100_000i64..100_000, 0u32..4)), 0..30),
        parts in 1usize..5,
    ) {
        let rows: Vec<_> = values.iter().map(|value| value.map(|(x, places)| format!("{x}e-{places}"))).collect();
        // As thousandths.
        let known: Vec<i64> = values.iter().flatten().map(|(x, places)| x * 10i64.pow(3 - places)).collect();
        let unknown = (values.len() - known.len()) as u64;
        let of = |text: &str| worked_out(text, &rows, parts, 0);
        let is = |aggregated: Aggregated, thousandths: Option<i64>| {
            let expected = thousandths.map(|it| format!("{it}e-3")).map(|it| number(&worked_out("sum(self.x)", &[Some(it)], 1, 0)).expect("a number"));
            match (number(&aggregated), expected) {
                (Some(a), Some(b)) => a.compare(b).is_eq() && aggregated.unknown == unknown,
                (a, b) => a.is_none() && b.is_none(),
            }
        };
        let sum = known.iter().sum::<i64>();
        let has_sum = !known.is_empty() || unknown == 0;
        prop_assert!(is(of("sum(self.x)"), has_sum.then_some(sum)));
        prop_assert!(is(of("min(self.x)"), known.iter().min().copied()));
        prop_assert!(is(of("max(self.x)"), known.iter().max().copied()));
        let above = known.iter().filter(|it| **it > 500).count();
        prop_assert_eq!(number(&of("count(self.x > 0.5)")), Some(Number::Integer(above as i64)));
        prop_assert_eq!(number(&of("count()")), Some(Number::Integer(values.len() as i64)));
        if known.is_empty() {
            prop_assert_eq!(of("mean(self.x)").result, Worked::Missing);
            prop_assert_eq!(of("share(self.x > 0.5)").result, Worked::Missing);
        } else {
            let mean = sum as f64 / (1000.0 * known.len() as f64);
            let share = above as f64 / known.len() as f64;
            prop_assert!(number(&of("mean(self.x)")).expect("a mean").compare(Number::Double(mean)).is_eq());
            prop_assert!(number(&of("share(self.x > 0.5)")).expect("a share").compare(Number::Double(share)).is_eq());
        }
    }

    #[test]
    fn whether_a_sum_is_too_large_does_not_depend_on_the_order(
        values in prop::collection::vec((-9i64..10, prop_oneof![Just(0i32), 34i32..39, -8i32..0]), 1..8).prop_shuffle(),
        parts in 1usize..5,
    ) {
        let rows: Vec<_> = values.iter().map(|(x, exponent)| Some(format!("{x}e{exponent}"))).collect();
        let backwards: Vec<_> = rows.iter().rev().cloned().collect();
        let one = worked_out("sum(self.x)", &rows, 1, 0).result;
        prop_assert_eq!(worked_out("sum(self.x)", &rows, parts, 0).result, one);
        prop_assert_eq!(worked_out("sum(self.x)", &backwards, parts, 0).result, one);
    }
}

#[test]
fn equal_values_are_one() {
    let aggregate = aggregates("distinct(self.x) > 0").expect("it can be used").remove(0);
    let lines = "{\"x\": 1}\n{\"x\": 1.0}\n{\"x\": 10e-1}\n{\"x\": 2}\n{\"x\": 1e300}\n{}\n";
    let mut tape = Tape::new(SourceId(0), 0, lines.to_owned());
    parse::json::parse_lines(&mut tape, SourceId(0), &mut Vec::new());
    let mut partial = Partial::of(&aggregate);
    let mut hashes = BTreeSet::new();
    for row in tape.roots() {
        let mut budget = Budget::default();
        let frame = Frame::of(row);
        let mut evaluator = Evaluator { frame, budget: &mut budget, dates: &[] };
        hashes.extend(partial.add(&aggregate, &mut evaluator, &mut String::new()));
    }
    let aggregated = partial.finish(aggregate.function, hashes.len() as u64);
    assert_eq!(number(&aggregated), Some(Number::Integer(3)));
    assert_eq!((aggregated.known, aggregated.unknown), (5, 1));
}

#[test]
fn what_is_no_function_of_rows_is_refused() {
    for (text, expected) in [
        ("self.x > 1", "`self` is one row, and this is about many"),
        ("sum(sum(self.x)) > 1", "`sum` stands in another function of rows"),
        ("sum(self.name) > 1", "this is a text, and only numbers are added and multiplied"),
        ("max(self.name) == 'a'", "`max` is of numbers and dates, and this is a text"),
        ("count(self.x) > 1", "this is a number, where a condition is expected"),
        ("count(true) > 1", "this looks at no value of the rows"),
        ("avg(self.x) > 1", "there is no function `avg`"),
        (
            "count(self.x > 1, self.x > 2) > 1",
            "`count` can't be used with 2 values in its parentheses",
        ),
        ("count()", "this is a number, where a condition is expected"),
    ] {
        let faults = aggregates(text).expect_err(text);
        assert_eq!(faults[0].message, expected, "{text}");
    }
    let ast = expr::parse("count() > 1").expect("it can be read");
    let faults = expr::condition(&ast, &scope(), &mut Vec::new()).expect_err("it isn't about rows");
    assert_eq!(faults[0].message, "`count` is about many rows, and this is about one record");
}
