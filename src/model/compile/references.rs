//! Where references lead: resolved once all tables are compiled.

use std::collections::HashMap;

use super::conditional;
use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Diagnostic, Place, code, one_of};
use crate::model::kind::Physical;
use crate::model::{
    Column, Composite, DeclaredReference, FlatTable, Kind, Origin, Reference, References, Table,
    Target, Tuple, Union, Unique, VALUE_COLUMN,
};
use crate::spelling::all_of;

/// Finds out where the references of all tables lead. What leads nowhere is reported where it is written.
/// `conditional` has what else is said of values of each table in some records.
pub(super) fn resolve(
    tables: &[Table],
    conditional: &[Vec<conditional::Found>],
    found: &mut Vec<Diagnostic>,
) -> References {
    let mut resolver = Resolver {
        tables,
        rows: tables.iter().map(Table::flat_tables).collect(),
        references: References::default(),
        found,
    };
    resolver.uniques();
    resolver.references.targets = resolver.values(conditional);
    resolver.composites();
    resolver.references
}

/// A flat table: the number of its table, and its own in that.
type At = (usize, usize);

/// A value of a row or of one around it: the number of that row, and the value's column.
type Part<'m> = (usize, &'m Column);

struct Resolver<'m, 'f> {
    tables: &'m [Table],
    rows: Vec<Vec<FlatTable<'m>>>,
    references: References,
    found: &'f mut Vec<Diagnostic>,
}

impl<'m> Resolver<'m, '_> {
    fn flat(&self, (table, flat): At) -> &FlatTable<'m> {
        &self.rows[table][flat]
    }

    fn all(&self) -> Vec<At> {
        let each = |(table, rows): (usize, &Vec<_>)| (0..rows.len()).map(move |flat| (table, flat));
        self.rows.iter().enumerate().flat_map(each).collect()
    }

    /// The flat table of that name.
    fn named(&self, name: &str) -> Option<At> {
        self.all().into_iter().find(|at| self.flat(*at).level.name == name)
    }

    /// The column that holds what stands at a JSON Pointer of a row.
    fn column(&self, at: At, pointer: &str) -> Option<&'m Column> {
        let is_it = |column: &&Column| column.pointer == pointer && column.origin == Origin::Field;
        self.flat(at).level.columns.iter().find(is_it)
    }

    /// The lists that lead to a flat table, each as a pointer from the row above.
    fn lists(&self, at: At) -> Vec<&'m str> {
        let flat = self.flat(at);
        let mut level = &flat.table.level;
        let mut lists = Vec::new();
        for list in &flat.path {
            level = &level.lists[*list];
            lists.push(level.pointer.as_str());
        }
        lists
    }

    fn tuple(&self, at: At, parts: &[Part<'m>]) -> Tuple {
        Tuple::new(
            self.lists(at),
            parts.iter().map(|(row, column)| (*row, column.pointer.as_str())),
        )
    }

    fn report(&mut self, place: &Place, message: String, help: String) {
        let finding = Diagnostic::new(&code::MISUSED_ANNOTATION, place.clone(), message);
        self.found.push(finding.help(help));
    }

    /// The columns of some properties of a row; none if one of them holds no single value, or none that
    /// identifies anything. That is reported.
    fn parts(&mut self, at: At, pointers: &[String], place: &Place) -> Option<Vec<Part<'m>>> {
        let depth = self.flat(at).path.len();
        let mut parts = Vec::new();
        for pointer in pointers {
            let property = crate::pointer::readable(pointer);
            let Some(column) = self.column(at, pointer) else {
                let columns = self.flat(at).level.columns.iter();
                let fields = columns.filter(|column| column.origin == Origin::Field);
                let known: Vec<_> =
                    fields.map(|column| crate::pointer::readable(&column.pointer)).collect();
                let known = known.iter().map(String::as_str);
                let help = match nearest(&property, known.clone()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("those with one value are {}", all_of(known)),
                };
                let rows = &self.flat(at).level.name;
                let message = format!("`{property}` is no property of `{rows}` with one value");
                let finding = Diagnostic::new(&code::UNKNOWN_NAME, place.clone(), message);
                self.found.push(finding.help(help));
                return None;
            };
            if !column.kind.class().identifies() {
                let message = format!(
                    "`{property}` holds {}, which identify nothing",
                    column.kind.names().values
                );
                let help = "texts, integers, codes and dates do".to_owned();
                self.report(place, message, help);
                return None;
            }
            parts.push((depth, column));
        }
        Some(parts)
    }

    fn uniques(&mut self) {
        for at in self.all() {
            for declared in &self.flat(at).level.declared.uniques {
                let Some(parts) = self.parts(at, &declared.pointers, &declared.place) else {
                    continue;
                };
                self.unique(at, &parts, true);
            }
        }
    }

    fn unique(&mut self, at: At, parts: &[Part<'m>], is_declared: bool) -> usize {
        let unique = Unique {
            table: at.0,
            flat: at.1,
            rows: self.flat(at).level.name.clone(),
            properties: parts.iter().map(|(_, column)| property_of(column)).collect(),
            columns: self.released(at, parts),
            tuple: self.tuple(at, parts),
            is_declared,
            is_referred: false,
        };
        self.references.uniques.push(unique);
        self.references.uniques.len() - 1
    }

    /// The columns of a flat table that hold some values of its rows; empty if it lacks some: a list in a
    /// list has only the position of the item around.
    fn released(&self, at: At, parts: &[Part<'m>]) -> Vec<String> {
        let flat = self.flat(at);
        let depth = flat.path.len();
        let key = &flat.table.key.columns;
        let name = |(row, column): &Part<'m>| {
            if column.internal {
                return None;
            }
            if *row == depth {
                return Some(column.name.clone());
            }
            let is_it =
                |key: &usize| std::ptr::eq(&raw const flat.table.level.columns[*key], *column);
            let index = key.iter().position(is_it).filter(|_| *row == 0)?;
            flat.parents.get(index).cloned()
        };
        parts.iter().map(name).collect::<Option<_>>().unwrap_or_default()
    }

    /// What identifies a row of a flat table in all of the dataset: the key of the record, and that of the
    /// item in each list. None if a list has none.
    fn row_key(&self, at: At) -> Option<Vec<Part<'m>>> {
        let flat = self.flat(at);
        let mut parts: Vec<Part<'m>> = flat.table.key_columns().map(|column| (0, column)).collect();
        let mut level = &flat.table.level;
        for (depth, list) in flat.path.iter().enumerate() {
            level = &level.lists[*list];
            if level.item_key.is_empty() {
                return None;
            }
            parts.extend(level.item_key.iter().map(|column| (depth + 1, &level.columns[*column])));
        }
        Some(parts)
    }

    /// The unique values that stand at these pointers of a row.
    fn find_unique(&self, at: At, pointers: &[&str]) -> Option<usize> {
        let declared = |unique: &&Unique| unique.is_declared && (unique.table, unique.flat) == at;
        let wanted: Vec<_> = pointers.iter().map(|it| crate::pointer::readable(it)).collect();
        let mut uniques = self.references.uniques.iter();
        uniques.position(|unique| declared(&unique) && unique.properties == wanted)
    }

    /// Resolves what single values refer to.
    fn values(&mut self, conditional: &[Vec<conditional::Found>]) -> HashMap<Vec<String>, Target> {
        let mut targets = HashMap::new();
        for at in self.all() {
            for column in &self.flat(at).level.columns {
                let Some(reference) = &column.reference else { continue };
                if column.origin != Origin::Field {
                    continue;
                }
                self.targets_of(at, column, reference, &mut targets);
            }
        }
        for (table, found) in conditional.iter().enumerate() {
            for (lists, column, reference) in found.iter().filter_map(conditional::Found::reference)
            {
                let flat = self.rows[table].iter().position(|flat| flat.path == lists);
                let Some(flat) = flat else { continue };
                let column = &self.rows[table][flat].level.columns[column];
                self.targets_of((table, flat), column, reference, &mut targets);
            }
        }
        targets
    }

    /// Resolves what the values of one column refer to.
    fn targets_of(
        &mut self,
        at: At,
        column: &Column,
        reference: &Reference,
        targets: &mut HashMap<Vec<String>, Target>,
    ) {
        let resolved: Vec<_> =
            reference.to.iter().filter_map(|to| self.value(at, column, to, reference)).collect();
        if resolved.len() < reference.to.len() {
            return;
        }
        let target = match resolved.as_slice() {
            [only] => *only,
            _ => self.union(&reference.to, resolved),
        };
        targets.insert(reference.to.clone(), target);
    }

    fn union(&mut self, to: &[String], targets: Vec<Target>) -> Target {
        let union = Union { to: to.to_vec(), targets };
        let known = self.references.unions.iter().position(|known| *known == union);
        Target::Union(known.unwrap_or_else(|| {
            self.references.unions.push(union);
            self.references.unions.len() - 1
        }))
    }

    /// Where a value of `column` leads that refers to what `to` names.
    fn value(
        &mut self,
        from: At,
        column: &Column,
        to: &str,
        reference: &Reference,
    ) -> Option<Target> {
        let place = &reference.place;
        let (rows, property) = match to.split_once('.') {
            Some((rows, property)) => (rows, Some(property)),
            None => (to, None),
        };
        let Some(at) = self.named(rows) else {
            self.unknown(rows, "x-reference", place);
            return None;
        };
        let (target, key) = match property {
            None if at.1 == 0 => {
                let table = &self.tables[at.0];
                let mut keys = table.key_columns();
                let (Some(key), None) = (keys.next(), keys.next()) else {
                    let message = format!(
                        "{} together are the key of `{rows}`, not one value",
                        table.key_name()
                    );
                    let help = "write `x-references` on the object around, with the properties that hold the \
                                parts of the key";
                    self.report(place, message, help.to_owned());
                    return None;
                };
                (Target::Key(at.0), key)
            }
            None => {
                let level = self.flat(at).level;
                let own = match level.item_key.as_slice() {
                    [only] => Some(&level.columns[*only]),
                    _ => None,
                };
                let found = own.and_then(|key| Some((self.find_unique(at, &[&key.pointer])?, key)));
                let Some((unique, key)) = found else {
                    let message = format!(
                        "rows of `{rows}` have no key of one value that is unique in the table"
                    );
                    let help = "let the list have an `x-item-key` of one property with `\"x-unique\": true`; or write \
                                `x-references` with the key of the record and that of the item";
                    self.report(place, message, help.to_owned());
                    return None;
                };
                (Target::Unique(unique), key)
            }
            Some(property) => self.property(at, property, place)?,
        };
        if let Target::Unique(unique) = target {
            self.references.uniques[unique].is_referred = true;
        }
        if !is_alike(&key.kind, &column.kind) {
            let message = format!(
                "`{}.{}` refers to `{to}`, whose key is of another type",
                self.flat(from).level.name,
                property_of(column)
            );
            self.report(place, message, "let both be text, or both integers".to_owned());
            return None;
        }
        Some(target)
    }

    /// The target that a property of a flat table is.
    fn property(&mut self, at: At, property: &str, place: &Place) -> Option<(Target, &'m Column)> {
        let pointer = pointer_of(property);
        let (_, column) = self.parts(at, std::slice::from_ref(&pointer), place)?.pop()?;
        let table = &self.tables[at.0];
        if at.1 == 0 && !table.key.is_composite() && table.is_key(&pointer) {
            return Some((Target::Key(at.0), column));
        }
        if let Some(unique) = self.find_unique(at, &[&pointer]) {
            return Some((Target::Unique(unique), column));
        }
        let rows = &self.flat(at).level.name;
        let message = format!("`{property}` of `{rows}` may be the same in several rows");
        self.report(
            place,
            message,
            "add `\"x-unique\": true` to it, where it is declared".to_owned(),
        );
        None
    }

    fn unknown(&mut self, rows: &str, keyword: &str, place: &Place) {
        let tables = || self.tables.iter().map(|table| table.name.as_str());
        let all: Vec<_> = self.all().iter().map(|at| self.flat(*at).level.name.as_str()).collect();
        let help = match nearest(rows, all) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the manifest declares {}", one_of(tables())),
        };
        let message = format!("`{keyword}` names the table `{rows}`, which isn't declared");
        self.found.push(Diagnostic::new(&code::UNKNOWN_NAME, place.clone(), message).help(help));
    }

    fn composites(&mut self) {
        for at in self.all() {
            for declared in &self.flat(at).level.declared.references {
                let composite = self.composite(at, declared);
                self.references.composites.extend(composite);
            }
        }
    }

    fn composite(&mut self, from: At, declared: &DeclaredReference) -> Option<Composite> {
        let DeclaredReference { to, pointers, target, place } = declared;
        let own = self.parts(from, pointers, place)?;
        let Some(at) = self.named(to) else {
            self.unknown(to, "x-references", place);
            return None;
        };
        let is_key = |wanted: &[&str]| {
            let key: Vec<_> =
                self.tables[at.0].key_columns().map(|it| it.pointer.as_str()).collect();
            at.1 == 0 && key == wanted
        };
        let (target, parts) = match target {
            Some(properties) => {
                let pointers: Vec<_> = properties.iter().map(|it| pointer_of(it)).collect();
                let parts = self.parts(at, &pointers, place)?;
                let pointers: Vec<_> = pointers.iter().map(String::as_str).collect();
                let key = is_key(&pointers).then_some(Target::Key(at.0));
                let target = key.or_else(|| self.find_unique(at, &pointers).map(Target::Unique));
                let Some(target) = target else {
                    let message = format!(
                        "{} of `{to}` may together be the same in several rows",
                        all_of(properties.iter().map(String::as_str))
                    );
                    let help = format!(
                        "add `\"x-unique\": [[{}]]` to the object that has them, in this order",
                        properties
                            .iter()
                            .map(|it| format!("\"{it}\""))
                            .collect::<Vec<_>>()
                            .join(", ")
                    );
                    self.report(place, message, help);
                    return None;
                };
                (target, parts)
            }
            None if at.1 == 0 => {
                let parts = self.tables[at.0].key_columns().map(|column| (0, column)).collect();
                (Target::Key(at.0), parts)
            }
            None => {
                let Some(parts) = self.row_key(at) else {
                    let message = format!("rows of `{to}` have no key, only a position");
                    let help = "let the list have an `x-item-key`".to_owned();
                    self.report(place, message, help);
                    return None;
                };
                (Target::Unique(self.of_rows(at, &parts)), parts)
            }
        };
        if parts.len() != own.len() {
            let names: Vec<_> = parts.iter().map(|(_, column)| property_of(column)).collect();
            let message = format!(
                "{} properties refer to `{to}`, which is known by {}: {}",
                own.len(),
                parts.len(),
                all_of(names.iter().map(String::as_str))
            );
            self.report(place, message, "name as many, in the same order".to_owned());
            return None;
        }
        let differs =
            |((_, own), (_, other)): (&Part<'m>, &Part<'m>)| !is_alike(&own.kind, &other.kind);
        if let Some(index) = own.iter().zip(&parts).position(differs) {
            let message = format!(
                "`{}` refers to `{}` of `{to}`, which is of another type",
                property_of(own[index].1),
                property_of(parts[index].1)
            );
            self.report(place, message, "let both be text, or both integers".to_owned());
            return None;
        }
        if let Target::Unique(unique) = target {
            self.references.uniques[unique].is_referred = true;
        }
        Some(Composite {
            table: from.0,
            from: self.flat(from).level.name.clone(),
            columns: self.released(from, &own),
            tuple: self.tuple(from, &own),
            target,
            rows: to.clone(),
            target_columns: self.released(at, &parts),
        })
    }

    /// The unique values that are the key of a list's items with that of the record.
    fn of_rows(&mut self, at: At, parts: &[Part<'m>]) -> usize {
        let is_it = |unique: &Unique| !unique.is_declared && (unique.table, unique.flat) == at;
        match self.references.uniques.iter().position(is_it) {
            Some(known) => known,
            None => self.unique(at, parts, false),
        }
    }
}

/// The property that a column holds, as a dotted path; `value` for an item of a list of values.
fn property_of(column: &Column) -> String {
    match column.pointer.as_str() {
        "" => VALUE_COLUMN.to_owned(),
        pointer => crate::pointer::readable(pointer),
    }
}

/// A dotted path of properties as a JSON Pointer.
pub(super) fn pointer_of(path: &str) -> String {
    path.split('.').fold(String::new(), |pointer, name| crate::pointer::join(&pointer, name))
}

/// Whether values of two kinds can be the same: numbers are no texts.
fn is_alike(one: &Kind, other: &Kind) -> bool {
    let is_integer = |kind: &Kind| matches!(kind.physical(), Physical::Integer(_));
    is_integer(one) == is_integer(other)
}
