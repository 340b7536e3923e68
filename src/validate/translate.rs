//! Violations of JSON Schema, said to a curator: what is wrong, the value seen, what was allowed.

mod alternatives;

use unicode_normalization::UnicodeNormalization as _;

use super::authority::{Demand, Violation};
use super::clause::Clauses;
use super::words::{
    Shape as Wanted, count, format_words, leave_out, or, ruled_out, seen, shape, subject,
    type_words,
};
use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Certainty, Diagnostic, Label, Place, code, one_of, quote};
use crate::ecma::{Pattern, Verdict};
use crate::edtf::Edtf;
use crate::model::{Shape, Table};
use crate::parse::scalar::is_json_number;
use crate::parse::spelling::respell;
use crate::pointer;
use crate::tape::{Tag, Value};

/// Translates the violations of one record. `table` is its table, and `clauses` finds what the
/// schema says; there is neither for a manifest or a schema.
#[must_use]
pub fn translate(
    violations: &[Violation],
    record: Value<'_>,
    table: Option<&Table>,
    clauses: Option<&Clauses<'_>>,
) -> Vec<Diagnostic> {
    let translator = Translator { record, table, clauses, violations };
    violations.iter().flat_map(|violation| translator.translate(violation)).collect()
}

struct Translator<'a> {
    record: Value<'a>,
    table: Option<&'a Table>,
    clauses: Option<&'a Clauses<'a>>,
    /// All of the record's.
    violations: &'a [Violation],
}

impl<'a> Translator<'a> {
    fn translate(&self, violation: &Violation) -> Vec<Diagnostic> {
        let Some(clauses) = self.clauses else { return self.findings(violation, false) };
        let condition = clauses.condition(violation, self.record);
        let mut found = self.findings(violation, condition.is_some());
        let label = clauses.label(violation);
        for finding in &mut found {
            // What a branch of alternatives demands has its own clause already.
            if finding.demanded.is_some() {
                continue;
            }
            finding.demanded.clone_from(&label);
            let Some(condition) = &condition else { continue };
            let reason = if finding.code == &code::MISSING_PROPERTY {
                format!(", which is required because {}", condition.words)
            } else {
                format!(", because {}", condition.words)
            };
            finding.message.push_str(&reason);
            let label = |place| Label { place, text: "because of this".to_owned() };
            finding.related.extend(condition.place.clone().map(label));
        }
        found
    }

    /// What there is to say; why a clause holds that only holds on a condition follows.
    fn findings(&self, violation: &Violation, on_condition: bool) -> Vec<Diagnostic> {
        let at = &violation.pointer;
        let (value, _) = self.record.pointer(at);
        let subject = subject(at);
        let seen = seen(value);
        let place = Place::of(value).at(at.clone());
        let diagnostic = |code, message: String| Diagnostic::new(code, place.clone(), message);
        let one = match &violation.demand {
            Demand::Type(types) => self.wrong_type(value, at, types),
            Demand::Enum(options) => self.not_in_enum(value, at, options),
            Demand::Const(expected) => self.not_in_enum(value, at, std::slice::from_ref(expected)),
            Demand::Required(property) => {
                let finding = self.missing(value, at, property, on_condition);
                return finding.into_iter().collect();
            }
            Demand::AdditionalProperties(names) => return self.unknown(value, at, names, false),
            Demand::UnevaluatedProperties(names) => {
                // A property counts as evaluated only by a clause that holds. Where another fault
                // in the object is reported, known properties are no fault of their own.
                let other = |other: &Violation| other != violation && other.pointer.starts_with(at);
                return self.unknown(value, at, names, self.violations.iter().any(other));
            }
            Demand::PropertyNames(inner) => return self.names(value, at, inner),
            Demand::Minimum(limit) => diagnostic(
                &code::OUT_OF_RANGE,
                format!("{subject} is {seen}, below the smallest allowed value {limit}"),
            ),
            Demand::Maximum(limit) => diagnostic(
                &code::OUT_OF_RANGE,
                format!("{subject} is {seen}, above the largest allowed value {limit}"),
            ),
            Demand::ExclusiveMinimum(limit) => diagnostic(
                &code::OUT_OF_RANGE,
                format!("{subject} is {seen}, but must be greater than {limit}"),
            ),
            Demand::ExclusiveMaximum(limit) => diagnostic(
                &code::OUT_OF_RANGE,
                format!("{subject} is {seen}, but must be less than {limit}"),
            ),
            Demand::MultipleOf(step) => diagnostic(
                &code::OUT_OF_RANGE,
                format!("{subject} is {seen}, which is not a multiple of {step}"),
            ),
            Demand::MinLength(limit) => diagnostic(
                &code::WRONG_LENGTH,
                format!("{subject} is {seen}, shorter than {}", count(*limit, "character")),
            )
            .help(if value.as_str() == Some("") {
                leave_out(self.table, at)
            } else {
                "say more"
            }),
            Demand::MaxLength(limit) => diagnostic(
                &code::WRONG_LENGTH,
                format!("{subject} is {seen}, longer than {}", count(*limit, "character")),
            )
            .help("shorten it"),
            Demand::Pattern(pattern) => diagnostic(
                &code::PATTERN_MISMATCH,
                format!("{subject} is {seen}, which doesn't match the pattern `{pattern}`"),
            )
            .help(self.describe(at).unwrap_or_else(|| {
                "write it as the schema's pattern, a regular expression, wants it".to_owned()
            })),
            Demand::Undecided(pattern) => diagnostic(
                &code::UNDECIDED_PATTERN,
                format!(
                    "{subject} is {seen}, and whether it matches the pattern {} takes too many \
                     steps to tell",
                    quote(pattern)
                ),
            )
            .help(
                "the text may be right: write the pattern in the schema so that each text can be \
                 read in one way, and without going back to a group (`\\1`)",
            ),
            Demand::Format(format) => self.wrong_format(value, at, format),
            Demand::MinItems(limit) => self.wrong_count(value, at, "item", "at least", *limit),
            Demand::MaxItems(limit) => self.wrong_count(value, at, "item", "at most", *limit),
            Demand::MinProperties(limit) => {
                self.wrong_count(value, at, "property", "at least", *limit)
            }
            Demand::MaxProperties(limit) => {
                self.wrong_count(value, at, "property", "at most", *limit)
            }
            Demand::UniqueItems => self.repeated(value, at),
            Demand::AnyOf(branches) | Demand::OneOf(branches) => {
                return self.no_alternative(value, at, branches);
            }
            Demand::OnlyOneOf => diagnostic(
                &code::NO_ALTERNATIVE,
                format!("{subject} fits more than one of the alternatives, and must fit one"),
            )
            .help("leave out what belongs to the other alternative"),
            Demand::Not(schema) => self.ruled_out(value, at, schema),
            Demand::Nothing => {
                diagnostic(&code::FORBIDDEN, format!("{subject} may not stand here"))
                    .help("leave it out")
            }
            Demand::Contains => self.lacks_item(value, at, violation),
            Demand::Other { keyword } => diagnostic(
                &code::OTHER_VIOLATION,
                format!("{subject} breaks the rule `{keyword}` of its schema"),
            )
            .help(self.describe(at).unwrap_or_else(|| {
                "see what JSON Schema 2020-12 says of the keyword, and what the schema asks for"
                    .to_owned()
            })),
        };
        vec![one]
    }

    fn wrong_type(&self, value: Value<'_>, at: &str, types: &[String]) -> Diagnostic {
        let wanted: Vec<_> = types.iter().map(|name| type_words(name)).collect();
        // `true` may be text, too.
        let text = if value.tag() == Tag::Text { "the text " } else { "" };
        let message =
            format!("{} is {text}{}, but must be {}", subject(at), seen(value), or(&wanted));
        let diagnostic = Diagnostic::new(&code::WRONG_TYPE, Place::of(value).at(at), message)
            .label(format!("expected {}", or(&wanted)));
        let text_wanted = types.iter().any(|name| name == "string");
        let number_wanted = types.iter().any(|name| name == "integer" || name == "number");
        let boolean_wanted = types.iter().any(|name| name == "boolean");
        let object_wanted = types.iter().any(|name| name == "object");
        let quoted = value.literal().is_some_and(|literal| {
            let inner = |mark| literal.strip_prefix(mark)?.strip_suffix(mark);
            inner('"').or_else(|| inner('\'')) == value.as_str() && value.as_str().is_some()
        });
        match value.tag() {
            Tag::Integer | Tag::Unsigned | Tag::Float | Tag::Boolean if text_wanted => {
                let Some(literal) = value.literal() else {
                    return diagnostic.help("write it as text");
                };
                let quoted = format!("\"{literal}\"");
                diagnostic.help(format!("put it in quotes: {quoted}")).replace(
                    Certainty::Certain,
                    "quote it",
                    quoted,
                )
            }
            Tag::Null => diagnostic.help(leave_out(self.table, at)),
            Tag::Text if number_wanted => {
                let text = value.as_str().unwrap_or_default();
                if quoted && is_json_number(text) {
                    diagnostic.help("write the number without quotes").replace(
                        Certainty::Suggested,
                        "remove the quotes",
                        text,
                    )
                } else {
                    diagnostic.help("write digits only, with `.` for decimals, and no unit")
                }
            }
            Tag::Text if boolean_wanted => {
                let word = value.as_str().unwrap_or_default().to_ascii_lowercase();
                let meant = match word.as_str() {
                    "true" | "yes" | "y" | "on" => "true",
                    "false" | "no" | "n" | "off" => "false",
                    _ => return diagnostic,
                };
                let without = if quoted && word == meant { " without quotes" } else { "" };
                let diagnostic = diagnostic.help(format!("write `{meant}`{without}"));
                if !quoted && value.literal() != value.as_str() {
                    return diagnostic;
                }
                diagnostic.replace(Certainty::Suggested, format!("write `{meant}`"), meant)
            }
            Tag::Text | Tag::Array if object_wanted => match self.inside(at) {
                Some(inside) => diagnostic.help(format!("write {inside} below it")),
                None => diagnostic,
            },
            Tag::Object if types.iter().any(|name| name == "array") => {
                diagnostic.help("write a list, even of one item")
            }
            Tag::Text if types.iter().any(|name| name == "array") => {
                diagnostic.help("write a list, even of one item: `[…]`, or `- …` in YAML")
            }
            Tag::Boolean
            | Tag::Integer
            | Tag::Unsigned
            | Tag::Float
            | Tag::Text
            | Tag::Array
            | Tag::Object => diagnostic,
        }
    }

    fn not_in_enum(&self, value: Value<'_>, at: &str, options: &[serde_json::Value]) -> Diagnostic {
        let texts: Vec<_> = options
            .iter()
            .map(|option| option.as_str().map_or_else(|| option.to_string(), str::to_owned))
            .collect();
        let shown = || texts.iter().map(String::as_str);
        let message =
            format!("{} is {}, but must be {}", subject(at), seen(value), one_of(shown()));
        let diagnostic = Diagnostic::new(&code::NOT_IN_ENUM, Place::of(value).at(at), message);
        suggest(diagnostic, value, shown())
    }

    /// What belongs into the object at a pointer.
    fn inside(&self, at: &str) -> Option<String> {
        let table = self.table?;
        if let Some(object) = table.object_at(at) {
            return Some(one_of(object.fields.iter().map(|field| field.name.as_str())));
        }
        let (parent, token) = at.rsplit_once('/')?;
        let field = table.object_at(parent)?.field(&pointer::unescape(token))?;
        match &field.shape {
            Shape::Languages(languages) => {
                let languages = one_of(languages.iter().map(|(tag, _)| tag.as_str()));
                Some(format!("a text for the language {languages}"))
            }
            Shape::Scalar { .. } | Shape::Group(_) | Shape::List { .. } => None,
        }
    }

    fn missing(
        &self,
        object: Value<'_>,
        at: &str,
        property: &str,
        on_condition: bool,
    ) -> Option<Diagnostic> {
        let of = self.object_name(at);
        let place = Place::new(object.source(), object.opening()).at(at);
        let required = if on_condition { "" } else { "required " };
        let message = format!("{of} lacks the {required}property `{property}`");
        let diagnostic = Diagnostic::new(&code::MISSING_PROPERTY, place, message);
        let near = nearest(property, object.entries().map(|entry| entry.name()))
            .filter(|near| !self.knows(at, near));
        // An unknown property that was meant to be this one is reported as such.
        if near.is_some_and(|near| self.meant(object, at, near) == Some(property)) {
            return None;
        }
        Some(match (near, self.describe(&pointer::join(at, property))) {
            (Some(near), _) => diagnostic.help(format!("is `{near}` meant to be `{property}`?")),
            (None, Some(description)) => diagnostic.help(format!("add it; {description}")),
            (None, None) => diagnostic.help(format!("add `{property}`")),
        })
    }

    /// The property that an unknown one, which is reported, was meant to be.
    fn meant(&self, object: Value<'_>, at: &str, name: &str) -> Option<&'a str> {
        let reported = self.violations.iter().any(|violation| {
            violation.pointer == at
                && match &violation.demand {
                    Demand::AdditionalProperties(names) | Demand::UnevaluatedProperties(names) => {
                        names.iter().any(|other| other == name)
                    }
                    _ => false,
                }
        });
        let known = self.known(at).into_iter();
        if reported { nearest(name, known.filter(|it| object.get(it).is_none())) } else { None }
    }

    /// The properties that the object at a pointer may have.
    fn known(&self, at: &str) -> Vec<&'a str> {
        let object = self.table.and_then(|table| table.object_at(at));
        object
            .map(|object| object.fields.iter().map(|field| field.name.as_str()).collect())
            .unwrap_or_default()
    }

    fn object_name(&self, at: &str) -> String {
        match (at, self.table) {
            ("", Some(_)) => "the record".to_owned(),
            ("", None) => "the file".to_owned(),
            _ => subject(at),
        }
    }

    fn knows(&self, at: &str, name: &str) -> bool {
        self.table
            .and_then(|table| table.object_at(at))
            .is_some_and(|object| object.field(name).is_some())
    }

    /// Properties that the schema doesn't allow; if `excused`, known ones aren't reported.
    fn unknown(
        &self,
        object: Value<'_>,
        at: &str,
        names: &[String],
        excused: bool,
    ) -> Vec<Diagnostic> {
        let known = self.known(at);
        let finding = |name: &String| {
            let entry = object.entry(name)?;
            if excused && known.contains(&name.as_str()) {
                return None;
            }
            let of = self.object_name(at);
            let place = Place::of(entry.key).at(pointer::join(at, name));
            let message = if known.contains(&name.as_str()) {
                format!("the property `{name}` may not stand in {of} beside the others")
            } else {
                format!("{of} has the property {}, which the schema doesn't know", quote(name))
            };
            let diagnostic = Diagnostic::new(&code::UNKNOWN_PROPERTY, place, message);
            if known.contains(&name.as_str()) {
                return Some(diagnostic.help("leave it out, or change what rules it out"));
            }
            let unused = known.iter().copied().filter(|known| object.get(known).is_none());
            Some(match nearest(name, unused) {
                Some(near) => {
                    let diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
                    match respell(entry.key, near) {
                        Some(replacement) => diagnostic.replace(
                            Certainty::Suggested,
                            format!("rename it to `{near}`"),
                            replacement,
                        ),
                        None => diagnostic,
                    }
                }
                None if known.is_empty() => diagnostic,
                None => {
                    diagnostic.help(format!("the schema allows {}", one_of(known.iter().copied())))
                }
            })
        };
        names.iter().filter_map(finding).collect()
    }

    fn names(&self, object: Value<'_>, at: &str, inner: &Violation) -> Vec<Diagnostic> {
        // The crate doesn't say which name it was, so the demand is put to each again.
        let wrong = |name: &str| match &inner.demand {
            Demand::Pattern(pattern) => {
                Pattern::new(pattern).is_ok_and(|it| it.find(name) == Verdict::NoMatch)
            }
            Demand::Enum(options) => !options.iter().any(|option| option.as_str() == Some(name)),
            Demand::MinLength(limit) => (name.chars().count() as u64) < *limit,
            Demand::MaxLength(limit) => name.chars().count() as u64 > *limit,
            _ => true,
        };
        let finding = |entry: crate::tape::Entry<'_>| {
            let place = Place::of(entry.key).at(pointer::join(at, entry.name()));
            let wanted = match &inner.demand {
                Demand::Pattern(pattern) => format!("match `{pattern}`"),
                Demand::Enum(options) => {
                    format!("be {}", one_of(options.iter().filter_map(|text| text.as_str())))
                }
                _ => "be one that the schema allows".to_owned(),
            };
            let message = format!(
                "{} has the key {}, but its keys must {wanted}",
                subject(at),
                quote(entry.name())
            );
            Diagnostic::new(&code::UNKNOWN_PROPERTY, place, message)
                .help(self.describe(at).unwrap_or_else(|| "write another key".to_owned()))
        };
        let found: Vec<_> =
            object.entries().filter(|entry| wrong(entry.name())).map(finding).collect();
        if found.is_empty() { object.entries().take(1).map(finding).collect() } else { found }
    }

    fn wrong_format(&self, value: Value<'_>, at: &str, format: &str) -> Diagnostic {
        let text = value.as_str().unwrap_or_default();
        let subject = subject(at);
        let seen = quote(text);
        let mut place = Place::of(value).at(at);
        if format == "edtf"
            && let Err(error) = Edtf::parse(text)
        {
            // Point into the text where the source spells it letter by letter.
            let literal = value.literal().unwrap_or_default();
            if let Some(offset) = literal.find(text) {
                let start = place.span.start + offset as u64;
                place.span = start + error.span.start as u64..start + error.span.end as u64;
            }
            let message = format!("{subject} is {seen}, which is no EDTF date: {}", error.message);
            let help = error.help.unwrap_or_else(|| {
                "write 2023-12-03, 2023-12, 2023, 2023-12-XX, 2023-12-03/2023-12-05, or one of \
                 these with ? (uncertain) or ~ (approximate)"
                    .to_owned()
            });
            return Diagnostic::new(&code::INVALID_EDTF, place, message).help(help);
        }
        let (what, mut help) = format_words(format);
        if matches!(format, "uri" | "iri") && text.contains(char::is_whitespace) {
            help = "write a blank in an address as `%20`";
        } else if format == "uri" && !text.is_ascii() && text.contains("://") {
            help = "write other letters than a-z percent-encoded, or let the schema say `iri`";
        }
        Diagnostic::new(
            &code::FORMAT_MISMATCH,
            place,
            format!("{subject} is {seen}, which is not {what}"),
        )
        .help(help)
    }

    fn wrong_count(
        &self,
        value: Value<'_>,
        at: &str,
        unit: &str,
        bound: &str,
        limit: u64,
    ) -> Diagnostic {
        let place = Place::new(value.source(), value.opening()).at(at);
        let message = format!(
            "{} has {}, but must have {bound} {limit}",
            subject(at),
            count(value.len() as u64, unit)
        );
        Diagnostic::new(&code::WRONG_COUNT, place, message).help(match bound {
            "at least" if value.is_empty() => {
                "add one, or leave the whole property out if it may be left out"
            }
            "at least" => "add what is missing",
            _ => "remove what is too many",
        })
    }

    fn ruled_out(&self, value: Value<'_>, at: &str, schema: &serde_json::Value) -> Diagnostic {
        let (subject, seen) = (subject(at), seen(value));
        let is_object = value.tag() == Tag::Object;
        let message = match ruled_out(schema) {
            Some(words) if is_object => format!("{subject} {words}"),
            Some(words) => format!("{subject} is {seen}, but {words}"),
            None if is_object => format!("a `not` of the schema rules out what {subject} says"),
            None => format!("{subject} is {seen}, which a `not` of its schema rules out"),
        };
        let help = match self.describe(at) {
            Some(description) => description,
            None if is_object => "leave out, or change, what may not stand together".to_owned(),
            None => "write another value".to_owned(),
        };
        let place = Place::new(value.source(), value.opening()).at(at);
        Diagnostic::new(&code::FORBIDDEN, place, message).help(help)
    }

    /// A list that has too few, or too many, items of the kind that it must have some of.
    fn lacks_item(&self, list: Value<'_>, at: &str, violation: &Violation) -> Diagnostic {
        let schema = self.clauses.and_then(|clauses| clauses.schema(&violation.clause));
        let schema = schema.map(Value::to_json).unwrap_or_default();
        let keyword = violation.clause.rsplit('/').next().unwrap_or_default();
        let kind = match shape(&schema["contains"]) {
            Some(Wanted::Value(words)) => format!("that is {words}"),
            Some(Wanted::Whose(words)) => words,
            None => "of the kind that its schema describes under `contains`".to_owned(),
        };
        let limit = || count(schema[keyword].as_u64().unwrap_or_default(), "item");
        let (wrong, help) = match keyword {
            "minContains" => (
                format!("must have at least {} {kind}, but has fewer", limit()),
                "add what is missing",
            ),
            "maxContains" => (
                format!("may have at most {} {kind}, but has more", limit()),
                "remove what is too many",
            ),
            _ => (format!("has no item {kind}"), "add one, or correct the item that should be one"),
        };
        let place = Place::new(list.source(), list.opening()).at(at);
        Diagnostic::new(&code::OTHER_VIOLATION, place, format!("{} {wrong}", subject(at)))
            .help(help)
    }

    fn repeated(&self, list: Value<'_>, at: &str) -> Diagnostic {
        let Some((first, again)) = super::equality::first_repeated(list) else {
            return Diagnostic::new(
                &code::DUPLICATE_ITEM,
                Place::of(list).at(at),
                format!("{} says the same thing twice", subject(at)),
            );
        };
        let message = format!("{} lists {} twice", subject(at), seen(again));
        Diagnostic::new(&code::DUPLICATE_ITEM, Place::of(again).at(at), message)
            .label("again here")
            .with(Place::of(first), "first here")
            .help("remove one of the two")
    }

    /// What the schema says about the property at a pointer.
    fn describe(&self, at: &str) -> Option<String> {
        let (parent, token) = at.rsplit_once('/')?;
        let object = self.table?.object_at(parent)?;
        let field = object.field(&pointer::unescape(token))?;
        let description = &field.about.description;
        (!description.is_empty())
            .then(|| format!("the schema says of `{}`: {description}", field.name))
    }
}

/// Adds "did you mean" to a finding about `value`, with the replacement as a suggested fix.
pub(super) fn suggest<'o>(
    diagnostic: Diagnostic,
    value: Value<'_>,
    options: impl IntoIterator<Item = &'o str>,
) -> Diagnostic {
    let Some(text) = value.as_str() else { return diagnostic };
    let Some(near) = nearest(text, options) else { return diagnostic };
    // What differs only in how it is written means the same.
    let normal: String = text.trim().nfc().collect();
    let certainty = if normal == near { Certainty::Certain } else { Certainty::Suggested };
    let diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
    match respell(value, near) {
        Some(replacement) => diagnostic.replace(certainty, format!("write `{near}`"), replacement),
        None => diagnostic,
    }
}
