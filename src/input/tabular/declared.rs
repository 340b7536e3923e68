//! What dialects say of properties, held against the schema: names that lead nowhere, lists that are none,
//! values of another type.

use std::collections::{BTreeMap, BTreeSet};

use super::build::list_of;
use super::children::child_table;
use super::layout::ReadAs;
use super::names::{Names, Target};
use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Diagnostic, Place, code, one_of, quote};
use crate::dialect::{Dialect, Written};
use crate::input::discover::Inputs;
use crate::manifest::Manifest;
use crate::model::{FlatTable, Item, Model, Origin, Table};
use crate::parse::scalar::is_json_number;
use crate::workspace::{SourceId, Workspace};

/// The findings about the dialects of all tables.
#[must_use]
pub fn check_dialects(
    manifest: &Manifest,
    model: &Model,
    inputs: &[Inputs],
    workspace: &Workspace,
) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for ((declaration, table), inputs) in manifest.tables.iter().zip(&model.tables).zip(inputs) {
        if declaration.dialects.is_empty() {
            continue;
        }
        // Which of the table's flat tables the files of a block hold.
        let mut numbers: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for &source in &inputs.sources {
            let file = workspace.source(source);
            if let Some(declared) = &file.dialect().declared {
                let number = child_table(table, file.stem()).unwrap_or(0);
                numbers.entry(declared.number).or_default().insert(number);
            }
        }
        for block in &declaration.dialects {
            let Some(declared) = &block.dialect.declared else { continue };
            let numbers = numbers.remove(&declared.number).unwrap_or_else(|| BTreeSet::from([0]));
            let flats: Vec<_> = table.flat_tables();
            let flats = numbers.into_iter().map(|number| flats[number].clone()).collect();
            let mut check = Check {
                table,
                flats,
                source: SourceId(declared.manifest),
                findings: &mut findings,
            };
            check.block(&block.dialect);
        }
    }
    findings
}

struct Check<'a, 'm> {
    table: &'m Table,
    /// What the block's files hold.
    flats: Vec<FlatTable<'m>>,
    /// The manifest.
    source: SourceId,
    findings: &'a mut Vec<Diagnostic>,
}

impl<'m> Check<'_, 'm> {
    fn place<T>(&self, written: &Written<T>) -> Place {
        Place::new(self.source, written.span.clone()).at(&*written.pointer)
    }

    fn block(&mut self, dialect: &Dialect) {
        for (_, property) in &dialect.columns {
            let targets = self.targets(&property.value);
            if targets.is_empty() {
                self.unknown(property, "property or column", &self.flats.clone());
            }
        }
        for (name, value) in &dialect.constants {
            self.constant(name, value);
        }
        for wide in &dialect.wide {
            let Some(child) = self.list(&wide.list) else { continue };
            for (property, pattern) in &wide.columns {
                match (property, &child.level.item) {
                    (Some(property), Item::Object(_)) => self.item_property(property, &child),
                    (None, Item::Scalar(_)) => {}
                    (Some(property), Item::Scalar(_)) => {
                        let message = format!("the items of `{}` are values", wide.list.value);
                        let finding = contradiction(self.place(property), message);
                        self.findings.push(
                            finding
                                .help(format!("write `columns = \"{}\"`", pattern.value.as_str())),
                        );
                    }
                    (None, Item::Object(_)) => {
                        let message = format!("the items of `{}` have properties", wide.list.value);
                        let finding = contradiction(self.place(pattern), message);
                        self.findings.push(finding.help(format!(
                            "say which one the columns hold: `columns = {{ … = \"{}\" }}`",
                            pattern.value.as_str()
                        )));
                    }
                }
            }
        }
        for zip in &dialect.zip {
            let Some(child) = self.list(&zip.list) else { continue };
            if let Item::Scalar(_) = child.level.item {
                let message = format!("the items of `{}` are values", zip.list.value);
                self.findings.push(contradiction(self.place(&zip.list), message).help(
                    "give the list's schema an `x-separator`: then it may stand in one cell",
                ));
                continue;
            }
            for (_, property) in &zip.columns {
                self.item_property(property, &child);
            }
        }
        let lists = dialect.wide.iter().map(|wide| &wide.list);
        let lists: Vec<_> = lists.chain(dialect.zip.iter().map(|zip| &zip.list)).collect();
        for (number, list) in lists.iter().enumerate() {
            if let Some(first) = lists[..number].iter().find(|other| other.value == list.value) {
                let message = format!("`{}` is put together twice", list.value);
                self.findings.push(
                    contradiction(self.place(list), message)
                        .with(self.place(first), "the other time")
                        .help("keep one of the two"),
                );
            }
        }
    }

    /// What a name means in the block's files, each with the file's table.
    fn targets(&self, name: &str) -> Vec<(FlatTable<'m>, Target)> {
        let target =
            |flat: &FlatTable<'m>| Some((flat.clone(), *Names::of(flat).targets.get(name)?));
        self.flats.iter().filter_map(target).collect()
    }

    fn unknown(&mut self, name: &Written<String>, what: &str, flats: &[FlatTable<'m>]) {
        let names: BTreeSet<String> =
            flats.iter().flat_map(|flat| Names::of(flat).targets.into_keys()).collect();
        let level = flats.first().map_or(self.table.name.as_str(), |flat| &flat.level.name);
        let message = format!("{} is no {what} of `{level}`", quote(&name.value));
        let help = match nearest(&name.value, names.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                let columns = flats.iter().flat_map(|flat| &flat.level.columns);
                let spelt = columns
                    .filter(|column| matches!(column.origin, Origin::Field | Origin::Language(_)));
                format!("the columns are {}", one_of(spelt.map(|column| column.name.as_str())))
            }
        };
        let place = self.place(name);
        self.findings.push(Diagnostic::new(&code::UNKNOWN_NAME, place, message).help(help));
    }

    fn constant(&mut self, name: &Written<String>, value: &Written<Option<String>>) {
        let mut targets = self.targets(&name.value);
        let Some((flat, target)) = targets.pop() else {
            self.unknown(name, "property", &self.flats.clone());
            return;
        };
        let column = match target {
            Target::Column(column) => Some(&flat.level.columns[column]),
            Target::Joined(_) | Target::Parent(_) | Target::Position => None,
        };
        let spelt =
            |it: &&crate::model::Column| matches!(it.origin, Origin::Field | Origin::Language(_));
        let Some(column) = column.filter(spelt) else {
            let message = format!("`{}` is no property that holds one value", name.value);
            self.findings.push(
                contradiction(self.place(name), message).help("name a property with one value"),
            );
            return;
        };
        let Some(text) = &value.value else { return };
        let wanted = match ReadAs::of(&column.kind, &Dialect::PLAIN) {
            ReadAs::Boolean if !matches!(text.as_str(), "true" | "false") => "true or false",
            ReadAs::Number if !is_json_number(text) => "a number",
            _ => return,
        };
        let message = format!("`{}` is {}, but must be {wanted}", name.value, quote(text));
        self.findings.push(
            contradiction(self.place(value), message)
                .help(format!("write {wanted}, as the schema wants it")),
        );
    }

    /// The level of a list that the block puts together; none if there is none, which is reported.
    fn list(&mut self, list: &Written<String>) -> Option<FlatTable<'m>> {
        let found = self.flats.iter().find_map(|flat| list_of(flat, &list.value));
        if found.is_none() {
            let lists = self.flats.iter().flat_map(|flat| &flat.level.lists);
            let names: Vec<_> =
                lists.map(|list| list.pointer.trim_start_matches('/').replace('/', ".")).collect();
            let help = match nearest(&list.value, names.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None if names.is_empty() => "the table has no lists".to_owned(),
                None => format!("the lists are {}", one_of(names.iter().map(String::as_str))),
            };
            let message = format!("{} is no list of `{}`", quote(&list.value), self.table.name);
            let place = self.place(list);
            self.findings.push(Diagnostic::new(&code::UNKNOWN_NAME, place, message).help(help));
        }
        found.map(|(_, child)| child)
    }

    fn item_property(&mut self, property: &Written<String>, child: &FlatTable<'m>) {
        let target = Names::of(child).targets.get(&property.value).copied();
        if !matches!(target, Some(Target::Column(_))) {
            self.unknown(property, "property", std::slice::from_ref(child));
        }
    }
}

fn contradiction(place: Place, message: String) -> Diagnostic {
    Diagnostic::new(&code::CONTRADICTORY_DIALECT, place, message)
}
