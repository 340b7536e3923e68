//! Is each document a schema?

use crate::diagnostic::{Diagnostic, code};
use crate::model::document::Documents;
use crate::schema::{SchemaOutline, authority, is_plain_schema, translate};

/// The dialect that schemas are written in.
const JSON_SCHEMA: &str = "https://json-schema.org/draft/2020-12/schema";

/// Reports documents that are none, and those that are written for another dialect.
pub(super) fn check(documents: &Documents, found: &mut Vec<Diagnostic>) {
    for root in documents.roots() {
        if let Some(other) = root.text("$schema")
            && other.trim_end_matches('#') != JSON_SCHEMA
        {
            found.push(
                Diagnostic::new(
                    &code::INVALID_SCHEMA,
                    root.place_of("$schema"),
                    format!("`$schema` is `{other}`, but Demarche reads `{JSON_SCHEMA}`"),
                )
                .help("write the schema for JSON Schema 2020-12; older drafts mean other things"),
            );
            continue;
        }
        if is_plain_schema(root.value) {
            continue;
        }
        let violations = authority::check_schema(&root.value.to_json());
        let faults = translate(&violations, root.value, Some(&SchemaOutline), None);
        found.extend(faults.into_iter().map(|mut finding| {
            finding.code = &code::INVALID_SCHEMA;
            finding.primary.text.clear();
            if finding.primary.place.pointer.as_deref().is_some_and(|it| it.ends_with("/type")) {
                finding.message = format!(
                    "`{}` is no type",
                    root.value
                        .pointer(finding.primary.place.pointer.as_deref().unwrap_or_default())
                        .0
                        .to_json()
                );
                finding.help = Some(
                    "the types are `string`, `number`, `integer`, `boolean`, `object` and `array`"
                        .to_owned(),
                );
            }
            finding.fix = None;
            finding
        }));
    }
}
