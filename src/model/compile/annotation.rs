//! The annotation keywords: what each may stand on and hold, checked in every corner of every
//! schema file, so that a mistyped one is an error and not ignored. `docs/schema.md` explains them.

use std::collections::HashMap;

use super::gather::{Clauses, first_with};
use super::{Compiler, dates, satisfiable};
use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Diagnostic, Place, Severity, code, quote};
use crate::ecma;
use crate::manifest::missing;
use crate::model::document::{Documents, Node};
use crate::schema::keywords::{NAMED_SCHEMAS, SCHEMA, SCHEMAS};
use crate::tape::{Tag, Value};

/// What an annotation's value must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    Text,
    True,
    TextOrTexts,
    Count,
    Object,
    Objects,
    TrueOrSets,
    Markers,
}

/// One annotation keyword.
struct Annotation {
    keyword: &'static str,
    holds: Holds,
}

const fn annotation(keyword: &'static str, holds: Holds) -> Annotation {
    Annotation { keyword, holds }
}

/// Every annotation keyword. Whether it fits its property is checked where the property is
/// compiled.
static ANNOTATIONS: &[Annotation] = &[
    annotation("x-codelist", Holds::Text),
    annotation("x-column", Holds::Text),
    annotation("x-constraints", Holds::Objects),
    annotation("x-dates", Holds::Object),
    annotation("x-internal", Holds::True),
    annotation("x-item-key", Holds::TextOrTexts),
    annotation("x-jsonld-base", Holds::Text),
    annotation("x-jsonld-id", Holds::Text),
    annotation("x-jsonld-term", Holds::Text),
    annotation("x-jsonld-type", Holds::TextOrTexts),
    annotation("x-label", Holds::Text),
    annotation("x-language-map", Holds::True),
    annotation("x-missing", Holds::Markers),
    annotation("x-missing-of", Holds::Text),
    annotation("x-precision", Holds::Count),
    annotation("x-reference", Holds::TextOrTexts),
    annotation("x-references", Holds::Objects),
    annotation("x-role", Holds::TextOrTexts),
    annotation("x-scale", Holds::Count),
    annotation("x-separator", Holds::Text),
    annotation("x-unique", Holds::TrueOrSets),
    annotation("x-unit", Holds::Text),
];

/// The keywords of JSON Schema 2020-12, with those of earlier drafts that it keeps.
static STANDARD: &[&str] = &[
    "$schema",
    "$id",
    "$ref",
    "$anchor",
    "$dynamicRef",
    "$dynamicAnchor",
    "$vocabulary",
    "$comment",
    "$defs",
    "definitions",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "dependentSchemas",
    "prefixItems",
    "items",
    "contains",
    "properties",
    "patternProperties",
    "additionalProperties",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
    "type",
    "enum",
    "const",
    "multipleOf",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "maxContains",
    "minContains",
    "maxProperties",
    "minProperties",
    "required",
    "dependentRequired",
    "format",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "title",
    "description",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "examples",
];

/// The format of integers that are years.
pub(super) const YEAR: &str = "year";

/// The formats of texts that are checked.
const FORMATS: [&str; 21] = [
    "date",
    "date-time",
    "date-time-local",
    "decimal",
    "duration",
    "edtf",
    "email",
    "hostname",
    "ipv4",
    "ipv6",
    "iri",
    "iri-reference",
    "json-pointer",
    "regex",
    "relative-json-pointer",
    "time",
    "time-local",
    "uri",
    "uri-reference",
    "uri-template",
    "uuid",
];

/// All schemas of a project have no more different patterns than this: each is compiled.
const PATTERNS_MAX: usize = 2_000;

/// Keywords from which no column comes: what only looks at a value, or at values that no column holds.
const NO_COLUMN: [&str; 8] = [
    "contains",
    "contentSchema",
    "if",
    "not",
    "patternProperties",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// Checks the keywords of every schema in every document.
pub(super) fn check(documents: &Documents, diagnostics: &mut Vec<Diagnostic>) {
    let mut checks = Checks { diagnostics, patterns: HashMap::new() };
    for root in documents.roots() {
        checks.schema(&root, None);
    }
}

struct Checks<'c, 'd> {
    diagnostics: &'c mut Vec<Diagnostic>,
    /// What is wrong with the patterns that were met.
    patterns: HashMap<&'d str, Vec<ecma::Fault>>,
}

impl<'d> Checks<'_, 'd> {
    /// `inside` is a keyword around the schema from which no column comes.
    fn schema(&mut self, node: &Node<'d>, inside: Option<&str>) {
        for entry in node.value.entries() {
            check_keyword(node, entry, self.diagnostics);
            let name = entry.name();
            if let Some(keyword) = inside
                && ANNOTATIONS.iter().any(|annotation| annotation.keyword == name)
            {
                let message = format!("`{name}` means nothing inside of `{keyword}`");
                self.diagnostics.push(
                    Diagnostic::new(&code::MISUSED_ANNOTATION, node.place_of(name), message)
                        .help("no column comes from there: let it stand on the property itself"),
                );
            }
        }
        if let Some(format) = node.get("format") {
            check_format(&format, self.diagnostics);
        }
        dates::check(node, self.diagnostics);
        if let Some(pattern) = node.get("pattern")
            && let Some(text) = pattern.value.as_str()
        {
            self.pattern(text, &pattern.place());
        }
        if let Some(patterns) = node.get("patternProperties") {
            for entry in patterns.value.entries() {
                let place = Place::of(entry.key).at(patterns.pointer.clone());
                self.pattern(entry.name(), &place);
            }
        }
        satisfiable::check_schema(node, self.diagnostics);
        let inner = |keyword: &'static str| match inside {
            Some(inside) => Some(inside),
            None => NO_COLUMN.contains(&keyword).then_some(keyword),
        };
        for keyword in SCHEMA {
            if let Some(schema) = node.get(keyword) {
                self.schema(&schema, inner(keyword));
            }
        }
        for keyword in SCHEMAS {
            for schema in node.items(keyword) {
                self.schema(&schema, inner(keyword));
            }
        }
        for keyword in NAMED_SCHEMAS {
            for (_, schema) in node.entries(keyword) {
                self.schema(&schema, inner(keyword));
            }
        }
    }

    fn pattern(&mut self, text: &'d str, place: &Place) {
        if self.patterns.len() >= PATTERNS_MAX && !self.patterns.contains_key(text) {
            if self.patterns.len() == PATTERNS_MAX {
                self.patterns.insert(text, Vec::new());
                let message = format!("the schemas have more than {PATTERNS_MAX} patterns");
                self.diagnostics.push(
                    Diagnostic::new(&code::TOO_LARGE_SCHEMA, place.clone(), message)
                        .help("let properties share patterns, or use code lists"),
                );
            }
            return;
        }
        for fault in self.patterns.entry(text).or_insert_with(|| ecma::faults(text)) {
            let message = format!("{} is no pattern of ECMA-262: {}", quote(text), fault.message);
            let mut finding = Diagnostic::new(&code::FOREIGN_PATTERN, place.clone(), message)
                .help(fault.help.clone());
            if fault.lenient {
                finding.severity = Severity::Warning;
            }
            self.diagnostics.push(finding);
        }
    }
}

/// Whether a format is one of texts that is checked.
pub(super) fn is_text_format(format: &str) -> bool {
    FORMATS.contains(&format)
}

/// What is no text isn't valid JSON Schema, which was reported.
fn check_format(node: &Node<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let known = |format: &&str| is_text_format(format) || *format == YEAR;
    let Some(format) = node.value.as_str().filter(|format| !known(format)) else { return };
    let message = format!("{} is no format that is checked", quote(format));
    let finding = Diagnostic::new(&code::UNKNOWN_FORMAT, node.place(), message);
    diagnostics.push(match nearest(format, FORMATS.into_iter().chain([YEAR])) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => {
            let known: Vec<_> = FORMATS.iter().map(|format| quote(format)).collect();
            finding.help(format!("write a `pattern` instead; the formats are {}", known.join(", ")))
        }
    });
}

fn check_keyword(
    node: &Node<'_>,
    entry: crate::tape::Entry<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let name = entry.name();
    let known = || ANNOTATIONS.iter().map(|annotation| annotation.keyword);
    let place = Place::of(entry.key).at(crate::pointer::join(&node.pointer, name));
    if let Some(annotation) = ANNOTATIONS.iter().find(|annotation| annotation.keyword == name) {
        let all = |is: &dyn Fn(Value<'_>) -> bool| {
            entry.value.tag() == Tag::Array && entry.value.items().all(is)
        };
        let is_text = |item: Value<'_>| item.tag() == Tag::Text;
        let fits = match annotation.holds {
            Holds::Text => entry.value.tag() == Tag::Text,
            Holds::True => entry.value.as_bool() == Some(true),
            Holds::Count => entry.value.as_i64().is_some_and(|count| count >= 0),
            Holds::Object => entry.value.tag() == Tag::Object,
            Holds::TextOrTexts => is_text(entry.value) || all(&is_text),
            Holds::Objects => all(&|item| item.tag() == Tag::Object),
            Holds::TrueOrSets => {
                let is_set = |item: Value<'_>| {
                    item.tag() == Tag::Array && !item.is_empty() && item.items().all(is_text)
                };
                entry.value.as_bool() == Some(true) || all(&is_set)
            }
            Holds::Markers => match entry.value.tag() {
                Tag::Array => {
                    let fits = |item: Value<'_>| item.as_str().is_some() || item.as_f64().is_some();
                    entry.value.items().all(fits)
                }
                Tag::Object => entry.value.entries().all(|it| it.value.tag() == Tag::Text),
                _ => false,
            },
        };
        if !fits {
            let wanted = match annotation.holds {
                Holds::Text => "text",
                Holds::True => "`true`, or is left out",
                Holds::TextOrTexts => "text, or a list of texts",
                Holds::Count => "a whole number of digits",
                Holds::Object => "an object",
                Holds::Objects => "a list of objects",
                Holds::TrueOrSets => "`true`, or a list of lists of properties",
                Holds::Markers => {
                    "a list of texts and numbers, or an object with the reason for each"
                }
            };
            diagnostics.push(
                Diagnostic::new(
                    &code::MISUSED_ANNOTATION,
                    Place::of(entry.value),
                    format!("`{name}` holds {wanted}, not `{}`", entry.value.to_json()),
                )
                .help("`docs/schema.md` lists the annotation keywords"),
            );
        } else if annotation.holds == Holds::Markers {
            missing::markers(entry.value, &crate::pointer::join(&node.pointer, name), diagnostics);
        }
        return;
    }
    if name.starts_with("x-") {
        let message = format!("`{name}` is not an annotation that Demarche knows");
        let help = match nearest(name, known()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known are {}", crate::diagnostic::one_of(known())),
        };
        diagnostics.push(Diagnostic::new(&code::UNKNOWN_ANNOTATION, place, message).help(help));
    } else if !STANDARD.contains(&name)
        && let Some(near) = nearest(name, STANDARD.iter().copied().chain(known()))
    {
        // Other vocabularies may add keywords; only what looks like a slip is worth a word.
        let message = format!("`{name}` is no keyword of JSON Schema 2020-12");
        let mut finding = Diagnostic::new(&code::UNKNOWN_ANNOTATION, place, message)
            .help(format!("did you mean `{near}`?"));
        finding.severity = Severity::Warning;
        diagnostics.push(finding);
    }
}

impl Compiler<'_> {
    /// Reports annotations that mean nothing here.
    pub(super) fn refuse(&mut self, clauses: &Clauses<'_>, keywords: &[&str], wanted: &str) {
        for keyword in keywords {
            if let Some(node) = first_with(clauses, keyword) {
                self.found.push(
                    Diagnostic::new(
                        &code::MISUSED_ANNOTATION,
                        node.place_of(keyword),
                        format!("`{keyword}` means nothing here: it stands on {wanted}"),
                    )
                    .help("`docs/schema.md` says what each annotation may stand on"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde_json::json;

    use super::FORMATS;
    use crate::parse;
    use crate::schema::Authority;
    use crate::tape::Tape;
    use crate::workspace::SourceId;

    #[test]
    fn formats_are_those_that_are_checked() {
        let mut tape = Tape::new(SourceId(0), 0, "\"({ %\"".to_owned());
        parse::json::parse_value(&mut tape, SourceId(0), &mut Vec::new());
        let text = tape.roots().next().expect("a text");
        let is_checked = |format: &&str| {
            let schema = json!({ "format": format });
            let authority = Authority::of_schema(&schema, HashMap::new(), true).expect("a schema");
            !authority.accepts(0, text)
        };
        let others = ["idn-email", "idn-hostname", "isbn", "password"];
        let checked: Vec<_> = FORMATS.iter().chain(&others).copied().filter(is_checked).collect();
        assert_eq!(checked, FORMATS);
    }
}
