//! Language maps: a column for each language of the dataset.

use super::Compiler;
use super::gather::{Clause, Clauses, Condition, first_with, gather};
use super::scalar::{self, name};
use super::scope::{Contents, Scope};
use crate::diagnostic::{Diagnostic, code};
use crate::model::document::Node;
use crate::model::{About, Column, Kind, Origin, RoleSet, Shape, names};
use crate::schema::types::{NULL, OBJECT, TEXT};

/// Annotations of one value.
const VALUE_ANNOTATIONS: [&str; 8] = [
    "x-codelist",
    "x-jsonld-base",
    "x-missing-of",
    "x-precision",
    "x-reference",
    "x-role",
    "x-scale",
    "x-unit",
];

impl<'c> Compiler<'c> {
    /// A language map holds texts and nothing else: its columns can't hold anything else.
    pub(super) fn check_language_map(&mut self, clauses: &Clauses<'c>) {
        let node = &first_with(clauses, "x-language-map").expect("a language map says so").clone();
        let always = |clause: &&Clause<'c>| clause.condition == Condition::Always;
        let declared = clauses.iter().filter(always).any(|clause| clause.root);
        let texts: Clauses<'c> = clauses
            .iter()
            .filter(|clause| !declared || clause.condition == Condition::Always)
            .filter_map(|clause| clause.node.get("additionalProperties"))
            .flat_map(|schema| gather(self.documents, schema, Condition::Always, self.found))
            .collect();
        let objects = scalar::types(clauses) & !NULL == OBJECT;
        let only_texts = !texts.is_empty() && scalar::types(&texts) == TEXT;
        let others = ["properties", "patternProperties"]
            .iter()
            .any(|keyword| first_with(clauses, keyword).is_some());
        if !objects || !only_texts || others {
            self.found.push(
                Diagnostic::new(
                    &code::MISUSED_ANNOTATION,
                    node.place_of("x-language-map"),
                    format!("`{}` is a language map, but may hold more than texts", name(node)),
                )
                .help(
                    "write `\"type\": \"object\", \"additionalProperties\": {\"type\": \"string\"}` \
                     beside it, without `properties` and `patternProperties`",
                ),
            );
        }
        self.refuse(clauses, &VALUE_ANNOTATIONS, "a value, not on a language map");
        self.refuse_dates(clauses, "a language map");
    }

    pub(super) fn languages(
        &mut self,
        node: &Node<'_>,
        scope: &Scope,
        about: &About,
        contents: &mut Contents,
    ) -> Shape {
        let mut columns = Vec::new();
        for language in &self.manifest.dataset.languages {
            let column = Column {
                name: names::join(&scope.prefix, &names::segment(language)),
                plain: None,
                pointer: crate::pointer::join(&scope.pointer, language),
                about: About {
                    title: format!("{} ({language})", about.title),
                    label: names::shorten(&format!("{} ({language})", about.label)),
                    ..about.clone()
                },
                kind: Kind::Text,
                reference: None,
                nullable: true,
                internal: scope.internal,
                origin: Origin::Language(language.clone()),
                roles: RoleSet::default(),
                format: None,
            };
            columns.push((language.clone(), contents.columns.len()));
            self.push(column, node, contents);
        }
        if columns.is_empty() {
            self.found.push(
                Diagnostic::new(
                    &code::MISUSED_ANNOTATION,
                    node.place(),
                    format!("`{}` is a language map, and no language is declared", name(node)),
                )
                .help("add `languages = [\"en\"]` to `[dataset]` in the manifest"),
            );
        }
        Shape::Languages(columns)
    }
}
