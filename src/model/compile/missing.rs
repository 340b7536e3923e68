//! What stands for missing values in a column, and which column says why.
//!
//! A property's own markers (`x-missing`) replace those of its table. No value of a column can be a marker
//! as well: what is surely one is an error, and what bounds or a pattern let through is a warning, if it is
//! the table that declares it and not the property.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::Compiler;
use super::gather::{Clauses, Condition, first_with};
use super::scalar::name;
use super::scope::Contents;
use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Diagnostic, Place, code, one_of, quote};
use crate::ecma::{Pattern, Verdict};
use crate::manifest::missing;
use crate::manifest::missing::SENTINELS;
use crate::model::document::Node;
use crate::model::kind::Class;
use crate::model::{About, Column, Field, Kind, Level, Marker, Role, Scalar, Shape};
use crate::schema::certain::constants;
use crate::tape::equality::Number;

/// What spells a boolean in a CSV file.
const BOOLEANS: [&str; 8] = ["true", "TRUE", "True", "1", "false", "FALSE", "False", "0"];

/// A property that says why another one is missing.
pub(super) struct Reason {
    property: String,
    of: String,
    place: Place,
}

/// The properties that say why others are missing.
pub(super) fn reasons(properties: &[(&str, Clauses<'_>)]) -> Vec<Reason> {
    let reason = |(property, clauses): &(&str, Clauses<'_>)| {
        let node = first_with(clauses, "x-missing-of")?;
        let of = node.text("x-missing-of")?.to_owned();
        Some(Reason { property: (*property).to_owned(), of, place: node.place_of("x-missing-of") })
    };
    properties.iter().filter_map(reason).collect()
}

/// A list has no properties beside one another.
pub(super) fn misplaced(node: &Node<'_>) -> Diagnostic {
    let message = "`x-missing-of` stands on a property beside the one that may be missing";
    Diagnostic::new(&code::MISUSED_ANNOTATION, node.place_of("x-missing-of"), message)
        .help("make the items objects with a property for the value and one for the reason")
}

impl Level {
    /// Whether records write markers where values are missing.
    pub(super) fn has_markers(&self) -> bool {
        self.columns.iter().any(|column| !column.about.missing.is_empty())
            || self.lists.iter().any(Self::has_markers)
    }
}

impl<'c> Compiler<'c> {
    /// Adds the markers of a value, or of the texts of a language map.
    pub(super) fn with_markers(
        &mut self,
        about: About,
        clauses: &Clauses<'c>,
        scalar: &mut Scalar,
    ) -> About {
        let own = first_with(clauses, "x-missing").and_then(|node| node.get("x-missing"));
        // What is wrong with how they are written was said where all annotations are checked.
        let declared = own.map(|node| missing::markers(node.value, &node.pointer, &mut Vec::new()));
        let is_own = declared.is_some();
        let markers = declared.unwrap_or_else(|| self.missing.clone());
        for marker in &markers {
            let finding = match self.value_that_is(marker, clauses, scalar) {
                Some(value) => Some(contradiction(marker, is_own, value, clauses)),
                None if is_own => None,
                None => admitted(marker, clauses, scalar),
            };
            // A definition that several properties refer to has its fault once.
            if let Some(finding) = finding
                && !self.found.contains(&finding)
            {
                self.found.push(finding);
            }
        }
        scalar.is_watched = is_quantity(scalar)
            && !(is_own && markers.is_empty())
            && self.listed(clauses).is_empty()
            && !is_scale(clauses);
        About { missing: markers, ..about }
    }

    /// The values that the schemas list that always hold.
    fn listed<'a>(&'a self, clauses: &'a Clauses<'c>) -> Vec<&'a [Json]> {
        let always = clauses.iter().filter(|clause| clause.condition == Condition::Always);
        always.filter_map(|clause| constants(self.documents.keywords(&clause.node)?)).collect()
    }

    /// What a marker is besides: a value that the column surely holds.
    fn value_that_is(
        &self,
        marker: &Marker,
        clauses: &Clauses<'c>,
        scalar: &Scalar,
    ) -> Option<&'static str> {
        let is_integer = matches!(scalar.kind, Kind::IntegerCode { .. });
        let is_it = |code: &String| {
            let number = missing::number(code).filter(|_| is_integer);
            *code == marker.text || number.is_some() && number == marker.number
        };
        if scalar.kind.codes().is_some_and(|codes| codes.values.iter().any(is_it)) {
            return Some("one of the codes");
        }
        let is_listed = |value: &Json| match value {
            Json::String(text) => *text == marker.text,
            Json::Number(number) => {
                let double = number.as_f64();
                marker.number.is_some() && double.map(Number::double) == marker.number
            }
            _ => false,
        };
        if self.listed(clauses).into_iter().any(|values| values.iter().any(is_listed)) {
            return Some("one of the values");
        }
        let is_boolean = scalar.kind.class() == Class::Boolean;
        (is_boolean && BOOLEANS.contains(&marker.text.as_str())).then_some("a truth value")
    }

    /// A key is never missing: the markers of its table don't hold for it.
    pub(super) fn no_markers_of_key(&mut self, column: &mut Column) {
        let of_schema = |marker: &&Marker| marker.place.source != self.manifest.source;
        if let Some(marker) = column.about.missing.iter().find(of_schema) {
            let message = format!("`{}` is a key, and a key is never missing", column.name);
            let place = marker.place.clone();
            self.found
                .push(Diagnostic::new(&code::UNUSABLE_MARKER, place, message).help(
                    "leave `x-missing` out: the markers of the table don't hold for its key",
                ));
        }
        column.about.missing.clear();
    }

    /// Tells the fields of an object which of them say why others are missing.
    pub(super) fn give_reasons(
        &mut self,
        reasons: &[Reason],
        fields: &mut [Field],
        contents: &mut Contents,
    ) {
        let mut given: BTreeMap<usize, &Place> = BTreeMap::new();
        for reason in reasons {
            let position = |name: &str| fields.iter().position(|field| field.name == name);
            // A field that couldn't be compiled has findings of its own.
            let Some(by) = position(&reason.property) else { continue };
            let misused = |message: String| {
                Diagnostic::new(&code::MISUSED_ANNOTATION, reason.place.clone(), message)
            };
            let Some(of) = position(&reason.of).filter(|of| *of != by) else {
                let names = fields.iter().map(|field| field.name.as_str());
                let names = || names.clone().filter(|name| *name != reason.property);
                let message = format!(
                    "`x-missing-of` is {}, which is no other property of the same object",
                    quote(&reason.of)
                );
                let help = match nearest(&reason.of, names()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the others are {}", one_of(names())),
                };
                let place = reason.place.clone();
                self.found.push(Diagnostic::new(&code::UNKNOWN_NAME, place, message).help(help));
                continue;
            };
            let scalar = |field: usize| match &fields[field].shape {
                Shape::Scalar { scalar, column } => Some((scalar, *column)),
                Shape::Group(_) | Shape::Languages(_) | Shape::List { .. } => None,
            };
            let column_of = scalar(of).map(|(_, column)| column);
            let markers: &[Marker] =
                column_of.map_or(&[], |column| &contents.columns[column].about.missing);
            let codes = scalar(by).and_then(|(scalar, column)| match &scalar.kind {
                Kind::Code(codes) => Some((codes, column)),
                _ => None,
            });
            let Some((codes, column)) = codes else {
                self.found.push(
                    misused(format!(
                        "`{}` gives reasons, but it isn't one of some texts",
                        reason.property
                    ))
                    .help("let it be text with the reasons as its `enum`, or with an `x-codelist`"),
                );
                continue;
            };
            if fields[by].required {
                self.found.push(
                    misused(format!(
                        "`{}` is required, but `{}` isn't always missing",
                        reason.property, reason.of
                    ))
                    .help("leave it out of `required`"),
                );
            }
            if markers.is_empty() {
                let message = format!(
                    "`x-missing-of` names `{}`, for which no marker for missing values is declared",
                    reason.of
                );
                self.found.push(
                    Diagnostic::new(&code::UNUSABLE_MARKER, reason.place.clone(), message)
                        .with(fields[of].place.clone(), "this property")
                        .help("give it an `x-missing`, or its table `missing` in the manifest"),
                );
            }
            if let Some(other) = given.insert(of, &reason.place) {
                self.found.push(
                    misused(format!("two properties say why `{}` is missing", reason.of))
                        .with(other.clone(), "the other one")
                        .help("keep one of the two"),
                );
            }
            for marker in markers {
                let Some(why) = marker.reason.as_ref().filter(|why| !codes.values.contains(why))
                else {
                    continue;
                };
                let message = format!(
                    "the reason {} of the marker `{}` is none of the codes of `{}`",
                    quote(why),
                    marker.text,
                    reason.property
                );
                self.found.push(
                    Diagnostic::new(&code::UNUSABLE_MARKER, marker.place.clone(), message)
                        .with(reason.place.clone(), "which takes the reasons")
                        .help(format!(
                            "add it to the codes, or write one of {}",
                            one_of(codes.values.iter().map(String::as_str))
                        )),
                );
            }
            let name = contents.columns[column].name.clone();
            if let Some(column_of) = column_of {
                contents.columns[column_of].about.reason = Some(name);
            }
            fields[of].reason = Some(by);
        }
    }
}

/// Whether bounds make room for negative numbers, as on a scale from -10 to 10. A bound such as -99 may be
/// there for a marker.
fn is_scale(clauses: &Clauses<'_>) -> bool {
    let is_marker = |bound: f64| SENTINELS.iter().any(|it| *it as f64 == bound);
    let always = clauses.iter().filter(|clause| clause.condition == Condition::Always);
    let mut bounds = always.flat_map(|clause| {
        let bound = |keyword: &str| clause.node.value.get(keyword)?.as_f64();
        [bound("minimum"), bound("exclusiveMinimum")]
    });
    bounds.any(|bound| bound.is_some_and(|bound| bound < 0.0 && !is_marker(bound)))
}

/// Whether a value is a number that counts or measures something.
fn is_quantity(scalar: &Scalar) -> bool {
    let is_number = match scalar.kind.class() {
        Class::Integer | Class::Number => true,
        Class::Decimal => scalar.kind.is_spelt_as_number(),
        _ => false,
    };
    let is_coordinate = scalar.roles.has(Role::Latitude) || scalar.roles.has(Role::Longitude);
    is_number && !is_coordinate && scalar.kind.codes().is_none() && scalar.reference.is_none()
}

fn contradiction(marker: &Marker, is_own: bool, value: &str, clauses: &Clauses<'_>) -> Diagnostic {
    let node = &clauses.first().expect("a place has a schema").node;
    let property = name(node);
    let text = quote(&marker.text);
    let message =
        format!("the marker {text} for a missing value is {value} that `{property}` may have");
    let finding = Diagnostic::new(&code::UNUSABLE_MARKER, marker.place.clone(), message);
    if is_own {
        return finding.help(format!(
            "leave {text} out of the values, if it only ever means that there is none; or out of \
             `x-missing`"
        ));
    }
    finding.with(node.place(), "this property").help(format!(
        "leave {text} out of the values, if it only ever means that there is none; or list in \
         `x-missing` of the property what stands for a missing value there (`\"x-missing\": []` if \
         nothing does)"
    ))
}

/// A marker of the table that the schema of a property lets through as a value.
fn admitted(marker: &Marker, clauses: &Clauses<'_>, scalar: &Scalar) -> Option<Diagnostic> {
    let always = || clauses.iter().filter(|clause| clause.condition == Condition::Always);
    let bound = |keyword: &'static str| {
        always().filter_map(move |clause| {
            Some((clause.node.value.get(keyword)?.as_f64()?, &clause.node, keyword))
        })
    };
    let number = marker.text.parse::<f64>().ok().filter(|_| marker.number.is_some());
    let by_bounds = number.and_then(|number| {
        let lows = || bound("minimum").chain(bound("exclusiveMinimum"));
        let highs = || bound("maximum").chain(bound("exclusiveMaximum"));
        let is_within = lows().all(|(low, _, keyword)| match keyword {
            "minimum" => low <= number,
            _ => low < number,
        }) && highs().all(|(high, _, keyword)| match keyword {
            "maximum" => number <= high,
            _ => number < high,
        });
        let nearest = if number < 0.0 { lows().next() } else { highs().next() };
        nearest.filter(|_| is_within).map(|(_, node, keyword)| (node, keyword))
    });
    let by_pattern = || {
        let fits =
            |text: &str| Pattern::new(text).is_ok_and(|it| it.find(&marker.text) == Verdict::Match);
        let pattern =
            |clause: &&super::gather::Clause<'_>| clause.node.text("pattern").is_some_and(fits);
        always().find(pattern).filter(|_| scalar.terse).map(|clause| (&clause.node, "pattern"))
    };
    let (node, keyword) = by_bounds.or_else(by_pattern)?;
    let property = name(&clauses.first().expect("a place has a schema").node);
    let text = quote(&marker.text);
    let message = format!(
        "{text} stands for a missing value in the whole table, but the `{keyword}` of `{property}` lets \
         it through as a value"
    );
    Some(
        Diagnostic::new(&code::ADMITTED_MARKER, node.place_of(keyword), message)
            .with(marker.place.clone(), "declared here")
            .help(format!(
                "let `{keyword}` leave it out, or list in `x-missing` of the property what stands for a \
                 missing value there: {text}, if it does (`\"x-missing\": []` if nothing does)"
            )),
    )
}
