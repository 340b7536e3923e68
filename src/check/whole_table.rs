//! What is found in most records of a table is said once, of the table: it is how the table is made,
//! and a list of all its records would hide what is found elsewhere.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::diagnostic::{Concern, Counted, Diagnostic, Label, RecordName, Severity, Topic};
use crate::input::discover::Inputs;
use crate::manifest::Manifest;
use crate::model::Model;

/// A table with fewer such records is soon looked through.
const RECORDS_MIN: u64 = 25;
/// So many of them are named.
const EXAMPLES: usize = 3;

/// Puts one finding in the place of all of a code, or of a constraint, in a table, if more than half of its records have
/// one, and no fewer than [`RECORDS_MIN`]. That holds for notes: what is more severe is listed, since each
/// is to be corrected. `counts` are the numbers of records by table.
pub fn sum_up(
    manifest: &Manifest,
    model: &Model,
    inputs: &[Inputs],
    counts: &[u64],
    diagnostics: &mut Vec<Diagnostic>,
    omitted: &mut Counted,
) {
    let mut records: BTreeMap<(Topic, &str), BTreeSet<&str>> = BTreeMap::new();
    for finding in diagnostics.iter().filter(|finding| is_note(finding)) {
        if let Some(RecordName { table, key: Some(key) }) = &finding.record {
            records.entry((finding.topic(), table)).or_default().insert(key);
        }
    }
    let mut common: BTreeMap<(Topic, String), Common> = BTreeMap::new();
    for ((topic, table), keys) in records {
        let Some(index) = model.tables.iter().position(|it| it.name == table) else { continue };
        let files =
            omitted.has(&topic).then(|| inputs[index].sources.iter().collect::<HashSet<_>>());
        let of_table = |source| files.as_ref().is_some_and(|files| files.contains(&source));
        // Those that weren't kept are few records' only if a record has several.
        let others = omitted.of(&topic, of_table);
        let concerned = (keys.len() as u64 + others).min(counts[index]);
        if concerned >= RECORDS_MIN && concerned * 2 > counts[index] {
            omitted.forget(&topic, of_table);
            let common_here = Common { index, concerned, examples: Vec::new() };
            common.insert((topic, table.to_owned()), common_here);
        }
    }
    if common.is_empty() {
        return;
    }
    diagnostics.retain(|finding| {
        let Some(record) = finding.record.as_ref().filter(|_| is_note(finding)) else {
            return true;
        };
        let of = (finding.topic(), record.table.clone());
        let Some(common) = common.get_mut(&of) else { return true };
        if common.examples.len() < EXAMPLES {
            common.examples.push(finding.clone());
        }
        false
    });
    for ((_, table), common) in common {
        diagnostics.push(common.finding(manifest, &table, counts));
    }
}

/// Whether it is a note about one record.
fn is_note(finding: &Diagnostic) -> bool {
    finding.severity == Severity::Note && finding.code.concern != Concern::Group
}

/// What many records of a table have in common.
struct Common {
    /// The table's number.
    index: usize,
    /// How many records have it.
    concerned: u64,
    /// Some of their findings.
    examples: Vec<Diagnostic>,
}

impl Common {
    fn finding(self, manifest: &Manifest, table: &str, counts: &[u64]) -> Diagnostic {
        let first = &self.examples[0];
        let code = first.code;
        let message = format!(
            "{} of the {} records of `{table}` have this finding, such as: {}",
            self.concerned, counts[self.index], first.message
        );
        let advice =
            "if the table is meant to be so, switch the rule off for its files in `[rules]`";
        let help = match &first.help {
            Some(help) => format!("{advice}; else, of each: {help}"),
            None => advice.to_owned(),
        };
        let place = manifest.tables[self.index].place.clone();
        let mut finding = Diagnostic::new(code, place, message).help(help);
        finding.part.clone_from(&first.part);
        finding.severity = first.severity;
        finding.record = Some(RecordName { table: table.to_owned(), key: None });
        finding.related = self
            .examples
            .iter()
            .map(|example| Label {
                place: example.primary.place.clone(),
                text: "one of them".to_owned(),
            })
            .collect();
        finding
    }
}
