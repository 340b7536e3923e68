//! L002: a point that isn't in its state.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::place_coordinates::is_place;
use super::{Check, Found, RecordAt, Rule};
use crate::diagnostic::{Code, Diagnostic, Severity, quote};
use crate::model::Role;

/// A point outside of the boxes around its state.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "L002",
        name: "outside-state",
        severity: Severity::Warning,
        since: "0.1.0",
        summary: "A place lies outside of the state that it is said to be in.",
        explanation: "\
The point is compared with the boxes around the parts of the state (role `place-state`, or `state` where no property beside \
it has that role; ISO 3166-1 alpha-3), \
with a quarter of a degree to spare. The boxes are those of the map subunits of Natural Earth at \
1:50,000,000, in the public domain, rounded outwards; \
islands, exclaves and bases that the map leaves out or counts as a territory of their own were added by hand. Where the point \
lies five degrees away or more, and would be inside with latitude and longitude swapped, the help says so. A box is \
larger than its state, so a point without a finding may still lie outside.",
        ..Code::OF_RULE
    },
    check: Check::Record(check),
};

/// West, south, east, north, in degrees.
pub(super) type Bounds = [f64; 4];

static BOUNDS: LazyLock<HashMap<&str, Vec<Bounds>>> = LazyLock::new(|| {
    let mut bounds: HashMap<&str, Vec<Bounds>> = HashMap::new();
    for line in include_str!("state_bounds.csv").lines().skip(1) {
        let mut cells = line.split(',');
        let state = cells.next().expect("a line has a state");
        let mut degrees = cells.map(|cell| cell.parse().expect("bounds are numbers"));
        let mut next = || degrees.next().expect("a line has four bounds");
        bounds.entry(state).or_default().push([next(), next(), next(), next()]);
    }
    bounds
});

/// How far outside of a box a point may lie without a finding.
const SPARE_DEGREES: f64 = 0.25;

/// How far a point must lie from the boxes before the help suggests that latitude and longitude are
/// swapped. A nearer point mostly lies in a neighbouring state, and swapping hits a box by chance: that
/// of Ankara, swapped, lies in Syria's.
const FAR_DEGREES: f64 = 5.0;

/// The boxes around a state's parts, if it is one that is known.
pub(super) fn bounds_of(state: &str) -> Option<&'static [Bounds]> {
    BOUNDS.get(state).map(Vec::as_slice)
}

fn check(at: &RecordAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for found in at.find(Role::Latitude) {
        let Some(other) = at.roles.beside(Role::Longitude, &found) else { continue };
        let Some(state) = state_of(at, &found) else { continue };
        let (Some(latitude), Some(longitude)) = (found.value.as_f64(), other.value.as_f64()) else {
            continue;
        };
        let Some(bounds) = bounds_of(&state.text()) else { continue };
        // What is no point at all is said elsewhere.
        if !is_place(latitude, longitude) || inside(bounds, latitude, longitude, SPARE_DEGREES) {
            continue;
        }
        let far = !inside(bounds, latitude, longitude, FAR_DEGREES);
        let help = if far && inside(bounds, longitude, latitude, 0.0) {
            "were latitude and longitude swapped? the other way round the point lies in it"
        } else {
            "check the coordinates, their signs, and the state"
        };
        let message = format!(
            "the point {latitude}, {longitude} lies outside of the state {}",
            quote(&state.text())
        );
        diagnostics.push(
            Diagnostic::new(RULE.code, found.place(), message)
                .with(other.place(), "the longitude")
                .with(state.place(), "the state")
                .help(help),
        );
    }
}

/// The state in which a place lies: what stands beside it with that role, else the state that takes part
/// there, if no property has the role.
pub(super) fn state_of<'a>(at: &RecordAt<'a>, place: &Found<'a, 'a>) -> Option<Found<'a, 'a>> {
    match at.roles.stands_beside(Role::PlaceState, place) {
        true => at.roles.beside(Role::PlaceState, place),
        false => at.roles.beside(Role::State, place),
    }
}

/// Whether a point lies in one of the boxes, or no more than so many degrees beside it.
pub(super) fn inside(bounds: &[Bounds], latitude: f64, longitude: f64, spare: f64) -> bool {
    bounds.iter().any(|[west, south, east, north]| {
        (west - spare..=east + spare).contains(&longitude)
            && (south - spare..=north + spare).contains(&latitude)
    })
}
