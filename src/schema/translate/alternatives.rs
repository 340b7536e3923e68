//! `anyOf` and `oneOf`: which of the alternatives was meant.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::Translator;
use crate::diagnostic::{Diagnostic, Place, code, one_of};
use crate::schema::authority::{Demand, Violation};
use crate::schema::clause::{Branch, told_by};
use crate::schema::words::{Shape, seen, shape};
use crate::tape::{Tag, Value};

/// Of more alternatives, a help doesn't tell the faults.
const TOLD_MAX: usize = 4;

impl<'a> Translator<'a> {
    /// Reports the branch that was meant. Where nobody can tell which, says why each doesn't fit.
    pub(super) fn no_alternative(
        &self,
        value: Value<'a>,
        violation: &'a Violation,
        branches: &'a [Vec<Violation>],
    ) -> Vec<Diagnostic> {
        let at = &violation.pointer;
        let schemas = self.clauses.map_or_else(Vec::new, |it| it.branches(&violation.clause));
        if let Some(meant) = meant(value, at, branches, &schemas) {
            let mut translator =
                Translator::new(&branches[meant], self.finder, self.outline, self.clauses);
            let told = schemas.get(meant).map(|branch| telling(branch, &schemas));
            translator.because = told.and_then(|names| told_by(value, &names));
            if translator.because.is_none() {
                translator.because.clone_from(&self.because);
            }
            return translator.all();
        }
        if let Some(finding) = self.in_common(value, violation, branches) {
            return vec![finding];
        }
        let place = Place::new(value.source(), value.opening()).at(at.clone());
        let what = if value.tag() == Tag::Object {
            self.subject(at)
        } else {
            format!("{} is {}, which", self.subject(at), seen(value))
        };
        let message = format!("{what} fits none of the {} alternatives", branches.len());
        let mut help = self.describe(at).map_or_else(String::new, |it| it + "; ");
        for (position, branch) in branches.iter().enumerate().take(TOLD_MAX) {
            let translator = Translator::new(branch, self.finder, self.outline, self.clauses);
            let first = translator.all().into_iter().next();
            let title = schemas.get(position).and_then(|schema| schema.title);
            let name = title.map_or_else(|| format!("number {}", position + 1), str::to_owned);
            let why = first.map_or_else(|| "it doesn't fit".to_owned(), |finding| finding.message);
            let semicolon = if position == 0 { "" } else { "; " };
            help.push_str(&format!("{semicolon}for {name}: {why}"));
        }
        if branches.len() > TOLD_MAX {
            help.push_str("; and so on");
        }
        vec![Diagnostic::new(&code::NO_ALTERNATIVE, place, message).help(help)]
    }

    /// What all branches want in the same way, said at once.
    fn in_common(
        &self,
        value: Value<'a>,
        violation: &'a Violation,
        branches: &'a [Vec<Violation>],
    ) -> Option<Diagnostic> {
        let at = &violation.pointer;
        // Where every branch only wants a property to be there, say so in one sentence.
        let required: Option<Vec<&str>> = branches
            .iter()
            .map(|branch| match branch.as_slice() {
                [Violation { demand: Demand::Required(name), pointer, .. }] if pointer == at => {
                    Some(name.as_str())
                }
                _ => None,
            })
            .collect();
        if let Some(names) = required {
            let place = Place::new(value.source(), value.opening()).at(at.clone());
            let names = one_of(names.iter().copied());
            let message = format!("{} has none of {names}", self.subject(at));
            return Some(
                Diagnostic::new(&code::NO_ALTERNATIVE, place, message).help(format!("add {names}")),
            );
        }
        let first = branches.first()?;
        // The same fault in every branch.
        let shared = first.iter().find(|fault| {
            matches!(fault.demand, Demand::Required(_))
                && branches.iter().all(|branch| {
                    let same = |other: &Violation| {
                        other.pointer == fault.pointer && other.demand == fault.demand
                    };
                    branch.iter().any(same)
                })
        });
        if let Some(shared) = shared {
            return self.translate(shared).into_iter().next();
        }
        let types: Option<Vec<Vec<String>>> = branches
            .iter()
            .map(|branch| {
                branch.iter().find_map(|fault| match &fault.demand {
                    Demand::Type(types) if fault.pointer == *at => Some(types.clone()),
                    _ => None,
                })
            })
            .collect();
        if let Some(types) = types {
            let mut wanted: Vec<String> = Vec::new();
            for name in types.concat() {
                if !wanted.contains(&name) {
                    wanted.push(name);
                }
            }
            return Some(self.wrong_type(value, at, &wanted));
        }
        // One property tells the alternatives apart, and says none of them.
        let telling = first.iter().filter(|fault| options(fault).is_some()).find(|fault| {
            let same = |other: &&Violation| other.pointer == fault.pointer;
            branches
                .iter()
                .all(|branch| branch.iter().filter(same).any(|other| options(other).is_some()))
        })?;
        let mut all: Vec<Json> = Vec::new();
        for branch in branches {
            let here = branch.iter().filter(|other| other.pointer == telling.pointer);
            for option in here.filter_map(options).flatten() {
                if !all.contains(option) {
                    all.push(option.clone());
                }
            }
        }
        let (value, _) = self.finder.value(&telling.pointer);
        let clause = format!("{} {}", violation.clause, telling.pointer);
        Some(self.not_in_enum(value, &telling.pointer, &clause, &all))
    }

    /// A value that fits several alternatives, and must fit one.
    pub(super) fn several_alternatives(
        &self,
        value: Value<'a>,
        violation: &Violation,
        fitting: &[usize],
    ) -> Diagnostic {
        let at = &violation.pointer;
        let place = Place::of(value).at(at.clone());
        let message = format!(
            "{} fits more than one of the alternatives, and must fit one",
            self.subject(at)
        );
        let diagnostic = Diagnostic::new(&code::NO_ALTERNATIVE, place, message);
        let schemas = self.clauses.and_then(|clauses| clauses.schema(&violation.clause));
        let list = schemas.and_then(|schema| schema.get("oneOf"));
        let words = |position: &usize| {
            let schema = list?.items().nth(*position)?;
            if let Some(title) = schema.get("title").and_then(Value::as_str) {
                return Some(title.to_owned());
            }
            match shape(&schema.to_json())? {
                Shape::Value(words) => Some(words),
                Shape::Whose(words) => Some(format!("the one {words}")),
            }
        };
        let told: Option<Vec<String>> = fitting.iter().take(TOLD_MAX).map(words).collect();
        diagnostic.help(match told {
            Some(told) if told.len() > 1 => format!(
                "it fits {}: leave out what belongs to all but one of them",
                told.join(" and ")
            ),
            _ => "leave out what belongs to the other alternative".to_owned(),
        })
    }
}

/// The properties whose values tell a branch from others.
fn telling<'b>(branch: &Branch<'b>, branches: &[Branch<'b>]) -> Vec<&'b str> {
    let told = |name: &&&str| branches.iter().filter(|it| it.fixed.contains(name)).count() > 1;
    branch.fixed.iter().filter(told).copied().collect()
}

/// The branch that was meant: the only one that takes such a value, else the only one that allows
/// the values of the properties that tell the branches apart, else, of objects, the one with the
/// fewest faults.
fn meant(
    value: Value<'_>,
    at: &str,
    branches: &[Vec<Violation>],
    schemas: &[Branch<'_>],
) -> Option<usize> {
    let mut left: Vec<usize> = (0..branches.len()).collect();
    let keep = |left: &mut Vec<usize>, fits: &dyn Fn(usize) -> bool| {
        let fitting: Vec<usize> = left.iter().copied().filter(|branch| fits(*branch)).collect();
        if !fitting.is_empty() {
            *left = fitting;
        }
    };
    let has = |branch: usize, is: &dyn Fn(&Violation) -> bool| branches[branch].iter().any(is);
    let wrong_type = |it: &Violation| it.pointer == at && matches!(it.demand, Demand::Type(_));
    if left.iter().all(|branch| has(*branch, &wrong_type)) {
        return None;
    }
    keep(&mut left, &|branch| !has(branch, &wrong_type));
    if let [only] = *left {
        return Some(only);
    }
    let near = |it: &Violation| it.pointer.matches('/').count() <= at.matches('/').count() + 2;
    // Properties of which some branch allows one value only.
    let fixed: BTreeSet<&str> = branches
        .iter()
        .flatten()
        .filter(|it| near(it) && options(it).is_some_and(|options| options.len() == 1))
        .map(|it| it.pointer.as_str())
        .collect();
    let constant = |it: &Violation| options(it).is_some() && fixed.contains(it.pointer.as_str());
    if left.iter().all(|branch| has(*branch, &constant)) {
        // None has all that tells them apart. One is meant if it lists other values for what it
        // doesn't have, and every other one lacks something that it has.
        let lacks = |branch: usize| -> BTreeSet<&str> {
            let faults = branches[branch].iter().filter(|it| constant(it));
            faults.map(|it| it.pointer.as_str()).collect()
        };
        let only = |it: &Violation| options(it).is_some_and(|options| options.len() == 1);
        let is_meant = |branch: &usize| {
            let here = lacks(*branch);
            !has(*branch, &only)
                && left.iter().all(|other| other == branch || !lacks(*other).is_subset(&here))
        };
        let mut meant = left.iter().copied().filter(is_meant);
        return meant.next().filter(|_| meant.next().is_none());
    }
    keep(&mut left, &|branch| !has(branch, &constant));
    // A list of values tells branches apart where several of them have one for the property.
    let listed = |name: &str| {
        let speaks = |it: &&Branch<'_>| it.listed.contains(&name) || it.fixed.contains(&name);
        schemas.iter().filter(speaks).count() > 1
    };
    let other_value = |it: &Violation| {
        let name = it.pointer.strip_prefix(at).and_then(|rest| rest.strip_prefix('/'));
        matches!(it.demand, Demand::Enum(_)) && name.is_some_and(listed)
    };
    if left.len() > 1 {
        keep(&mut left, &|branch| !has(branch, &other_value));
    }
    if left.len() > 1 && value.tag() == Tag::Object {
        let weight = |branch: &usize| -> usize { branches[*branch].iter().map(weight).sum() };
        let fewest = left.iter().map(weight).min();
        left.retain(|branch| Some(weight(branch)) == fewest);
    }
    match *left {
        [only] => Some(only),
        _ => None,
    }
}

/// The values that an `enum` or `const` allows.
fn options(violation: &Violation) -> Option<&[Json]> {
    match &violation.demand {
        Demand::Const(expected) => Some(std::slice::from_ref(&**expected)),
        Demand::Enum(expected) => expected.as_array().map(Vec::as_slice),
        _ => None,
    }
}

/// How many faults a violation stands for.
fn weight(violation: &Violation) -> usize {
    match &violation.demand {
        Demand::AdditionalProperties(names) | Demand::UnevaluatedProperties(names) => names.len(),
        _ => 1,
    }
}
