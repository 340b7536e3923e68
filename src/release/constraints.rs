//! What must hold between values, and how often it did: in the codebook and in the Data Package.

use serde::Serialize;

use super::Made;
use super::codebook::line;
use crate::check::Tally;
use crate::emit::constraints::{Stated, stated};
use crate::model::{FlatTable, Model};
use crate::pointer::readable;
use crate::spelling::markdown::{code, link_to_heading, text};
use crate::spelling::thousands;

/// What must hold between values of a table, and how often it did.
pub(super) fn section(page: &mut String, flat: &FlatTable, made: &Made, model: &Model) {
    let stated = stated(flat, model);
    if stated.is_empty() {
        return;
    }
    line(page, &format!("\n### Constraints of {}\n", text(&flat.level.name)));
    line(
        page,
        "What must hold between values, and how often it did: counted in rows, in objects inside rows, or \
         in groups of rows. It is undecided where a value is missing or too uncertain, and not applied \
         where what stands under *when* isn't true.\n",
    );
    line(
        page,
        "| constraint | what must hold | when | stands on | severity | held | violated | undecided | \
         not applied |",
    );
    line(page, "|---|---|---|---|---|--:|--:|--:|--:|");
    for it in &stated {
        let Tally { held, violated, undecided, not_applied, .. } = &made.tallies[it.number];
        let mut cells = vec![
            code(&it.assertion.id),
            match &it.assertion.message {
                Some(message) => text(message),
                None => code(&it.assertion.assert),
            },
            it.when.map_or_else(String::new, code),
            stands_on(it),
            it.assertion.severity.name().to_owned(),
        ];
        cells.extend([held, violated, undecided, not_applied].map(|&count| thousands(count)));
        line(page, &format!("| {} |", cells.join(" | ")));
    }
    for it in stated.iter().filter(|it| !it.tables.is_empty()) {
        let tables: Vec<_> = it.tables.iter().map(|name| link_to_heading(name)).collect();
        let id = code(&it.assertion.id);
        line(page, &format!("\n{id} is counted together in {}.", tables.join(", ")));
    }
}

/// The objects of a row that a constraint stands on, or the rows that an expectation is about.
fn stands_on(stated: &Stated) -> String {
    match stated.by {
        Some([]) => return "all rows".to_owned(),
        Some(by) => {
            let by: Vec<_> = by.iter().map(|it| code(it)).collect();
            return format!("rows with the same {}", by.join(", "));
        }
        None => {}
    }
    let on = stated.on.iter().map(|at| match *at {
        "" => "row".to_owned(),
        at => code(&readable(at)),
    });
    on.collect::<Vec<_>>().join(", ")
}

/// What must hold between the values of a row, or of objects in it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Described {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    expression: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<String>,
    /// The rows of an expectation that count.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    filter: Option<String>,
    /// Of an expectation, what the rows of a group have in common; empty where all rows are one group.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<Vec<String>>,
    /// JSON Pointers of the objects in a row, as records spell it, that a constraint stands on; an empty
    /// one for the row itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    on: Vec<String>,
    columns: Vec<String>,
    severity: &'static str,
    counts: Tallied,
    /// The tables that are counted together, if there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tables: Vec<String>,
}

/// How often a constraint came to what.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tallied {
    held: u64,
    violated: u64,
    undecided: u64,
    not_applied: u64,
}

impl Described {
    fn new(stated: &Stated, tally: &Tally) -> Self {
        let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        let assertion = stated.assertion;
        let condition = stated.when.map(str::to_owned);
        let (when, filter) =
            if stated.by.is_some() { (None, condition) } else { (condition, None) };
        let &Tally { held, violated, undecided, not_applied, .. } = tally;
        Self {
            id: assertion.id.to_string(),
            message: assertion.message.clone(),
            expression: assertion.assert.clone(),
            when,
            filter,
            by: stated.by.map(<[String]>::to_vec),
            on: owned(&stated.on),
            columns: owned(&stated.columns),
            severity: assertion.severity.name(),
            counts: Tallied { held, violated, undecided, not_applied },
            tables: owned(&stated.tables),
        }
    }
}

/// The constraints of a flat table, for its schema.
pub(super) fn described(flat: &FlatTable, made: &Made, model: &Model) -> Vec<Described> {
    let stated = stated(flat, model);
    stated.iter().map(|it| Described::new(it, &made.tallies[it.number])).collect()
}
