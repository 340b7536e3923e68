//! Annotations that several schemas say of one place, or one says under a condition.
//!
//! A column is the same in every record, so what a schema says of it holds in every record: an
//! annotation below `then` or in one branch of `oneOf` can't be kept where it stands. It is refused there,
//! and so are two that contradict each other.

use super::gather::{Clause, Clauses, Condition};
use super::scalar::name;
use crate::diagnostic::{Diagnostic, code, quote};
use crate::model::document::Node;

/// Annotations that say what a value is: two that differ contradict each other.
const MEANINGS: [&str; 13] = [
    "x-codelist",
    "x-internal",
    "x-item-key",
    "x-jsonld-base",
    "x-language-map",
    "x-missing",
    "x-missing-of",
    "x-reference",
    "x-references",
    "x-role",
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
    let value = |node: &Node<'_>| {
        let value = node.value.get(keyword).map(|value| value.to_json());
        value.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    };
    let message = format!(
        "`{keyword}` of `{}` is {} here and {} elsewhere",
        name(&first.node),
        quote(&value(&other.node).unwrap_or_default()),
        quote(&value(&first.node).unwrap_or_default()),
    );
    let help = if is_meaning {
        "a column has one: leave out the other, or write one property for each"
    } else {
        "say on the property itself which one it is"
    };
    Some(
        Diagnostic::new(&code::MISUSED_ANNOTATION, other.node.place_of(keyword), message)
            .with(first.node.place_of(keyword), "the other one")
            .help(help),
    )
}

fn conditional(node: &Node<'_>, keyword: &str) -> Diagnostic {
    let message =
        format!("`{keyword}` stands under a condition, and a column is the same in every record");
    let help = match keyword {
        "x-codelist" => {
            "let the property itself have the code list, and list here with `enum` which codes the \
             condition leaves; or write one property for each code list"
        }
        "x-reference" => {
            "let the property itself have the reference, or write one property for each table"
        }
        _ => "let it stand on the property itself, or write one property for each",
    };
    Diagnostic::new(&code::MISUSED_ANNOTATION, node.place_of(keyword), message).help(help)
}

/// A mention of the place that doesn't lead to the annotation, where another does.
fn silent_root<'c, 'd>(clauses: &'c Clauses<'d>, keyword: &str) -> Option<&'c Node<'d>> {
    let mut silent = None;
    for clause in clauses {
        if clause.root {
            if silent.is_some() {
                return silent;
            }
            // One that forbids the property, or says nothing at all of it, has nothing to annotate.
            silent = (clause.node.value.as_bool().is_none()).then_some(&clause.node);
        }
        if clause.node.value.get(keyword).is_some() {
            silent = None;
        }
    }
    silent
}
