//! Annotations that several schemas say of one place, or one says under a condition.
//!
//! A column is the same in every record, so what a schema says of it holds in every record: an
//! annotation below `then` or in one branch of `oneOf` can't be kept where it stands. It is refused there,
//! and so are two that contradict each other. Code lists, references and roles are said of values, and may
//! hold in some records only: [`conditional`] finds those.

use super::conditional;
use super::gather::{Clause, Clauses, Condition, silent_root};
use super::scalar::name;
use crate::diagnostic::{Diagnostic, code, quote};
use crate::model::document::Node;

/// Annotations that say what a value is: two that differ contradict each other.
const MEANINGS: [&str; 15] = [
    "x-codelist",
    "x-internal",
    "x-item-key",
    "x-jsonld-base",
    "x-language-map",
    "x-missing",
    "x-missing-of",
    "x-precision",
    "x-reference",
    "x-references",
    "x-role",
    "x-scale",
    "x-separator",
    "x-unique",
    "x-unit",
];

/// Annotations that say how it is called: the property's own goes before that of a schema which it
/// refers to.
const NAMES: [&str; 5] = ["x-column", "x-jsonld-id", "x-jsonld-term", "x-jsonld-type", "x-label"];

/// Reports annotations of one place that contradict each other, or don't always hold.
pub(super) fn check(clauses: &Clauses<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for keyword in MEANINGS {
        diagnostics.extend(fault(clauses, keyword, true));
    }
    for keyword in NAMES {
        diagnostics.extend(fault(clauses, keyword, false));
    }
}

fn fault(clauses: &Clauses<'_>, keyword: &str, is_meaning: bool) -> Option<Diagnostic> {
    let says = |clause: &&Clause<'_>| clause.node.value.get(keyword).is_some();
    if !clauses.iter().any(|clause| says(&clause)) {
        return None;
    }
    let same = |one: &Node<'_>, other: &Node<'_>| {
        let json = |node: &Node<'_>| node.value.get(keyword).map(|value| value.to_json());
        json(one) == json(other)
    };
    let is_always = |clause: &&Clause<'_>| clause.condition == Condition::Always;
    let declared = clauses.iter().any(|clause| clause.root && is_always(&clause));
    if conditional::KEYWORDS.contains(&keyword) {
        return declared.then(|| two_always(clauses, keyword)).flatten();
    }
    if declared {
        let always = clauses.iter().filter(is_always).find(says);
        let sometimes = |clause: &&Clause<'_>| {
            !is_always(clause)
                && says(clause)
                && always.is_none_or(|always| !same(&always.node, &clause.node))
        };
        if let Some(clause) = clauses.iter().find(sometimes) {
            return Some(conditional(&clause.node, keyword));
        }
    }
    let first = clauses.iter().find(says)?;
    if !declared
        && is_meaning
        && let Some(silent) = silent_root(clauses, keyword)
    {
        let message = format!(
            "`{keyword}` holds for `{}` in one alternative and not in another",
            name(&first.node)
        );
        return Some(
            Diagnostic::new(&code::MISUSED_ANNOTATION, first.node.place_of(keyword), message)
                .with(silent.place(), "here it isn't said")
                .help("say it in both, or write one property for each"),
        );
    }
    let other = clauses.iter().filter(says).find(|clause| !same(&first.node, &clause.node))?;
    // A property may call itself otherwise than what it refers to.
    if !is_meaning && first.root {
        return None;
    }
    Some(contradiction(&first.node, &other.node, keyword, is_meaning))
}

/// Two that hold in every record and differ.
fn two_always(clauses: &Clauses<'_>, keyword: &str) -> Option<Diagnostic> {
    let said = |clause: &Clause<'_>| clause.node.value.get(keyword).map(|value| value.to_json());
    let mut always = clauses
        .iter()
        .filter(|clause| clause.condition == Condition::Always && said(clause).is_some());
    let first = always.next()?;
    let other = always.find(|other| said(other) != said(first))?;
    Some(contradiction(&first.node, &other.node, keyword, true))
}

fn contradiction(
    first: &Node<'_>,
    other: &Node<'_>,
    keyword: &str,
    is_meaning: bool,
) -> Diagnostic {
    let value = |node: &Node<'_>| {
        let value = node.value.get(keyword).map(|value| value.to_json());
        value.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    };
    let message = format!(
        "`{keyword}` of `{}` is {} here and {} elsewhere",
        name(first),
        quote(&value(other).unwrap_or_default()),
        quote(&value(first).unwrap_or_default()),
    );
    let help = if is_meaning {
        "a column has one: leave out the other, or write one property for each"
    } else {
        "say on the property itself which one it is"
    };
    Diagnostic::new(&code::MISUSED_ANNOTATION, other.place_of(keyword), message)
        .with(first.place_of(keyword), "the other one")
        .help(help)
}

fn conditional(node: &Node<'_>, keyword: &str) -> Diagnostic {
    let message =
        format!("`{keyword}` stands under a condition, and a column is the same in every record");
    let help = match keyword {
        "x-internal" => {
            "a column is released or it isn't: write a property of its own for what must not be \
             released"
        }
        "x-separator" => {
            "a cell is split before anybody knows the record: let it stand on the property itself"
        }
        "x-language-map" => {
            "a column for each language is there in every record: write a property of its own for \
             the texts"
        }
        "x-unit" => "the numbers of a column have one unit: write a property for each unit",
        "x-jsonld-base" => {
            "a key of JSON-LD means the same in every record: write a property for each base"
        }
        _ => "let it stand on the property itself, or write one property for each",
    };
    Diagnostic::new(&code::MISUSED_ANNOTATION, node.place_of(keyword), message).help(help)
}
