//! T006: a code for missing, where missing is said by leaving out.

use super::{Check, Looks, Rule, TextAt};
use crate::diagnostic::{Code, Diagnostic, Severity, quote};
use crate::schema::leave_out;

/// Words and numbers that stand for nothing.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "T006",
        name: "sentinel",
        severity: Severity::Warning,
        since: "0.1.0",
        summary: "A text stands for a missing value.",
        explanation: "\
Empty means unknown here. `n/a`, `unknown`, `-99`, `9999` or `1753-01-01` is taken for a value by \
everybody who doesn't know the convention. Keys and references, which may well be `NA`, and the \
names `Na`, `Nan`, `Nil` and `Null` are left alone. So is what a schema admits as one of its own: where a \
`pattern` or a `maxLength` has no room for the word `unknown`, texts are codes, and `NA` is Namibia. A code list may have a code for `unknown` where the \
difference between unknown and not asked matters.",
    },
    check: Check::Text(Looks::Begins { with: BEGINNINGS, most: LONGEST }, check),
};

/// Compared without regard to letter case.
const SENTINELS: [&str; 25] = [
    "-",
    "--",
    "-1",
    "-9",
    "-88",
    "-99",
    "-999",
    "-9999",
    "?",
    "??",
    "1753-01-01",
    "1900-01-00",
    "9999",
    "9999-12-31",
    "#n/a",
    "n.a.",
    "n/a",
    "na",
    "nan",
    "nil",
    "none",
    "null",
    "tbd",
    "undefined",
    "unknown",
];

/// Spelled like this, names of people: no program and nobody writes a sentinel so.
const NAMES: [&str; 4] = ["Na", "Nan", "Nil", "Null"];

/// The longest of them, in bytes.
const LONGEST: usize = 10;

/// What they begin with.
const BEGINNINGS: &[u8] = b"-?19#nNtTuU";

fn check(at: &TextAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let stands = SENTINELS.iter().any(|sentinel| at.text.eq_ignore_ascii_case(sentinel));
    let is_code = || at.scalar.is_some_and(|scalar| scalar.terse);
    if stands && !NAMES.contains(&at.text) && !at.identifies() && !is_code() {
        let message =
            format!("{} is {}, which stands for a missing value", at.subject(), quote(at.text));
        diagnostics.push(
            Diagnostic::new(RULE.code, at.place(), message)
                .help(leave_out(Some(at.table), &(at.pointer)())),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::{BEGINNINGS, LONGEST, SENTINELS};

    #[test]
    fn every_sentinel_is_looked_at() {
        for sentinel in SENTINELS {
            let first = sentinel.as_bytes()[0];
            for first in [first, first.to_ascii_uppercase()] {
                assert!(BEGINNINGS.contains(&first) && sentinel.len() <= LONGEST, "{sentinel}");
            }
        }
    }
}
