//! Keys, and what refers to them, have one name in all tables of a release.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{self, Files, build_in_memory, embedded, project, text};

fn built(files: &Files) -> Files {
    build_in_memory(files, 2).unwrap_or_else(|found| panic!("{found:#?}"))
}

fn header(release: &Files, table: &str) -> Vec<String> {
    support::csv(release, &format!("csv/{table}.csv")).0
}

#[test]
fn keys_and_references_of_a_foreign_project() {
    let release = built(&project("bases"));
    for (table, columns) in [
        // A key `code` is called after its table's rows; `name` is no key, and is called as the schema says.
        ("states", "state_code state_name"),
        // A reference in a group; one that is called otherwise; a list with a name of its own.
        (
            "bases",
            "base_id base_name host_state_code host_place claimed_by n_tenants n_base_aliases",
        ),
        // A reference to the table's own records can't have the name of its key.
        (
            "base_tenants",
            "base_id position state_code tenant_from tenant_from_earliest tenant_from_latest \
             tenant_from_precision tenant_from_uncertain tenant_from_approximate n_branches \
             moved_from_base_id",
        ),
        ("base_tenants_branches", "base_id tenants_position position branch"),
        ("base_aliases", "base_id position base_alias"),
        // The key is a reference as well, and the other part keeps its name in child tables.
        ("years", "base_id year in_use n_visits n_sources"),
        ("year_visits", "base_id year position state_code year_reported"),
        ("year_sources", "base_id year position source_url"),
    ] {
        assert_eq!(header(&release, table), columns.split(' ').collect::<Vec<_>>(), "{table}");
    }
    let parquet = support::parquet::read(&release, "parquet/year_visits.parquet");
    let columns: Vec<_> = parquet.columns.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(columns, header(&release, "year_visits"));
}

#[test]
fn records_keep_the_names_of_properties() {
    let release = built(&project("bases"));
    let nested = support::parquet::read(&release, "parquet/bases_nested.parquet");
    let columns: Vec<_> = nested.columns.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(columns, ["id", "name", "host", "claimed_by", "tenants", "aliases"]);
    let document = text(&release, "jsonld/bases.jsonld");
    assert!(document.contains("base_host_state\"") && !document.contains("base_host_state_code"));
}

/// Tables are joined by their keys alone: whatever else they have is called differently.
#[test]
fn tables_of_the_embedded_dataset_have_no_other_names_in_common() {
    let release = built(&embedded());
    let mut owners: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for table in [
        "events",
        "event_participants",
        "event_places",
        "event_evidence",
        "event_topics",
        "event_outcomes",
        "event_contexts",
        "event_related",
        "persons",
        "organisations",
        "places",
        "sources",
    ] {
        for column in header(&release, table) {
            owners.entry(column).or_default().insert(table);
        }
    }
    owners.retain(|_, tables| tables.len() > 1);
    let shared: Vec<_> = owners.keys().map(String::as_str).collect();
    assert_eq!(
        shared,
        ["event_id", "organisation_id", "person_id", "place_id", "position", "source_id"]
    );
}
