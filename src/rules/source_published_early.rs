//! D003: a source that reports what hadn't happened yet.

use super::date_day_month_swapped::swapped;
use super::facts::by_object;
use super::{Check, NamedAt, Rule};
use crate::diagnostic::{Code, Consequence, Diagnostic, Severity, quote};
use crate::fault::Fault;
use crate::model::Role;

/// A supporting source published before the first day of an event that is said to have occurred.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "D003",
        name: "source-published-early",
        severity: Severity::Warning,
        since: "0.1.0",
        summary: "A source was published before the event that it is said to report as past.",
        explanation: "\
A report can't be older than what it reports as past: the date nearest to the source in the record (role `date`, or \
`start`). Either date may be wrong, the source may be \
an announcement, or it may belong to another event. Around midnight the two may be days of \
different time zones. Evidence with a stance other than `supports`, \
and records with a status other than `occurred`, are left alone.",
        needs_all_records: true,
        consequence: Consequence::OfDate,
        ..Code::OF_RULE
    },
    check: Check::Named(Role::Source, check),
};

/// From so many stances on they are looked up.
const FEW: usize = 32;

/// How soon after an event's date with day and month swapped a source makes the swap likely.
const SWAPPED_DAYS: i64 = 7;

fn check(at: &NamedAt<'_>, diagnostics: &mut Vec<Diagnostic>) -> Result<(), Fault> {
    let facts = &at.record.facts;
    let past = facts.statuses().iter().all(|status| status.value == "occurred");
    if !past {
        return Ok(());
    }
    // Few have many; then each is found at once.
    let stances = (facts.stances().len() > FEW).then(|| by_object(facts.stances()));
    for source in facts.sources() {
        let Some(event) = facts.when(source) else { continue };
        let Some(first_day) = event.value.0 else { continue };
        // That it has not occurred yet is said of the record.
        if !facts.statuses().is_empty() && at.released.is_some_and(|day| first_day > day) {
            continue;
        }
        let stance = match &stances {
            Some(stances) => stances.get(&source.object).copied(),
            None => facts.stances().iter().find(|stance| stance.object == source.object),
        };
        if stance.is_some_and(|stance| stance.value != "supports") {
            continue;
        }
        let Some(report) = at.named.get(&source.value)? else { continue };
        let Some(published) = report.facts.published().first() else { continue };
        let day = published.value.1;
        let Some(day) = day.filter(|day| *day < first_day) else { continue };
        let swapped = swapped(event.value)
            .filter(|swapped| (0..=SWAPPED_DAYS).contains(&(day - *swapped).num_days()));
        let help = match swapped {
            Some(meant) => format!("were day and month swapped? {meant} would fit"),
            None => "check both dates; is it an announcement, or about another event?".to_owned(),
        };
        let message = format!(
            "the source {} was published on {day}, before the event of {first_day}",
            quote(&source.value)
        );
        diagnostics.push(
            Diagnostic::new(RULE.code, source.spot.place(), message)
                .label("supports an event that was still to come")
                .with(event.spot.place(), "the event's date")
                .with(published.spot.place(), "when the source was published")
                .help(help),
        );
    }
    Ok(())
}
