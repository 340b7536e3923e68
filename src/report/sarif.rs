//! SARIF 2.1.0 (OASIS), as GitHub's code scanning and editors read it.
//!
//! Results are written one a line while findings are located; nothing but the rules is held. Rules are
//! the codes, and the constraints and expectations of the project.
//! Places are lines and columns in Unicode characters, and bytes where the file isn't packed.
//! Braces and brackets of a message stand as they are: viewers show them so, though the standard
//! gives them a meaning.

use serde_json::{Map, Value, json};

use super::json::spelt;
use super::{Constraint, Out, Report, Shown};
use crate::diagnostic::Code;
use crate::diagnostic::fingerprint::{self, Fingerprints};
use crate::diagnostic::{Certainty, Diagnostic, Place, Severity};
use crate::fault::Fault;
use crate::report::locate::Located;
use crate::workspace::SourceId;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// Where the pages of `docs/rules/` will be. The name is reserved (RFC 2606) until the project has an
/// address of its own; `help` says all that the page says.
const PAGES: &str = "https://demarche.example/docs/rules/";
/// What all paths are relative to. GitHub takes it for the repository's root.
const ROOT: &str = "%SRCROOT%";

pub(super) fn write(report: &Report<'_>, out: &mut Out<'_>) -> Result<(), Fault> {
    let codes = report.codes.iter().map(|code| rule(code));
    let rules: Vec<_> = codes.chain(report.constraints.iter().map(own_rule)).collect();
    let driver = json!({
        "name": "Demarche",
        "fullName": concat!("Demarche ", env!("CARGO_PKG_VERSION")),
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "shortDescription": { "text": "A compiler and validator for structured datasets." },
        "rules": rules,
    });
    let root = "The directory that demarche ran in, or the project's if that lies outside.";
    let root = Map::from_iter([(ROOT.to_owned(), json!({ "description": { "text": root } }))]);
    let records: Map<String, Value> =
        report.records.iter().map(|(table, count)| ((*table).to_owned(), json!(count))).collect();
    write!(
        out,
        r#"{{"$schema":"{SCHEMA}","version":"2.1.0","runs":[{{"tool":{{"driver":{driver}}},"#
    )?;
    let unlisted: Vec<_> = report
        .unlisted()
        .into_iter()
        .map(|(severity, line)| json!({ "level": level(severity), "message": { "text": line } }))
        .collect();
    let mut invocation = json!({ "executionSuccessful": true });
    if !unlisted.is_empty() {
        invocation["toolExecutionNotifications"] = Value::Array(unlisted);
    }
    write!(out, r#""invocations":[{invocation}],"columnKind":"unicodeCodePoints","#)?;
    write!(out, r#""originalUriBaseIds":{},"#, Value::Object(root))?;
    write!(
        out,
        r#""properties":{},"#,
        spelt(&json!({ "records": records, "release": report.release }))
    )?;
    write!(out, r#""results":["#)?;
    let mut fingerprints = Fingerprints::default();
    let mut comma = "";
    report.each(|shown| {
        let fingerprint = fingerprints.next(report.workspace, shown.diagnostic).to_string();
        write!(out, "{comma}\n{}", spelt(&result(report, shown, &fingerprint)))?;
        comma = ",";
        Ok(())
    })?;
    writeln!(out, "\n]}}]}}")
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// The rule of a code.
fn rule(code: &Code) -> Value {
    describe(code, (code.id, code.name), code.severity, code.summary)
}

/// The rule of a constraint or expectation of the project.
fn own_rule(constraint: &Constraint<'_>) -> Value {
    let Constraint { topic, severity, message, assert, .. } = constraint;
    let summary = message.map_or_else(|| format!("`{assert}` must hold."), sentence);
    describe(topic.code, (&topic.to_string(), topic.name()), *severity, &summary)
}

fn describe(code: &Code, (id, name): (&str, &str), severity: Severity, summary: &str) -> Value {
    let (group, explanation) = (code.group().name, code.explanation);
    let consequence = match severity {
        Severity::Error => "It is an error: no release is built while it stands.",
        Severity::Warning => "It is a warning: a release is built, and is probably wrong.",
        Severity::Note => "It is worth knowing; a release is built.",
    };
    let level = level(severity);
    let problem = if severity == Severity::Note { "recommendation" } else { level };
    json!({
        "id": id,
        "name": name,
        "helpUri": format!("{PAGES}{}-{}.md", code.id, code.name),
        "shortDescription": { "text": summary },
        "fullDescription": { "text": format!("{summary} {consequence}") },
        "help": {
            "text": format!("{} {name} ({group}): {summary} {explanation} {consequence}", code.id),
            "markdown": format!("**{} `{name}`** ({group})\n\n{summary}\n\n{explanation}\n\n{consequence}", code.id),
        },
        "defaultConfiguration": { "level": level },
        "properties": {
            "precision": "very-high",
            "problem.severity": problem,
            "tags": ["data", group],
        },
    })
}

/// The number of a finding's rule, with its id: that of its constraint, or else that of its code.
fn rule_of(report: &Report<'_>, diagnostic: &Diagnostic) -> (Option<usize>, String) {
    let topic = diagnostic.topic();
    let own = report.constraints.iter().position(|constraint| constraint.topic == topic);
    match own {
        Some(index) => (Some(report.codes.len() + index), topic.to_string()),
        None => {
            let is_own = |code: &&Code| code.id == diagnostic.code.id;
            (report.codes.iter().position(is_own), diagnostic.code.id.to_owned())
        }
    }
}

/// Viewers with little room show the first sentence alone.
fn sentence(message: &str) -> String {
    let end = if message.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{message}{end}")
}

fn result(report: &Report<'_>, shown: &Shown<'_>, fingerprint: &str) -> Value {
    let diagnostic = shown.diagnostic;
    let (index, rule) = rule_of(report, diagnostic);
    let help = diagnostic.help.as_ref().map(|help| format!("\nHelp: {help}"));
    let primary = &diagnostic.primary;
    let mut location = location(report, &primary.place, &shown.primary, &primary.text);
    if let Some(logical) = logical_location(diagnostic) {
        location["logicalLocations"] = json!([logical]);
    }
    let related: Vec<Value> = diagnostic
        .explaining()
        .zip(&shown.related)
        .zip(1..)
        .map(|((label, located), id)| {
            let mut related = self::location(report, &label.place, located, &label.text);
            related["id"] = json!(id);
            related
        })
        .collect();
    let mut result = json!({
        "ruleId": rule,
        "ruleIndex": index,
        "level": level(diagnostic.severity),
        "message": { "text": format!("{}{}", sentence(&diagnostic.message), help.unwrap_or_default()) },
        "locations": [location],
        "partialFingerprints": {
            // GitHub follows a finding by this one alone.
            "primaryLocationLineHash": fingerprint,
            (format!("demarche/{}", fingerprint::VERSION)): fingerprint,
        },
    });
    if !related.is_empty() {
        result["relatedLocations"] = Value::Array(related);
    }
    if let Some(fix) = fix(report, shown) {
        result["fixes"] = json!([fix]);
    }
    if let Some(record) = &diagnostic.record {
        result["properties"] = json!({ "table": record.table, "key": record.key });
    }
    result
}

fn location(report: &Report<'_>, place: &Place, located: &Located, label: &str) -> Value {
    let mut region = region(located);
    if report.workspace.source(place.source).is_plain() {
        region["byteOffset"] = json!(place.span.start);
        region["byteLength"] = json!(place.span.end - place.span.start);
    }
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": artifact(report, place.source),
            "region": region,
        },
    });
    if !label.is_empty() {
        location["message"] = json!({ "text": label });
    }
    location
}

fn region(located: &Located) -> Value {
    json!({
        "startLine": located.start.line,
        "startColumn": located.start.column,
        "endLine": located.end.line,
        "endColumn": located.end.column,
    })
}

fn artifact(report: &Report<'_>, source: SourceId) -> Value {
    let directory = report.directory;
    let below = !directory.starts_with('/')
        && !directory.contains(':')
        && !directory.split('/').any(|part| part == "..");
    let path =
        if below { report.path(source) } else { report.workspace.source(source).path.clone() };
    json!({ "uri": percent_encoded(&path), "uriBaseId": ROOT })
}

/// A relative path as a URI reference: what isn't unreserved in RFC 3986 is encoded.
fn percent_encoded(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

/// The place in the data: the record, and the pointer into it.
fn logical_location(diagnostic: &Diagnostic) -> Option<Value> {
    let pointer = diagnostic.primary.place.pointer.as_deref();
    let qualified = match (&diagnostic.record, pointer) {
        (None, None) => return None,
        (None, Some(pointer)) => pointer.to_owned(),
        (Some(record), pointer) => {
            let key = record.key.as_deref().unwrap_or_default();
            format!("{}/{key}#{}", record.table, pointer.unwrap_or_default())
        }
    };
    let name = pointer.and_then(|pointer| pointer.rsplit_once('/')).map(|(_, last)| last);
    let mut location = json!({ "fullyQualifiedName": qualified, "kind": "value" });
    if let Some(name) = name {
        location["name"] = json!(crate::pointer::unescape(name));
    }
    Some(location)
}

fn fix(report: &Report<'_>, shown: &Shown<'_>) -> Option<Value> {
    let fix = shown.diagnostic.fix.as_ref()?;
    let source = |place: &Place| report.workspace.source(place.source);
    // Nobody can replace lines of a packed file, nor of one in another encoding.
    if fix.edits.iter().any(|edit| !source(&edit.place).is_plain()) {
        return None;
    }
    let mut files: Vec<SourceId> = fix.edits.iter().map(|edit| edit.place.source).collect();
    files.sort_unstable();
    files.dedup();
    let change = |&file: &SourceId| {
        let edits = fix.edits.iter().zip(&shown.edits);
        let replacements: Vec<Value> = edits
            .filter(|(edit, _)| edit.place.source == file)
            .map(|(edit, located)| {
                json!({
                    "deletedRegion": region(located),
                    "insertedContent": { "text": edit.replacement },
                })
            })
            .collect();
        json!({ "artifactLocation": artifact(report, file), "replacements": replacements })
    };
    Some(json!({
        "description": { "text": fix.title },
        "artifactChanges": files.iter().map(change).collect::<Vec<_>>(),
        "properties": { "certain": fix.certainty == Certainty::Certain },
    }))
}

#[cfg(test)]
mod tests {
    use super::percent_encoded;

    #[test]
    fn paths_become_uris() {
        assert_eq!(percent_encoded("data/a b%é:1.yaml"), "data/a%20b%25%C3%A9%3A1.yaml");
    }
}
