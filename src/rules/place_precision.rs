//! L003: coordinates that say more, or less, than their precision.

use super::place_coordinates::is_place;
use super::{Check, RecordAt, Rule};
use crate::diagnostic::{Code, Diagnostic, Severity, quote};
use crate::model::Role;

/// Digits that don't fit the stated precision.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "L003",
        name: "precision-mismatch",
        severity: Severity::Note,
        since: "0.1.0",
        summary: "Coordinates have more or fewer digits than the stated precision.",
        explanation: "\
Two decimals of a degree are about a kilometre, four are ten metres. A point coded `exact` (role \
`place-precision`) needs three decimals at least; a city, a region or a country with more than four \
pretends to an exactness that it doesn't have.",
        ..Code::OF_RULE
    },
    check: Check::Record(check),
};

fn check(at: &RecordAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for found in at.find(Role::Latitude) {
        let Some(precision) = at.roles.beside(Role::PlacePrecision, &found) else { continue };
        let Some(other) = at.roles.beside(Role::Longitude, &found) else { continue };
        let degrees = found.value.as_f64().zip(other.value.as_f64());
        // Digits of what is no point at all mean nothing.
        if !degrees.is_some_and(|(latitude, longitude)| is_place(latitude, longitude)) {
            continue;
        }
        let decimals = [&found, &other].map(|found| decimals(found.value.literal()));
        let [Some(a), Some(b)] = decimals else { continue };
        let decimals = a.max(b);
        let stated = precision.value.as_str().unwrap_or_default();
        let (wrong, help) = match stated {
            "exact" => (decimals < 3, "give the point's coordinates, or a coarser precision"),
            "city" | "district" | "region" | "admin1" | "country" => {
                (decimals > 4, "round the coordinates to what is known")
            }
            _ => (false, ""),
        };
        if wrong {
            let digits = if decimals == 1 { "decimal" } else { "decimals" };
            let message = format!(
                "coordinates with {decimals} {digits} don't fit the precision {}",
                quote(stated)
            );
            diagnostics.push(
                Diagnostic::new(RULE.code, found.place(), message)
                    .with(precision.place(), "the precision")
                    .help(help),
            );
        }
    }
}

/// How many digits the source writes after the point; none where it can't be seen.
fn decimals(literal: Option<&str>) -> Option<usize> {
    let literal = literal.filter(|literal| !literal.contains(['e', 'E']))?;
    Some(
        literal
            .split_once('.')
            .map_or(0, |(_, decimals)| decimals.bytes().take_while(u8::is_ascii_digit).count()),
    )
}
