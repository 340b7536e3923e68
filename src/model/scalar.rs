//! What one value is: from the schemas that speak about it to a [`Kind`].

use std::collections::BTreeSet;
use std::sync::Arc;

use super::document::Node;
use super::gather::{Clauses, Condition, first_text, first_with};
use super::{CodeList, Codes, Kind, Role, Scalar};
use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Diagnostic, code, one_of};
use crate::tape::{Tag, Value};

/// The JSON types that a place may hold, `null` left out.
pub(super) fn types(clauses: &Clauses<'_>) -> BTreeSet<&'static str> {
    let of = |always: bool| {
        let mut sets = clauses
            .iter()
            .filter(|clause| (clause.condition == Condition::Always) == always)
            .filter_map(|clause| declared(&clause.node));
        let first = sets.next()?;
        // What always holds narrows; what sometimes holds adds up.
        Some(sets.fold(first, |types, more| {
            if always { intersect(&types, &more) } else { types.union(&more).copied().collect() }
        }))
    };
    of(true).or_else(|| of(false)).unwrap_or_default()
}

fn intersect(a: &BTreeSet<&'static str>, b: &BTreeSet<&'static str>) -> BTreeSet<&'static str> {
    let mut both: BTreeSet<_> = a.intersection(b).copied().collect();
    // Every integer is a number.
    for (one, other) in [(a, b), (b, a)] {
        if one.contains("integer") && other.contains("number") && !other.contains("integer") {
            both.insert("integer");
        }
    }
    both
}

const NAMES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];

/// The types that one schema names, or that its `enum` or `const` implies.
fn declared(node: &Node<'_>) -> Option<BTreeSet<&'static str>> {
    let named = |value: Value<'_>| {
        let name = value.as_str()?;
        NAMES.into_iter().find(|known| *known == name)
    };
    if let Some(types) = node.value.get("type") {
        let one = types.as_str().is_some().then_some(types);
        return Some(types.items().chain(one).filter_map(named).collect());
    }
    let values = constants(node)?;
    let type_of = |value: &Value<'_>| match value.tag() {
        Tag::Null => None,
        Tag::Boolean => Some("boolean"),
        Tag::Integer | Tag::Unsigned => Some("integer"),
        Tag::Float => Some("number"),
        Tag::Text => Some("string"),
        Tag::Array => Some("array"),
        Tag::Object => Some("object"),
    };
    Some(values.iter().filter_map(type_of).collect())
}

/// The values that one schema's `enum` or `const` lists.
fn constants<'d>(node: &Node<'d>) -> Option<Vec<Value<'d>>> {
    if let Some(value) = node.value.get("const") {
        return Some(vec![value]);
    }
    Some(node.value.get("enum")?.items().collect())
}

/// Whether null may stand there.
pub(super) fn allows_null(clauses: &Clauses<'_>) -> bool {
    clauses.iter().any(|clause| {
        let types = clause.node.value.get("type");
        let branches = ["anyOf", "oneOf"];
        types.is_some_and(|types| types.items().any(|name| name.as_str() == Some("null")))
            || branches.iter().any(|keyword| {
                clause.node.items(keyword).iter().any(|node| node.text("type") == Some("null"))
            })
            || constants(&clause.node)
                .is_some_and(|values| values.iter().any(|value| value.is_null()))
    })
}

/// Names that scalars may refer to.
pub(super) struct Known<'a> {
    pub tables: &'a [&'a str],
    pub code_lists: &'a [CodeList],
}

/// Compiles one value. None if it is none, or ambiguous; then diagnostics say why.
pub(super) fn compile(
    clauses: &Clauses<'_>,
    known: &Known<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Scalar> {
    let types = types(clauses);
    let node = &clauses.first().expect("a place has a schema").node;
    let mut types: Vec<_> = types.into_iter().collect();
    if types == ["integer", "number"] {
        types = vec!["number"];
    }
    let kind = match types.as_slice() {
        ["boolean"] => Kind::Boolean,
        ["integer"] => Kind::Integer { bits: integer_bits(clauses) },
        ["number"] => Kind::Number,
        ["string"] => text_kind(clauses, known, diagnostics)?,
        [] if clauses.iter().any(|clause| clause.broken) => return None,
        [] => {
            diagnostics.push(
                Diagnostic::new(
                    &code::UNTYPED,
                    node.place(),
                    format!("`{}` has no type, so no column can hold it", name(node)),
                )
                .help(
                    "add `\"type\": \"string\"`, `number`, `integer`, `boolean`, `object` or \
                     `array`",
                ),
            );
            return None;
        }
        several => {
            diagnostics.push(
                Diagnostic::new(
                    &code::AMBIGUOUS_UNION,
                    node.place(),
                    format!(
                        "`{}` may be {}, so no column can hold it",
                        name(node),
                        one_of(several.iter().copied())
                    ),
                )
                .help("choose one type, or write one property for each"),
            );
            return None;
        }
    };
    check_fit(clauses, &kind, diagnostics);
    Some(Scalar {
        reference: reference(clauses, known, diagnostics),
        iri_base: first_text(clauses, "x-jsonld-base").map(str::to_owned),
        role: role(clauses, &kind, diagnostics),
        terse: is_terse(clauses),
        ..Scalar::new(kind)
    })
}

/// How messages call a schema: by its property.
pub(super) fn name(node: &Node<'_>) -> String {
    let last = node.pointer.rsplit('/').next().unwrap_or_default();
    if last.is_empty() {
        "the root".to_owned()
    } else if last == "items" && node.pointer.ends_with("/items") {
        // The keyword, or a property of that name; for both, what is around says more.
        let list = node.pointer.rsplit('/').nth(1).unwrap_or_default();
        match list {
            "properties" => last.to_owned(),
            list => format!("{}[]", crate::pointer::unescape(list)),
        }
    } else {
        crate::pointer::unescape(last).into_owned()
    }
}

fn text_kind(
    clauses: &Clauses<'_>,
    known: &Known<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Kind> {
    if let Some(node) = first_with(clauses, "x-codelist") {
        let wanted = node.text("x-codelist")?;
        if let Some(list) = known.code_lists.iter().find(|list| list.name == wanted) {
            return Some(Kind::Code(Arc::clone(&list.codes)));
        }
        let names = || known.code_lists.iter().map(|list| list.name.as_str());
        let help = match nearest(wanted, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", one_of(names())),
        };
        diagnostics.push(
            Diagnostic::new(
                &code::UNKNOWN_NAME,
                node.place_of("x-codelist"),
                format!("there is no code list `{wanted}`"),
            )
            .help(help),
        );
        return None;
    }
    if let Some(values) = enumeration(clauses) {
        return Some(Kind::Code(Arc::new(Codes::new(None, values))));
    }
    Some(match first_text(clauses, "format") {
        Some("date") => Kind::Date,
        Some("date-time") => Kind::DateTime,
        Some("edtf") => Kind::Edtf,
        Some("uri" | "iri" | "uri-reference" | "iri-reference") => Kind::Iri,
        _ => Kind::Text,
    })
}

/// The texts that may stand there, if they are listed: always, or in every branch.
fn enumeration(clauses: &Clauses<'_>) -> Option<Vec<String>> {
    let texts = |node: &Node<'_>| -> Option<Vec<String>> {
        let values = constants(node)?;
        Some(values.iter().filter_map(|value| value.as_str()).map(str::to_owned).collect())
    };
    let always = clauses.iter().filter(|clause| clause.condition == Condition::Always);
    if let Some(values) = always.clone().find_map(|clause| texts(&clause.node)) {
        return Some(values);
    }
    if always.count() > 0 {
        return None;
    }
    // Clauses of a branch come as `{…}` or as `{$ref}` with its target; only those that say
    // something count.
    let speaking = clauses.iter().filter(|clause| declared(&clause.node).is_some());
    let branches: Option<Vec<_>> = speaking.map(|clause| texts(&clause.node)).collect();
    branches.map(|values| values.concat()).filter(|values| !values.is_empty())
}

/// The fewest bits for all integers within the bounds that always hold.
fn integer_bits(clauses: &Clauses<'_>) -> u8 {
    let always = || clauses.iter().filter(|clause| clause.condition == Condition::Always);
    let bound = |keyword: &str, exclusive: &str, inward: f64| {
        let number = |keyword: &str| {
            always().filter_map(|clause| clause.node.value.get(keyword)?.as_f64()).collect()
        };
        let mut bounds: Vec<f64> = number(keyword);
        let exclusive: Vec<f64> = number(exclusive);
        bounds.extend(exclusive.into_iter().map(|bound| bound + inward));
        bounds
    };
    let mut lows = bound("minimum", "exclusiveMinimum", 1.0);
    let mut highs = bound("maximum", "exclusiveMaximum", -1.0);
    if let Some(values) = always().find_map(|clause| constants(&clause.node)) {
        let numbers = || values.iter().filter_map(|value| value.as_f64());
        lows.extend(numbers().reduce(f64::min));
        highs.extend(numbers().reduce(f64::max));
    }
    let low = lows.into_iter().reduce(f64::max);
    let high = highs.into_iter().reduce(f64::min);
    let (Some(low), Some(high)) = (low, high) else { return 64 };
    let fits = |bits: i32| low >= -(2f64.powi(bits - 1)) && high < 2f64.powi(bits - 1);
    [8u8, 16, 32].into_iter().find(|bits| fits(i32::from(*bits))).unwrap_or(64)
}

fn reference(
    clauses: &Clauses<'_>,
    known: &Known<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<String> {
    let node = first_with(clauses, "x-reference")?;
    let wanted = node.text("x-reference")?;
    if known.tables.contains(&wanted) {
        return Some(wanted.to_owned());
    }
    let tables = || known.tables.iter().copied();
    let help = match nearest(wanted, tables()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the manifest declares {}", one_of(tables())),
    };
    let place = node.place_of("x-reference");
    let message = format!("`x-reference` names the table `{wanted}`, which isn't declared");
    diagnostics.push(Diagnostic::new(&code::UNKNOWN_NAME, place, message).help(help));
    None
}

fn role(clauses: &Clauses<'_>, kind: &Kind, diagnostics: &mut Vec<Diagnostic>) -> Option<Role> {
    let node = first_with(clauses, "x-role")?;
    let wanted = node.text("x-role")?;
    let misused = |message: String, help: String| {
        Diagnostic::new(&code::MISUSED_ANNOTATION, node.place_of("x-role"), message).help(help)
    };
    let Some((_, role)) = Role::ALL.into_iter().find(|(name, _)| *name == wanted) else {
        let names = Role::ALL.map(|(name, _)| name);
        let help = match nearest(wanted, names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the roles are {}", names.map(crate::diagnostic::quote).join(", ")),
        };
        diagnostics.push(misused(format!("`{wanted}` is no role of a value"), help));
        return None;
    };
    if let Some(needed) = role.misfit(kind) {
        let message =
            format!("the role `{wanted}` belongs to {needed}, and `{}` is not that", name(node));
        diagnostics.push(misused(message, "`docs/schema.md` lists the roles".to_owned()));
        return None;
    }
    Some(role)
}

/// Whether texts that a clause admits are codes: no word for what isn't known is among them.
fn is_terse(clauses: &Clauses<'_>) -> bool {
    const WORDS: [&str; 5] = ["unknown", "Unknown", "UNKNOWN", "none", "not known"];
    let admits_none = |node: &Node<'_>| {
        let pattern = node.text("pattern").and_then(|it| regex::Regex::new(it).ok());
        let most = node.value.get("maxLength").and_then(Value::as_f64);
        let fits = |word: &&str| {
            pattern.as_ref().is_none_or(|pattern| pattern.is_match(word))
                && most.is_none_or(|most| word.len() as f64 <= most)
        };
        !WORDS.iter().any(fits)
    };
    let mut always = clauses.iter().filter(|clause| clause.condition == Condition::Always);
    always.any(|clause| admits_none(&clause.node))
}

/// Whether the place is a variable of codings: the one role that objects and lists have, too.
pub(super) fn is_coded(clauses: &Clauses<'_>) -> bool {
    first_text(clauses, "x-role").is_some_and(|wanted| Role::ALL.contains(&(wanted, Role::Coded)))
}

/// Annotations that mean nothing on an object or a list: those of values, and `others`.
pub(super) fn check_no_value(
    clauses: &Clauses<'_>,
    others: &[&str],
    what: &str,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let values = ["x-codelist", "x-reference", "x-jsonld-base", "x-role", "x-unit"];
    for keyword in values.iter().chain(others) {
        if *keyword == "x-role" && is_coded(clauses) {
            continue;
        }
        if let Some(node) = first_with(clauses, keyword) {
            let message = format!("`{keyword}` stands on a value, and `{}` is {what}", name(node));
            diagnostics.push(
                Diagnostic::new(&code::MISUSED_ANNOTATION, node.place_of(keyword), message).help(
                    if what == "a list" {
                        "let it stand in `items`"
                    } else {
                        "`docs/schema.md` says what each annotation may stand on"
                    },
                ),
            );
        }
    }
}

/// Annotations that mean nothing on a value of this kind.
fn check_fit(clauses: &Clauses<'_>, kind: &Kind, diagnostics: &mut Vec<Diagnostic>) {
    let text = matches!(kind, Kind::Text | Kind::Iri);
    let checks = [
        ("x-codelist", matches!(kind, Kind::Code(_)), "text with a code list"),
        ("x-reference", text || matches!(kind, Kind::Integer { .. }), "free text or an integer"),
        ("x-jsonld-base", text, "free text"),
        ("x-language-map", false, "an object of texts"),
        ("x-jsonld-type", false, "an object"),
        ("x-separator", false, "a list of bare values"),
    ];
    for (keyword, fits, wanted) in checks {
        if !fits && let Some(node) = first_with(clauses, keyword) {
            diagnostics.push(
                Diagnostic::new(
                    &code::MISUSED_ANNOTATION,
                    node.place_of(keyword),
                    format!("`{keyword}` stands on {wanted}, and `{}` is not that", name(node)),
                )
                .help("`docs/schema.md` says what each annotation may stand on"),
            );
        }
    }
}
