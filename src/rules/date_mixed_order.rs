//! D009: a column of written dates in which some begin with the day and some with the month.

use std::collections::BTreeMap;

use super::{Check, DatasetAt, Rule};
use crate::diagnostic::{Code, Diagnostic, Findings, Severity, quote};
use crate::dialect::date_line;
use crate::fault::Fault;
use crate::spill::Spot;

/// Texts that can only be read as day-month-year beside others that can't.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "D009",
        name: "mixed-day-month",
        severity: Severity::Warning,
        since: "0.1.0",
        summary: "Texts of one column write dates both with the day and with the month first.",
        explanation: "\
`13/04/2021` has the day first and `04/25/2021` the month, and where one column has both, nobody can \
tell what `03/04/2021` means. It happens when files of two coders, or of spreadsheets in two languages, \
are put together. Only texts that are nothing but such a date are looked at, and only a column with \
dates that can be read in one order alone, of both orders, is reported: once, at the first of the rarer \
order. Better than to agree on an order is to make the property a date (`format: edtf`) and write \
`2021-04-13`.",
        needs_all_records: true,
        ..Code::OF_RULE
    },
    check: Check::Dataset(check),
};

/// Which of the two comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// `13/04/2021`
    DayFirst,
    /// `04/25/2021`
    MonthFirst,
}

/// The dates of one order in one column.
#[derive(Clone, Debug)]
struct Written {
    count: u64,
    /// The one whose place comes first.
    first: Spot,
    text: String,
}

/// The written dates of one column, those with the day first before the others.
type Column = [Option<Written>; 2];

/// The columns of text that hold written dates, by table and path.
#[derive(Debug, Default)]
pub struct WrittenDates(BTreeMap<(usize, String), Column>);

impl WrittenDates {
    /// Notes a text whose order is known.
    pub fn add(&mut self, table: usize, pointer: &str, order: Order, text: &str, spot: Spot) {
        let number =
            |step: &str| !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit());
        let steps: Vec<_> =
            pointer.split('/').map(|step| if number(step) { "*" } else { step }).collect();
        let column = self.0.entry((table, steps.join("/"))).or_default();
        merge(
            &mut column[order as usize],
            Written { count: 1, first: spot, text: text.to_owned() },
        );
    }

    /// Takes over what another one holds.
    pub fn append(&mut self, other: Self) {
        for (name, column) in other.0 {
            let mine = self.0.entry(name).or_default();
            for (mine, written) in mine.iter_mut().zip(column) {
                if let Some(written) = written {
                    merge(mine, written);
                }
            }
        }
    }
}

fn merge(all: &mut Option<Written>, some: Written) {
    match all {
        None => *all = Some(some),
        Some(all) => {
            let count = all.count + some.count;
            if some.first < all.first {
                *all = some;
            }
            all.count = count;
        }
    }
}

/// Whether a text may be a date as [`order`] reads it.
#[inline]
pub(super) fn may_be_written_date(text: &[u8]) -> bool {
    // Most texts are longer, or begin with a letter.
    (8..=10).contains(&text.len()) && text[0].is_ascii_digit()
}

/// The order in which a text writes a date, if it is nothing else and can be read in one order
/// only.
#[must_use]
pub fn order(text: &str) -> Option<Order> {
    if !may_be_written_date(text.as_bytes()) {
        return None;
    }
    let separator = text.chars().find(|it| matches!(it, '/' | '.' | '-'))?;
    let mut parts = text.split(separator);
    let mut number = |digits: std::ops::RangeInclusive<usize>| -> Option<u32> {
        let part = parts.next().filter(|part| digits.contains(&part.len()))?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())?
    };
    let (first, second) = (number(1..=2)?, number(1..=2)?);
    number(4..=4)?;
    if parts.next().is_some() {
        return None;
    }
    match (first, second) {
        (13..=31, 1..=12) => Some(Order::DayFirst),
        (1..=12, 13..=31) => Some(Order::MonthFirst),
        _ => None,
    }
}

fn check(at: &DatasetAt<'_>, findings: &mut Findings) -> Result<(), Fault> {
    for ((table, pointer), column) in &at.written.0 {
        let [Some(days), Some(months)] = column else { continue };
        let months_are_rarer = (months.count, days.first) < (days.count, months.first);
        let (rare, usual) = if months_are_rarer { (months, days) } else { (days, months) };
        let (order, other) = if months_are_rarer { ("month", "day") } else { ("day", "month") };
        let path = crate::pointer::readable(pointer).replace(".*", "[]");
        let message = format!(
            "`{path}` is {}, with the {order} first, but in {} of `{}` the {other} comes first",
            quote(&rare.text),
            match usual.count {
                1 => "another text".to_owned(),
                count => format!("{count} other texts"),
            },
            at.context.model.tables[*table].name
        );
        let help = match rare.count {
            1 => "write it in the order of the others; better, make the property a date".to_owned(),
            count => format!(
                "write it, and the other {} like it, in one order; better, make the property a date",
                count - 1
            ),
        };
        let table = &at.context.model.tables[*table].name;
        let first = date_line(&rare.text);
        let help = match &first {
            Some(line) => format!(
                "{help}, and declare in dataset.toml how each CSV file writes it:\n[[tables.{table}.csv]]\n\
                 files = [\"…\"]\n{line}"
            ),
            None => help,
        };
        findings.push(
            Diagnostic::new(RULE.code, rare.first.place(), message)
                .label(format!("the {order} first"))
                .with(usual.first.place(), format!("the {other} first"))
                .help(help),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Order, order};

    #[test]
    fn order_is_known_only_where_one_half_can_be_no_month() {
        for (text, expected) in [
            ("13/04/2021", Some(Order::DayFirst)),
            ("04/25/2021", Some(Order::MonthFirst)),
            ("31.1.2021", Some(Order::DayFirst)),
            ("1-31-2021", Some(Order::MonthFirst)),
            ("03/04/2021", None),
            ("2021-04-13", None),
            ("13/13/2021", None),
            ("32/01/2021", None),
            ("13/04/21", None),
            ("13/04-2021", None),
            ("13/04/2021/", None),
            ("13.04.20.1", None),
            ("1٣/04/2021", None),
        ] {
            assert_eq!(order(text), expected, "{text}");
        }
    }
}
