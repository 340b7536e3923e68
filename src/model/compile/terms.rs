//! Terms of JSON-LD: the key and the IRI of each property, and classes.

use super::Compiler;
use super::gather::{Clauses, first_text, first_with};
use super::scope::Scope;
use crate::diagnostic::{Diagnostic, Place, code, one_of, quote};
use crate::model::{Term, names};
use crate::tape::Value;

impl Compiler<'_> {
    /// The JSON-LD key and IRI: those that the schema gives, else made from the column's name, so
    /// that no property is ever without a meaning and no two ever share a key by accident.
    pub(super) fn term(
        &mut self,
        property: &str,
        clauses: &Clauses<'_>,
        scope: &Scope,
        row: &str,
    ) -> Term {
        let key = first_text(clauses, "x-jsonld-term");
        let given = first_with(clauses, "x-jsonld-id").and_then(|node| {
            let name = node.text("x-jsonld-id")?;
            self.iri(name, &node.place_of("x-jsonld-id"))
        });
        if let (Some(key), Some(node)) = (key, first_with(clauses, "x-jsonld-term"))
            && !names::is_term(key)
        {
            self.found.push(
                Diagnostic::new(
                    &code::MISUSED_ANNOTATION,
                    node.place_of("x-jsonld-term"),
                    format!("{} can't be a key of a JSON-LD document", quote(key)),
                )
                .help("a key holds letters, digits, - and _, and begins with a letter or _"),
            );
        }
        if let Some(iri) = given {
            if key.is_none() && !scope.internal && !names::is_term(property) {
                let node = &clauses.first().expect("a place has a schema").node;
                self.found.push(
                    Diagnostic::new(
                        &code::UNUSABLE_NAME,
                        node.place(),
                        format!("{} can't be a key of a JSON-LD document", quote(property)),
                    )
                    .help(
                        "a key holds letters, digits, - and _, and begins with a letter or _: \
                         rename the property, or give it an `x-jsonld-term`",
                    ),
                );
            }
            return Term { key: key.unwrap_or(property).to_owned(), iri };
        }
        let made = || names::join(scope.above(row), &scope.prefix);
        let key = key.map_or_else(made, str::to_owned);
        let iri = format!("{}vocabulary#{key}", self.manifest.dataset.base);
        Term { key, iri }
    }

    /// An IRI as the schema abbreviates it.
    fn iri(&mut self, name: &str, place: &Place) -> Option<String> {
        let expanded = name.split_once(':').and_then(|(prefix, rest)| {
            match self.manifest.prefixes.get(prefix) {
                Some(base) => Some(format!("{base}{rest}")),
                None => (rest.starts_with("//") || prefix == "urn").then(|| name.to_owned()),
            }
        });
        if let Some(iri) = expanded.filter(|iri| fluent_uri::Iri::parse(iri.as_str()).is_ok()) {
            return Some(iri);
        }
        let prefixes = self.manifest.prefixes.keys().map(String::as_str);
        self.found.push(
            Diagnostic::new(
                &code::UNKNOWN_NAME,
                place.clone(),
                format!("`{name}` is no absolute IRI, and begins with no declared prefix"),
            )
            .help(format!("the manifest's `[prefixes]` are {}", one_of(prefixes))),
        );
        None
    }

    pub(super) fn classes(&mut self, clauses: &Clauses<'_>) -> Vec<String> {
        let Some(node) = first_with(clauses, "x-jsonld-type") else { return Vec::new() };
        let value = node.value.get("x-jsonld-type").expect("the keyword is there");
        let one = value.as_str().is_some().then_some(value);
        let names: Vec<_> = value.items().chain(one).collect();
        let iri = |item: Value<'_>| self.iri(item.as_str()?, &Place::of(item));
        names.into_iter().filter_map(iri).collect()
    }
}
