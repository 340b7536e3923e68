//! L001: coordinates that are out of bounds or swapped.

use super::{Check, RecordAt, Rule};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::model::Role;

/// Coordinates that no point on earth has.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "L001",
        name: "impossible-coordinates",
        severity: Severity::Error,
        since: "0.1.0",
        summary: "Latitude or longitude is outside of its range.",
        explanation: "\
Latitudes go from -90 to 90, longitudes from -180 to 180. Where the latitude is out of its range and \
would be in the other's, the two were probably swapped. A point at exactly 0, 0 is no place.",
    },
    check: Check::Record(check),
};

fn check(at: &RecordAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for found in at.find(Role::Latitude) {
        let Some(other) = at.roles.beside(Role::Longitude, &found) else { continue };
        let (Some(latitude), Some(longitude)) = (found.value.as_f64(), other.value.as_f64()) else {
            continue;
        };
        let within = latitude.abs() <= 90.0 && longitude.abs() <= 180.0;
        let null_island = latitude == 0.0 && longitude == 0.0;
        if within && !null_island {
            continue;
        }
        let (message, help) = if null_island {
            (
                "latitude and longitude are both 0, a point in the sea".to_owned(),
                "leave both out where they aren't known",
            )
        } else if longitude.abs() <= 90.0 && latitude.abs() <= 180.0 {
            (
                format!("latitude {latitude} and longitude {longitude} seem to be swapped"),
                "write the latitude first: north and south, from -90 to 90",
            )
        } else {
            (
                format!("latitude {latitude} and longitude {longitude} are no point on earth"),
                "write decimal degrees: latitude from -90 to 90, longitude from -180 to 180",
            )
        };
        diagnostics.push(
            Diagnostic::new(RULE.code, found.place(), message)
                .with(other.place(), "the longitude")
                .help(help),
        );
    }
}
