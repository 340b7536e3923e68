//! Dates with a time, which CEL has no such type for: they are compared by their times with each other, and by
//! their days with other dates.

use demarche::edtf::DateForm;
use demarche::expr::types::ValueKind;
use serde_json::json;

use super::{Record, object, value, verdict};

#[test]
fn points_in_time_are_compared_as_such_with_each_other() {
    let local = || value(ValueKind::Date(DateForm::Local));
    let instant = || value(ValueKind::Date(DateForm::Instant));
    let own = object(vec![
        ("a", local()),
        ("b", local()),
        ("c", local()),
        ("u", instant()),
        ("v", instant()),
        ("w", instant()),
        ("none", instant()),
        ("day", value(ValueKind::Date(DateForm::Day))),
    ]);
    let record = Record::new(&json!({
        "a": "2020-01-01T10:00:00", "b": "2020-01-02T09:00:00", "c": "2020-01-02T09:00:00.5",
        "u": "2020-01-01T10:00:00Z", "v": "2020-01-01T12:00:00+02:00", "w": "2020-01-01T11:00:00Z",
        "day": "2020-01-01",
    }));
    for (text, holds) in [
        ("self.a < self.b && self.b < self.c && self.a != self.b", Some(true)),
        ("[self.a, self.b, self.c].isSorted()", Some(true)),
        ("[self.c, self.b].isSorted()", Some(false)),
        ("[self.b, self.c].isUnique()", Some(true)),
        ("self.b in [self.a, self.c]", Some(false)),
        ("self.u == self.v && self.u < self.w", Some(true)),
        ("self.v in [self.w, self.u]", Some(true)),
        ("[self.u, self.w].isUnique()", Some(true)),
        ("[self.u, self.v].isUnique()", Some(false)),
        ("[self.u, self.none, self.v].isUnique()", Some(false)),
        ("[self.w, self.none, self.u].isSorted()", Some(false)),
        ("[self.u, self.none].isSorted()", None),
        ("self.day == self.u && self.a <= self.w && self.day < self.b", Some(true)),
        ("[self.day, self.u].isSorted()", Some(true)),
    ] {
        let found =
            verdict(text, &record, &own).unwrap_or_else(|fault| panic!("{text}: {fault:?}"));
        assert_eq!(found.holds, holds, "{text}");
    }
    for (text, message) in [
        ("[self.u, self.w].max() <= self.w", "`max` isn't of dates with a time"),
        (
            "(self.u == self.v ? self.u : self.w) < self.w",
            "dates with a time are compared as they stand in the record",
        ),
    ] {
        let fault = verdict(text, &record, &own).expect_err(text);
        assert_eq!(fault.message, message);
    }
}
