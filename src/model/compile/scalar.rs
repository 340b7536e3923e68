//! What one value is: from the schemas that speak about it to a [`Kind`].

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::annotation::YEAR;
use super::gather::{Clause, Clauses, Condition, always_with, first_with};
use super::{conditional, decimals, formats, roles};
use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Diagnostic, code, one_of, quote};
use crate::ecma::{Pattern, Verdict};
use crate::model::document::{Documents, Node};
use crate::model::kind::Class;
use crate::model::{CodeList, Codes, Kind, Reference, Role, Scalar, TextFormat};
use crate::parse::address::runs_script;
use crate::schema::admits_only_codes;
use crate::schema::certain::{constants, contradicts_itself};
use crate::schema::types::{ANYTHING, BOOLEAN, FRACTION, INTEGER, LIST, NULL, OBJECT, TEXT, Types};
use crate::tape::Value;

/// The types that values may have at a place: for all that always holds, or, where it is only spoken of
/// under conditions, in one of them.
pub(super) fn types(clauses: &Clauses<'_>) -> Types {
    let roots = || clauses.iter().filter(|clause| clause.root);
    let mut always = roots().filter(|clause| clause.condition == Condition::Always).peekable();
    if always.peek().is_some() {
        always.fold(ANYTHING, |types, clause| types & clause.types)
    } else {
        roots().fold(0, |types, clause| types | clause.types)
    }
}

/// Whether null may stand there.
pub(super) fn allows_null(clauses: &Clauses<'_>) -> bool {
    types(clauses) & NULL != 0
}

/// Texts that certainly hold at a place: for one of the schemas that always speak of it, or, where it
/// is only spoken of under conditions, for all of those.
pub(super) fn certain_at<'d>(
    documents: &'d Documents,
    clauses: &Clauses<'d>,
    own: &dyn Fn(&'d Map<String, Json>) -> Option<Vec<&'d str>>,
) -> Option<Vec<&'d str>> {
    let roots = || clauses.iter().filter(|clause| clause.root);
    let mut always = roots().filter(|clause| clause.condition == Condition::Always).peekable();
    if always.peek().is_some() {
        return always.find_map(|clause| documents.certain(&clause.node, own));
    }
    let mut all = Vec::new();
    for clause in roots().filter(|clause| clause.types & !NULL != 0) {
        all.extend(documents.certain(&clause.node, own)?);
    }
    let mut seen = HashSet::new();
    all.retain(|text| seen.insert(*text));
    (!all.is_empty()).then_some(all)
}

/// Names that scalars may refer to.
pub(super) struct Known<'a> {
    pub tables: &'a [&'a str],
    pub code_lists: &'a [CodeList],
}

/// Compiles one value. None if it is none, or ambiguous; then diagnostics say why.
pub(super) fn compile<'d>(
    documents: &'d Documents,
    clauses: &Clauses<'d>,
    known: &Known<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Scalar> {
    let types = types(clauses) & !NULL;
    let node = &clauses.first().expect("a place has a schema").node;
    let kind = match types {
        BOOLEAN => Kind::Boolean,
        INTEGER => integer_kind(documents, clauses, known, diagnostics)?,
        _ if types & !(INTEGER | FRACTION) == 0 && types != 0 => {
            match first_with(clauses, "x-scale") {
                Some(_) => decimals::kind(clauses, false, diagnostics)?,
                None => Kind::Number,
            }
        }
        TEXT => text_kind(documents, clauses, known, diagnostics)?,
        0 if allows_null(clauses) => {
            diagnostics.push(
                Diagnostic::new(
                    &code::UNTYPED,
                    node.place(),
                    format!(
                        "`{}` is never anything but null, so no column can hold it",
                        name(node)
                    ),
                )
                .help("add the type of the values that it may have"),
            );
            return None;
        }
        // An `enum` without a value of its schema's type was reported where it stands.
        0 if clauses
            .iter()
            .any(|clause| documents.keywords(&clause.node).is_some_and(contradicts_itself)) =>
        {
            return None;
        }
        0 => {
            diagnostics.push(
                Diagnostic::new(
                    &code::UNSATISFIABLE,
                    node.place(),
                    format!("no value fits all that is said of `{}`", name(node)),
                )
                .help(
                    "the types that it may have, here and where `$ref` and `allOf` lead, have none \
                       in common",
                ),
            );
            return None;
        }
        ANY_VALUE if clauses.iter().any(|clause| clause.broken) => return None,
        ANY_VALUE => {
            diagnostics.push(untyped(clauses, node));
            return None;
        }
        several => {
            diagnostics.push(
                Diagnostic::new(
                    &code::AMBIGUOUS_UNION,
                    node.place(),
                    format!("`{}` may be {}, so no column can hold it", name(node), words(several)),
                )
                .help("choose one type, or write one property for each"),
            );
            return None;
        }
    };
    check_fit(clauses, &kind, diagnostics);
    formats::check(clauses, &kind, diagnostics);
    Some(Scalar {
        reference: reference(clauses, known),
        iri_base: iri_base(clauses, diagnostics),
        format: text_format(clauses),
        roles: roles::of_value(clauses, &kind, diagnostics),
        terse: is_terse(clauses),
        plain: is_terse(clauses) && is_plain(clauses),
        ..Scalar::new(kind)
    })
}

/// How the text is always written. What only one branch asks for isn't always so.
fn text_format(clauses: &Clauses<'_>) -> Option<TextFormat> {
    let always = clauses.iter().filter(|clause| clause.condition == Condition::Always);
    always.filter_map(|clause| clause.node.text("format")).find_map(|format| match format {
        "uri" => Some(TextFormat::Uri),
        "uuid" => Some(TextFormat::Uuid),
        _ => None,
    })
}

/// What an IRI is made with must begin one.
fn iri_base(clauses: &Clauses<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
    let node = first_with(clauses, "x-jsonld-base")?;
    let base = node.text("x-jsonld-base")?;
    if fluent_uri::Iri::parse(format!("{base}x")).is_err() || runs_script(base) {
        diagnostics.push(
            Diagnostic::new(
                &code::MISUSED_ANNOTATION,
                node.place_of("x-jsonld-base"),
                format!("`x-jsonld-base` is {}, which begins no absolute IRI", quote(base)),
            )
            .help("write what makes an IRI of the value, as in `https://www.wikidata.org/entity/`"),
        );
        return None;
    }
    Some(base.to_owned())
}

/// Every type but null.
const ANY_VALUE: Types = ANYTHING & !NULL;

/// Nothing says what the values are, or not always.
fn untyped(clauses: &Clauses<'_>, node: &Node<'_>) -> Diagnostic {
    let finding = Diagnostic::new(
        &code::UNTYPED,
        node.place(),
        format!("`{}` has no type, so no column can hold it", name(node)),
    )
    .help("add `\"type\": \"string\"`, `number`, `integer`, `boolean`, `object` or `array`");
    let sometimes: Vec<_> = clauses
        .iter()
        .filter(|clause| {
            clause.condition != Condition::Always && clause.types & ANY_VALUE != ANY_VALUE
        })
        .collect();
    let Some(clause) = sometimes.first() else { return finding };
    let finding = finding.with(clause.node.place(), "a type is only said under a condition");
    let types = sometimes.iter().fold(0, |types, clause| types | clause.types) & !NULL;
    if types.count_ones() == 1 || types == INTEGER | FRACTION {
        finding.help(format!(
            "add `\"type\": \"{}\"` to `{}` itself, where it holds in every record",
            words(types).trim_matches('`'),
            name(node)
        ))
    } else {
        finding.help("write one property for each type, or one type that always holds")
    }
}

/// A set of types, in words.
fn words(types: Types) -> String {
    let number = if types & FRACTION != 0 { "number" } else { "integer" };
    let names = [
        (LIST, "array"),
        (BOOLEAN, "boolean"),
        (INTEGER | FRACTION, number),
        (OBJECT, "object"),
        (TEXT, "string"),
    ];
    one_of(names.into_iter().filter(|(bits, _)| types & bits != 0).map(|(_, name)| name))
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

fn text_kind<'d>(
    documents: &'d Documents,
    clauses: &Clauses<'d>,
    known: &Known<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Kind> {
    if let Some(node) = always_with(clauses, "x-codelist") {
        return Some(Kind::Code(code_list(node, known, diagnostics)?));
    }
    let texts = |keywords: &'d Map<String, Json>| {
        Some(constants(keywords)?.iter().filter_map(Json::as_str).collect())
    };
    if let Some(values) = certain_at(documents, clauses, &texts) {
        let values = values.into_iter().map(str::to_owned);
        return Some(Kind::Code(Arc::new(Codes::new(None, values))));
    }
    let formats = certain_formats(documents, clauses);
    let all =
        |known: &[&str]| !formats.is_empty() && formats.iter().all(|format| known.contains(format));
    Some(match () {
        () if all(&["decimal"]) => decimals::kind(clauses, true, diagnostics)?,
        () if all(&["date-time-local"]) => Kind::LocalDateTime,
        () if all(&["time-local"]) => Kind::LocalTime,
        () if all(&["date"]) => Kind::Date,
        () if all(&["date-time"]) => Kind::DateTime,
        () if all(&["edtf"]) => Kind::Edtf,
        () if all(&["uri", "iri", "uri-reference", "iri-reference"]) => Kind::Iri,
        () => Kind::Text,
    })
}

/// The formats that values have of which one always holds.
fn certain_formats<'d>(documents: &'d Documents, clauses: &Clauses<'d>) -> Vec<&'d str> {
    let format = |keywords: &'d Map<String, Json>| Some(vec![keywords.get("format")?.as_str()?]);
    certain_at(documents, clauses, &format).unwrap_or_default()
}

/// Whether integers are years.
fn is_year(documents: &Documents, clauses: &Clauses<'_>) -> bool {
    let formats = certain_formats(documents, clauses);
    !formats.is_empty() && formats.iter().all(|format| *format == YEAR)
}

/// The code list that `x-codelist` names.
pub(super) fn code_list(
    node: &Node<'_>,
    known: &Known<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Arc<Codes>> {
    let wanted = node.text("x-codelist")?;
    if let Some(list) = known.code_lists.iter().find(|list| list.name == wanted) {
        return Some(Arc::clone(&list.codes));
    }
    let names = || known.code_lists.iter().map(|list| list.name.as_str());
    let help = match nearest(wanted, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", one_of(names())),
    };
    let place = node.place_of("x-codelist");
    let message = format!("there is no code list `{wanted}`");
    diagnostics.push(Diagnostic::new(&code::UNKNOWN_NAME, place, message).help(help));
    None
}

/// An integer is held in the fewest bits for all within the schema's bounds; without both bounds, a code
/// in the fewest for all codes.
fn integer_kind(
    documents: &Documents,
    clauses: &Clauses<'_>,
    known: &Known<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Kind> {
    let bounds = integer_bounds(documents, clauses);
    let bits = |(low, high): (f64, f64)| {
        let fits = |bits: i32| low >= -(2f64.powi(bits - 1)) && high < 2f64.powi(bits - 1);
        [8u8, 16, 32].into_iter().find(|bits| fits(i32::from(*bits))).unwrap_or(64)
    };
    if is_year(documents, clauses) {
        return Some(Kind::Year { bits: bounds.map_or(64, bits).min(16) });
    }
    let Some(node) = always_with(clauses, "x-codelist") else {
        return Some(Kind::Integer { bits: bounds.map_or(64, bits) });
    };
    let codes = code_list(node, known, diagnostics)?;
    let numbers = codes.numbers();
    let of_codes = numbers.first().zip(numbers.last());
    let bounds = bounds.or(of_codes.map(|(low, high)| (*low as f64, *high as f64)));
    Some(Kind::IntegerCode { bits: bounds.map_or(64, bits), codes })
}

/// The smallest and the largest integer within the bounds that always hold.
fn integer_bounds(documents: &Documents, clauses: &Clauses<'_>) -> Option<(f64, f64)> {
    let always = || clauses.iter().filter(|clause| clause.condition == Condition::Always);
    // The integer next to an exclusive bound, which may be a fraction.
    let bound = |keyword: &str, exclusive: &str, inward: fn(f64) -> f64| {
        let number = |keyword: &str| {
            always().filter_map(|clause| clause.node.value.get(keyword)?.as_f64()).collect()
        };
        let mut bounds: Vec<f64> = number(keyword);
        let exclusive: Vec<f64> = number(exclusive);
        bounds.extend(exclusive.into_iter().map(inward));
        bounds
    };
    let mut lows = bound("minimum", "exclusiveMinimum", |bound| bound.floor() + 1.0);
    let mut highs = bound("maximum", "exclusiveMaximum", |bound| bound.ceil() - 1.0);
    let listed = |clause: &Clause<'_>| constants(documents.keywords(&clause.node)?);
    if let Some(values) = always().find_map(listed) {
        let numbers = || values.iter().filter_map(Json::as_f64);
        lows.extend(numbers().reduce(f64::min));
        highs.extend(numbers().reduce(f64::max));
    }
    lows.into_iter().reduce(f64::max).zip(highs.into_iter().reduce(f64::min))
}

/// What the value refers to; where that leads is seen once all tables are known.
fn reference(clauses: &Clauses<'_>, known: &Known<'_>) -> Option<Reference> {
    let node = always_with(clauses, "x-reference")?;
    named_reference(node, known)
}

/// What `x-reference` names.
pub(super) fn named_reference(node: &Node<'_>, known: &Known<'_>) -> Option<Reference> {
    let value = node.value.get("x-reference")?;
    let to = match value.as_str() {
        Some(one) => vec![one.to_owned()],
        None => value.items().filter_map(Value::as_str).map(str::to_owned).collect(),
    };
    let place = node.place_of("x-reference");
    (!to.is_empty()).then(|| Reference::new(to, place, |table| known.tables.contains(&table)))
}

/// Whether texts that a clause admits are codes: no word for what isn't known is among them.
fn is_terse(clauses: &Clauses<'_>) -> bool {
    const WORDS: [&str; 5] = ["unknown", "Unknown", "UNKNOWN", "none", "not known"];
    let admits_none = |node: &Node<'_>| {
        let pattern = node.text("pattern").and_then(|it| Pattern::new(it).ok());
        let most = node.value.get("maxLength").and_then(Value::as_f64);
        let fits = |word: &&str| {
            pattern.as_ref().is_none_or(|it| it.find(word) != Verdict::NoMatch)
                && most.is_none_or(|most| word.len() as f64 <= most)
        };
        !WORDS.iter().any(fits)
    };
    let mut always = clauses.iter().filter(|clause| clause.condition == Condition::Always);
    always.any(|clause| admits_none(&clause.node))
}

/// Whether all texts are spelt as codes are.
fn is_plain(clauses: &Clauses<'_>) -> bool {
    let mut always = clauses.iter().filter(|clause| clause.condition == Condition::Always);
    always.any(|clause| clause.node.text("pattern").is_some_and(admits_only_codes))
}

/// Annotations that mean nothing on an object or a list: those of values, and `others`.
pub(super) fn check_no_value(
    clauses: &Clauses<'_>,
    others: &[&str],
    what: &str,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let values = [
        "x-codelist",
        "x-missing",
        "x-missing-of",
        "x-reference",
        "x-jsonld-base",
        "x-precision",
        "x-role",
        "x-scale",
        "x-unit",
    ];
    let roles: &[Role] = match what {
        "a list" => &[Role::Coded, Role::SpellOf],
        _ => &[Role::Coded],
    };
    for keyword in values.iter().chain(others) {
        if *keyword == "x-role" && roles::has_only(clauses, roles) {
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
    let class = kind.class();
    let checks = [
        ("x-codelist", class == Class::Code, "text or an integer"),
        ("x-reference", class.is_key() || class == Class::Code, "free text, an integer or a code"),
        ("x-jsonld-base", class.is_text(), "free text"),
        ("x-language-map", false, "an object of texts"),
        ("x-jsonld-type", false, "an object"),
        ("x-separator", false, "a list of bare values"),
        ("x-dates", false, "an object"),
        ("x-constraints", false, "an object"),
        ("x-scale", class == Class::Decimal, "a number, or text with `format: decimal`"),
        (
            "x-precision",
            class == Class::Decimal,
            "a number with `x-scale`, or text with `format: decimal`",
        ),
        ("x-item-key", false, "a list of objects"),
        ("x-references", false, "an object"),
        ("x-unique", class.identifies(), "texts, integers, codes and dates"),
    ];
    for (keyword, fits, wanted) in checks {
        let said = match conditional::KEYWORDS.contains(&keyword) {
            true => always_with(clauses, keyword),
            false => first_with(clauses, keyword),
        };
        if !fits && let Some(node) = said {
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
