//! What must hold between values, in the files that describe a release and in `demarche schema`.

#![expect(clippy::disallowed_methods, reason = "tests touch the disk")]

use serde_json::{Value, json};

use crate::support::{self, build_in_memory, on_disk, project, text};

/// What the Data Package says of the constraints of a table.
fn described(table: &str) -> Vec<Value> {
    let release = build_in_memory(&project("elections"), 1).expect("the project is sound");
    let package = support::json(&release, "datapackage.json");
    let resources = package["resources"].as_array().expect("resources");
    let resource = resources.iter().find(|it| it["name"] == table).expect("the table");
    resource["schema"]["demarche:constraints"].as_array().cloned().unwrap_or_default()
}

fn ids(constraints: &[Value]) -> Vec<&str> {
    constraints.iter().filter_map(|it| it["id"].as_str()).collect()
}

#[test]
fn the_codebook_has_a_section_for_each_table() {
    let release = build_in_memory(&project("elections"), 1).expect("the project is sound");
    let codebook = text(&release, "codebook.md");
    let lines = [
        "### Constraints of elections",
        "| `seats-add-up` | the seats of the parties are all seats |  | row | error | 3 | 0 | 0 | 0 |",
        "| `later-than-the-previous` | `ref(self.previous).held < self.held` | `has(self.previous)` | row | error \
         | 2 | 0 | 0 | 1 |",
        "| `no-more-than-all-votes` | `self.parties.map(p, p.share).sum() <= 100` |  | row | warning | 3 | 0 | 0 \
         | 0 |",
        "| `short-form` | a short form isn't longer than the name |  | `chamber` | error | 9 | 0 | 1 | 0 |",
        "| `turnout-known` | `share(has(self.turnout)) == 1 && min(self.turnout) > 50` |  | all rows | warning \
         | 1 | 0 | 0 | 0 |",
        "`short-form` is counted together in [elections](#elections), [parties](#parties).",
        "### Constraints of election_parties",
        "| `five-per-cent` | a party with less than five per cent of the votes is exempted from the threshold | \
         `self.share < 5` | row | error | 2 | 0 | 0 | 15 |",
        // It isn't known when one of the parties was founded.
        "| `party-was-there` | a party was founded before it was elected |  | row | error | 14 | 0 | 3 | 0 |",
        "| `one-entry-a-party` | a party has one entry in an election | `has(self.seats)` | rows with the same \
         `record.id`, `self.party` | error | 17 | 0 | 0 | 0 |",
        "### Constraints of parties",
    ];
    let all: Vec<_> = codebook.lines().collect();
    let mut after = 0;
    for line in lines {
        let at = all[after..].iter().position(|other| *other == line);
        after += at.unwrap_or_else(|| panic!("{line}\nis missing in\n{codebook}")) + 1;
    }
}

#[test]
fn the_data_package_has_them_for_programs() {
    let elections = described("elections");
    let all = [
        "seats-add-up",
        "later-than-the-previous",
        "more-than-half",
        "no-more-than-all-votes",
        "short-form",
        "turnout-known",
    ];
    assert_eq!(ids(&elections), all);
    assert_eq!(
        elections[1],
        json!({
            "id": "later-than-the-previous",
            "expression": "ref(self.previous).held < self.held",
            "when": "has(self.previous)",
            "on": [""],
            "columns": ["held", "previous"],
            "severity": "error",
            "counts": { "held": 2, "violated": 0, "undecided": 0, "notApplied": 1 },
        })
    );
    assert_eq!(elections[2]["columns"], json!(["seats", "majority"]));
    assert_eq!(
        elections[4],
        json!({
            "id": "short-form",
            "message": "a short form isn't longer than the name",
            "expression": "size(self.short) <= size(self.name)",
            "on": ["/chamber"],
            "columns": ["chamber_name", "chamber_short"],
            "severity": "error",
            "counts": { "held": 9, "violated": 0, "undecided": 1, "notApplied": 0 },
            "tables": ["elections", "parties"],
        })
    );
    let parties = described("election_parties");
    assert_eq!(ids(&parties), ["five-per-cent", "party-was-there", "one-entry-a-party"]);
    assert_eq!(parties[1]["columns"], json!(["party_id"]), "the day is a column of another table");
    assert_eq!(
        parties[2],
        json!({
            "id": "one-entry-a-party",
            "message": "a party has one entry in an election",
            "expression": "count() == 1",
            "where": "has(self.seats)",
            "by": ["record.id", "self.party"],
            "columns": ["party_id", "seats"],
            "severity": "error",
            "counts": { "held": 17, "violated": 0, "undecided": 0, "notApplied": 0 },
        })
    );
    assert_eq!(ids(&described("parties")), ["short-form"]);
}

#[test]
fn where_nothing_must_hold_nothing_is_said() {
    let release = build_in_memory(&project("visits"), 1).expect("the project is sound");
    assert!(!text(&release, "codebook.md").contains("Constraints of"));
    assert!(!text(&release, "datapackage.json").contains("demarche:"));
}

#[test]
fn demarche_schema_prints_them() {
    let project = on_disk(&project("elections"));
    let run = |arguments: &[&str]| {
        let mut command = support::demarche(arguments);
        let output = command.arg("--project").arg(project.path()).output().expect("it runs");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let shown = run(&["schema"]);
    for line in [
        "  holds: later-than-the-previous: ref(self.previous).held < self.held, when has(self.previous)",
        "  holds: no-more-than-all-votes: self.parties.map(p, p.share).sum() <= 100 (warning)",
        "  holds: short-form: size(self.short) <= size(self.name), of chamber",
        "  holds: short-form: size(self.short) <= size(self.name)",
        "  holds: one-entry-a-party: count() == 1, where has(self.seats), by record.id, self.party",
    ] {
        assert!(shown.lines().any(|other| other == line), "{line}\nis missing in\n{shown}");
    }
    let shown: Value =
        serde_json::from_str(&run(&["schema", "--message-format", "json"])).expect("JSON");
    let schema = std::fs::read_to_string(support::repository().join("docs/tables.schema.json"));
    let schema: Value = serde_json::from_str(&schema.expect("there")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let faults: Vec<_> = validator.iter_errors(&shown).map(|it| it.to_string()).collect();
    assert_eq!(faults, [""; 0]);
    assert_eq!(
        shown["tables"][1]["constraints"][2],
        json!({
            "id": "one-entry-a-party",
            "code": "C004",
            "severity": "error",
            "message": "a party has one entry in an election",
            "assert": "count() == 1",
            "when": "has(self.seats)",
            "by": ["record.id", "self.party"],
            "on": [],
            "columns": ["party_id", "seats"],
        })
    );
}
