//! Columns: what they are called, what a codebook says of them, and those that are worked out from dates.

use std::sync::{Arc, LazyLock};

use super::Compiler;
use super::gather::{Clauses, first_text, first_with};
use super::scope::{Contents, Scope};
use crate::diagnostic::{Diagnostic, code};
use crate::edtf::Precision;
use crate::model::document::Node;
use crate::model::{About, Codes, Column, EdtfPart, Kind, Origin, RoleSet, Scalar, names};

/// Names of the precision of a date, as codes.
static PRECISIONS: LazyLock<Arc<Codes>> =
    LazyLock::new(|| Arc::new(Codes::new(None, Precision::NAMES.map(str::to_owned))));

impl Compiler<'_> {
    pub(super) fn about(&mut self, property: &str, clauses: &Clauses<'_>) -> About {
        let text = |keyword: &str| first_text(clauses, keyword);
        let title = text("title").unwrap_or(property).to_owned();
        let label = text("x-label").unwrap_or(&title).to_owned();
        if label.chars().count() > names::LABEL_CHARS_MAX {
            let node = first_with(clauses, "x-label")
                .or_else(|| first_with(clauses, "title"))
                .expect("the label comes from one of them");
            let keyword = if node.text("x-label").is_some() { "x-label" } else { "title" };
            self.found.push(
                Diagnostic::new(
                    &code::UNUSABLE_NAME,
                    node.place_of(keyword),
                    format!(
                        "the label of `{property}` has {} characters, and {} are allowed",
                        label.chars().count(),
                        names::LABEL_CHARS_MAX
                    ),
                )
                .help("Stata and SPSS reject longer labels; add a short `x-label`"),
            );
        }
        About {
            label,
            title,
            description: text("description").unwrap_or_default().to_owned(),
            unit: text("x-unit").map(str::to_owned),
            missing: Vec::new(),
            reason: None,
        }
    }

    /// A value's column, and those derived from it. Returns the value's own.
    pub(super) fn column(
        &mut self,
        scalar: &Scalar,
        scope: &Scope,
        about: &About,
        node: &Node<'_>,
        contents: &mut Contents,
    ) -> usize {
        let index = contents.columns.len();
        let column = Column {
            name: scope.prefix.clone(),
            plain: None,
            pointer: scope.pointer.clone(),
            about: about.clone(),
            kind: scalar.kind.clone(),
            reference: scalar.reference.clone(),
            nullable: !scope.certain,
            internal: scope.internal,
            origin: Origin::Field,
            roles: scalar.roles,
            format: scalar.format,
        };
        self.check_name(&column, node);
        let parts = scalar.kind.derived_parts().iter();
        let derived: Vec<_> = parts.map(|part| derived(&column, index, *part)).collect();
        if names::fault(&column.name, names::COLUMN_CHARS_MAX).is_none()
            && let Some(longest) = derived.iter().max_by_key(|column| column.name.len())
        {
            self.check_name(longest, node);
        }
        self.push_unchecked(column, node, contents);
        for column in derived {
            self.push_unchecked(column, node, contents);
        }
        index
    }

    pub(super) fn push(&mut self, column: Column, node: &Node<'_>, contents: &mut Contents) {
        self.check_name(&column, node);
        self.push_unchecked(column, node, contents);
    }

    pub(super) fn check_name(&mut self, column: &Column, node: &Node<'_>) {
        if let Some(fault) = names::fault(&column.name, names::COLUMN_CHARS_MAX) {
            self.found.push(
                Diagnostic::new(
                    &code::UNUSABLE_NAME,
                    node.place(),
                    format!("no column can be called `{}`: {fault}", column.name),
                )
                .help("rename the property, or give it (or the object around it) an `x-column`"),
            );
        }
    }

    pub(super) fn push_unchecked(
        &mut self,
        column: Column,
        node: &Node<'_>,
        contents: &mut Contents,
    ) {
        if let Some(&other) = contents.by_name.get(&column.name) {
            self.found.push(
                Diagnostic::new(
                    &code::NAME_COLLISION,
                    node.place(),
                    format!(
                        "two columns are called `{}`: for `{}` and `{}`",
                        column.name,
                        crate::pointer::readable(&contents.columns[other].pointer),
                        crate::pointer::readable(&column.pointer)
                    ),
                )
                .with(contents.places[other].clone(), "the other one")
                .help("give one of them another name with `x-column`"),
            );
        }
        contents.by_name.entry(column.name.clone()).or_insert(contents.columns.len());
        contents.columns.push(column);
        contents.places.push(node.place());
    }
}

/// What the column of a fact about a date is called, by the name of the date's own.
pub(super) fn derived_name(of: &str, part: EdtfPart) -> String {
    format!("{}_{}", names::stem(of), part.suffix())
}

/// The column of a fact about a date.
pub(super) fn derived(of: &Column, index: usize, part: EdtfPart) -> Column {
    let words = match part {
        EdtfPart::Earliest => "earliest day",
        EdtfPart::Latest => "latest day",
        EdtfPart::Precision => "precision",
        EdtfPart::Uncertain => "marked uncertain",
        EdtfPart::Approximate => "marked approximate",
    };
    let description = match part {
        EdtfPart::Earliest => "The first day that the date can mean; missing if it has no start.",
        EdtfPart::Latest => "The last day that the date can mean; missing if it has no end.",
        EdtfPart::Precision => "How precise the date is.",
        EdtfPart::Uncertain => "Whether the date is marked as uncertain (`?` or `%`).",
        EdtfPart::Approximate => "Whether the date is marked as approximate (`~` or `%`).",
    };
    Column {
        name: derived_name(&of.name, part),
        plain: None,
        pointer: of.pointer.clone(),
        about: About {
            title: format!("{}: {words}", of.about.title),
            label: names::shorten(&format!("{}: {words}", of.about.label)),
            description: description.to_owned(),
            ..About::default()
        },
        kind: match part {
            EdtfPart::Earliest | EdtfPart::Latest => Kind::Date,
            EdtfPart::Precision => Kind::Code(Arc::clone(&PRECISIONS)),
            EdtfPart::Uncertain | EdtfPart::Approximate => Kind::Boolean,
        },
        reference: None,
        // A year has a first and a last day; another date may be open.
        nullable: of.nullable
            || matches!(of.kind, Kind::Edtf)
                && matches!(part, EdtfPart::Earliest | EdtfPart::Latest),
        internal: of.internal,
        origin: Origin::Derived { of: index, part },
        roles: RoleSet::default(),
        format: None,
    }
}
