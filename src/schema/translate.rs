//! Violations of JSON Schema, said to a curator: what is wrong, the value seen, what was allowed.

mod alternatives;
mod dates;
mod placeholder;
mod properties;
mod values;

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, HashSet};

use properties::NamesByPlace;

use super::authority::{Demand, Violation, named_by_crate};
use super::clause::{Clauses, Condition};
use super::finder::Finder;
use super::outline::{Expected, Outline, Subject};
use super::words::{self, Shape as Wanted, count, format_words, leave_out, ruled_out, seen, shape};
use crate::diagnostic::{Diagnostic, Label, Place, code, one_of, quote};
use crate::pointer;
use crate::tape::{Tag, Value};

/// Translates the violations of one record. `outline` says what can stand
/// where, and `clauses` finds what the schema says; there may be neither.
#[must_use]
pub fn translate(
    violations: &[Violation],
    record: Value<'_>,
    outline: Option<&dyn Outline>,
    clauses: Option<&Clauses<'_>>,
) -> Vec<Diagnostic> {
    let finder = &Finder::new(record);
    Translator::new(violations, finder, outline, clauses).all()
}

struct Translator<'a> {
    finder: &'a Finder<'a>,
    outline: Option<&'a dyn Outline>,
    clauses: Option<&'a Clauses<'a>>,
    /// All of the record's, or of one of its alternatives.
    violations: &'a [Violation],
    /// Why this alternative is the one that counts.
    because: Option<Condition>,
    /// The violations by their pointers.
    by_place: OnceCell<BTreeMap<&'a str, Vec<&'a Violation>>>,
    names: RefCell<NamesByPlace>,
}

impl<'a> Translator<'a> {
    fn new(
        violations: &'a [Violation],
        finder: &'a Finder<'a>,
        outline: Option<&'a dyn Outline>,
        clauses: Option<&'a Clauses<'a>>,
    ) -> Self {
        Self {
            finder,
            outline,
            clauses,
            violations,
            because: None,
            by_place: OnceCell::new(),
            names: RefCell::default(),
        }
    }

    /// How a message calls the value at a pointer.
    fn subject(&self, at: &str) -> String {
        match (at, self.whole()) {
            ("", Some(Subject::Schema)) => "the schema".to_owned(),
            _ => words::subject(at),
        }
    }

    fn all(&self) -> Vec<Diagnostic> {
        self.violations.iter().flat_map(|violation| self.translate(violation)).collect()
    }

    fn by_place(&self) -> &BTreeMap<&'a str, Vec<&'a Violation>> {
        self.by_place.get_or_init(|| {
            let mut places: BTreeMap<&str, Vec<&Violation>> = BTreeMap::new();
            for violation in self.violations {
                places.entry(&violation.pointer).or_default().push(violation);
            }
            places
        })
    }

    fn violations_at(&self, at: &str) -> &[&'a Violation] {
        self.by_place().get(at).map_or(&[], Vec::as_slice)
    }

    /// Whether something is wrong with what stands at a pointer, or below it.
    fn is_faulty(&self, at: &str) -> bool {
        let below = format!("{at}/");
        let places = self.by_place();
        let next = places.range(below.as_str()..).next();
        places.contains_key(at) || next.is_some_and(|(place, _)| place.starts_with(&below))
    }

    fn translate(&self, violation: &'a Violation) -> Vec<Diagnostic> {
        let Some(clauses) = self.clauses else {
            let found = self.findings(violation, false).into_iter();
            return found.map(|finding| self.advise(finding, violation)).collect();
        };
        let own = clauses.condition(violation, self.finder);
        let condition = own.as_ref().or(self.because.as_ref());
        let at = &violation.pointer;
        let (value, _) = self.finder.value(at);
        let found = self.findings(violation, own.is_some()).into_iter();
        let mut found: Vec<_> =
            found.map(|finding| placeholder::explain(finding, value, at, self.outline)).collect();
        let label = clauses.label(violation);
        for finding in &mut found {
            // What a branch of alternatives demands has its own clause already.
            if finding.demanded.is_some() {
                continue;
            }
            finding.demanded.clone_from(&label);
            let Some(condition) = &condition else { continue };
            let reason = if finding.code == &code::MISSING_PROPERTY && own.is_some() {
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

    /// Adds what belongs there to a finding about a file. Nobody knows its properties by heart.
    fn advise(&self, finding: Diagnostic, violation: &Violation) -> Diagnostic {
        let is_file = self.outline.is_some_and(|outline| outline.subject() == Subject::File);
        let is_about_names =
            [&code::UNKNOWN_PROPERTY, &code::MISSING_PROPERTY].contains(&finding.code);
        match self.describe(&violation.pointer) {
            Some(description) if is_file && !is_about_names => finding.help(description),
            Some(_) | None => finding,
        }
    }

    /// What there is to say; why a clause holds that only holds on a condition follows.
    fn findings(&self, violation: &'a Violation, on_condition: bool) -> Vec<Diagnostic> {
        let at = &violation.pointer;
        let (value, _) = self.finder.value(at);
        let subject = self.subject(at);
        let seen = seen(value);
        let place = Place::of(value).at(at.clone());
        let diagnostic = |code, message: String| Diagnostic::new(code, place.clone(), message);
        let one = match &violation.demand {
            Demand::Type(types) => self.wrong_type(value, at, types),
            Demand::Enum(options) => {
                let options = options.as_array().map_or(&[][..], Vec::as_slice);
                self.not_in_enum(value, at, &violation.clause, options)
            }
            Demand::Const(expected) => {
                self.not_in_enum(value, at, &violation.clause, std::slice::from_ref(&**expected))
            }
            Demand::Required(property) => {
                let finding = self.missing(value, at, property, on_condition);
                return finding.into_iter().collect();
            }
            Demand::AdditionalProperties(names) => return self.unknown(value, at, names),
            Demand::UnevaluatedProperties(names) => return self.unevaluated(value, at, names),
            Demand::PropertyNames(name, inner) => self.wrong_name(value, at, name, inner),
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
                leave_out(self.outline, at)
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
            .help(self.pattern_help(violation)),
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
                return self.no_alternative(value, violation, branches);
            }
            Demand::OnlyOneOf(fitting) => self.several_alternatives(value, violation, fitting),
            Demand::UnevaluatedItems(items) => return self.unwanted_items(value, items),
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

    /// What belongs into the object at a pointer.
    fn inside(&self, at: &str) -> Option<String> {
        let outline = self.outline?;
        if let Some(properties) = outline.properties(at) {
            return Some(one_of(properties));
        }
        match outline.property(at)?.expected {
            Expected::Languages(languages) => {
                Some(format!("a text for the language {}", one_of(languages)))
            }
            Expected::Codes(_) | Expected::Date(_) | Expected::Other => None,
        }
    }

    fn wrong_format(&self, value: Value<'_>, at: &str, format: &str) -> Diagnostic {
        if let Some(wanted) = dates::Wanted::of(format) {
            return self.wrong_date(value, at, wanted);
        }
        let text = value.as_str().unwrap_or_default();
        let subject = self.subject(at);
        let seen = quote(text);
        let place = Place::of(value).at(at);
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
            self.subject(at),
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
        let (subject, seen) = (self.subject(at), seen(value));
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
        Diagnostic::new(&code::OTHER_VIOLATION, place, format!("{} {wrong}", self.subject(at)))
            .help(help)
    }

    /// Items of a list that no clause which holds speaks of.
    fn unwanted_items(&self, list: Value<'a>, unwanted: &[String]) -> Vec<Diagnostic> {
        let unwanted: HashSet<&str> = unwanted.iter().map(String::as_str).collect();
        let finding = |item: Value<'a>| {
            let at = self.finder.pointer_to(item);
            let message = format!(
                "{} is {}, and the schema allows no such item there",
                self.subject(&at),
                seen(item)
            );
            Diagnostic::new(&code::FORBIDDEN, Place::of(item).at(at), message)
                .help("remove it from the list")
        };
        list.items()
            .filter(|item| unwanted.contains(named_by_crate(*item).as_str()))
            .map(finding)
            .collect()
    }

    fn repeated(&self, list: Value<'_>, at: &str) -> Diagnostic {
        let Some((first, again)) = crate::tape::equality::first_repeated(list) else {
            return Diagnostic::new(
                &code::DUPLICATE_ITEM,
                Place::of(list).at(at),
                format!("{} says the same thing twice", self.subject(at)),
            );
        };
        let message = format!("{} lists {} twice", self.subject(at), seen(again));
        Diagnostic::new(&code::DUPLICATE_ITEM, Place::of(again).at(at), message)
            .label("again here")
            .with(Place::of(first), "first here")
            .help("remove one of the two")
    }

    /// How a text is to be written that breaks a pattern: people follow examples more easily.
    fn pattern_help(&self, violation: &Violation) -> String {
        const SHOWN_MAX: usize = 3;
        let described = self.describe(&violation.pointer);
        let examples = self.clauses.map(|clauses| clauses.examples(violation)).unwrap_or_default();
        let shown = one_of(examples.iter().copied().take(SHOWN_MAX));
        match (described, examples.is_empty()) {
            (Some(described), true) => described,
            (Some(described), false) => format!("{described} For example {shown}"),
            (None, true) => {
                "write it as the schema's pattern, a regular expression, wants it".to_owned()
            }
            (None, false) => format!("write it as in {shown}"),
        }
    }

    /// What the schema says about the property at a pointer.
    fn describe(&self, at: &str) -> Option<String> {
        let description = self.outline?.description(at)?;
        let name = pointer::unescape(at.rsplit_once('/')?.1);
        Some(match self.outline?.subject() {
            Subject::Record => format!("the schema says of `{name}`: {description}"),
            Subject::File | Subject::Schema => format!("here belongs: {description}"),
        })
    }
}
