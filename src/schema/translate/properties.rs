//! Properties that an object lacks, and those that it may not have.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use super::Translator;
use crate::diagnostic::nearest::{Words, nearest};
use crate::diagnostic::{Certainty, Diagnostic, Place, code, one_of, quote};
use crate::parse::spelling::respell;
use crate::pointer;
use crate::schema::authority::{Demand, Violation};
use crate::schema::outline::{Outline, Subject};
use crate::schema::words::seen;
use crate::tape::{Tag, Value};

/// What is wrong with the names in one object.
#[derive(Default)]
pub(super) struct NamesAt {
    /// Properties that are required and missing.
    missing: HashSet<String>,
    /// Missing properties that names which nobody knows were probably meant to be.
    meant: HashSet<String>,
}

impl<'a> Translator<'a> {
    pub(super) fn missing(
        &self,
        object: Value<'a>,
        at: &str,
        property: &str,
        on_condition: bool,
    ) -> Option<Diagnostic> {
        let of = self.object_name(at);
        let place = Place::new(object.source(), object.opening()).at(at);
        let required = if on_condition { "" } else { "required " };
        let message = format!("{of} lacks the {required}property `{property}`");
        let diagnostic = Diagnostic::new(&code::MISSING_PROPERTY, place, message);
        // An unknown property that was meant to be this one is reported as such.
        if self.names_at(at).meant.contains(property) {
            return None;
        }
        if let Some(marker) = object.left_out(property) {
            return Some(missing_by_marker(diagnostic, marker, &pointer::join(at, property)));
        }
        // Without an outline nobody knows what is unknown.
        let is_known = self.whole().is_some_and(|whole| whole != Subject::Schema);
        let names = (!is_known).then(|| object.entries().map(|entry| entry.name()));
        let near = names.and_then(|names| nearest(property, names));
        if let Some(near) = near {
            return Some(diagnostic.help(format!("is `{near}` meant to be `{property}`?")));
        }
        let place = pointer::join(at, property);
        let said = self.outline.and_then(|it| Some((it.subject(), it.description(&place)?)));
        Some(diagnostic.help(match said {
            Some((Subject::Record, it)) => format!("add it; the schema says of `{property}`: {it}"),
            Some((Subject::File | Subject::Schema, description)) => {
                format!("add `{property}`: {description}")
            }
            None => format!("add `{property}`"),
        }))
    }

    /// What is wrong with the names in the object at a pointer.
    fn names_at(&self, at: &str) -> Rc<NamesAt> {
        if let Some(names) = self.names.borrow().get(at) {
            return Rc::clone(names);
        }
        let mut names = NamesAt::default();
        let words = self.known_words(at);
        for violation in self.violations_at(at) {
            match &violation.demand {
                Demand::Required(name) => {
                    names.missing.insert(name.clone());
                }
                Demand::AdditionalProperties(unknown) | Demand::UnevaluatedProperties(unknown) => {
                    let near = unknown.iter().filter_map(|name| words.guess(name).one());
                    names.meant.extend(near.map(|near| near.word.to_owned()));
                }
                _ => {}
            }
        }
        let names = Rc::new(names);
        self.names.borrow_mut().insert(at.to_owned(), Rc::clone(&names));
        names
    }

    /// The properties that the object at a pointer may have.
    fn known(&self, at: &str) -> Vec<&'a str> {
        self.outline.and_then(|outline| outline.properties(at)).unwrap_or_default()
    }

    /// The same for guesses.
    fn known_words(&self, at: &str) -> Arc<Words> {
        let outline = self.outline.map_or("", Outline::name);
        let is_index =
            |token: &&str| !token.is_empty() && token.bytes().all(|it| it.is_ascii_digit());
        let names = at.split('/').map(|token| if is_index(&token) { "*" } else { token });
        let place =
            names.fold(format!("properties of {outline}"), |place, name| place + "/" + name);
        self.words(&place, || Words::few(self.known(at)))
    }

    pub(super) fn whole(&self) -> Option<Subject> {
        self.outline.map(Outline::subject)
    }

    pub(super) fn object_name(&self, at: &str) -> String {
        match (at, self.whole()) {
            ("", Some(Subject::Record)) => "the record".to_owned(),
            ("", Some(Subject::File | Subject::Schema) | None) => "the file".to_owned(),
            _ => self.subject(at),
        }
    }

    /// Properties that the schema doesn't allow.
    pub(super) fn unknown(&self, object: Value<'a>, at: &str, names: &[String]) -> Vec<Diagnostic> {
        let known = self.known(at);
        let known_names: HashSet<&str> = known.iter().copied().collect();
        let words = self.known_words(at);
        let of = self.object_name(at);
        let finding = |name: &String| {
            let entry = self.finder.entry(object, name)?;
            let place = Place::of(entry.key).at(pointer::join(at, name));
            if known_names.contains(name.as_str()) {
                let message =
                    format!("the property `{name}` may not stand in {of} beside the others");
                let diagnostic = Diagnostic::new(&code::UNKNOWN_PROPERTY, place, message);
                return Some(diagnostic.help("leave it out, or change what rules it out"));
            }
            let message =
                format!("{of} has the property {}, which the schema doesn't know", quote(name));
            let diagnostic = Diagnostic::new(&code::UNKNOWN_PROPERTY, place, message);
            let used = |word: &str| self.finder.entry(object, word).is_some();
            let guess = words.guess(name).without(used);
            let Some(question) = guess.question() else {
                return Some(if known.is_empty() {
                    diagnostic
                } else {
                    let allowed = one_of(known.iter().copied());
                    diagnostic.help(format!("the schema allows {allowed}"))
                });
            };
            // Nothing is renamed in a manifest without being asked.
            let Some(near) = guess.one().filter(|_| self.whole() == Some(Subject::Record)) else {
                return Some(diagnostic.help(question));
            };
            let diagnostic = if self.names_at(at).missing.contains(near.word) {
                diagnostic.help(format!("did you mean `{}`, which is missing?", near.word))
            } else {
                diagnostic.help(question)
            };
            Some(match respell(entry.key, near.word).filter(|_| near.is_writable()) {
                Some(replacement) => diagnostic.replace(
                    Certainty::Suggested,
                    format!("rename it to `{}`", near.word),
                    replacement,
                ),
                None => diagnostic,
            })
        };
        names.iter().filter_map(finding).collect()
    }

    /// Properties that no clause which holds speaks of. A clause that doesn't hold, for a fault
    /// that is reported, may have been the one to know them.
    pub(super) fn unevaluated(
        &self,
        object: Value<'a>,
        at: &str,
        names: &[String],
    ) -> Vec<Diagnostic> {
        let in_place = self
            .violations_at(at)
            .iter()
            .any(|other| !matches!(other.demand, Demand::UnevaluatedProperties(_)));
        let known: HashSet<&str> = self.known(at).into_iter().collect();
        let excused = |name: &str| {
            known.contains(name) && (in_place || self.is_faulty(&pointer::join(at, name)))
        };
        let names: Vec<_> = names.iter().filter(|name| !excused(name)).cloned().collect();
        self.unknown(object, at, &names)
    }

    pub(super) fn wrong_name(
        &self,
        object: Value<'a>,
        at: &str,
        name: &str,
        inner: &Violation,
    ) -> Diagnostic {
        let place =
            self.finder.entry(object, name).map_or(Place::of(object), |entry| Place::of(entry.key));
        let place = place.at(pointer::join(at, name));
        let wanted = match &inner.demand {
            Demand::Pattern(pattern) => format!("match `{pattern}`"),
            Demand::Enum(options) => {
                let options = options.as_array().into_iter().flatten();
                format!("be {}", one_of(options.filter_map(|text| text.as_str())))
            }
            Demand::MinLength(limit) => format!("have at least {limit} characters"),
            Demand::MaxLength(limit) => format!("have at most {limit} characters"),
            _ => "be such as the schema describes under `propertyNames`".to_owned(),
        };
        let message =
            format!("{} has the key {}, but its keys must {wanted}", self.subject(at), quote(name));
        let guess = match &inner.demand {
            Demand::Enum(options) => self
                .words(&inner.clause, || {
                    Words::few(
                        options.as_array().into_iter().flatten().filter_map(|it| it.as_str()),
                    )
                })
                .guess(name)
                .question(),
            _ => None,
        };
        let is_record = self.whole() == Some(Subject::Record);
        let help = guess.or_else(|| self.describe(at).filter(|_| is_record));
        Diagnostic::new(&code::UNKNOWN_PROPERTY, place, message)
            .help(help.unwrap_or_else(|| "write another key".to_owned()))
    }
}

/// A property that is required and was left out, because what stands there means that it is missing.
fn missing_by_marker(finding: Diagnostic, marker: Value<'_>, at: &str) -> Diagnostic {
    let mut finding = finding;
    let said = match marker.tag() {
        Tag::Array | Tag::Object => "what stands there means that it is missing".to_owned(),
        _ => format!("{} stands for a missing value", seen(marker)),
    };
    finding.message = format!("{}: {said}", finding.message);
    finding.primary.place = Place::of(marker).at(at);
    finding.label("stands for a missing value").help(
        "write the value; or, if it may be missing, take the property out of `required` in the schema",
    )
}

/// The names that were looked at, by the pointer of their object.
pub(super) type NamesByPlace = HashMap<String, Rc<NamesAt>>;
