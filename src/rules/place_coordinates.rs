//! L001: coordinates that are out of bounds or swapped.

use super::place_outside_state::{Bounds, bounds_of, inside, state_of};
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
would be in the other's, the two were probably swapped, unless a state (role `place-state`, or `state`) beside them says otherwise. A point at exactly 0, 0 is no place.",
        ..Code::OF_RULE
    },
    check: Check::Record(check),
};

fn check(at: &RecordAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for found in at.find(Role::Latitude) {
        let Some(other) = at.roles.beside(Role::Longitude, &found) else { continue };
        let (Some(latitude), Some(longitude)) = (found.value.as_f64(), other.value.as_f64()) else {
            continue;
        };
        if is_place(latitude, longitude) {
            continue;
        }
        let null_island = latitude == 0.0 && longitude == 0.0;
        let state = state_of(at, &found);
        let elsewhere = |bounds: &[Bounds]| !inside(bounds, longitude, latitude, 0.0);
        let may_be_swapped = longitude.abs() <= 90.0
            && latitude.abs() <= 180.0
            && !state.and_then(|state| bounds_of(&state.text())).is_some_and(elsewhere);
        let (message, help) = if null_island {
            (
                "latitude and longitude are both 0, a point in the sea".to_owned(),
                "leave both out where they aren't known",
            )
        } else if may_be_swapped {
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

/// Whether there is a point on earth that people mean by the coordinates.
pub(super) fn is_place(latitude: f64, longitude: f64) -> bool {
    let within = latitude.abs() <= 90.0 && longitude.abs() <= 180.0;
    within && !(latitude == 0.0 && longitude == 0.0)
}
