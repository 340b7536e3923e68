//! `demarche explain`: what a code means, and what a constraint or expectation of the project demands.

use std::fmt::Write as _;

use demarche::diagnostic::nearest::nearest;
use demarche::diagnostic::{Code, Topic, quote};
use demarche::model::{Assertion, Constraint, Expectation};
use demarche::policy::{Named, Names};
use demarche::report::locate::Locator;
use demarche::rules;
use demarche::spelling::terminal::printable;
use demarche::{Fault, Opened, Project, Severity};

use super::report::print;
use super::{Ended, Exit, Global, complain};

/// Explain a code of a finding or a constraint of the project, or list them all
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  demarche explain T003\n  demarche explain mojibake\n  demarche explain\n\n\
                  A constraint or expectation of the project goes by its id."
)]
pub(super) struct Arguments {
    /// The code or name, as in findings, or the id of a constraint or expectation of the project;
    /// all are listed without it
    code: Option<String>,
}

pub(super) fn run(global: &mut Global, arguments: &Arguments) -> Result<Ended, Fault> {
    let Some(wanted) = &arguments.code else { return list(global) };
    let found = rules::find(wanted)
        .or_else(|| rules::find(&wanted.to_ascii_uppercase()))
        .or_else(|| rules::find(&wanted.to_ascii_lowercase()));
    match found {
        Some(code) => Ok(Ended::with(Exit::Good, print(about_code(code).as_bytes()))),
        None => constraint(global, wanted),
    }
}

/// Lists the codes, and what is demanded in the project, if there is one.
fn list(global: &mut Global) -> Result<Ended, Fault> {
    let mut out = String::new();
    for code in rules::all_codes() {
        line(&mut out, code, code.severity.name(), code.name, code.summary);
    }
    let opened = match open(global) {
        Ok(opened) => opened?,
        Err(exit) => return Ok(exit.into()),
    };
    if let Some(Opened { project, .. }) = &opened {
        match project {
            Some(project) => list_own(project, &mut out),
            None => complain(&format!("note: {BROKEN}")),
        }
    }
    Ok(Ended::with(Exit::Good, print(out.as_bytes())))
}

fn list_own(project: &Project, out: &mut String) {
    let mut assertions = project.model.assertions().peekable();
    if assertions.peek().is_some() {
        let _ =
            writeln!(out, "\nConstraints and expectations of {}:", project.manifest.dataset.name);
    }
    for (code, assertion) in assertions {
        let severity = severity_name(severity(project, code, assertion));
        let text = assertion.message.as_deref().unwrap_or(&assertion.assert);
        line(out, code, severity, &assertion.id, &printable(text));
    }
}

fn line(out: &mut String, code: &Code, severity: &str, name: &str, text: &str) {
    let _ = writeln!(out, "{}  {severity:7}  {name:24}  {text}", code.id);
}

const BROKEN: &str = "the constraints of the project aren't known, because its manifest or a schema has errors: \
                      `demarche check` shows them";

/// The project, if there is one or somebody says so. Or how the command ends.
fn open(global: &mut Global) -> Result<Result<Option<Opened>, Fault>, Exit> {
    if !global.has_project() {
        return Ok(Ok(None));
    }
    global.find_project()?;
    let storage = global.storage(Vec::new());
    Ok(storage.and_then(demarche::open).map(Some))
}

fn about_code(code: &Code) -> String {
    let (severity, group) = (code.severity.name(), code.group().title);
    let Code { id, name, summary, explanation, since, .. } = code;
    format!("{id} {name} ({severity})\n\n{summary}\n\n{explanation}\n\n{group}. Since {since}.\n")
}

/// Explains a constraint or expectation of the project, or says that there is no such thing.
fn constraint(global: &mut Global, wanted: &str) -> Result<Ended, Fault> {
    let opened = match open(global) {
        Ok(opened) => opened?,
        Err(exit) => return Ok(exit.into()),
    };
    let project = opened.as_ref().and_then(|opened| opened.project.as_ref());
    let names = Names::of(project.map(|project| &project.model));
    if let (Some(opened), Some(project), Named::Topic(topic)) =
        (&opened, project, names.find(wanted))
        && let Some((_, assertion)) = topic.part.as_deref().and_then(|id| names.assertion(id))
    {
        let text = about_assertion(opened, project, &topic, assertion)?;
        return Ok(Ended::with(Exit::Good, print(text.as_bytes())));
    }
    let codes = rules::all_codes();
    let ids = names.assertions().map(|(_, assertion)| &*assertion.id);
    let known: Vec<_> = codes.iter().flat_map(|code| [code.id, code.name]).chain(ids).collect();
    let near = nearest(&wanted.to_ascii_uppercase(), known.iter().copied())
        .or_else(|| nearest(wanted, known))
        .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    let what = match names.assertions().next() {
        Some(_) => "no code and no constraint",
        None => "no code",
    };
    complain(&format!("error: there is {what} {}{near}", quote(wanted)));
    if opened.is_some() && project.is_none() {
        complain(&format!("note: {BROKEN}"));
    }
    Ok(Exit::Unusable.into())
}

fn about_assertion(
    opened: &Opened,
    project: &Project,
    topic: &Topic,
    assertion: &Assertion,
) -> Result<String, Fault> {
    let severity = severity_name(severity(project, topic.code, assertion));
    let mut out = format!("{} {} ({severity})\n\n", topic.code.id, assertion.id);
    if let Some(message) = &assertion.message {
        let _ = writeln!(out, "{}\n", printable(message));
    }
    let own = project.model.constraints.iter().find(|it| it.assertion.id == assertion.id);
    let located = Locator::new(&opened.workspace).locate(&[&assertion.place])?;
    let start = located[0].start;
    let path = &opened.workspace.source(assertion.place.source).path;
    let mut fact = |what: &str, text: &str| {
        let _ = writeln!(out, "{what:9} {}", printable(text));
    };
    fact("assert", &assertion.assert);
    if let Some(when) = own.and_then(|constraint| constraint.when.as_ref()) {
        fact("when", when);
    }
    let expected = project.model.expectations.iter().find(|it| it.assertion.id == assertion.id);
    if let Some(expected) = expected {
        let Expectation { filter, by, each, .. } = expected;
        each.iter().for_each(|list| fact("each", list));
        filter.iter().for_each(|filter| fact("where", filter));
        by.iter().for_each(|by| fact("by", by));
    }
    for place in stands(project, own, assertion) {
        fact("of", &place);
    }
    fact("at", &format!("{path}:{}:{}", start.line, start.column));
    for setting in project.policy.settings.of_topic(topic) {
        if let Some(path) = &setting.path {
            let severity = severity_name(setting.severity);
            fact("[rules]", &format!("{severity} in {}", path.as_str()));
        }
    }
    let Code { id, summary, .. } = topic.code;
    let _ = writeln!(out, "\n{summary} `demarche explain {id}` tells more.");
    Ok(out)
}

/// How severe its findings are where `[rules]` says nothing of single files; none if they are off.
fn severity(project: &Project, code: &'static Code, assertion: &Assertion) -> Option<Severity> {
    let topic = Topic { code, part: Some(assertion.id.clone()) };
    let mut settings = project.policy.settings.of_topic(&topic).rev();
    let general = settings.find(|setting| setting.path.is_none());
    general.map_or(Some(assertion.severity), |setting| setting.severity)
}

fn severity_name(severity: Option<Severity>) -> &'static str {
    severity.map_or("off", Severity::name)
}

/// What a constraint is about: records, objects in them, or items of their lists.
fn stands(project: &Project, own: Option<&Constraint>, assertion: &Assertion) -> Vec<String> {
    let name = |table: usize| &project.model.tables[table].name;
    let Some(constraint) = own else { return vec![format!("the table {}", name(assertion.table))] };
    let place = |(table, pointer): &(usize, String)| {
        let table = name(*table);
        let path = pointer.trim_start_matches('/').replace("/*/", "[].").replace('/', ".");
        match path.strip_suffix(".*") {
            _ if path.is_empty() => format!("records of {table}"),
            Some(list) => format!("items of {list} in records of {table}"),
            None => format!("{path} in records of {table}"),
        }
    };
    constraint.stands.iter().map(place).collect()
}
