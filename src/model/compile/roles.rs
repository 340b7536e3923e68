//! The roles of a value: `x-role` holds one, or a list of them.

use super::gather::{Clauses, Condition, always_with, first_with};
use super::scalar::name;
use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Diagnostic, Place, code, quote};
use crate::model::document::Node;
use crate::model::kind::Class;
use crate::model::{Kind, Role, RoleSet};
use crate::tape::Value;

/// What stands under a keyword that holds a text or a list of texts, each with its place.
fn texts<'d>(node: &Node<'d>, keyword: &str) -> Vec<(&'d str, Place)> {
    let one = node.get(keyword).filter(|node| node.value.as_str().is_some());
    let all = node.items(keyword).into_iter().chain(one);
    all.filter_map(|node| Some((node.value.as_str()?, node.place()))).collect()
}

/// The roles that a schema gives to values of a kind in every record.
pub(super) fn of_value(
    clauses: &Clauses<'_>,
    kind: &Kind,
    diagnostics: &mut Vec<Diagnostic>,
) -> RoleSet {
    let Some(node) = always_with(clauses, "x-role") else { return RoleSet::default() };
    let roles = fitting(node, "x-role", &name(node), kind, diagnostics);
    if roles.has(Role::Weight) && !is_above_zero(clauses) {
        let message = format!("`{}` has the role `weight`, and may be 0 or less", name(node));
        diagnostics.push(
            Diagnostic::new(&code::MISUSED_ANNOTATION, node.place_of("x-role"), message).help(
                "add `\"exclusiveMinimum\": 0`: a weight is 1 divided by the probability that the \
                 unit was drawn",
            ),
        );
    }
    roles
}

/// Whether bounds that always hold admit no number but those above 0.
fn is_above_zero(clauses: &Clauses<'_>) -> bool {
    let mut always = clauses.iter().filter(|clause| clause.condition == Condition::Always);
    always.any(|clause| {
        let bound = |keyword: &str| clause.node.value.get(keyword).and_then(Value::as_f64);
        bound("exclusiveMinimum").is_some_and(|bound| bound >= 0.0)
            || bound("minimum").is_some_and(|bound| bound > 0.0)
    })
}

/// The roles under a keyword of a node that values of a kind can have; `subject` is what has them.
pub(super) fn fitting(
    node: &Node<'_>,
    keyword: &str,
    subject: &str,
    kind: &Kind,
    diagnostics: &mut Vec<Diagnostic>,
) -> RoleSet {
    let roles = named(node, keyword, subject, diagnostics);
    let mut fitting = RoleSet::default();
    for (wanted, place) in texts(node, keyword) {
        let Some(role) = role(wanted).filter(|role| roles.has(*role)) else { continue };
        let Some(needed) = role.misfit(kind) else {
            fitting = fitting.with(role);
            continue;
        };
        let message =
            format!("the role `{wanted}` belongs to {needed}, and `{subject}` is not that");
        let help = match (needed, kind.class()) {
            ("a date", Class::Integer) => {
                "if it holds years, write `\"type\": \"integer\", \"format\": \"year\"`; if it is \
                 the month or the day of a date, compose the date with `x-dates`"
            }
            ("a date", Class::Text) => "say with `format` how the date is written, as in `edtf`",
            _ => "`docs/schema.md` lists the roles",
        };
        diagnostics.push(Diagnostic::new(&code::MISUSED_ANNOTATION, place, message).help(help));
    }
    fitting
}

/// The roles under a keyword of a node, whatever has them.
pub(super) fn named(
    node: &Node<'_>,
    keyword: &str,
    subject: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> RoleSet {
    let mut roles = RoleSet::default();
    for (wanted, place) in texts(node, keyword) {
        let mut misused = |message: String, help: String| {
            let finding = Diagnostic::new(&code::MISUSED_ANNOTATION, place.clone(), message);
            diagnostics.push(finding.help(help));
        };
        let Some(role) = role(wanted) else {
            let names = Role::ALL.map(|(name, _)| name);
            let help = match nearest(wanted, names) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the roles are {}", names.map(quote).join(", ")),
            };
            misused(format!("`{wanted}` is no role of a value"), help);
            continue;
        };
        if roles.has(role) {
            misused(
                format!("`{subject}` has the role `{wanted}` twice"),
                "once is enough".to_owned(),
            );
        } else if let Some(other) = roles.iter().find(|other| role.contradicts(*other)) {
            let (other, _) =
                Role::ALL.into_iter().find(|(_, role)| *role == other).expect("a role");
            let help = match wanted {
                "start" | "end" => {
                    "one date that is both is the role `date`; else write a property for each"
                }
                _ => "write a property for each",
            };
            misused(
                format!("`{subject}` can't have the role `{wanted}` beside `{other}`"),
                help.to_owned(),
            );
        } else {
            roles = roles.with(role);
        }
    }
    roles
}

fn role(name: &str) -> Option<Role> {
    Role::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, role)| role)
}

/// Whether a place has a role: an object or a list can be coded, and a list can be one of spells.
pub(super) fn has(clauses: &Clauses<'_>, role: Role) -> bool {
    let named = |(wanted, _): &(&str, Place)| Role::ALL.contains(&(*wanted, role));
    first_with(clauses, "x-role").is_some_and(|node| texts(node, "x-role").iter().any(named))
}

/// Whether it has one role, of those that an object can have, or a list.
pub(super) fn has_only(clauses: &Clauses<'_>, among: &[Role]) -> bool {
    let count = first_with(clauses, "x-role").map_or(0, |node| texts(node, "x-role").len());
    count == 1 && among.iter().any(|role| has(clauses, *role))
}

/// Whether a list is one of spells in every record, which is all that it can be.
pub(super) fn is_of_spells(clauses: &Clauses<'_>, diagnostics: &mut Vec<Diagnostic>) -> bool {
    if !has(clauses, Role::SpellOf) {
        return false;
    }
    let always = always_with(clauses, "x-role").is_some();
    if let Some(node) = first_with(clauses, "x-role").filter(|_| !always) {
        let name = name(node);
        let message = format!(
            "the list `{name}` has the role `spell-of` under a condition, and a list has it in every \
             record or in none"
        );
        diagnostics.push(
            Diagnostic::new(&code::MISUSED_ANNOTATION, node.place_of("x-role"), message)
                .help("let the role stand on the list itself, or on a value in its items"),
        );
    }
    always
}
