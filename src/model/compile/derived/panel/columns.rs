//! The three tables of a panel: their columns, and what a codebook says of them.

use std::sync::Arc;

use super::super::dyads::{unit_column, unit_name, unit_names};
use super::super::membership::{of_system, period_columns};
use super::super::parties::{code_columns, key_columns, sentence};
use super::super::schema::{Says, Schema};
use super::super::{Names, Wanted, measures, path, wanted};
use crate::diagnostic::{Diagnostic, quote};
use crate::manifest::derived::{
    DeclaredDerived, DeclaredPanel, Existence, SearchedPairs, Straddle, Uncertain,
};
use crate::model::derived::{Counted, Derived, Function, Measure, Panel, Reason, Universe};
use crate::model::system::Spell;
use crate::model::{Codes, Kind, Table, names};
use crate::period::day_of;

pub(super) fn tables(
    declaration: &DeclaredDerived,
    says: &DeclaredPanel,
    panel: Arc<Panel>,
    names: &Names<'_>,
    found: &mut Vec<Diagnostic>,
) -> Vec<Wanted> {
    let table = &names.tables[panel.of.parties().table];
    let Some(main) = cells(declaration, says, &panel, table, names, found) else {
        return Vec::new();
    };
    let universe = universe(declaration, &panel, table, names);
    let outside = outside(declaration, &panel, table);
    vec![main, universe, outside]
}

/// The columns of the units of a row.
fn units(panel: &Panel, table: &Table) -> Vec<String> {
    let unit = unit_name(table, panel.of.parties());
    match &panel.of {
        Counted::Units(_) => vec![unit],
        Counted::Pairs(_) => unit_names(&unit, panel.of.is_directed()).to_vec(),
    }
}

fn add_units(schema: &mut Schema, panel: &Panel, units: &[String], names: &Names<'_>) {
    for name in units {
        match panel.universe {
            Universe::System(system) => {
                let system = &names.systems[system];
                let description = format!("A member of the system {}.", system.name);
                let says = Says { name, title: "Unit", description, required: true };
                schema.column(&system.kind, says);
            }
            Universe::Table(table) => {
                let table = &names.tables[table];
                let mut column = table.level.columns[table.key.columns[0]].clone();
                column.reference = Some(crate::model::Reference::to_key(&table.name));
                let description = format!("A record of {}.", table.name);
                schema.like(&column, Says { name, title: "Unit", description, required: true });
            }
        }
    }
}

/// The columns that a measure has, without those for codes: the name and whether it holds the number of records
/// that may belong to the cell.
fn measured(measure: &Measure) -> Vec<(String, bool)> {
    let mut columns = vec![(measure.name.clone(), false)];
    if measure.function.counts() {
        columns.push((format!("{}_possible", measure.name), true));
    }
    columns
}

fn cells(
    declaration: &DeclaredDerived,
    says: &DeclaredPanel,
    panel: &Arc<Panel>,
    table: &Table,
    names: &Names<'_>,
    found: &mut Vec<Diagnostic>,
) -> Option<Wanted> {
    let title = declaration.title.clone().unwrap_or_else(|| {
        format!("{}: by unit{} and {}", table.title, pair_word(panel), panel.period.name())
    });
    let mut schema = Schema::new(&declaration.name, title);
    describe(&mut schema, panel, table, names);
    let units = units(panel, table);
    add_units(&mut schema, panel, &units, names);
    period_columns(&mut schema, panel.period);
    let covered = |name: String, of: String| {
        let description = format!(
            "Whether records{of} were searched for in the whole period, as long as the unit{} existed in it. \
             Where they weren't, what wasn't found may have happened: there is no zero.",
            if units.len() > 1 { "s" } else { "" }
        );
        (name, description)
    };
    let codes = panel.by.and_then(|by| table.level.columns[by].kind.codes());
    let split = |name: &str| -> Vec<(String, Option<String>)> {
        let of = |codes: &Arc<Codes>| {
            let one =
                |code: &String| (format!("{name}_{}", names::segment(code)), Some(code.clone()));
            codes.values.iter().map(one).collect::<Vec<_>>()
        };
        let whole = (name.to_owned(), None);
        std::iter::once(whole).chain(codes.map(of).unwrap_or_default()).collect()
    };
    let is_split = panel.searched.as_ref().is_some_and(|searched| searched.by.is_some());
    let covers = if is_split { split("covered") } else { vec![("covered".to_owned(), None)] };
    for (name, code) in covers {
        let (name, description) = covered(name, of_code(code.as_deref()));
        let says = Says { name: &name, title: "Covered", description, required: true };
        schema.column(&Kind::Boolean, says);
    }
    for measure in &panel.measures {
        for (name, is_possible) in measured(measure) {
            for (name, code) in split(&name) {
                if schema.names().any(|known| known == name) {
                    let at = says.measures.first().map_or(&says.of, |it| &it.name);
                    let message = format!("two columns would be called {}", quote(&name));
                    return path::refuse(at, message, "give the measure another name", found);
                }
                measure_column(&mut schema, panel, measure, is_possible, (&name, code), table);
            }
        }
    }
    schema.count(Says {
        name: "n_incomplete",
        title: "Number of incomplete records",
        description: match panel.of {
            Counted::Units(_) => {
                "How many records that may lie in the period have a party without a unit, and \
                                  don't name this one: it may have been it."
                    .to_owned()
            }
            Counted::Pairs(_) => {
                "How many records that may lie in the period have a party without a unit, and \
                                  name one of these two: the other may have been that party."
                    .to_owned()
            }
        },
        required: true,
    });
    code_columns(&mut schema, names, &panel.codes, &units, "on the days of the period");
    let key: Vec<_> = units.iter().map(String::as_str).chain([panel.period.name()]).collect();
    Some(wanted(declaration, &schema, &key, Derived::Panel(Arc::clone(panel))))
}

fn of_code(code: Option<&str>) -> String {
    code.map_or_else(String::new, |code| format!(" with the code {code}"))
}

fn pair_word(panel: &Panel) -> &'static str {
    match panel.of {
        Counted::Units(_) => "",
        Counted::Pairs(_) => " pair",
    }
}

fn measure_column(
    schema: &mut Schema,
    panel: &Panel,
    measure: &Measure,
    is_possible: bool,
    (name, code): (&str, Option<String>),
    table: &Table,
) {
    let of = of_code(code.as_deref());
    let column = |index: usize| &table.level.columns[index];
    let name_of = |index: usize| column(index).name.as_str();
    if is_possible {
        let description = format!(
            "How many records{of} may belong to the cell, and nobody knows whether they do. They aren't counted \
             in {}.",
            measure.name
        );
        schema.count(Says { name, title: "Records that may belong", description, required: true });
        return;
    }
    let missing = "Missing, and not 0, where the cell isn't covered or records may belong to it and none surely \
                   does.";
    let counted = |what: &str| format!("How many {what}. {missing}");
    match measure.function {
        Function::Count => {
            let what = match panel.straddle {
                Straddle::Each => format!("records{of} certainly were in the period"),
                Straddle::Start => format!("records{of} certainly began in the period"),
                Straddle::Days => {
                    format!(
                        "days of the period records{of} certainly lasted, each record by itself"
                    )
                }
            };
            schema.count(Says {
                name,
                title: "Records",
                description: counted(&what),
                required: false,
            });
        }
        Function::Onset => {
            let description = counted(&format!("records{of} certainly began in the period"));
            schema.count(Says { name, title: "Records that begin", description, required: false });
        }
        Function::Ongoing => {
            let what = format!("records{of} certainly were in the period and had begun before it");
            let description = counted(&what);
            schema.count(Says { name, title: "Records that go on", description, required: false });
        }
        Function::Sum(index) => {
            let description = format!(
                "The sum of {} over the records{of} that count in the period; 0 where there are none and the \
                 cell is covered. Missing where a record lacks it.",
                name_of(index)
            );
            let kind = measures::sum_kind(&column(index).kind);
            schema.column(&kind, Says { name, title: "Sum", description, required: false });
        }
        Function::Max(index) => {
            let description = format!(
                "The greatest {} of the records{of} that count in the period. Missing where there are none, or \
                 none has it.",
                name_of(index)
            );
            schema.like(column(index), Says { name, title: "", description, required: false });
        }
        Function::First(index, order) => {
            let description = format!(
                "The {} of the record{of} of the period with the smallest {}; of several the one with the first \
                 key. Missing where there is none.",
                name_of(index),
                name_of(order)
            );
            schema.like(column(index), Says { name, title: "", description, required: false });
        }
    }
}

fn describe(schema: &mut Schema, panel: &Panel, table: &Table, names: &Names<'_>) {
    let period = panel.period.name();
    let of = &table.name;
    match (&panel.of, panel.existence) {
        (Counted::Units(_), _) => {
            schema.say(format!("A row for each unit and each {period} in which it existed: the records of {of} with it."));
        }
        (Counted::Pairs(_), existence) => {
            let when = match existence {
                Existence::Day => "in which both existed on one and the same day",
                Existence::Period => "in which each existed on some day; they need share none",
            };
            schema.say(format!(
                "A row for each pair of units and each {period} {when}: the records of {of} with both."
            ));
            schema.say(match panel.of.is_directed() {
                true => "Each pair stands in either order.",
                false => "The lower code stands first.",
            });
        }
    }
    schema.extend(sentence(table, &panel.of.parties().conditions));
    let Spell { first, last } = panel.span;
    schema.say(format!("From {} to {}.", day_of(first), day_of(last)));
    match panel.universe {
        Universe::System(system) => of_system(schema, &names.systems[system]),
        Universe::Table(table) => {
            schema.say(format!(
                "Units are the records of {}; all existed all the time.",
                names.tables[table].name
            ));
        }
    }
    if let Some(crosswalk) = panel.crosswalk {
        let crosswalk = &names.crosswalks[crosswalk];
        schema.say(format!(
            "The units of records are matched to those of the system by the code list {}, as valid on the days of \
             the record.",
            crosswalk.codelist
        ));
    }
    chosen(schema, panel, names);
    if let Some(searched) = &panel.searched {
        let pairs = match (&panel.of, searched.pairs) {
            (Counted::Units(_), _) => "",
            (Counted::Pairs(_), SearchedPairs::Both) => {
                "; for pairs it must have been searched for both"
            }
            (Counted::Pairs(_), SearchedPairs::Either) => {
                "; for pairs it is enough that it was searched for one"
            }
        };
        let name = &names.tables[searched.table].name;
        schema.say(format!("What was searched, {name} says{pairs}."));
    }
    if !panel.zeros {
        schema.say(
            "Records weren't searched for in a way that makes what wasn't found a zero: no cell is covered, and a cell \
             without records is missing.",
        );
    }
    schema.say(match panel.straddle {
        Straddle::Each => {
            "A record that lasts longer than a period counts in each that it touches."
        }
        Straddle::Start => {
            "A record counts in the period in which it began, however long it lasted."
        }
        Straddle::Days => "A record counts by the days that it lasted in a period.",
    });
    schema.say(match panel.uncertain {
        Uncertain::Apart => {
            "A record that may lie in several periods is counted apart in each of them."
        }
        Uncertain::Earliest => {
            "A record of an uncertain date counts as if it had been as early as it can have been."
        }
    });
    schema.say(format!(
        "Units by period stand in {0}_universe, records that can't be counted in {0}_outside, with the reason.",
        schema.table
    ));
}

fn chosen(schema: &mut Schema, panel: &Panel, names: &Names<'_>) {
    let Universe::System(system) = panel.universe else { return };
    let codes = &names.systems[system].codes;
    let listed = |units: &[u32]| {
        let listed: Vec<_> = units.iter().map(|it| codes.values[*it as usize].as_str()).collect();
        listed.join(", ")
    };
    match (&panel.units, &panel.partners) {
        (None, None) => {}
        (Some(units), None) | (None, Some(units)) => {
            let what = match panel.of {
                Counted::Units(_) => "Only these units have rows",
                Counted::Pairs(_) => "Only pairs with one of these units have rows",
            };
            schema.say(format!("{what}: {}.", listed(units)));
        }
        (Some(units), Some(partners)) => schema.say(format!(
            "Only pairs have rows of one of {} with one of {}.",
            listed(units),
            listed(partners)
        )),
    }
}

fn universe(
    declaration: &DeclaredDerived,
    panel: &Arc<Panel>,
    table: &Table,
    names: &Names<'_>,
) -> Wanted {
    let name = format!("{}_universe", declaration.name);
    let mut schema =
        Schema::new(&name, format!("{}: units by {}", declaration.name, panel.period.name()));
    schema.say(format!(
        "A row for each unit and each {} in which it existed: what {} could have counted.",
        panel.period.name(),
        declaration.name
    ));
    let unit = unit_name(table, panel.of.parties());
    add_units(&mut schema, panel, std::slice::from_ref(&unit), names);
    period_columns(&mut schema, panel.period);
    schema.count(Says {
        name: "days",
        title: "Days",
        description:
            "On how many days of the period, within the time that is covered, the unit existed."
                .to_owned(),
        required: true,
    });
    schema.column(
        &Kind::Boolean,
        Says {
            name: "covered",
            title: "Covered",
            description: "Whether records were searched for in the whole period, as long as the unit existed in it."
                .to_owned(),
            required: true,
        },
    );
    let key = [unit.as_str(), panel.period.name()];
    wanted(declaration, &schema, &key, Derived::PanelUniverse(Arc::clone(panel)))
}

fn outside(declaration: &DeclaredDerived, panel: &Arc<Panel>, table: &Table) -> Wanted {
    let name = format!("{}_outside", declaration.name);
    let mut schema =
        Schema::new(&name, format!("{}: records that can't be counted", declaration.name));
    schema.say(format!(
        "A row for each record of {} and each unit of it for which {} has no cell.",
        table.name, declaration.name
    ));
    let mut key = key_columns(&mut schema, table);
    if !panel.of.parties().unit_is_of_key(table) {
        let unit = unit_name(table, panel.of.parties());
        let column = unit_column(table, panel.of.parties());
        let description = "The unit, as the record has it.".to_owned();
        schema.like(column, Says { name: &unit, title: "", description, required: true });
        key.push(unit);
    }
    for (name, title, description) in [
        (
            "start_earliest",
            "First possible start",
            "The first day on which the record can have begun.",
        ),
        ("end_latest", "Last possible end", "The last day on which the record can have ended."),
    ] {
        let description = format!("{description} Missing where nobody knows.");
        schema.column(&Kind::Date, Says { name, title, description, required: false });
    }
    let reasons = Reason::ALL.map(|(code, _)| code.to_owned());
    let meanings: Vec<_> =
        Reason::ALL.iter().map(|(code, says)| format!("{code}: {says}")).collect();
    schema.column(
        &Kind::Code(Arc::new(Codes::new(None, reasons))),
        Says {
            name: "reason",
            title: "Reason",
            description: format!("{}.", meanings.join("; ")),
            required: true,
        },
    );
    let key: Vec<_> = key.iter().map(String::as_str).collect();
    wanted(declaration, &schema, &key, Derived::PanelOutside(Arc::clone(panel)))
}
